/* Commands that are programs of their own: `mi-token NAME` runs mi-token-NAME.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_PROGRAM_H
#define MI_TOKEN_HELPER_PROGRAM_H

#include <stdbool.h>

#include "base/err.h"

struct program {
	const char *name;
	const char *about; /* one line */
};
/* Ended by name NULL. */
extern const struct program programs[];

/* NULL: there is none of that name. */
const struct program *program_find(const char *name);
/* Whether the command line is `NAME ...` or `help NAME ...` of one of them. */
bool program_is_named(char *const *argv) MUST_CHECK;
/* Becomes that program, which gets all that follows the name as it is; returns only when
 * it cannot. */
enum mitok_code program_run(char **argv, struct mitok_err *e) MUST_CHECK;

#endif
