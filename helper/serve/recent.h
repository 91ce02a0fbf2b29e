/* Answers of this very second: asking the library for each of thousands would give the same.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_RECENT_H
#define MI_TOKEN_HELPER_SERVE_RECENT_H

#include "base/secret.h"
#include "judge.h"

/* Adds the answer that this request got in the second now_s; false when there is none. Any
 * thread may call these. */
bool recent_find(
	const struct judgment *j, long long now_s, struct secret *ret) MUST_CHECK;
void recent_keep(const struct judgment *j, long long now_s, const struct secret *answer);
void recent_wipe(void);

#endif
