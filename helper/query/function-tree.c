/* Functions about objects and arrays as such, and about any value.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "function.h"

const struct value *function_keys(struct eval *ev, const struct call *c)
{
	const struct value *object = c->args[0].value;
	const struct value **items = eval_items(ev, object->count);

	if (!items || !eval_spend(ev, object->count))
		return NULL;
	for (size_t i = 0; i < object->count; i++) {
		items[i] = make_text(ev->a, object->names[i], strlen(object->names[i]));
		if (!items[i])
			return eval_lack_memory(ev);
	}
	return eval_made(ev, make_array(ev->a, items, object->count));
}

const struct value *function_values(struct eval *ev, const struct call *c)
{
	const struct value *object = c->args[0].value;

	return eval_made(ev, make_array(ev->a, object->items, object->count));
}

/* Unlike a projection it keeps null. */
const struct value *function_map(struct eval *ev, const struct call *c)
{
	const struct value *array = c->args[1].value;
	const struct value **items = eval_items(ev, array->count);

	for (size_t i = 0; items && i < array->count; i++) {
		items[i] = eval_node(ev, c->args[0].reference, array->items[i]);
		if (!items[i])
			return NULL;
	}
	return items ? eval_made(ev, make_array(ev->a, items, array->count)) : NULL;
}

/* All members one after the other, many of the same name among them. */
struct members {
	const char **names;
	const struct value **items;
	size_t *places; /* two for each */
	size_t count;
};

static bool gather(struct eval *ev, const struct call *c, struct members *m)
{
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++)
		count += c->args[i].value->count;
	m->names = eval_take(ev, count * sizeof(*m->names));
	m->items = eval_items(ev, count);
	m->places = eval_take(ev, 2 * count * sizeof(*m->places));
	if (!m->names || !m->items || !m->places || !eval_spend(ev, 8 * count))
		return false;
	for (size_t i = 0; i < c->count; i++) {
		const struct value *v = c->args[i].value;

		for (size_t k = 0; k < v->count; k++, m->count++) {
			m->names[m->count] = v->names[k];
			m->items[m->count] = v->items[k];
		}
	}
	return true;
}

/* The last of a name counts, at the place of the first. */
const struct value *function_merge(struct eval *ev, const struct call *c)
{
	struct members m = { 0 };
	const struct value **items;
	const char **names;
	size_t count;

	if (!gather(ev, c, &m))
		return NULL;
	make_places(m.names, m.count, m.places, m.places + m.count, &count);
	names = eval_take(ev, count * sizeof(*names));
	items = eval_items(ev, count);
	if (!names || !items)
		return NULL;
	for (size_t i = 0; i < m.count; i++) {
		names[m.places[i]] = m.names[i];
		items[m.places[i]] = m.items[i];
	}
	return eval_made(ev, make_object(ev->a, names, items, count));
}

const struct value *function_not_null(struct eval *ev, const struct call *c)
{
	(void)ev;
	for (size_t i = 0; i < c->count; i++)
		if (c->args[i].value->kind != VALUE_NULL)
			return c->args[i].value;
	return make_null();
}

const struct value *function_to_array(struct eval *ev, const struct call *c)
{
	const struct value *v = c->args[0].value;
	const struct value **items;

	if (v->kind == VALUE_ARRAY)
		return v;
	items = eval_items(ev, 1);
	if (!items)
		return NULL;
	items[0] = v;
	return eval_made(ev, make_array(ev->a, items, 1));
}

const struct value *function_type(struct eval *ev, const struct call *c)
{
	const char *type = value_type(c->args[0].value);

	return eval_made(ev, make_text(ev->a, type, strlen(type)));
}
