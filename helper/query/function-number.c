/* Functions about numbers.
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "function.h"
#include "number.h"

/* JSON has no infinity. */
static const struct value *finite_real(struct eval *ev, const struct call *c, double real)
{
	if (!isfinite(real))
		return eval_refuse(
			ev, "In function %s(), the result is too large", c->f->name);
	return eval_made(ev, make_real(ev->a, real));
}

const struct value *function_abs(struct eval *ev, const struct call *c)
{
	const struct value *v = c->args[0].value;

	if (v->kind == VALUE_REAL)
		return eval_made(ev, make_real(ev->a, fabs(v->real)));
	if (v->number == INT64_MIN)
		return eval_made(ev, make_real(ev->a, -(double)v->number));
	return v->number < 0 ? eval_made(ev, make_int(ev->a, -v->number)) : v;
}

/* In 64 bits. */
static bool fits(double real)
{
	return real >= -9223372036854775808.0 && real < 9223372036854775808.0;
}

/* A whole number where it can be one; up: which one of the two beside it. */
static const struct value *rounded(struct eval *ev, const struct value *v, bool up)
{
	int64_t whole;

	if (v->kind == VALUE_INT || !fits(v->real))
		return v;
	whole = (int64_t)v->real;
	if (up && (double)whole < v->real)
		whole++;
	else if (!up && (double)whole > v->real)
		whole--;
	return eval_made(ev, make_int(ev->a, whole));
}

const struct value *function_ceil(struct eval *ev, const struct call *c)
{
	return rounded(ev, c->args[0].value, true);
}

const struct value *function_floor(struct eval *ev, const struct call *c)
{
	return rounded(ev, c->args[0].value, false);
}

struct sum {
	int64_t whole; /* until a number is no integer, or the sum is none of 64 bits */
	bool is_real;
	double real, lost; /* lost: what rounding took from it (Neumaier's summation) */
};

static void add(struct sum *s, const struct value *v)
{
	double more = v->kind == VALUE_REAL ? v->real : (double)v->number;
	double next;

	if (!s->is_real && v->kind == VALUE_INT &&
		!__builtin_add_overflow(s->whole, v->number, &s->whole))
		return;
	if (!s->is_real && v->kind == VALUE_INT) /* the sum has wrapped */
		s->whole = (int64_t)((uint64_t)s->whole - (uint64_t)v->number);
	if (!s->is_real)
		s->real = (double)s->whole;
	s->is_real = true;
	next = s->real + more;
	if (fabs(s->real) >= fabs(more))
		s->lost += (s->real - next) + more;
	else
		s->lost += (more - next) + s->real;
	s->real = next;
}

static struct sum add_up(const struct value *numbers)
{
	struct sum s = { 0 };

	for (size_t i = 0; i < numbers->count; i++)
		add(&s, numbers->items[i]);
	if (!s.is_real)
		s.real = (double)s.whole;
	else if (isfinite(s.lost))
		s.real += s.lost;
	return s;
}

const struct value *function_sum(struct eval *ev, const struct call *c)
{
	struct sum s = add_up(c->args[0].value);

	if (!s.is_real)
		return eval_made(ev, make_int(ev->a, s.whole));
	return finite_real(ev, c, s.real);
}

const struct value *function_avg(struct eval *ev, const struct call *c)
{
	const struct value *numbers = c->args[0].value;

	if (numbers->count == 0)
		return make_null();
	return finite_real(ev, c, add_up(numbers).real / (double)numbers->count);
}

const struct value *function_to_number(struct eval *ev, const struct call *c)
{
	const struct value *v = c->args[0].value;
	struct value number;

	if (value_is_number(v))
		return v;
	if (v->kind != VALUE_TEXT || !number_parse(v->text, &number))
		return make_null();
	return eval_made(ev,
		number.kind == VALUE_INT ? make_int(ev->a, number.number)
					 : make_real(ev->a, number.real));
}
