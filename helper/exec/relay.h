/* Between programs that speak TCP alone and the unix socket of a server outside.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_EXEC_RELAY_H
#define MI_TOKEN_HELPER_EXEC_RELAY_H

#include "base/err.h"

/* Carries bytes between a port of 127.0.0.1, for programs of this user and root, and the
 * socket at path, in a process that ends with the life line. */
enum mitok_code relay_start(const char *path, int lifeline, unsigned *ret_port,
	struct mitok_err *e) MUST_CHECK;

#endif
