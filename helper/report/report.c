/* What a check finds: one line a fact, with a mark.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The marks, and how a terminal shows them (ECMA-48, SGR). */
enum mark {
	MARK_OK,
	MARK_WARN,
	MARK_FAIL,
	MARK_SKIP
};
static const struct {
	const char *word, *json, *sgr;
} marks[] = {
	[MARK_OK] = { "ok", "ok", "32" },
	[MARK_WARN] = { "warn", "warn", "33" },
	[MARK_FAIL] = { "fail", "fail", "1;31" },
	[MARK_SKIP] = { "-", "not tried", "2" },
};

bool report_wants_color(void)
{
	const char *no = secure_getenv("NO_COLOR"), *term = secure_getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && *term &&
		strcmp(term, "dumb") != 0;
}

void report_begin(struct report *r, const char *url)
{
	r->color = !r->json && !r->markdown && report_wants_color();
	if (r->json) {
		text_add(&r->out, "{\n  ");
		if (url) {
			text_add(&r->out, "\"url\": ");
			text_add_json(&r->out, url);
			text_add(&r->out, ",\n  ");
		}
		text_addf(&r->out, "\"%ss\": [", r->item ? r->item : "fact");
	} else if (r->markdown) {
		text_addf(&r->out, "| | %s | found |\n|---|---|---|\n",
			r->item ? r->item : "fact");
	} else if (url) {
		text_addf(&r->out, "%s\n", url);
	}
}

/* The length of a code span that begins at s, 0 when none does (CommonMark 0.30, section 6.1;
 * only those between single backticks). */
static size_t code_length(const char *s)
{
	size_t run;

	if (*s != '`' || s[1] == '`')
		return 0;
	for (const char *end = s + 1; (end = strchr(end, '`')); end += run) {
		run = strspn(end, "`");
		if (run == 1)
			return (size_t)(end - s) + 1;
	}
	return 0;
}

/* For a cell of a table: nothing is markup but what is between backticks. */
static void add_markdown(struct text *t, const char *s)
{
	size_t code = 0; /* bytes of it that are left */

	for (; *s; s++) {
		code = code ? code - 1 : code_length(s);
		if (*s == '|' || (!code && strchr("\\`*_<[", *s)))
			text_add(t, "\\");
		text_add_bytes(t, s, 1);
	}
}

static void end_fact(struct report *r)
{
	if (r->has_fact && r->json)
		text_add(&r->out, r->has_advice ? "]}" : "}");
	else if (r->has_fact && r->markdown)
		text_add(&r->out, " |\n");
	r->has_advice = false;
}

static void add_line(
	struct report *r, enum mark mark, const char *fact, const char *sentence)
{
	const char *word = marks[mark].word;

	if (r->color)
		text_addf(&r->out, "\033[%sm%-4s\033[0m", marks[mark].sgr, word);
	else
		text_addf(&r->out, "%-4s", word);
	text_addf(&r->out, "  %-*s %s\n", r->width ? r->width : 12, fact, sentence);
}

static void add_sentence(
	struct report *r, enum mark mark, const char *fact, const char *sentence)
{
	end_fact(r);
	if (r->json) {
		text_addf(&r->out,
			"%s\n    {\"mark\": \"%s\", \"%s\": \"%s\", \"text\": ",
			r->has_fact ? "," : "", marks[mark].json,
			r->item ? r->item : "fact", fact);
		text_add_json(&r->out, sentence);
	} else if (r->markdown) {
		text_addf(&r->out,
			mark == MARK_FAIL ? "| **%s** | %s | " : "| %s | %s | ",
			marks[mark].word, fact);
		add_markdown(&r->out, sentence);
	} else {
		add_line(r, mark, fact, sentence);
	}
	r->has_fact = true;
}

static void add_fact(
	struct report *r, enum mark mark, const char *fact, const char *sentence)
{
	AUTO_TEXT whole = { 0 };

	if (!r->under || (!r->prefix && strcmp(r->under, fact) == 0)) {
		add_sentence(r, mark, fact, sentence);
		return;
	}
	text_addf(&whole, "%s%s: %s", r->prefix ? r->prefix : "", fact, sentence);
	add_sentence(r, mark, r->under, text_peek(&whole));
}

#define FORMAT(sentence, fmt)                                             \
	do {                                                              \
		va_list ap;                                               \
		va_start(ap, fmt);                                        \
		(void)vsnprintf((sentence), sizeof(sentence), (fmt), ap); \
		va_end(ap);                                               \
	} while (0)

void report_ok(struct report *r, const char *fact, const char *fmt, ...)
{
	char sentence[2048];

	FORMAT(sentence, fmt);
	text_clean(sentence);
	add_fact(r, MARK_OK, fact, sentence);
}

void report_warn(struct report *r, const char *fact, const char *fmt, ...)
{
	char sentence[2048];

	FORMAT(sentence, fmt);
	text_clean(sentence);
	add_fact(r, MARK_WARN, fact, sentence);
}

void report_fail(struct report *r, const char *fact, const struct mitok_err *e)
{
	add_fact(r, MARK_FAIL, fact, e->message);
	if (e->hint[0])
		report_advice(r, "%s", e->hint);
	if (!r->first) {
		r->first = e->code;
		r->failed = r->under ? r->under : fact;
	}
}

void report_skip(struct report *r, const char *fact, const char *fmt, ...)
{
	char sentence[2048];

	FORMAT(sentence, fmt);
	text_clean(sentence);
	add_fact(r, MARK_SKIP, fact, sentence);
}

static void add_advice(struct report *r, const char *sentence)
{
	if (r->json) {
		if (r->has_advice)
			text_add(&r->out, ", ");
		else
			text_addf(
				&r->out, ", \"%s\": [", r->advice ? r->advice : "advice");
		text_add_json(&r->out, sentence);
	} else if (r->markdown) {
		text_add(&r->out, "<br>");
		add_markdown(&r->out, sentence);
	} else {
		text_addf(&r->out, "%-4s  %-*s %s\n", "", r->width ? r->width : 12, "",
			sentence);
	}
	r->has_advice = true;
}

void report_advice(struct report *r, const char *fmt, ...)
{
	char sentence[4096];

	FORMAT(sentence, fmt);
	for (char *line = sentence; *line;) {
		size_t len = strcspn(line, "\n");
		char *next = line + len + (line[len] != '\0');

		line[len] = '\0';
		text_clean(line);
		add_advice(r, line);
		line = next;
	}
}

void report_end(struct report *r)
{
	end_fact(r);
	if (r->json)
		text_addf(&r->out, "\n  ],\n  \"status\": %d\n}\n", (int)r->first);
}

void report_free(struct report *r)
{
	text_free(&r->out);
}
