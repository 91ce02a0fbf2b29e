/* How Python prints values and looks at characters.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

/* A number's decimal digits. */
struct real {
	char digits[17];
	int count;
};

/* The digits of real, shortest, and its decimal exponent; what printf() writes for the
 * point is the locale's affair. */
static int shortest(double real, struct real *ret)
{
	char s[32];
	const char *p;

	for (int precision = 0; precision < 17; precision++) {
		(void)snprintf(s, sizeof(s), "%.*e", precision, real);
		if (strtod(s, NULL) >= real && strtod(s, NULL) <= real)
			break;
	}
	for (p = s; *p != 'e'; p++) {
		if (*p >= '0' && *p <= '9' && ret->count < (int)sizeof(ret->digits))
			ret->digits[ret->count++] = *p;
	}
	while (ret->count > 1 && ret->digits[ret->count - 1] == '0')
		ret->count--;
	return (int)strtol(p + 1, NULL, 10);
}

void format_real(double real, char ret[FORMAT_REAL_SIZE])
{
	struct real r = { .count = 0 };
	const int exponent = shortest(real, &r);
	const bool is_scientific = exponent < -4 || exponent >= 16;
	const int whole = is_scientific ? 1 : exponent + 1; /* digits before the point */
	char *p = ret;

	if (signbit(real))
		*p++ = '-';
	for (int i = whole > 0 ? 0 : whole - 1; i < r.count || i < whole; i++) {
		if (i == whole)
			*p++ = '.';
		if (i >= 0 && i < r.count)
			*p++ = r.digits[i];
		else
			*p++ = '0';
	}
	*p = '\0';
	if (is_scientific)
		(void)snprintf(
			p, 6, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent) % 1000);
	else if (r.count <= whole)
		(void)memcpy(p, ".0", 3);
}

/* What repr() escapes though it is no ASCII: what has no picture. Ranges of the Unicode
 * categories Cc, Cf, Co, Zs, Zl, Zp and of the ends of planes, in order. */
static bool is_printable(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = { { 0, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x600, 0x605 },
		{ 0x61c, 0x61c }, { 0x6dd, 0x6dd }, { 0x70f, 0x70f }, { 0x890, 0x891 },
		{ 0x8e2, 0x8e2 }, { 0x1680, 0x1680 }, { 0x180e, 0x180e },
		{ 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f },
		{ 0x3000, 0x3000 }, { 0xd800, 0xf8ff }, { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0xe00ff },
		{ 0xe01f0, 0x10ffff } };

	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
		if (c >= hidden[i].first && c <= hidden[i].last)
			return false;
	}
	return true;
}

static void add_repr_char(struct writer *w, uint32_t c, char quote)
{
	char s[16];

	if (c == '\n' || c == '\r' || c == '\t')
		(void)snprintf(s, sizeof(s), "\\%c",
			c == '\n'           ? 'n'
				: c == '\r' ? 'r'
					    : 't');
	else if (c == '\\' || c == (unsigned char)quote)
		(void)snprintf(s, sizeof(s), "\\%c", (char)c);
	else if (c <= 0xff)
		(void)snprintf(s, sizeof(s), "\\x%02" PRIx32, c);
	else if (c <= 0xffff)
		(void)snprintf(s, sizeof(s), "\\u%04" PRIx32, c);
	else
		(void)snprintf(s, sizeof(s), "\\U%08" PRIx32, c);
	writer_text(w, s);
}

static void add_repr_text(struct writer *w, const char *s, size_t len)
{
	const char quote = memchr(s, '\'', len) && !memchr(s, '"', len) ? '"' : '\'';
	const char *end = s + len;
	uint32_t c;
	size_t n;

	writer_bytes(w, &quote, 1);
	for (; s < end; s += n) {
		n = format_char(s, end, &c);
		if (is_printable(c) && c != '\\' && c != (unsigned char)quote)
			writer_bytes(w, s, n);
		else
			add_repr_char(w, c, quote);
	}
	writer_bytes(w, &quote, 1);
}

static void add_repr(struct writer *w, const struct value *v, unsigned depth)
{
	const bool is_object = v->kind == VALUE_OBJECT;

	if (v->kind == VALUE_TEXT)
		add_repr_text(w, v->text, v->len);
	if (v->kind < VALUE_TEXT)
		format_python(w, v);
	if (v->kind <= VALUE_TEXT)
		return;
	if (depth > FORMAT_DEPTH || w->failed) {
		w->failed = true;
		return;
	}
	/* What a query's {...} makes is an OrderedDict there. */
	if (is_object && v->is_selected)
		writer_text(w, v->count ? "OrderedDict(" : "OrderedDict()");
	if (!is_object || !v->is_selected || v->count)
		writer_text(w, is_object ? "{" : "[");
	for (size_t i = 0; i < v->count; i++) {
		if (i)
			writer_text(w, ", ");
		if (is_object) {
			add_repr_text(w, v->names[i], strlen(v->names[i]));
			writer_text(w, ": ");
		}
		add_repr(w, v->items[i], depth + 1);
	}
	if (!is_object || !v->is_selected || v->count)
		writer_text(w, is_object ? "}" : "]");
	if (is_object && v->is_selected && v->count)
		writer_text(w, ")");
}

void format_python(struct writer *w, const struct value *v)
{
	char s[FORMAT_REAL_SIZE];

	switch (v->kind) {
	case VALUE_NULL:
		writer_text(w, "None");
		break;
	case VALUE_BOOL:
		writer_text(w, v->truth ? "True" : "False");
		break;
	case VALUE_INT:
		(void)snprintf(s, sizeof(s), "%" PRId64, v->number);
		writer_text(w, s);
		break;
	case VALUE_REAL:
		format_real(v->real, s);
		writer_text(w, s);
		break;
	case VALUE_TEXT:
		writer_bytes(w, v->text, v->len);
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		add_repr(w, v, 0);
		break;
	}
}

size_t format_char(const char *p, const char *end, uint32_t *ret)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t n = s[0] < 0xc0 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	*ret = s[0];
	if (n == 1 || n > (size_t)(end - p))
		return 1;
	*ret = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		*ret = *ret << 6 | (s[i] & 0x3fu);
	return n;
}

size_t format_count(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

bool format_is_line_end(uint32_t c)
{
	return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 ||
		c == 0x2028 || c == 0x2029;
}

bool format_is_space(uint32_t c)
{
	return format_is_line_end(c) || c == '\t' || c == 0x1f || c == ' ' || c == 0xa0 ||
		c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
		c == 0x205f || c == 0x3000;
}
