/* How it all ends: providers unloaded, contexts freed, libraries closed, processes gone.
 * SPDX-License-Identifier: MIT */
#include "azkv-driver.h"

#include <dirent.h>
#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azkv-plugin.h"
#include "base/clock.h"

/* How many descriptors are open. */
static long count_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	long count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		(void)closedir(dir);
	return count;
}

/* A library context of its own, with azkv as the configuration has it, or loaded by hand. */
struct own {
	OSSL_LIB_CTX *context;
	OSSL_PROVIDER *standard, *azkv;
	struct signer signer;
};

static bool own_make(struct own *x, bool by_hand, const char *name, struct outcome *o)
{
	*x = (struct own){ .context = OSSL_LIB_CTX_new() };
	if (by_hand) {
		x->standard = OSSL_PROVIDER_load(x->context, "default");
		x->azkv = OSSL_PROVIDER_load(x->context, "azkv");
	}
	if (by_hand ? x->standard && x->azkv
		    : OSSL_LIB_CTX_load_config(x->context, getenv("OPENSSL_CONF")))
		return signer_load(&x->signer, x->context, name, o);
	outcome_fail(o, "no provider");
	return false;
}

static void own_free(struct own *x)
{
	signer_free(&x->signer);
	if (x->azkv)
		(void)OSSL_PROVIDER_unload(x->azkv);
	if (x->standard)
		(void)OSSL_PROVIDER_unload(x->standard);
	OSSL_LIB_CTX_free(x->context);
	*x = (struct own){ .context = NULL };
}

static void check_descriptors(long before, struct outcome *o)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "%ld descriptors more than before",
		count_open() - before);
	if (count_open() != before)
		outcome_fail(o, what);
}

/* contexts TIMES KEY: made, used and freed, one after the other, each with a connection. */
void step_contexts(const struct step *s)
{
	struct outcome o = { 0 };
	long before = 0;

	for (long i = 0; i < s->numbers[1]; i++) {
		struct own x;

		if (own_make(&x, i % 2, s->words[2], &o))
			(void)signer_sign(&x.signer, 1, &o);
		own_free(&x);
		if (i == 0) /* what the process opens once stays open */
			before = count_open();
	}
	check_descriptors(before, &o);
	print_signed(&o, s->numbers[1]);
}

/* several COUNT KEY: at once, and freed in another order than they were made in; those that
 * are left go on. */
void step_several(const struct step *s)
{
	long count = s->numbers[1], want = 0;
	struct outcome o = { 0 };
	struct own all[16] = { 0 };

	for (long i = 0; i < count; i++)
		(void)own_make(&all[i], i % 2, s->words[2], &o);
	for (long round = 0; round < count; round++) {
		for (long i = 0; i < count; i++) {
			if (!all[i].context)
				continue;
			(void)signer_sign(&all[i].signer, 1, &o);
			want++;
		}
		/* 1, 3, 5, ..., then 0, 2, 4, ... */
		own_free(&all[round < count / 2 ? 2 * round + 1
						: 2 * (round - count / 2)]);
	}
	print_signed(&o, want);
}

/* plugin TIMES FILE KEY: a library that uses OpenSSL for itself is loaded, used, closed. */
void step_plugin(const struct step *s)
{
	struct outcome o = { 0 };

	for (long i = 0; i < s->numbers[1]; i++) {
		void *library = dlopen(s->words[2], RTLD_NOW | RTLD_LOCAL);
		plugin_sign_fn *sign;
		void *found = library ? dlsym(library, PLUGIN_SIGN) : NULL;

		memcpy(&sign, &found, sizeof(sign));
		if (found && sign(s->words[3]))
			o.done++;
		else
			outcome_fail(&o, found ? "not signed" : "no plugin");
		if (library && dlclose(library))
			outcome_fail(&o, "not closed");
		if (dlopen(s->words[2], RTLD_NOW | RTLD_NOLOAD))
			outcome_fail(&o, "it is still there");
	}
	print_signed(&o, s->numbers[1]);
}

/* exit: with all keys alive */
void step_exit(const struct step *s)
{
	(void)s;
	exit(0);
}

static void *call_exit(void *arg)
{
	const struct step *s = arg;

	clock_sleep(s->numbers[1]);
	exit(0);
}

/* exit-in-thread MS [KEY]: after so much time, while the first thread waits, or signs. */
void step_exit_in_thread(const struct step *s)
{
	struct step copy = *s;
	struct outcome o = { 0 };
	pthread_t thread;

	if (pthread_create(&thread, NULL, call_exit, &copy))
		exit(125);
	if (s->words[2])
		(void)signer_sign(signer_find(s->words[2], &o), 1, &o);
	(void)pthread_join(thread, NULL);
	exit(124); /* not reached */
}

/* cleanup: by hand, with all keys alive */
void step_cleanup(const struct step *s)
{
	(void)s;
	OPENSSL_cleanup();
	exit(0);
}
