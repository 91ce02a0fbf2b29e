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
#define TOTAL_LIMIT   (TEXT_MAX / 2)
#define TRUSTED       (FILE_ROOT_OR_US | FILE_NO_WRITERS)

/* The work of conf_collect(). */
struct reading {
	const struct host *h;
	struct text *files;
	struct mitok_err *e;
};

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

/* One file behind the others. */
static enum mitok_code add_file(
	const struct reading *rd, const char *path, bool root, const char *text)
{
	size_t len = strlen(text);

	if (is_empty(text))
		return MITOK_OK;
	if (rd->files->len + len > TOTAL_LIMIT)
		return err_set(rd->e, MITOK_E_CONF,
			"with '%s' the files have more than %zu bytes in all", path,
			TOTAL_LIMIT);
	text_add(rd->files, root ? "r" : "u");
	text_add_bytes(rd->files, path, strlen(path) + 1);
	text_add(rd->files, text);
	/* libconfig takes a comment for an error when no line end follows. */
	if (text[len - 1] != '\n')
		text_add(rd->files, "\n");
	text_add_bytes(rd->files, "", 1);
	return text_ok(rd->files) ? MITOK_OK : err_memory(rd->e);
}

bool conf_file_next(const struct text *files, size_t *at, struct conf_file *ret)
{
	const char *p = text_peek(files) + *at;

	if (*at == files->len)
		return false;
	ret->root = *p == 'r';
	ret->path = p + 1;
	ret->text = ret->path + strlen(ret->path) + 1;
	*at += (size_t)(ret->text - p) + strlen(ret->text) + 1;
	return true;
}

/* One file; *ret_missing is set, with MITOK_OK, when there is none. */
static enum mitok_code read_file(
	const struct reading *rd, const char *path, bool root, bool *ret_missing)
{
	AUTO_SECRET text = { 0 };
	int error = 0;
	struct file_ask ask = { path, TRUSTED, FILE_LIMIT, &error };
	/* Most of these files are not there: no words are made until it matters. */
	enum mitok_code r = rd->h->read(rd->h->self, &ask, &text, NULL);

	/* A home that is closed to us has no file of ours in it. */
	*ret_missing = r &&
		(error == ENOENT || error == ENOTDIR ||
			(error == EACCES && !root && !rd->h->exists(rd->h->self, path)));
	if (*ret_missing)
		return MITOK_OK;
	if (r)
		r = rd->h->read(rd->h->self, &ask, &text, rd->e);
	if (r)
		return err_hint(rd->e, r,
			"it must be root's or yours, be readable for you, and for nobody "
			"else to write: chown root, chmod 644");
	if (strlen(secret_peek(&text)) != text.len)
		return err_set(rd->e, MITOK_E_CONF, "'%s' has a NUL byte", path);
	return add_file(rd, path, root, secret_peek(&text));
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
	unsigned count = 0;
	int error = 0;
	struct file_ask ask = { dir, TRUSTED, 0, &error };
	enum mitok_code r = rd->h->list(rd->h->self, &ask, &names, NULL);

	if (r && (error == ENOENT || error == ENOTDIR))
		return MITOK_OK;
	if (r)
		r = rd->h->list(rd->h->self, &ask, &names, rd->e);
	for (size_t at = 0; r == MITOK_OK && at < names.len;
		at += strlen(names.p + at) + 1) {
		AUTO_TEXT path = { 0 };
		bool missing;

		if (!is_drop_in(names.p + at))
			continue;
		if (++count > DROP_IN_LIMIT)
			return err_set(rd->e, MITOK_E_CONF, "'%s' has more than %d files",
				dir, DROP_IN_LIMIT);
		text_add(&path, CONF_DIR "/conf.d/");
		text_add(&path, names.p + at);
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

	if (config && *config == '/') {
		text_add(ret, config);
	} else if (home && *home == '/') {
		text_add(ret, home);
		text_add(ret, "/.config");
	}
	if (ret->len)
		text_add(ret, "/mi-token/mi-token.conf");
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

/* What `origin`, a variable or the like, says about a key. */
static enum mitok_code set_from_outside(struct conf *c, const struct conf_key *k,
	const char *origin, const char *text, struct mitok_err *e)
{
	const char *final = conf_final(c, k->name), *why;
	enum mitok_code r;

	if (final) {
		r = err_set(e, MITOK_E_CONF, "%s is set, but '%s' was made final by %s",
			origin, k->name, final);
		return err_hint(e, r, "unset %s, or ask the administrator", origin);
	}
	why = text_has_control(text) ? "has control characters" : k->wrong(text);
	if (why) {
		r = err_set(e, MITOK_E_CONF, "%s: '%s' %s", origin, text, why);
		return err_hint(e, r, "%s: %s", k->name, k->about);
	}
	if (!conf_value_set(conf_value_at(c, k->env_place), text, origin))
		return err_memory(e);
	return MITOK_OK;
}

static enum mitok_code read_variables(
	const struct host *h, struct conf *c, struct mitok_err *e)
{
	enum mitok_code r = MITOK_OK;

	for (const struct conf_key *k = conf_keys; r == MITOK_OK && k->name; k++) {
		const char *text = k->env ? h->env(h->self, k->env) : NULL;

		if (text)
			r = set_from_outside(c, k, k->env, text, e);
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
		if (conf_key_is_value(k) && !conf_value_at(c, k->place)->text &&
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

enum mitok_code conf_collect(const struct host *h, struct text *ret, struct mitok_err *e)
{
	const struct reading rd = { .h = h, .files = ret, .e = e };
	bool missing;
	enum mitok_code r = read_file(&rd, CONF_DIR "/mi-token.conf", true, &missing);

	if (r == MITOK_OK)
		r = read_drop_ins(&rd);
	return r ? r : read_users_file(&rd);
}

enum mitok_code conf_parse(const struct text *files, struct conf *c, struct mitok_err *e)
{
	enum mitok_code r = MITOK_OK;
	struct conf_file f;
	size_t at = 0;

	while (r == MITOK_OK && conf_file_next(files, &at, &f))
		r = conf_merge(c, f.path, f.text, f.root, e);
	return r;
}

enum mitok_code conf_finish(const struct host *h, struct conf *c, struct mitok_err *e)
{
	enum mitok_code r = read_variables(h, c, e);

	return r ? r : conf_defaults(c, e);
}

enum mitok_code conf_identity_from(
	struct conf *c, const char *origin, const char *text, struct mitok_err *e)
{
	enum mitok_code r = MITOK_OK;

	for (const struct conf_key *k = conf_keys; k->name && !r; k++)
		if (strcmp(k->name, "identity") == 0)
			r = set_from_outside(c, k, origin, text, e);
	return r ? r : check_name(c, text, origin, e);
}
