/* The rules of the configuration: which one is about a use of a token.
 * SPDX-License-Identifier: MIT */
#include "core/rule.h"

#include <stdio.h>
#include <string.h>

#include "core/resource.h"

/* Whether a rule is about a use. What cannot be decided must not be decided in favour of
 * whoever wrote the URL. */
enum match {
	MATCH_NO, /* the better, the greater */
	MATCH_UNKNOWN_PATH,
	MATCH_UNCLEAR_PATH,
	MATCH_YES
};

/* A host and a path in the one spelling that is compared. */
struct place {
	char host[256];
	char path[1024]; /* no '/' at the end; "" is all of the host */
	bool below;      /* host is what names end in, with its dot */
	bool open;       /* the path goes on, and nobody knows how, */
	bool unclear;    /* because servers may read it differently */
};

/* Names for one organisation's part of a service (Microsoft Learn, "Allowed domain names
 * and IP addresses for Azure DevOps"): ORG<suffix>/x is <host>/ORG/x. */
static const struct {
	const char *suffix, *host;
} names[] = {
	{ ".visualstudio.com", "dev.azure.com" },
	{ ".pkgs.visualstudio.com", "pkgs.dev.azure.com" },
};
#define NAMES (sizeof(names) / sizeof(*names))
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

/* As it was written. What does not fit is unclear. */
static struct place place_read(const char *host, const char *path)
{
	struct place p = { .below = *host == '.', .open = true };

	if (!read_host(host, p.host, sizeof(p.host)))
		p.host[0] = '\0';
	if (!path || !*path)
		return p;
	p.open = p.unclear = !read_path(path, p.path, sizeof(p.path));
	if (p.unclear)
		p.path[0] = '\0';
	return p;
}

/* By the usual name of its organisation, where it has another. */
static struct place place_usual(const struct place *p)
{
	const char *label = strchr(p->host, '.'), *rest = p->path;
	struct place q = *p;
	int len;

	for (size_t i = 0; label && i < NAMES; i++) {
		if (label == p->host || strcmp(label, names[i].suffix) != 0)
			continue;
		if (has_prefix(rest, collection))
			rest += sizeof(collection) - 1;
		len = snprintf(q.path, sizeof(q.path), "/%.*s%s", (int)(label - p->host),
			p->host, rest);
		if (len >= (int)sizeof(q.path))
			q.unclear = q.open = true;
		(void)!TEXT_COPY(q.host, names[i].host);
		break;
	}
	return q;
}

static bool is_devops(const char *host)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strcmp(names[i].host, host) == 0)
			return true;
	return false;
}

/* The path from the project on, where it is one of an organisation of Azure DevOps. */
static char *project_of(struct place *p)
{
	return p->path[0] && is_devops(p->host) ? strchr(p->path + 1, '/') : NULL;
}

/* /ORG/_git/R is the repository R of the project R. */
static void name_project(struct place *p)
{
	static const char git[] = "/_git/";
	char rest[sizeof(p->path)], *project = project_of(p);
	size_t room, len;

	if (!project || !text_starts(project, git))
		return;
	(void)!TEXT_COPY(rest, project);
	room = sizeof(p->path) - (size_t)(project - p->path);
	len = strcspn(rest + strlen(git), "/");
	if (snprintf(project, room, "/%.*s%s", (int)len, rest + strlen(git), rest) >=
		(int)room)
		p->unclear = p->open = true;
}

/* A project has more names than a rule can know: its GUID, and letters beyond ASCII in
 * either case. What is behind the organisation is not clear then. */
static void doubt_project(struct place *p)
{
	char name[sizeof(p->path)], *project = project_of(p);
	bool odd = false;

	if (!project)
		return;
	(void)!TEXT_COPY(name, project + 1);
	name[strcspn(name, "/")] = '\0';
	for (const char *c = name; *c; c++)
		odd = odd || (unsigned char)*c > '~';
	if (!odd && !text_is_guid(name))
		return;
	*project = '\0';
	p->open = p->unclear = true;
}

/* The other way round; an organisation that is not known is no name's first label. */
static struct place place_old(const struct place *p)
{
	const char *org = p->path[0] ? p->path + 1 : "?";
	size_t len = strcspn(org, "/");
	struct place q = *p;

	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(p->host, names[i].host) != 0)
			continue;
		(void)snprintf(
			q.host, sizeof(q.host), "%.*s%s", (int)len, org, names[i].suffix);
		(void)!TEXT_COPY(q.path, p->path[0] ? org + len : "");
		break;
	}
	return q;
}

static bool match_host(const struct place *rule, const struct place *use)
{
	if (!rule->host[0] || !rule->below)
		return !rule->host[0] || strcmp(rule->host, use->host) == 0;
	return strlen(use->host) > strlen(rule->host) &&
		text_ends_nocase(use->host, rule->host);
}

static enum match match_place(const struct place *rule, const struct place *use)
{
	if (!match_host(rule, use))
		return MATCH_NO;
	if (has_prefix(use->path, rule->path))
		return MATCH_YES;
	if (!use->open || !has_prefix(rule->path, use->path))
		return MATCH_NO;
	return use->unclear ? MATCH_UNCLEAR_PATH : MATCH_UNKNOWN_PATH;
}

static enum match better(enum match a, enum match b)
{
	return a > b ? a : b;
}

/* By what was written, or by other names of what was written: whatever fits best. */
static enum match match_either(
	const struct conf_rule *rule, const struct identity_use *use)
{
	const struct place want = place_read(rule->host ? rule->host : "", rule->path);
	const struct place have = place_read(use->host, use->path);
	struct place usual_want = place_usual(&want), usual = place_usual(&have);
	struct place old;
	enum match best = MATCH_NO;

	name_project(&usual_want);
	name_project(&usual);
	doubt_project(&usual);
	old = place_old(&usual);
	best = better(best, match_place(&want, &have));
	best = better(best, match_place(&want, &usual));
	best = better(best, match_place(&want, &old));
	return better(best, match_place(&usual_want, &usual));
}

static enum match match_rule(const struct conf_rule *rule, const struct identity_use *use)
{
	if (rule->resource &&
		(!use->resource || !resource_same(rule->resource, use->resource)))
		return MATCH_NO;
	if (!rule->host && !rule->path)
		return MATCH_YES;
	return use->host ? match_either(rule, use) : MATCH_NO;
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

bool rule_grants(const struct conf *c, const struct identity_use *use)
{
	for (const struct conf_rule *rule = c->rules; rule; rule = rule->next)
		if (rule->root && !rule->deny && rule->host &&
			(!rule->resource ||
				(use->resource &&
					resource_same(rule->resource, use->resource))) &&
			match_either(rule, use) != MATCH_NO)
			return true;
	return false;
}
