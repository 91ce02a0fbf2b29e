/* Whose tokens came for an identity before: one that is deleted and created anew keeps its
 * name, and is another principal without the roles of the first.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_FORMER_H
#define MI_TOKEN_CORE_FORMER_H

#include "core/context.h"

/* Remembers whose t is, which has just come from that place of key.h, and fills in t->former.
 * Another account of az, or another service principal, is another place, and no heir. */
void former_note(struct mitok *m, const char *place, struct mitok_token *t);

#endif
