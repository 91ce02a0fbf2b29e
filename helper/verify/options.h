/* The options of mi-token-verify.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_OPTIONS_H
#define MI_TOKEN_HELPER_VERIFY_OPTIONS_H

#include "../flags.h"
#include "verifier.h"

/* What the command line said; NULL and false where it did not. */
struct options {
	struct flag_list audiences, appids, oids, roles;
	const char *tenant, *issuer, *cloud, *skew, *jwks, *cache, *output, *listen,
		*error_format, *file;
	bool app_only, serve, verbose, help, version;
};

/* Also fills in what has to hold. Even on failure *o has what was understood so far. */
enum mitok_code options_parse(int argc, char *const *argv, struct options *o,
	struct verifier *v, struct mitok_err *e) MUST_CHECK;
enum mitok_code options_help(struct mitok_err *e) MUST_CHECK;

#endif
