/* Signatures by a vault: with every digest on every key, exactly one request each, and
 * OpenSSL without us verifies them. SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <pthread.h>
#include <stdint.h>

#include "azkv/program.h"

// clang-format off
static const struct {
	const char *digest, *pkcs1, *pss; /* NULL: the vault cannot */
	size_t len;
} digests[] = {
	{ "SHA2-256",     "RS256",  "PS256", 32 },
	{ "SHA2-384",     "RS384",  "PS384", 48 },
	{ "SHA2-512",     "RS512",  "PS512", 64 },
	{ "SHA1",         "RSNULL", NULL,    20 },
	{ "SHA2-224",     "RSNULL", NULL,    28 },
	{ "SHA2-512/224", "RSNULL", NULL,    28 },
	{ "SHA2-512/256", "RSNULL", NULL,    32 },
	{ "SHA3-224",     "RSNULL", NULL,    28 },
	{ "SHA3-256",     "RSNULL", NULL,    32 },
	{ "SHA3-384",     "RSNULL", NULL,    48 },
	{ "SHA3-512",     "RSNULL", NULL,    64 },
	{ "RIPEMD-160",   "RSNULL", NULL,    20 },
	{ "MD5",          "RSNULL", NULL,    16 },
	{ "MD5-SHA1",     "RSNULL", NULL,    36 },
};
static const struct {
	const char *key, *algorithm;
	size_t value_len;
} curves[] = {
	{ "p256",  "ES256",  32 },
	{ "p256k", "ES256K", 32 },
	{ "p384",  "ES384",  48 },
	{ "p521",  "ES512",  64 },
};
// clang-format on

/* RIPEMD-160 is in OpenSSL's own provider from 3.0.7 on. */
static bool is_there(const char *digest)
{
	EVP_MD *md = EVP_MD_fetch(fake_plain, digest, NULL);

	EVP_MD_free(md);
	ERR_clear_error();
	return md != NULL;
}

static void rsa_row(const char *key_name, size_t i, bool is_pss)
{
	const char *want = is_pss ? digests[i].pss : digests[i].pkcs1;
	EVP_PKEY *key = fake_key(FAKE_VAULT, key_name);
	EVP_PKEY_CTX *parameters;
	struct program_signature s;
	EVP_MD_CTX *ctx;
	bool ok;

	fake_reset(FAKE_GOOD);
	ctx = program_begin(key, digests[i].digest, &parameters);
	CHECK_ROW(digests[i].digest, ctx != NULL);
	ok = ctx &&
		(!is_pss ||
			program_set(parameters, OSSL_SIGNATURE_PARAM_PAD_MODE, "pss"));
	CHECK_ROW(digests[i].digest, ok == (want != NULL));
	if (!want) {
		CHECK_ROW(digests[i].digest, fake_reason() == REASON_ALGORITHM);
		CHECK_ROW(digests[i].digest, !program_finish(ctx, &s));
		CHECK_ROW(digests[i].digest, fake_seen().requests == 0);
	} else {
		CHECK_ROW(digests[i].digest, program_finish(ctx, &s));
		CHECK_ROW(digests[i].digest, fake_is_quiet());
		CHECK_ROW(digests[i].digest,
			program_verifies(key_name, digests[i].digest, is_pss, &s));
		CHECK_ROW(digests[i].digest, fake_seen().requests == 1);
		CHECK_TEXT(fake_seen().algorithm, want);
		CHECK_TEXT(fake_seen().operation, "sign");
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void rsa_takes_every_digest(void)
{
	for (size_t i = 0; i < COUNT(digests); i++) {
		if (!is_there(digests[i].digest))
			continue;
		rsa_row("rsa2048", i, false);
		rsa_row("rsa3072", i, false);
	}
}

static void pss_takes_sha2(void)
{
	for (size_t i = 0; i < COUNT(digests); i++) {
		if (!is_there(digests[i].digest))
			continue;
		rsa_row("rsa2048", i, true);
		rsa_row("rsa3072", i, true);
	}
}

static void ec_row(size_t curve, const char *host, size_t i)
{
	EVP_PKEY *key = fake_key(host, curves[curve].key);
	struct program_signature s;
	EVP_MD_CTX *ctx;
	size_t zeros = 0;

	fake_reset(FAKE_GOOD);
	ctx = program_begin(key, digests[i].digest, NULL);
	CHECK_ROW(digests[i].digest, program_finish(ctx, &s));
	CHECK_ROW(digests[i].digest, fake_is_quiet());
	CHECK_ROW(digests[i].digest, s.len <= (size_t)EVP_PKEY_get_size(key));
	CHECK_ROW(digests[i].digest,
		program_verifies(curves[curve].key, digests[i].digest, false, &s));
	CHECK_ROW(digests[i].digest, fake_seen().requests == 1);
	CHECK_TEXT(fake_seen().algorithm, curves[curve].algorithm);
	CHECK_ROW(digests[i].digest, fake_seen().value_len == curves[curve].value_len);
	if (digests[i].len < curves[curve].value_len)
		zeros = curves[curve].value_len - digests[i].len;
	for (size_t j = 0; j < zeros; j++)
		CHECK_ROW(digests[i].digest, fake_seen().value[j] == 0);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void every_curve_takes_every_digest(void)
{
	for (size_t i = 0; i < COUNT(digests); i++)
		for (size_t c = 0; is_there(digests[i].digest) && c < COUNT(curves);
			c++) {
			ec_row(c, FAKE_VAULT, i);
			ec_row(c, FAKE_HSM, i);
		}
}

/* openssl dgst -sign does it so, and libcrypto copies the context once more inside. */
static void a_stream_is_copied(void)
{
	static const char *const names[] = { "rsa2048", "p384" };

	for (size_t i = 0; i < COUNT(names); i++) {
		EVP_PKEY *key = fake_key(FAKE_VAULT, names[i]);
		EVP_MD_CTX *copy = EVP_MD_CTX_new(), *ctx;
		struct program_signature s = { .len = sizeof(s.p) };
		size_t size = 0;

		fake_reset(FAKE_GOOD);
		ctx = program_begin(key, "SHA256", NULL);
		CHECK(EVP_DigestSignUpdate(ctx, PROGRAM_TEXT, 10) > 0);
		CHECK(EVP_DigestSignFinal(ctx, NULL, &size) > 0);
		CHECK(size == (size_t)EVP_PKEY_get_size(key));
		CHECK(EVP_MD_CTX_copy_ex(copy, ctx) > 0);
		CHECK(EVP_DigestSignUpdate(ctx, "something else", 14) > 0);
		EVP_MD_CTX_free(ctx);
		CHECK(EVP_DigestSignUpdate(copy, &PROGRAM_TEXT[10], PROGRAM_LEN - 10) >
			0);
		CHECK(fake_seen().requests == 0);
		CHECK(EVP_DigestSignFinal(copy, s.p, &s.len) > 0);
		CHECK(fake_seen().requests == 1 && fake_is_quiet());
		CHECK(program_verifies(names[i], "SHA256", false, &s));
		EVP_MD_CTX_free(copy);
		EVP_PKEY_free(key);
	}
}

/* EVP_DigestSignInit() without a key and digest goes on with those of before. */
static void a_stream_begins_anew(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	EVP_PKEY_CTX *parameters;
	struct program_signature s;
	EVP_MD_CTX *ctx;

	fake_reset(FAKE_GOOD);
	ctx = program_begin(key, "SHA512", &parameters);
	CHECK(program_set(parameters, OSSL_SIGNATURE_PARAM_PAD_MODE, "pss"));
	CHECK(EVP_DigestSignUpdate(ctx, "forgotten", 9) > 0);
	CHECK(EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, NULL, NULL) > 0);
	CHECK(program_finish(ctx, &s) &&
		program_verifies("rsa2048", "SHA512", false, &s));
	CHECK_TEXT(fake_seen().algorithm, "RS512");
	CHECK(fake_seen().requests == 1 && fake_is_quiet());
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

/* The first time, and when what checks the signatures is kept already. */
static void parameters_at_the_beginning(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	int salt = 20;
	const OSSL_PARAM impossible[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_SIGNATURE_PARAM_PAD_MODE, (char[]){ "pss" }, 0),
		OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt),
		OSSL_PARAM_construct_end(),
	};

	fake_reset(FAKE_GOOD);
	for (int i = 0; i < 2; i++) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();

		CHECK(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", fake_program, NULL, key,
			      impossible) <= 0);
		CHECK(fake_reason() == REASON_ALGORITHM);
		EVP_MD_CTX_free(ctx);
		EVP_MD_CTX_free(program_begin(key, "SHA256", NULL));
		ERR_clear_error();
	}
	CHECK(fake_seen().requests == 0);
	EVP_PKEY_free(key);
}

/* EVP_PKEY_sign(): a digest comes ready. */

#define INFO_256 \
	"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
#define INFO_1   "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"
#define TEN      "0123456789"
#define HASH_256 TEN TEN TEN "ab"
#define HASH_1   TEN TEN

// clang-format off
static const struct {
	const char *host, *key, *digest, *tbs;
	size_t len;
	const char *algorithm; /* NULL: refused, */
	int reason;            /* for this */
} ready[] = {
	{ FAKE_VAULT, "rsa2048", "SHA256", HASH_256,          32, "RS256",  0 },
	{ FAKE_VAULT, "rsa2048", "SHA256", HASH_256,          31, NULL,     REASON_SIZE },
	{ FAKE_VAULT, "rsa2048", "SHA1",   HASH_1,            20, "RSNULL", 0 },
	{ FAKE_VAULT, "rsa2048", NULL,     INFO_256 HASH_256, 51, "RSNULL", 0 },
	{ FAKE_VAULT, "rsa2048", NULL,     "x",               1,  "RSNULL", 0 },
	{ FAKE_VAULT, "rsa2048", NULL,     "",                0,  NULL,     REASON_SIZE },
	{ FAKE_HSM,   "rsa2048", "SHA256", HASH_256,          32, "RS256",  0 },
	{ FAKE_HSM,   "rsa2048", "SHA1",   HASH_1,            20, NULL,     REASON_ALGORITHM },
	{ FAKE_HSM,   "rsa2048", NULL,     INFO_256 HASH_256, 51, "RS256",  0 },
	{ FAKE_HSM,   "rsa2048", NULL,     INFO_256 HASH_256, 50, NULL,     REASON_ALGORITHM },
	{ FAKE_HSM,   "rsa2048", NULL,     INFO_1 HASH_1,     35, NULL,     REASON_ALGORITHM },
	{ FAKE_HSM,   "rsa2048", NULL,     HASH_256,          32, NULL,     REASON_ALGORITHM },
	{ FAKE_HSM,   "rsa2048", NULL,     "x",               1,  NULL,     REASON_ALGORITHM },
	{ FAKE_VAULT, "p256",    "SHA256", HASH_256,          32, "ES256",  0 },
	{ FAKE_VAULT, "p256",    "SHA256", HASH_256,          20, NULL,     REASON_SIZE },
	{ FAKE_VAULT, "p256",    NULL,     HASH_1,            20, "ES256",  0 },
	{ FAKE_VAULT, "p256",    NULL,     HASH_256 HASH_256, 64, "ES256",  0 },
	{ FAKE_HSM,   "p384",    NULL,     HASH_256,          32, "ES384",  0 },
	{ FAKE_VAULT, "p521",    NULL,     HASH_256 HASH_256, 64, "ES512",  0 },
	{ FAKE_VAULT, "p521",    NULL,     HASH_256 HASH_256 "!", 65, NULL, REASON_SIZE },
};
// clang-format on

static void digests_that_come_ready(void)
{
	for (size_t i = 0; i < COUNT(ready); i++) {
		EVP_PKEY *key = fake_key(ready[i].host, ready[i].key);
		struct program_signature s;
		char row[16];
		bool ok;

		(void)snprintf(row, sizeof(row), "ready[%zu]", i);
		fake_reset(FAKE_GOOD);
		ok = program_sign(key, ready[i].digest, ready[i].tbs, ready[i].len, &s);
		CHECK_ROW(row, ok == (ready[i].algorithm != NULL));
		CHECK_ROW(row, fake_seen().requests == (ok ? 1 : 0));
		if (ok) {
			CHECK_ROW(row, fake_is_quiet());
			CHECK_TEXT(fake_seen().algorithm, ready[i].algorithm);
			CHECK_ROW(row,
				program_verifies_digest(ready[i].key, ready[i].digest,
					ready[i].tbs, ready[i].len, &s));
		} else {
			CHECK_ROW(row, fake_reason() == ready[i].reason);
		}
		EVP_PKEY_free(key);
	}
}

/* PKCS#1 v1.5 adds 11 bytes. */
static void raw_bytes_have_a_limit(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	unsigned char most[256];
	struct program_signature s;

	memset(most, 'm', sizeof(most));
	fake_reset(FAKE_GOOD);
	CHECK(program_sign(key, NULL, most, 245, &s));
	CHECK(program_verifies_digest("rsa2048", NULL, most, 245, &s));
	CHECK(!program_sign(key, NULL, most, 246, &s) && fake_reason() == REASON_SIZE);
	CHECK(!program_sign(key, NULL, most, 256, &s) && fake_reason() == REASON_SIZE);
	CHECK(fake_seen().requests == 1);
	EVP_PKEY_free(key);
}

static void what_the_size_is(void)
{
	for (size_t i = 0; i < FAKE_NAMES; i++) {
		EVP_PKEY *key = fake_key(FAKE_VAULT, fake_names[i]);
		EVP_MD_CTX *ctx = program_begin(key, "SHA256", NULL);
		const unsigned char text[] = PROGRAM_TEXT;
		unsigned char sig[600];
		size_t size = 0, less;

		fake_reset(FAKE_GOOD);
		CHECK(EVP_DigestSign(ctx, NULL, &size, text, PROGRAM_LEN) > 0);
		CHECK_ROW(fake_names[i], size == (size_t)EVP_PKEY_get_size(key));
		CHECK(fake_is_quiet());
		less = size - 1;
		CHECK(EVP_DigestSign(ctx, sig, &less, text, PROGRAM_LEN) <= 0);
		CHECK(fake_reason() == REASON_SIZE && fake_seen().requests == 0);
		EVP_MD_CTX_free(ctx);
		EVP_PKEY_free(key);
	}
}

/* Threads share a key, each with contexts of its own. */

static void *worker(void *arg)
{
	EVP_PKEY *key = arg;
	intptr_t good = 0;

	for (int i = 0; i < 20; i++) {
		EVP_MD_CTX *ctx = program_begin(key, i % 2 ? "SHA256" : "SHA384", NULL);
		struct program_signature s;

		good += program_finish(ctx, &s) &&
			program_verifies(EVP_PKEY_is_a(key, "RSA") ? "rsa2048" : "p256",
				i % 2 ? "SHA256" : "SHA384", false, &s);
		EVP_MD_CTX_free(ctx);
	}
	return (void *)good;
}

static void threads_share_a_key(void)
{
	EVP_PKEY *shared[] = { fake_key(FAKE_VAULT, "rsa2048"),
		fake_key(FAKE_VAULT, "p256") };
	pthread_t threads[8];
	intptr_t good = 0;

	fake_reset(FAKE_GOOD);
	for (size_t i = 0; i < COUNT(threads); i++)
		CHECK(pthread_create(&threads[i], NULL, worker, shared[i % 2]) == 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		void *count = NULL;

		CHECK(pthread_join(threads[i], &count) == 0);
		good += (intptr_t)count;
	}
	CHECK(good == 160);
	CHECK(fake_seen().requests == 160);
	EVP_PKEY_free(shared[0]);
	EVP_PKEY_free(shared[1]);
}

static const struct test tests[] = {
	{ "an RSA key signs with every digest", rsa_takes_every_digest },
	{ "PSS is made with the digests that vaults do it with", pss_takes_sha2 },
	{ "every curve signs with every digest", every_curve_takes_every_digest },
	{ "a stream that is copied costs one request", a_stream_is_copied },
	{ "a stream begins anew with the same key", a_stream_begins_anew },
	{ "parameters that a vault cannot are refused at the beginning",
		parameters_at_the_beginning },
	{ "digests that come ready are signed", digests_that_come_ready },
	{ "raw bytes have a limit", raw_bytes_have_a_limit },
	{ "asking for the size costs no request, and no room either", what_the_size_is },
	{ "threads share a key", threads_share_a_key },
};

int main(void)
{
	int status;

	fake_start();
	status = test_run(tests, COUNT(tests));
	fake_end();
	return status;
}
