/* Values of credential.helper: whose they are, what they say, and ours written.
 * SPDX-License-Identifier: MIT */
#include "helper.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "../git/run.h"

#define WORDS 32

/* One word as a shell takes it, without variables: git gives the value to one. */
static bool next_word(const char **at, struct text *ret)
{
	const char *p = *at + strspn(*at, " \t\n");
	char quote = '\0';

	*at = p;
	if (!*p)
		return false;
	for (; *p && (quote || !strchr(" \t\n", *p)); p++) {
		if (*p == '\\' && quote != '\'' && p[1])
			text_add_bytes(ret, ++p, 1);
		else if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = (char)(quote ? '\0' : *p);
		else
			text_add_bytes(ret, p, 1);
	}
	*at = p;
	return true;
}

/* The name behind the last slash, without what git puts in front. */
static void copy_name(const char *program, char ret[64])
{
	static const char prefix[] = "git-credential-";
	const char *slash = strrchr(program, '/');

	if (slash)
		program = slash + 1;
	if (text_starts(program, prefix))
		program += strlen(prefix);
	(void)snprintf(ret, 64, "%s", program);
	text_clean(ret);
}

/* In a line of shell, those that matter are looked for. */
static void find_name(const char *line, char ret[64])
{
	static const char *const names[] = { "mi-token", "store", "cache", "libsecret",
		"manager" };

	ret[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (const char *p = line; (p = strstr(p, "credential")) && !ret[0];
			p++) {
			const char *name = p + strlen("credential");

			if ((*name == '-' || *name == ' ') &&
				text_starts(name + 1, names[i]))
				(void)snprintf(ret, 64, "%s", names[i]);
		}
}

void helper_name(const char *value, char ret[64])
{
	AUTO_TEXT word = { 0 };

	if (*value == '!') {
		find_name(value, ret);
		return;
	}
	(void)next_word(&value, &word);
	copy_name(text_peek(&word), ret);
}

bool helper_is_ours(const char *value)
{
	char name[64];

	helper_name(value, name);
	return *value != '!' && strcmp(name, "mi-token") == 0;
}

enum mitok_code helper_parse(
	const char *value, struct helper_line *ret, struct mitok_err *e)
{
	static char operation[] = "get";
	char *argv[WORDS + 2] = { NULL };
	size_t count = 0, at = 0;

	while (next_word(&value, &ret->words)) {
		text_add_bytes(&ret->words, "", 1);
		count++;
	}
	if (!text_ok(&ret->words))
		return err_memory(e);
	if (count > WORDS)
		return err_set(e, MITOK_E_ARG, "the helper's line has too many words");
	for (size_t i = 0; i < count; i++) {
		argv[i] = ret->words.p + at;
		at += strlen(argv[i]) + 1;
	}
	argv[count] = operation;
	optind = 0; /* another command line than our own */
	return args_parse((int)count + 1, argv, &ret->args, e);
}

void helper_line_free(struct helper_line *l)
{
	text_free(&l->words);
}

bool helper_in_effect(const struct git_list *list, const char *scope,
	const struct git_entry **ret_reset)
{
	bool asked = false, seen = false;

	*ret_reset = NULL;
	for (size_t i = 0; i < list->count; i++) {
		const struct git_entry *line = &list->rows[i];

		if (!line->value || (scope && strcmp(line->scope, scope) != 0))
			continue;
		if (!*line->value) {
			asked = false;
			*ret_reset = seen ? line : NULL;
		} else if (helper_is_ours(line->value)) {
			asked = seen = true;
		}
	}
	if (asked)
		*ret_reset = NULL;
	return asked;
}

static const char *file_of(const struct git_entry *line)
{
	static const char file[] = "file:";

	return text_starts(line->origin, file) ? line->origin + strlen(file) : NULL;
}

void helper_place(const struct git_entry *line, struct text *ret)
{
	const char *file = file_of(line);

	text_addf(ret, " (%s%s%s)", line->scope, file ? ", " : "", file ? file : "");
}

void helper_removal(const struct git_entry *line, struct text *ret)
{
	const char *file = file_of(line);

	if (file)
		text_addf(ret,
			"`git config --file '%s' --fixed-value --unset-all '%s' ''` "
			"takes "
			"that line away",
			file, line->key);
	else
		text_addf(ret,
			"take '%s=' away from git's command line, or from "
			"GIT_CONFIG_COUNT "
			"or GIT_CONFIG_PARAMETERS in the environment",
			line->key);
}

void helper_show(const char *value, struct text *ret)
{
	char name[64];

	helper_name(value, name);
	if (helper_is_ours(value))
		text_add(ret, value);
	else if (*value == '!')
		text_addf(ret, "a line of shell%s%s", *name ? " that runs " : "", name);
	else
		text_add(ret, name);
	if (ret->p)
		text_clean(ret->p);
}

bool helper_find(char ret[PATH_MAX])
{
	static const char next[] = "/libexec/mi-token";
	char folder[PATH_MAX];
	int n = 0;

	if (run_find(HELPER_PROGRAM, ret))
		return true;
	if (process_folder(folder) && text_ends_nocase(folder, next)) {
		folder[strlen(folder) - strlen(next)] = '\0';
		n = snprintf(ret, PATH_MAX, "%s/bin/" HELPER_PROGRAM, folder);
		if (n > 0 && n < PATH_MAX && access(ret, X_OK) == 0)
			return true;
	}
	return text_copy(ret, PATH_MAX, MI_TOKEN_BINDIR "/" HELPER_PROGRAM) &&
		access(ret, X_OK) == 0;
}

/* All but what no shell minds gets a backslash. */
static enum mitok_code add_escaped(struct text *t, const char *s, struct mitok_err *e)
{
	if (!text_is_utf8(s, strlen(s)) || text_has_control(s))
		return err_set(e, MITOK_E_ARG, "a control character cannot be in it");
	for (; *s; s++) {
		bool is_plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
			text_is_digit(*s) || (unsigned char)*s >= 0x80 ||
			strchr("/._:=@,+-", *s);

		text_addf(t, "%s%c", is_plain ? "" : "\\", *s);
	}
	return text_ok(t) ? MITOK_OK : err_memory(e);
}

static enum mitok_code add_identity(
	const char *identity, struct text *ret, struct mitok_err *e)
{
	enum mitok_code r;

	if (!identity)
		return text_ok(ret) ? MITOK_OK : err_memory(e);
	text_add(ret, " --identity=");
	r = add_escaped(ret, identity, e);
	return r ? err_within(e, r, "--identity") : MITOK_OK;
}

enum mitok_code helper_write_path(
	const char *identity, struct text *ret, struct mitok_err *e)
{
	char path[PATH_MAX];
	enum mitok_code r;

	if (!helper_find(path))
		return err_hint(e,
			err_set(e, MITOK_E_CONF,
				"there is no " HELPER_PROGRAM " in PATH or in %s",
				MI_TOKEN_BINDIR),
			"reinstall mi-token");
	r = add_escaped(ret, path, e);
	return r ? err_within(e, r, "the path of " HELPER_PROGRAM)
		 : add_identity(identity, ret, e);
}

enum mitok_code helper_write(
	const char *identity, bool gcm, struct text *ret, struct mitok_err *e)
{
	char path[PATH_MAX];

	if (!run_find(HELPER_PROGRAM, path))
		return helper_write_path(identity, ret, e);
	text_add(ret, gcm && !identity ? "mi-token --gcm" : "mi-token");
	return add_identity(identity, ret, e);
}
