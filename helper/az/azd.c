/* azd auth token: the Azure Developer CLI as the SDKs run it.
 * SPDX-License-Identifier: MIT */
#include "azd.h"

#include <string.h>

#include "../flags.h"
#include "../process.h"
#include "../real.h"
#include "base/clock.h"
#include "cloud.h"
#include "context.h"
#include "report.h"

/* What the SDKs know as "nobody is signed in". */
#define SIGN_IN "not logged in, run `azd auth login` to login"

struct azd_args {
	const char *output, *scope, *tenant, *claims;
	bool no_prompt, help;
};

#define AT(member) offsetof(struct azd_args, member)

// clang-format off
static const struct flag flags[] = {
	{ "output",    'o', "FORMAT",  AT(output),    "json, or none: the token alone" },
	{ "scope",     'S', "SCOPE",   AT(scope),     "RESOURCE/.default" },
	{ "tenant-id", 'T', "TENANT",  AT(tenant),    "the identity's own tenant; no other" },
	{ "claims",    'C', "CLAIMS",  AT(claims),    "ask for a new token" },
	{ "no-prompt", 'N', NULL,      AT(no_prompt), "nothing is ever asked" },
	{ "help",      'h', NULL,      AT(help),      "show this help" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* An object in one line, as azd writes it; the expiry is in UTC. */
static enum mitok_code print(
	const struct azd_args *a, const struct mitok_token *t, struct mitok_err *e)
{
	bool is_json = a->output && text_equal_nocase(a->output, "json");
	const char *value = mitok_token_value(t, NULL);
	char expires[CLOCK_TEXT_SIZE];
	AUTO_SECRET out = { 0 };
	bool ok;

	clock_format(mitok_token_time(t, MITOK_TIME_EXPIRES), expires);
	if (is_json)
		ok = secret_add_text(&out, "{\"token\":\"") &&
			secret_add_text(&out, value) &&
			secret_add_text(&out, "\",\"expiresOn\":\"") &&
			secret_add_text(&out, expires) && secret_add_text(&out, "\"}\n");
	else
		ok = secret_add_text(&out, value) && secret_add_text(&out, "\n");
	if (!ok)
		return err_memory(e);
	return process_print(secret_peek(&out), out.len, e);
}

static enum mitok_code give(struct az *az, const struct azd_args *a, struct mitok_err *e)
{
	const struct context_ask ask = {
		.resource = a->scope ? NULL : cloud_arm_resource(cloud_active(az)),
		.scope = a->scope,
		.refresh = a->claims && *a->claims,
	};
	AUTO_TOKEN t = NULL;
	enum mitok_code r = context_token(az, &ask, &t, e);

	if (r)
		return r;
	if (a->tenant && *a->tenant &&
		!text_equal_nocase(a->tenant, mitok_token_text(t, MITOK_TEXT_TENANT_ID)))
		return err_set(e, MITOK_E_DENIED,
			"the managed identity is of tenant %s, and gets tokens of no "
			"other",
			mitok_token_text(t, MITOK_TEXT_TENANT_ID));
	return print(a, t, e);
}

static enum mitok_code help(struct mitok_err *e)
{
	AUTO_TEXT t = { 0 };

	text_add(&t,
		"usage: azd auth token [OPTION...]\n\n"
		"Prints a token of the machine's managed identity.\n\nOptions:\n");
	flags_help(flags, NULL, NULL, &t);
	return text_ok(&t) ? process_print(t.p, t.len, e) : err_memory(e);
}

int azd_main(int argc, char **argv)
{
	bool known =
		argc > 2 && strcmp(argv[1], "auth") == 0 && strcmp(argv[2], "token") == 0;
	struct azd_args a = { 0 };
	struct az az = { 0 };
	struct mitok_err e = { 0 };
	enum mitok_code r = MITOK_OK;

	if (!known)
		real_become("azd", "MI_TOKEN_AZ", argv);
	process_harden();
	if (known)
		r = flags_parse(flags, argc - 2, argv + 2, &a, &e);
	if (a.help || argc < 2 || strcmp(argv[1], "--help") == 0)
		r = help(&e);
	else if (!known)
		r = err_set(&e, MITOK_E_ARG,
			"mi-token's azd has one command, `auth token`, and there is no "
			"other "
			"azd in PATH");
	else if (!r)
		r = give(&az, &a, &e);
	if (r)
		report_error(&e, "", "", SIGN_IN);
	mitok_free(az.m);
	arena_free(&az.arena);
	return report_status(r);
}
