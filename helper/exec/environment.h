/* The environment in which existing tools find our endpoint and our shims.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_EXEC_ENVIRONMENT_H
#define MI_TOKEN_HELPER_EXEC_ENVIRONMENT_H

#include <stdbool.h>

#include "base/secret.h"

/* Changes this process's environment: what leads elsewhere is taken away, then the lines
 * NAME=VALUE of the endpoint are set. identity: the only one that is served, or NULL. */
enum mitok_code environment_point(
	const struct secret *lines, const char *identity, struct mitok_err *e) MUST_CHECK;

/* Puts the shims first in PATH, where they are installed. */
enum mitok_code environment_add_shims(struct mitok_err *e) MUST_CHECK;

#endif
