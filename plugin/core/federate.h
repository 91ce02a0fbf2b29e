/* Across tenants: a managed identity vouches for an application.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_FEDERATE_H
#define MI_TOKEN_CORE_FEDERATE_H

#include "core/choose.h"

/* The grant for a federated want: a token of the identity that vouches (through the cache,
 * as any other), then the application's for it. The caller has the outer turn. Errors of
 * the second step tell what was presented beside what is to be configured. */
enum mitok_code federate_get(struct mitok *m, const struct want *w, int64_t deadline_ms,
	struct grant *ret, struct mitok_err *e) MUST_CHECK;

#endif
