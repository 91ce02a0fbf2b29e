/* Two clocks and the dates that services write.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_CLOCK_H
#define MI_TOKEN_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* The same instant on the clock that people set and on the one that only advances. */
struct moment {
	int64_t real_s;  /* CLOCK_REALTIME, seconds since the epoch */
	int64_t boot_ms; /* CLOCK_BOOTTIME, milliseconds since the boot; deadlines use it
			  */
};

struct moment clock_now(void);
/* Sleeps, interrupted by nothing but time. */
void clock_sleep(int64_t ms);

/* 253402300799 is the last second of the year 9999. */
#define CLOCK_MAX_S INT64_C(253402300799)

/* Any date that a token endpoint or an HTTP header is known to write: epoch seconds in
 * decimal; M/d/yyyy h:mm:ss [AM|PM] [zone]; yyyy-MM-dd[T ]HH:mm:ss[.fff][zone];
 * RFC 9110's IMF-fixdate. Seconds since the epoch, 0..CLOCK_MAX_S. No zone: UTC.
 * Unknown or impossible dates: false. */
bool clock_parse_date(const char *s, int64_t *ret) MUST_CHECK;

/* The same for a date without zone that is meant in the local one, which is the C library's
 * to know: it takes a lock. */
bool clock_parse_local(const char *s, int64_t *ret) MUST_CHECK;

/* "2026-11-24T14:55:00Z" */
#define CLOCK_TEXT_SIZE 32
void clock_format(int64_t real_s, char ret[CLOCK_TEXT_SIZE]);
/* Adds "23 h 59 min", for people; the sign does not count. */
void clock_add_length(struct text *t, int64_t seconds);
/* Adds "in 23 h 59 min" or "3 min ago", for people. */
void clock_add_span(struct text *t, int64_t seconds);

#endif
