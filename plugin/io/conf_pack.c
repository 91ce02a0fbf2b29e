/* The parsed configuration as bytes, so that another process need not parse it again.
 *
 * A sequence of texts, each ended by NUL: "+text", or "-" for none. They come in the order
 * of conf_keys; a list goes on until "-" stands where its next element would begin.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <stdlib.h>
#include <string.h>

#include "io/conf_key.h"
#include "io/conf_selector.h"

static void put(struct text *t, const char *s)
{
	text_add(t, s ? "+" : "-");
	text_add_bytes(t, s ? s : "", (s ? strlen(s) : 0) + 1);
}

static void put_members(struct text *t, const struct conf_member *m, const void *row)
{
	for (; m->name; m++)
		put(t, conf_text_peek(row, m->place));
}

static void put_text(struct text *t, const struct conf *c, const struct conf_key *k)
{
	const struct conf_value *v = conf_value_peek(c, k->place);

	put(t, v->text);
	put(t, v->origin);
}

static void put_hosts(struct text *t, const struct conf *c, const struct conf_key *k)
{
	(void)k;
	put(t, c->allow_hosts_origin);
	if (!c->allow_hosts_origin)
		return;
	for (char **host = c->allow_hosts; *host; host++)
		put(t, *host);
	put(t, NULL);
}

static void put_identities(struct text *t, const struct conf *c, const struct conf_key *k)
{
	(void)k;
	for (const struct conf_identity *i = c->identities; i; i = i->next) {
		put(t, i->name);
		put(t, i->origin);
		put_members(t, conf_identity_members, i);
	}
	put(t, NULL);
}

static void put_rules(struct text *t, const struct conf *c, const struct conf_key *k)
{
	(void)k;
	for (const struct conf_rule *r = c->rules; r; r = r->next) {
		put(t, r->origin);
		put(t, r->root ? "" : NULL);
		put_members(t, conf_rule_members, r);
	}
	put(t, NULL);
}

static void put_finals(struct text *t, const struct conf *c, const struct conf_key *k)
{
	(void)k;
	for (const struct conf_final *f = c->finals; f; f = f->next) {
		put(t, f->key);
		put(t, f->origin);
	}
	put(t, NULL);
}

/* What is left to be taken; odd: it is not ours, and nothing more comes. */
struct rest {
	const char *at, *end; /* NUL stands at the end, too */
	bool odd;
};

/* The next text, lent, or NULL for none. */
static const char *take(struct rest *r)
{
	const char *s = r->at;
	size_t len = strlen(s);

	if (r->odd || s + len >= r->end || (*s != '+' && (*s != '-' || len != 1))) {
		r->odd = true;
		return NULL;
	}
	r->at = s + len + 1;
	return *s == '+' ? s + 1 : NULL;
}

static char *take_origin(struct rest *r)
{
	const char *s = take(r);
	char *copy = s ? conf_copy(s) : NULL;

	if (s && (!*s || !copy))
		r->odd = true;
	return copy;
}

/* A text that the parser would have let pass. */
static char *take_text(struct rest *r, const char *(*wrong)(const char *))
{
	const char *s = take(r);
	char *copy;

	if (!s)
		return NULL;
	if (!*s || strlen(s) > CONF_TEXT_LIMIT || text_has_control(s) || wrong(s)) {
		r->odd = true;
		return NULL;
	}
	copy = conf_copy(s);
	if (!copy)
		r->odd = true;
	return copy;
}

static void take_members(struct rest *r, const struct conf_member *m, void *row)
{
	for (; m->name; m++)
		*conf_text_at(row, m->place) = take_text(r, m->wrong);
}

static void take_value(struct rest *r, struct conf *c, const struct conf_key *k)
{
	struct conf_value *v = conf_value_at(c, k->place);

	v->text = take_text(r, k->wrong);
	v->origin = take_origin(r);
	if (!v->text != !v->origin)
		r->odd = true;
}

static void take_hosts(struct rest *r, struct conf *c, const struct conf_key *k)
{
	struct rest ahead;
	size_t count = 0;

	c->allow_hosts_origin = take_origin(r);
	if (!c->allow_hosts_origin)
		return;
	for (ahead = *r; take(&ahead);)
		count++;
	c->allow_hosts = conf_list_new(count);
	if (!c->allow_hosts)
		r->odd = true;
	for (size_t i = 0; i < count && !r->odd; i++)
		c->allow_hosts[i] = take_text(r, k->wrong);
	if (take(r))
		r->odd = true;
}

static void take_identities(struct rest *r, struct conf *c, const struct conf_key *k)
{
	struct conf_identity **at = &c->identities;
	char *name;

	(void)k;
	while ((name = take_text(r, selector_wrong_name))) {
		bool again = conf_identity_find(c, name);
		struct conf_identity *i = *at = conf_identity_new();

		if (!i) {
			free(name);
			r->odd = true;
			return;
		}
		at = &i->next;
		i->name = name;
		i->origin = take_origin(r);
		take_members(r, conf_identity_members, i);
		if (again || !i->origin || conf_identity_wrong(i))
			r->odd = true;
	}
}

static void take_rules(struct rest *r, struct conf *c, const struct conf_key *k)
{
	struct conf_rule **at = &c->rules;
	const char *root;
	char *origin;

	(void)k;
	while ((origin = take_origin(r))) {
		struct conf_rule *rule = *at = conf_rule_new();

		if (!rule) {
			free(origin);
			r->odd = true;
			return;
		}
		at = &rule->next;
		rule->origin = origin;
		root = take(r);
		rule->root = root != NULL;
		take_members(r, conf_rule_members, rule);
		/* A rule has either. */
		rule->deny = !rule->identity;
		if ((!rule->host && !rule->path && !rule->resource) || (root && *root))
			r->odd = true;
	}
}

static void take_finals(struct rest *r, struct conf *c, const struct conf_key *k)
{
	struct conf_final **at = &c->finals;
	char *key;

	(void)k;
	while ((key = take_text(r, conf_wrong_key))) {
		bool again = conf_final(c, key);
		struct conf_final *f = *at = conf_final_new();

		if (!f) {
			free(key);
			r->odd = true;
			return;
		}
		at = &f->next;
		f->key = key;
		f->origin = take_origin(r);
		if (again || !f->origin)
			r->odd = true;
	}
}

static const struct {
	void (*put)(struct text *t, const struct conf *c, const struct conf_key *k);
	void (*take)(struct rest *r, struct conf *c, const struct conf_key *k);
} kinds[] = {
	[CONF_TEXT] = { put_text, take_value },
	[CONF_SWITCH] = { put_text, take_value },
	[CONF_NAMES] = { put_text, take_value },
	[CONF_HOSTS] = { put_hosts, take_hosts },
	[CONF_IDENTITIES] = { put_identities, take_identities },
	[CONF_RULES] = { put_rules, take_rules },
	[CONF_FINAL] = { put_finals, take_finals },
};

void conf_pack(const struct conf *c, struct text *ret)
{
	for (const struct conf_key *k = conf_keys; k->name; k++)
		kinds[k->kind].put(ret, c, k);
}

bool conf_unpack(const struct text *packed, struct conf *ret)
{
	const char *p = text_peek(packed);
	struct rest r = { .at = p, .end = p + packed->len };

	for (const struct conf_key *k = conf_keys; k->name; k++)
		kinds[k->kind].take(&r, ret, k);
	if (!r.odd && r.at == r.end)
		return true;
	conf_wipe(ret);
	return false;
}
