/* Numbers as Python writes and reads them, which az's users see.
 * SPDX-License-Identifier: MIT
 *
 * Our programs set no locale: printf() and strtod() write and read a point. */
#include "number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits without a point; the first of them counts powers of ten. */
static void add_digits(const char *digits, int power, char *out)
{
	int count = (int)strlen(digits), lowest = power - count + 1;

	if (power < -4 || power >= 16) {
		*out++ = *digits++;
		if (*digits)
			out += snprintf(out, 20, ".%s", digits);
		(void)snprintf(out, 8, "e%+03d", power);
		return;
	}
	for (int place = power < 0 ? 0 : power; place >= lowest || place >= -1; place--) {
		int i = power - place;

		if (place == -1)
			*out++ = '.';
		*out++ = '0';
		if (i >= 0 && i < count)
			out[-1] = digits[i];
	}
	*out = '\0';
}

static void format_real(double real, char *out)
{
	char s[32] = "", digits[20] = "0";
	size_t count = 0;
	const char *e;

	if (signbit(real))
		*out++ = '-';
	real = fabs(real);
	for (int precision = 0; precision <= 16; precision++) {
		double back;

		(void)snprintf(s, sizeof(s), "%.*e", precision, real);
		back = strtod(s, NULL);
		if (back >= real && back <= real)
			break;
	}
	e = strchr(s, 'e');
	for (const char *c = s; c < e && count < sizeof(digits) - 1; c++)
		if (*c != '.')
			digits[count++] = *c;
	digits[count] = '\0';
	add_digits(digits, (int)strtol(e + 1, NULL, 10), out);
}

void number_format(const struct value *v, char ret[NUMBER_SIZE])
{
	if (v->kind == VALUE_INT)
		(void)snprintf(ret, NUMBER_SIZE, "%lld", (long long)v->number);
	else
		format_real(v->real, ret);
}

/* Digits, between which single underscores may stand; what they are goes to *out. */
static size_t take_digits(const char **text, char **out)
{
	size_t count = 0;

	while (text_is_digit(**text) ||
		(**text == '_' && count && text_is_digit((*text)[1]))) {
		if (**text != '_')
			*(*out)++ = **text;
		count += **text != '_';
		++*text;
	}
	return count;
}

/* A copy of the number without underscores; false when text is no number to its end. */
static bool spell(const char *text, char *out, bool *ret_is_real)
{
	size_t digits;

	if (*text == '-' || *text == '+')
		*out++ = *text++;
	digits = take_digits(&text, &out);
	*ret_is_real = *text == '.' || *text == 'e' || *text == 'E';
	if (*text == '.') {
		*out++ = *text++;
		digits += take_digits(&text, &out);
	}
	if (digits && (*text == 'e' || *text == 'E')) {
		*out++ = *text++;
		if (*text == '-' || *text == '+')
			*out++ = *text++;
		digits = take_digits(&text, &out);
	}
	*out = '\0';
	text += strspn(text, " \t\r\n\f\v");
	return digits && !*text;
}

/* Longer ones nobody writes. */
#define LONGEST 512

bool number_parse(const char *text, struct value *ret)
{
	char spelled[LONGEST + 1];
	bool is_real;

	text += strspn(text, " \t\r\n\f\v");
	if (strlen(text) > LONGEST || !spell(text, spelled, &is_real))
		return false;
	*ret = (struct value){ .kind = VALUE_INT };
	errno = 0;
	if (!is_real)
		ret->number = strtoll(spelled, NULL, 10);
	if (!is_real && errno != ERANGE)
		return true;
	ret->kind = VALUE_REAL;
	ret->number = 0;
	ret->real = strtod(spelled, NULL);
	return isfinite(ret->real);
}
