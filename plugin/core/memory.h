/* The tokens of one context, so that a long-lived program need not go to the disk.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_MEMORY_H
#define MI_TOKEN_CORE_MEMORY_H

#include "base/lock.h"
#include "core/token.h"

struct memory_entry;

/* All zero is empty. */
struct memory {
	struct lock lock;
	struct memory_entry *first; /* most recent first, MEMORY_MAX at most */
};
#define MEMORY_MAX 64

/* Any thread; m stays usable. Over a fork the tokens are kept, but for one in the middle of
 * a call of another thread: then they are left where they are. */
void memory_clear(struct memory *m);

/* A copy of the token under the key, or NULL. Any thread. *ret_state gets what was noted
 * about it, 0 for nothing. */
struct mitok_token *memory_get(struct memory *m, const char *key, uint64_t *ret_state);
/* Notes the cache_state() in which there was nothing against the token of that key. */
void memory_note(struct memory *m, const char *key, uint64_t state);
/* Keeps a copy, with nothing noted; when memory is out, nothing is kept. */
void memory_put(struct memory *m, const char *key, const struct mitok_token *t);
void memory_drop(struct memory *m, const char *key); /* any thread */

#endif
