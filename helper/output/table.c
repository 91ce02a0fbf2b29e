/* table: which cells there are. Automatic columns as az chooses them: what is no array,
 * object or null, under its name with a capital; not id, type and etag.
 * SPDX-License-Identifier: MIT */
#include "table.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Small letters that have their capital so many characters before. */
static uint32_t capital(uint32_t c)
{
	static const struct {
		uint32_t first, last, step;
	} rows[] = { { 'a', 'z', 32 }, { 0xe0, 0xf6, 32 }, { 0xf8, 0xfe, 32 },
		{ 0x3b1, 0x3c1, 32 }, { 0x3c3, 0x3cb, 32 }, { 0x430, 0x44f, 32 },
		{ 0x450, 0x45f, 80 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (c >= rows[i].first && c <= rows[i].last)
			return c - rows[i].step;
	}
	return c;
}

/* A name with its first letter as a capital; the letters above keep their length. */
static const char *make_head(struct writer *w, const char *name)
{
	size_t len = strlen(name), n;
	char *head = writer_take(w, len + 1, 1);
	uint32_t c, upper;

	if (!head)
		return NULL;
	memcpy(head, name, len + 1);
	if (!len)
		return head;
	n = format_char(name, name + len, &c);
	upper = capital(c);
	if (n == 1) {
		head[0] = (char)upper;
	} else if (n == 2) {
		head[0] = (char)(0xc0 | upper >> 6);
		head[1] = (char)(0x80 | (upper & 0x3f));
	}
	return head;
}

static uint64_t slot_of(const struct table *t, const char *head)
{
	uint64_t at = text_hash(head, strlen(head)) % t->slots;

	while (t->index[at] && strcmp(t->heads[t->index[at] - 1], head) != 0)
		at = (at + 1) % t->slots;
	return at;
}

/* Room for twice as many columns. */
static bool grow(struct writer *w, struct table *t)
{
	size_t room = t->room ? 2 * t->room : 16;
	const char **heads = writer_take(w, room, sizeof(void *));
	size_t *index = writer_take(w, 2 * room, sizeof(*index));

	if (!heads || !index)
		return false;
	if (t->columns)
		memcpy(heads, t->heads, t->columns * sizeof(void *));
	t->heads = heads;
	t->index = index;
	t->room = room;
	t->slots = 2 * room;
	for (size_t i = 0; i < t->columns; i++)
		index[slot_of(t, heads[i])] = i + 1;
	return true;
}

/* Puts a cell under its head, which is made when no row before had it; of two members that
 * differ in the first letter alone the later one stays. */
static void put(
	struct writer *w, struct table *t, const char *head, const struct value *v)
{
	struct table_cell *cell = writer_take(w, 1, sizeof(*cell));
	uint64_t at;

	if (!cell || !head)
		return;
	if (t->columns == t->room && !grow(w, t))
		return;
	at = slot_of(t, head);
	if (!t->index[at]) {
		t->heads[t->columns++] = head;
		t->index[at] = t->columns;
	}
	*cell = (struct table_cell){ t->index[at] - 1, v, NULL };
	*t->tail = cell;
	t->tail = &cell->next;
}

static void put_member(
	struct writer *w, struct table *t, const char *name, const struct value *v)
{
	static const char *const skipped[] = { "id", "type", "etag" };

	for (size_t i = 0; i < sizeof(skipped) / sizeof(*skipped); i++) {
		if (strcmp(name, skipped[i]) == 0)
			return;
	}
	if (v->kind != VALUE_NULL && v->kind != VALUE_ARRAY && v->kind != VALUE_OBJECT)
		put(w, t, make_head(w, name), v);
}

/* The value at a path like user.name; NULL: there is none. */
static const struct value *follow(const struct value *v, const char *path)
{
	char name[64];
	size_t len;

	while (v && *path) {
		len = strcspn(path, ".");
		if (len >= sizeof(name))
			return NULL;
		memcpy(name, path, len);
		name[len] = '\0';
		v = value_member(v, name);
		path += len + (path[len] == '.');
	}
	return v;
}

static void put_columns(struct writer *w, struct table *t, const struct output_column *c,
	const struct value *v)
{
	const struct value *found;

	for (; c->head; c++) {
		found = follow(v, c->key);
		if (found)
			put_member(w, t, c->head, found);
	}
}

static void put_object(
	struct writer *w, struct table *t, const struct value *v, bool is_sorted)
{
	const struct format_member *members = is_sorted ? format_sorted(w, v) : NULL;

	for (size_t i = 0; i < v->count && !w->failed; i++)
		put_member(w, t, members ? members[i].name : v->names[i],
			members ? members[i].value : v->items[i]);
}

static void put_row(
	struct writer *w, struct table *t, const struct output *o, const struct value *v)
{
	const struct output_column *columns = o->is_queried ? NULL : o->columns;
	char head[32];
	char *copy;

	t->tail = &t->rows[t->count++];
	if (columns && v->kind >= VALUE_ARRAY) {
		put_columns(w, t, columns, v);
	} else if (v->kind == VALUE_OBJECT) {
		put_object(w, t, v, !o->is_queried);
	} else if (v->kind != VALUE_ARRAY) {
		put(w, t, "Result", v);
	}
	for (size_t i = 0; v->kind == VALUE_ARRAY && !columns && i < v->count; i++) {
		(void)snprintf(head, sizeof(head), "Column%zu", i + 1);
		copy = writer_take(w, sizeof(head), 1);
		if (!copy)
			return;
		memcpy(copy, head, sizeof(head));
		put(w, t, copy, v->items[i]);
	}
}

void format_table(struct writer *w, const struct output *o, const struct value *v)
{
	size_t count = v->kind == VALUE_ARRAY ? v->count : 1;
	struct table t = { 0 };

	t.rows = writer_take(w, count, sizeof(void *));
	if (!t.rows)
		return;
	if (v->kind != VALUE_ARRAY)
		put_row(w, &t, o, v);
	for (size_t i = 0; v->kind == VALUE_ARRAY && i < count && !w->failed; i++)
		put_row(w, &t, o, v->items[i]);
	if (!w->failed)
		table_draw(w, &t);
	writer_text(w, "\n");
}
