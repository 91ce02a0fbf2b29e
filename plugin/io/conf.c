/* The configuration: which files and variables are read, in which order, and what is
 * right when none of them says anything.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "io/conf_key.h"
#include "io/conf_selector.h"

#define FILE_LIMIT    ((size_t)64 * 1024)
#define DROP_IN_LIMIT 64

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
		if (k->kind != CONF_TEXT)
			continue;
		value_free(conf_value_at(c, k->place));
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

/* The work of conf_read(). */
struct reading {
	const struct host *h;
	struct conf *c;
	struct mitok_err *e;
};

/* For errors that may turn out to be none. */
static enum mitok_code fail(const struct reading *rd, const struct mitok_err *why)
{
	if (rd->e)
		*rd->e = *why;
	return why->code;
}

/* One file; *ret_missing is set, with MITOK_OK, when there is none. */
static enum mitok_code read_file(
	const struct reading *rd, const char *path, bool root, bool *ret_missing)
{
	AUTO_SECRET text = { 0 };
	struct mitok_err why = { 0 };
	int error = 0;
	enum mitok_code r = rd->h->read(rd->h->self, path,
		FILE_ROOT_OR_US | FILE_NO_WRITERS, FILE_LIMIT, &text, &error, &why);

	/* A home that is closed to us has no file of ours in it. */
	*ret_missing = r &&
		(error == ENOENT || error == ENOTDIR ||
			(error == EACCES && !root && !rd->h->exists(rd->h->self, path)));
	if (*ret_missing)
		return MITOK_OK;
	if (r)
		return fail(rd, &why);
	if (strlen(secret_peek(&text)) != text.len)
		return err_set(rd->e, MITOK_E_CONF, "'%s' has a NUL byte", path);
	return conf_merge(rd->c, path, secret_peek(&text), root, rd->e);
}

static bool is_drop_in(const char *name)
{
	size_t len = strlen(name);

	return *name != '.' && len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

/* CONF_DIR/conf.d/ *.conf, in the order of their names. */
static enum mitok_code read_drop_ins(const struct reading *rd)
{
	static const char dir[] = CONF_DIR "/conf.d";
	AUTO_TEXT names = { 0 };
	struct mitok_err why = { 0 };
	unsigned count = 0;
	int error = 0;
	enum mitok_code r = rd->h->list(rd->h->self, dir,
		FILE_ROOT_OR_US | FILE_NO_WRITERS, &names, &error, &why);

	if (r)
		return error == ENOENT || error == ENOTDIR ? MITOK_OK : fail(rd, &why);
	for (size_t at = 0; r == MITOK_OK && at < names.len;
		at += strlen(names.p + at) + 1) {
		AUTO_TEXT path = { 0 };
		bool missing;

		if (!is_drop_in(names.p + at))
			continue;
		if (++count > DROP_IN_LIMIT)
			return err_set(rd->e, MITOK_E_CONF, "'%s' has more than %d files",
				dir, DROP_IN_LIMIT);
		text_addf(&path, "%s/%s", dir, names.p + at);
		if (!text_ok(&path))
			return err_memory(rd->e);
		r = read_file(rd, text_peek(&path), true, &missing);
	}
	return r;
}

/* Where the user's file would be; empty when nobody can say. Nothing is ever read
 * relative to the working directory, which may be a hostile clone. */
static void find_users_file(const struct host *h, struct text *ret)
{
	const char *config = h->env(h->self, "XDG_CONFIG_HOME");
	const char *home = h->env(h->self, "HOME");

	if (config && *config == '/')
		text_addf(ret, "%s/mi-token/mi-token.conf", config);
	else if (home && *home == '/')
		text_addf(ret, "%s/.config/mi-token/mi-token.conf", home);
}

static enum mitok_code read_users_file(const struct reading *rd)
{
	const char *named = rd->h->env(rd->h->self, "MI_TOKEN_CONFIG");
	AUTO_TEXT path = { 0 };
	enum mitok_code r;
	bool missing;

	if (named && strcmp(named, "/dev/null") == 0)
		return MITOK_OK;
	if (named && *named != '/')
		return err_set(rd->e, MITOK_E_CONF,
			"MI_TOKEN_CONFIG: '%s' is no absolute path", named);
	if (named)
		text_add(&path, named);
	else
		find_users_file(rd->h, &path);
	if (!text_ok(&path))
		return err_memory(rd->e);
	if (path.len == 0)
		return MITOK_OK;
	r = read_file(rd, text_peek(&path), false, &missing);
	if (r == MITOK_OK && missing && named)
		return err_set(
			rd->e, MITOK_E_CONF, "MI_TOKEN_CONFIG: there is no '%s'", named);
	return r;
}

/* What the environment says of one key. */
static enum mitok_code read_variable(
	const struct reading *rd, const struct conf_key *k, const char *text)
{
	const char *final = conf_final(rd->c, k->name), *why;
	enum mitok_code r;

	if (final) {
		r = err_set(rd->e, MITOK_E_CONF,
			"%s is set, but '%s' was made final by %s", k->env, k->name,
			final);
		return err_hint(rd->e, r, "unset %s, or ask the administrator", k->env);
	}
	why = text_has_control(text) ? "has control characters" : k->wrong(text);
	if (why) {
		r = err_set(rd->e, MITOK_E_CONF, "%s: '%s' %s", k->env, text, why);
		return err_hint(rd->e, r, "%s: %s", k->name, k->about);
	}
	if (!conf_value_set(conf_value_at(rd->c, k->env_place), text, k->env))
		return err_memory(rd->e);
	return MITOK_OK;
}

static enum mitok_code read_variables(const struct reading *rd)
{
	enum mitok_code r = MITOK_OK;

	for (const struct conf_key *k = conf_keys; r == MITOK_OK && k->name; k++) {
		const char *text = k->env ? rd->h->env(rd->h->self, k->env) : NULL;

		if (text)
			r = read_variable(rd, k, text);
	}
	return r;
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
	const struct reading rd = { .h = h, .c = &c, .e = e };
	bool missing;
	enum mitok_code r = read_file(&rd, CONF_DIR "/mi-token.conf", true, &missing);

	if (r == MITOK_OK)
		r = read_drop_ins(&rd);
	if (r == MITOK_OK)
		r = read_users_file(&rd);
	if (r == MITOK_OK)
		r = read_variables(&rd);
	if (r == MITOK_OK)
		r = conf_defaults(&c, e);
	if (r)
		return r;
	*ret = c;
	c = (struct conf){ 0 };
	return MITOK_OK;
}
