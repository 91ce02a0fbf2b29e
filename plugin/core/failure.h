/* Failures that processes share, so that those who waited for one need not fail again.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_FAILURE_H
#define MI_TOKEN_CORE_FAILURE_H

#include "core/cache.h"

/* Keeps *e under the key. Others may not ask again for wait_ms; 0: only who is waiting
 * already takes it for an answer. */
void failure_publish(const struct cache *c, const char *key, const struct mitok_err *e,
	const struct moment *now, int64_t wait_ms);

/* A failure that is an answer to whoever started at since_ms (boot clock): it came after
 * that, or nobody may ask yet. Returns how long, in milliseconds, nobody may; 0 when it is
 * an answer only; -1 when there is none, and *ret is as before. */
int64_t failure_find(const struct cache *c, const char *key, const struct moment *now,
	int64_t since_ms, struct mitok_err *ret) MUST_CHECK;

#endif
