/* A lock that a child process does not inherit.
 *
 * A thread that holds a mutex while another one forks does not exist in the child, where
 * nobody would ever give the mutex back. This lock knows whose process its holder is in.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_LOCK_H
#define MI_TOKEN_BASE_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"

/* All zero is free; there is nothing to destroy. */
struct lock {
	atomic_int holder; /* the id of the process that has it, 0: free */
};

enum lock_outcome {
	LOCK_BUSY,  /* another thread of this process has it */
	LOCK_TAKEN, /* now it is the caller's */
	LOCK_TORN, /* the same, and a thread of the parent process had it at the fork: what it
		     * guards may be in the middle of a change */
};

/* At once. */
enum lock_outcome lock_try(struct lock *l) MUST_CHECK;
/* Waits as long as it takes, so it is for short work that calls nobody: LOCK_TAKEN or
 * LOCK_TORN. */
enum lock_outcome lock_take(struct lock *l) MUST_CHECK;
/* By the thread that has it; in a child that this very thread has forked meanwhile, too. */
void lock_give(struct lock *l);

#endif
