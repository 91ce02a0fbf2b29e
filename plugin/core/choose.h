/* From what the caller said to what a source is asked: resource, identity, source.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_CHOOSE_H
#define MI_TOKEN_CORE_CHOOSE_H

#include "core/context.h"
#include "core/resource.h"

/* One request, decided. Lends from the context and the caller's request. */
struct want {
	const struct source *source;
	struct identity identity;
	struct resource resource;
	int64_t started_ms, deadline_ms; /* on moment.boot_ms */
	int64_t min_valid_s;             /* 0: the caller did not say */
	bool refresh;
};

/* Decides everything; only an alias whose resource depends on an unknown cloud asks the
 * machine's metadata for it. */
enum mitok_code choose(struct mitok *m, const struct mitok_request *rq, struct want *ret,
	struct mitok_err *e) MUST_CHECK;

/* Who gives the token that is wanted: the source, or "federate" where Entra exchanges it. */
const char *want_giver(const struct want *w);

/* Whether there are sources of all these names, which have commas between; "auto" and NULL
 * are good. MITOK_E_ARG. */
enum mitok_code choose_names(const char *names, struct mitok_err *e) MUST_CHECK;
/* The first of those names that this machine has; of all, for "auto" and NULL. */
enum mitok_code choose_source(const struct host *h, const char *names,
	const struct source **ret, struct mitok_err *e) MUST_CHECK;

#endif
