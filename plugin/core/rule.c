/* The rules of the configuration: which one is about a use of a token.
 * SPDX-License-Identifier: MIT */
#include "core/rule.h"

#include <stdio.h>
#include <string.h>

#include "core/resource.h"

/* Whether a rule is about a use. What cannot be decided must not be decided in favour of
 * whoever wrote the URL. */
enum match {
	MATCH_NO,
	MATCH_YES,
	MATCH_UNKNOWN_PATH,
	MATCH_UNCLEAR_PATH
};

/* A host and a path, each in the one spelling that is compared. */
struct place {
	char host[256];
	char path[1024]; /* no '/' at the end; "" is all of the host */
	bool open;       /* the path goes on, and nobody knows how */
};

/* Names for one organisation's part of a service (Microsoft Learn, "Allowed domain names
 * and IP addresses for Azure DevOps"): ORG<suffix>/x is <host>/ORG/x. */
static const struct {
	const char *suffix, *host;
} names[] = {
	{ ".visualstudio.com", "dev.azure.com" },
	{ ".pkgs.visualstudio.com", "pkgs.dev.azure.com" },
};
/* What may stand in front of the path there, and means nothing. */
static const char collection[] = "/defaultcollection";

/* The path as any server would understand it: decoded once, in lower case, with one '/' in
 * front and none at the end. false when two servers could understand it differently:
 * escaped separators, double escapes, empty segments, segments that end in '.' or a blank
 * (".." among them), parameters. */
static bool read_path(const char *path, char *ret, size_t size)
{
	size_t n = 0;

	if (*path != '/')
		ret[n++] = '/';
	for (; *path; path++) {
		char c = *path;

		if (c == '%') {
			int high = text_hex_digit(path[1]),
			    low = high < 0 ? -1 : text_hex_digit(path[2]);

			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			path += 2;
			if (c == '/')
				return false;
		}
		if (strchr("\\%?#;\x7f", c) || (unsigned char)c < ' ' || n + 1 >= size)
			return false;
		if (c == '/' && n > 0 && strchr("/. ", ret[n - 1]))
			return false;
		ret[n++] = text_lower(c);
	}
	if (strchr(". ", ret[n - 1]))
		return false;
	n -= ret[n - 1] == '/';
	ret[n] = '\0';
	return true;
}

/* In lower case; a port and the root's dot do not make another host. */
static bool read_host(const char *host, char *ret, size_t size)
{
	size_t len = strcspn(host, ":");

	len -= len > 0 && host[len - 1] == '.';
	if (len >= size)
		return false;
	for (size_t i = 0; i < len; i++)
		ret[i] = text_lower(host[i]);
	ret[len] = '\0';
	return true;
}

/* Whether what begins with a segment `prefix` begins with all of it. */
static bool has_prefix(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(path, prefix, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* Another name of an organisation becomes the usual one. false: no room. */
static bool use_one_name(struct place *p)
{
	char path[sizeof(p->path)];
	const char *label = strchr(p->host, '.'), *rest = p->path;
	int len;

	for (size_t i = 0; label && i < sizeof(names) / sizeof(*names); i++) {
		if (label == p->host || strcmp(label, names[i].suffix) != 0)
			continue;
		if (has_prefix(rest, collection))
			rest += sizeof(collection) - 1;
		len = snprintf(path, sizeof(path), "/%.*s%s", (int)(label - p->host),
			p->host, rest);
		return len < (int)sizeof(path) && TEXT_COPY(p->path, path) &&
			TEXT_COPY(p->host, names[i].host);
	}
	return true;
}

/* Where a rule or a use points to. false: it is not clear. */
static bool read_place(const char *host, const char *path, struct place *ret)
{
	*ret = (struct place){ .open = !path || !*path };
	return read_host(host, ret->host, sizeof(ret->host)) &&
		(ret->open || read_path(path, ret->path, sizeof(ret->path))) &&
		use_one_name(ret);
}

/* Whether a rule's host is this one, by the name that the use has; ".example.org" is all
 * below it, NULL any. */
static bool is_host(const char *rule, const char *host)
{
	char want[256], have[256];

	if (!rule)
		return true;
	if (!read_host(rule, want, sizeof(want)) || !read_host(host, have, sizeof(have)))
		return false;
	if (*rule == '.')
		return strlen(have) > strlen(want) && text_ends_nocase(have, want);
	return strcmp(want, have) == 0;
}

/* Whole segments. */
static enum match match_path(const struct place *rule, const struct place *use)
{
	if (has_prefix(use->path, rule->path))
		return MATCH_YES;
	return use->open && has_prefix(rule->path, use->path) ? MATCH_UNKNOWN_PATH
							      : MATCH_NO;
}

static enum match match_place(
	const struct conf_rule *rule, const struct identity_use *use)
{
	bool same = is_host(rule->host, use->host);
	struct place want, have;

	if (same && !rule->path)
		return MATCH_YES;
	if (!read_place(same ? use->host : rule->host, rule->path, &want) ||
		!read_place(use->host, NULL, &have) || strcmp(want.host, have.host) != 0)
		return MATCH_NO;
	if (!want.path[0])
		return MATCH_YES;
	if (read_place(use->host, use->path, &have))
		return match_path(&want, &have);
	/* The host's name may decide it all the same. */
	if (!read_place(use->host, NULL, &have))
		return MATCH_UNCLEAR_PATH;
	return match_path(&want, &have) == MATCH_NO ? MATCH_NO : MATCH_UNCLEAR_PATH;
}

static enum match match_rule(const struct conf_rule *rule, const struct identity_use *use)
{
	if (rule->resource &&
		(!use->resource || !resource_same(rule->resource, use->resource)))
		return MATCH_NO;
	if (!rule->host && !rule->path)
		return MATCH_YES;
	return use->host ? match_place(rule, use) : MATCH_NO;
}

static enum mitok_code refuse(const struct conf_rule *rule, enum match match,
	const struct identity_use *use, struct mitok_err *e)
{
	const char *path = use->path ? use->path : "";
	enum mitok_code r = MITOK_E_DENIED;

	if (match == MATCH_UNKNOWN_PATH)
		return err_hint(e,
			err_set(e, r,
				"no token for host '%s': the rule at %s looks at the "
				"path, "
				"which is not known",
				use->host, rule->origin),
			"for git: git config --global credential.https://%s.useHttpPath "
			"true",
			use->host);
	if (match == MATCH_UNCLEAR_PATH)
		return err_hint(e,
			err_set(e, r,
				"no token for host '%s': whether the rule at %s means "
				"the "
				"path '%s' is not clear",
				use->host, rule->origin, path),
			"write the path without escapes for separators, dot segments and "
			"empty segments");
	if (use->host)
		return err_hint(e,
			err_set(e, r,
				"no token for host '%s', path '%s': denied by the rule "
				"at %s",
				use->host, path, rule->origin),
			"the administrator of this machine decides about it");
	return err_hint(e,
		err_set(e, r, "no token for '%s': denied by the rule at %s",
			use->resource ? use->resource : "", rule->origin),
		"the administrator of this machine decides about it");
}

enum mitok_code rule_find(const struct conf *c, const struct identity_use *use,
	const struct conf_rule **ret, struct mitok_err *e)
{
	*ret = NULL;
	for (const struct conf_rule *rule = c->rules; rule && use; rule = rule->next) {
		enum match match = match_rule(rule, use);

		if (match == MATCH_NO)
			continue;
		if (match != MATCH_YES || rule->deny)
			return refuse(rule, match, use, e);
		*ret = rule;
		return MITOK_OK;
	}
	return MITOK_OK;
}

bool rule_grants(const struct conf *c, const char *host)
{
	struct place want, have;

	if (!read_place(host, NULL, &have))
		return false;
	for (const struct conf_rule *rule = c->rules; rule; rule = rule->next) {
		if (!rule->root || rule->deny || !rule->host)
			continue;
		if (is_host(rule->host, host) ||
			(read_place(rule->host, NULL, &want) &&
				strcmp(want.host, have.host) == 0))
			return true;
	}
	return false;
}
