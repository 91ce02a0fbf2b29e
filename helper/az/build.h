/* Values that commands make of what they found.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_BUILD_H
#define MI_TOKEN_HELPER_AZ_BUILD_H

#include "../query/value.h"

/* Objects and arrays in the making; a failed allocation is remembered, and what is made of
 * it is NULL. Texts and names are lent. */
struct build {
	struct arena *arena;
	bool failed;
};

const struct value *build_text(struct build *b, const char *text); /* NULL: null */
const struct value *build_int(struct build *b, int64_t n);
const struct value *build_bool(struct build *b, bool truth);

struct build_member {
	const char *name;          /* NULL in an array */
	const struct value *value; /* NULL: left out */
};
/* Of count rows, those that are there. */
const struct value *build_object(
	struct build *b, const struct build_member *rows, size_t count);
const struct value *build_array(
	struct build *b, const struct value *const *items, size_t count);

/* A copy in the arena; "" when memory is out. */
const char *build_copy(struct build *b, const char *text);

#endif
