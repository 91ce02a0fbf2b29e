/* The options of mi-token: one table for parsing, help and completion.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_OPTIONS_H
#define MI_TOKEN_HELPER_OPTIONS_H

#include "cmd.h"

/* The commands, ended by NULL; the first is the one that needs not be named. */
extern const struct cmd *const cmds[];

/* Finds the command and fills in the options. Even on failure *o holds what was
 * understood so far, so that the error can be printed as it asks. */
enum mitok_code options_parse(int argc, char *const *argv, struct options *o,
	const struct cmd **ret, struct mitok_err *e) MUST_CHECK;

/* Help for one command, or for all when c is NULL. */
void options_help(const struct cmd *c, struct text *ret);

#endif
