/* The module conf.so: one file of mi-token.conf(5) into struct conf, by libconfig, which is
 * kept from including files, touching the locale and swallowing what it does not know.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <libconfig.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "io/conf_key.h"
#include "io/conf_selector.h"

/* One file on its way into the configuration. */
struct merge {
	struct conf *c;
	const char *file;
	bool root;
	struct mitok_err *e;
};

static void done_config(config_t *config)
{
	config_destroy(config);
}
#define AUTO_CONFIG __attribute__((cleanup(done_config))) config_t

static void done_identity(struct conf_identity **i)
{
	conf_identity_free(*i);
}

static void done_rule(struct conf_rule **r)
{
	conf_rule_free(*r);
}

static void done_final(struct conf_final **f)
{
	conf_final_free(*f);
}

/* "file:line: ..." */
static ERR_PRINTF(3, 4) enum mitok_code
	fail(const struct merge *m, unsigned line, const char *fmt, ...)
{
	char what[sizeof(((struct mitok_err *)NULL)->message)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(m->e, MITOK_E_CONF, "%s:%u: %s", m->file, line, what);
}

static char *origin_of(const struct merge *m, const config_setting_t *s)
{
	AUTO_TEXT t = { 0 };

	text_addf(&t, "%s:%u", m->file, s->line);
	return text_move(&t);
}

/* A setting's text, checked; lent from libconfig. label is what to call it. */
static enum mitok_code read_text(const struct merge *m, const config_setting_t *s,
	const char *label, const char *(*wrong)(const char *), const char **ret)
{
	const char *text, *why;

	if (config_setting_type(s) != CONFIG_TYPE_STRING)
		return fail(m, s->line, "%s wants a text in \"double quotes\"", label);
	text = config_setting_get_string(s);
	text = text ? text : "";
	if (text_has_control(text) || strlen(text) > CONF_TEXT_LIMIT)
		return fail(
			m, s->line, "%s has control characters or is too long", label);
	why = *text ? wrong(text) : "is empty";
	if (why)
		return fail(m, s->line, "%s '%s' %s", label, text, why);
	*ret = text;
	return MITOK_OK;
}

/* Whether this file may say anything about the key. */
static enum mitok_code may_set(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	const char *final = conf_final(m->c, k->name);

	if (m->root)
		return MITOK_OK;
	if (k->root_only)
		return err_hint(m->e,
			fail(m, s->line, "'%s' may stand in files of %s only", k->name,
				CONF_DIR),
			"remove it here, or ask the administrator");
	if (final)
		return err_hint(m->e,
			fail(m, s->line, "'%s' was made final by %s", k->name, final),
			"remove it here, or ask the administrator");
	return MITOK_OK;
}

static enum mitok_code set_text(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	AUTO_FREE char *origin = origin_of(m, s);
	const char *text = NULL;
	enum mitok_code r = read_text(m, s, k->name, k->wrong, &text);

	if (r)
		return err_hint(m->e, r, "%s: %s", k->name, k->about);
	if (!origin || !conf_value_set(conf_value_at(m->c, k->place), text, origin))
		return err_memory(m->e);
	return MITOK_OK;
}

/* An administrator who wants to know what happens is not to be kept from it: what root's
 * files have switched on, the user's file cannot switch off. It comes last and once, so
 * what is there then is root's. */
static enum mitok_code set_switch(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	struct conf_value *v = conf_value_at(m->c, k->place);
	bool was_on = v->text && strcmp(v->text, "true") == 0;
	AUTO_FREE char *origin = origin_of(m, s);
	bool on;

	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return err_hint(m->e, fail(m, s->line, "%s wants true or false", k->name),
			"%s: %s", k->name, k->about);
	on = config_setting_get_bool(s);
	if (was_on && !m->root && !on)
		return err_hint(m->e,
			fail(m, s->line, "'%s' was switched on by %s", k->name,
				v->origin),
			"remove it here, or ask the administrator");
	if (was_on && !m->root)
		return MITOK_OK;
	if (!origin || !conf_value_set(v, on ? "true" : "false", origin))
		return err_memory(m->e);
	return MITOK_OK;
}

static bool is_listed(const config_setting_t *s)
{
	return config_setting_type(s) == CONFIG_TYPE_LIST ||
		config_setting_type(s) == CONFIG_TYPE_ARRAY;
}

/* A list of names as one text. */
static enum mitok_code set_names(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	AUTO_FREE char *origin = origin_of(m, s);
	AUTO_TEXT names = { 0 };

	if (!is_listed(s) || config_setting_length(s) == 0)
		return set_text(m, s, k);
	for (int i = 0; i < config_setting_length(s); i++) {
		const char *text = NULL;
		enum mitok_code r = read_text(m, config_setting_get_elem(s, (unsigned)i),
			k->name, k->wrong, &text);

		if (r)
			return err_hint(m->e, r, "%s: %s", k->name, k->about);
		text_addf(&names, "%s%s", i ? "," : "", text);
	}
	if (names.len > CONF_TEXT_LIMIT)
		return fail(m, s->line, "%s is too long", k->name);
	if (!origin || !text_ok(&names) ||
		!conf_value_set(conf_value_at(m->c, k->place), text_peek(&names), origin))
		return err_memory(m->e);
	return MITOK_OK;
}

static enum mitok_code read_hosts(const struct merge *m, const config_setting_t *s,
	const struct conf_key *k, char **hosts)
{
	for (int i = 0; i < config_setting_length(s); i++) {
		const char *text = NULL;
		enum mitok_code r = read_text(m, config_setting_get_elem(s, (unsigned)i),
			k->name, k->wrong, &text);

		if (r)
			return r;
		hosts[i] = conf_copy(text);
		if (!hosts[i])
			return err_memory(m->e);
	}
	return MITOK_OK;
}

static void swap_hosts(struct conf *a, struct conf *b)
{
	struct conf spare = *a;

	a->allow_hosts = b->allow_hosts;
	a->allow_hosts_origin = b->allow_hosts_origin;
	b->allow_hosts = spare.allow_hosts;
	b->allow_hosts_origin = spare.allow_hosts_origin;
}

/* A later file's list replaces an earlier one's. */
static enum mitok_code set_hosts(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	__attribute__((cleanup(conf_wipe))) struct conf next = { 0 };
	enum mitok_code r;

	if (!is_listed(s))
		return fail(m, s->line, "%s wants a list of texts: ( \"a\", \"b\" )",
			k->name);
	next.allow_hosts_origin = origin_of(m, s);
	next.allow_hosts = conf_list_new((size_t)config_setting_length(s));
	if (!next.allow_hosts || !next.allow_hosts_origin)
		return err_memory(m->e);
	r = read_hosts(m, s, k, next.allow_hosts);
	if (r)
		return r;
	swap_hosts(m->c, &next);
	return MITOK_OK;
}

/* The next member of the same group, or of none; NULL: that was the last. */
static const struct conf_member *next_member(const struct conf_member *m)
{
	return m[1].name && m[1].group == m->group ? m + 1 : NULL;
}

/* The first member of that group; NULL: the row has no such group. */
static const struct conf_member *find_group(
	const struct conf_member *members, const char *name)
{
	for (; members->name; members++)
		if (members->group && strcmp(members->group, name) == 0)
			return members;
	return NULL;
}

/* One text of a row, by its name. ret_found false: the row has no such member. */
static enum mitok_code set_member(const struct merge *m, const config_setting_t *s,
	const struct conf_member *members, void *row, bool *ret_found)
{
	const char *text = NULL;
	enum mitok_code r;

	for (; members; members = next_member(members)) {
		char **place = conf_text_at(row, members->place);

		if (strcmp(conf_member_name(members), config_setting_name(s)) != 0)
			continue;
		*ret_found = true;
		r = read_text(m, s, members->name, members->wrong, &text);
		if (r)
			return r;
		free(*place);
		*place = conf_copy(text);
		return *place ? MITOK_OK : err_memory(m->e);
	}
	*ret_found = false;
	return MITOK_OK;
}

/* The sentence about a name that is not known, with the nearest that is. */
static enum mitok_code unknown(const struct merge *m, const config_setting_t *s,
	const struct near *n, const char *where)
{
	enum mitok_code r =
		fail(m, s->line, "unknown key '%s'%s", config_setting_name(s), where);

	return n->best ? err_hint(m->e, r, "did you mean '%s'?", n->best)
		       : err_hint(m->e, r, "mi-token.conf(5) lists the keys");
}

static enum mitok_code unknown_member(const struct merge *m, const config_setting_t *s,
	const struct conf_member *members, const char *where)
{
	struct near n = { .typed = config_setting_name(s) };

	for (const struct conf_member *k = members; k; k = next_member(k))
		near_try(&n, conf_member_name(k));
	for (; !members->group && members->name; members++)
		if (members[1].name && members[1].group)
			near_try(&n, members[1].group);
	return unknown(m, s, &n, where);
}

/* The members of an identity, or of a group in it. */
static enum mitok_code set_members(const struct merge *m, const config_setting_t *s,
	const struct conf_member *members, void *row, const char *where)
{
	enum mitok_code r = MITOK_OK;

	for (int n = 0; !r && n < config_setting_length(s); n++) {
		const config_setting_t *member = config_setting_get_elem(s, (unsigned)n);
		const struct conf_member *group = members->group
			? NULL
			: find_group(members, config_setting_name(member));
		bool found = true;

		if (group && config_setting_type(member) != CONFIG_TYPE_GROUP)
			return fail(m, member->line,
				"%s wants { client_id = \"...\"; tenant_id = \"...\"; }",
				group->group);
		if (group)
			r = set_members(m, member, group, row, " of this group");
		else
			r = set_member(m, member, members, row, &found);
		if (!found)
			return unknown_member(m, member, members, where);
	}
	return r;
}

/* Puts a finished one in, in the place of an earlier file's of the same name. */
static enum mitok_code add_identity(
	const struct merge *m, const config_setting_t *s, struct conf_identity **i)
{
	struct conf_identity **at = &m->c->identities, *old;

	while (*at && strcmp((*at)->name, (*i)->name) != 0)
		at = &(*at)->next;
	old = *at;
	if (old && !m->root)
		return err_hint(m->e,
			fail(m, s->line, "'%s' was defined by %s", old->name,
				old->origin),
			"give yours another name");
	(*i)->next = old ? old->next : NULL;
	*at = *i;
	*i = NULL;
	conf_identity_free(old);
	return MITOK_OK;
}

static enum mitok_code read_identity(const struct merge *m, const config_setting_t *s)
{
	__attribute__((cleanup(done_identity))) struct conf_identity *i =
		conf_identity_new();
	const char *why = selector_wrong_name(config_setting_name(s));
	enum mitok_code r;

	if (!i || !(i->name = conf_copy(config_setting_name(s))) ||
		!(i->origin = origin_of(m, s)))
		return err_memory(m->e);
	if (why)
		return fail(m, s->line, "the identity's name '%s' %s", i->name, why);
	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return fail(m, s->line,
			"the identity '%s' wants { client_id = \"...\"; }", i->name);
	r = set_members(m, s, conf_identity_members, i, " of an identity");
	if (r)
		return r;
	why = conf_identity_wrong(i);
	if (why)
		return fail(m, s->line, "the identity '%s' %s", i->name, why);
	return add_identity(m, s, &i);
}

static enum mitok_code set_identities(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	enum mitok_code r = MITOK_OK;

	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return fail(m, s->line, "%s wants { NAME = { ... }; }", k->name);
	for (int i = 0; r == MITOK_OK && i < config_setting_length(s); i++)
		r = read_identity(m, config_setting_get_elem(s, (unsigned)i));
	return r;
}

/* A rule that could never mean anything is a mistake of the one who wrote it. */
static enum mitok_code check_rule(
	const struct merge *m, const config_setting_t *s, const struct conf_rule *rule)
{
	const char *final = conf_final(m->c, "identity");

	if (!rule->host && !rule->path && !rule->resource)
		return fail(m, s->line,
			"the rule matches nothing: no host, path or resource");
	if (rule->deny && rule->identity)
		return fail(m, s->line, "the rule has both deny and identity");
	if (!rule->deny && !rule->identity)
		return fail(m, s->line, "the rule has neither identity nor deny = true");
	if (final && rule->identity && !m->root)
		return err_hint(m->e,
			fail(m, s->line,
				"the rule chooses an identity, which was made final by "
				"%s",
				final),
			"remove it here, or ask the administrator");
	return MITOK_OK;
}

static enum mitok_code read_rule(const struct merge *m, const config_setting_t *s)
{
	__attribute__((cleanup(done_rule))) struct conf_rule *rule = conf_rule_new();
	struct conf_rule **at = &m->c->rules;
	enum mitok_code r = MITOK_OK;

	if (!rule || !(rule->origin = origin_of(m, s)))
		return err_memory(m->e);
	rule->root = m->root;
	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return fail(m, s->line,
			"a rule wants { host = \"...\"; identity = \"...\"; }");
	for (int n = 0; n < config_setting_length(s); n++) {
		const config_setting_t *member = config_setting_get_elem(s, (unsigned)n);
		bool found = true,
		     deny = strcmp(config_setting_name(member), "deny") == 0;

		if (deny && config_setting_type(member) != CONFIG_TYPE_BOOL)
			return fail(m, member->line, "deny wants true or false");
		if (deny)
			rule->deny = config_setting_get_bool(member);
		else
			r = set_member(m, member, conf_rule_members, rule, &found);
		if (r)
			return r;
		if (!found)
			return unknown_member(m, member, conf_rule_members, " of a rule");
	}
	r = check_rule(m, s, rule);
	if (r)
		return r;
	while (*at)
		at = &(*at)->next;
	*at = rule;
	rule = NULL;
	return MITOK_OK;
}

static enum mitok_code set_rules(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	enum mitok_code r = MITOK_OK;

	if (!is_listed(s))
		return fail(m, s->line, "%s wants a list: ( { ... }, { ... } )", k->name);
	for (int i = 0; r == MITOK_OK && i < config_setting_length(s); i++)
		r = read_rule(m, config_setting_get_elem(s, (unsigned)i));
	return r;
}

/* Finals add up: a later file cannot take one back. */
static enum mitok_code set_final(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	if (!is_listed(s))
		return fail(
			m, s->line, "%s wants a list of keys: ( \"identity\" )", k->name);
	for (int i = 0; i < config_setting_length(s); i++) {
		__attribute__((cleanup(done_final))) struct conf_final *f =
			conf_final_new();
		struct conf_final **at = &m->c->finals;
		const char *text = NULL;
		enum mitok_code r = read_text(m, config_setting_get_elem(s, (unsigned)i),
			k->name, conf_wrong_key, &text);

		if (r)
			return r;
		if (conf_final(m->c, text))
			continue;
		if (!f || !(f->key = conf_copy(text)) || !(f->origin = origin_of(m, s)))
			return err_memory(m->e);
		while (*at)
			at = &(*at)->next;
		*at = f;
		f = NULL;
	}
	return MITOK_OK;
}

static enum mitok_code (*const setters[])(
	const struct merge *, const config_setting_t *, const struct conf_key *) = {
	[CONF_TEXT] = set_text,
	[CONF_SWITCH] = set_switch,
	[CONF_NAMES] = set_names,
	[CONF_HOSTS] = set_hosts,
	[CONF_IDENTITIES] = set_identities,
	[CONF_RULES] = set_rules,
	[CONF_FINAL] = set_final,
};

static enum mitok_code set_key(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	enum mitok_code r = may_set(m, s, k);

	return r ? r : setters[k->kind](m, s, k);
}

/* A group that has keys in it and means nothing itself. */
static enum mitok_code merge_group(
	const struct merge *m, const config_setting_t *s, const char *group)
{
	enum mitok_code r = MITOK_OK;

	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return fail(m, s->line, "%s wants { NAME = ...; }", group);
	for (int i = 0; r == MITOK_OK && i < config_setting_length(s); i++) {
		const config_setting_t *member = config_setting_get_elem(s, (unsigned)i);
		struct near n = { .typed = config_setting_name(member) };
		const struct conf_key *k = conf_keys;

		for (; k->name; k++) {
			const char *name = k->name + strlen(group) + 1;

			if (!k->group || strcmp(k->group, group) != 0)
				continue;
			near_try(&n, name);
			if (strcmp(name, n.typed) == 0)
				break;
		}
		r = k->name ? set_key(m, member, k)
			    : unknown(m, member, &n, " of this group");
	}
	return r;
}

static enum mitok_code merge_setting(const struct merge *m, const config_setting_t *s)
{
	struct near n = { .typed = config_setting_name(s) };

	for (const struct conf_key *k = conf_keys; k->name; k++) {
		const char *name = k->group ? k->group : k->name;

		if (strcmp(name, n.typed) == 0)
			return k->group ? merge_group(m, s, name) : set_key(m, s, k);
		near_try(&n, name);
	}
	return unknown(m, s, &n, "");
}

/* libconfig leaves the thread in the global locale, whatever it was in before. */
static bool parse(config_t *config, const char *text)
{
	locale_t before = uselocale((locale_t)0);
	int done = config_read_string(config, text);

	(void)uselocale(before);
	return done == CONFIG_TRUE;
}

static enum mitok_code merge(struct conf *c, const char *file, const char *text,
	bool root, struct mitok_err *e)
{
	struct merge m = { .c = c, .file = file, .root = root, .e = e };
	enum mitok_code r = conf_check_lines(file, text, e);
	AUTO_CONFIG config;

	config_init(&config);
	if (r)
		return r;
	if (!parse(&config, text)) {
		bool deep = strstr(config_error_text(&config), "memory exhausted");

		(void)fail(&m, (unsigned)config_error_line(&config), "%s",
			deep ? "nested too deeply" : config_error_text(&config));
		return err_hint(e, MITOK_E_CONF,
			"there or before: texts stand in \"quotes\", settings end in "
			"';'");
	}
	for (int i = 0; r == MITOK_OK && i < config_setting_length(config.root); i++)
		r = merge_setting(&m, config_setting_get_elem(config.root, (unsigned)i));
	return r;
}

extern const struct conf_module mitok_module_conf;

__attribute__((visibility("default"))) const struct conf_module mitok_module_conf = {
	.module = { .abi = MODULE_ABI },
	.merge = merge,
};
