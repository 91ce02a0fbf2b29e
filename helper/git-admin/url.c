/* The URL of an organisation or a repository, as an administrator types it.
 * SPDX-License-Identifier: MIT */
#include "url.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static const char letters[] = LETTERS;
/* Azure DevOps puts the organisation there, in the URLs that it offers for cloning. */
static const char user_letters[] = LETTERS "-._~%";

/* RFC 3986, section 2.1; a NUL, a control character and a slash have no business there. */
static bool decode(const char *s, struct text *ret)
{
	for (; *s; s++) {
		char c = *s;

		if (c == '%') {
			int high = text_hex_digit(s[1]);
			int low = high < 0 ? -1 : text_hex_digit(s[2]);

			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			if (c == '/' || c == '\0')
				return false;
			s += 2;
		}
		text_add_bytes(ret, &c, 1);
	}
	return text_ok(ret) && !text_has_control(text_peek(ret)) &&
		text_is_utf8(text_peek(ret), ret->len);
}

static bool is_host(const char *host)
{
	size_t len = strspn(host, letters);
	int64_t port;

	while (len && (host[len] == '.' || host[len] == '-'))
		len += 1 + strspn(host + len + 1, letters);
	if (!len || strchr(".-", host[len - 1]) || strstr(host, ".."))
		return false;
	return !host[len] ||
		(host[len] == ':' && text_to_number(host + len + 1, 1, 65535, &port));
}

enum mitok_code url_parse(const char *s, struct url *ret, struct mitok_err *e)
{
	static const char scheme[] = "https://";
	const char *rest = s + strlen(scheme);
	AUTO_TEXT host = { 0 };
	AUTO_TEXT path = { 0 };
	const char *user;
	size_t len;

	if (!text_starts_nocase(s, scheme))
		return err_hint(e,
			err_set(e, MITOK_E_ARG, "the URL does not begin with https://"),
			"a token goes nowhere else");
	len = strcspn(rest, "/?#");
	user = memchr(rest, '@', len);
	if (user &&
		(memchr(rest, ':', (size_t)(user - rest)) ||
			strspn(rest, user_letters) != (size_t)(user - rest)))
		return err_hint(e,
			err_set(e, MITOK_E_ARG,
				"the URL has a password in it, or an odd user"),
			"leave out what stands before the @");
	if (user) {
		len -= (size_t)(user + 1 - rest);
		rest = user + 1;
	}
	text_add_bytes(&host, rest, len);
	if (!text_ok(&host) || !is_host(text_peek(&host)) ||
		!TEXT_COPY(ret->host, text_peek(&host)))
		return err_set(e, MITOK_E_ARG, "the URL has no sound host name");
	rest += len;
	if (strpbrk(rest, "?# \\\"'<>^`{|}") || !decode(rest + (*rest == '/'), &path) ||
		!TEXT_COPY(ret->path, text_peek(&path)) || !TEXT_COPY(ret->text, s))
		return err_set(e, MITOK_E_ARG,
			"the URL's path has a query, a blank or another character that "
			"does not belong there, or is too long");
	return MITOK_OK;
}
