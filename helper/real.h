/* The program that one of ours stands in front of in PATH.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_REAL_H
#define MI_TOKEN_HELPER_REAL_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

/* Finds the next program of that name in the absolute folders of PATH which is not this very
 * file. mark names a variable that is set for what is found: programs and scripts that start
 * each other come to an end by it. false: there is none, or it went on for too long. */
bool real_find(const char *name, const char *mark, char ret[PATH_MAX]) MUST_CHECK;
/* Becomes it, with the same arguments; returns when there is none. For callers who have not
 * changed anything of the process yet. */
void real_become(const char *name, const char *mark, char **argv);

#endif
