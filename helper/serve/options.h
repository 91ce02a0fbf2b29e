/* The options of mi-token-serve.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_OPTIONS_H
#define MI_TOKEN_HELPER_SERVE_OPTIONS_H

#include "../flags.h"

/* What the command line said. */
struct options {
	const char *port_text, *path, *identity, *lifeline_text, *error_format;
	struct flag_list allow, users;
	bool imds, verbose, help, version;

	unsigned port;
	int lifeline; /* -1: none */
};

/* Even on failure *o holds what was understood so far. */
enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e) MUST_CHECK;
enum mitok_code options_help(struct mitok_err *e) MUST_CHECK;

#endif
