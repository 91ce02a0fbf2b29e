/* The options of the commands about keys in vaults: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>

#include "../flags.h"
#include "../process.h"
#include "azkv.h"

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "output",       'o', "FILE",     PLACE(output),       "write there instead of to stdout" },
	{ "install",      'I', NULL,       PLACE(install),      "add the provider to OpenSSL's configuration" },
	{ "remove",       'R', NULL,       PLACE(remove),       "take it out again" },
	{ "show",         'S', NULL,       PLACE(show),         "print what --install adds; this is the default" },
	{ "file",         'F', "FILE",     PLACE(file),         "the configuration, instead of OpenSSL's own" },
	{ "json",         'J', NULL,       PLACE(json),         "the report as an object" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format), "text or json" },
	{ "help",         'h', NULL,       PLACE(help),         "this help" },
	{ "version",      'V', NULL,       PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* Every command takes these. */
static const char common[] = "EhV";

enum mitok_code options_parse(const struct command *c, int argc, char *const *argv,
	struct options *o, struct mitok_err *e)
{
	char letters[FLAGS_MAX];
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	o->args = (const char *const *)argv + optind;
	flags_join(c->takes, common, letters);
	if (!r && !o->help && !o->version) {
		r = flags_check_letters(rows, letters, o, c->name, e);
		if (!r)
			r = flags_check_count(o->args, c->max_args, c->name, e);
		if (!r && c->max_args && !o->args[0])
			r = err_set(
				e, MITOK_E_ARG, "%s needs the name of a key", c->name);
	}
	return r ? err_hint(e, r, "see mi-token %s --help", c->name) : MITOK_OK;
}

enum mitok_code options_help(const struct command *c, struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };
	char letters[FLAGS_MAX];

	flags_join(c->takes, common, letters);
	text_addf(&help, "usage: mi-token %s %s\n\n%s\n", c->name, c->args, c->about);
	flags_help(rows, letters, NULL, &help);
	text_add(&help, "\nmi-token(1) is the manual, azkv(7) that of the provider.\n");
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}
