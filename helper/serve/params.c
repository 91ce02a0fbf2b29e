/* Queries and forms: application/x-www-form-urlencoded, read strictly (WHATWG URL standard,
 * section 5.1, but what that mends is refused here). SPDX-License-Identifier: MIT */
#include "params.h"

#include <string.h>

#include "base/text.h"

bool params_are_clear(const char *form)
{
	for (const char *p = form; *p; p++) {
		if (*p <= ' ' || *p >= 0x7f || *p == '#' || *p == '\\')
			return false;
		if (*p != '%')
			continue;
		if (text_hex_digit(p[1]) < 0 || text_hex_digit(p[2]) < 0)
			return false;
		p += 2;
	}
	return true;
}

/* Decodes up to end; false when there is no room. */
static bool decode(const char *p, const char *end, char *ret, size_t size)
{
	size_t n = 0;

	for (; p < end; p++) {
		if (n + 1 == size)
			return false;
		if (*p == '%') {
			ret[n++] =
				(char)(text_hex_digit(p[1]) * 16 + text_hex_digit(p[2]));
			p += 2;
		} else {
			ret[n++] = (char)(*p == '+' ? ' ' : *p);
		}
		if (!ret[n - 1]) /* it would end the text too early */
			return false;
	}
	ret[n] = '\0';
	return true;
}

/* Neither empty nor anything that another reader may take in another way. */
static bool is_plain(const char *value)
{
	const char *p = value;

	while (*p > ' ' && *p < 0x7f)
		p++;
	return p != value && !*p;
}

enum param params_find(const char *form, const char *name, char ret[PARAM_SIZE])
{
	enum param found = PARAM_ABSENT;
	char key[32];

	ret[0] = '\0';
	for (const char *p = form, *end; *p; p = *end ? end + 1 : end) {
		const char *equals;

		end = p + strcspn(p, "&");
		equals = memchr(p, '=', (size_t)(end - p));
		if (!decode(p, equals ? equals : end, key, sizeof(key)) ||
			strcmp(key, name) != 0)
			continue;
		if (found || !equals || !decode(equals + 1, end, ret, PARAM_SIZE) ||
			!is_plain(ret)) {
			ret[0] = '\0';
			return PARAM_BAD;
		}
		found = PARAM_ONE;
	}
	return found;
}
