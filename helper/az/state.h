/* What `az login --identity` chose, and the subscriptions that it found.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_STATE_H
#define MI_TOKEN_HELPER_AZ_STATE_H

#include "../query/value.h"

/* One subscription; never NULL, "" where Azure did not say. */
struct account {
	const char *id, *name, *state, *tenant, *home_tenant;
	const char *managed_by; /* tenants, with a comma between them */
};

struct state {
	const char *
		selector; /* the identity, as mitok_request takes it; "": as configured */
	const char *info; /* as az calls it: "MSI", "MSIClient-..." */
	const char *subscription; /* id of the chosen one */
	const struct account *accounts;
	size_t count;
};

/* What stands there is lent by the arena. false: nobody signed in, or it cannot be read, or
 * it was under another MI_TOKEN_IDENTITY; that is no error, and *ret is empty. */
bool state_read(struct arena *a, struct state *ret) MUST_CHECK;
enum mitok_code state_write(const struct state *s, struct mitok_err *e) MUST_CHECK;
/* Nobody is signed in any more. */
enum mitok_code state_forget(struct mitok_err *e) MUST_CHECK;

/* By id or name, without case; NULL: there is none. */
const struct account *state_find(const struct state *s, const char *wanted);

#endif
