/* Numbers as Python writes and reads them, which az's users see.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_QUERY_NUMBER_H
#define MI_TOKEN_HELPER_QUERY_NUMBER_H

#include "value.h"

/* A VALUE_INT or VALUE_REAL: the shortest digits that read back as the same number. */
#define NUMBER_SIZE 32
void number_format(const struct value *v, char ret[NUMBER_SIZE]);

/* What Python's int() and float() take, but for infinity and what is no number. false: it
 * is none. */
bool number_parse(const char *text, struct value *ret) MUST_CHECK;

#endif
