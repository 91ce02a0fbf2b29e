/* A strict look at a JSON text before json-c gets it: what json-c lets pass differs from
 * version to version (NaN, comments, raw newlines, huge numbers, members twice).
 * SPDX-License-Identifier: MIT */
#include "module/jsonc-scan.h"

#include <string.h>

#include "base/text.h"

/* Where the scan is; `why` is set once, by the innermost function that gives up. */
struct scan {
	const struct scan_limits *limits;
	const char *start, *at, *end;
	unsigned depth;
	struct scan_result found;
	const char *why;
};

static bool scan_value(struct scan *s);

static bool refuse(struct scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

/* The next byte, 0 at the end (a NUL in the text is nowhere allowed, so it may look so).
 */
static char peek(const struct scan *s)
{
	if (s->at == s->end)
		return '\0';
	return *s->at;
}

static bool take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static void skip_blanks(struct scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
		s->at++;
}

static void note_length(struct scan *s, const char *from)
{
	size_t len = (size_t)(s->at - from);

	if (len > s->found.longest)
		s->found.longest = len;
}

/* Four hex digits; -1 when they are none. */
static int take_unit(struct scan *s)
{
	int unit = 0;

	if (s->end - s->at < 4)
		return -1;
	for (int i = 0; i < 4; i++, s->at++) {
		int digit = text_hex_digit(*s->at);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* Behind a backslash (RFC 8259, section 7). */
static bool scan_escape(struct scan *s)
{
	char c = peek(s);
	int unit;

	if (!c || !strchr("\"\\/bfnrtu", c))
		return refuse(s, "an unknown escape in a text");
	s->at++;
	if (c != 'u')
		return true;
	unit = take_unit(s);
	if (unit < 0)
		return refuse(s, "a bad \\u escape in a text");
	if (unit == 0)
		return refuse(s, "a NUL in a text");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || !take(s, '\\') || !take(s, 'u'))
		return refuse(s, "half a surrogate pair in a text");
	unit = take_unit(s);
	if (unit < 0xdc00 || unit > 0xdfff)
		return refuse(s, "half a surrogate pair in a text");
	return true;
}

static bool scan_text(struct scan *s)
{
	const char *from = s->at;

	if (!take(s, '"'))
		return refuse(s, "a text was expected");
	while (s->at < s->end && *s->at != '"') {
		if ((unsigned char)*s->at < 0x20)
			return refuse(s, "a raw control character in a text");
		if (take(s, '\\')) {
			if (!scan_escape(s))
				return false;
		} else {
			s->at++;
		}
	}
	if (!take(s, '"'))
		return refuse(s, "a text does not end");
	note_length(s, from);
	return true;
}

static bool skip_digits(struct scan *s)
{
	const char *from = s->at;

	while (text_is_digit(peek(s)))
		s->at++;
	return s->at > from;
}

/* RFC 8259, section 6. Whole numbers beyond 64 bits are cut by some versions of json-c.
 */
static bool scan_number(struct scan *s)
{
	const char *from = s->at;
	bool is_whole = true;
	char digits[24];
	int64_t n;

	(void)take(s, '-');
	if (!take(s, '0') && !skip_digits(s))
		return refuse(s, "a value was expected");
	if (take(s, '.')) {
		is_whole = false;
		if (!skip_digits(s))
			return refuse(s, "a number without decimals behind its point");
	}
	if (take(s, 'e') || take(s, 'E')) {
		is_whole = false;
		if (!take(s, '+'))
			(void)take(s, '-');
		if (!skip_digits(s))
			return refuse(s, "a number without digits in its exponent");
	}
	note_length(s, from);
	if (!is_whole)
		return true;
	if (s->at - from < (ptrdiff_t)sizeof(digits)) {
		memcpy(digits, from, (size_t)(s->at - from));
		digits[s->at - from] = '\0';
		if (text_to_number(digits, INT64_MIN, INT64_MAX, &n))
			return true;
	}
	if (s->found.huge == s->limits->huge)
		return refuse(s, "a number beyond 64 bits");
	s->found.huge_ends[s->found.huge++] = (size_t)(s->at - s->start);
	return true;
}

static bool scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
		return refuse(s, "a value was expected");
	s->at += n;
	return true;
}

static bool scan_member_name(struct scan *s)
{
	skip_blanks(s);
	if (!scan_text(s))
		return false;
	skip_blanks(s);
	return take(s, ':') || refuse(s, "a colon was expected");
}

/* An array, or an object when its elements have names. */
static bool scan_container(struct scan *s, char closing, bool is_named)
{
	if (++s->depth > s->limits->depth)
		return refuse(s, "nested too deeply");
	s->at++;
	skip_blanks(s);
	if (peek(s) != closing)
		do {
			if ((is_named && !scan_member_name(s)) || !scan_value(s))
				return false;
		} while (take(s, ','));
	if (!take(s, closing))
		return refuse(s, "a comma or the end of an array or object was expected");
	s->depth--;
	return true;
}

/* With the blanks around it. Recursion ends at the limit of depth. */
static bool scan_value(struct scan *s)
{
	bool good;

	if (++s->found.values > s->limits->values)
		return refuse(s, "too many values");
	skip_blanks(s);
	switch (peek(s)) {
	case '{':
		good = scan_container(s, '}', true);
		break;
	case '[':
		good = scan_container(s, ']', false);
		break;
	case '"':
		good = scan_text(s);
		break;
	case 't':
		good = scan_word(s, "true");
		break;
	case 'f':
		good = scan_word(s, "false");
		break;
	case 'n':
		good = scan_word(s, "null");
		break;
	default:
		good = scan_number(s);
	}
	skip_blanks(s);
	return good;
}

enum mitok_code scan_json(const char *text, size_t len, const struct scan_limits *limits,
	struct scan_result *ret, struct mitok_err *e)
{
	struct scan s = {
		.limits = limits, .start = text, .at = text, .end = text + len
	};

	if (len > limits->bytes)
		return err_set(
			e, MITOK_E_REPLY, "JSON of more than %zu bytes", limits->bytes);
	if (!text_is_utf8(text, len))
		return err_set(e, MITOK_E_REPLY, "no JSON: not in UTF-8");
	if (scan_value(&s) && s.at < s.end)
		(void)refuse(&s, "more bytes behind the value");
	if (s.why)
		return err_set(e, MITOK_E_REPLY, "no JSON: %s (byte %zu)", s.why,
			(size_t)(s.at - text));
	*ret = s.found;
	return MITOK_OK;
}
