/* The sentence and the lines that a visit ends with.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_TARGET_CURE_H
#define MI_TOKEN_HELPER_TARGET_CURE_H

#include "visit.h"

/* v->ret->err, by its outcome. */
enum mitok_code tell_write(struct visit *v, struct mitok_err *e) MUST_CHECK;

/* What the words in capitals of explain's cures stand for, as far as it is known. */
void cure_fill(const struct visit *v, const char *cure, struct text *out);
/* The identity's object id, for a command line: its word in capitals where it is none. */
const char *cure_object_id(const struct visit *v);
/* explain's cure of a code; "" where it has none. */
const char *cure_of(const char *code);

/* The lines that give access, of each kind. */
void grant_add(const struct visit *v, struct text *out);

#endif
