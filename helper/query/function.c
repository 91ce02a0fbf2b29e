/* The functions of the language: what they take, and how they are called.
 * SPDX-License-Identifier: MIT
 *
 * JMESPath specification, "Built-in Functions". What goes wrong is worded as az words it,
 * with one difference: texts, arrays and objects of the document, which may be secrets, are
 * not repeated. */
#include "function.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

#define KIND(kind) (1U << VALUE_##kind)
#define NUMBER     (KIND(INT) | KIND(REAL))

// clang-format off
static const struct kinds any       = { 0, 0, false, "['any']" };
static const struct kinds number    = { NUMBER, 0, false, "['number']" };
static const struct kinds text      = { KIND(TEXT), 0, false, "['string']" };
static const struct kinds array     = { KIND(ARRAY), 0, false, "['array']" };
static const struct kinds object    = { KIND(OBJECT), 0, false, "['object']" };
static const struct kinds reference = { 0, 0, true, "['expref']" };
static const struct kinds listed    = { KIND(ARRAY) | KIND(TEXT), 0, false, "['array', 'string']" };
static const struct kinds sized     = { KIND(ARRAY) | KIND(TEXT) | KIND(OBJECT), 0, false, "['string', 'array', 'object']" };
static const struct kinds numbers   = { KIND(ARRAY), NUMBER, false, "['array-number']" };
static const struct kinds texts     = { KIND(ARRAY), KIND(TEXT), false, "['array-string']" };
static const struct kinds extremes  = { KIND(ARRAY), NUMBER | KIND(TEXT), false, "['array-number', 'array-string']" };
static const struct kinds sortable  = { KIND(ARRAY), NUMBER | KIND(TEXT), false, "['array-string', 'array-number']" };

static const struct function functions[] = {
	{ "abs",         1, false, { &number },            function_abs },
	{ "avg",         1, false, { &numbers },           function_avg },
	{ "ceil",        1, false, { &number },            function_ceil },
	{ "contains",    2, false, { &listed, &any },      function_contains },
	{ "ends_with",   2, false, { &text, &text },       function_ends_with },
	{ "floor",       1, false, { &number },            function_floor },
	{ "join",        2, false, { &text, &texts },      function_join },
	{ "keys",        1, false, { &object },            function_keys },
	{ "length",      1, false, { &sized },             function_length },
	{ "map",         2, false, { &reference, &array }, function_map },
	{ "max",         1, false, { &extremes },          function_max },
	{ "max_by",      2, false, { &array, &reference }, function_max_by },
	{ "merge",       1, true,  { &object },            function_merge },
	{ "min",         1, false, { &extremes },          function_min },
	{ "min_by",      2, false, { &array, &reference }, function_min_by },
	{ "not_null",    1, true,  { &any },               function_not_null },
	{ "reverse",     1, false, { &listed },            function_reverse },
	{ "sort",        1, false, { &sortable },          function_sort },
	{ "sort_by",     2, false, { &array, &reference }, function_sort_by },
	{ "starts_with", 2, false, { &text, &text },       function_starts_with },
	{ "sum",         1, false, { &numbers },           function_sum },
	{ "to_array",    1, false, { &any },               function_to_array },
	{ "to_number",   1, false, { &any },               function_to_number },
	{ "to_string",   1, false, { &any },               function_to_string },
	{ "type",        1, false, { &any },               function_type },
	{ "values",      1, false, { &object },            function_values },
};
// clang-format on

/* By kind. */
static const struct {
	const char *type, *python;
} types[] = {
	[VALUE_NULL] = { "null", "NoneType" },
	[VALUE_BOOL] = { "boolean", "bool" },
	[VALUE_INT] = { "number", "int" },
	[VALUE_REAL] = { "number", "float" },
	[VALUE_TEXT] = { "string", "str" },
	[VALUE_ARRAY] = { "array", "list" },
	[VALUE_OBJECT] = { "object", "dict" },
};

const char *value_type(const struct value *v)
{
	return types[v->kind].type;
}

const char *value_python_type(const struct value *v)
{
	return types[v->kind].python;
}

const struct value *function_refuse(struct eval *ev, const struct call *c,
	const struct value *v, const char *type, const char *words)
{
	char shown[NUMBER_SIZE] = "***";

	if (v && v->kind == VALUE_NULL)
		(void)snprintf(shown, sizeof(shown), "None");
	else if (v && v->kind == VALUE_BOOL)
		(void)snprintf(shown, sizeof(shown), v->truth ? "True" : "False");
	else if (v && value_is_number(v))
		number_format(v, shown);
	return eval_refuse(ev,
		"In function %s(), invalid type for value: %s, expected one of: %s, "
		"received: \"%s\"",
		c->f->name, shown, words, type);
}

/* Numbers of both kinds are one kind; the first element says which it is for all. */
static bool check_elements(struct eval *ev, const struct call *c, const struct value *v,
	const struct kinds *k)
{
	unsigned allowed = k->elements;

	if (!eval_spend(ev, v->count / 4))
		return false;
	for (size_t i = 0; i < v->count; i++) {
		const struct value *one = v->items[i];
		unsigned bit = 1U << one->kind;

		if (!(allowed & bit)) {
			(void)function_refuse(
				ev, c, one, value_python_type(one), k->words);
			return false;
		}
		if (i == 0)
			allowed &= bit & NUMBER ? NUMBER : bit;
	}
	return true;
}

static bool check_argument(struct eval *ev, const struct call *c,
	const struct argument *arg, const struct kinds *k)
{
	const struct value *v = arg->value; /* NULL: it is a reference */

	if (!v && k->is_reference)
		return true;
	if (!v || k->is_reference || (k->bits && !(k->bits & (1U << v->kind)))) {
		(void)function_refuse(ev, c, v, v ? value_type(v) : "expref", k->words);
		return false;
	}
	return !k->elements || check_elements(ev, c, v, k);
}

static bool check(struct eval *ev, const struct call *c)
{
	const struct function *f = c->f;

	if (f->is_variadic ? c->count < f->count : c->count != f->count) {
		(void)eval_refuse(ev,
			"Expected %s%zu argument%s for function %s(), received %zu",
			f->is_variadic ? "at least " : "", f->count,
			f->count == 1 ? "" : "s", f->name, c->count);
		return false;
	}
	for (size_t i = 0; i < c->count; i++) {
		size_t parameter = i < f->count ? i : f->count - 1;

		if (!check_argument(ev, c, &c->args[i], f->parameters[parameter]))
			return false;
	}
	return true;
}

static const struct function *find(const char *name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

/* Arguments are evaluated before anything is said about the call, as az does it. */
const struct value *eval_call(
	struct eval *ev, const struct node *n, const struct value *v)
{
	struct argument few[FUNCTION_PARAMETERS];
	struct call c = { .f = find(n->name), .args = few };

	for (const struct node *arg = n->child; arg; arg = arg->next)
		c.count++;
	if (c.count > FUNCTION_PARAMETERS)
		c.args = eval_take(ev, c.count * sizeof(*c.args));
	if (!c.args)
		return NULL;
	c.count = 0;
	for (const struct node *arg = n->child; arg; arg = arg->next, c.count++) {
		bool is_reference = arg->kind == NODE_REFERENCE;

		c.args[c.count] = (struct argument){ .reference = arg->child };
		if (is_reference)
			continue;
		c.args[c.count].reference = NULL;
		c.args[c.count].value = eval_node(ev, arg, v);
		if (!c.args[c.count].value)
			return NULL;
	}
	if (!c.f)
		return eval_refuse(ev, "Unknown function: %s()", n->name);
	return check(ev, &c) ? c.f->run(ev, &c) : NULL;
}
