/* Tokens of the identity that az login chose, or of the configured one.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_CONTEXT_H
#define MI_TOKEN_HELPER_AZ_CONTEXT_H

#include "../process.h"
#include "az.h"
#include "state.h"

/* The longest that a token may take: SDKs end az after 10 s. */
#define CONTEXT_LIMIT_MS 8000L

/* The log for --debug: a line on stderr. */
void context_log(void *arg, const char *line);

/* Reads the configuration and the state; once. */
enum mitok_code context_open(struct az *az, struct mitok_err *e) MUST_CHECK;

/* What a token is for: a resource, or a scope. */
struct context_ask {
	const char *resource, *scope;
	bool refresh; /* not from the cache */
};
/* Codes are never MITOK_E_ARG: the command line was right. */
enum mitok_code context_token(struct az *az, const struct context_ask *ask,
	struct mitok_token **ret, struct mitok_err *e) MUST_CHECK;

#endif
