/* A strict look at a JSON text before json-c gets it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_MODULE_JSONC_SCAN_H
#define MI_TOKEN_MODULE_JSONC_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* How much of it is acceptable. */
struct scan_limits {
	size_t bytes;
	unsigned depth, values;
	unsigned
		huge; /* so many whole numbers may be beyond 64 bits; at most SCAN_HUGE */
};
#define SCAN_HUGE 64

/* What the text holds. */
struct scan_result {
	unsigned values; /* with the members that a later one of the same name replaces */
	size_t longest;  /* bytes of the longest text or number as it is written */
	unsigned huge;   /* whole numbers beyond 64 bits, and where each ends */
	size_t huge_ends[SCAN_HUGE];
};

/* Accepts exactly RFC 8259's grammar in UTF-8 without byte order mark, within these
 * limits; no NUL and no half of a surrogate pair in a text, whole numbers within 64 bits
 * but for those that the limits allow.
 * On failure fills *e with place and reason, nothing of the text. */
enum mitok_code scan_json(const char *text, size_t len, const struct scan_limits *limits,
	struct scan_result *ret, struct mitok_err *e) MUST_CHECK;

#endif
