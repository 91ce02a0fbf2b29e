/* The options of mi-token-exec: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "../process.h"

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "identity",     'i', "SELECTOR",    PLACE(identity),     "the command gets this identity and no other" },
	{ "allow",        'a', "RESOURCE...", PLACE(allow),        "only this resource, or alias; others only when named as well" },
	{ "via",          'u', "PATH",        PLACE(via),          "ask the server at this unix socket: mi-token serve --unix" },
	{ "keep-fresh",   'k', "FILE",        PLACE(keep_fresh),   "keep a token in this file while the command runs; needs --resource" },
	{ "resource",     'r', "RESOURCE",    PLACE(resource),     "what the token in the file is for: a resource or an alias" },
	{ "no-shims",     'N', NULL,          PLACE(no_shims),     "leave PATH as it is" },
	{ "error-format", 'E', "FORMAT",      PLACE(error_format), "text or json" },
	{ "help",         'h', NULL,          PLACE(help),         "this help" },
	{ "version",      'V', NULL,          PLACE(version),      "the version" },
	{ NULL, '+', NULL, 0, NULL },
};
// clang-format on

static enum mitok_code check(const struct options *o, struct mitok_err *e)
{
	if (o->help || o->version)
		return MITOK_OK;
	if (!*o->command)
		return err_set(e, MITOK_E_ARG, "no command to run");
	if (!o->keep_fresh != !o->resource)
		return err_set(
			e, MITOK_E_ARG, "--keep-fresh and --resource need each other");
	if (o->via && (o->identity || o->allow.count || o->keep_fresh))
		return err_set(e, MITOK_E_ARG,
			"with --via the server outside says which identity and "
			"resources there are");
	return MITOK_OK;
}

enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	o->command = argv + optind;
	if (!r)
		r = check(o, e);
	return r ? err_hint(e, r, "see mi-token exec --help") : MITOK_OK;
}

enum mitok_code options_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token exec [OPTION...] [--] COMMAND [ARGUMENT...]\n\n"
		"Runs a command whose az, curl and SDKs get this machine's "
		"identity.\n\n");
	flags_help(rows, NULL, NULL, &help);
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}
