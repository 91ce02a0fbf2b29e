/* Tokens of the identity that az login chose, or of the configured one.
 * SPDX-License-Identifier: MIT */
#include "context.h"

#include <stdio.h>
#include <string.h>

void context_log(void *arg, const char *line)
{
	(void)arg;
	(void)fprintf(stderr, "DEBUG: %s\n", line);
}

enum mitok_code context_open(struct az *az, struct mitok_err *e)
{
	const struct mitok_options settings = {
		.size = sizeof(settings),
		.log = az->args.debug ? context_log : NULL,
		.own_process = 1,
	};

	if (az->m)
		return MITOK_OK;
	az->signed_in = state_read(&az->arena, &az->state);
	return mitok_new(&settings, &az->m, e);
}

/* An administrator's time-out counts when it is shorter than the SDKs'. */
static void shorten(void *arg, const char *key, const char *value, const char *origin)
{
	long *limit = arg;
	int64_t ms;

	if (strcmp(key, "timeout") == 0 && strcmp(origin, "default") != 0 &&
		text_to_ms(value, &ms) && ms < *limit)
		*limit = (long)ms;
}

enum mitok_code context_token(struct az *az, const struct context_ask *ask,
	struct mitok_token **ret, struct mitok_err *e)
{
	struct mitok_request rq = {
		.size = sizeof(rq),
		.resource = ask->resource,
		.scope = ask->scope,
		.timeout_ms = CONTEXT_LIMIT_MS,
		.flags = ask->refresh ? MITOK_REFRESH : 0,
	};
	enum mitok_code r = context_open(az, e);

	if (!r)
		r = mitok_config_each(az->m, shorten, &rq.timeout_ms, e);
	if (r)
		return r;
	rq.identity = az->state.selector[0] ? az->state.selector : NULL;
	r = mitok_get(az->m, &rq, ret, e);
	return r == MITOK_E_ARG ? (e->code = MITOK_E_DENIED) : r;
}
