/* The keys of mi-token.conf: one table, which the parser, the printer and the environment
 * walk.
 * SPDX-License-Identifier: MIT */
#include "io/conf_key.h"

#include <stdlib.h>
#include <string.h>

#include "io/conf_selector.h"

static const char *wrong_selector(const char *text)
{
	struct selector s;

	return selector_parse(text, &s);
}

/* Letters only: the sources are a layer above, where the name is looked up. */
static const char *wrong_source(const char *text)
{
	for (;; text++) {
		size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

		if (len == 0 || len >= 24)
			break;
		text += len;
		if (!*text)
			return NULL;
		if (*text != ',')
			break;
	}
	return "is no name of a source (mi-token sources)";
}

static const char *wrong_cloud(const char *text)
{
	static const char *const known[] = { "auto", "public", "usgov", "china" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(text, known[i]) == 0)
			return NULL;
	return "is not one of 'auto', 'public', 'usgov' and 'china'";
}

static const char *wrong_timeout(const char *text)
{
	int64_t ms;

	return text_to_ms(text, &ms) ? NULL : "is no time like '250ms', '5s' or '2m'";
}

static const char *wrong_switch(const char *text)
{
	return strcmp(text, "true") == 0 || strcmp(text, "false") == 0
		? NULL
		: "is neither true nor false";
}

const char *conf_wrong_host(const char *text)
{
	size_t len = strlen(text);

	for (const char *p = text; *p; p++) {
		char c = text_lower(*p);

		if (!(c >= 'a' && c <= 'z') && !text_is_digit(c) && !strchr("-._:", c))
			return "is no name of a host (no scheme, port or path)";
		if (*p == '.' && (p[1] == '.' || p == text))
			return "is no name of a host (it has an empty part)";
	}
	return len > 0 && len < 254 && text[len - 1] != '.' ? NULL
							    : "is no name of a host";
}

const char *conf_wrong_key(const char *text)
{
	return conf_key_find(text) ? NULL : "is no key";
}

/* A name, or ".name" for all below it; an address makes no sense in a rule. */
static const char *wrong_rule_host(const char *text)
{
	if (strchr(text, '*'))
		return "has a '*' ('.example.com' is all below example.com)";
	if (strchr(text, ':'))
		return "has a ':' (rules match a host on any port)";
	return conf_wrong_host(text + (*text == '.'));
}

/* Matched against a decoded path, so it must be one that means itself. */
static const char *wrong_rule_path(const char *text)
{
	if (*text != '/')
		return "does not begin with '/'";
	if (strpbrk(text, "%\\?#;"))
		return "has one of the characters % \\ ? # ;";
	for (const char *p = text; *p; p++) {
		if (*p == '/' && p[1] == '/')
			return "has an empty segment";
		if (strchr(". ", *p) && (p[1] == '/' || p[1] == '\0'))
			return "has a segment that ends in '.' or a blank";
	}
	return NULL;
}

/* An alias would never match, and a deny that never matches is a trap. */
static const char *wrong_rule_resource(const char *text)
{
	if (strchr(text, ' '))
		return "has a blank";
	return text_is_guid(text) || strchr(text, ':') ? NULL
						       : "is neither a URI nor a GUID";
}

#define AT(member) offsetof(struct conf, member)

// clang-format off
const struct conf_key conf_keys[] = {
	{ "identity", NULL, CONF_TEXT, false, AT(identity), "default", "MI_TOKEN_IDENTITY",
	  AT(env_identity), wrong_selector,
	  "the identity where no rule matches: a selector or a name of identities" },
	{ "source", NULL, CONF_NAMES, false, AT(source), "auto", "MI_TOKEN_SOURCE",
	  AT(source), wrong_source,
	  "where tokens come from: auto, one that 'mi-token sources' lists, or a list of them" },
	{ "cloud", NULL, CONF_TEXT, false, AT(cloud), "auto", "MI_TOKEN_CLOUD",
	  AT(cloud), wrong_cloud,
	  "the Azure cloud that aliases mean: auto, public, usgov or china" },
	{ "timeout", NULL, CONF_TEXT, false, AT(timeout), "5s", "MI_TOKEN_TIMEOUT",
	  AT(timeout), wrong_timeout,
	  "the longest time that getting a token may take, with its unit" },
	{ "audit", NULL, CONF_SWITCH, false, AT(audit), "false", NULL, 0, wrong_switch,
	  "true: a line in the system's log for each time that a source is asked" },
	{ "endpoints.allow_hosts", "endpoints", CONF_HOSTS, true, 0, NULL, NULL, 0,
	  conf_wrong_host,
	  "hosts beyond loopback and link-local that an endpoint variable may name" },
	{ "identities", NULL, CONF_IDENTITIES, false, 0, NULL, NULL, 0, NULL,
	  "names for identities; NAME = { client_id, object_id, resource_id, tenant_id, federate; }" },
	{ "rules", NULL, CONF_RULES, false, 0, NULL, NULL, 0, NULL,
	  "a list of { host, path, resource; and identity or deny = true; }, first match wins" },
	{ "final", NULL, CONF_FINAL, true, 0, NULL, NULL, 0, NULL,
	  "keys that no user's file and no variable may change" },
	{ .name = NULL },
};

const struct conf_member conf_identity_members[] = {
	{ "client_id",   offsetof(struct conf_identity, client_id),   selector_wrong_guid, NULL },
	{ "object_id",   offsetof(struct conf_identity, object_id),   selector_wrong_guid, NULL },
	{ "resource_id", offsetof(struct conf_identity, resource_id), selector_wrong_resource_id, NULL },
	{ "tenant_id",   offsetof(struct conf_identity, tenant_id),   selector_wrong_guid, NULL },
	{ "federate.client_id", offsetof(struct conf_identity, federate_client_id),
	  selector_wrong_guid, "federate" },
	{ "federate.tenant_id", offsetof(struct conf_identity, federate_tenant_id),
	  selector_wrong_guid, "federate" },
	{ .name = NULL },
};

const struct conf_member conf_rule_members[] = {
	{ "host",     offsetof(struct conf_rule, host),     wrong_rule_host, NULL },
	{ "path",     offsetof(struct conf_rule, path),     wrong_rule_path, NULL },
	{ "resource", offsetof(struct conf_rule, resource), wrong_rule_resource, NULL },
	{ "identity", offsetof(struct conf_rule, identity), wrong_selector, NULL },
	{ .name = NULL },
};
// clang-format on

const char *conf_member_name(const struct conf_member *m)
{
	return m->group ? m->name + strlen(m->group) + 1 : m->name;
}

const struct conf_key *conf_key_find(const char *name)
{
	for (const struct conf_key *k = conf_keys; k->name; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

bool conf_key_is_value(const struct conf_key *k)
{
	return k->kind == CONF_TEXT || k->kind == CONF_SWITCH || k->kind == CONF_NAMES;
}

bool conf_value_set(struct conf_value *v, const char *text, const char *origin)
{
	AUTO_FREE char *a = conf_copy(text);
	AUTO_FREE char *b = conf_copy(origin);

	if (!a || !b)
		return false;
	free(v->text);
	free(v->origin);
	v->text = a;
	v->origin = b;
	a = b = NULL;
	return true;
}

struct conf_value *conf_value_at(struct conf *c, size_t place)
{
	return (void *)((char *)c + place);
}

const struct conf_value *conf_value_peek(const struct conf *c, size_t place)
{
	return (const void *)((const char *)c + place);
}

char **conf_text_at(void *row, size_t place)
{
	return (void *)((char *)row + place);
}

const char *conf_text_peek(const void *row, size_t place)
{
	char *const *text = (const void *)((const char *)row + place);

	return *text;
}
