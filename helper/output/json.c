/* json and jsonc: as Python's json.dumps() with an indent of 2 and sorted members.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "format.h"

/* A token of its own text, so that its colour can be chosen. */
static void add_text(struct writer *w, enum format_color color, const char *s, size_t len)
{
	static const char escaped[] = "\"\\\n\r\t\f\b", letters[] = "\"\\nrtfb";
	struct writer token = { .arena = w->arena };
	struct writer *to = w->color ? &token : w;
	const char *found;
	char code[8];
	size_t from = 0;

	writer_bytes(to, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] >= ' ' && s[i] != '"' && s[i] != '\\')
			continue;
		writer_bytes(to, s + from, i - from);
		from = i + 1;
		found = s[i] ? strchr(escaped, s[i]) : NULL;
		if (found)
			(void)snprintf(
				code, sizeof(code), "\\%c", letters[found - escaped]);
		else
			(void)snprintf(
				code, sizeof(code), "\\u%04x", (unsigned char)s[i]);
		writer_text(to, code);
	}
	writer_bytes(to, s + from, len - from);
	writer_bytes(to, "\"", 1);
	if (to == w)
		return;
	w->failed = w->failed || token.failed;
	if (!w->failed)
		format_token(w, color, token.p, token.len);
}

static void add_line(struct writer *w, unsigned depth)
{
	static const char spaces[] = "\n                                ";
	struct writer token = { .arena = w->arena };
	size_t len = 1 + 2 * (size_t)depth;

	if (len < sizeof(spaces)) {
		format_token(w, COLOR_SPACE, spaces, len);
		return;
	}
	writer_text(&token, "\n");
	writer_repeat(&token, ' ', len - 1);
	w->failed = w->failed || token.failed;
	if (!w->failed)
		format_token(w, COLOR_SPACE, token.p, token.len);
}

static void add_scalar(struct writer *w, const struct value *v)
{
	struct writer token = { .arena = w->arena };

	if (v->kind == VALUE_TEXT) {
		add_text(w, COLOR_TEXT, v->text, v->len);
	} else if (v->kind == VALUE_NULL) {
		format_token(w, COLOR_NUMBER, "null", 4);
	} else if (v->kind == VALUE_BOOL) {
		format_token(
			w, COLOR_NUMBER, v->truth ? "true" : "false", v->truth ? 4 : 5);
	} else if (!w->color) {
		format_python(w, v);
	} else {
		format_python(&token, v);
		w->failed = w->failed || token.failed;
		if (!w->failed)
			format_token(w, COLOR_NUMBER, token.p, token.len);
	}
}

static void add_value(struct writer *w, const struct value *v, unsigned depth)
{
	const bool is_object = v->kind == VALUE_OBJECT;
	const struct format_member *members = NULL;

	if (v->kind <= VALUE_TEXT) {
		add_scalar(w, v);
		return;
	}
	if (!v->count) {
		writer_text(w, is_object ? "{}" : "[]");
		return;
	}
	if (is_object)
		members = format_sorted(w, v);
	w->failed = w->failed || depth >= FORMAT_DEPTH;
	if (w->failed)
		return;
	writer_text(w, is_object ? "{" : "[");
	for (size_t i = 0; i < v->count && !w->failed; i++) {
		if (i)
			writer_text(w, ",");
		add_line(w, depth + 1);
		if (members) {
			add_text(w, COLOR_TAG, members[i].name, strlen(members[i].name));
			writer_text(w, ":");
			format_token(w, COLOR_SPACE, " ", 1);
		}
		add_value(w, members ? members[i].value : v->items[i], depth + 1);
	}
	add_line(w, depth);
	writer_text(w, is_object ? "}" : "]");
}

void format_json(struct writer *w, const struct value *v)
{
	add_value(w, v, 0);
	add_line(w, 0);
}
