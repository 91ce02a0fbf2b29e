/* Where YAML's lines are broken, and how texts are written: plain, in single quotes, in double
 * quotes. PyYAML's ways, seen from outside: a line is broken at a blank that stands alone,
 * once column 80 is passed.
 * SPDX-License-Identifier: MIT */
#include "yaml-write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "yaml-text.h"

enum {
	STEP = 2,
	WIDTH = 80
};

void yaml_indent(struct yaml_out *o)
{
	o->indent = o->indent == YAML_NO_INDENT ? 0 : o->indent + STEP;
}

static void end_line(struct yaml_out *o)
{
	writer_text(o->w, "\n");
	o->column = 0;
	o->is_white = o->is_fresh = true;
}

void yaml_line(struct yaml_out *o)
{
	const long indent = o->indent == YAML_NO_INDENT ? 0 : o->indent;

	if (!o->is_fresh || o->column > indent || (o->column == indent && !o->is_white))
		end_line(o);
	if (o->column < indent) {
		writer_repeat(o->w, ' ', (size_t)(indent - o->column));
		o->column = indent;
		o->is_white = true;
	}
}

void yaml_mark(struct yaml_out *o, const char *mark, unsigned flags)
{
	if (!o->is_white && (flags & YAML_SPACED)) {
		writer_text(o->w, " ");
		o->column++;
	}
	writer_text(o->w, mark);
	o->column += (long)strlen(mark);
	o->is_white = flags & YAML_WHITE;
	o->is_fresh = o->is_fresh && (flags & YAML_FRESH);
}

/* A text that is being written. */
struct text_out {
	struct yaml_out *o;
	const char *start; /* of the text */
	const char *p, *end;
	bool is_key; /* never broken */
};

static void put(struct yaml_out *o, const char *s, size_t len)
{
	writer_bytes(o->w, s, len);
	o->column += (long)format_count(s, len);
}

/* Where the blanks, or what is no blank, end. */
static const char *run(const struct text_out *t, bool of_blanks)
{
	const char *p = t->p;

	while (p < t->end && (*p == ' ') == of_blanks)
		p++;
	return p;
}

/* Blanks between words: one alone, past the width, becomes a new line. */
static bool put_blanks(struct text_out *t, bool can_break)
{
	const char *next = run(t, true);
	bool breaks = next - t->p == 1 && t->o->column > WIDTH && !t->is_key && can_break;

	if (breaks)
		yaml_line(t->o);
	else
		put(t->o, t->p, (size_t)(next - t->p));
	t->p = next;
	return breaks;
}

/* Plain texts have one line, and no blanks at their ends. */
void yaml_write_plain(struct yaml_out *o, const char *s, size_t len, bool is_key)
{
	struct text_out t = { o, s, s, s + len, is_key };
	const char *next;

	if (!len)
		return;
	if (!o->is_white)
		put(o, " ", 1);
	o->is_white = o->is_fresh = false;
	while (t.p < t.end) {
		next = run(&t, false);
		put(o, t.p, (size_t)(next - t.p));
		t.p = next;
		if (t.p < t.end && put_blanks(&t, true))
			o->is_white = o->is_fresh = false;
	}
}

static size_t break_at(const char *p, const char *end)
{
	uint32_t c;
	size_t n;

	if (p >= end)
		return 0;
	n = format_char(p, end, &c);
	return yaml_is_break(c) ? n : 0;
}

/* Line ends: \n takes one more, since a single one would read as a blank. */
static void put_breaks(struct text_out *t)
{
	size_t n;

	if (*t->p == '\n')
		end_line(t->o);
	while ((n = break_at(t->p, t->end)) > 0) {
		if (*t->p == '\n') {
			end_line(t->o);
		} else {
			writer_bytes(t->o->w, t->p, n);
			t->o->column = 0;
			t->o->is_white = t->o->is_fresh = true;
		}
		t->p += n;
	}
	yaml_line(t->o);
}

/* What is between blanks and line ends; quotes are doubled. */
static void put_word(struct text_out *t)
{
	const char *from = t->p;

	while (t->p < t->end && *t->p != ' ' && !break_at(t->p, t->end)) {
		if (*t->p++ != '\'')
			continue;
		put(t->o, from, (size_t)(t->p - from));
		put(t->o, "'", 1);
		from = t->p;
	}
	put(t->o, from, (size_t)(t->p - from));
}

static void put_single(struct text_out *t)
{
	yaml_mark(t->o, "'", YAML_SPACED);
	while (t->p < t->end) {
		if (*t->p == ' ')
			(void)put_blanks(t, t->p != t->start && run(t, true) != t->end);
		else if (break_at(t->p, t->end))
			put_breaks(t);
		else
			put_word(t);
	}
	yaml_mark(t->o, "'", 0);
}

static bool is_raw(uint32_t c)
{
	return ((c >= ' ' && c <= '~') || (c >= 0xa0 && c <= 0xd7ff) ||
		       (c >= 0xe000 && c <= 0xfffd)) &&
		c != '"' && c != '\\' && c != 0x2028 && c != 0x2029 && c != 0xfeff;
}

static void put_escape(struct text_out *t, uint32_t c)
{
	static const struct {
		uint32_t c;
		char letter;
	} rows[] = { { 0x07, 'a' }, { 0x08, 'b' }, { 0x09, 't' }, { 0x0a, 'n' },
		{ 0x0b, 'v' }, { 0x0c, 'f' }, { 0x0d, 'r' }, { 0x1b, 'e' }, { '"', '"' },
		{ '\\', '\\' }, { 0x85, 'N' }, { 0x2028, 'L' }, { 0x2029, 'P' } };
	char s[16];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].c == c) {
			put(t->o, (const char[]){ '\\', rows[i].letter }, 2);
			return;
		}
	}
	if (c <= 0xff)
		(void)snprintf(s, sizeof(s), "\\x%02" PRIX32, c);
	else if (c <= 0xffff)
		(void)snprintf(s, sizeof(s), "\\u%04" PRIX32, c);
	else
		(void)snprintf(s, sizeof(s), "\\U%08" PRIX32, c);
	put(t->o, s, strlen(s));
}

/* A line is broken with a backslash, before a blank, which a second one protects, or at an
 * escape. */
static void break_double(struct yaml_out *o, const char *next)
{
	put(o, "\\", 1);
	yaml_line(o);
	o->is_white = o->is_fresh = false;
	if (*next == ' ')
		put(o, "\\", 1);
}

static void put_double(struct text_out *t)
{
	const char *from = t->p; /* what is not written yet */
	const char *last = t->end, *next;
	long waiting = 0; /* characters of it */
	uint32_t c;
	bool is_escaped;

	while (last > t->start && ((unsigned char)*--last & 0xc0) == 0x80)
		continue;
	yaml_mark(t->o, "\"", YAML_SPACED);
	for (; t->p < t->end; t->p = next, waiting++) {
		next = t->p + format_char(t->p, t->end, &c);
		is_escaped = !is_raw(c);
		if (is_escaped) {
			put(t->o, from, (size_t)(t->p - from));
			put_escape(t, c);
			from = next;
			waiting = -1;
		}
		if (t->p == t->start || t->p >= last || t->is_key ||
			(c != ' ' && waiting > 0) || t->o->column + waiting <= WIDTH)
			continue;
		if (!is_escaped) {
			put(t->o, from, (size_t)(t->p - from));
			from = t->p;
			waiting = 0;
		}
		break_double(t->o, from);
	}
	put(t->o, from, (size_t)(t->end - from));
	yaml_mark(t->o, "\"", 0);
}

void yaml_write_text(struct yaml_out *o, const char *s, size_t len, bool is_key)
{
	struct yaml_style style = yaml_style_of(s, len, is_key);
	struct text_out t = { o, s, s, s + len, is_key };
	const long indent = o->indent;

	/* A text goes on further right than what it belongs to. */
	o->indent = indent == YAML_NO_INDENT ? STEP : indent + STEP;
	if (!style.quote)
		yaml_write_plain(o, s, len, is_key);
	else if (style.quote == '\'')
		put_single(&t);
	else
		put_double(&t);
	o->indent = indent;
}
