/* Which plain texts YAML 1.1 reads as something else than a text: PyYAML's patterns for
 * bool, float, int, merge, null, timestamp and value.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "yaml-text.h"

/* Each takes what it wants from the start of s and returns the rest; NULL: not there. */
static const char *some(const char *s, const char *set)
{
	size_t n = strspn(s, set);

	return n ? s + n : NULL;
}

static const char *sign(const char *s)
{
	return s + (*s == '-' || *s == '+');
}

static bool is_one_of(const char *s, const char *const *words)
{
	while (*words && strcmp(s, *words) != 0)
		words++;
	return *words;
}

#define DIGITS "0123456789"

static bool is_word(const char *s)
{
	static const char *const words[] = { "yes", "Yes", "YES", "no", "No", "NO",
		"true", "True", "TRUE", "false", "False", "FALSE", "on", "On", "ON",
		"off", "Off", "OFF", "null", "Null", "NULL", "~", "<<", "=", "!", "&",
		"*", "", ".nan", ".NaN", ".NAN", NULL };
	static const char *const infinities[] = { ".inf", ".Inf", ".INF", NULL };

	return is_one_of(s, words) || is_one_of(sign(s), infinities);
}

/* Base 60: more groups after the first; the rest, NULL when there is no group. */
static const char *sixties(const char *s)
{
	const char *rest = NULL;

	while (*s == ':' && text_is_digit(s[1])) {
		s += s[1] <= '5' && text_is_digit(s[2]) ? 3 : 2;
		rest = s;
	}
	return rest;
}

static bool is_int(const char *s)
{
	const char *p;

	s = sign(s);
	if (*s == '0' && s[1]) {
		if (s[1] == 'b')
			p = some(s + 2, "01_");
		else if (s[1] == 'x')
			p = some(s + 2, DIGITS "abcdefABCDEF_");
		else
			p = some(s + 1, "01234567_");
		return p && !*p;
	}
	if (!text_is_digit(*s))
		return false;
	p = some(s, DIGITS "_");
	if (!*p)
		return true;
	p = *s == '0' ? NULL : sixties(p);
	return p && !*p;
}

static bool is_float(const char *s)
{
	const bool is_signed = sign(s) != s;
	const char *p, *power;

	s = sign(s);
	if (*s == '.') {
		if (is_signed || !text_is_digit(s[1]))
			return false;
		p = s + 1;
	} else {
		p = text_is_digit(*s) ? some(s, DIGITS "_") : NULL;
		if (p && *p == ':') {
			p = sixties(p);
			return p && *p == '.' && p[1 + strspn(p + 1, DIGITS "_")] == '\0';
		}
		if (!p || *p != '.')
			return false;
		p++;
	}
	p += strspn(p, DIGITS "_");
	if (*p == 'e' || *p == 'E') {
		power = sign(p + 1);
		p = power > p + 1 ? some(power, DIGITS) : NULL;
	}
	return p && !*p;
}

/* Digits, least to most of them. */
static const char *digits(const char *s, size_t least, size_t most)
{
	size_t n = strspn(s, DIGITS);

	n = n > most ? most : n;
	return n < least ? NULL : s + n;
}

/* A character, then digits. */
static const char *field(const char *s, char c, size_t least)
{
	return s && *s == c ? digits(s + 1, least, 2) : NULL;
}

static bool is_zone(const char *s)
{
	s += strspn(s, " \t");
	if (*s == 'Z')
		return !s[1];
	if (*s != '-' && *s != '+')
		return false;
	s = digits(s + 1, 1, 2);
	if (s && *s == ':')
		s = digits(s + 1, 2, 2);
	return s && !*s;
}

static bool is_date(const char *s)
{
	const char *p = digits(s, 4, 4), *time;

	p = field(field(p, '-', 1), '-', 1);
	if (!p)
		return false;
	if (!*p)
		return strlen(s) == 10 && s[7] == '-';
	time = *p == 'T' || *p == 't' ? p + 1 : p + strspn(p, " \t");
	if (time == p)
		return false;
	p = digits(time, 1, 2);
	p = field(field(p, ':', 2), ':', 2);
	if (p && *p == '.')
		p += 1 + strspn(p + 1, DIGITS);
	return p && (!*p || is_zone(p));
}

bool yaml_is_special(const char *s, size_t len)
{
	/* The longest of them; others go on as texts, whatever they begin with. */
	if (strlen(s) != len)
		return false;
	return is_word(s) || is_int(s) || is_float(s) || is_date(s);
}
