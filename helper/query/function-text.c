/* Functions about texts, and about what texts and arrays have in common.
 * SPDX-License-Identifier: MIT
 *
 * A text consists of Unicode code points; as UTF-8, each of them begins with a byte that is
 * no continuation. */
#include <stdio.h>
#include <string.h>

#include "function.h"
#include "number.h"

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* What looking through a text costs. */
static bool spend_on(struct eval *ev, const struct value *text)
{
	return eval_spend(ev, text->len / 64);
}

static const struct value *find_element(
	struct eval *ev, const struct value *array, const struct value *wanted)
{
	for (size_t i = 0; i < array->count; i++)
		if (eval_equal(ev, array->items[i], wanted))
			return make_bool(true);
	return eval_spend(ev, 1) ? make_bool(false) : NULL;
}

const struct value *function_contains(struct eval *ev, const struct call *c)
{
	const struct value *subject = c->args[0].value;
	const struct value *wanted = c->args[1].value;

	if (subject->kind == VALUE_ARRAY)
		return find_element(ev, subject, wanted);
	if (wanted->kind != VALUE_TEXT)
		return eval_refuse(ev,
			"'in <string>' requires string as left operand, not %s",
			value_python_type(wanted));
	if (!spend_on(ev, subject))
		return NULL;
	return make_bool(memmem(subject->text, subject->len, wanted->text, wanted->len));
}

const struct value *function_starts_with(struct eval *ev, const struct call *c)
{
	const struct value *text = c->args[0].value, *start = c->args[1].value;

	if (!spend_on(ev, start))
		return NULL;
	return make_bool(start->len <= text->len &&
		memcmp(text->text, start->text, start->len) == 0);
}

const struct value *function_ends_with(struct eval *ev, const struct call *c)
{
	const struct value *text = c->args[0].value, *end = c->args[1].value;

	if (!spend_on(ev, end))
		return NULL;
	return make_bool(end->len <= text->len &&
		memcmp(text->text + text->len - end->len, end->text, end->len) == 0);
}

const struct value *function_length(struct eval *ev, const struct call *c)
{
	const struct value *v = c->args[0].value;
	size_t count = v->count;

	if (!spend_on(ev, v))
		return NULL;
	for (size_t i = 0; i < v->len; i++)
		count += !is_continuation(v->text[i]);
	return eval_made(ev, make_int(ev->a, (int64_t)count));
}

static const struct value *reverse_text(struct eval *ev, const struct value *v)
{
	char *out = eval_take(ev, v->len + 1);
	size_t at = v->len;

	for (size_t i = 0, len; out && i < v->len; i += len) {
		len = 1;
		while (i + len < v->len && is_continuation(v->text[i + len]))
			len++;
		at -= len;
		memcpy(out + at, v->text + i, len);
	}
	return out ? eval_made(ev, make_text(ev->a, out, v->len)) : NULL;
}

const struct value *function_reverse(struct eval *ev, const struct call *c)
{
	const struct value *v = c->args[0].value;
	const struct value **items;

	if (v->kind == VALUE_TEXT)
		return spend_on(ev, v) ? reverse_text(ev, v) : NULL;
	items = eval_items(ev, v->count);
	if (!items || !eval_spend(ev, v->count / 8))
		return NULL;
	for (size_t i = 0; i < v->count; i++)
		items[i] = v->items[v->count - 1 - i];
	return eval_made(ev, make_array(ev->a, items, v->count));
}

const struct value *function_join(struct eval *ev, const struct call *c)
{
	const struct value *glue = c->args[0].value, *texts = c->args[1].value;
	size_t len = 0, at = 0;
	char *out;

	for (size_t i = 0; i < texts->count; i++)
		len += texts->items[i]->len + (i ? glue->len : 0);
	out = eval_take(ev, len + 1);
	if (!out || !eval_spend(ev, texts->count / 8 + len / 64))
		return NULL;
	for (size_t i = 0; i < texts->count; i++) {
		const struct value *one = texts->items[i];

		if (i)
			memcpy(out + at, glue->text, glue->len);
		at += i ? glue->len : 0;
		memcpy(out + at, one->text, one->len);
		at += one->len;
	}
	return eval_made(ev, make_text(ev->a, out, len));
}

/* First counts, then writes. */
struct writer {
	char *p; /* NULL: it counts */
	size_t len;
};

static void put(struct writer *w, const char *s)
{
	size_t len = strlen(s);

	if (w->p)
		memcpy(w->p + w->len, s, len);
	w->len += len;
}

static void put_unit(struct writer *w, unsigned unit)
{
	char s[8];

	(void)snprintf(s, sizeof(s), "\\u%04x", unit & 0xffff);
	put(w, s);
}

/* One code point as Python writes it: what is not printable ASCII is escaped. Returns how
 * many bytes it had. */
static size_t put_point(struct writer *w, const char *s)
{
	static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *name = strchr(named, *s);
	unsigned point = (unsigned char)*s;
	size_t len = 1;

	if (name) {
		put(w, (const char[]){ '\\', names[name - named], '\0' });
	} else if (point >= ' ' && point < 0x7f) {
		put(w, (const char[]){ *s, '\0' });
	} else {
		if (point >= 0xc0)
			point &= point >= 0xf0 ? 0x07 : point >= 0xe0 ? 0x0f : 0x1f;
		while (is_continuation(s[len]))
			point = point << 6 | ((unsigned char)s[len++] & 0x3f);
		if (point >= 0x10000)
			put_unit(w, 0xd800 + ((point - 0x10000) >> 10));
		put_unit(w, point >= 0x10000 ? 0xdc00 + (point & 0x3ff) : point);
	}
	return len;
}

static void put_text(struct writer *w, const char *s)
{
	put(w, "\"");
	while (*s)
		s += put_point(w, s);
	put(w, "\"");
}

static bool put_value(struct eval *ev, struct writer *w, const struct value *v);

static bool put_items(struct eval *ev, struct writer *w, const struct value *v)
{
	for (size_t i = 0; i < v->count; i++) {
		if (i)
			put(w, ",");
		if (v->names) {
			put_text(w, v->names[i]);
			put(w, ":");
		}
		if (!put_value(ev, w, v->items[i]))
			return false;
	}
	return true;
}

/* Recursion is as deep as the value. */
static bool put_value(struct eval *ev, struct writer *w, const struct value *v)
{
	char number[NUMBER_SIZE];
	bool is_good = eval_spend(ev, 1 + v->len / 16);

	switch (v->kind) {
	case VALUE_NULL:
		put(w, "null");
		break;
	case VALUE_BOOL:
		put(w, v->truth ? "true" : "false");
		break;
	case VALUE_INT:
	case VALUE_REAL:
		number_format(v, number);
		put(w, number);
		break;
	case VALUE_TEXT:
		put_text(w, v->text);
		break;
	case VALUE_ARRAY:
		put(w, "[");
		is_good = is_good && put_items(ev, w, v);
		put(w, "]");
		break;
	case VALUE_OBJECT:
		put(w, "{");
		is_good = is_good && put_items(ev, w, v);
		put(w, "}");
		break;
	}
	return is_good;
}

const struct value *function_to_string(struct eval *ev, const struct call *c)
{
	const struct value *v = c->args[0].value;
	struct writer w = { 0 };

	if (v->kind == VALUE_TEXT)
		return v;
	if (!put_value(ev, &w, v))
		return NULL;
	w.p = eval_take(ev, w.len + 1);
	w.len = 0;
	if (!w.p || !put_value(ev, &w, v))
		return NULL;
	return eval_made(ev, make_text(ev->a, w.p, w.len));
}
