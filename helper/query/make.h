/* New values, and what the language's own files know about values.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_QUERY_MAKE_H
#define MI_TOKEN_HELPER_QUERY_MAKE_H

#include "value.h"

/* All of them return NULL when memory is out; what they are given is lent, but by
 * make_copy() and by make_from_json() when it copies. */
const char *make_copy(struct arena *a, const char *bytes, size_t len) MUST_CHECK;
/* Room for count of them. */
const struct value **make_items(struct arena *a, size_t count) MUST_CHECK;
const struct value *make_null(void);
const struct value *make_bool(bool truth);
const struct value *make_int(struct arena *a, int64_t number) MUST_CHECK;
/* real must be finite. */
const struct value *make_real(struct arena *a, double real) MUST_CHECK;
/* bytes must end in NUL. */
const struct value *make_text(struct arena *a, const char *bytes, size_t len) MUST_CHECK;
const struct value *make_array(
	struct arena *a, const struct value *const *items, size_t count) MUST_CHECK;
const struct value *make_object(struct arena *a, const char *const *names,
	const struct value *const *items, size_t count) MUST_CHECK;
const struct value *make_from_json(
	struct arena *a, const struct json *j, bool copies) MUST_CHECK;

/* A name that stands several times has its first place: places[i] is that of names[i], and
 * *ret_count how many there are. places has room for count, and scratch too. */
void make_places(const char *const *names, size_t count, size_t *places, size_t *scratch,
	size_t *ret_count);

bool value_is_number(const struct value *v);
/* The language's: not null, false, nor empty. */
bool value_is_true(const struct value *v);
/* The order of two numbers, or of two texts by code points: less than 0, 0, more. */
int value_compare(const struct value *a, const struct value *b);
/* As value_equal(), but takes from *steps what it costs, and is false when they are used
 * up. */
bool value_equal_within(const struct value *a, const struct value *b, uint64_t *steps);
/* How many arrays and objects stand in each other. */
unsigned value_depth(const struct value *v);

#endif
