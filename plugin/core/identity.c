/* Which identity a request means: selectors, names from /etc, rules, pins.
 * SPDX-License-Identifier: MIT */
#include "core/identity.h"

#include <string.h>

#include "base/near.h"
#include "core/resource.h"
#include "io/conf_selector.h"

/* How conf's selectors are asked for, and which pin each of them is. */
static const struct {
	enum identity_kind kind;
	const char *word; /* of its text */
} kinds[] = {
	[SELECTOR_DEFAULT] = { IDENTITY_DEFAULT, "default" },
	[SELECTOR_SYSTEM] = { IDENTITY_SYSTEM, "system" },
	[SELECTOR_CLIENT_ID] = { IDENTITY_CLIENT_ID, "client-id" },
	[SELECTOR_OBJECT_ID] = { IDENTITY_OBJECT_ID, "object-id" },
	[SELECTOR_RESOURCE_ID] = { IDENTITY_RESOURCE_ID, "resource-id" },
};

static enum mitok_code unknown_name(
	const struct conf *c, const char *name, struct mitok_err *e)
{
	struct near n = { .typed = name };
	enum mitok_code r = err_set(e, MITOK_E_ARG, "no identity is called '%s'", name);
	AUTO_TEXT known = { 0 };

	for (const struct conf_identity *i = c->identities; i; i = i->next) {
		text_addf(&known, "%s%s", known.len ? ", " : "", i->name);
		near_try(&n, i->name);
	}
	if (!c->identities || !text_ok(&known))
		return err_hint(e, r,
			"write system, client-id:GUID, object-id:GUID or "
			"resource-id:/subscriptions/..., or define it in "
			"%s/mi-token.conf",
			CONF_DIR);
	if (n.best)
		return err_hint(
			e, r, "did you mean '%s'? known: %s", n.best, text_peek(&known));
	return err_hint(e, r, "known: %s", text_peek(&known));
}

/* A row of identities: its first id selects, all of them must be in the token. */
static struct identity from_row(const struct conf_identity *row)
{
	struct identity i = { .name = row->name,
		.client_id = row->client_id,
		.object_id = row->object_id,
		.resource_id = row->resource_id,
		.tenant_id = row->tenant_id };

	i.kind = row->client_id  ? IDENTITY_CLIENT_ID
		: row->object_id ? IDENTITY_OBJECT_ID
				 : IDENTITY_RESOURCE_ID;
	i.id = row->client_id    ? row->client_id
		: row->object_id ? row->object_id
				 : row->resource_id;
	return i;
}

/* An identity by its id. One that /etc knows is pinned as it is there, whatever it is
 * called by. */
static struct identity from_id(const struct conf *c, const struct selector *s)
{
	const struct conf_identity *row = c->identities;
	struct identity i = { .kind = kinds[s->kind].kind, .id = s->id };

	for (; s->id && row; row = row->next) {
		const char *known = s->kind == SELECTOR_CLIENT_ID ? row->client_id
			: s->kind == SELECTOR_OBJECT_ID           ? row->object_id
								  : row->resource_id;

		if (!known || !text_equal_nocase(known, s->id))
			continue;
		i.name = row->name;
		i.client_id = row->client_id;
		i.object_id = row->object_id;
		i.resource_id = row->resource_id;
		i.tenant_id = row->tenant_id;
		return i;
	}
	i.client_id = s->kind == SELECTOR_CLIENT_ID ? s->id : NULL;
	i.object_id = s->kind == SELECTOR_OBJECT_ID ? s->id : NULL;
	i.resource_id = s->kind == SELECTOR_RESOURCE_ID ? s->id : NULL;
	return i;
}

enum mitok_code identity_parse(
	const struct conf *c, const char *text, struct identity *ret, struct mitok_err *e)
{
	const struct conf_identity *row;
	struct selector s;
	const char *why = selector_parse(text, &s);

	if (why)
		return err_hint(e,
			err_set(e, MITOK_E_ARG, "the identity '%s' %s", text, why),
			"write system, client-id:GUID, object-id:GUID, "
			"resource-id:/subscriptions/... or a name from mi-token.conf");
	if (s.kind == SELECTOR_NAME) {
		row = conf_identity_find(c, s.id);
		if (!row)
			return unknown_name(c, s.id, e);
		*ret = from_row(row);
	} else {
		*ret = from_id(c, &s);
	}
	ret->origin = "--identity";
	return MITOK_OK;
}

/* Whether a rule is about a use. What cannot be decided must not be decided in favour of
 * whoever wrote the URL. */
enum match {
	MATCH_NO,
	MATCH_YES,
	MATCH_UNKNOWN_PATH,
	MATCH_UNCLEAR_PATH
};

/* The path as any server would understand it: decoded once, with one '/' in front. false
 * when two servers could understand it differently: escaped separators, double escapes,
 * empty segments, segments that end in '.' or a blank (".." among them), parameters. */
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
		ret[n++] = c;
	}
	ret[n] = '\0';
	return n > 0 && !strchr(". ", ret[n - 1]);
}

/* Whole segments, without case: to Azure DevOps /orgB and /ORGB are one. */
static enum match match_path(const char *rule, const char *path)
{
	char clean[1024] = "";
	size_t n = strlen(rule);

	if (!path || !*path)
		return MATCH_UNKNOWN_PATH;
	if (!read_path(path, clean, sizeof(clean)))
		return MATCH_UNCLEAR_PATH;
	n -= rule[n - 1] == '/';
	for (size_t i = 0; i < n; i++)
		if (text_lower(clean[i]) != text_lower(rule[i]))
			return MATCH_NO;
	return clean[n] == '\0' || clean[n] == '/' ? MATCH_YES : MATCH_NO;
}

/* A port and the root's dot do not make another host. */
static bool match_host(const char *rule, const char *host)
{
	size_t len = strcspn(host, ":"), n = strlen(rule);

	len -= len > 0 && host[len - 1] == '.';
	if (*rule == '.' ? len <= n : len != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (text_lower(host[len - n + i]) != text_lower(rule[i]))
			return false;
	return true;
}

static enum match match_rule(const struct conf_rule *rule, const struct identity_use *use)
{
	if (rule->resource &&
		(!use->resource || !resource_same(rule->resource, use->resource)))
		return MATCH_NO;
	if ((rule->host || rule->path) && !use->host)
		return MATCH_NO;
	if (rule->host && !match_host(rule->host, use->host))
		return MATCH_NO;
	return rule->path ? match_path(rule->path, use->path) : MATCH_YES;
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

/* The first rule that matches, or NULL in *ret. */
static enum mitok_code find_rule(const struct conf *c, const struct identity_use *use,
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

enum mitok_code identity_choose(const struct conf *c, const char *option,
	const struct identity_use *use, struct identity *ret, struct mitok_err *e)
{
	const char *text = c->identity.text, *origin = c->identity.origin;
	const struct conf_rule *rule;
	struct identity found;
	enum mitok_code r = find_rule(c, use, &rule, e);

	if (r)
		return r;
	if (option)
		return identity_parse(c, option, ret, e);
	if (c->env_identity.text) {
		text = c->env_identity.text;
		origin = c->env_identity.origin;
	} else if (rule) {
		text = rule->identity;
		origin = rule->origin;
	}
	r = identity_parse(c, text ? text : "default", &found, e);
	if (r) /* conf_defaults() has checked it */
		return err_within(e, MITOK_E_CONF, "%s", origin ? origin : "default");
	found.origin = origin ? origin : "default";
	*ret = found;
	return MITOK_OK;
}

void identity_format(const struct identity *i, struct text *ret)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		if (kinds[k].kind == i->kind)
			text_add(ret, kinds[k].word);
	if (!i->id)
		return;
	text_add(ret, ":");
	/* One spelling for one GUID, whoever typed it. */
	for (const char *p = i->id; *p; p++) {
		char c = *p;

		if (i->kind != IDENTITY_RESOURCE_ID)
			c = text_lower(c);

		text_add_bytes(ret, &c, 1);
	}
}
