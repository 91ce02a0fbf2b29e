/* The options of mi-token-git: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "../process.h"
#include "admin.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* One option; a capital letter stands for a long name without one. */
struct option_row {
	const char *name;
	int letter;
	const char *arg; /* NULL: a switch */
	size_t place;    /* const char * or bool in struct options */
	const char *about;
};
#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct option_row rows[] = {
	{ "global",       'G', NULL,       PLACE(global),       "the user's configuration of git; this is the default" },
	{ "system",       'S', NULL,       PLACE(system),       "that of the whole machine, /etc/gitconfig" },
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "probe",        'P', NULL,       PLACE(probe),        "ask the repository for its references" },
	{ "json",         'J', NULL,       PLACE(json),         "the report as an object" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format), "text or json" },
	{ "quiet",        'q', NULL,       PLACE(quiet),        "no warnings" },
	{ "help",         'h', NULL,       PLACE(help),         "this help" },
	{ "version",      'V', NULL,       PLACE(version),      "the version" },
};
// clang-format on
static const char letters[] = ":i:qhV";

/* Every command takes these. */
static const char common[] = "EqhV";

static bool takes(const struct command *c, int letter)
{
	return strchr(c->takes, letter) || strchr(common, letter);
}

static enum mitok_code usage(const struct command *c, struct mitok_err *e)
{
	return err_hint(e, MITOK_E_ARG, "see mi-token git %s%s--help", c ? c->name : "",
		c ? " " : "");
}

bool options_want_json_errors(const struct options *o)
{
	return o->error_format && strcmp(o->error_format, "json") == 0;
}

static void set_option(const struct option_row *row, const char *value, struct options *o)
{
	char *place = (char *)o + row->place;

	if (row->arg)
		memcpy(place, &value, sizeof(value));
	else
		*(bool *)place = true;
}

static bool is_set(const struct option_row *row, const struct options *o)
{
	const char *place = (const char *)o + row->place;
	const char *value = NULL;

	if (!row->arg)
		return *(const bool *)place;
	memcpy(&value, place, sizeof(value));
	return value != NULL;
}

/* What was refused may be a secret in the wrong place: only what looks like the name of
 * an option is echoed. */
static enum mitok_code refuse(const char *arg, bool lacks_value, struct mitok_err *e)
{
	bool is_name = text_starts(arg, "--") && strlen(arg) < 24 &&
		!arg[strspn(arg, "-abcdefghijklmnopqrstuvwxyz")];

	(void)err_set(e, MITOK_E_ARG, "%s %s", is_name ? arg : "an argument",
		lacks_value ? "lacks its value" : "is no option here");
	return usage(NULL, e);
}

static enum mitok_code read_options(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	struct option names[COUNT(rows) + 1] = { { 0 } };
	int letter;

	for (size_t i = 0; i < COUNT(rows); i++)
		names[i] = (struct option){ rows[i].name,
			rows[i].arg ? required_argument : no_argument, NULL,
			rows[i].letter };
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (letter == '?' || letter == ':')
			return refuse(argv[optind - 1], letter == ':', e);
		for (size_t i = 0; i < COUNT(rows); i++)
			if (rows[i].letter == letter)
				set_option(&rows[i], optarg, o);
	}
	return MITOK_OK;
}

/* The command is the first word that is no option; `help` may stand before it. */
static enum mitok_code find_command(
	char *const *argv, struct options *o, struct mitok_err *e)
{
	const char *const *word = (const char *const *)argv + optind;

	if (*word && strcmp(*word, "help") == 0) {
		o->help = true;
		word++;
	}
	if (!*word && (o->help || o->version))
		return MITOK_OK;
	if (!*word) {
		(void)err_set(e, MITOK_E_ARG, "no command of mi-token git is named");
		return usage(NULL, e);
	}
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, *word) == 0)
			o->topic = c;
	o->args = word + 1;
	if (o->topic)
		return MITOK_OK;
	(void)err_set(e, MITOK_E_ARG, "no such command of mi-token git");
	return err_hint(e, MITOK_E_ARG, "there are: configure, unconfigure, check");
}

static enum mitok_code check_command(const struct options *o, struct mitok_err *e)
{
	const struct command *c = o->topic;
	unsigned count = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (is_set(&rows[i], o) && !takes(c, rows[i].letter)) {
			(void)err_set(e, MITOK_E_ARG, "'git %s' does not take --%s",
				c->name, rows[i].name);
			return usage(c, e);
		}
	while (o->args[count])
		count++;
	if (count > c->max_args) {
		(void)err_set(e, MITOK_E_ARG, "'git %s' takes %s argument, not %u",
			c->name, c->max_args ? "one" : "no", count);
		return usage(c, e);
	}
	if (o->global && o->system)
		return err_set(e, MITOK_E_ARG, "--global and --system: one of them");
	return MITOK_OK;
}

enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = read_options(argc, argv, o, e);

	if (!r && o->error_format && !options_want_json_errors(o) &&
		strcmp(o->error_format, "text") != 0)
		r = err_set(e, MITOK_E_ARG, "--error-format is text or json");
	if (!r)
		r = find_command(argv, o, e);
	return r || o->help || o->version ? r : check_command(o, e);
}

static void add_rows(const struct command *c, struct text *ret)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT name = { 0 };

		if (!takes(c, rows[i].letter))
			continue;
		if (rows[i].letter >= 'a' || rows[i].letter == 'V')
			text_addf(&name, "-%c, ", rows[i].letter);
		else
			text_add(&name, "    ");
		text_addf(&name, "--%s%s%s", rows[i].name, rows[i].arg ? " " : "",
			rows[i].arg ? rows[i].arg : "");
		text_addf(ret, "  %-26s %s\n", text_peek(&name), rows[i].about);
	}
}

enum mitok_code options_help(const struct command *c, struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	if (c) {
		text_addf(&help, "usage: mi-token git %s %s\n\n%s\n\n", c->name, c->args,
			c->about);
		add_rows(c, &help);
	} else {
		text_add(&help,
			"usage: mi-token git COMMAND [OPTION...]\n\n"
			"git and Azure Repos on this machine.\n\n");
		for (c = commands; c->name; c++)
			text_addf(&help, "  %-12s %s\n", c->name, c->about);
		text_add(&help,
			"\n`mi-token git COMMAND --help` tells what one command "
			"takes; mi-token(1) is the manual.\n");
	}
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}
