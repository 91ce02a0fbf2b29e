/* A program that uses keys of a vault in every way that is hard on a guest in its process.
 * SPDX-License-Identifier: MIT
 *
 * It knows nothing of azkv: it is linked with libcrypto alone, and OPENSSL_CONF makes that
 * load the provider. */
#ifndef MI_TOKEN_TESTS_AZKV_DRIVER_H
#define MI_TOKEN_TESTS_AZKV_DRIVER_H

#include <openssl/evp.h>
#include <stdbool.h>

/* A key, and its public half where nobody knows of azkv. */
struct signer {
	OSSL_LIB_CTX *context; /* NULL: the default one */
	EVP_PKEY *key, *judge;
};

/* What became of some operations. */
struct outcome {
	long done;
	char why[3000]; /* the first failure, all of the error queue, in lines; "": none */
};

/* azkv-driver-sign.c */

/* Name is that of a reference file, or a URI. False: *o says why. */
bool signer_load(
	struct signer *s, OSSL_LIB_CTX *context, const char *name, struct outcome *o);
void signer_free(struct signer *s);
/* Signs that many different messages, whose signatures the judge has to accept. True when
 * all went well, and left nothing on the error queue. */
bool signer_sign(const struct signer *s, long count, struct outcome *o);
/* Tells that something else went wrong. */
void outcome_fail(struct outcome *o, const char *what);

/* One that stays loaded until the program ends, by its name. NULL: *o says why. */
const struct signer *signer_find(const char *name, struct outcome *o);
void signers_forget(void);

/* Steps: each prints what came of it. */

struct step {
	const char *words[12]; /* its command first, NULL behind the last one */
	long numbers[12];      /* the words as numbers, where they are some */
};

/* azkv-driver-crowd.c: threads and processes */
void step_threads(const struct step *s);
void step_fork(const struct step *s);
void step_fork_busy(const struct step *s);
void step_workers(const struct step *s);
/* azkv-driver-end.c: how it all ends */
void step_contexts(const struct step *s);
void step_several(const struct step *s);
void step_plugin(const struct step *s);
void step_exit(const struct step *s);
void step_exit_in_thread(const struct step *s);
void step_cleanup(const struct step *s);

/* azkv-driver.c */

/* Prints `signed N of COUNT`, and why it is less. */
void print_signed(const struct outcome *o, long count);
/* The program's status will be 1. */
void note_failure(void);

#endif
