/* The command line of git-credential-mi-token.
 * SPDX-License-Identifier: MIT */
#include "args.h"

#include <getopt.h>
#include <string.h>

#include "../flags.h"

#define PLACE(member) offsetof(struct args, member)

// clang-format off
static const struct flag rows[] = {
	{ "identity",   'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "auth",       'A', "HOW",      PLACE(auth_text),    "how git sends the token: auto (bearer from git 2.54 on), basic, bearer" },
	{ "on-failure", 'F', "WHAT",     PLACE(failure_text), "silent: git asks other helpers, then you; quit: it gives up" },
	{ "timeout",    't', "TIME",     PLACE(timeout_text), "bound on the whole call, as in 5s, 500ms or 2m" },
	{ "gcm",        'G', NULL,       PLACE(gcm),          "honour git-credential-manager's credential.azreposManagedIdentity" },
	{ "diagnose",   'D', NULL,       PLACE(diagnose),     "tell the cause of every refusal, not once a minute" },
	{ "verbose",    'v', NULL,       PLACE(verbose),      "tell on stderr what happens; never a token" },
	{ "help",       'h', NULL,       PLACE(help),         "this help" },
	{ "version",    'V', NULL,       PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

static const char *const auths[] = {
	[AUTH_AUTO] = "auto",
	[AUTH_BASIC] = "basic",
	[AUTH_BEARER] = "bearer",
	NULL,
};
static const char *const failures[] = { "silent", "quit", NULL };

/* The number of the word; -1 when it is none of them. NULL is the first. */
static int find_word(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!word || strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static enum mitok_code convert(struct args *a, struct mitok_err *e)
{
	int auth = find_word(auths, a->auth_text);
	int failure = find_word(failures, a->failure_text);
	int64_t ms = 0;

	if (auth < 0)
		return err_set(e, MITOK_E_ARG, "--auth is auto, basic or bearer");
	if (failure < 0)
		return err_set(e, MITOK_E_ARG, "--on-failure is silent or quit");
	if (a->timeout_text && !text_to_ms(a->timeout_text, &ms))
		return err_set(e, MITOK_E_ARG,
			"--timeout wants a whole number and its unit (ms, s, m, h), at "
			"most 24h, like 5s");
	a->auth = (enum auth)auth;
	a->quit_on_failure = failure > 0;
	a->timeout_ms = (long)ms;
	return MITOK_OK;
}

static enum mitok_code check(struct args *a, char *const *rest, struct mitok_err *e)
{
	a->operation = rest[0];
	if (a->help || a->version)
		return MITOK_OK;
	if (!rest[0])
		return err_set(e, MITOK_E_ARG,
			"no operation; git runs it as git-credential-mi-token get");
	if (rest[1])
		return err_set(e, MITOK_E_ARG, "one operation, not several");
	return convert(a, e);
}

enum mitok_code args_parse(int argc, char **argv, struct args *ret, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, ret, e);

	if (!r)
		r = check(ret, argv + optind, e);
	return r ? err_hint(e, r, "see git-credential-mi-token --help") : MITOK_OK;
}

void args_help(const struct args *a, struct text *ret)
{
	if (!a->help) {
		text_add(ret, "git-credential-mi-token " MI_TOKEN_VERSION "\n");
		return;
	}
	text_add(ret,
		"usage: git-credential-mi-token [OPTION...] "
		"get|store|erase|capability\n\n"
		"Gives git the managed identity's token for Azure Repos. To have git run "
		"it:\n\n"
		"  mi-token git configure\n\n");
	flags_help(rows, NULL, NULL, ret);
}
