/* Where a URL really goes, for whoever sends a token along.
 * SPDX-License-Identifier: MIT */
#include "origin.h"

#include <stdio.h>
#include <string.h>

/* Letters, digits, hyphens and dots; no empty label. */
static bool take_host(const char *p, size_t len, char *ret, size_t size)
{
	if (len == 0 || len >= size || p[0] == '.' || p[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text_lower(p[i]);

		if (!(c >= 'a' && c <= 'z') && !text_is_digit(c) && c != '-' &&
			(c != '.' || p[i - 1] == '.'))
			return false;
		ret[i] = c;
	}
	ret[len] = '\0';
	return true;
}

bool origin_parse(const char *url, struct origin *ret)
{
	size_t len, name;
	int64_t port;
	char digits[8];

	*ret = (struct origin){ .is_https = text_starts_nocase(url, "https://") };
	if (!ret->is_https && !text_starts_nocase(url, "http://"))
		return false;
	if (text_has_control(url) || strchr(url, '\\'))
		return false;
	url += ret->is_https ? 8 : 7;
	len = strcspn(url, "/?#");
	name = strcspn(url, ":/?#");
	ret->port = ret->is_https ? 443 : 80;
	if (!take_host(url, name, ret->host, sizeof(ret->host)))
		return false;
	if (name == len)
		return true;
	(void)snprintf(
		digits, sizeof(digits), "%.*s", (int)(len - name - 1), url + name + 1);
	if (len - name - 1 >= sizeof(digits) || !text_to_number(digits, 1, 65535, &port))
		return false;
	ret->port = (int)port;
	return true;
}

bool origin_same(const struct origin *a, const struct origin *b)
{
	return a->is_https == b->is_https && a->port == b->port &&
		strcmp(a->host, b->host) == 0;
}

void origin_add_encoded(struct text *t, const char *url)
{
	static const char bad[] = " \"<>\\^`{|}";

	for (; *url && *url != '#'; url++) {
		unsigned char c = (unsigned char)*url;
		bool is_code = c == '%' && text_hex_digit(url[1]) >= 0 &&
			text_hex_digit(url[2]) >= 0;

		if (c <= ' ' || c >= 127 || strchr(bad, c) || (c == '%' && !is_code))
			text_addf(t, "%%%02X", c);
		else
			text_add_bytes(t, url, 1);
	}
}
