/* The command line of git-credential-mi-token.
 * SPDX-License-Identifier: MIT */
#include "args.h"

#include <getopt.h>
#include <string.h>

static bool set_identity(struct args *a, const char *value)
{
	a->identity = value;
	return *value != '\0';
}

static bool set_auth(struct args *a, const char *value)
{
	static const char *const names[] = {
		[AUTH_AUTO] = "auto",
		[AUTH_BASIC] = "basic",
		[AUTH_BEARER] = "bearer",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], value) == 0) {
			a->auth = (enum auth)i;
			return true;
		}
	return false;
}

static bool set_on_failure(struct args *a, const char *value)
{
	a->quit_on_failure = strcmp(value, "quit") == 0;
	return a->quit_on_failure || strcmp(value, "silent") == 0;
}

static bool set_timeout(struct args *a, const char *value)
{
	int64_t ms;

	if (!text_to_ms(value, &ms))
		return false;
	a->timeout_ms = (long)ms;
	return true;
}

static bool set_gcm(struct args *a, const char *value)
{
	(void)value;
	a->gcm = true;
	return true;
}

static bool set_verbose(struct args *a, const char *value)
{
	(void)value;
	a->verbose = true;
	return true;
}

static bool set_help(struct args *a, const char *value)
{
	(void)value;
	a->help = true;
	return true;
}

static bool set_version(struct args *a, const char *value)
{
	(void)value;
	a->version = true;
	return true;
}

// clang-format off
static const struct {
	const char *name;
	int letter;
	const char *arg; /* NULL: a switch */
	bool (*set)(struct args *a, const char *value);
	const char *about;
} rows[] = {
	{ "identity",   'i', "SELECTOR",          set_identity,   "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "auth",       'A', "auto|basic|bearer", set_auth,       "how git sends the token; auto: bearer from git 2.54 on" },
	{ "on-failure", 'F', "silent|quit",       set_on_failure, "let git ask others and you for a password (silent), or give up" },
	{ "timeout",    't', "SPAN",              set_timeout,    "at most so long for everything, like 5s" },
	{ "gcm",        'G', NULL,                set_gcm,        "honour git-credential-manager's credential.azreposManagedIdentity" },
	{ "verbose",    'v', NULL,                set_verbose,    "say on stderr what is done" },
	{ "help",       'h', NULL,                set_help,       "this help" },
	{ "version",    'V', NULL,                set_version,    "the version" },
};
// clang-format on
#define COUNT (sizeof(rows) / sizeof(*rows))

static enum mitok_code usage(struct mitok_err *e)
{
	return err_hint(e, MITOK_E_ARG, "see git-credential-mi-token --help");
}

/* A value that was refused may be a secret in the wrong place: it is not repeated. */
static enum mitok_code apply(
	int letter, const char *value, struct args *ret, struct mitok_err *e)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (rows[i].letter != letter)
			continue;
		if (rows[i].set(ret, value))
			return MITOK_OK;
		(void)err_set(e, MITOK_E_ARG, "--%s wants %s", rows[i].name, rows[i].arg);
		return usage(e);
	}
	(void)err_set(e, MITOK_E_ARG,
		letter == ':' ? "an option lacks its value" : "there is no such option");
	return usage(e);
}

enum mitok_code args_parse(int argc, char **argv, struct args *ret, struct mitok_err *e)
{
	struct option names[COUNT + 1] = { { NULL, 0, NULL, 0 } };
	int letter;

	for (size_t i = 0; i < COUNT; i++)
		names[i] = (struct option){ rows[i].name,
			rows[i].arg ? required_argument : no_argument, NULL,
			rows[i].letter };
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":i:t:vhV", names, NULL)) != -1) {
		enum mitok_code r = apply(letter, optarg ? optarg : "", ret, e);

		if (r)
			return r;
	}
	ret->operation = argv[optind];
	if (ret->help || ret->version)
		return MITOK_OK;
	if (!ret->operation) {
		(void)err_set(e, MITOK_E_ARG,
			"no operation; git runs it as git-credential-mi-token get");
		return usage(e);
	}
	if (!argv[optind + 1])
		return MITOK_OK;
	(void)err_set(e, MITOK_E_ARG, "one operation, not several");
	return usage(e);
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
		"Gives git the managed identity's token for Azure Repos. git runs it:\n\n"
		"  mi-token git configure\n\n");
	for (size_t i = 0; i < COUNT; i++) {
		AUTO_TEXT name = { 0 };

		if (strchr("itvhV", rows[i].letter))
			text_addf(&name, "-%c, ", rows[i].letter);
		else
			text_add(&name, "    ");
		text_addf(&name, "--%s%s%s", rows[i].name, rows[i].arg ? " " : "",
			rows[i].arg ? rows[i].arg : "");
		text_addf(ret, "  %-28s %s\n", text_peek(&name), rows[i].about);
	}
}
