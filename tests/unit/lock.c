/* The lock that a child process does not inherit.
 * SPDX-License-Identifier: MIT */
#include "base/lock.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define THREADS 8

static struct lock lock;
static unsigned guarded, torn; /* by the lock */
static int held[2], done[2];   /* pipes: the other thread has it, and may give it */

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

static void alone(void)
{
	lock = (struct lock){ 0 };
	CHECK(lock_try(&lock) == LOCK_TAKEN);
	CHECK(lock_try(&lock) == LOCK_BUSY);
	lock_give(&lock);
	CHECK(lock_take(&lock) == LOCK_TAKEN);
	CHECK(lock_try(&lock) == LOCK_BUSY);
	lock_give(&lock);
	CHECK(lock_try(&lock) == LOCK_TAKEN);
	lock_give(&lock);
}

static bool finds_it_free(void)
{
	bool good = lock_try(&lock) == LOCK_TAKEN;

	good = good && lock_try(&lock) == LOCK_BUSY;
	lock_give(&lock);
	return good && lock_take(&lock) == LOCK_TAKEN;
}

static bool finds_it_torn(void)
{
	bool good = lock_try(&lock) == LOCK_TORN;

	good = good && lock_try(&lock) == LOCK_BUSY;
	lock_give(&lock);
	return good && finds_it_free();
}

static bool takes_it_torn(void)
{
	return lock_take(&lock) == LOCK_TORN && lock_try(&lock) == LOCK_BUSY;
}

static bool has_a_child(void)
{
	return in_child(finds_it_torn) && in_child(takes_it_torn) && takes_it_torn() &&
		in_child(finds_it_torn);
}

static void *hold(void *arg)
{
	char byte = 0;

	CHECK(lock_take(&lock) == LOCK_TAKEN);
	CHECK(write(held[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1);
	lock_give(&lock);
	return arg;
}

static pthread_t hold_in_thread(void)
{
	pthread_t thread;
	char byte;

	CHECK(pipe(held) == 0 && pipe(done) == 0);
	CHECK(pthread_create(&thread, NULL, hold, NULL) == 0);
	CHECK(read(held[0], &byte, 1) == 1);
	return thread;
}

static void end_holding(pthread_t thread)
{
	CHECK(write(done[1], "", 1) == 1 && pthread_join(thread, NULL) == 0);
	for (size_t i = 0; i < 2; i++)
		CHECK(close(held[i]) == 0 && close(done[i]) == 0);
}

static void over_a_fork(void)
{
	pthread_t thread;

	lock = (struct lock){ 0 };
	CHECK(in_child(finds_it_free));
	thread = hold_in_thread();
	CHECK(in_child(finds_it_torn));
	CHECK(in_child(takes_it_torn));
	CHECK(in_child(has_a_child));
	CHECK(lock_try(&lock) == LOCK_BUSY); /* the parent's is as it was */
	end_holding(thread);
	CHECK(in_child(finds_it_free));
}

static bool gives_it(void)
{
	lock_give(&lock); /* as the thread goes on that had it */
	return lock_try(&lock) == LOCK_TORN;
}

/* Who had it in the parent gives it when another has it already. */
static bool gives_anothers(void)
{
	bool good = lock_try(&lock) == LOCK_TORN;
	struct lock before = { lock.holder };

	(void)in_child(gives_it);
	return good && before.holder == lock.holder;
}

static void by_the_forking_thread(void)
{
	lock = (struct lock){ 0 };
	CHECK(lock_take(&lock) == LOCK_TAKEN);
	CHECK(in_child(gives_it));
	CHECK(in_child(gives_anothers));
	CHECK(lock_try(&lock) == LOCK_BUSY);
	lock_give(&lock);
	CHECK(lock_try(&lock) == LOCK_TAKEN);
	lock_give(&lock);
}

static void *work(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		unsigned before;

		if (lock_take(&lock) == LOCK_TORN)
			torn++;
		before = guarded++;
		CHECK(guarded == before + 1);
		lock_give(&lock);
	}
	return arg;
}

static bool work_in_threads(void)
{
	pthread_t threads[THREADS];

	guarded = torn = 0;
	for (size_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
	for (size_t i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	return guarded == THREADS * 2000;
}

static bool one_finds_it_torn(void)
{
	return work_in_threads() && torn == 1;
}

/* The thread sanitizer does not follow threads that a child starts. */
extern void __tsan_init(void) __attribute__((weak));

static void threads(void)
{
	pthread_t thread;

	lock = (struct lock){ 0 };
	CHECK(work_in_threads() && torn == 0);
	thread = hold_in_thread();
	CHECK(__tsan_init || in_child(one_finds_it_torn));
	end_holding(thread);
}

static const struct test tests[] = {
	{ "a lock is one thread's", alone },
	{ "what a thread held at the fork is free in the child, and torn", over_a_fork },
	{ "the thread that forks can give back in the child", by_the_forking_thread },
	{ "of many threads one has it, and one takes it over", threads },
};
TEST_MAIN(tests)
