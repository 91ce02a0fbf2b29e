/* The command line of git-credential-mi-token.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_ARGS_H
#define MI_TOKEN_HELPER_GIT_ARGS_H

#include <stdbool.h>

#include "base/text.h"

enum auth {
	AUTH_AUTO,
	AUTH_BASIC,
	AUTH_BEARER
};

struct args {
	const char *identity; /* NULL: as configured */
	bool gcm, diagnose, verbose, help, version;
	const char *operation;

	enum auth auth;
	bool quit_on_failure;
	long timeout_ms; /* 0: as configured */

	const char *auth_text, *failure_text, *timeout_text; /* the same as typed */
};

/* MITOK_E_ARG when an option is wrong, or there is no operation; git puts it last. */
enum mitok_code args_parse(
	int argc, char **argv, struct args *ret, struct mitok_err *e) MUST_CHECK;
/* What --help or --version prints. */
void args_help(const struct args *a, struct text *ret);

#endif
