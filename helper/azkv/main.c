/* Keys in Azure Key Vault and Managed HSM for programs that use OpenSSL: one program, whose
 * name is its command. SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

static const struct command commands[] = {
	{ "keyref", "URI [-o FILE] [--identity SELECTOR]",
	  "Write the file that stands for a private key in a vault: programs read it where they\n"
	  "read a key, and the provider azkv has the vault sign.\n", "io", 1, keyref },
	{ "keycert", "URI [-o FILE] [--identity SELECTOR]",
	  "Write a certificate that is in a vault, and where it may be read its issuers.\n",
	  "io", 1, keycert },
	{ "keycheck", "URI|FILE [--identity SELECTOR] [--json]",
	  "Tell whether OpenSSL is set up for a key in a vault, and have it sign once.\n",
	  "iJ", 1, keycheck },
	{ "openssl-conf", "[--show|--install|--remove] [--file FILE]",
	  "Have every program that uses OpenSSL know keys in vaults.\n", "IRSF", 0, openssl_conf },
};
// clang-format on
#define COMMANDS      (sizeof(commands) / sizeof(*commands))

/* Every command takes these. */
static const char common[] = "EhV";

static const struct command *find_command(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	for (size_t i = 0; name && i < COMMANDS; i++)
		if (text_starts(name, "mi-token-") &&
			strcmp(commands[i].name, name + strlen("mi-token-")) == 0)
			return &commands[i];
	return NULL;
}

static enum mitok_code parse_options(const struct command *c, int argc, char *const *argv,
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

static enum mitok_code print_help(const struct command *c, struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };
	char letters[FLAGS_MAX];

	flags_join(c->takes, common, letters);
	text_addf(&help, "usage: mi-token %s %s\n\n%s\n", c->name, c->args, c->about);
	flags_help(rows, letters, NULL, &help);
	text_add(&help, "\nmi-token(1) is the manual, azkv(7) that of the provider.\n");
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}

int main(int argc, char **argv)
{
	struct options o = { .umask = umask(077) };
	struct mitok_err e = { 0 };
	const struct command *c = find_command(argv[0]);
	enum mitok_code r;

	process_harden();
	if (!c) {
		r = err_set(&e, MITOK_E_ARG, "this program is run by mi-token");
		process_print_error(false, &e);
		return (int)r;
	}
	r = parse_options(c, argc, argv, &o, &e);
	if (!r && o.help)
		r = print_help(c, &e);
	else if (!r && o.version)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = c->run(&o, &e);
	if (r && e.message[0])
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
