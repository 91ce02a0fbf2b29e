/* Which texts YAML can show plain, which need quotes of which kind: the rules of PyYAML's
 * emitter for one-line plain texts, with Unicode allowed.
 * SPDX-License-Identifier: MIT */
#include "yaml-text.h"

#include <string.h>

bool yaml_is_break(uint32_t c)
{
	return c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || yaml_is_break(c);
}

/* What can stand in a text without an escape. */
static bool is_printable(uint32_t c)
{
	return c == '\n' || (c >= ' ' && c <= '~') || c == 0x85 ||
		(c >= 0xa0 && c < 0xfffe && c != 0xfeff && (c < 0xd800 || c > 0xdfff)) ||
		(c >= 0x10000 && c < 0x10ffff);
}

/* What the characters of a text say together. */
struct analysis {
	bool has_indicator, has_break, is_special;
	bool has_edge;  /* a blank or line end at either end */
	bool has_inner; /* a blank after a line end */
	bool has_outer; /* a blank before a line end */
};

/* An indicator of YAML at this place: at the start, after or before a blank. */
static bool is_indicator(uint32_t c, bool is_first, bool after_blank, bool before_blank)
{
	if (is_first && c < 0x80 && c && strchr("#,[]{}&*!|>'\"%@`", (int)c))
		return true;
	if (c == ':' || (is_first && (c == '?' || c == '-')))
		return before_blank;
	return c == '#' && after_blank;
}

static void look(struct analysis *a, uint32_t c, uint32_t before, bool at_edge)
{
	if (yaml_is_break(c))
		a->has_break = true;
	if (!is_printable(c))
		a->is_special = true;
	if (at_edge && (c == ' ' || yaml_is_break(c)))
		a->has_edge = true;
	if (c == ' ' && yaml_is_break(before))
		a->has_inner = true;
	if (yaml_is_break(c) && before == ' ')
		a->has_outer = true;
}

static size_t analyze(struct analysis *a, const char *s, size_t len)
{
	const char *end = s + len, *p = s;
	uint32_t c, before = 0, next;
	size_t count = 0;
	bool is_last;

	a->has_indicator = len >= 3 && (!strncmp(s, "---", 3) || !strncmp(s, "...", 3));
	for (; p < end; before = c, count++) {
		p += format_char(p, end, &c);
		is_last = p >= end;
		next = ' ';
		if (!is_last)
			(void)format_char(p, end, &next);
		if (is_indicator(c, count == 0, count == 0 || is_blank(before),
			    is_blank(next)))
			a->has_indicator = true;
		look(a, c, before, count == 0 || is_last);
	}
	return count;
}

struct yaml_style yaml_style_of(const char *s, size_t len, bool is_key)
{
	struct analysis a = { 0 };
	struct yaml_style ret = { .count = analyze(&a, s, len) };

	ret.is_multiline = a.has_break;
	if (a.is_special || a.has_outer || a.has_inner || (is_key && a.has_break))
		ret.quote = '"';
	else if (!len || a.has_edge || a.has_break || a.has_indicator ||
		yaml_is_special(s, len))
		ret.quote = '\'';
	return ret;
}
