/* Keys in Azure Key Vault and Managed HSM for programs that use OpenSSL: one program, whose
 * name is its command. SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/stat.h>

#include "../flags.h"
#include "../process.h"
#include "azkv.h"

// clang-format off
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
#define COMMANDS (sizeof(commands) / sizeof(*commands))

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
	r = options_parse(c, argc, argv, &o, &e);
	if (!r && o.help)
		r = options_help(c, &e);
	else if (!r && o.version)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = c->run(&o, &e);
	if (r && e.message[0])
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
