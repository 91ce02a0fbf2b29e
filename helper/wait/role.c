/* Waiting for access: until a service lets the identity in.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "../process.h"
#include "../target/target.h"
#include "wait.h"

/* What an answer is worth waiting for. A role that was assigned takes up to ten minutes to be
 * known, at a management group up to thirty (Microsoft Learn, "Troubleshoot Azure RBAC"); a
 * rule of a firewall seldom comes by itself. */
static const enum verdict verdicts[] = {
	[TARGET_GRANTED] = VERDICT_DONE,
	[TARGET_NOT_FOUND] = VERDICT_DONE,
	[TARGET_TOKEN_ONLY] = VERDICT_NEVER,
	[TARGET_NO_TOKEN] = VERDICT_LATER, /* where token_verdict() says so */
	[TARGET_UNREACHABLE] = VERDICT_LATER,
	[TARGET_AUDIENCE] = VERDICT_NEVER,
	[TARGET_TENANT] = VERDICT_NEVER,
	[TARGET_TOKEN_REFUSED] = VERDICT_DOUBT,
	[TARGET_NO_ROLE] = VERDICT_LATER,
	[TARGET_ACCESS_POLICY] = VERDICT_NEVER,
	[TARGET_NETWORK] = VERDICT_DOUBT,
	[TARGET_DISABLED] = VERDICT_NEVER,
	[TARGET_NOT_MEMBER] = VERDICT_NEVER,
	[TARGET_BUSY] = VERDICT_LATER,
	[TARGET_UNKNOWN] = VERDICT_DOUBT,
};

enum verdict role_verdict(const struct target_answer *a)
{
	if (a->outcome == TARGET_NO_TOKEN)
		return token_verdict(&a->err);
	return (size_t)a->outcome < sizeof(verdicts) / sizeof(*verdicts)
		? verdicts[a->outcome]
		: VERDICT_DOUBT;
}

/* The lines of the cure in one, as far as they fit whole; not to wait, which is being done. */
static void set_hint(const char *cure, struct mitok_err *e)
{
	static const char wait[] = "mi-token wait ";
	AUTO_TEXT hint = { 0 };

	for (size_t len; *cure; cure += len + (cure[len] == '\n')) {
		len = strcspn(cure, "\n");
		if (memmem(cure, len, wait, strlen(wait)))
			continue;
		if (hint.len + len + 3 > sizeof(e->hint))
			break;
		if (hint.len)
			text_add(&hint, "; ");
		text_add_bytes(&hint, cure, len);
	}
	if (hint.len && text_ok(&hint))
		(void)err_hint(e, e->code, "%s", text_peek(&hint));
}

/* A service that only has to be asked in its own words cannot be waited for. */
static void not_asked(const struct target_answer *a, struct mitok_err *e)
{
	(void)err_set(e, MITOK_E_ARG,
		"whether %s lets the identity in cannot be found out by a read",
		a->service);
	(void)err_hint(
		e, MITOK_E_ARG, "wait for its token alone: --resource %s", a->resource);
}

/* The next try may take a newer token than the one that was refused. */
static void renew(
	const struct waiter *w, const struct client *c, const struct target_answer *a)
{
	const struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = a->resource,
		.identity = w->o->identity,
		.source = w->o->source,
		.timeout_ms = (long)c->timeout_ms,
		.flags = MITOK_REFRESH,
	};
	AUTO_TOKEN t = NULL;

	(void)!mitok_get(w->m, &rq, &t, NULL);
}

static enum mitok_code check(const struct options *o, struct mitok_err *e)
{
	return o->target && text_starts_nocase(o->target, "https://")
		? MITOK_OK
		: err_set(e, MITOK_E_ARG,
			  "--for role wants the URL that access is waited for, of https");
}

static enum verdict attempt(
	const struct waiter *w, int64_t timeout_ms, struct mitok_err *e)
{
	const struct client c = { .m = w->m,
		.identity = w->o->identity,
		.source = w->o->source,
		.log = &w->log,
		.timeout_ms = timeout_ms };
	struct target_answer a;
	enum verdict v;

	if (target_ask_for(&c, w->o->target, w->o->resource, &a, e))
		return VERDICT_NEVER;
	v = role_verdict(&a);
	*e = a.err;
	if (a.outcome == TARGET_TOKEN_ONLY)
		not_asked(&a, e);
	else if (v != VERDICT_DONE)
		set_hint(a.cure, e);
	if (a.outcome == TARGET_TOKEN_REFUSED)
		renew(w, &c, &a);
	return v;
}

const struct goal goal_role = { "role", ROLE_TIMEOUT, check, attempt };
