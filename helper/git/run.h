/* Other programs, run without a shell: their output and their time are bounded.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_RUN_H
#define MI_TOKEN_HELPER_GIT_RUN_H

#include <limits.h>

#include "base/text.h"

/* One run: what goes in above, what came back below. */
struct run {
	const char *const *argv; /* argv[0] is an absolute path */
	const char *input;       /* for its stdin, at most RUN_INPUT_MAX bytes; or NULL */
	int timeout_ms;

	int status; /* its exit status; 128 + the signal that ended it */
	struct text out, err;
};
#define RUN_INPUT_MAX 4096 /* a pipe takes as much without a reader */

/* Runs it to its end, in a process group of its own. Fails when it cannot be started or says
 * too much, and with MITOK_E_LATER when it takes too long: then the whole group is ended. Its
 * own exit status is no failure here. */
enum mitok_code run(struct run *r, struct mitok_err *e) MUST_CHECK;
void run_free(struct run *r);
#define AUTO_RUN __attribute__((cleanup(run_free))) struct run

/* Finds an executable in the absolute folders of PATH. */
bool run_find(const char *name, char ret[PATH_MAX]) MUST_CHECK;

#endif
