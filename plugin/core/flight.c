/* Taking turns: of all processes that want the same thing, one asks and the others wait.
 * SPDX-License-Identifier: MIT */
#include "core/flight.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* How long to sleep between two looks: short at first, then longer, never the same in two
 * processes. */
static int64_t pause_ms(unsigned waits)
{
	unsigned base = waits < 5 ? 2u << waits : 60;

	return base / 2 + (unsigned)(gettid() * 7 + (int)waits * 13) % base;
}

/* One of the slots; false: all are taken. Without a cache there is nothing to take. */
static bool take_slot(const struct flight *f, const char *kind, struct turn *t)
{
	char name[48];

	for (int i = 0; i < FLIGHT_SLOTS; i++) {
		(void)snprintf(name, sizeof(name), "%s-%s-%d", kind, f->name,
			(i + (int)gettid()) % FLIGHT_SLOTS);
		t->slot = cache_lock(&f->m->cache, name);
		if (t->slot >= 0)
			return true;
		if (errno != EWOULDBLOCK)
			return true; /* no locks here: better crowded than stuck */
	}
	return false;
}

/* The lock of the key itself: a file's where there is a cache, else the context's. */
static bool take_lock(const struct flight *f, struct turn *t)
{
	struct lock *own;

	if (f->m->cache.dir >= 0) {
		t->lock = cache_lock(&f->m->cache, f->key);
		return t->lock >= 0 || errno != EWOULDBLOCK;
	}
	own = f->is_outer ? &f->m->outer_turn : &f->m->turn;
	if (lock_try(own) == LOCK_BUSY)
		return false;
	t->own = own;
	return true;
}

struct turn flight_try(struct flight *f)
{
	struct turn t = { .outcome = TURN_WAIT, .lock = -1, .slot = -1 };

	if (take_lock(f, &t) && take_slot(f, "slot", &t))
		t.outcome = TURN_MINE;
	else
		flight_done(&t);
	return t;
}

struct turn flight_turn(struct flight *f)
{
	int64_t now = f->m->host.now(f->m->host.self).boot_ms, total, gone, pause;
	struct turn t = { .outcome = TURN_TIMEOUT, .lock = -1, .slot = -1 };

	if (!f->started_ms)
		f->started_ms = now;
	total = f->deadline_ms - f->started_ms;
	gone = now - f->started_ms;
	if (gone >= total)
		return t;
	if (take_lock(f, &t) || gone > total / 2) {
		if (take_slot(f, "slot", &t) ||
			(gone > total / 4 * 3 && take_slot(f, "late", &t))) {
			t.outcome = TURN_MINE;
			return t;
		}
	}
	flight_done(&t);
	t.outcome = TURN_WAIT;
	pause = pause_ms(f->waits++);
	f->m->host.sleep(f->m->host.self, pause < total - gone ? pause : total - gone);
	return t;
}

void flight_done(struct turn *t)
{
	cache_unlock(&t->slot);
	cache_unlock(&t->lock);
	if (t->own)
		lock_give(t->own);
	t->own = NULL;
}

enum mitok_code flight_timeout(const struct flight *f, struct mitok_err *e)
{
	enum mitok_code r = err_set(e, MITOK_E_LATER,
		"no answer in %lld ms: other processes are asking source '%s' and have "
		"none",
		(long long)(f->deadline_ms - f->started_ms), f->name);

	return err_hint(e, r, "try again, or allow more time with --timeout");
}
