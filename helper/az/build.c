/* Values that commands make of what they found.
 * SPDX-License-Identifier: MIT */
#include "build.h"

#include <string.h>

static void *take(struct build *b, size_t len)
{
	void *p = arena_take(b->arena, len ? len : 1);

	b->failed |= !p;
	return p;
}

static struct value *make(struct build *b, enum value_kind kind)
{
	struct value *v = take(b, sizeof(*v));

	if (v)
		v->kind = kind;
	return v;
}

const struct value *build_text(struct build *b, const char *text)
{
	struct value *v = make(b, text ? VALUE_TEXT : VALUE_NULL);

	if (v && text) {
		v->text = text;
		v->len = strlen(text);
	}
	return v;
}

const struct value *build_int(struct build *b, int64_t n)
{
	struct value *v = make(b, VALUE_INT);

	if (v)
		v->number = n;
	return v;
}

const struct value *build_bool(struct build *b, bool truth)
{
	struct value *v = make(b, VALUE_BOOL);

	if (v)
		v->truth = truth;
	return v;
}

const struct value *build_object(
	struct build *b, const struct build_member *rows, size_t count)
{
	struct value *v = make(b, VALUE_OBJECT);
	const char **names = take(b, count * sizeof(*names));
	const struct value **items = take(b, count * sizeof(struct value *));

	if (!v || !names || !items)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].value)
			continue;
		names[v->count] = rows[i].name;
		items[v->count++] = rows[i].value;
	}
	v->names = names;
	v->items = items;
	return v;
}

const struct value *build_array(
	struct build *b, const struct value *const *items, size_t count)
{
	struct value *v = make(b, VALUE_ARRAY);
	const struct value **copy = take(b, count * sizeof(struct value *));

	if (!v || !copy)
		return NULL;
	if (count)
		memcpy(copy, items, count * sizeof(struct value *));
	v->items = copy;
	v->count = count;
	return v;
}

const char *build_copy(struct build *b, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = take(b, size);

	return copy ? memcpy(copy, text, size) : "";
}
