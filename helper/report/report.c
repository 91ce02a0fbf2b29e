/* What a check finds: one line a fact, with a mark.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

void report_begin(struct report *r, const char *url)
{
	if (!r->json) {
		text_addf(&r->out, "%s\n", url);
		return;
	}
	text_add(&r->out, "{\n  \"url\": ");
	text_add_json(&r->out, url);
	text_add(&r->out, ",\n  \"facts\": [");
}

static void end_fact(struct report *r)
{
	if (r->has_fact)
		text_add(&r->out, r->has_advice ? "]}" : "}");
	r->has_advice = false;
}

static void add_fact(
	struct report *r, const char *mark, const char *fact, const char *sentence)
{
	if (!r->json) {
		text_addf(&r->out, "%-4s  %-12s %s\n", mark, fact, sentence);
		return;
	}
	end_fact(r);
	text_addf(&r->out, "%s\n    {\"mark\": \"%s\", \"fact\": \"%s\", \"text\": ",
		r->has_fact ? "," : "", mark, fact);
	text_add_json(&r->out, sentence);
	r->has_fact = true;
}

/* A sentence of foreign parts, clean. */
#define FORMAT(sentence, fmt)                                             \
	do {                                                              \
		va_list ap;                                               \
		va_start(ap, fmt);                                        \
		(void)vsnprintf((sentence), sizeof(sentence), (fmt), ap); \
		va_end(ap);                                               \
		text_clean(sentence);                                     \
	} while (0)

void report_ok(struct report *r, const char *fact, const char *fmt, ...)
{
	char sentence[1024];

	FORMAT(sentence, fmt);
	add_fact(r, "ok", fact, sentence);
}

void report_warn(struct report *r, const char *fact, const char *fmt, ...)
{
	char sentence[1024];

	FORMAT(sentence, fmt);
	add_fact(r, "warn", fact, sentence);
}

void report_fail(struct report *r, const char *fact, const struct mitok_err *e)
{
	add_fact(r, "fail", fact, e->message);
	if (e->hint[0])
		report_advice(r, "%s", e->hint);
	if (!r->first)
		r->first = e->code;
}

void report_advice(struct report *r, const char *fmt, ...)
{
	char sentence[1024];

	FORMAT(sentence, fmt);
	if (!r->json) {
		text_addf(&r->out, "%-4s  %-12s %s\n", "", "", sentence);
		return;
	}
	text_add(&r->out, r->has_advice ? ", " : ", \"advice\": [");
	text_add_json(&r->out, sentence);
	r->has_advice = true;
}

void report_end(struct report *r)
{
	if (!r->json)
		return;
	end_fact(r);
	text_addf(&r->out, "\n  ],\n  \"status\": %d\n}\n", (int)r->first);
}

void report_free(struct report *r)
{
	text_free(&r->out);
}
