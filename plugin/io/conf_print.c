/* The effective configuration in its own syntax, each value with its origin.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <string.h>

#include "io/conf_key.h"

/* Where the rows go. */
struct printer {
	void (*each)(void *arg, const char *key, const char *value, const char *origin);
	void *arg;
};

/* A text of libconfig: what got here has no control characters. */
static void add_quoted(struct text *t, const char *s)
{
	text_add(t, "\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			text_add(t, "\\");
		text_add_bytes(t, s, 1);
	}
	text_add(t, "\"");
}

static bool give(const struct printer *p, const struct text *key,
	const struct text *value, const char *origin)
{
	if (!text_ok(key) || !text_ok(value))
		return false;
	p->each(p->arg, text_peek(key), text_peek(value), origin ? origin : "default");
	return true;
}

/* "a,b" as ( "a", "b" ). */
static void add_names(struct text *t, const char *names)
{
	text_add(t, "( ");
	for (;;) {
		size_t len = strcspn(names, ",");

		text_addf(t, "\"%.*s\"", (int)len, names);
		if (!names[len])
			break;
		text_add(t, ", ");
		names += len + 1;
	}
	text_add(t, " )");
}

/* The members of a row, each as `name = "text"; `, those of a group in its braces. */
static void add_members(struct text *t, const struct conf_member *m, const void *row)
{
	const char *group = NULL;

	for (; m->name; m++) {
		const char *text = conf_text_peek(row, m->place);

		if (!text)
			continue;
		if (m->group && !group)
			text_addf(t, "%s = { ", m->group);
		group = m->group;
		text_addf(t, "%s = ", conf_member_name(m));
		add_quoted(t, text);
		text_add(t, "; ");
	}
	if (group)
		text_add(t, "}; ");
}

static bool print_text(
	const struct printer *p, const struct conf *c, const struct conf_key *k)
{
	const struct conf_value *v = conf_value_peek(c, k->place);
	AUTO_TEXT key = { 0 };
	AUTO_TEXT value = { 0 };

	if (k->env && conf_value_peek(c, k->env_place)->text)
		v = conf_value_peek(c, k->env_place);
	text_add(&key, k->name);
	if (k->kind == CONF_NAMES && v->text && strchr(v->text, ','))
		add_names(&value, v->text);
	else
		add_quoted(&value, v->text ? v->text : k->fallback);
	return give(p, &key, &value, v->origin);
}

static bool print_switch(
	const struct printer *p, const struct conf *c, const struct conf_key *k)
{
	const struct conf_value *v = conf_value_peek(c, k->place);

	p->each(p->arg, k->name, v->text ? v->text : k->fallback,
		v->origin ? v->origin : "default");
	return true;
}

static bool print_hosts(
	const struct printer *p, const struct conf *c, const struct conf_key *k)
{
	AUTO_TEXT key = { 0 };
	AUTO_TEXT value = { 0 };

	text_add(&key, k->name);
	text_add(&value, "( ");
	for (char **host = c->allow_hosts; host && *host; host++) {
		add_quoted(&value, *host);
		text_add(&value, host[1] ? ", " : " ");
	}
	text_add(&value, ")");
	return give(p, &key, &value, c->allow_hosts_origin);
}

static bool print_identities(
	const struct printer *p, const struct conf *c, const struct conf_key *k)
{
	for (const struct conf_identity *i = c->identities; i; i = i->next) {
		AUTO_TEXT key = { 0 };
		AUTO_TEXT value = { 0 };

		text_addf(&key, "%s.%s", k->name, i->name);
		text_add(&value, "{ ");
		add_members(&value, conf_identity_members, i);
		text_add(&value, "}");
		if (!give(p, &key, &value, i->origin))
			return false;
	}
	if (!c->identities)
		p->each(p->arg, k->name, "{ }", "default");
	return true;
}

static bool print_rules(
	const struct printer *p, const struct conf *c, const struct conf_key *k)
{
	unsigned n = 0;

	for (const struct conf_rule *r = c->rules; r; r = r->next) {
		AUTO_TEXT key = { 0 };
		AUTO_TEXT value = { 0 };

		text_addf(&key, "%s[%u]", k->name, n++);
		text_add(&value, "{ ");
		add_members(&value, conf_rule_members, r);
		text_add(&value, r->deny ? "deny = true; }" : "}");
		if (!give(p, &key, &value, r->origin))
			return false;
	}
	if (!c->rules)
		p->each(p->arg, k->name, "( )", "default");
	return true;
}

/* One row for each place that made something final. */
static bool print_finals(
	const struct printer *p, const struct conf *c, const struct conf_key *k)
{
	for (const struct conf_final *f = c->finals; f; f = f->next) {
		AUTO_TEXT key = { 0 };
		AUTO_TEXT value = { 0 };

		text_add(&key, k->name);
		text_add(&value, "( ");
		add_quoted(&value, f->key);
		text_add(&value, " )");
		if (!give(p, &key, &value, f->origin))
			return false;
	}
	if (!c->finals)
		p->each(p->arg, k->name, "( )", "default");
	return true;
}

static bool (*const printers[])(
	const struct printer *, const struct conf *, const struct conf_key *) = {
	[CONF_TEXT] = print_text,
	[CONF_SWITCH] = print_switch,
	[CONF_NAMES] = print_text,
	[CONF_HOSTS] = print_hosts,
	[CONF_IDENTITIES] = print_identities,
	[CONF_RULES] = print_rules,
	[CONF_FINAL] = print_finals,
};

enum mitok_code conf_each(const struct conf *c,
	void (*each)(void *arg, const char *key, const char *value, const char *origin),
	void *arg, struct mitok_err *e)
{
	struct printer p = { .each = each, .arg = arg };

	for (const struct conf_key *k = conf_keys; k->name; k++)
		if (!printers[k->kind](&p, c, k))
			return err_memory(e);
	return MITOK_OK;
}
