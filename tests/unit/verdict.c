/* Verdicts: what a refused token brings about, and what ends it.
 * SPDX-License-Identifier: MIT */
#include "core/verdict.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "test.h"
#include "world.h"

#define FIRST  SPY_MARK
#define SECOND SPY_MARK "-second"

/* What happens after the first token was got, step by step. */
struct step {
	enum {
		END,
		REFUSE,
		FORGET,
		ACCEPT,
		GET,
		WAIT
	} what;
	const char *token; /* refused, accepted, or got; NULL: the one that is kept */
	int want;          /* enum mitok_refusal; of GET: number of requests so far */
	bool refused;      /* GET: the token was refused before */
	const char *gives; /* GET: what the source has now */
};

static void walk(const char *name, const struct step *s)
{
	struct mitok *m = world_context();

	for (; s->what != END; s++) {
		struct mitok_err e;
		enum mitok_refusal refusal = MITOK_REFUSAL_UNKNOWN;
		struct want w = world_want(m, "r", NULL);
		struct mitok_token *t = NULL;
		char print[MITOK_FINGERPRINT_SIZE] = "";

		if (s->token)
			mitok_fingerprint(s->token, strlen(s->token), print);
		if (s->what == WAIT) {
			world.clock.boot_ms += 31000;
			world.clock.real_s += 31;
		} else if (s->what == REFUSE) {
			CHECK(verdict_refuse(m, &w, print, &refusal, &e) == MITOK_OK);
			CHECK_ROW(name, (int)refusal == s->want);
		} else if (s->what == FORGET) {
			CHECK(verdict_refuse(m, &w, NULL, &refusal, &e) == MITOK_OK);
		} else if (s->what == ACCEPT) {
			CHECK(verdict_accept(m, &w, print, &e) == MITOK_OK);
		} else {
			world.token = s->gives ? s->gives : FIRST;
			CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
			CHECK_TEXT(secret_peek(&t->value), s->token);
			CHECK_ROW(name, world.fetches == (unsigned)s->want);
			CHECK_ROW(name, !mitok_token_is_refused(t) == !s->refused);
			mitok_token_free(t);
		}
		if (world.runtime[0]) { /* each step in a process of its own */
			mitok_free(m);
			m = world_context();
		}
	}
	mitok_free(m);
	CHECK(spy_leaks == 0);
}

static const struct {
	const char *name;
	struct step steps[10];
} rows[] = {
	{ "another one comes",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, SECOND, 2, false, SECOND },
			{ GET, SECOND, 2, false, SECOND } } },
	{ "the same comes again",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, FIRST, 2, true, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_AGAIN, false, NULL },
			{ GET, FIRST, 2, true, SECOND }, { WAIT, NULL, 0, false, NULL },
			{ GET, SECOND, 3, false, SECOND } } },
	{ "whichever is kept",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, NULL, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, SECOND, 2, false, SECOND } } },
	{ "perhaps it was another: asked for, but not called refused",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, NULL, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, FIRST, 2, false, NULL },
			{ REFUSE, NULL, MITOK_REFUSAL_AGAIN, false, NULL },
			{ GET, FIRST, 2, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_AGAIN, false, NULL },
			{ GET, FIRST, 2, true, NULL } } },
	{ "one that a person wants removed",
		{ { GET, FIRST, 1, false, NULL }, { FORGET, NULL, 0, false, NULL },
			{ GET, FIRST, 2, false, NULL }, { FORGET, NULL, 0, false, NULL },
			{ GET, FIRST, 3, false, NULL } } },
	{ "one service takes it, the other does not",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, FIRST, 2, true, NULL }, { ACCEPT, FIRST, 0, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, FIRST, 2, true, NULL }, { ACCEPT, FIRST, 0, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, FIRST, 2, true, NULL } } },
	{ "the one after it, too, but not at once",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, SECOND, 2, false, SECOND },
			{ REFUSE, SECOND, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, SECOND, 2, true, FIRST }, { WAIT, NULL, 0, false, NULL },
			{ GET, FIRST, 3, false, FIRST } } },
	{ "a token of somebody else's",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, SECOND, MITOK_REFUSAL_UNKNOWN, false, NULL },
			{ GET, FIRST, 1, false, SECOND } } },
	{ "one that was replaced meanwhile",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, SECOND, 2, false, SECOND },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, SECOND, 2, false, FIRST } } },
	{ "accepted after all",
		{ { GET, FIRST, 1, false, NULL },
			{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
			{ GET, FIRST, 2, true, NULL }, { ACCEPT, SECOND, 0, false, NULL },
			{ GET, FIRST, 2, true, NULL }, { ACCEPT, FIRST, 0, false, NULL },
			{ WAIT, NULL, 0, false, NULL },
			{ GET, FIRST, 2, false, NULL } } },
};

static void shared(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!world_begin_shared())
			return;
		walk(rows[i].name, rows[i].steps);
		world_end();
	}
}

static void without_cache(void)
{
	struct step steps[] = { { GET, FIRST, 1, false, NULL },
		{ REFUSE, FIRST, MITOK_REFUSAL_FIRST, false, NULL },
		{ GET, SECOND, 2, false, SECOND }, { GET, SECOND, 2, false, FIRST },
		{ END, NULL, 0, false, NULL } };

	world_begin();
	world_end();
	world.runtime[0] = '\0';
	walk("no directory", steps);
}

/* The same token: when the files have changed just now, when they have not, and when it is
 * known that they have not. */
static void get_often(struct mitok *m, unsigned fetches, bool refused)
{
	for (int i = 0; i < 3; i++) {
		struct mitok_token *t = NULL;
		struct mitok_err e;

		CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
		CHECK(world.fetches == fetches && !mitok_token_is_refused(t) == !refused);
		mitok_token_free(t);
		clock_sleep(60);
	}
}

static void judge(struct mitok *m, bool accepts)
{
	struct want w = world_want(m, "r", NULL);
	enum mitok_refusal refusal;
	char print[MITOK_FINGERPRINT_SIZE];
	struct mitok_err e;

	mitok_fingerprint(FIRST, strlen(FIRST), print);
	if (accepts)
		CHECK(verdict_accept(m, &w, print, &e) == MITOK_OK);
	else
		CHECK(verdict_refuse(m, &w, print, &refusal, &e) == MITOK_OK);
}

/* What another process does is noticed by one that has the token in memory, although it
 * opens no file while nothing changes. */
static void noticed(void)
{
	struct mitok *m, *other;
	char path[96];
	int events;

	if (!world_begin_shared())
		return;
	m = world_context();
	other = world_context();
	world.token = FIRST;
	get_often(m, 1, false);
	judge(other, false);
	get_often(m, 2, true); /* asked for another, and got the same */
	judge(other, true);
	get_often(m, 2, false);
	(void)snprintf(path, sizeof(path), "%s/mi-token", world.runtime);
	events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	CHECK(events >= 0 && inotify_add_watch(events, path, IN_OPEN) >= 0);
	get_often(m, 2, false);
	CHECK(read(events, path, sizeof(path)) < 0 && errno == EAGAIN);
	judge(other, false);
	get_often(m, 2, true);
	CHECK(read(events, path, sizeof(path)) > 0);
	(void)close(events);
	mitok_free(m);
	mitok_free(other);
	world_end();
}

static const struct test tests[] = {
	{ "a refusal asks once for another token, for all processes", shared },
	{ "so it does where there is no cache", without_cache },
	{ "a process that has the token in memory notices it, and reads no file else",
		noticed },
};
TEST_MAIN(tests)
