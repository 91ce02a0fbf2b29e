/* The command line of mi-token roles.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_ROLES_OPTIONS_H
#define MI_TOKEN_HELPER_ROLES_OPTIONS_H

#include "print.h"

struct options {
	const char *scope, *principal, *subscription, *identity, *source, *output,
		*timeout, *error_format;
	bool all, verbose, help, version;

	/* What they mean. */
	struct roles_question question;
	enum print_format format;
	int64_t timeout_ms;
	char scope_text[1024];
};

enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e) MUST_CHECK;
void options_help(struct text *ret);

#endif
