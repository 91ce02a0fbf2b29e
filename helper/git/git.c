/* The git of this machine: where it is, which it is, and what its configuration says.
 * SPDX-License-Identifier: MIT */
#include "git.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_MS 10000
#define ARGS_MAX  14

bool git_parse_version(const char *line, struct git *ret)
{
	static const char before[] = "git version ";
	size_t len;
	char *end;
	long major, minor;

	if (!text_starts(line, before))
		return false;
	line += strlen(before);
	len = strcspn(line, " \n");
	if (!text_is_digit(line[0]) || len >= sizeof(ret->version))
		return false;
	major = strtol(line, &end, 10);
	if (*end != '.' || !text_is_digit(end[1]))
		return false;
	minor = strtol(end + 1, NULL, 10);
	if (major > 99 || minor > 99)
		return false;
	memcpy(ret->version, line, len);
	ret->version[len] = '\0';
	ret->number = (int)GIT_VERSION(major, minor);
	return true;
}

enum mitok_code git_find(struct git *ret, struct mitok_err *e)
{
	const char *const args[] = { "version", NULL };
	AUTO_RUN r = { 0 };
	enum mitok_code code;

	if (!run_find("git", ret->path))
		return err_hint(e,
			err_set(e, MITOK_E_CONF,
				"there is no git in the folders of PATH"),
			"install git");
	code = git_run(ret, args, &r, e);
	if (code)
		return code;
	if (r.status != 0)
		return git_broken(&r, e);
	if (!git_parse_version(text_peek(&r.out), ret))
		return err_set(
			e, MITOK_E_CONF, "'%s' does not tell its version", ret->path);
	return MITOK_OK;
}

enum mitok_code git_run(
	const struct git *g, const char *const *args, struct run *r, struct mitok_err *e)
{
	const char *argv[ARGS_MAX + 2] = { g->path };

	for (size_t i = 0; args[i]; i++) {
		if (i == ARGS_MAX)
			return err_set(e, MITOK_E_BUG, "too many arguments for git");
		argv[i + 1] = args[i];
	}
	r->argv = argv;
	if (!r->timeout_ms)
		r->timeout_ms = g->timeout_ms ? g->timeout_ms : CONFIG_MS;
	return run(r, e);
}

void git_complaint(const struct run *r, char *ret, size_t size)
{
	const char *line = text_peek(&r->err);
	size_t len = strcspn(line, "\n");

	while (line[len] && line[len + 1]) {
		line += len + 1;
		len = strcspn(line, "\n");
	}
	if (text_starts(line, "fatal: ") || text_starts(line, "error: ")) {
		line += strlen("fatal: ");
		len -= strlen("fatal: ");
	}
	if (len)
		(void)snprintf(ret, size, "%.*s", (int)len, line);
	else
		(void)snprintf(ret, size, "exit status %d", r->status);
	text_clean(ret);
}

enum mitok_code git_broken(const struct run *r, struct mitok_err *e)
{
	char why[300];

	git_complaint(r, why, sizeof(why));
	(void)err_set(e, MITOK_E_CONF, "git does not work: %s", why);
	return err_hint(e, MITOK_E_CONF, "%s",
		strstr(why, "config") ? "mend that file with an editor"
				      : "see what `git version` says");
}

/* The text up to its NUL, of which there must be one. */
static const char *field(const struct text *list, size_t *at)
{
	const char *p = text_peek(list) + *at;
	const char *end = *at < list->len ? memchr(p, '\0', list->len - *at) : NULL;

	if (!end)
		return NULL;
	*at += (size_t)(end - p) + 1;
	return p;
}

bool git_entry_next(const struct text *list, size_t *at, struct git_entry *ret)
{
	const char *scope = field(list, at), *origin = field(list, at);
	size_t key_at = *at;
	const char *key = field(list, at);
	char *value;

	if (!scope || !origin || !key)
		return false;
	value = strchr(list->p + key_at, '\n');
	if (value)
		*value++ = '\0';
	*ret = (struct git_entry){ scope, origin, key, value };
	return true;
}

bool git_entry_url(const struct git_entry *entry, struct text *ret)
{
	const char *first = strchr(entry->key, '.'), *last = strrchr(entry->key, '.');

	if (!first || first == last)
		return false;
	text_add_bytes(ret, first + 1, (size_t)(last - first) - 1);
	return true;
}

/* git itself decides, by a configuration of one line, whether a section is about the URL.
 * gitcredentials(7) lets the scheme be left out, which `git config` does not know. */
static enum mitok_code is_about(const struct git *g, const struct git_key *key,
	const char *pattern, bool *ret, struct mitok_err *e)
{
	AUTO_TEXT name = { 0 };
	AUTO_TEXT config = { 0 };
	AUTO_RUN r = { 0 };
	enum mitok_code code;

	text_addf(&name, "%s.%s", key->section, key->name);
	text_addf(&config, "[%s \"%s", key->section,
		strstr(pattern, "://") ? "" : "https://");
	for (const char *p = pattern; *p; p++)
		text_addf(&config, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
	text_addf(&config, "\"]\n%s = x\n", key->name);
	if (!text_ok(&name) || !text_ok(&config))
		return err_memory(e);
	r.input = text_peek(&config);
	code = git_run(g,
		(const char *const[]){ "config", "--file", "-", "--get-urlmatch",
			text_peek(&name), key->url, NULL },
		&r, e);
	*ret = !code && r.status == 0;
	return code;
}

static enum mitok_code read_list(const struct git *g, const struct git_key *key,
	struct text *ret, struct mitok_err *e)
{
	AUTO_TEXT pattern = { 0 };
	AUTO_RUN r = { 0 };
	enum mitok_code code;

	text_addf(&pattern, "^%s\\.(.*\\.)?%s$", key->section, key->name);
	if (!text_ok(&pattern))
		return err_memory(e);
	code = git_run(g,
		(const char *const[]){ "config", "--show-scope", "--show-origin",
			"--null", "--get-regexp", text_peek(&pattern), NULL },
		&r, e);
	if (code)
		return code;
	if (r.status > 1)
		return git_broken(&r, e);
	*ret = r.out;
	r.out = (struct text){ 0 };
	return MITOK_OK;
}

enum mitok_code git_values(const struct git *g, const struct git_key *key,
	struct git_list *ret, struct mitok_err *e)
{
	struct git_entry entry;
	size_t at = 0;
	enum mitok_code r = read_list(g, key, &ret->bytes, e);

	ret->count = 0;
	ret->first = 0;
	while (!r && git_entry_next(&ret->bytes, &at, &entry)) {
		AUTO_TEXT url = { 0 };
		bool is = true;

		if (git_entry_url(&entry, &url))
			r = is_about(g, key, text_peek(&url), &is, e);
		if (r || !is)
			continue;
		if (ret->count == sizeof(ret->rows) / sizeof(*ret->rows)) {
			r = err_set(e, MITOK_E_CONF, "git has too many lines %s.%s",
				key->section, key->name);
			continue;
		}
		ret->rows[ret->count++] = entry;
		if (entry.value && !*entry.value)
			ret->first = ret->count;
	}
	return r;
}

void git_list_free(struct git_list *l)
{
	text_free(&l->bytes);
}

enum mitok_code git_value(const struct git *g, const struct git_key *key, char ret[256],
	bool *ret_found, struct mitok_err *e)
{
	AUTO_TEXT name = { 0 };
	AUTO_RUN r = { 0 };
	enum mitok_code code;

	text_addf(&name, "%s.%s", key->section, key->name);
	if (!text_ok(&name))
		return err_memory(e);
	code = git_run(g,
		(const char *const[]){ "config", "--null", "--get-urlmatch",
			text_peek(&name), key->url, NULL },
		&r, e);
	*ret_found = !code && r.status == 0 && text_copy(ret, 256, text_peek(&r.out));
	return code;
}
