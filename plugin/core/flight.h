/* Taking turns: of all processes that want the same thing, one asks and the others wait.
 *
 * Whoever holds the lock of a key asks for it; a lock ends with its process. One that is
 * stopped or hangs must not stop the others: after half of their time they go without
 * that lock, four at a time, and near the end in four more places.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_FLIGHT_H
#define MI_TOKEN_CORE_FLIGHT_H

#include "core/context.h"

/* At most so many requests of one user are at an endpoint at a time (IMDS takes five). */
#define FLIGHT_SLOTS 4

struct flight {
	struct mitok *m;
	const char *name; /* whom it asks: a source, or "federate" */
	const char *key;
	int64_t deadline_ms;
	int64_t started_ms; /* set by the first flight_turn() */
	unsigned waits;     /* so far */
	bool is_outer;      /* while it has its turn, it takes that of another */
};

enum turn_outcome {
	TURN_MINE, /* ask now; *turn holds what keeps the others waiting */
	TURN_WAIT, /* somebody else asks; look whether there is an answer, then again */
	TURN_TIMEOUT, /* the time is up */
};

struct turn {
	enum turn_outcome outcome;
	int lock, slot;   /* -1: none */
	struct lock *own; /* the context's, or NULL */
};

/* Tries to get the turn; sleeps a little before it says TURN_WAIT. */
struct turn flight_turn(struct flight *f);
/* As flight_turn(), without waiting: TURN_MINE or TURN_WAIT at once. */
struct turn flight_try(struct flight *f);
void flight_done(struct turn *t);
#define AUTO_TURN __attribute__((cleanup(flight_done))) struct turn

/* The error for TURN_TIMEOUT. */
enum mitok_code flight_timeout(const struct flight *f, struct mitok_err *e);

#endif
