/* The service that the token is for: whether the identity gets in there.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "../target/target.h"
#include "doctor.h"

static bool is_good(enum target_outcome o)
{
	return o == TARGET_GRANTED || o == TARGET_NOT_FOUND || o == TARGET_TOKEN_ONLY;
}

static void report_role(struct facts *f, const struct target_answer *a)
{
	if (a->role[0] && !strstr(a->cure, a->role))
		report_advice(&f->rep, "the least role that would do: %s%s%s", a->role,
			a->scope[0] ? ", at " : "", a->scope);
}

void climb_target(struct facts *f)
{
	const struct client c = {
		.m = f->m,
		.identity = f->o->identity,
		.source = f->o->source,
		.timeout_ms = facts_left_ms(f) ? facts_left_ms(f) : 1,
	};
	struct target_answer a = { .outcome = TARGET_UNKNOWN };
	struct mitok_err e = { 0 };

	if (target_ask_for(&c, f->o->url, f->o->resource, &a, &e)) {
		report_fail(&f->rep, "target", &e);
		return;
	}
	if (is_good(a.outcome)) {
		report_ok(&f->rep, "target", "%s", a.err.message);
	} else {
		report_fail(&f->rep, "target", &a.err);
		report_role(f, &a);
	}
	if (a.cure[0])
		report_advice(&f->rep, "%s", a.cure);
}
