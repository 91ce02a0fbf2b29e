/* The configuration, parsed once for all processes of a user: what the files mean is
 * remembered in the cache together with the texts themselves. They are read, and looked at
 * with suspicion, every time; only the parser is spared, and only while no byte has changed.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_SNAPSHOT_H
#define MI_TOKEN_CORE_SNAPSHOT_H

#include "core/cache.h"
#include "io/conf.h"

/* The configuration of the world h; conf_wipe() ends it. */
enum mitok_code snapshot_conf(const struct host *h, const struct cache *cache,
	struct conf *ret, struct mitok_err *e) MUST_CHECK;

#endif
