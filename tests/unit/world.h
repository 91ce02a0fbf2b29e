/* A world for the tests of core: a cache directory of their own and a source that does as
 * it is told.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_WORLD_H
#define MI_TOKEN_TESTS_UNIT_WORLD_H

#include "core/acquire.h"

/* What the source does, and what it saw. */
struct world {
	struct moment clock;     /* what host.now says, */
	bool real_time;          /* unless this is set */
	int64_t life_s;          /* of the tokens it gives */
	enum mitok_code refusal; /* instead of a token */
	int status, retry_after_s;
	int64_t delay_ms; /* of each answer, slept for real */
	unsigned fetches; /* so far; atomic */
	char runtime[64]; /* RUNTIME_DIRECTORY; "" for none */
	const char *token;

	/* The system's log: what came last, and how much so far; or its errno. */
	char line[2048];
	bool warning;
	unsigned lines;
	int log_errno;
};
extern struct world world;

/* A fresh world with a private directory on /dev/shm; world_end() removes it. */
void world_begin(void);
/* The same where processes must share the cache; false: that cannot be here, skipped. */
bool world_begin_shared(void);
void world_end(void);

/* A context in it, and a request to its source for `resource`. */
struct mitok *world_context(void);
struct want world_want(struct mitok *m, const char *resource, const struct want *like);
enum mitok_code world_get(struct mitok *m, const char *resource, const struct want *like,
	struct mitok_token **ret, struct mitok_err *e);

/* true: /dev/shm is a tmpfs we may write to, so that there can be a cache. */
bool world_has_tmpfs(void);

#endif
