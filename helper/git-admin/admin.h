/* The commands of mi-token-git: one file each, one row each in main.c.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_ADMIN_ADMIN_H
#define MI_TOKEN_HELPER_GIT_ADMIN_ADMIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* What the command line said; NULL and false where it did not. */
struct options {
	const char *identity, *error_format;
	bool global, system, probe, json, quiet, help, version;

	const struct command *topic;
	const char *const *args; /* what follows the command, NULL-terminated */
	mode_t umask;            /* as the user has it; ours is closed */
};

struct command {
	const char *name;
	const char *args;  /* for the usage line */
	const char *about; /* one line */
	const char *takes; /* the letters of the options it knows, see options.c */
	unsigned max_args;

	/* Does it. An error with a message is still to be printed. */
	enum mitok_code (*run)(const struct options *o, struct mitok_err *e);
};
extern const struct command commands[]; /* ended by name NULL */

enum mitok_code configure(const struct options *o, struct mitok_err *e) MUST_CHECK;
enum mitok_code unconfigure(const struct options *o, struct mitok_err *e) MUST_CHECK;
enum mitok_code check(const struct options *o, struct mitok_err *e) MUST_CHECK;

/* Fills in the options and finds the command. Even on failure *o holds what was
 * understood so far. */
enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e) MUST_CHECK;
/* Help for one command, or for all when c is NULL, to stdout. */
enum mitok_code options_help(const struct command *c, struct mitok_err *e) MUST_CHECK;

/* One line on stderr, unless --quiet. */
void warn(const struct options *o, const char *fmt, ...) ERR_PRINTF(2, 3);

#endif
