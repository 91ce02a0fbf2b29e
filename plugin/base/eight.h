/* Eight bytes looked at in one step, for texts that are long and looked at often.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_EIGHT_H
#define MI_TOKEN_BASE_EIGHT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EIGHT_OF(byte) (UINT64_C(0x0101010101010101) * (byte))

/* There are at least eight. */
static inline uint64_t eight_read(const char *s)
{
	uint64_t x;

	memcpy(&x, s, sizeof(x));
	return x;
}

/* Whether one of them is below n, which is at most 128: then it borrows its highest bit. */
static inline bool eight_has_below(uint64_t x, unsigned n)
{
	return (x - EIGHT_OF(n)) & ~x & EIGHT_OF(0x80);
}

static inline bool eight_has(uint64_t x, unsigned byte)
{
	return eight_has_below(x ^ EIGHT_OF(byte), 1);
}

#endif
