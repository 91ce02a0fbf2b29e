/* Waiting for a token: until the endpoint answers and the identity is there.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "../process.h"
#include "mi-token.h"
#include "wait.h"

/* What a token is asked for when nobody cares: every cloud and every source have it. */
#define ANY_TARGET "arm"

/* Entra's refusals that pass when something that was just made has spread: the application,
 * its federated credential (Microsoft Learn, "Microsoft Entra authentication and authorization
 * error codes"; "Important considerations and restrictions for federated identity
 * credentials": it takes some time until a new one is in force). */
static bool spreads(int aadsts)
{
	static const int codes[] = { 70021, 700016, 700211, 700212, 700213 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i] == aadsts)
			return true;
	return false;
}

enum verdict token_verdict(const struct mitok_err *e)
{
	switch (e->code) {
	case MITOK_E_LATER:
		return VERDICT_LATER;
	case MITOK_E_NOIDENTITY:
		/* No source: variables and files tell that, and they stay as they are. */
		if (!e->source[0])
			return VERDICT_NEVER;
		/* One more identity would not make the choice easier. */
		return strstr(e->message, "none was named") ? VERDICT_NEVER
							    : VERDICT_LATER;
	case MITOK_E_DENIED:
		return spreads(e->aadsts) ? VERDICT_LATER : VERDICT_NEVER;
	default:
		return VERDICT_NEVER;
	}
}

static enum mitok_code check(const struct options *o, struct mitok_err *e)
{
	return o->resource && o->target
		? err_set(e, MITOK_E_ARG, "--resource and a target: one of them")
		: MITOK_OK;
}

/* The cache is passed over: a token from before says nothing about the endpoint, nor
 * whether the identity is still attached. That is one request a try; the platform answers
 * it from a cache of its own. */
static enum verdict attempt(
	const struct waiter *w, int64_t timeout_ms, struct mitok_err *e)
{
	const char *target = w->o->target ? w->o->target : ANY_TARGET;
	const struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = w->o->resource,
		.target = w->o->resource ? NULL : target,
		.identity = w->o->identity,
		.source = w->o->source,
		.timeout_ms = (long)timeout_ms,
		.flags = MITOK_REFRESH,
	};
	AUTO_TOKEN t = NULL;
	const char *who;

	if (mitok_get(w->m, &rq, &t, e))
		return token_verdict(e);
	who = mitok_token_text(t, MITOK_TEXT_CLIENT_ID);
	(void)err_set(e, MITOK_OK, "there is a token for %s%s%s",
		mitok_token_text(t, MITOK_TEXT_RESOURCE), who[0] ? ", client id " : "",
		who);
	return VERDICT_DONE;
}

const struct goal goal_token = { "token", TOKEN_TIMEOUT, check, attempt };
