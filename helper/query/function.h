/* The functions of the language: what they take, and who computes them.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_QUERY_FUNCTION_H
#define MI_TOKEN_HELPER_QUERY_FUNCTION_H

#include "eval.h"

struct call {
	const struct function *f;
	struct argument *args;
	size_t count;
};

/* What a parameter may be. A text of the specification's names, as az prints them. */
struct kinds {
	unsigned bits; /* 1 << enum value_kind; 0: anything */
	unsigned
		elements; /* of an array all have to be of one of these kinds; 0: anything */
	bool is_reference;
	const char *words;
};

#define FUNCTION_PARAMETERS 2
struct function {
	const char *name;
	size_t count;
	bool is_variadic; /* the last parameter stands for one or more */
	const struct kinds *parameters[FUNCTION_PARAMETERS];
	const struct value *(*run)(struct eval *ev, const struct call *c);
};

/* The specification's names of types, and Python's, which az's sentences have too. */
const char *value_type(const struct value *v);
const char *value_python_type(const struct value *v);
/* "In function f(), invalid type for value: ...": v is not what `words` say. `type` is the
 * name of what it is. */
const struct value *function_refuse(struct eval *ev, const struct call *c,
	const struct value *v, const char *type, const char *words);

/* One file for each of these groups; arguments have the kinds that the table says. */
const struct value *function_abs(struct eval *ev, const struct call *c);
const struct value *function_avg(struct eval *ev, const struct call *c);
const struct value *function_ceil(struct eval *ev, const struct call *c);
const struct value *function_floor(struct eval *ev, const struct call *c);
const struct value *function_sum(struct eval *ev, const struct call *c);
const struct value *function_to_number(struct eval *ev, const struct call *c);

const struct value *function_contains(struct eval *ev, const struct call *c);
const struct value *function_ends_with(struct eval *ev, const struct call *c);
const struct value *function_join(struct eval *ev, const struct call *c);
const struct value *function_length(struct eval *ev, const struct call *c);
const struct value *function_reverse(struct eval *ev, const struct call *c);
const struct value *function_starts_with(struct eval *ev, const struct call *c);
const struct value *function_to_string(struct eval *ev, const struct call *c);

const struct value *function_max(struct eval *ev, const struct call *c);
const struct value *function_max_by(struct eval *ev, const struct call *c);
const struct value *function_min(struct eval *ev, const struct call *c);
const struct value *function_min_by(struct eval *ev, const struct call *c);
const struct value *function_sort(struct eval *ev, const struct call *c);
const struct value *function_sort_by(struct eval *ev, const struct call *c);

const struct value *function_keys(struct eval *ev, const struct call *c);
const struct value *function_map(struct eval *ev, const struct call *c);
const struct value *function_merge(struct eval *ev, const struct call *c);
const struct value *function_not_null(struct eval *ev, const struct call *c);
const struct value *function_to_array(struct eval *ev, const struct call *c);
const struct value *function_type(struct eval *ev, const struct call *c);
const struct value *function_values(struct eval *ev, const struct call *c);

#endif
