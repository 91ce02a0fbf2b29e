/* A lock that a child process does not inherit.
 * SPDX-License-Identifier: MIT */
#include "base/lock.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

/* So often it is tried again before the thread sleeps, which a holder of lower priority on
 * the same processor needs. */
#define SPINS    32
#define SLEEP_NS 50000

enum lock_outcome lock_try(struct lock *l)
{
	int self = (int)getpid(), holder = 0;

	do {
		if (atomic_compare_exchange_strong_explicit(&l->holder, &holder, self,
			    memory_order_acquire, memory_order_relaxed))
			return holder ? LOCK_TORN : LOCK_TAKEN;
	} while (holder != self); /* free, or of a process that is not this one */
	return LOCK_BUSY;
}

enum lock_outcome lock_take(struct lock *l)
{
	static const struct timespec moment = { .tv_nsec = SLEEP_NS };
	enum lock_outcome outcome = lock_try(l);

	for (unsigned n = 0; outcome == LOCK_BUSY; n++) {
		if (n < SPINS)
			(void)sched_yield();
		else
			(void)nanosleep(&moment, NULL);
		outcome = lock_try(l);
	}
	return outcome;
}

void lock_give(struct lock *l)
{
	int self = (int)getpid();

	/* In a child of the holder it may have been taken over: then it is not ours. */
	(void)atomic_compare_exchange_strong_explicit(
		&l->holder, &self, 0, memory_order_release, memory_order_relaxed);
}
