/* Failures that processes share, so that those who waited for one need not fail again.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_FAILURE_H
#define MI_TOKEN_CORE_FAILURE_H

#include "core/cache.h"

/* When and after how much effort something failed. */
struct failure_note {
	struct moment at;
	int64_t tried_ms; /* how long the one who asked could have waited */
	int64_t wait_ms;  /* nobody may ask again for so long; 0: they may */
};
void failure_publish(const struct cache *c, const char *key, const struct mitok_err *e,
	const struct failure_note *note);

/* Who looks for a failure. */
struct failure_view {
	struct moment now;
	int64_t since_ms; /* began to wait then, on moment.boot_ms */
	int64_t left_ms;  /* could go on for so long */
};

/* A failure that is an answer: it came while the viewer waited, and would have met the
 * viewer too, because the service refused or because whoever asked had as much time as the
 * viewer has left; or nobody may ask yet. Returns how long, in milliseconds, nobody may;
 * 0 when it is an answer only; -1 when there is none, and *ret is as before. */
int64_t failure_find(const struct cache *c, const char *key, const struct failure_view *v,
	struct mitok_err *ret) MUST_CHECK;

#endif
