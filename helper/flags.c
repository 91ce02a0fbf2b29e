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

static bool ends_at_word(const struct flag *rows)
{
	while (rows->name)
		rows++;
	return rows->letter == '+';
}

static void make_tables(const struct flag *rows, struct getopt_tables *t)
{
	char *at = t->letters;

	*t = (struct getopt_tables){ 0 };
	if (ends_at_word(rows))
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

static const struct flag *find_row(const struct flag *rows, const char *name)
{
	while (rows->name && strcmp(rows->name, name) != 0)
		rows++;
	return rows->name ? rows : NULL;
}

static const char *find_error_format(char *const *argv)
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

bool flags_wants_json(const char *error_format)
{
	return error_format && strcmp(error_format, "json") == 0;
}

static enum mitok_code check_error_format(
	const struct flag *row, const void *options, struct mitok_err *e)
{
	const char *value;

	memcpy(&value, (const char *)options + row->place, sizeof(value));
	if (!value || flags_wants_json(value) || strcmp(value, "text") == 0)
		return MITOK_OK;
	return err_set(e, MITOK_E_ARG, "--error-format is text or json");
}

static enum mitok_code take_all(const struct flag *rows, int argc, char *const *argv,
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

enum mitok_code flags_parse(const struct flag *rows, int argc, char *const *argv,
	void *ret, struct mitok_err *e)
{
	const struct flag *format = find_row(rows, "error-format");
	enum mitok_code r;

	/* What follows another program's name is that program's. */
	if (format && !ends_at_word(rows))
		(void)set(format, find_error_format(argv), ret);
	r = take_all(rows, argc, argv, ret, e);
	return r || !format ? r : check_error_format(format, ret, e);
}

void flags_join(const char *takes, const char *common, char ret[FLAGS_MAX])
{
	(void)snprintf(ret, FLAGS_MAX, "%s%s", takes, common);
}

enum mitok_code flags_check_letters(const struct flag *rows, const char *letters,
	const void *options, const char *name, struct mitok_err *e)
{
	for (; rows->name; rows++)
		if (is_set(rows, options) && !strchr(letters, rows->letter))
			return err_set(e, MITOK_E_ARG, "'%s' does not take --%s", name,
				rows->name);
	return MITOK_OK;
}

enum mitok_code flags_check_count(
	const char *const *args, unsigned max, const char *name, struct mitok_err *e)
{
	unsigned count = 0;

	while (args[count])
		count++;
	if (count <= max)
		return MITOK_OK;
	return err_set(e, MITOK_E_ARG, "'%s' takes %s argument, not %u", name,
		max ? "one" : "no", count);
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
