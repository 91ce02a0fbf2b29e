/* The cache of one user: files in a private directory on tmpfs, shared by all processes.
 *
 * Nothing here can make a request fail: what cannot be read is a miss, what cannot be
 * written is not kept, and without a safe directory all calls do nothing.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_CACHE_H
#define MI_TOKEN_CORE_CACHE_H

#include "core/record.h"
#include "core/token.h"

struct cache {
	const struct log *log;
	int dir;   /* -1: no safe place */
	dev_t dev; /* what it was when it was opened */
	ino_t ino;
	char path[256];
	char boot_id[40]; /* of this boot, "" when the kernel does not tell */
	bool read_only;   /* what would write, make or remove does nothing */
};

/* Looks for the directory: $RUNTIME_DIRECTORY/mi-token, $XDG_RUNTIME_DIR/mi-token,
 * /run/user/UID/mi-token, /run/mi-token/uUID; the first that is ours alone, and on tmpfs.
 * Makes it when its parent is there, unless read_only. h->log is kept. */
void cache_open(const struct host *h, bool read_only, struct cache *ret);
void cache_close(struct cache *c);

/* The kinds of files that stand side by side under one key. */
enum cache_kind {
	CACHE_TOKEN,
	CACHE_FAILURE,
	CACHE_CLOUD,
	CACHE_CONF,
	CACHE_VERDICT,
	CACHE_NOTE,
	CACHE_PRINCIPAL,
};

/* Reads the file of that kind and key into the zeroed struct that `fields` describes. */
bool cache_read(const struct cache *c, enum cache_kind kind, const char *key,
	const struct record_field *fields, void *base) MUST_CHECK;
/* Replaces it in one step, or leaves it as it is. */
void cache_write(const struct cache *c, enum cache_kind kind, const char *key,
	const struct record_field *fields, const void *base);
void cache_remove(const struct cache *c, enum cache_kind kind, const char *key);

/* Something that changes whenever the file of that kind and key does; 0: there is none.
 */
uint64_t cache_stamp(const struct cache *c, enum cache_kind kind, const char *key);

/* A number for the directory as it is: as long as it is the same, no file was written or
 * removed. 0: it was changed so lately that a further change would not show. Costs a tenth
 * of looking for a file. */
uint64_t cache_state(const struct cache *c);

/* A lock on a name (a key, or "slot-N"); -1 when another holds it, errno EWOULDBLOCK, or
 * when locking is not possible here. It ends with the process, if not before. */
int cache_lock(const struct cache *c, const char *name);
void cache_unlock(int *fd); /* *fd may be -1 and is -1 afterwards */

/* Calls each() for every token of the directory. */
void cache_each(
	const struct cache *c, void (*each)(void *arg, struct mitok_token *t), void *arg);
/* Removes every file of ours but the locks; the number of tokens. */
unsigned cache_clear(const struct cache *c);

extern const struct record_field cache_token_fields[];

#endif
