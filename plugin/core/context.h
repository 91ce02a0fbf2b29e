/* What stands behind struct mitok.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_CONTEXT_H
#define MI_TOKEN_CORE_CONTEXT_H

#include "core/cache.h"
#include "core/memory.h"
#include "io/conf.h"

struct mitok {
	struct log log;
	struct host_settings outside; /* of the real host */
	struct host host;
	struct conf conf;
	int64_t timeout_ms;
	struct cache cache;
	struct memory memory;
	int cloud; /* enum cloud, CLOUD_UNKNOWN until it was asked; atomic */
	/* Stand in for the locks of a cache that is not there; outer_turn for those that are
	 * held while another is taken. */
	struct lock turn, outer_turn;
};

/* mitok_new() in a world of the caller's choice: h is copied and its log replaced; NULL is
 * the real one. */
enum mitok_code context_new(const struct host *h, const struct mitok_options *o,
	struct mitok **ret, struct mitok_err *e) MUST_CHECK;

#endif
