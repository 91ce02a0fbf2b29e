/* JSON values, their arena, and how they come from a document.
 * SPDX-License-Identifier: MIT */
#include "value.h"

#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

enum {
	BLOCK = 64 * 1024,
	ALIGN = _Alignof(max_align_t)
};

void *arena_take(struct arena *a, size_t len)
{
	size_t limit = a->limit ? a->limit : ARENA_LIMIT;
	struct arena_block *b = a->first;
	size_t size;

	if (len > limit)
		return NULL;
	len = (len + ALIGN - 1) / ALIGN * ALIGN;
	if (!b || b->size - b->used < len) {
		size = len > BLOCK ? len : BLOCK;
		if (len > limit - a->used)
			return NULL;
		b = calloc(1, sizeof(*b) + size);
		if (!b)
			return NULL;
		b->next = a->first;
		b->size = size;
		a->first = b;
	}
	if (a->used > limit - len)
		return NULL;
	b->used += len;
	a->used += len;
	return b->bytes + b->used - len;
}

void arena_free(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->first; b; b = next) {
		next = b->next;
		explicit_bzero(b, sizeof(*b) + b->size);
		free(b);
	}
	*a = (struct arena){ .limit = a->limit };
}

static bool take_children(struct arena *a, struct value *v, const struct json *j)
{
	const struct value **items;
	const char **names;
	size_t i = 0;

	for (const struct json *c = j->child; c; c = c->next)
		v->count++;
	items = arena_take(a, (v->count + 1) * sizeof(*items));
	names = arena_take(a, (v->count + 1) * sizeof(*names));
	if (!items || !names)
		return false;
	for (const struct json *c = j->child; c; c = c->next, i++) {
		items[i] = value_from_json(a, c);
		names[i] = secret_peek(&c->name);
		if (!items[i])
			return false;
	}
	v->items = items;
	v->names = j->kind == JSON_OBJECT ? names : NULL;
	return true;
}

const struct value *value_from_json(struct arena *a, const struct json *j)
{
	struct value *v = arena_take(a, sizeof(*v));

	if (!v)
		return NULL;
	v->kind = (enum value_kind)j->kind;
	v->truth = j->kind == JSON_BOOL && j->number;
	v->number = j->number;
	v->real = j->real;
	v->text = secret_peek(&j->text);
	v->len = j->text.len;
	return take_children(a, v, j) ? v : NULL;
}

const struct value *value_member(const struct value *v, const char *name)
{
	for (size_t i = 0; v && v->kind == VALUE_OBJECT && i < v->count; i++) {
		if (strcmp(v->names[i], name) == 0)
			return v->items[i];
	}
	return NULL;
}

static bool same_number(const struct value *a, const struct value *b)
{
	if (a->kind == b->kind)
		return a->kind == VALUE_INT
			? a->number == b->number
			: !(a->real < b->real) && !(a->real > b->real);
	return a->kind == VALUE_INT
		? !((double)a->number < b->real) && !((double)a->number > b->real)
		: same_number(b, a);
}

static bool is_number(const struct value *v)
{
	return v->kind == VALUE_INT || v->kind == VALUE_REAL;
}

bool value_equal(const struct value *a, const struct value *b)
{
	const struct value *other;

	if (is_number(a) && is_number(b))
		return same_number(a, b);
	if (a->kind != b->kind || a->count != b->count)
		return false;
	if (a->kind == VALUE_TEXT)
		return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
	if (a->kind == VALUE_BOOL)
		return a->truth == b->truth;
	for (size_t i = 0; i < a->count; i++) {
		other = a->kind == VALUE_ARRAY ? b->items[i]
					       : value_member(b, a->names[i]);
		if (!other || !value_equal(a->items[i], other))
			return false;
	}
	return true;
}
