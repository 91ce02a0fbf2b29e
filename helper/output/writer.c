/* A text that grows in an arena, tokens in colour, members in order.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "format.h"

/* What a text outgrows stays in the arena until that is wiped. */
static bool make_room(struct writer *w, size_t len)
{
	size_t cap = w->cap ? w->cap : 256;
	char *p;

	if (w->failed || len >= SIZE_MAX / 4 - w->len) {
		w->failed = true;
		return false;
	}
	if (w->p && w->cap - w->len > len)
		return true;
	while (cap - w->len <= len)
		cap *= 2;
	p = arena_take(w->arena, cap);
	if (!p) {
		w->failed = true;
		return false;
	}
	if (w->p)
		memcpy(p, w->p, w->len);
	w->p = p;
	w->cap = cap;
	return true;
}

void writer_bytes(struct writer *w, const char *s, size_t len)
{
	if (!make_room(w, len))
		return;
	if (len)
		memcpy(w->p + w->len, s, len);
	w->len += len;
	w->p[w->len] = '\0';
}

void writer_text(struct writer *w, const char *s)
{
	writer_bytes(w, s, strlen(s));
}

void writer_repeat(struct writer *w, char c, size_t count)
{
	if (!make_room(w, count))
		return;
	memset(w->p + w->len, c, count);
	w->len += count;
	w->p[w->len] = '\0';
}

void *writer_take(struct writer *w, size_t count, size_t size)
{
	void *p = NULL;

	if (!w->failed && count < SIZE_MAX / 2 / size)
		p = arena_take(w->arena, count ? count * size : size);
	w->failed = !p;
	return p;
}

static int compare_names(const void *a, const void *b)
{
	const struct format_member *x = a, *y = b;

	/* The order of UTF-8's bytes is that of the characters, which is Python's. */
	return strcmp(x->name, y->name);
}

const struct format_member *format_sorted(struct writer *w, const struct value *v)
{
	struct format_member *m = writer_take(w, v->count, sizeof(*m));

	if (!m)
		return NULL;
	for (size_t i = 0; i < v->count; i++)
		m[i] = (struct format_member){ v->names[i], v->items[i] };
	qsort(m, v->count, sizeof(*m), compare_names);
	return m;
}

static const char *const codes[] = {
	[COLOR_NONE] = NULL,
	[COLOR_SPACE] = "\x1b[37m",
	[COLOR_TAG] = "\x1b[94m",
	[COLOR_TEXT] = "\x1b[33m",
	[COLOR_NUMBER] = "\x1b[34m",
	[COLOR_VARIABLE] = "\x1b[31m",
	[COLOR_NAMESPACE] = "\x1b[04m\x1b[36m",
	[COLOR_ERROR] = "\x1b[04m\x1b[91m",
};

/* One line of a token, its end included. */
static void add_line(struct writer *w, const char *code, const char *s, size_t len)
{
	bool has_end = len && s[len - 1] == '\n';

	writer_text(w, code);
	writer_bytes(w, s, has_end ? len - 1 : len);
	writer_text(w, "\x1b[39;49;00m");
	if (has_end)
		writer_text(w, "\n");
}

void format_token(struct writer *w, enum format_color color, const char *s, size_t len)
{
	const char *end = s + len, *line = s;
	uint32_t c;

	if (!w->color || !codes[color]) {
		writer_bytes(w, s, len);
		return;
	}
	while (s < end) {
		s += format_char(s, end, &c);
		if (!format_is_line_end(c))
			continue;
		if (c == '\r' && s < end && *s == '\n')
			s++;
		add_line(w, codes[color], line, (size_t)(s - line));
		line = s;
	}
	if (line < end)
		add_line(w, codes[color], line, (size_t)(end - line));
}
