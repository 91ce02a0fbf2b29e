/* What a check finds: one line a fact, with a mark.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_REPORT_REPORT_H
#define MI_TOKEN_HELPER_REPORT_REPORT_H

#include "base/text.h"

/* Zero but for json: nothing was found yet. */
struct report {
	struct text out;
	bool json;
	bool has_fact, has_advice; /* the last fact has some */
	enum mitok_code first;     /* class of the first failure */
};

void report_begin(struct report *r, const char *url);
void report_ok(struct report *r, const char *fact, const char *fmt, ...) ERR_PRINTF(3, 4);
void report_warn(struct report *r, const char *fact, const char *fmt, ...)
	ERR_PRINTF(3, 4);
/* The code of *e is what the report ends with, its hint what can be done. */
void report_fail(struct report *r, const char *fact, const struct mitok_err *e);
/* What to do about the last fact. */
void report_advice(struct report *r, const char *fmt, ...) ERR_PRINTF(2, 3);
void report_end(struct report *r);

void report_free(struct report *r);
#define AUTO_REPORT __attribute__((cleanup(report_free))) struct report

#endif
