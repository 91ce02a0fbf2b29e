/* The commands of mi-token: one file each, one row each in main.c.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_CMD_H
#define MI_TOKEN_HELPER_CMD_H

#include <stdbool.h>

#include "base/secret.h"
#include "process.h"

struct cmd;

/* What the command line said; NULL, 0 and false where it did not. */
struct options {
	const char *resource, *scope;
	const char *identity, *client_id, *object_id, *resource_id;
	const char *federate,
		*tenant; /* the application that is vouched for, and where */
	const char *output, *source, *error_format;
	const char *min_valid, *timeout;
	bool refresh, check, quiet, verbose, help, version;

	const struct cmd *topic; /* the command, when it was named */
	const char *const *args; /* what follows the command, NULL-terminated */

	char selector[600]; /* what --client-id and its like spell out */
	long min_valid_s, timeout_ms;
};

struct cmd {
	const char *name;
	const char *args;    /* for the usage line */
	const char *about;   /* one line */
	const char *takes;   /* the letters of the options it knows, see options.c */
	const char *formats; /* what -o can be */
	unsigned max_args;   /* after the command */
	bool needs_context;

	/* Does it; m is NULL without needs_context. Errors are returned, not printed. */
	enum mitok_code (*run)(
		const struct options *o, struct mitok *m, struct mitok_err *e);
};

extern const struct cmd cmd_get, cmd_whoami, cmd_decode, cmd_sources, cmd_config,
	cmd_cache;

/* Writes results; the only way to stdout. */
enum mitok_code print_secret(const struct secret *s, struct mitok_err *e) MUST_CHECK;
enum mitok_code print_text(const struct text *t, struct mitok_err *e) MUST_CHECK;

/* One line on stderr, unless --quiet: `mi-token: <line>`. */
void warn(const struct options *o, const char *fmt, ...) ERR_PRINTF(2, 3);

/* The token that the options ask for, with `target` where they name none (may be NULL).
 */
enum mitok_code get_token(const struct options *o, struct mitok *m, const char *target,
	struct mitok_token **ret, struct mitok_err *e) MUST_CHECK;

/* "text" or "json" for the commands that list something. */
enum mitok_code is_json(
	const struct options *o, bool *ret, struct mitok_err *e) MUST_CHECK;

#endif
