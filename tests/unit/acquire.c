/* Acquiring: when the cache answers, when the source is asked, and what is shared.
 * SPDX-License-Identifier: MIT */
#include "core/acquire.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "world.h"

#define HOUR_S INT64_C(3600)

static void cached_once(void)
{
	struct mitok_token *a = NULL, *b = NULL;
	struct mitok_err e;
	struct mitok *m;

	world_begin();
	m = world_context();
	CHECK(world_get(m, "r", NULL, &a, &e) == MITOK_OK && !a->cached);
	CHECK(world_get(m, "r", NULL, &b, &e) == MITOK_OK && b->cached);
	CHECK_TEXT(secret_peek(&b->value), SPY_MARK);
	CHECK(world.fetches == 1);
	mitok_free(m);
	mitok_token_free(a);
	mitok_token_free(b);
	CHECK(spy_leaks == 0);
	world_end();
}

static void shared_by_processes(void)
{
	struct mitok_token *t = NULL;
	struct mitok_err e;
	struct mitok *m;

	if (!world_begin_shared())
		return;
	m = world_context();
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
	mitok_token_free(t);
	mitok_free(m);
	m = world_context(); /* as a second process would */
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK && t->cached);
	mitok_token_free(t);
	mitok_free(m);
	CHECK(world.fetches == 1);
	world_end();
}

/* What happens to a token of 24 h that was got at 0 h. */
static void as_time_goes_by(void)
{
	static const struct {
		const char *what;
		int64_t real_s, boot_s; /* gone by on either clock */
		int64_t min_valid_s;
		bool refresh, refuses;
		unsigned fetches; /* with the first */
		enum mitok_code want;
	} rows[] = {
		{ "at once", 0, 0, 0, false, true, 1, MITOK_OK },
		{ "before half of its life", 9 * HOUR_S, 9 * HOUR_S, 0, false, true, 1,
			MITOK_OK },
		{ "after half: the next", 13 * HOUR_S, 13 * HOUR_S, 0, false, false, 2,
			MITOK_OK },
		{ "after half, source down: the old", 13 * HOUR_S, 13 * HOUR_S, 0, false,
			true, 2, MITOK_OK },
		{ "near the end, source down: the old", 86000, 86000, 0, false, true, 2,
			MITOK_OK },
		{ "in its last minute", 86350, 86350, 0, false, true, 2, MITOK_E_LATER },
		{ "expired", 90000, 90000, 0, false, true, 2, MITOK_E_LATER },
		{ "more life wanted than is left", 13 * HOUR_S, 13 * HOUR_S, 80000, false,
			false, 2, MITOK_OK },
		{ "the same, source down", 13 * HOUR_S, 13 * HOUR_S, 80000, false, true,
			2, MITOK_E_LATER },
		{ "clock set back by a day", -86400, 60, 0, false, false, 2, MITOK_OK },
		{ "clock set forward by an hour", 3660, 60, 0, false, false, 2,
			MITOK_OK },
		{ "clock moved by a few minutes", 200, 60, 0, false, true, 1, MITOK_OK },
		{ "forced", 60, 60, 0, true, false, 2, MITOK_OK },
		{ "forced, source down", 60, 60, 0, true, true, 2, MITOK_E_LATER },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct want like = { .min_valid_s = rows[i].min_valid_s,
			.refresh = rows[i].refresh };
		struct mitok_token *t = NULL, *u = NULL;
		struct mitok_err e;
		struct mitok *m;

		world_begin();
		m = world_context();
		CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
		world.clock.real_s += rows[i].real_s;
		world.clock.boot_ms += rows[i].boot_s * 1000;
		world.refusal = rows[i].refuses ? MITOK_E_LATER : MITOK_OK;
		CHECK_ROW(rows[i].what, world_get(m, "r", &like, &u, &e) == rows[i].want);
		CHECK_ROW(rows[i].what, world.fetches == rows[i].fetches);
		CHECK_ROW(rows[i].what, (u != NULL) == (rows[i].want == MITOK_OK));
		mitok_token_free(t);
		mitok_token_free(u);
		mitok_free(m);
		world_end();
	}
	CHECK(spy_leaks == 0);
}

static void refresh_pause(void)
{
	struct mitok_token *t = NULL;
	struct mitok_err e;
	struct mitok *m;

	if (!world_begin_shared())
		return;
	m = world_context();
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
	mitok_token_free(t);
	world.clock.real_s += 13 * HOUR_S;
	world.clock.boot_ms += 13 * HOUR_S * 1000;
	world.refusal = MITOK_E_LATER;
	for (int i = 0; i < 20; i++) {
		CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
		mitok_token_free(t);
	}
	CHECK(world.fetches == 2); /* one try in 30 s */
	world.clock.boot_ms += 31000;
	world.clock.real_s += 31;
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
	mitok_token_free(t);
	CHECK(world.fetches == 3);
	mitok_free(m);
	world_end();
}

static void short_lived(void)
{
	const struct want like = { .min_valid_s = 7200 };
	struct mitok_token *t = NULL;
	struct mitok_err e;
	struct mitok *m;

	world_begin();
	world.life_s = 3600;
	m = world_context();
	CHECK(world_get(m, "r", &like, &t, &e) == MITOK_E_LATER && !t && e.hint[0]);
	mitok_free(m);
	world_end();
}

static void throttled(void)
{
	struct mitok_token *t = NULL;
	struct mitok_err e;
	struct mitok *m;

	if (!world_begin_shared())
		return;
	world.refusal = MITOK_E_LATER;
	world.status = 429;
	world.retry_after_s = 20;
	m = world_context();
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_E_LATER);
	CHECK(world_get(m, "another", NULL, &t, &e) == MITOK_E_LATER);
	CHECK(world.fetches == 1 && e.retry_after_s == 20);
	world.clock.boot_ms += 17000;
	world.refusal = MITOK_OK;
	CHECK(world_get(m, "another", NULL, &t, &e) == MITOK_OK); /* waits 3 s of its 5 */
	CHECK(world.fetches == 2);
	mitok_token_free(t);
	mitok_free(m);
	world_end();
}

/* The service is well again, and one caller after another finds that out in time. */
static void back_off_ends(void)
{
	struct mitok_token *t = NULL;
	struct mitok_err e;
	struct mitok *m;
	int i;

	if (!world_begin_shared())
		return;
	world.refusal = MITOK_E_LATER;
	world.status = 429;
	world.retry_after_s = 10;
	m = world_context();
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_E_LATER);
	world.refusal = MITOK_OK;
	for (i = 0; i < 40 && world_get(m, "r", NULL, &t, &e) == MITOK_E_LATER; i++)
		world.clock.boot_ms += 300;
	CHECK(i < 30 && t && world.fetches == 2);
	mitok_token_free(t);
	mitok_free(m);
	world_end();
}

/* Who had less time gives no answer to who has more; what is wrong here is nobody else's. */
static void own_troubles(void)
{
	static const struct {
		const char *what;
		enum mitok_code refusal;
		int status;
		unsigned fetches;
	} rows[] = {
		{ "no answer in a short time", MITOK_E_LATER, 0, 2 },
		{ "an unreadable file", MITOK_E_CONF, 0, 2 },
		{ "refused by the service", MITOK_E_DENIED, 403, 1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct want hasty = { .deadline_ms = 500 };
		struct mitok_token *t = NULL;
		struct moment started;
		struct mitok_err e;
		struct mitok *m;
		struct want w = { .deadline_ms = 0 };

		if (!world_begin_shared())
			return;
		world.refusal = rows[i].refusal;
		world.status = rows[i].status;
		m = world_context();
		started = world.clock;
		CHECK(world_get(m, "r", &hasty, &t, &e) == rows[i].refusal);
		w.started_ms = started.boot_ms; /* waited for it all the time */
		CHECK(world_get(m, "r", &w, &t, &e) == rows[i].refusal);
		CHECK_ROW(rows[i].what, world.fetches == rows[i].fetches);
		mitok_free(m);
		world_end();
	}
}

static void cleared(void)
{
	struct mitok_token *t = NULL;
	struct mitok_err e;
	struct mitok *m;

	world_begin();
	m = world_context();
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
	mitok_token_free(t);
	CHECK(mitok_cache_clear(m, NULL, &e) == MITOK_OK);
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK && !t->cached);
	mitok_token_free(t);
	mitok_free(m);
	world_end();
}

/* Two programs that run for long, each with the token in its memory. */
static void renewed_once(void)
{
	struct mitok_token *t = NULL;
	struct mitok *m[2];
	struct mitok_err e;

	if (!world_begin_shared())
		return;
	for (int i = 0; i < 4; i++) {
		if (i < 2)
			m[i] = world_context();
		if (i == 2) {
			world.clock.real_s += 13 * HOUR_S;
			world.clock.boot_ms += 13 * HOUR_S * 1000;
		}
		CHECK(world_get(m[i % 2], "r", NULL, &t, &e) == MITOK_OK);
		mitok_token_free(t);
	}
	CHECK(world.fetches == 2);
	mitok_free(m[0]);
	mitok_free(m[1]);
	world_end();
}

#define THREADS 16

static void *one_thread(void *arg)
{
	struct mitok_token *t = NULL;
	struct mitok_err e;
	long r = (long)world_get(arg, "r", NULL, &t, &e);

	mitok_token_free(t);
	return (void *)r;
}

static void threads(void)
{
	pthread_t ids[THREADS];
	unsigned failed = 0;
	struct mitok *m;
	void *r;

	for (int with_cache = 0; with_cache < 2; with_cache++) {
		world_begin();
		world.real_time = true;
		world.delay_ms = 50;
		if (!with_cache) {
			world_end();
			world.runtime[0] = '\0';
		}
		m = world_context();
		for (int i = 0; i < THREADS; i++)
			CHECK(pthread_create(&ids[i], NULL, one_thread, m) == 0);
		for (int i = 0; i < THREADS; i++) {
			CHECK(pthread_join(ids[i], &r) == 0);
			failed += r != NULL;
		}
		CHECK(failed == 0);
		if (m->cache.dir >= 0 || !with_cache)
			CHECK(world.fetches == 1);
		mitok_free(m);
		world_end();
	}
}

/* Runs `many` processes that want the same; the number that failed. */
static unsigned processes(unsigned many, struct mitok *m)
{
	unsigned failed = 0;
	int status;

	for (unsigned i = 0; i < many; i++)
		if (fork() == 0)
			_exit(one_thread(m) != NULL);
	for (unsigned i = 0; i < many; i++)
		failed += wait(&status) < 0 || !WIFEXITED(status) ||
			WEXITSTATUS(status) != 0;
	return failed;
}

static void shared_failure(void)
{
	struct moment before, after;
	struct mitok *m;

	if (!world_begin_shared())
		return;
	world.real_time = true;
	world.delay_ms = 200;
	world.refusal = MITOK_E_DENIED;
	m = world_context();
	before = clock_now();
	CHECK(processes(50, m) == 50);
	after = clock_now();
	CHECK(after.boot_ms - before.boot_ms < 5000); /* in turn: 10 s */
	mitok_free(m);
	world_end();
}

static void stopped_holder(void)
{
	const struct want like = { .deadline_ms = 1000 };
	struct mitok_token *t = NULL;
	struct moment before;
	struct mitok_err e;
	struct mitok *m;
	pid_t holder;
	int status;

	if (!world_begin_shared())
		return;
	world.real_time = true;
	m = world_context();
	holder = fork();
	if (holder == 0) {
		world.delay_ms = 60000;
		(void)one_thread(m);
		_exit(0);
	}
	clock_sleep(200); /* it holds the lock and a slot by now */
	CHECK(kill(holder, SIGSTOP) == 0);
	before = clock_now();
	CHECK(world_get(m, "r", &like, &t, &e) == MITOK_OK);
	CHECK(clock_now().boot_ms - before.boot_ms < 1000);
	mitok_token_free(t);
	CHECK(kill(holder, SIGKILL) == 0 && waitpid(holder, &status, 0) == holder);
	mitok_free(m);
	world_end();
}

static void without_memory(void)
{
	struct mitok_err e;
	struct mitok *m;
	unsigned n = 0;
	bool more = true;

	for (n = 1; more && n < 500; n++) {
		struct mitok_token *t = NULL;
		enum mitok_code r;

		world_begin();
		m = world_context();
		spy_fail(n);
		r = world_get(m, "r", NULL, &t, &e);
		more = spy_allocations >= n;
		spy_fail(0);
		CHECK((r == MITOK_OK) == (t != NULL));
		CHECK(r == MITOK_OK || e.message[0]);
		mitok_token_free(t);
		mitok_free(m);
		world_end();
	}
	CHECK(n > 10);
	CHECK(spy_leaks == 0);
}

static const struct test tests[] = {
	{ "a second request is answered without the source", cached_once },
	{ "a second process is answered without the source", shared_by_processes },
	{ "a token serves while both clocks say that it lives", as_time_goes_by },
	{ "a failed refresh is not tried again at once", refresh_pause },
	{ "a token too short for the caller is refused", short_lived },
	{ "an endpoint that asked to wait is left alone by all", throttled },
	{ "an endpoint that asked to wait is asked again when the time is up",
		back_off_ends },
	{ "a failure is shared when it would have met the others too", own_troubles },
	{ "a cleared cache is empty in memory too", cleared },
	{ "one of several programs gets the next token for all", renewed_once },
	{ "threads make one request, with and without a cache", threads },
	{ "those who waited for a failure share it", shared_failure },
	{ "a stopped process does not stop the others", stopped_holder },
	{ "running out of memory anywhere is an error and nothing worse",
		without_memory },
};
TEST_MAIN(tests)
