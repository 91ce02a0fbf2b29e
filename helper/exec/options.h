/* The options of mi-token-exec.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_EXEC_OPTIONS_H
#define MI_TOKEN_HELPER_EXEC_OPTIONS_H

#include "../flags.h"

/* What the command line said. */
struct options {
	const char *identity, *via, *keep_fresh, *resource, *error_format;
	struct flag_list allow;
	bool no_shims, help, version;

	char *const *command; /* and its arguments, NULL-terminated */
};

/* Even on failure *o holds what was understood so far. */
enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e) MUST_CHECK;
enum mitok_code options_help(struct mitok_err *e) MUST_CHECK;

#endif
