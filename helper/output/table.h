/* A table on its way from cells to lines.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_OUTPUT_TABLE_H
#define MI_TOKEN_HELPER_OUTPUT_TABLE_H

#include "format.h"

/* What a row has under one of the heads; of two under the same the last counts. */
struct table_cell {
	size_t column;
	const struct value *value;
	struct table_cell *next;
};

struct table {
	struct table_cell **rows; /* count lists */
	size_t count;
	const char **heads; /* columns of them, in the order in which rows brought them */
	size_t columns, room;

	size_t *index; /* heads by their hash: number + 1; 0: a free slot */
	size_t slots;
	struct table_cell **tail; /* of the row that is being made */
};

/* Lines without the last line end. */
void table_draw(struct writer *w, const struct table *t);

#endif
