/* Options of a program's command line: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#include "flags.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"

static bool is_long_only(int letter)
{
	return letter >= 'A' && letter < 'V';
}

static bool is_list(const struct flag *row)
{
	return row->arg && text_ends_nocase(row->arg, "...");
}

/* false: too many of them. */
static bool set(const struct flag *row, const char *value, void *options)
{
	void *place = (char *)options + row->place;
	struct flag_list *list = place;

	if (!row->arg) {
		*(bool *)place = true;
	} else if (!is_list(row)) {
		memcpy(place, &value, sizeof(value));
	} else {
		if (list->count == FLAG_LIST_MAX)
			return false;
		list->values[list->count++] = value;
	}
	return true;
}

static bool is_set(const struct flag *row, const void *options)
{
	const char *place = (const char *)options + row->place;
	const char *value = NULL;

	if (!row->arg)
		return *(const bool *)place;
	if (is_list(row))
		return ((const struct flag_list *)(const void *)place)->count > 0;
	memcpy(&value, place, sizeof(value));
	return value != NULL;
}

/* getopt's own tables, made from ours. */
struct getopt_tables {
	char letters[2 * FLAGS_MAX + 3];
	struct option names[FLAGS_MAX];
};

static void make_tables(const struct flag *rows, struct getopt_tables *t)
{
	char *at = t->letters;
	size_t count = 0;

	*t = (struct getopt_tables){ 0 };
	while (rows[count].name)
		count++;
	if (rows[count].letter == '+')
		*at++ = '+';
	*at++ = ':'; /* a missing value is told from an unknown option */
	for (size_t i = 0; rows[i].name; i++) {
		assert(i < FLAGS_MAX - 1);
		if (!is_long_only(rows[i].letter)) {
			*at++ = (char)rows[i].letter;
			if (rows[i].arg)
				*at++ = ':';
		}
		t->names[i] = (struct option){ rows[i].name,
			rows[i].arg ? required_argument : no_argument, NULL,
			rows[i].letter };
	}
}

static enum mitok_code refuse(
	const struct flag *rows, bool lacks_value, const char *arg, struct mitok_err *e)
{
	const char *why = lacks_value ? "lacks its value" : "is no option";
	size_t len = strspn(arg, "-abcdefghijklmnopqrstuvwxyz");
	char name[24] = "";
	struct near n = { .typed = name };

	if (optopt && strchr(arg, '='))
		why = "takes no value";
	if (len < sizeof(name))
		memcpy(name, arg, len);
	if (text_starts(arg, "--") && name[0] && (!arg[len] || arg[len] == '=')) {
		(void)err_set(e, MITOK_E_ARG, "%s %s", name, why);
		n.typed = name + 2;
		for (size_t i = 0; rows[i].name && !optopt; i++)
			near_try(&n, rows[i].name);
	} else if (optopt > ' ' && optopt < 0x7f) {
		(void)err_set(e, MITOK_E_ARG, "-%c %s", optopt, why);
	} else {
		(void)err_set(e, MITOK_E_ARG, "an argument %s", why);
	}
	return n.best ? err_hint(e, MITOK_E_ARG, "did you mean --%s?", n.best)
		      : MITOK_E_ARG;
}

enum mitok_code flags_parse(const struct flag *rows, int argc, char *const *argv,
	void *ret, struct mitok_err *e)
{
	struct getopt_tables tables;
	int letter;

	make_tables(rows, &tables);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, tables.letters, tables.names, NULL)) !=
		-1) {
		if (letter == '?' || letter == ':')
			return refuse(rows, letter == ':', argv[optind - 1], e);
		for (size_t i = 0; rows[i].name; i++)
			if (rows[i].letter == letter && !set(&rows[i], optarg, ret))
				return err_set(e, MITOK_E_ARG,
					"--%s stands there more than %d times",
					rows[i].name, FLAG_LIST_MAX);
	}
	return MITOK_OK;
}

const char *flags_error_format(char *const *argv)
{
	static const char name[] = "--error-format";

	for (; *argv && strcmp(*argv, "--") != 0; argv++) {
		if (strcmp(*argv, name) == 0)
			return argv[1];
		if (text_starts(*argv, name) && (*argv)[strlen(name)] == '=')
			return *argv + strlen(name) + 1;
	}
	return NULL;
}

void flags_join(const char *takes, const char *common, char ret[FLAGS_MAX])
{
	(void)snprintf(ret, FLAGS_MAX, "%s%s", takes, common);
}

const struct flag *flags_stranger(
	const struct flag *rows, const char *letters, const void *options)
{
	for (; rows->name; rows++)
		if (is_set(rows, options) && !strchr(letters, rows->letter))
			return rows;
	return NULL;
}

void flags_help(const struct flag *rows, const char *letters, const char *formats,
	struct text *ret)
{
	for (; rows->name; rows++) {
		AUTO_TEXT name = { 0 };

		if (letters && !strchr(letters, rows->letter))
			continue;
		if (is_long_only(rows->letter))
			text_add(&name, "    ");
		else
			text_addf(&name, "-%c, ", rows->letter);
		text_addf(&name, "--%s%s%s", rows->name, rows->arg ? " " : "",
			rows->arg ? rows->arg : "");
		text_addf(ret, "  %-26s %s%s%s\n", text_peek(&name), rows->about,
			rows->letter == 'o' && formats ? ": " : "",
			rows->letter == 'o' && formats ? formats : "");
	}
}
