/* The module conf.so: one file of mi-token.conf(5) into struct conf, by libconfig, which is
 * kept from including files, touching the locale and swallowing what it does not know.
 * SPDX-License-Identifier: MIT */
#include "module/conf-merge.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"

static void done_config(config_t *config)
{
	config_destroy(config);
}
#define AUTO_CONFIG __attribute__((cleanup(done_config))) config_t

static void done_final(struct conf_final **f)
{
	conf_final_free(*f);
}

enum mitok_code merge_fail(const struct merge *m, unsigned line, const char *fmt, ...)
{
	char what[sizeof(((struct mitok_err *)NULL)->message)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(m->e, MITOK_E_CONF, "%s:%u: %s", m->file, line, what);
}

char *merge_origin(const struct merge *m, const config_setting_t *s)
{
	AUTO_TEXT t = { 0 };

	text_addf(&t, "%s:%u", m->file, s->line);
	return text_move(&t);
}

enum mitok_code merge_text(const struct merge *m, const config_setting_t *s,
	const char *label, const char *(*wrong)(const char *), const char **ret)
{
	const char *text, *why;

	if (config_setting_type(s) != CONFIG_TYPE_STRING)
		return merge_fail(
			m, s->line, "%s wants a text in \"double quotes\"", label);
	text = config_setting_get_string(s);
	text = text ? text : "";
	if (text_has_control(text) || strlen(text) > CONF_TEXT_LIMIT)
		return merge_fail(
			m, s->line, "%s has control characters or is too long", label);
	why = *text ? wrong(text) : "is empty";
	if (why)
		return merge_fail(m, s->line, "%s '%s' %s", label, text, why);
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
			merge_fail(m, s->line, "'%s' may stand in files of %s only",
				k->name, CONF_DIR),
			"remove it here, or ask the administrator");
	if (final)
		return err_hint(m->e,
			merge_fail(
				m, s->line, "'%s' was made final by %s", k->name, final),
			"remove it here, or ask the administrator");
	return MITOK_OK;
}

static enum mitok_code set_text(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	AUTO_FREE char *origin = merge_origin(m, s);
	const char *text = NULL;
	enum mitok_code r = merge_text(m, s, k->name, k->wrong, &text);

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
	AUTO_FREE char *origin = merge_origin(m, s);
	bool on;

	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return err_hint(m->e,
			merge_fail(m, s->line, "%s wants true or false", k->name),
			"%s: %s", k->name, k->about);
	on = config_setting_get_bool(s);
	if (was_on && !m->root && !on)
		return err_hint(m->e,
			merge_fail(m, s->line, "'%s' was switched on by %s", k->name,
				v->origin),
			"remove it here, or ask the administrator");
	if (was_on && !m->root)
		return MITOK_OK;
	if (!origin || !conf_value_set(v, on ? "true" : "false", origin))
		return err_memory(m->e);
	return MITOK_OK;
}

bool merge_is_list(const config_setting_t *s)
{
	return config_setting_type(s) == CONFIG_TYPE_LIST ||
		config_setting_type(s) == CONFIG_TYPE_ARRAY;
}

/* A list of names as one text. */
static enum mitok_code set_names(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	AUTO_FREE char *origin = merge_origin(m, s);
	AUTO_TEXT names = { 0 };

	if (!merge_is_list(s) || config_setting_length(s) == 0)
		return set_text(m, s, k);
	for (int i = 0; i < config_setting_length(s); i++) {
		const char *text = NULL;
		enum mitok_code r = merge_text(m, config_setting_get_elem(s, (unsigned)i),
			k->name, k->wrong, &text);

		if (r)
			return err_hint(m->e, r, "%s: %s", k->name, k->about);
		text_addf(&names, "%s%s", i ? "," : "", text);
	}
	if (names.len > CONF_TEXT_LIMIT)
		return merge_fail(m, s->line, "%s is too long", k->name);
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
		enum mitok_code r = merge_text(m, config_setting_get_elem(s, (unsigned)i),
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

	if (!merge_is_list(s))
		return merge_fail(m, s->line,
			"%s wants a list of texts: ( \"a\", \"b\" )", k->name);
	next.allow_hosts_origin = merge_origin(m, s);
	next.allow_hosts = conf_list_new((size_t)config_setting_length(s));
	if (!next.allow_hosts || !next.allow_hosts_origin)
		return err_memory(m->e);
	r = read_hosts(m, s, k, next.allow_hosts);
	if (r)
		return r;
	swap_hosts(m->c, &next);
	return MITOK_OK;
}

enum mitok_code merge_unknown(const struct merge *m, const config_setting_t *s,
	const struct near *n, const char *where)
{
	enum mitok_code r = merge_fail(
		m, s->line, "unknown key '%s'%s", config_setting_name(s), where);

	return n->best ? err_hint(m->e, r, "did you mean '%s'?", n->best)
		       : err_hint(m->e, r, "mi-token.conf(5) lists the keys");
}

/* Finals add up: a later file cannot take one back. */
static enum mitok_code set_final(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	if (!merge_is_list(s))
		return merge_fail(
			m, s->line, "%s wants a list of keys: ( \"identity\" )", k->name);
	for (int i = 0; i < config_setting_length(s); i++) {
		__attribute__((cleanup(done_final))) struct conf_final *f =
			conf_final_new();
		struct conf_final **at = &m->c->finals;
		const char *text = NULL;
		enum mitok_code r = merge_text(m, config_setting_get_elem(s, (unsigned)i),
			k->name, conf_wrong_key, &text);

		if (r)
			return r;
		if (conf_final(m->c, text))
			continue;
		if (!f || !(f->key = conf_copy(text)) ||
			!(f->origin = merge_origin(m, s)))
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
	[CONF_IDENTITIES] = merge_identities,
	[CONF_RULES] = merge_rules,
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
		return merge_fail(m, s->line, "%s wants { NAME = ...; }", group);
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
			    : merge_unknown(m, member, &n, " of this group");
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
	return merge_unknown(m, s, &n, "");
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

		(void)merge_fail(&m, (unsigned)config_error_line(&config), "%s",
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
