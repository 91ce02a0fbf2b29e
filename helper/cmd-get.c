/* mi-token get: print an access token.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/near.h"
#include "options.h"
#include "program.h"

static bool add(struct secret *s, const char *before, const struct mitok_token *t,
	const char *after)
{
	size_t len;
	const char *value = mitok_token_value(t, &len);

	return secret_add_text(s, before) && secret_add(s, value, len) &&
		secret_add_text(s, after);
}

static bool add_number(
	struct secret *s, const char *before, long long n, const char *after)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%lld", n);
	return secret_add_text(s, before) && secret_add_text(s, digits) &&
		secret_add_text(s, after);
}

static bool format_token(const struct mitok_token *t, struct secret *s)
{
	return add(s, "", t, "\n");
}

static bool format_header(const struct mitok_token *t, struct secret *s)
{
	return add(s, "Authorization: Bearer ", t, "\n");
}

/* A line for `curl --config`, so that the token is in no process list. */
static bool format_curl(const struct mitok_token *t, struct secret *s)
{
	return add(s, "header = \"Authorization: Bearer ", t, "\"\n");
}

/* A token has no character that a shell minds; reply.c lets no other in. */
static bool format_variables(const struct mitok_token *t, struct secret *s,
	const char *assign, const char *between)
{
	char before[64];

	(void)snprintf(before, sizeof(before), "%sMI_TOKEN%s'", assign, between);
	if (!add(s, before, t, "'\n"))
		return false;
	(void)snprintf(
		before, sizeof(before), "%sMI_TOKEN_EXPIRES_ON%s", assign, between);
	return add_number(s, before, mitok_token_time(t, MITOK_TIME_EXPIRES), "\n");
}

static bool format_env(const struct mitok_token *t, struct secret *s)
{
	return format_variables(t, s, "export ", "=");
}

static bool format_env_no_export(const struct mitok_token *t, struct secret *s)
{
	return format_variables(t, s, "", "=");
}

static bool format_fish(const struct mitok_token *t, struct secret *s)
{
	return format_variables(t, s, "set -gx ", " ");
}

static bool format_exp(const struct mitok_token *t, struct secret *s)
{
	return add_number(s, "", mitok_token_time(t, MITOK_TIME_EXPIRES), "\n");
}

static bool format_json(const struct mitok_token *t, struct secret *s)
{
	static const struct {
		const char *name;
		enum mitok_text which;
	} texts[] = {
		{ "token_type", MITOK_TEXT_TYPE },
		{ "resource", MITOK_TEXT_RESOURCE },
		{ "client_id", MITOK_TEXT_CLIENT_ID },
		{ "tenant_id", MITOK_TEXT_TENANT_ID },
	};
	long long expires = mitok_token_time(t, MITOK_TIME_EXPIRES);
	AUTO_TEXT rest = { 0 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		text_addf(&rest, ",\n  \"%s\": ", texts[i].name);
		text_add_json(&rest, mitok_token_text(t, texts[i].which));
	}
	return add(s, "{\n  \"access_token\": \"", t, "\"") &&
		add_number(s, ",\n  \"expires_on\": ", expires, "") &&
		add_number(s, ",\n  \"expires_in\": ", expires - (long long)time(NULL),
			"") &&
		text_ok(&rest) && secret_add_text(s, text_peek(&rest)) &&
		secret_add_text(s, "\n}\n");
}

static const struct {
	const char *name;
	bool (*format)(const struct mitok_token *t, struct secret *s);
} formats[] = {
	{ "token", format_token },
	{ "json", format_json },
	{ "header", format_header },
	{ "curl", format_curl },
	{ "env", format_env },
	{ "env-no-export", format_env_no_export },
	{ "fish", format_fish },
	{ "exp", format_exp },
};

/* A token that goes to a file should go to nobody else. */
static void look_where_it_goes(const struct options *o)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 044))
		warn(o,
			"others can read the file that the token goes to; chmod go= "
			"FILE, "
			"or umask 077 first");
}

/* What is no target may have been meant for a command. */
static enum mitok_code suggest_command(const char *typed, struct mitok_err *e)
{
	struct near n = { .typed = typed };

	for (size_t i = 0; cmds[i]; i++)
		near_try(&n, cmds[i]->name);
	for (const struct program *p = programs; p->name; p++)
		near_try(&n, p->name);
	if (n.best && !strstr(e->hint, "did you mean"))
		(void)snprintf(e->hint, sizeof(e->hint), "did you mean the command '%s'?",
			n.best);
	return MITOK_E_ARG;
}

enum mitok_code get_token(const struct options *o, struct mitok *m, const char *target,
	struct mitok_token **ret, struct mitok_err *e)
{
	struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = o->resource,
		.scope = o->scope,
		.target = o->args[0],
		.identity = o->identity,
		.source = o->source,
		.min_valid_s = o->min_valid_s,
		.timeout_ms = o->timeout_ms,
		.flags = o->refresh ? MITOK_REFRESH : 0,
	};
	enum mitok_code r;

	if (!rq.resource && !rq.scope && !rq.target)
		rq.target = target;
	if (!rq.resource && !rq.scope && !rq.target)
		return err_hint(e, err_set(e, MITOK_E_ARG, "a token for what?"),
			"for example: mi-token --resource https://vault.azure.net, or "
			"mi-token arm; see mi-token --help");
	r = mitok_get(m, &rq, ret, e);
	if (!r && e->message[0])
		warn(o, "%s", e->message);
	return r == MITOK_E_ARG && rq.target ? suggest_command(rq.target, e) : r;
}

void free_token(struct mitok_token **t)
{
	mitok_token_free(*t);
	*t = NULL;
}

static enum mitok_code run(const struct options *o, struct mitok *m, struct mitok_err *e)
{
	const char *name = o->output ? o->output : "token";
	AUTO_TOKEN t = NULL;
	AUTO_SECRET out = { 0 };
	enum mitok_code r;
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			break;
	if (i == sizeof(formats) / sizeof(*formats))
		return err_hint(e, err_set(e, MITOK_E_ARG, "no output format '%s'", name),
			"there are: %s", cmd_get.formats);
	r = get_token(o, m, NULL, &t, e);
	if (r)
		return r;
	if (!formats[i].format(t, &out))
		return err_memory(e);
	if (formats[i].format != format_exp)
		look_where_it_goes(o);
	return print_secret(&out, e);
}

const struct cmd cmd_get = {
	"get",
	"[--resource URI | --scope SCOPE | TARGET] [OPTION...]",
	"print an access token (TARGET: an alias like arm or vault, or a URL)",
	"rsiABComftS",
	"token, json, header, curl, env, env-no-export, fish or exp",
	1,
	true,
	run,
};
