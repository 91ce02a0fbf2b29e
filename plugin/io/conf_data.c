/* What the configuration is made of: made, found by name, and released.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "io/conf_key.h"

char *conf_copy(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

char **conf_list_new(size_t count)
{
	return calloc(count + 1, sizeof(char *));
}

struct conf_identity *conf_identity_new(void)
{
	return calloc(1, sizeof(struct conf_identity));
}

const char *conf_identity_wrong(const struct conf_identity *i)
{
	if (!i->federate_client_id != !i->federate_tenant_id)
		return "has only one of federate.client_id and federate.tenant_id";
	if (!i->client_id && !i->object_id && !i->resource_id && !i->federate_client_id)
		return "has no client_id, object_id or resource_id";
	return NULL;
}

struct conf_rule *conf_rule_new(void)
{
	return calloc(1, sizeof(struct conf_rule));
}

struct conf_final *conf_final_new(void)
{
	return calloc(1, sizeof(struct conf_final));
}

void conf_identity_free(struct conf_identity *i)
{
	if (!i)
		return;
	for (const struct conf_member *m = conf_identity_members; m->name; m++)
		free(*conf_text_at(i, m->place));
	free(i->name);
	free(i->origin);
	free(i);
}

void conf_rule_free(struct conf_rule *r)
{
	if (!r)
		return;
	for (const struct conf_member *m = conf_rule_members; m->name; m++)
		free(*conf_text_at(r, m->place));
	free(r->origin);
	free(r);
}

void conf_final_free(struct conf_final *f)
{
	if (!f)
		return;
	free(f->key);
	free(f->origin);
	free(f);
}

static void value_free(struct conf_value *v)
{
	free(v->text);
	free(v->origin);
	*v = (struct conf_value){ 0 };
}

void conf_wipe(struct conf *c)
{
	void *next;

	for (const struct conf_key *k = conf_keys; k->name; k++) {
		if (!conf_key_is_value(k))
			continue;
		value_free(conf_value_at(c, k->place));
		if (k->env)
			value_free(conf_value_at(c, k->env_place));
	}
	for (char **host = c->allow_hosts; host && *host; host++)
		free(*host);
	free(c->allow_hosts);
	free(c->allow_hosts_origin);
	for (struct conf_identity *i = c->identities; i; i = next) {
		next = i->next;
		conf_identity_free(i);
	}
	for (struct conf_rule *r = c->rules; r; r = next) {
		next = r->next;
		conf_rule_free(r);
	}
	for (struct conf_final *f = c->finals; f; f = next) {
		next = f->next;
		conf_final_free(f);
	}
	*c = (struct conf){ 0 };
}

const char *conf_final(const struct conf *c, const char *key)
{
	for (const struct conf_final *f = c->finals; f; f = f->next)
		if (strcmp(f->key, key) == 0)
			return f->origin;
	return NULL;
}

const struct conf_identity *conf_identity_find(const struct conf *c, const char *name)
{
	for (const struct conf_identity *i = c->identities; i; i = i->next)
		if (strcmp(i->name, name) == 0)
			return i;
	return NULL;
}
