/* Connections that are kept: by threads, across a fork, and when the server is done with
 * them. SPDX-License-Identifier: MIT */
#include "openssl/vault-pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openssl/vault.h"
#include "test.h"
#include "vault_world.h"

#define HOST "myvault.vault.azure.net"
#define KEY  "azkv://" HOST "/keys/k/" WORLD_VERSION
#define SIGNED \
	"{\"kid\":\"https://" HOST "/keys/k/" WORLD_VERSION "\",\"value\":\"AQID\"}"
#define GOOD                        \
	{                           \
		{                   \
			200, SIGNED \
		}                   \
	}
#define CLOSED                                             \
	{                                                  \
		{ .fault = HTTP_RESET }, .if_reused = true \
	}
#define END               \
	{                 \
		{         \
			0 \
		}         \
	}

static const struct vault_answer good[] = { GOOD, END };

static enum mitok_code sign(struct vault *v, const char *text)
{
	const struct uri u = vault_world_uri(text);
	const struct vault_job job = { &u, "sign", "RS256", (const unsigned char *)"x",
		1 };
	AUTO_SECRET got = { 0 };

	return vault_do(v, &job, &got, NULL);
}

static struct vault_session *take(struct vault *v, const char *host)
{
	struct vault_session *s = NULL;

	CHECK(vault_pool_take(&v->pool, host, false, &s, NULL) == MITOK_OK);
	return s;
}

static void one_connection(void)
{
	struct vault *v;

	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	for (int i = 0; i < 20; i++)
		CHECK(sign(v, KEY) == MITOK_OK);
	CHECK(vault_world.requests == 20 && vault_world.tokens == 1);
	CHECK(vault_world.made == 1 && vault_world.ended == 0);
	vault_free(v);
	CHECK(vault_world.ended == 1 && vault_world.abandoned == 0);
}

/* Answers do not end a connection, faults do. */
static void when_it_ends(void)
{
	static const struct {
		const char *what;
		struct vault_answer answers[4];
		unsigned requests, made;
		enum mitok_code code;
	} rows[] = {
		{ "a refusal", { { { 403 } } }, 1, 1, MITOK_E_DENIED },
		{ "throttled", { { { 429 } }, GOOD }, 2, 1, MITOK_OK },
		{ "a refused token",
			{ { { 401, "",
				  "WWW-Authenticate: Bearer "
				  "resource=\"https://vault.azure.net\"\n" } },
				GOOD },
			2, 1, MITOK_OK },
		{ "broken off", { { { .fault = HTTP_RESET } }, GOOD }, 2, 2, MITOK_OK },
		{ "silence", { { { 200, .takes_ms = 100000 } }, GOOD }, 2, 2, MITOK_OK },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vault *v;

		vault_world_begin(NULL, rows[i].answers);
		v = vault_world_client(NULL, 0);
		CHECK_ROW(rows[i].what, sign(v, KEY) == rows[i].code);
		CHECK_ROW(rows[i].what, vault_world.requests == rows[i].requests);
		CHECK_ROW(rows[i].what, vault_world.made == rows[i].made);
		CHECK_ROW(rows[i].what, vault_world.ended == rows[i].made - 1);
		vault_free(v);
		CHECK_ROW(rows[i].what, vault_world.ended == rows[i].made);
	}
}

/* The server closed it while it was idle: the request goes out again, at once, over a new
 * one, and it is no try. */
static void closed_while_idle(void)
{
	static const struct vault_answer once[] = { GOOD, CLOSED, GOOD, END };
	static const struct vault_answer then_down[] = { GOOD, CLOSED, { { 503 } }, END };
	static const struct vault_answer fresh[] = { { { .fault = HTTP_RESET } }, GOOD,
		END };
	struct vault *v;

	vault_world_begin(NULL, once);
	v = vault_world_client(NULL, 0);
	for (int i = 0; i < 2; i++)
		CHECK(sign(v, KEY) == MITOK_OK);
	CHECK(vault_world.requests == 3 && vault_world.sleeps == 0);
	CHECK(vault_world.made == 2 && vault_world.ended == 1);
	vault_free(v);

	vault_world_begin(NULL, then_down);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	CHECK(sign(v, KEY) == MITOK_E_LATER);
	CHECK(vault_world.requests == 5 && vault_world.sleeps == 2);
	vault_free(v);

	vault_world_begin(NULL, fresh);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	CHECK(vault_world.requests == 2 && vault_world.sleeps == 1);
	vault_free(v);
}

/* All that was kept is as old: the second one is not tried. */
static void all_closed(void)
{
	static const struct vault_answer answers[] = { GOOD, CLOSED, GOOD, END };
	struct vault_session *a, *b;
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	a = take(v, HOST);
	b = take(v, HOST);
	CHECK(vault_world.made == 2);
	vault_pool_keep(&v->pool, a);
	vault_pool_keep(&v->pool, b);
	CHECK(sign(v, KEY) == MITOK_OK);
	CHECK(vault_world.requests == 3 && vault_world.made == 3);
	vault_free(v);
}

static void last_in_first_out(void)
{
	struct vault_session *a, *b, *c;
	struct vault *v;

	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	a = take(v, HOST);
	b = take(v, HOST);
	CHECK(a != b && vault_world.made == 2);
	vault_pool_keep(&v->pool, b);
	vault_pool_keep(&v->pool, a);
	c = take(v, HOST);
	CHECK(c == b); /* the lowest place, not the last in time, so the rest may age */
	vault_pool_keep(&v->pool, c);
	CHECK(take(v, HOST) == b && take(v, HOST) == a && vault_world.made == 2);
	vault_pool_end(&v->pool, a);
	vault_pool_end(&v->pool, b);
	vault_pool_end(&v->pool, NULL);
	CHECK(vault_world.ended == 2);
	vault_free(v);
}

static void hosts_apart(void)
{
	struct vault_session *a, *b;
	struct vault *v;

	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	a = take(v, "a");
	vault_pool_keep(&v->pool, a);
	b = take(v, "b");
	CHECK(a != b && vault_world.made == 2 && vault_world.ended == 0);
	vault_pool_keep(&v->pool, b);
	CHECK(take(v, "a") == a && take(v, "b") == b);
	CHECK(vault_world.made == 2);
	vault_pool_end(&v->pool, a);
	vault_pool_end(&v->pool, b);
	vault_free(v);
}

#define MANY (SHELF_SLOTS + 3)
static void full(void)
{
	struct vault_session *all[MANY], *another;
	struct vault *v;

	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	for (size_t i = 0; i < MANY; i++)
		all[i] = take(v, i % 2 ? "a" : "b");
	for (size_t i = 0; i < MANY; i++)
		vault_pool_keep(&v->pool, all[i]);
	CHECK(vault_world.made == MANY && vault_world.ended == 3);
	another = take(v, "c"); /* to look for one that is not there changes nothing */
	CHECK(vault_world.ended == 3);
	vault_pool_end(&v->pool, another);
	CHECK(vault_world.made == MANY + 1);
	vault_free(v);
	CHECK(vault_world.ended == MANY + 1);
}

static void too_long_a_name(void)
{
	struct vault_session *s = NULL;
	struct vault *v;
	char name[300];

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	CHECK(vault_pool_take(&v->pool, name, false, &s, NULL) == MITOK_E_ARG && !s);
	vault_free(v);
}

/* Runs it in a child process; what it returns. */
static int in_child(int (*run)(struct vault *v), struct vault *v)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(v));
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static int signs(struct vault *v)
{
	unsigned made = vault_world.made;

	for (int i = 0; i < 2; i++)
		if (sign(v, KEY) != MITOK_OK)
			return 1;
	if (vault_world.made != made + 1 || vault_world.abandoned != 2)
		return 2;
	if (vault_world.ended || vault_world.tokens != 1)
		return 3;
	vault_free(v);
	return vault_world.ended == 1 && vault_world.abandoned == 2 ? 0 : 4;
}

static int ends(struct vault *v)
{
	vault_free(v);
	return vault_world.ended == 0 && vault_world.abandoned == 2 ? 0 : 1;
}

static int forks(struct vault *v)
{
	int status;

	if (sign(v, KEY) != MITOK_OK || vault_world.abandoned != 2)
		return 1;
	vault_world.abandoned =
		1; /* the one of ours that the grandchild leaves is next */
	status = in_child(signs, v);
	vault_free(v);
	return status || vault_world.ended != 1 ? 2 : 0;
}

/* nginx loads keys in the master and signs in its workers. */
static void after_fork(void)
{
	static int (*const what[])(struct vault * v) = { signs, ends, forks };
	struct vault_session *a, *b;
	struct vault *v;

	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	a = take(v, HOST);
	b = take(v, "other");
	vault_pool_keep(&v->pool, a);
	vault_pool_keep(&v->pool, b);
	for (size_t i = 0; i < COUNT(what); i++)
		CHECK(in_child(what[i], v) == 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	CHECK(vault_world.made == 2 && vault_world.abandoned == 0);
	vault_free(v);
	CHECK(vault_world.ended == 2);
}

/* One that was taken before the fork and is given back after it. */
static struct vault_session *held;
static int gives_back(struct vault *v)
{
	vault_pool_keep(&v->pool, held);
	if (vault_world.abandoned != 1 || vault_world.made != 1)
		return 1;
	return take(v, HOST) && vault_world.made == 2 ? 0 : 2;
}

static void held_at_fork(void)
{
	struct vault *v;

	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	held = take(v, HOST);
	CHECK(in_child(gives_back, v) == 0);
	vault_pool_end(&v->pool, held);
	vault_free(v);
}

/* OpenSSL is being taken down. */
static void too_late_for_words(void)
{
	struct vault *v;

	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY) == MITOK_OK);
	vault_pool_done(&v->pool, true);
	CHECK(vault_world.abandoned == 1 && vault_world.ended == 0);
	vault_free(v);
}

#define THREADS 8
#define TIMES   100

static void in_threads(void *(*run)(void *), struct vault *v)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, run, v) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

static void *sign_often(void *arg)
{
	for (int i = 0; i < TIMES; i++)
		CHECK(sign(arg, i % 10 ? KEY : "azkv://" HOST "/keys/k") == MITOK_OK);
	return NULL;
}

static void threads_share(void)
{
	struct vault *v;

	vault_world_begin(NULL, good);
	vault_world.real_time = true;
	v = vault_world_client(NULL, 0);
	in_threads(sign_often, v);
	CHECK(vault_world.requests == THREADS * TIMES);
	CHECK(vault_world.tokens == 1);
	CHECK(vault_world.made <= THREADS && vault_world.ended == 0);
	vault_free(v);
	CHECK(vault_world.made == vault_world.ended);
}

/* Nothing but taking and keeping, which is where they could miss each other. */
static void *take_often(void *arg)
{
	struct vault *v = arg;

	for (int i = 0; i < 20000; i++)
		vault_pool_keep(&v->pool, take(v, HOST));
	return NULL;
}

static void threads_take_turns(void)
{
	struct vault *v;

	vault_world_begin(NULL, good);
	v = vault_world_client(NULL, 0);
	in_threads(take_often, v);
	CHECK(vault_world.made <= THREADS && vault_world.ended == 0);
	vault_free(v);
}

static void *fail_often(void *arg)
{
	for (int i = 0; i < TIMES; i++)
		CHECK(sign(arg, KEY) == MITOK_E_DENIED);
	return NULL;
}

/* Who looks at what is remembered hides it from the others for a moment; that costs
 * requests, but not many. */
static void threads_remember(void)
{
	static const struct vault_answer answers[] = { { { 403 } }, END };
	struct vault *v;

	vault_world_begin(NULL, answers);
	vault_world.real_time = true;
	v = vault_world_client(NULL, 0);
	in_threads(fail_often, v);
	CHECK(vault_world.requests < THREADS * TIMES / 2);
	vault_free(v);
}

static void *resolve(void *arg)
{
	struct uri u = vault_world_uri(KEY);

	CHECK(vault_resolve(arg, &u, NULL) == MITOK_OK);
	return NULL;
}

/* All of them are the first. This one is real; nothing is asked for a known host. */
static void threads_begin(void)
{
	const struct vault_settings s = { 0 };

	for (int i = 0; i < 20; i++) {
		struct vault *v = vault_new(&s);

		in_threads(resolve, v);
		vault_free(v);
	}
}

static const struct test tests[] = {
	{ "calls share a connection", one_connection },
	{ "which ends when it breaks, not when an answer is bad", when_it_ends },
	{ "one that the server has closed costs no time", closed_while_idle },
	{ "and those that were kept with it are not tried", all_closed },
	{ "the lowest place is used first", last_in_first_out },
	{ "each host has connections of its own", hosts_apart },
	{ "what there is no room for is ended", full },
	{ "a name that does not fit is refused", too_long_a_name },
	{ "a child process leaves its parent's connections alone", after_fork },
	{ "also one that was in use", held_at_fork },
	{ "nothing is said any more when OpenSSL is taken down", too_late_for_words },
	{ "there are not more connections than threads", threads_share },
	{ "however often they take turns", threads_take_turns },
	{ "threads share what is remembered", threads_remember },
	{ "threads may all be the first", threads_begin },
};

TEST_MAIN(tests)
