/* One run of an expression over a value.
 * SPDX-License-Identifier: MIT
 *
 * JMESPath specification: what each kind of expression finds. */
#include "eval.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "function.h"

const struct value *eval_refuse(struct eval *ev, const char *fmt, ...)
{
	char message[512];
	va_list ap;

	if (ev->r)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	ev->r = err_set(ev->e, MITOK_E_CONF, "%s", message);
	return NULL;
}

const struct value *eval_lack_memory(struct eval *ev)
{
	if (!ev->r)
		ev->r = ev->a->is_full
			? err_set(ev->e, MITOK_E_CONF, "the query makes too much of it")
			: err_memory(ev->e);
	return NULL;
}

const struct value *eval_made(struct eval *ev, const struct value *v)
{
	return v ? v : eval_lack_memory(ev);
}

void *eval_take(struct eval *ev, size_t len)
{
	void *p = arena_take(ev->a, len);

	if (!p)
		(void)eval_lack_memory(ev);
	return p;
}

const struct value **eval_items(struct eval *ev, size_t count)
{
	const struct value **items = make_items(ev->a, count);

	if (!items)
		(void)eval_lack_memory(ev);
	return items;
}

bool eval_spend(struct eval *ev, size_t steps)
{
	if (steps >= ev->steps) {
		ev->steps = 0;
		(void)eval_refuse(ev, "the query takes more than %llu million steps",
			(unsigned long long)(EVAL_STEPS / 1000000));
		return false;
	}
	ev->steps -= steps;
	return true;
}

/* Who asks finds out by eval_spend() whether the answer counts. */
bool eval_equal(struct eval *ev, const struct value *a, const struct value *b)
{
	ev->steps -= a->len / 64 < ev->steps ? a->len / 64 : ev->steps;
	return value_equal_within(a, b, &ev->steps);
}

static const struct value *found(const struct value *v)
{
	return v ? v : make_null();
}

static const struct value *field(
	struct eval *ev, const struct node *n, const struct value *v)
{
	return eval_spend(ev, v->count / 8) ? found(value_member(v, n->name)) : NULL;
}

static const struct value *literal(
	struct eval *ev, const struct node *n, const struct value *v)
{
	(void)ev;
	(void)v;
	return n->literal;
}

static const struct value *current(
	struct eval *ev, const struct node *n, const struct value *v)
{
	(void)ev;
	(void)n;
	return v;
}

/* Negative ones count from the end. */
static const struct value *item(
	struct eval *ev, const struct node *n, const struct value *v)
{
	int64_t count = (int64_t)v->count, i = n->number;

	(void)ev;
	if (v->kind != VALUE_ARRAY || i >= count || i < -count)
		return make_null();
	return v->items[i < 0 ? i + count : i];
}

/* As a place from the lowest that the step can begin or end at to the highest. */
static int64_t clamp(int64_t bound, int64_t count, int64_t step)
{
	int64_t low = step < 0 ? -1 : 0, high = step < 0 ? count - 1 : count;

	if (bound < 0)
		bound = bound < -count ? -1 : bound + count;
	if (bound < low)
		return low;
	return bound > high ? high : bound;
}

static const struct value *slice(
	struct eval *ev, const struct node *n, const struct value *v)
{
	const struct slice *s = n->slice;
	int64_t count = (int64_t)v->count, start, stop, left;
	const struct value **items;
	size_t taken = 0;

	if (v->kind != VALUE_ARRAY)
		return make_null();
	if (s->step == 0)
		return eval_refuse(ev, "slice step cannot be zero");
	start = s->step < 0 ? count - 1 : 0;
	stop = s->step < 0 ? -1 : count;
	if (s->has_start)
		start = clamp(s->start, count, s->step);
	if (s->has_stop)
		stop = clamp(s->stop, count, s->step);
	items = eval_items(ev, v->count);
	if (!items || !eval_spend(ev, v->count))
		return NULL;
	for (left = s->step < 0 ? start - stop : stop - start; left > 0;) {
		items[taken++] = v->items[start];
		if (s->step >= left || s->step <= -left)
			break;
		start += s->step;
		left -= s->step < 0 ? -s->step : s->step;
	}
	return eval_made(ev, make_array(ev->a, items, taken));
}

static const struct value *sequence(
	struct eval *ev, const struct node *n, const struct value *v)
{
	for (n = n->child; n && v; n = n->next)
		v = eval_node(ev, n, v);
	return v;
}

/* What `made` makes of each item that the condition, if there is one, holds for; null is
 * left out. */
static const struct value *project_items(struct eval *ev, const struct value *base,
	const struct node *condition, const struct node *made)
{
	const struct value **items = eval_items(ev, base->count);
	size_t count = 0;

	for (size_t i = 0; items && i < base->count; i++) {
		const struct value *v = base->items[i];
		const struct value *holds = condition ? eval_node(ev, condition, v) : v;

		if (!holds)
			return NULL;
		if (condition && !value_is_true(holds))
			continue;
		v = eval_node(ev, made, v);
		if (!v)
			return NULL;
		if (v->kind != VALUE_NULL)
			items[count++] = v;
	}
	return items ? eval_made(ev, make_array(ev->a, items, count)) : NULL;
}

static const struct value *project(
	struct eval *ev, const struct node *n, const struct value *v)
{
	enum value_kind kind = n->kind == NODE_VALUES ? VALUE_OBJECT : VALUE_ARRAY;
	const struct node *condition = n->kind == NODE_FILTER ? n->child->next : NULL;
	const struct value *base = eval_node(ev, n->child, v);

	if (!base || base->kind != kind)
		return base ? make_null() : NULL;
	return project_items(ev, base, condition, n->last);
}

static size_t flat_count(const struct value *v)
{
	size_t count = 0;

	for (size_t i = 0; i < v->count; i++)
		count += v->items[i]->kind == VALUE_ARRAY ? v->items[i]->count : 1;
	return count;
}

static const struct value *flatten(
	struct eval *ev, const struct node *n, const struct value *v)
{
	const struct value *base = eval_node(ev, n->child, v);
	const struct value **items;
	size_t count = 0;

	if (!base || base->kind != VALUE_ARRAY)
		return base ? make_null() : NULL;
	items = eval_items(ev, flat_count(base));
	if (!items || !eval_spend(ev, flat_count(base)))
		return NULL;
	for (size_t i = 0; i < base->count; i++) {
		const struct value *one = base->items[i];

		if (one->kind != VALUE_ARRAY) {
			items[count++] = one;
		} else {
			for (size_t k = 0; k < one->count; k++)
				items[count++] = one->items[k];
		}
	}
	return eval_made(ev, make_array(ev->a, items, count));
}

static const struct value *list(
	struct eval *ev, const struct node *n, const struct value *v)
{
	const struct value **items;
	size_t count = 0;

	if (v->kind == VALUE_NULL)
		return v;
	for (const struct node *c = n->child; c; c = c->next)
		count++;
	items = eval_items(ev, count);
	count = 0;
	for (const struct node *c = n->child; items && c; c = c->next) {
		items[count] = eval_node(ev, c, v);
		if (!items[count++])
			return NULL;
	}
	return items ? eval_made(ev, make_array(ev->a, items, count)) : NULL;
}

static const struct value *hash(
	struct eval *ev, const struct node *n, const struct value *v)
{
	size_t count = (size_t)n->number;
	const struct value **items;
	const char **names;
	struct value *object;

	if (v->kind == VALUE_NULL)
		return v;
	items = eval_items(ev, count);
	names = eval_take(ev, count * sizeof(*names));
	object = eval_take(ev, sizeof(*object));
	if (!items || !names || !object)
		return NULL;
	for (const struct node *c = n->child; c; c = c->next) {
		names[c->number] = c->name;
		items[c->number] = eval_node(ev, c->child, v);
		if (!items[c->number])
			return NULL;
	}
	*object = (struct value){ .kind = VALUE_OBJECT,
		.is_selected = true,
		.items = items,
		.names = names,
		.count = count };
	return object;
}

static const struct value *either(
	struct eval *ev, const struct node *n, const struct value *v)
{
	bool ends = n->kind == NODE_OR;
	const struct value *side = NULL;

	for (const struct node *c = n->child; c; c = c->next) {
		side = eval_node(ev, c, v);
		if (!side || value_is_true(side) == ends)
			break;
	}
	return side;
}

static const struct value *negate(
	struct eval *ev, const struct node *n, const struct value *v)
{
	const struct value *operand = eval_node(ev, n->child, v);

	return operand ? make_bool(!value_is_true(operand)) : NULL;
}

static bool has_order(const struct value *v)
{
	return value_is_number(v) || v->kind == VALUE_TEXT;
}

static bool is_ordered(enum comparator comparator, int order)
{
	switch (comparator) {
	case COMPARE_LESS:
		return order < 0;
	case COMPARE_LESS_EQUAL:
		return order <= 0;
	case COMPARE_MORE:
		return order > 0;
	default:
		return order >= 0;
	}
}

/* The specification orders numbers alone; az orders texts too. */
static const struct value *compare(
	struct eval *ev, const struct node *n, const struct value *v)
{
	static const char *const signs[] = { "==", "!=", "<", "<=", ">", ">=" };
	const struct value *a = eval_node(ev, n->child, v);
	const struct value *b = a ? eval_node(ev, n->last, v) : NULL;

	if (!b)
		return NULL;
	if (n->comparator == COMPARE_EQUAL || n->comparator == COMPARE_UNEQUAL) {
		bool is_equal = eval_equal(ev, a, b);

		return eval_spend(ev, 0)
			? make_bool(is_equal == (n->comparator == COMPARE_EQUAL))
			: NULL;
	}
	if (!has_order(a) || !has_order(b))
		return make_null();
	if (value_is_number(a) != value_is_number(b))
		return eval_refuse(ev,
			"'%s' not supported between instances of '%s' and '%s'",
			signs[n->comparator], value_python_type(a), value_python_type(b));
	if (!eval_spend(ev, a->len / 64))
		return NULL;
	return make_bool(is_ordered(n->comparator, value_compare(a, b)));
}

const struct value *eval_node(
	struct eval *ev, const struct node *n, const struct value *v)
{
	static const struct value *(*const kinds[])(
		struct eval *, const struct node *, const struct value *) = {
		[NODE_CURRENT] = current,
		[NODE_FIELD] = field,
		[NODE_LITERAL] = literal,
		[NODE_INDEX] = item,
		[NODE_SLICE] = slice,
		[NODE_SEQUENCE] = sequence,
		[NODE_PROJECT] = project,
		[NODE_VALUES] = project,
		[NODE_FILTER] = project,
		[NODE_FLATTEN] = flatten,
		[NODE_LIST] = list,
		[NODE_HASH] = hash,
		[NODE_OR] = either,
		[NODE_AND] = either,
		[NODE_NOT] = negate,
		[NODE_COMPARE] = compare,
		[NODE_CALL] = eval_call,
	};

	return eval_spend(ev, 1) ? kinds[n->kind](ev, n, v) : NULL;
}

enum mitok_code jmespath_search(struct arena *a, const struct jmespath *j,
	const struct value *v, const struct value **ret, struct mitok_err *e)
{
	struct eval ev = { .a = a, .steps = EVAL_STEPS, .e = e };
	const struct value *result = eval_node(&ev, j->root, v);

	if (!result)
		return ev.r;
	*ret = result;
	return MITOK_OK;
}
