/* Where a URL of curl's command line leads, as far as that is beyond doubt.
 * SPDX-License-Identifier: MIT */
#include "url.h"

#include <string.h>

#include "base/text.h"

static const char letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

/* What names a place of its own: curl guesses http for it (curl(1), "URL"). */
static const char *skip_scheme(const char *url, bool *is_https)
{
	static const char secure[] = "https://", plain[] = "http://";

	*is_https = text_starts_nocase(url, secure);
	if (*is_https)
		return url + strlen(secure);
	if (text_starts_nocase(url, plain))
		return url + strlen(plain);
	return strstr(url, "://") ? NULL : url;
}

static bool read_authority(const char *s, size_t len, struct place *ret)
{
	size_t host = strspn(s, letters);
	int64_t port;

	if (!len || len >= sizeof(ret->authority))
		return false;
	for (size_t i = 0; i < len; i++)
		ret->authority[i] = text_lower(s[i]);
	ret->authority[len] = '\0';
	if (host == 0 || host > len || host >= sizeof(ret->host) || s[host - 1] == '.')
		return false;
	memcpy(ret->host, ret->authority, host);
	ret->host[host] = '\0';
	return host == len ||
		(s[host] == ':' &&
			text_to_number(ret->authority + host + 1, 1, 65535, &port));
}

/* A shared access signature (Microsoft Learn, "Create a service SAS") goes with no token. */
static bool has_signature(const char *rest)
{
	const char *query = strchr(rest, '?');

	for (; query; query = strchr(query + 1, '&'))
		if (text_starts_nocase(query + 1, "sig="))
			return true;
	return false;
}

bool url_read(const char *url, struct place *ret)
{
	struct place p = { .is_https = false };
	const char *at = skip_scheme(url, &p.is_https), *rest;
	size_t len;

	if (!at)
		return false;
	for (const char *c = url; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '\\')
			return false;
	len = strcspn(at, "/?#");
	rest = at + len;
	/* Behind '?' and '#' some versions of curl's take it for the end of a user. */
	if (*rest != '/' && strchr(rest, '@'))
		return false;
	p.is_own = memchr(at, '@', len) || has_signature(rest);
	if (!p.is_own && !read_authority(at, len, &p))
		return false;
	len = *rest == '/' ? strcspn(rest, "?#") : 0;
	if (len >= sizeof(p.path))
		return false;
	memcpy(p.path, len ? rest : "/", len ? len : 1);
	*ret = p;
	return true;
}
