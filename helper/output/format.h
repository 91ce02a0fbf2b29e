/* What the formats share: a text that grows in an arena, and Python's ways to print.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_OUTPUT_FORMAT_H
#define MI_TOKEN_HELPER_OUTPUT_FORMAT_H

#include "output.h"

/* Deeper values are not printed: the formats recurse. */
#define FORMAT_DEPTH 1000

/* A growing text. A failure is remembered, and the adders become no-ops. */
struct writer {
	struct arena *arena;
	char *p;
	size_t len, cap;
	bool failed;
	bool color; /* tokens get pygments' colours */
};

void writer_bytes(struct writer *w, const char *s, size_t len);
void writer_text(struct writer *w, const char *s);
void writer_repeat(struct writer *w, char c, size_t count);
/* Room in the arena; NULL: out of memory, which w remembers. */
void *writer_take(struct writer *w, size_t count, size_t size) MUST_CHECK;

/* As Python's repr() prints a float: the shortest that reads back. */
#define FORMAT_REAL_SIZE 40
void format_real(double real, char ret[FORMAT_REAL_SIZE]);
/* As str() prints: texts as they are, True, None, what is in arrays and objects as repr(). */
void format_python(struct writer *w, const struct value *v);

/* One member of an object on its way out. */
struct format_member {
	const char *name;
	const struct value *value;
};
/* The members in code point order of their names; NULL: out of memory. */
const struct format_member *format_sorted(
	struct writer *w, const struct value *v) MUST_CHECK;

/* The character at p, which is before end, and how many bytes it has. */
size_t format_char(const char *p, const char *end, uint32_t *ret);
size_t format_count(const char *s, size_t len); /* in characters */
/* Python's idea of white space, and of what ends a line. */
bool format_is_space(uint32_t c);
bool format_is_line_end(uint32_t c);
/* Cells of a terminal that one line takes, as Python's wcwidth counts them; -1: it has
 * control characters. Colours (CSI sequences, ECMA-48) take none. */
long format_width(const char *s, size_t len);

/* The colours that pygments gives tokens on terminals with a light background. */
enum format_color {
	COLOR_NONE,
	COLOR_SPACE,
	COLOR_TAG,
	COLOR_TEXT,
	COLOR_NUMBER, /* and constants */
	COLOR_VARIABLE,
	COLOR_NAMESPACE,
	COLOR_ERROR,
};
/* A token: in w->color, its colour starts anew with each line. */
void format_token(struct writer *w, enum format_color color, const char *s, size_t len);

void format_json(struct writer *w, const struct value *v);
void format_yaml(struct writer *w, const struct value *v);
/* A document of format_yaml() with pygments' colours. */
void format_yaml_color(struct writer *w, const char *s, size_t len);
void format_tsv(struct writer *w, const struct value *v);
void format_table(struct writer *w, const struct output *o, const struct value *v);

#endif
