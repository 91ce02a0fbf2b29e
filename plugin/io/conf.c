/* The configuration: which files and variables are read, in which order, and what is
 * right when none of them says anything.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <errno.h>
#include <string.h>

#include "base/near.h"
#include "io/conf_key.h"
#include "io/conf_selector.h"
#include "io/module.h"

#define FILE_LIMIT    ((size_t)64 * 1024)
#define DROP_IN_LIMIT 64
#define TRUSTED       (FILE_ROOT_OR_US | FILE_NO_WRITERS)

/* Nothing but white space and comments, as in the sample file: needs no parser. */
static bool is_empty(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n\f");
		if (*text == '#' || text_starts(text, "//")) {
			text += strcspn(text, "\n");
		} else if (text_starts(text, "/*")) {
			text = strstr(text + 2, "*/");
			if (!text)
				return false;
			text += 2;
		} else {
			return !*text;
		}
	}
}

enum mitok_code conf_merge(struct conf *c, const char *file, const char *text, bool root,
	struct mitok_err *e)
{
	const struct module *m;

	if (is_empty(text))
		return MITOK_OK;
	m = module_find("conf", e);
	if (!m)
		return MITOK_E_CONF;
	return ((const struct conf_module *)m)->merge(c, file, text, root, e);
}

/* One file; *ret_missing is set, with MITOK_OK, when there is none. */
static enum mitok_code read_file(const struct host *h, struct conf *c, const char *path,
	bool root, bool *ret_missing, struct mitok_err *e)
{
	AUTO_SECRET text = { 0 };
	int error = 0;
	/* Most of these files are not there: no words are made until it matters. */
	enum mitok_code r = h->read(h->self, path, TRUSTED, FILE_LIMIT, &text, &error, NULL);

	*ret_missing = false;
	if (r &&
		(error == ENOENT || error == ENOTDIR ||
			(error == EACCES && !root && !h->exists(h->self, path)))) {
		*ret_missing = true;
		return MITOK_OK;
	}
	if (r) {
		r = h->read(h->self, path, TRUSTED, FILE_LIMIT, &text, NULL, e);
		if (r)
			return r;
	}
	if (strlen(secret_peek(&text)) != text.len)
		return err_set(e, MITOK_E_CONF, "'%s' has a NUL byte", path);
	return conf_merge(c, path, secret_peek(&text), root, e);
}

/* CONF_DIR/conf.d/ *.conf, in the order of their names. */
static enum mitok_code read_drop_ins(
	const struct host *h, struct conf *c, struct mitok_err *e)
{
	static const char dir[] = CONF_DIR "/conf.d";
	AUTO_TEXT names = { 0 };
	unsigned count = 0;
	int error = 0;
	enum mitok_code r = h->list(h->self, dir, TRUSTED, &names, &error, NULL);

	if (r && (error == ENOENT || error == ENOTDIR))
		return MITOK_OK;
	if (r)
		r = h->list(h->self, dir, TRUSTED, &names, NULL, e);
	if (r)
		return r;
	for (const char *name = names.p; name && name < names.p + names.len;
		name += strlen(name) + 1) {
		AUTO_TEXT path = { 0 };
		bool missing;

		if (*name == '.' || strlen(name) < 6 ||
			strcmp(name + strlen(name) - 5, ".conf") != 0)
			continue;
		if (++count > DROP_IN_LIMIT)
			return err_set(e, MITOK_E_CONF, "'%s' has more than %d files",
				dir, DROP_IN_LIMIT);
		text_addf(&path, "%s/%s", dir, name);
		if (!text_ok(&path))
			return err_memory(e);
		r = read_file(h, c, text_peek(&path), true, &missing, e);
		if (r)
			return r;
	}
	return MITOK_OK;
}

/* Where the user's file would be; empty when nobody can say. Nothing is ever read
 * relative to the working directory, which may be a hostile clone. */
static void find_users_file(const struct host *h, struct text *ret)
{
	const char *config = h->env(h->self, "XDG_CONFIG_HOME");
	const char *home = h->env(h->self, "HOME");

	if (config && *config == '/') {
		text_add(ret, config);
	} else if (home && *home == '/') {
		text_add(ret, home);
		text_add(ret, "/.config");
	}
	if (ret->len)
		text_add(ret, "/mi-token/mi-token.conf");
}

static enum mitok_code read_users_file(
	const struct host *h, struct conf *c, struct mitok_err *e)
{
	const char *named = h->env(h->self, "MI_TOKEN_CONFIG");
	AUTO_TEXT path = { 0 };
	enum mitok_code r;
	bool missing;

	if (named && strcmp(named, "/dev/null") == 0)
		return MITOK_OK;
	if (named && *named != '/')
		return err_set(e, MITOK_E_CONF,
			"MI_TOKEN_CONFIG: '%s' is no absolute path", named);
	if (named)
		text_add(&path, named);
	else
		find_users_file(h, &path);
	if (!text_ok(&path))
		return err_memory(e);
	if (path.len == 0)
		return MITOK_OK;
	r = read_file(h, c, text_peek(&path), false, &missing, e);
	if (r == MITOK_OK && missing && named)
		return err_set(
			e, MITOK_E_CONF, "MI_TOKEN_CONFIG: there is no '%s'", named);
	return r;
}

static enum mitok_code read_variables(
	const struct host *h, struct conf *c, struct mitok_err *e)
{
	for (const struct conf_key *k = conf_keys; k->name; k++) {
		const char *text = k->env ? h->env(h->self, k->env) : NULL;
		const char *final = conf_final(c, k->name), *why;

		if (!text)
			continue;
		if (final)
			return err_hint(e,
				err_set(e, MITOK_E_CONF,
					"%s is set, but '%s' was made final by %s",
					k->env, k->name, final),
				"unset %s, or ask the administrator", k->env);
		why = text_has_control(text) ? "has control characters" : k->wrong(text);
		if (why)
			return err_hint(e,
				err_set(e, MITOK_E_CONF, "%s: '%s' %s", k->env, text,
					why),
				"%s: %s", k->name, k->about);
		if (!conf_value_set(conf_value_at(c, k->env_place), text, k->env))
			return err_memory(e);
	}
	return MITOK_OK;
}

/* Names can be checked only when all files are read. */
static enum mitok_code check_name(
	const struct conf *c, const char *text, const char *origin, struct mitok_err *e)
{
	struct near n = { .typed = text };
	struct selector s;
	enum mitok_code r;

	if (!text || (!selector_parse(text, &s) && s.kind != SELECTOR_NAME) ||
		conf_identity_find(c, text))
		return MITOK_OK;
	for (const struct conf_identity *i = c->identities; i; i = i->next)
		near_try(&n, i->name);
	r = err_set(e, MITOK_E_CONF, "%s: no identity is called '%s'", origin, text);
	return n.best
		? err_hint(e, r, "did you mean '%s'?", n.best)
		: err_hint(e, r,
			  "define it under identities, or write system, client-id:... "
			  "or resource-id:...");
}

enum mitok_code conf_defaults(struct conf *c, struct mitok_err *e)
{
	enum mitok_code r;

	for (const struct conf_key *k = conf_keys; k->name; k++) {
		if (k->kind == CONF_TEXT && !conf_value_at(c, k->place)->text &&
			!conf_value_set(
				conf_value_at(c, k->place), k->fallback, "default"))
			return err_memory(e);
	}
	r = check_name(c, c->identity.text, c->identity.origin, e);
	if (r == MITOK_OK)
		r = check_name(c, c->env_identity.text, c->env_identity.origin, e);
	for (const struct conf_rule *rule = c->rules; r == MITOK_OK && rule;
		rule = rule->next)
		r = check_name(c, rule->identity, rule->origin, e);
	return r;
}

enum mitok_code conf_read(const struct host *h, struct conf *ret, struct mitok_err *e)
{
	__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
	bool missing;
	enum mitok_code r =
		read_file(h, &c, CONF_DIR "/mi-token.conf", true, &missing, e);

	if (r == MITOK_OK)
		r = read_drop_ins(h, &c, e);
	if (r == MITOK_OK)
		r = read_users_file(h, &c, e);
	if (r == MITOK_OK)
		r = read_variables(h, &c, e);
	if (r == MITOK_OK)
		r = conf_defaults(&c, e);
	if (r)
		return r;
	*ret = c;
	c = (struct conf){ 0 };
	return MITOK_OK;
}
