/* Functions that need an order: of numbers, or of texts by code points.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "function.h"

/* An item, and what it is ordered by. */
struct keyed {
	const struct value *key, *item;
};

static bool is_extreme(const struct value *v, const struct value *best, int sign)
{
	return !best || value_compare(v, best) * sign > 0;
}

/* Which of equal ones is taken shows only in their kind of number: the first. */
static const struct value *extreme(struct eval *ev, const struct call *c, int sign)
{
	const struct value *array = c->args[0].value, *best = NULL;

	if (!eval_spend(ev, array->count))
		return NULL;
	for (size_t i = 0; i < array->count; i++)
		if (is_extreme(array->items[i], best, sign))
			best = array->items[i];
	return best ? best : make_null();
}

const struct value *function_max(struct eval *ev, const struct call *c)
{
	return extreme(ev, c, 1);
}

const struct value *function_min(struct eval *ev, const struct call *c)
{
	return extreme(ev, c, -1);
}

/* Whether key can order items[i]: numbers for all, or texts for all. */
static bool check_key(struct eval *ev, const struct call *c, const struct keyed *keyed,
	const struct value *key, const struct value *first_item)
{
	const char *type = value_type(key);
	bool is_sorting = c->f->run == function_sort_by;

	if (!value_is_number(key) && key->kind != VALUE_TEXT &&
		(first_item || !is_sorting))
		(void)function_refuse(ev, c, is_sorting ? first_item : key, type,
			is_sorting ? "['string', 'number']" : "['number', 'string']");
	else if (!first_item && strcmp(type, value_type(keyed->key)) != 0)
		(void)function_refuse(ev, c, key, type,
			keyed->key->kind == VALUE_TEXT ? "['string']" : "['number']");
	return !ev->r;
}

static struct keyed *find_keys(struct eval *ev, const struct call *c)
{
	const struct value *array = c->args[0].value;
	struct keyed *keyed = eval_take(ev, array->count * sizeof(*keyed));

	for (size_t i = 0; keyed && i < array->count; i++) {
		const struct value *item = array->items[i];
		const struct value *key = eval_node(ev, c->args[1].reference, item);

		if (!key || !check_key(ev, c, keyed, key, i ? NULL : item))
			return NULL;
		keyed[i] = (struct keyed){ key, item };
	}
	return keyed;
}

static const struct value *extreme_by(struct eval *ev, const struct call *c, int sign)
{
	size_t count = c->args[0].value->count, best = 0;
	struct keyed *keyed = find_keys(ev, c);

	if (!keyed || !eval_spend(ev, count))
		return NULL;
	for (size_t i = 1; i < count; i++)
		if (is_extreme(keyed[i].key, keyed[best].key, sign))
			best = i;
	return count ? keyed[best].item : make_null();
}

const struct value *function_max_by(struct eval *ev, const struct call *c)
{
	return extreme_by(ev, c, 1);
}

const struct value *function_min_by(struct eval *ev, const struct call *c)
{
	return extreme_by(ev, c, -1);
}

/* Two sorted neighbours, up to middle and up to end, into one; of equal ones those on the
 * left come first. */
static void merge(const struct keyed *from, struct keyed *to, size_t middle, size_t end)
{
	size_t left = 0, right = middle;

	for (size_t i = 0; i < end; i++) {
		bool is_left = left < middle &&
			(right == end ||
				value_compare(from[left].key, from[right].key) <= 0);

		to[i] = from[is_left ? left++ : right++];
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A merge sort: stable, and never slower than its worst case. */
static const struct value *sorted(struct eval *ev, struct keyed *keyed, size_t count)
{
	struct keyed *other = eval_take(ev, count * sizeof(*other)), *swap;
	const struct value **items = eval_items(ev, count);

	if (!other || !items)
		return NULL;
	for (size_t width = 1; width < count; width *= 2) {
		if (!eval_spend(ev, count))
			return NULL;
		for (size_t at = 0; at < count; at += 2 * width)
			merge(keyed + at, other + at, least(width, count - at),
				least(2 * width, count - at));
		swap = keyed;
		keyed = other;
		other = swap;
	}
	for (size_t i = 0; i < count; i++)
		items[i] = keyed[i].item;
	return eval_made(ev, make_array(ev->a, items, count));
}

const struct value *function_sort(struct eval *ev, const struct call *c)
{
	const struct value *array = c->args[0].value;
	struct keyed *keyed = eval_take(ev, array->count * sizeof(*keyed));

	for (size_t i = 0; keyed && i < array->count; i++)
		keyed[i] = (struct keyed){ array->items[i], array->items[i] };
	return keyed ? sorted(ev, keyed, array->count) : NULL;
}

const struct value *function_sort_by(struct eval *ev, const struct call *c)
{
	struct keyed *keyed = find_keys(ev, c);

	return keyed ? sorted(ev, keyed, c->args[0].value->count) : NULL;
}
