/* @file on az's command line: what the file holds takes its place.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_EXPAND_H
#define MI_TOKEN_HELPER_AZ_EXPAND_H

#include "../query/value.h"

/* *ret gets the arguments, NULL-terminated, in the arena where they are not argv's own. @- is
 * stdin; what cannot be read stays as it is, and so does a lone @. */
enum mitok_code expand_files(struct arena *a, char *const *argv, char *const **ret,
	struct mitok_err *e) MUST_CHECK;

#endif
