/* JSON values: where they live, how they come from a document, when they are equal.
 * SPDX-License-Identifier: MIT */
#include "value.h"

#include <stdlib.h>
#include <string.h>

#include "make.h"

/* Its bytes follow; blocks grow, so that a small query costs little and a large one few. */
struct arena_block {
	struct arena_block *next;
	size_t size, used; /* of the bytes */
	_Alignas(max_align_t) char bytes[];
};
#define BLOCK_FIRST ((size_t)4 * 1024)
#define BLOCK_MOST  ((size_t)512 * 1024)

static bool add_block(struct arena *a, size_t size)
{
	size_t limit = a->limit ? a->limit : ARENA_LIMIT;
	struct arena_block *b;

	a->is_full = a->used > limit || size > limit - a->used;
	if (a->is_full)
		return false;
	b = calloc(1, sizeof(*b) + size);
	if (!b)
		return false;
	b->size = size;
	b->next = a->first;
	a->first = b;
	a->used += size;
	return true;
}

/* Near the limit a block may be just as large as it must. */
static bool make_room(struct arena *a, size_t len)
{
	size_t size = a->first ? 2 * a->first->size : BLOCK_FIRST;

	if (size > BLOCK_MOST)
		size = BLOCK_MOST;
	return (size > len && add_block(a, size)) || add_block(a, len);
}

void *arena_take(struct arena *a, size_t len)
{
	const size_t unit = _Alignof(max_align_t);
	struct arena_block *b = a->first;
	void *p;

	if (len > SIZE_MAX / 4)
		return NULL;
	len = (len + unit - 1) / unit * unit;
	if ((!b || b->size - b->used < len) && !make_room(a, len))
		return NULL;
	b = a->first;
	p = b->bytes + b->used;
	b->used += len;
	return p;
}

void arena_free(struct arena *a)
{
	while (a->first) {
		struct arena_block *next = a->first->next;

		explicit_bzero(a->first, sizeof(*a->first) + a->first->size);
		free(a->first);
		a->first = next;
	}
	a->used = 0;
}

static const char *lend_text(struct arena *a, const struct secret *s, bool copies)
{
	return copies ? make_copy(a, secret_peek(s), s->len) : secret_peek(s);
}

static bool take_children(
	struct arena *a, const struct json *j, bool copies, struct value *ret)
{
	const struct value **items = NULL;
	const char **names = NULL;
	size_t i = 0;

	for (const struct json *c = j->child; c; c = c->next)
		ret->count++;
	items = make_items(a, ret->count);
	if (j->kind == JSON_OBJECT)
		names = arena_take(a, ret->count * sizeof(*names));
	if (!items || (j->kind == JSON_OBJECT && !names))
		return false;
	for (const struct json *c = j->child; c; c = c->next, i++) {
		items[i] = make_from_json(a, c, copies);
		if (names)
			names[i] = lend_text(a, &c->name, copies);
		if (!items[i] || (names && !names[i]))
			return false;
	}
	ret->items = items;
	ret->names = names;
	return true;
}

/* Recursion is as deep as the document, which its parser bounds. */
const struct value *make_from_json(struct arena *a, const struct json *j, bool copies)
{
	static const enum value_kind kinds[] = {
		[JSON_NULL] = VALUE_NULL,
		[JSON_BOOL] = VALUE_BOOL,
		[JSON_INT] = VALUE_INT,
		[JSON_DOUBLE] = VALUE_REAL,
		[JSON_TEXT] = VALUE_TEXT,
		[JSON_ARRAY] = VALUE_ARRAY,
		[JSON_OBJECT] = VALUE_OBJECT,
	};
	struct value *v;

	if (j->kind == JSON_NULL)
		return make_null();
	if (j->kind == JSON_BOOL)
		return make_bool(j->number != 0);
	v = arena_take(a, sizeof(*v));
	if (!v)
		return NULL;
	v->kind = kinds[j->kind];
	if (v->kind == VALUE_INT)
		v->number = j->number;
	v->real = j->real;
	if (j->kind == JSON_TEXT) {
		v->text = lend_text(a, &j->text, copies);
		v->len = j->text.len;
		return v->text ? v : NULL;
	}
	if ((j->kind == JSON_ARRAY || j->kind == JSON_OBJECT) &&
		!take_children(a, j, copies, v))
		return NULL;
	return v;
}

const struct value *value_from_json(struct arena *a, const struct json *j)
{
	return make_from_json(a, j, false);
}

const struct value *value_member(const struct value *v, const char *name)
{
	if (!v || v->kind != VALUE_OBJECT)
		return NULL;
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->names[i], name) == 0)
			return v->items[i];
	return NULL;
}

/* An int64_t is exact in a long double wherever that is wider than a double. */
int value_compare(const struct value *a, const struct value *b)
{
	long double x = a->kind == VALUE_INT ? (long double)a->number : a->real;
	long double y = b->kind == VALUE_INT ? (long double)b->number : b->real;
	size_t shorter = a->len < b->len ? a->len : b->len;
	int order;

	if (a->kind != VALUE_TEXT)
		return (x > y) - (x < y);
	order = memcmp(a->text, b->text, shorter);
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static bool equal_arrays(const struct value *a, const struct value *b, uint64_t *steps)
{
	for (size_t i = 0; i < a->count; i++)
		if (!value_equal_within(a->items[i], b->items[i], steps))
			return false;
	return true;
}

/* Members mostly stand at the same place. */
static bool equal_objects(const struct value *a, const struct value *b, uint64_t *steps)
{
	const struct value *other;

	for (size_t i = 0; i < a->count; i++) {
		other = b->items[i];
		if (strcmp(a->names[i], b->names[i]) != 0) {
			other = value_member(b, a->names[i]);
			*steps -= *steps < b->count ? *steps : b->count;
		}
		if (!other || !value_equal_within(a->items[i], other, steps))
			return false;
	}
	return true;
}

/* Recursion is as deep as both values are. */
bool value_equal_within(const struct value *a, const struct value *b, uint64_t *steps)
{
	if (!*steps)
		return false;
	--*steps;
	if (value_is_number(a) && value_is_number(b))
		return value_compare(a, b) == 0;
	if (a->kind != b->kind || a->count != b->count || a->len != b->len)
		return false;
	switch (a->kind) {
	case VALUE_BOOL:
		return a->truth == b->truth;
	case VALUE_TEXT:
		return memcmp(a->text, b->text, a->len) == 0;
	case VALUE_ARRAY:
		return equal_arrays(a, b, steps);
	case VALUE_OBJECT:
		return equal_objects(a, b, steps);
	default:
		return true;
	}
}

bool value_equal(const struct value *a, const struct value *b)
{
	uint64_t steps = UINT64_MAX;

	return value_equal_within(a, b, &steps);
}
