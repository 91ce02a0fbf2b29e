/* YAML on its way out: columns, indents, and texts in their styles.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_OUTPUT_YAML_WRITE_H
#define MI_TOKEN_HELPER_OUTPUT_YAML_WRITE_H

#include "format.h"

struct yaml_out {
	struct writer *w;
	long indent;   /* of the block, YAML_NO_INDENT at first */
	long column;   /* in characters */
	bool is_white; /* a blank is before */
	bool is_fresh; /* nothing but indents and - ? : are before */
};
#define YAML_NO_INDENT (-1L)

/* One level in. */
void yaml_indent(struct yaml_out *o);
/* To the indent: in this line when nothing else is in it, else in the next. */
void yaml_line(struct yaml_out *o);

enum {
	YAML_SPACED = 1, /* wants a blank before it */
	YAML_WHITE = 2,  /* is as good as a blank for what follows */
	YAML_FRESH = 4,  /* leaves a fresh line fresh */
};
void yaml_mark(struct yaml_out *o, const char *mark, unsigned flags);

/* In the style that fits. */
void yaml_write_text(struct yaml_out *o, const char *s, size_t len, bool is_key);
void yaml_write_plain(struct yaml_out *o, const char *s, size_t len, bool is_key);

#endif
