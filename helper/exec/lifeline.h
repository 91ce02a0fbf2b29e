/* Processes in the background that end with somebody else's.
 *
 * A life line is a descriptor that can be read, or whose other end is closed, when the time
 * has come: a pidfd, or a pipe. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_EXEC_LIFELINE_H
#define MI_TOKEN_HELPER_EXEC_LIFELINE_H

#include <stdbool.h>

#include "base/err.h"

/* The value of --lifeline: a descriptor that is open, -1 when text is NULL. */
enum mitok_code lifeline_parse(
	const char *text, int *ret, struct mitok_err *e) MUST_CHECK;

/* Closes all descriptors that are none of 0-2 and these two, so that nobody waits for the
 * end of something that we hold; -1: none. */
void lifeline_close_others(int keep, int also);

/* In the child that stays: a session of its own, so that no key and no terminal ends it,
 * nothing of the caller's stdin and stdout, of stderr only where errors are to be told, and
 * deaf to what is sent to a group. */
void lifeline_detach(bool keep_stderr);

/* Waits until one of the descriptors (-1: none) is ready, or for so long (-1: for ever).
 * true: the life line has ended. */
bool lifeline_wait(int lifeline, int also, int timeout_ms);

#endif
