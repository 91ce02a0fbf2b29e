/* The options of mi-token-git: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../flags.h"
#include "../process.h"
#include "admin.h"

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "global",       'G', NULL,       PLACE(global),       "the user's configuration of git; this is the default" },
	{ "system",       'S', NULL,       PLACE(system),       "that of the whole machine, /etc/gitconfig" },
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "probe",        'P', NULL,       PLACE(probe),        "ask the repository for its references" },
	{ "json",         'J', NULL,       PLACE(json),         "the report as an object" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format), "text or json" },
	{ "quiet",        'q', NULL,       PLACE(quiet),        "no warnings" },
	{ "help",         'h', NULL,       PLACE(help),         "this help" },
	{ "version",      'V', NULL,       PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* Every command takes these. */
static const char common[] = "EqhV";

static enum mitok_code usage(const struct command *c, struct mitok_err *e)
{
	return err_hint(e, MITOK_E_ARG, "see mi-token git %s%s--help", c ? c->name : "",
		c ? " " : "");
}

/* The command is the first word that is no option; `help` may stand before it. */
static enum mitok_code find_command(
	char *const *argv, struct options *o, struct mitok_err *e)
{
	const char *const *word = (const char *const *)argv + optind;
	bool wants_help = *word && strcmp(*word, "help") == 0;

	word += wants_help;
	if (!*word && wants_help)
		o->help = true;
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
	o->help = o->help || (wants_help && o->topic);
	if (o->topic)
		return MITOK_OK;
	(void)err_set(e, MITOK_E_ARG, "no such command of mi-token git");
	return err_hint(e, MITOK_E_ARG, "there are: configure, unconfigure, check");
}

static enum mitok_code check_command(const struct options *o, struct mitok_err *e)
{
	const struct command *c = o->topic;
	char letters[FLAGS_MAX], name[32];
	enum mitok_code r;

	flags_join(c->takes, common, letters);
	(void)snprintf(name, sizeof(name), "git %s", c->name);
	r = flags_check_letters(rows, letters, o, name, e);
	if (!r)
		r = flags_check_count(o->args, c->max_args, name, e);
	if (r)
		return usage(c, e);
	if (o->global && o->system)
		return err_set(e, MITOK_E_ARG, "--global and --system: one of them");
	return MITOK_OK;
}

enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	if (r)
		return usage(NULL, e);
	r = find_command(argv, o, e);
	return r || o->help || o->version ? r : check_command(o, e);
}

enum mitok_code options_help(const struct command *c, struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };
	char letters[FLAGS_MAX];

	if (c) {
		flags_join(c->takes, common, letters);
		text_addf(&help, "usage: mi-token git %s %s\n\n%s\n\n", c->name, c->args,
			c->about);
		flags_help(rows, letters, NULL, &help);
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
