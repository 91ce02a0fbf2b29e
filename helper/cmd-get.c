/* mi-token get: print an access token.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/near.h"
#include "format.h"
#include "options.h"
#include "program.h"

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
		.federate_client_id = o->federate,
		.federate_tenant_id = o->tenant,
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

static enum mitok_code run(const struct options *o, struct mitok *m, struct mitok_err *e)
{
	const char *name = o->output ? o->output : "token";
	const struct format *f = format_find(name);
	AUTO_TOKEN t = NULL;
	AUTO_SECRET out = { 0 };
	enum mitok_code r;

	if (!f)
		return err_hint(e, err_set(e, MITOK_E_ARG, "no output format '%s'", name),
			"there are: %s", cmd_get.formats);
	r = get_token(o, m, f->target, &t, e);
	if (!r)
		r = format_write(f, t, &out, e);
	if (r)
		return r;
	if (!f->is_public)
		look_where_it_goes(o);
	return print_secret(&out, e);
}

const struct cmd cmd_get = {
	"get",
	"[--resource URI | --scope SCOPE | TARGET] [OPTION...]",
	"print an access token (TARGET: an alias like arm or vault, or a URL)",
	"rsiABCFTomftS",
	"token, json, header, curl, env, env-no-export, fish, az, azd, kube or exp",
	1,
	true,
	run,
};
