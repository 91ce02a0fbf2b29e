/* JSON values that a query walks and makes, and the memory they live in.
 * SPDX-License-Identifier: MIT
 *
 * Values are never changed once they are made, and share what they have in common: texts and
 * parts of the document are lent. All of them end with their arena, which is wiped. */
#ifndef MI_TOKEN_HELPER_QUERY_VALUE_H
#define MI_TOKEN_HELPER_QUERY_VALUE_H

#include "io/json.h"

/* Memory that is given back all at once. */
struct arena_block;
struct arena {
	struct arena_block *first;
	size_t used;  /* in bytes, of all blocks */
	size_t limit; /* at most so many; 0: ARENA_LIMIT */
	bool is_full; /* that was not enough */
};
#define ARENA_LIMIT ((size_t)128 * 1024 * 1024)

/* len zeroed bytes, aligned for anything; NULL: out of memory, or over the limit. */
void *arena_take(struct arena *a, size_t len) MUST_CHECK;
/* Wipes and frees everything; a is empty afterwards. */
void arena_free(struct arena *a);
#define AUTO_ARENA __attribute__((cleanup(arena_free))) struct arena

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_REAL,
	VALUE_TEXT,
	VALUE_ARRAY,
	VALUE_OBJECT,
};

struct value {
	enum value_kind kind;
	bool truth;       /* VALUE_BOOL */
	bool is_selected; /* VALUE_OBJECT that a multi-select hash made: its order is the
			   * query's and counts for az's tsv and table */
	int64_t number;   /* VALUE_INT */
	double real;      /* VALUE_REAL, finite */

	const char *text; /* VALUE_TEXT: UTF-8, ended by NUL, len bytes */
	size_t len;

	/* VALUE_ARRAY: count items. VALUE_OBJECT: count members, names[i] of items[i] (ended
	 * by NUL, no name twice), in the order of the document or the query. */
	const struct value *const *items;
	const char *const *names;
	size_t count;
};

/* The document as values that lend its texts: j must outlive them. NULL: out of memory. */
const struct value *value_from_json(struct arena *a, const struct json *j) MUST_CHECK;

/* A member's value; NULL when v is no object or has none of that name. */
const struct value *value_member(const struct value *v, const char *name);
/* Equal as JSON: numbers by value across int and real, objects whatever their order. */
bool value_equal(const struct value *a, const struct value *b);

#endif
