/* Which identity a request means: selectors, names from /etc, pins.
 * SPDX-License-Identifier: MIT */
#include "core/identity.h"

#include <string.h>

#include "base/near.h"
#include "core/rule.h"
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

/* What is written of an identity: all ids are pins. */
static struct identity pinned(const struct conf_identity *row)
{
	return (struct identity){ .name = row->name,
		.client_id = row->client_id,
		.object_id = row->object_id,
		.resource_id = row->resource_id,
		.tenant_id = row->tenant_id };
}

/* A row of identities: its first id selects, all of them must be in the token. A federated
 * one may leave it to the platform who vouches. */
static struct identity from_row(const struct conf_identity *row)
{
	struct identity i = pinned(row);

	i.id = row->client_id    ? row->client_id
		: row->object_id ? row->object_id
				 : row->resource_id;
	i.kind = !i.id           ? IDENTITY_DEFAULT
		: row->client_id ? IDENTITY_CLIENT_ID
		: row->object_id ? IDENTITY_OBJECT_ID
				 : IDENTITY_RESOURCE_ID;
	i.app_id = row->federate_client_id;
	i.app_tenant_id = row->federate_tenant_id;
	return i;
}

/* An identity by its id. One that /etc knows is pinned as it is there, whatever it is
 * called by; but only its name makes it vouch for an application. */
static struct identity from_id(const struct conf *c, const struct selector *s)
{
	const struct conf_identity *row = c->identities;
	struct identity i = { .kind = kinds[s->kind].kind, .id = s->id }, known_as;

	for (; s->id && row; row = row->next) {
		const char *known = s->kind == SELECTOR_CLIENT_ID ? row->client_id
			: s->kind == SELECTOR_OBJECT_ID           ? row->object_id
								  : row->resource_id;

		if (!known || !text_equal_nocase(known, s->id))
			continue;
		known_as = pinned(row);
		known_as.kind = i.kind;
		known_as.id = i.id;
		return known_as;
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

enum mitok_code identity_choose(const struct conf *c, const char *option,
	const struct identity_use *use, struct identity *ret, struct mitok_err *e)
{
	const char *text = c->identity.text, *origin = c->identity.origin;
	const struct conf_rule *rule;
	struct identity found;
	enum mitok_code r = rule_find(c, use, &rule, e);

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

enum mitok_code identity_federate(struct identity *i, const char *app_id,
	const char *app_tenant_id, struct mitok_err *e)
{
	if (!app_id || !app_tenant_id)
		return err_hint(e,
			err_set(e, MITOK_E_ARG,
				"a federated application is named by its client id and "
				"its tenant, both"),
			"--federate APP-CLIENT-ID --tenant TENANT-ID");
	if (!text_is_guid(app_id))
		return err_set(e, MITOK_E_ARG,
			"the application '%s' is not a GUID: its client id", app_id);
	if (!text_is_guid(app_tenant_id))
		return err_hint(e,
			err_set(e, MITOK_E_ARG, "the tenant '%s' is not a GUID",
				app_tenant_id),
			"its domain's /v2.0/.well-known/openid-configuration at "
			"login.microsoftonline.com tells it");
	if (i->app_id)
		return err_hint(e,
			err_set(e, MITOK_E_ARG,
				"the identity '%s' (%s) is federated already", i->name,
				i->origin),
			"name the managed identity that is to vouch: --identity "
			"client-id:GUID");
	i->app_id = app_id;
	i->app_tenant_id = app_tenant_id;
	return MITOK_OK;
}

struct identity identity_voucher(const struct identity *i)
{
	struct identity voucher = *i;

	voucher.app_id = voucher.app_tenant_id = NULL;
	return voucher;
}

struct identity identity_proven(const struct identity *i)
{
	if (!i->app_id)
		return *i;
	return (struct identity){ .kind = IDENTITY_CLIENT_ID,
		.id = i->app_id,
		.name = i->name,
		.origin = i->origin,
		.client_id = i->app_id,
		.tenant_id = i->app_tenant_id };
}

/* One spelling for one GUID, whoever typed it. */
static void add_lower(struct text *t, const char *s)
{
	for (; *s; s++) {
		char c = text_lower(*s);

		text_add_bytes(t, &c, 1);
	}
}

void identity_format(const struct identity *i, struct text *ret)
{
	if (i->app_id) {
		text_add(ret, "federate:");
		add_lower(ret, i->app_id);
		text_add(ret, "@");
		add_lower(ret, i->app_tenant_id);
		text_add(ret, " by ");
	}
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		if (kinds[k].kind == i->kind)
			text_add(ret, kinds[k].word);
	if (!i->id)
		return;
	text_add(ret, ":");
	if (i->kind == IDENTITY_RESOURCE_ID)
		text_add(ret, i->id);
	else
		add_lower(ret, i->id);
}
