/* Names and values of a query or a form (WHATWG URL, application/x-www-form-urlencoded).
 * SPDX-License-Identifier: MIT */
#include "http.h"

#include <stdlib.h>
#include <string.h>

bool percent_decode(char *s, bool form)
{
	char *to = s;

	for (; *s; s++) {
		int high, low;

		if (*s != '%') {
			*to++ = (char)(form && *s == '+' ? ' ' : *s);
			continue;
		}
		high = text_hex_digit(s[1]);
		low = high < 0 ? -1 : text_hex_digit(s[2]);
		if (low < 0 || (high == 0 && low == 0))
			return false;
		*to++ = (char)(unsigned char)(high * 16 + low);
		s += 2;
	}
	*to = '\0';
	return true;
}

void params_parse(struct params *p, const char *text)
{
	char *at, *pair;

	*p = (struct params){ .text = strdup(text) };
	at = p->text;
	while ((pair = strsep(&at, "&"))) {
		char *name = strsep(&pair, "=");
		char *value = pair ? pair : name + strlen(name);

		if (!*name)
			continue;
		if (!percent_decode(name, true) || !percent_decode(value, true) ||
			p->count == PARAMS_MAX) {
			p->broken = true;
			return;
		}
		if (params_get(p, name))
			p->repeated = true;
		p->at[p->count++] = (struct header){ name, value };
	}
}

const char *params_get(const struct params *p, const char *name)
{
	for (unsigned i = 0; i < p->count; i++)
		if (strcmp(p->at[i].name, name) == 0)
			return p->at[i].value;
	return NULL;
}

void params_free(struct params *p)
{
	free(p->text);
	*p = (struct params){ 0 };
}
