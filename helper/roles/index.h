/* Finds rows of an array by a hash of what is in them.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_ROLES_INDEX_H
#define MI_TOKEN_HELPER_ROLES_INDEX_H

#include "base/text.h"

/* Zero is empty. Several rows may have the same hash, which anybody can make collide: whoever
 * looks compares the rows themselves. */
struct index {
	struct index_slot *slots;
	size_t count, size;
};

/* false: out of memory. */
bool index_add(struct index *x, uint64_t hash, size_t row) MUST_CHECK;
/* The rows with that hash, one after the other; begin with *at = 0. false: no more. */
bool index_next(const struct index *x, uint64_t hash, size_t *at, size_t *ret_row);
void index_free(struct index *x);

/* Goes on with a hash, without case; begin with INDEX_START. */
#define INDEX_START UINT64_C(0xcbf29ce484222325)
uint64_t index_hash(uint64_t from, const char *text, size_t len);

#endif
