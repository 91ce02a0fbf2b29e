/* A program of the user's that is run for what it prints, and for no longer than there is
 * time.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_CHILD_H
#define MI_TOKEN_IO_CHILD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/text.h"

/* Lent. It gets the environment of this process, no input, the root directory, and no
 * descriptor but the three. */
struct child_ask {
	const char *path;        /* of the program, absolute */
	const char *const *argv; /* ended by NULL */
	const char *mark;        /* "NAME=VALUE", over what the environment has */
	int64_t timeout_ms;      /* positive */
	size_t out_max;          /* bytes of its output, below SECRET_MAX */
};

enum child_end {
	CHILD_EXITED,  /* with a status, or a signal: 128 and its number; -1: not known */
	CHILD_TIMEOUT, /* it was killed, with its process group, or may not be */
	CHILD_TOO_MUCH, /* the same, because of all it printed */
};

/* What the first CHILD_ERR_MAX bytes of its standard error are kept of. */
#define CHILD_ERR_MAX ((size_t)4096)

struct child_reply {
	enum child_end end;
	int status;
	struct secret out; /* whole */
	struct secret err; /* whatever people wrote into it */
};
void child_reply_wipe(struct child_reply *r);
#define AUTO_CHILD __attribute__((cleanup(child_reply_wipe))) struct child_reply

/* MITOK_OK: it was started, and *ret (which is empty before) says what became of it.
 * MITOK_E_CONF: it could not be. No signal handler, no thread; other children are left
 * alone. */
enum mitok_code child_run(const struct child_ask *a, struct child_reply *ret,
	struct mitok_err *e) MUST_CHECK;

/* The program of that name in the first absolute folder of path, which is as in PATH, that
 * is none of mi-token's own, whatever links lead there. false: there is none. */
bool child_find(const char *path, const char *name, char ret[PATH_MAX]) MUST_CHECK;

#endif
