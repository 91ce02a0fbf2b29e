/* What a check finds: one line a fact, with a mark.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_REPORT_REPORT_H
#define MI_TOKEN_HELPER_REPORT_REPORT_H

#include "base/text.h"

/* Zero but for what it looks like: nothing was found yet. */
struct report {
	struct text out;
	bool json, markdown;        /* one of them, or neither: lines for people */
	const char *item, *advice;  /* names in JSON; NULL: "fact" and "advice" */
	int width;                  /* of the facts' names in lines; 0: 12 */
	const char *under, *prefix; /* facts are told under this name, with the prefix and
				     * their own in front of the sentence; NULL: under
				     * their own */

	bool color;                /* set by report_begin() */
	bool has_fact, has_advice; /* the last fact has some */
	enum mitok_code first;     /* class of the first failure, */
	const char *failed;        /* and the name it was told under */
};

/* url, what the check is about, may be NULL. */
void report_begin(struct report *r, const char *url);
void report_ok(struct report *r, const char *fact, const char *fmt, ...) ERR_PRINTF(3, 4);
void report_warn(struct report *r, const char *fact, const char *fmt, ...)
	ERR_PRINTF(3, 4);
/* The code of *e is what the report ends with, its hint what can be done. */
void report_fail(struct report *r, const char *fact, const struct mitok_err *e);
/* It was not tried, and why. */
void report_skip(struct report *r, const char *fact, const char *fmt, ...)
	ERR_PRINTF(3, 4);
/* What to do about the last fact; several lines are several pieces of advice. */
void report_advice(struct report *r, const char *fmt, ...) ERR_PRINTF(2, 3);
void report_end(struct report *r);

void report_free(struct report *r);
#define AUTO_REPORT __attribute__((cleanup(report_free))) struct report

/* Whether stdout is a terminal that shows colours, and nobody objects: NO_COLOR
 * (no-color.org), TERM. */
bool report_wants_color(void);

#endif
