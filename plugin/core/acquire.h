/* One token for one decided request: from memory, from the cache, or from the source.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_ACQUIRE_H
#define MI_TOKEN_CORE_ACQUIRE_H

#include "core/choose.h"

/* Any thread; blocks until w->deadline_ms at most. *ret is the caller's. */
enum mitok_code acquire(struct mitok *m, const struct want *w, struct mitok_token **ret,
	struct mitok_err *e) MUST_CHECK;

#endif
