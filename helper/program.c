/* Commands that are programs of their own: `mi-token NAME` runs mi-token-NAME.
 * SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

// clang-format off
const struct program programs[] = {
	{ "az", "what az does with a managed identity, without an Azure CLI" },
	{ "curl", "run curl with a token for URLs of Azure's services" },
	{ "doctor", "find what is in the way of a token, and of what it is for" },
	{ "exec", "run a command whose tools get this machine's identity" },
	{ "explain", "tell what a failure means that is pasted on stdin" },
	{ "git", "set up git for Azure Repos, and find out why it is refused" },
	{ "keep-fresh", "keep a token in a file, and replace it before it expires" },
	{ "keycert", "write a certificate that is in a vault" },
	{ "keycheck", "tell whether OpenSSL can use a key that is in a vault" },
	{ "keyref", "write the file that stands for a private key in a vault" },
	{ "openssl-conf", "have OpenSSL's programs know keys in vaults" },
	{ "query", "search JSON on stdin with JMESPath, printed as az prints it" },
	{ "report", "write a page about the identity for the runbook" },
	{ "roles", "show the identity's role assignments, and what is wrong with them" },
	{ "serve", "serve tokens to programs that ask a managed identity endpoint" },
	{ "verify", "tell whether an access token that somebody brought is good" },
	{ "wait", "wait until the identity has a token, or access to a URL" },
	{ NULL, NULL },
};
// clang-format on

const struct program *program_find(const char *name)
{
	const struct program *p = programs;

	while (p->name && (!name || strcmp(p->name, name) != 0))
		p++;
	return p->name ? p : NULL;
}

static bool is_help(char *const *argv)
{
	return argv[0] && argv[1] && strcmp(argv[1], "help") == 0;
}

bool program_is_named(char *const *argv)
{
	return argv[0] && argv[1] && program_find(argv[is_help(argv) ? 2 : 1]);
}

/* Next to us, as in a build tree or a prefix that was moved, or where `make install` put
 * it. */
static void run_from(const char *folder, const char *below, const char *name, char **argv)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s/mi-token-%s", folder, below, name);

	if (n > 0 && n < (int)sizeof(path))
		(void)execv(path, argv);
}

enum mitok_code program_run(char **argv, struct mitok_err *e)
{
	static char help[] = "--help";
	const char *name = argv[is_help(argv) ? 2 : 1];
	char folder[PATH_MAX], self[64];

	(void)snprintf(self, sizeof(self), "mi-token-%s", name);
	if (is_help(argv))
		argv[2] = help;
	argv[1] = self;
	if (process_folder(folder))
		run_from(folder, "/../libexec/mi-token", name, argv + 1);
	run_from(MI_TOKEN_PROGRAMS, "", name, argv + 1);
	(void)err_set(e, MITOK_E_BUG, "cannot run %s/mi-token-%s: %s", MI_TOKEN_PROGRAMS,
		name, strerror(errno));
	return err_hint(e, MITOK_E_BUG,
		"install the part of mi-token that has the command '%s'", name);
}
