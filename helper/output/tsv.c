/* tsv: a line for each element of an array, or for the only value; nothing is escaped.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "format.h"

/* Of an array only its length is told, of an object nothing. */
static void add_cell(struct writer *w, const struct value *v)
{
	char s[24];

	if (v->kind == VALUE_ARRAY) {
		(void)snprintf(s, sizeof(s), "%zu", v->count);
		writer_text(w, s);
	} else if (v->kind != VALUE_OBJECT) {
		format_python(w, v);
	}
}

static void add_row(struct writer *w, const struct value *v)
{
	const struct format_member *members = NULL;

	if (v->kind == VALUE_OBJECT && !v->is_selected) {
		members = format_sorted(w, v);
		if (!members)
			return;
	}
	for (size_t i = 0; i < v->count; i++) {
		if (i)
			writer_text(w, "\t");
		add_cell(w, members ? members[i].value : v->items[i]);
	}
	if (v->kind == VALUE_BOOL)
		writer_text(w, v->truth ? "true" : "false");
	else if (v->kind <= VALUE_TEXT)
		add_cell(w, v);
	writer_text(w, "\n");
}

void format_tsv(struct writer *w, const struct value *v)
{
	if (v->kind != VALUE_ARRAY)
		add_row(w, v);
	for (size_t i = 0; v->kind == VALUE_ARRAY && i < v->count && !w->failed; i++)
		add_row(w, v->items[i]);
}
