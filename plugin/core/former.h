/* Whose tokens came for an identity before: one that is deleted and created anew keeps its
 * name, and is another principal without the roles of the first.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_FORMER_H
#define MI_TOKEN_CORE_FORMER_H

#include "core/context.h"

/* Remembers whose t is, which has just come, and fills in t->former. */
void former_note(struct mitok *m, struct mitok_token *t);

#endif
