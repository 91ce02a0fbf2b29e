/* What the URL of a target names.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "visit.h"

/* The path's segments, one after the other. */
static bool read_parts(struct place *p)
{
	size_t at = 0, len = strlen(p->path);

	memcpy(p->store, p->path, len + 1);
	p->is_folder = len > 1 && p->path[len - 1] == '/';
	while (at < len) {
		const char *part = p->store + ++at;

		at += strcspn(part, "/");
		p->store[at] = '\0';
		if (!*part)
			continue; /* a doubled slash, or the last one */
		if (p->parts == PLACE_PARTS || strcmp(part, ".") == 0 ||
			strcmp(part, "..") == 0)
			return false;
		p->part[p->parts++] = part;
	}
	return true;
}

static bool copy_part(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* Why nobody is asked at this host and port; NULL where somebody is: a token goes to https
 * alone, and nothing may look like another host. */
static const char *find_detour(const char *at, size_t len)
{
	const char *colon = memchr(at, ':', len);
	size_t port = colon ? (size_t)(at + len - colon) : 0;

	if (memchr(at, '@', len))
		return "it has a user";
	return port <= 1 || (port == 4 && memcmp(colon, ":443", 4) == 0)
		? NULL
		: "its port is not 443";
}

static bool read_host(const char *at, size_t len, struct place *p)
{
	const char *colon = memchr(at, ':', len);

	if (colon)
		len = (size_t)(colon - at);
	len -= len > 1 && at[len - 1] == '.';
	if (!copy_part(p->host, sizeof(p->host), at, len))
		return false;
	for (char *c = p->host; *c; c++)
		*c = text_lower(*c);
	return copy_part(p->name, sizeof(p->name), p->host, strcspn(p->host, "."));
}

enum mitok_code place_read(const char *url, struct place *ret, struct mitok_err *e)
{
	const char *at = url + strlen("https://"), *query;
	size_t len = strcspn(at, "/?#"), path_len;
	const char *why = find_detour(at, len);
	bool good;

	*ret = (struct place){ .path = "/" };
	if (why)
		return err_set(e, MITOK_E_ARG, "the URL is refused: %s", why);
	if (!read_host(at, len, ret))
		return err_set(e, MITOK_E_ARG, "the host of the URL is too long");
	at += len;
	path_len = strcspn(at, "?#");
	query = at[path_len] == '?' ? at + path_len + 1 : "";
	good = copy_part(ret->query, sizeof(ret->query), query, strcspn(query, "#"));
	if (path_len)
		good = copy_part(ret->path, sizeof(ret->path), at, path_len) && good;
	if (!good)
		return err_set(e, MITOK_E_ARG, "the path of the URL is too long");
	if (!read_parts(ret))
		return err_set(e, MITOK_E_ARG,
			"the URL has more than %d segments, or dots among them",
			PLACE_PARTS);
	return MITOK_OK;
}

const char *place_part(const struct place *p, unsigned n)
{
	return n < p->parts ? p->part[n] : "";
}

void place_add(const struct place *p, unsigned from, unsigned to, struct text *ret)
{
	for (unsigned i = from; i < to && i < p->parts; i++)
		text_addf(ret, "/%s", p->part[i]);
}

bool place_is_plain(const char *name)
{
	for (const char *p = name; *p; p++) {
		char c = text_lower(*p);

		if (!text_is_digit(c) && !(c >= 'a' && c <= 'z') && !strchr("._$-", c))
			return false;
	}
	return *name;
}
