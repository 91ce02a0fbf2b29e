/* How a text is written in YAML.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_OUTPUT_YAML_TEXT_H
#define MI_TOKEN_HELPER_OUTPUT_YAML_TEXT_H

#include "format.h"

/* The style of a text, and what decides about keys. */
struct yaml_style {
	char quote;        /* ' or ", 0: plain */
	bool is_multiline; /* has line ends */
	size_t count;      /* characters */
};

/* Which style PyYAML chooses for a text in the block context, as a key or as a value. */
struct yaml_style yaml_style_of(const char *s, size_t len, bool is_key);
/* A plain text would be read as a number, a date, true, null or the like (YAML 1.1 types,
 * https://yaml.org/type/). */
bool yaml_is_special(const char *s, size_t len);
/* \n, NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR. */
bool yaml_is_break(uint32_t c);

#endif
