/* The options of mi-token-serve: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "../exec/lifeline.h"
#include "../process.h"

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "port",         'p', "NUMBER",      PLACE(port_text),     "listen on 127.0.0.1 and this port; one that is free otherwise" },
	{ "unix",         'u', "PATH",        PLACE(path),          "listen on a unix socket instead, for containers" },
	{ "identity",     'i', "SELECTOR",    PLACE(identity),      "serve this identity and no other" },
	{ "allow",        'a', "RESOURCE...", PLACE(allow),         "serve this resource, or alias; others only when named as well" },
	{ "user",         'U', "USER...",     PLACE(users),         "serve this user besides ourselves and root" },
	{ "imds",         'I', NULL,          PLACE(imds),          "also serve the dialects that have no secret: IMDS and Cloud Shell" },
	{ "lifeline",     'L', "FD",          PLACE(lifeline_text), "go to the background, and end when FD can be read or is closed" },
	{ "error-format", 'E', "FORMAT",      PLACE(error_format),  "text or json" },
	{ "verbose",      'v', NULL,          PLACE(verbose),       "tell on stderr what is asked; never a token" },
	{ "help",         'h', NULL,          PLACE(help),          "this help" },
	{ "version",      'V', NULL,          PLACE(version),       "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

static enum mitok_code convert(struct options *o, struct mitok_err *e)
{
	int64_t port = 0;

	if (o->port_text && !text_to_number(o->port_text, 0, 65535, &port))
		return err_set(e, MITOK_E_ARG, "--port wants a number, 0 to 65535");
	if (o->port_text && o->path)
		return err_set(e, MITOK_E_ARG, "--port and --unix: one of them");
	o->port = (unsigned)port;
	return lifeline_parse(o->lifeline_text, &o->lifeline, e);
}

enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	if (!r && argv[optind] && strcmp(argv[optind], "help") == 0)
		o->help = true;
	else if (!r && argv[optind])
		r = err_set(e, MITOK_E_ARG, "'serve' takes no argument");
	if (!r)
		r = convert(o, e);
	return r ? err_hint(e, r, "see mi-token serve --help") : MITOK_OK;
}

enum mitok_code options_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token serve [OPTION...]\n\n"
		"Serves tokens to programs that ask a managed identity endpoint.\n\n");
	flags_help(rows, NULL, NULL, &help);
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}
