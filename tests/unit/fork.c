/* A context over fork(): the child goes on, whatever other threads were about.
 * SPDX-License-Identifier: MIT */
#include "core/acquire.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "world.h"

static struct mitok *m;
static int held[2], done[2]; /* pipes: the other thread has it, and may go on */

/* True when do_it returned true in a child. */
static bool in_child(bool (*do_it)(void))
{
	int status = -1;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)alarm(20);
		_exit(do_it() ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* A token for the resource, at once; `fetches` times the source was asked by then. */
static bool gets(const char *resource, bool is_cached, unsigned fetches)
{
	int64_t begin = world.clock.boot_ms;
	AUTO_TOKEN t = NULL;
	struct mitok_err e;

	return world_get(m, resource, NULL, &t, &e) == MITOK_OK &&
		t->cached == is_cached && world.fetches == fetches &&
		world.clock.boot_ms == begin;
}

static bool has_the_tokens(void)
{
	return gets("r", true, 1) && gets("other", false, 2) && gets("other", true, 2);
}

static bool has_none_left(void)
{
	return gets("r", false, 2) && gets("r", true, 2) && gets("other", false, 3);
}

static bool frees(void)
{
	mitok_free(m);
	return true;
}

static void *hold(void *arg)
{
	struct lock *lock = arg;
	char byte = 0;

	CHECK(lock_take(lock) == LOCK_TAKEN);
	CHECK(write(held[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1);
	lock_give(lock);
	return NULL;
}

static pthread_t hold_in_thread(struct lock *lock)
{
	pthread_t thread;
	char byte;

	CHECK(pipe(held) == 0 && pipe(done) == 0);
	CHECK(pthread_create(&thread, NULL, hold, lock) == 0);
	CHECK(read(held[0], &byte, 1) == 1);
	return thread;
}

static void end_holding(pthread_t thread)
{
	CHECK(write(done[1], "", 1) == 1 && pthread_join(thread, NULL) == 0);
	for (size_t i = 0; i < 2; i++)
		CHECK(close(held[i]) == 0 && close(done[i]) == 0);
}

/* Without a directory: with one, a child finds all tokens there. */
static void begin(void)
{
	world_begin();
	world_end();
	world.runtime[0] = '\0';
	m = world_context();
	CHECK(m->cache.dir < 0);
	CHECK(gets("r", false, 1));
}

static void tokens(void)
{
	begin();
	CHECK(in_child(has_the_tokens));
	CHECK(in_child(frees));
	CHECK(gets("r", true, 1));
	mitok_free(m);
}

static void among_tokens(void)
{
	pthread_t thread;

	begin();
	thread = hold_in_thread(&m->memory.lock);
	CHECK(in_child(has_none_left));
	CHECK(in_child(frees));
	end_holding(thread);
	CHECK(gets("r", true, 1));
	mitok_free(m);
}

static void at_the_source(void)
{
	pthread_t thread;

	begin();
	thread = hold_in_thread(&m->turn);
	CHECK(in_child(has_the_tokens));
	end_holding(thread);
	CHECK(gets("other", false, 2));
	mitok_free(m);
}

#define RESOURCES 8
#define FORKS     100

static int is_over; /* atomic */

static void *use(void *arg)
{
	for (unsigned n = 0; !__atomic_load_n(&is_over, __ATOMIC_RELAXED); n++) {
		char name[16];
		AUTO_TOKEN t = NULL;
		struct mitok_err e;

		(void)snprintf(name, sizeof(name), "r%u", n % RESOURCES);
		CHECK(world_get(m, name, NULL, &t, &e) == MITOK_OK);
		if (n % 64 == 0)
			memory_clear(&m->memory);
	}
	return arg;
}

static bool uses_all(void)
{
	bool good = true;

	for (unsigned n = 0; n < 4 * RESOURCES; n++) {
		char name[16];
		AUTO_TOKEN t = NULL;
		struct mitok_err e;

		(void)snprintf(name, sizeof(name), "r%u", n % RESOURCES);
		good = good && world_get(m, name, NULL, &t, &e) == MITOK_OK &&
			strcmp(secret_peek(&t->value), SPY_MARK) == 0;
	}
	mitok_free(m);
	return good;
}

/* Its allocator has locks that glibc's fork() knows nothing of. */
extern void __asan_init(void) __attribute__((weak));

static void any_moment(void)
{
	pthread_t threads[2];

	if (__asan_init) {
		test_skip("the address sanitizer does not outlive such forks");
		return;
	}
	begin();
	world.real_time = true;
	is_over = 0;
	for (size_t i = 0; i < COUNT(threads); i++)
		CHECK(pthread_create(&threads[i], NULL, use, NULL) == 0);
	for (int n = 0; n < FORKS; n++)
		CHECK(in_child(uses_all));
	__atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < COUNT(threads); i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	mitok_free(m);
}

static const struct test tests[] = {
	{ "a child has the tokens that were in memory", tokens },
	{ "a child goes on when another thread was among the tokens", among_tokens },
	{ "a child goes on when another thread was asking the source", at_the_source },
	{ "a child goes on, whenever it was forked", any_moment },
};
TEST_MAIN(tests)
