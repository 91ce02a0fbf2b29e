/* Keys of a vault in threads and processes.
 * SPDX-License-Identifier: MIT */
#include "azkv-driver.h"

#include <grp.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/* One that hangs is a failure, and not the end of all tests. */
#define PATIENCE_S 150

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(125);
}

static pthread_t start_thread(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, arg))
		die("pthread_create");
	return thread;
}

/* A thread that signs with some keys in turn, or loads them and frees them again. */
struct hand {
	pthread_t thread;
	const char *const *names; /* as in a step: up to NULL */
	long count;               /* of signatures */
	long skip;                /* so many names come later */
	atomic_bool *is_over;
	struct outcome outcome;
};

static const char *next_name(const struct hand *h, long n)
{
	long names = 0;

	while (h->names[names])
		names++;
	return names ? h->names[(h->skip + n) % names] : "no key";
}

static void *sign_in_turn(void *arg)
{
	struct hand *h = arg;

	for (long i = 0; i < h->count; i++) {
		const struct signer *s = signer_find(next_name(h, i), &h->outcome);

		if (s)
			(void)signer_sign(s, 1, &h->outcome);
	}
	return NULL;
}

static void *load_and_free(void *arg)
{
	struct hand *h = arg;
	struct signer s;

	for (long i = 0; !atomic_load(h->is_over); i++) {
		if (signer_load(&s, NULL, next_name(h, i), &h->outcome))
			h->outcome.done++;
		signer_free(&s);
		clock_sleep(2); /* the others want to get on */
	}
	return NULL;
}

/* threads COUNT SIGNATURES LOADERS KEY... : so many threads make so many signatures each,
 * while others load and free the keys. */
void step_threads(const struct step *s)
{
	struct outcome sum = { 0 };
	struct hand hands[32] = { 0 };
	long signers = s->numbers[1], all = signers + s->numbers[3];
	atomic_bool is_over = false;

	/* All are loaded before: the table of keys is read by the threads alone. */
	for (const char *const *name = s->words + 4; *name; name++)
		if (!signer_find(*name, &sum)) {
			print_signed(&sum, signers * s->numbers[2]);
			return;
		}
	for (long i = 0; i < all; i++) {
		hands[i].names = s->words + 4;
		hands[i].count = s->numbers[2];
		hands[i].skip = i;
		hands[i].is_over = &is_over;
		hands[i].thread = start_thread(
			i < signers ? sign_in_turn : load_and_free, &hands[i]);
	}
	for (long i = 0; i < all; i++) {
		if (i == signers)
			atomic_store(&is_over, true);
		(void)pthread_join(hands[i].thread, NULL);
		if (i < signers)
			sum.done += hands[i].outcome.done;
		else if (hands[i].outcome.done == 0)
			outcome_fail(&sum, "nothing was loaded meanwhile");
		if (hands[i].outcome.why[0])
			outcome_fail(&sum, hands[i].outcome.why);
	}
	print_signed(&sum, signers * s->numbers[2]);
}

/* The status is what the parent counts; half of them end without cleaning up. */
static _Noreturn void end_child(bool is_well, long n)
{
	(void)fflush(stdout);
	if (n % 2)
		_exit(!is_well);
	exit(!is_well);
}

static pid_t start_child(void)
{
	pid_t child;

	(void)fflush(stdout);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0)
		(void)alarm(PATIENCE_S);
	return child;
}

static bool signs(const char *name, long count)
{
	struct outcome o = { 0 };
	const struct signer *s = signer_find(name, &o);

	if (s && signer_sign(s, count, &o))
		return true;
	fprintf(stderr, "%ld: %s", (long)getpid(), o.why);
	return false;
}

static bool ends_well(pid_t child)
{
	int got = -1;

	return waitpid(child, &got, 0) == child && got == 0;
}

/* It signs, its own child signs, it signs once more. */
static _Noreturn void be_child(const char *name, long count, long n)
{
	bool is_well = signs(name, count);
	pid_t child = start_child();

	if (child == 0)
		end_child(signs(name, count), n + 1);
	is_well = ends_well(child) && is_well;
	end_child(signs(name, 1) && is_well, n);
}

static void print_children(const pid_t *children, long count)
{
	long well = 0;

	for (long i = 0; i < count; i++)
		well += ends_well(children[i]);
	printf("%ld children of %ld\n", well, count);
	if (well < count)
		note_failure();
}

/* fork CHILDREN SIGNATURES KEY: in a process that has signed, that goes on meanwhile and
 * afterwards. Two more children end at once. */
void step_fork(const struct step *s)
{
	const struct signer *signer;
	struct outcome o = { 0 };
	pid_t children[16];
	long count = s->numbers[1];

	signer = signer_find(s->words[3], &o);
	if (signer)
		(void)signer_sign(signer, 1, &o);
	for (long i = 0; i < count + 2; i++) {
		children[i] = start_child();
		if (i < count && children[i] == 0)
			be_child(s->words[3], s->numbers[2], i);
		if (children[i] == 0)
			end_child(true, i);
	}
	if (signer)
		(void)signer_sign(signer, s->numbers[2], &o);
	print_children(children, count + 2);
	if (signer)
		(void)signer_sign(signer, s->numbers[2], &o);
	print_signed(&o, 1 + 2 * s->numbers[2]);
}

/* fork-busy CHILDREN SIGNATURES KEY: while a thread is signing. The vault takes its time, so
 * that it surely is. */
void step_fork_busy(const struct step *s)
{
	struct hand busy = { .names = s->words + 3, .count = s->numbers[2] };
	pid_t children[16];

	(void)signs(s->words[3], 1);
	busy.thread = start_thread(sign_in_turn, &busy);
	for (long i = 0; i < s->numbers[1]; i++) {
		clock_sleep(50);
		children[i] = start_child();
		if (children[i] == 0)
			be_child(s->words[3], 1, i);
	}
	print_children(children, s->numbers[1]);
	(void)pthread_join(busy.thread, NULL);
	print_signed(&busy.outcome, busy.count);
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		die("setresuid");
}

/* workers USER COUNT SIGNATURES KEY: a master loads the key, its workers are others. */
void step_workers(const struct step *s)
{
	struct outcome o = { 0 };
	pid_t children[16];

	if (!signer_find(s->words[4], &o))
		print_signed(&o, 1);
	for (long i = 0; i < s->numbers[2]; i++) {
		children[i] = start_child();
		if (children[i] == 0) {
			become((uid_t)s->numbers[1]);
			end_child(signs(s->words[4], s->numbers[3]), i);
		}
	}
	print_children(children, s->numbers[2]);
}
