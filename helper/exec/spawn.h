/* Starts the programs of ours that stay in the background while a command runs.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_EXEC_SPAWN_H
#define MI_TOKEN_HELPER_EXEC_SPAWN_H

#include <limits.h>

#include "base/secret.h"

/* Programs lie where we lie, or where `make install` put them; false: nowhere. */
bool spawn_find(const char *name, char ret[PATH_MAX]) MUST_CHECK;

/* A life line that ends with this process, whatever becomes of it: *ret. Where the kernel
 * has no pidfd it is a pipe, whose other end the command inherits. */
enum mitok_code spawn_lifeline(int *ret, struct mitok_err *e) MUST_CHECK;

/* Runs a program, argv[0] being its name, until it has gone to the background: *ret gets
 * what it has written to stdout. On failure it has told why, and e has no message. */
enum mitok_code spawn(const char *const *argv, int lifeline, struct secret *ret,
	struct mitok_err *e) MUST_CHECK;

/* Forks a process that is no child of ours, so that the command never waits for one it does
 * not know. *ret_is_new: we are that process, and the caller's stdin, stdout and stderr are
 * no longer ours. */
enum mitok_code spawn_self(bool *ret_is_new, struct mitok_err *e) MUST_CHECK;

#endif
