/* New values, and what the language's own files know about values.
 * SPDX-License-Identifier: MIT */
#include "make.h"

#include <string.h>

const char *make_copy(struct arena *a, const char *bytes, size_t len)
{
	char *p = arena_take(a, len + 1); /* zeroed, so that it ends in NUL */

	if (p)
		memcpy(p, bytes, len);
	return p;
}

const struct value **make_items(struct arena *a, size_t count)
{
	return arena_take(a, count * sizeof(void *));
}

const struct value *make_null(void)
{
	static const struct value null = { .kind = VALUE_NULL };

	return &null;
}

const struct value *make_bool(bool truth)
{
	static const struct value values[] = {
		{ .kind = VALUE_BOOL, .truth = false },
		{ .kind = VALUE_BOOL, .truth = true },
	};

	return &values[truth];
}

static struct value *make(struct arena *a, enum value_kind kind)
{
	struct value *v = arena_take(a, sizeof(*v));

	if (v)
		v->kind = kind;
	return v;
}

const struct value *make_int(struct arena *a, int64_t number)
{
	struct value *v = make(a, VALUE_INT);

	if (v)
		v->number = number;
	return v;
}

const struct value *make_real(struct arena *a, double real)
{
	struct value *v = make(a, VALUE_REAL);

	if (v)
		v->real = real;
	return v;
}

const struct value *make_text(struct arena *a, const char *bytes, size_t len)
{
	struct value *v = make(a, VALUE_TEXT);

	if (v) {
		v->text = bytes;
		v->len = len;
	}
	return v;
}

const struct value *make_array(
	struct arena *a, const struct value *const *items, size_t count)
{
	struct value *v = make(a, VALUE_ARRAY);

	if (v) {
		v->items = items;
		v->count = count;
	}
	return v;
}

const struct value *make_object(struct arena *a, const char *const *names,
	const struct value *const *items, size_t count)
{
	struct value *v = make(a, VALUE_OBJECT);

	if (v) {
		v->names = names;
		v->items = items;
		v->count = count;
	}
	return v;
}

/* Sifts the one at `at` down a heap of indexes whose largest name is at its top; of equal
 * names the later is larger. */
static void sift(const char *const *names, size_t *heap, size_t at, size_t count)
{
	for (;;) {
		size_t child = 2 * at + 1, moved;
		int order;

		if (child >= count)
			return;
		if (child + 1 < count) {
			order = strcmp(names[heap[child]], names[heap[child + 1]]);
			child += order < 0 ||
				(order == 0 && heap[child] < heap[child + 1]);
		}
		order = strcmp(names[heap[at]], names[heap[child]]);
		if (order > 0 || (order == 0 && heap[at] > heap[child]))
			return;
		moved = heap[at];
		heap[at] = heap[child];
		heap[child] = moved;
		at = child;
	}
}

static void sort_by_name(const char *const *names, size_t *indexes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		indexes[i] = i;
	for (size_t i = count / 2; i-- > 0;)
		sift(names, indexes, i, count);
	for (size_t left = count; left > 1;) {
		size_t top = indexes[0];

		indexes[0] = indexes[--left];
		indexes[left] = top;
		sift(names, indexes, 0, left);
	}
}

void make_places(const char *const *names, size_t count, size_t *places, size_t *scratch,
	size_t *ret_count)
{
	size_t unique = 0;

	sort_by_name(names, scratch, count);
	for (size_t i = 0; i < count; i++) /* the first index of each name, for now */
		places[scratch[i]] =
			i && strcmp(names[scratch[i - 1]], names[scratch[i]]) == 0
			? places[scratch[i - 1]]
			: scratch[i];
	for (size_t i = 0; i < count; i++)
		places[i] = places[i] == i ? unique++ : places[places[i]];
	*ret_count = unique;
}

bool value_is_number(const struct value *v)
{
	return v->kind == VALUE_INT || v->kind == VALUE_REAL;
}

bool value_is_true(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		return false;
	case VALUE_BOOL:
		return v->truth;
	case VALUE_TEXT:
		return v->len > 0;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		return v->count > 0;
	default:
		return true;
	}
}

unsigned value_depth(const struct value *v)
{
	unsigned deepest = 0;

	if (v->kind != VALUE_ARRAY && v->kind != VALUE_OBJECT)
		return 0;
	for (size_t i = 0; i < v->count; i++) {
		unsigned depth = value_depth(v->items[i]);

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + 1;
}
