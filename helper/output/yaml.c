/* yaml: as PyYAML's safe_dump() writes it in the block style, Unicode allowed, members sorted,
 * lines broken after column 80.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "yaml-text.h"
#include "yaml-write.h"

/* An array or object that was met. What stands in several places is written once, with an
 * anchor. */
struct seen {
	const struct value *value;
	unsigned anchor; /* 0: met once */
	bool is_written;
};

struct yaml {
	struct yaml_out out;
	struct seen *seen; /* by address, size slots of them, a power of two */
	size_t size, count;
	unsigned anchors;
	bool has_selected; /* something that PyYAML knows only as a copy: no anchors */
};

static struct seen *find(const struct yaml *y, const struct value *v)
{
	size_t at = text_hash((const char *)&v, sizeof(void *)) & (y->size - 1);

	while (y->seen[at].value && y->seen[at].value != v)
		at = (at + 1) & (y->size - 1);
	return &y->seen[at];
}

static bool grow(struct yaml *y)
{
	struct yaml old = *y;

	y->size = old.size ? 2 * old.size : 64;
	y->seen = writer_take(y->out.w, y->size, sizeof(*y->seen));
	if (!y->seen)
		return false;
	for (size_t i = 0; i < old.size; i++) {
		if (old.seen[i].value)
			*find(y, old.seen[i].value) = old.seen[i];
	}
	return true;
}

/* Numbers what stands in several places, in the order of meeting it again. */
static void meet(struct yaml *y, const struct value *v, unsigned depth)
{
	const struct format_member *members;
	struct seen *s;

	if (v->kind < VALUE_ARRAY || y->out.w->failed)
		return;
	if (depth > FORMAT_DEPTH || (2 * y->count >= y->size && !grow(y))) {
		y->out.w->failed = true;
		return;
	}
	s = find(y, v);
	if (s->value) {
		if (!s->anchor)
			s->anchor = ++y->anchors;
		return;
	}
	s->value = v;
	y->count++;
	y->has_selected = y->has_selected || (v->kind == VALUE_OBJECT && v->is_selected);
	members = v->kind == VALUE_OBJECT ? format_sorted(y->out.w, v) : NULL;
	for (size_t i = 0; i < v->count && !y->out.w->failed; i++)
		meet(y, members ? members[i].value : v->items[i], depth + 1);
}

static void add_scalar(struct yaml *y, const struct value *v)
{
	char s[FORMAT_REAL_SIZE + 4] = "null";
	char *power;

	if (v->kind == VALUE_TEXT) {
		yaml_write_text(&y->out, v->text, v->len, false);
		return;
	}
	if (v->kind == VALUE_BOOL) {
		(void)snprintf(s, sizeof(s), "%s", v->truth ? "true" : "false");
	} else if (v->kind == VALUE_INT) {
		(void)snprintf(s, sizeof(s), "%" PRId64, v->number);
	} else if (v->kind == VALUE_REAL) {
		format_real(v->real, s);
		power = strchr(s, 'e');
		/* A float has a point there. */
		if (power && !strchr(s, '.')) {
			memmove(power + 2, power, strlen(power) + 1);
			memcpy(power, ".0", 2);
		}
	}
	yaml_write_plain(&y->out, s, strlen(s), false);
}

/* Where a value stands decides how it is indented. */
enum place {
	ROOT,
	ITEM,
	MEMBER,
};

static void add_value(struct yaml *y, const struct value *v, enum place place);

static void add_items(struct yaml *y, const struct value *v, enum place place)
{
	struct yaml_out *out = &y->out;
	const long indent = out->indent;

	/* Items of a member stand below its name, not to its right. */
	if (place != MEMBER || out->is_fresh)
		yaml_indent(out);
	for (size_t i = 0; i < v->count && !out->w->failed; i++) {
		yaml_line(out);
		yaml_mark(out, "-", YAML_SPACED | YAML_FRESH);
		add_value(y, v->items[i], ITEM);
	}
	out->indent = indent;
}

/* A name that is too long, or has several lines, is a question. 128 characters are the
 * limit, of which "!!str" takes five though it is not written. */
static bool is_simple(const struct format_member *m)
{
	const size_t len = strlen(m->name);
	struct yaml_style style = yaml_style_of(m->name, len, true);

	return len && !style.is_multiline && style.count + 5 < 128;
}

static void add_members(struct yaml *y, const struct value *v)
{
	struct yaml_out *out = &y->out;
	const struct format_member *m = format_sorted(out->w, v);
	const long indent = out->indent;

	yaml_indent(out);
	for (size_t i = 0; m && i < v->count && !out->w->failed; i++) {
		const size_t len = strlen(m[i].name);

		yaml_line(out);
		if (is_simple(&m[i])) {
			yaml_write_text(out, m[i].name, len, true);
			yaml_mark(out, ":", 0);
		} else {
			yaml_mark(out, "?", YAML_SPACED | YAML_FRESH);
			yaml_write_text(out, m[i].name, len, false);
			yaml_line(out);
			yaml_mark(out, ":", YAML_SPACED | YAML_FRESH);
		}
		add_value(y, m[i].value, MEMBER);
	}
	out->indent = indent;
}

/* true: the value is an alias of what was written before. */
static bool add_anchor(struct yaml *y, const struct value *v)
{
	struct seen *s = find(y, v);
	bool again = s->is_written;
	char name[24];

	if (!s->anchor || y->has_selected)
		return false;
	(void)snprintf(name, sizeof(name), "%cid%03u", again ? '*' : '&', s->anchor);
	yaml_mark(&y->out, name, YAML_SPACED);
	s->is_written = true;
	return again;
}

static void add_value(struct yaml *y, const struct value *v, enum place place)
{
	struct yaml_out *out = &y->out;

	if (v->kind < VALUE_ARRAY) {
		add_scalar(y, v);
		return;
	}
	if (add_anchor(y, v))
		return;
	if (!v->count) {
		yaml_mark(out, v->kind == VALUE_ARRAY ? "[" : "{",
			YAML_SPACED | YAML_WHITE);
		yaml_mark(out, v->kind == VALUE_ARRAY ? "]" : "}", 0);
	} else if (v->kind == VALUE_ARRAY) {
		add_items(y, v, place);
	} else {
		add_members(y, v);
	}
}

/* A plain text alone may go on in the next line: three dots end it. */
static bool is_open(const struct value *v)
{
	if (v->kind == VALUE_TEXT)
		return !yaml_style_of(v->text, v->len, false).quote;
	return v->kind < VALUE_TEXT;
}

void format_yaml(struct writer *w, const struct value *v)
{
	struct yaml y = { .out = { .w = w,
				  .indent = YAML_NO_INDENT,
				  .is_white = true,
				  .is_fresh = true } };

	if (!grow(&y))
		return;
	meet(&y, v, 0);
	if (w->failed)
		return;
	add_value(&y, v, ROOT);
	yaml_line(&y.out);
	if (is_open(v))
		writer_text(w, "...\n");
}
