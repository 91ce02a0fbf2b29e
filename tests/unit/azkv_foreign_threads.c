/* Foreign keys that threads share, where azkv comes before OpenSSL's own provider.
 * SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <pthread.h>

#include "foreign.h"
#include "test.h"

#define THREADS 4
#define ROUNDS  20

/* What they share; nobody counts for the others. */
static struct {
	OSSL_LIB_CTX *ctx;
	EVP_PKEY *ec, *rsa;
	pthread_barrier_t start;
} shared;

struct worker {
	pthread_t thread;
	unsigned failed;
};

static int note_one(const OSSL_PARAM params[], void *arg)
{
	*(unsigned *)arg += params->key != NULL;
	return 1;
}

static bool derive(EVP_PKEY *mine, EVP_PKEY *theirs)
{
	EVP_PKEY_CTX *op = EVP_PKEY_CTX_new_from_pkey(shared.ctx, mine, NULL);
	unsigned char secret[64];
	size_t len = sizeof(secret);
	bool ok = op && EVP_PKEY_derive_init(op) == 1 &&
		EVP_PKEY_derive_set_peer(op, theirs) == 1 &&
		EVP_PKEY_derive(op, secret, &len) == 1 && len == 32;

	EVP_PKEY_CTX_free(op);
	return ok;
}

static bool sign(EVP_PKEY *key)
{
	EVP_MD_CTX *op = EVP_MD_CTX_new();
	unsigned char signature[256];
	size_t len = sizeof(signature);
	const unsigned char *text = (const unsigned char *)"text";
	bool ok = EVP_DigestSignInit_ex(
			  op, NULL, "SHA256", shared.ctx, NULL, key, NULL) == 1 &&
		EVP_DigestSign(op, signature, &len, text, 4) == 1;

	EVP_MD_CTX_free(op);
	op = EVP_MD_CTX_new();
	ok = ok &&
		EVP_DigestVerifyInit_ex(
			op, NULL, "SHA256", shared.ctx, NULL, key, NULL) == 1 &&
		EVP_DigestVerify(op, signature, len, text, 4) == 1;
	EVP_MD_CTX_free(op);
	return ok;
}

static bool one_round(void)
{
	EVP_PKEY *made = EVP_PKEY_Q_keygen(shared.ctx, NULL, "EC", "P-256");
	EVP_PKEY *dup = EVP_PKEY_dup(shared.ec);
	unsigned exported = 0;
	bool ok = made && dup && EVP_PKEY_eq(dup, shared.ec) == 1 &&
		EVP_PKEY_export(shared.rsa, EVP_PKEY_KEYPAIR, note_one, &exported) == 1 &&
		exported == 1 && derive(shared.ec, made) && derive(made, shared.ec) &&
		sign(shared.ec) && sign(shared.rsa) && ERR_peek_error() == 0;

	EVP_PKEY_free(dup);
	EVP_PKEY_free(made);
	return ok;
}

static void *use_keys(void *arg)
{
	struct worker *w = arg;

	(void)pthread_barrier_wait(&shared.start);
	for (int i = 0; i < ROUNDS; i++)
		w->failed += !one_round();
	return NULL;
}

/* The first call of each makes what the provider makes when it is first needed. */
static void *first_use(void *arg)
{
	struct worker *w = arg;
	SSL_CTX *tls;
	EVP_PKEY *key;

	(void)pthread_barrier_wait(&shared.start);
	tls = SSL_CTX_new_ex(shared.ctx, NULL, TLS_method());
	w->failed += !tls || SSL_CTX_set1_groups_list(tls, (uintptr_t) "P-256") != 1;
	key = EVP_PKEY_Q_keygen(shared.ctx, NULL, "EC", "P-256");
	w->failed += !key;
	EVP_PKEY_free(key);
	SSL_CTX_free(tls);
	return NULL;
}

static void run(void *(*work)(void *))
{
	struct worker workers[THREADS] = { 0 };

	CHECK(pthread_barrier_init(&shared.start, NULL, THREADS) == 0);
	for (size_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
	for (size_t i = 0; i < THREADS; i++) {
		CHECK(pthread_join(workers[i].thread, NULL) == 0);
		CHECK(workers[i].failed == 0);
	}
	CHECK(pthread_barrier_destroy(&shared.start) == 0);
}

static void first_uses(void)
{
	shared.ctx = foreign_context(FOREIGN_AZKV);
	run(first_use);
}

static void shared_keys(void)
{
	shared.ctx = foreign_context(FOREIGN_AZKV);
	shared.ec = foreign_key(shared.ctx, "EC:P-256");
	shared.rsa = foreign_key(shared.ctx, "RSA:1024");
	run(use_keys);
	EVP_PKEY_free(shared.ec);
	EVP_PKEY_free(shared.rsa);
}

static const struct test tests[] = {
	{ "threads use the provider for the first time at once", first_uses },
	{ "threads share keys", shared_keys },
};

int main(void)
{
	int status = test_run(tests, COUNT(tests));

	foreign_end();
	return status;
}
