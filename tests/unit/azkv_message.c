/* Algorithms with the digest in their names: through the tables, as every version of OpenSSL
 * has them, and through libcrypto where that knows them. SPDX-License-Identifier: MIT */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "azkv/program.h"
#include "openssl/inner.h"
#include "openssl/key.h"

/* OpenSSL 3.4 and later. */
int EVP_PKEY_sign_message_init(EVP_PKEY_CTX *ctx, EVP_SIGNATURE *algorithm,
	const OSSL_PARAM params[]) __attribute__((weak));
int EVP_PKEY_sign_message_update(EVP_PKEY_CTX *ctx, const unsigned char *in, size_t len)
	__attribute__((weak));
int EVP_PKEY_sign_message_final(EVP_PKEY_CTX *ctx, unsigned char *sig, size_t *len)
	__attribute__((weak));
int EVP_PKEY_verify_message_init(EVP_PKEY_CTX *ctx, EVP_SIGNATURE *algorithm,
	const OSSL_PARAM params[]) __attribute__((weak));
int EVP_PKEY_verify_message_update(EVP_PKEY_CTX *ctx, const unsigned char *in, size_t len)
	__attribute__((weak));
int EVP_PKEY_verify_message_final(EVP_PKEY_CTX *ctx) __attribute__((weak));
int EVP_PKEY_CTX_set_signature(EVP_PKEY_CTX *ctx, const unsigned char *sig, size_t len)
	__attribute__((weak));
int EVP_PKEY_sign_init_ex2(EVP_PKEY_CTX *ctx, EVP_SIGNATURE *algorithm,
	const OSSL_PARAM params[]) __attribute__((weak));

static const unsigned char text[] = PROGRAM_TEXT;

// clang-format off
static const struct {
	const char *name, *key, *digest, *algorithm;
} rows[] = {
	{ "RSA-SHA1",         "rsa2048", "SHA1",         "RSNULL" },
	{ "RSA-SHA2-224",     "rsa2048", "SHA2-224",     "RSNULL" },
	{ "RSA-SHA2-256",     "rsa2048", "SHA2-256",     "RS256" },
	{ "RSA-SHA2-384",     "rsa3072", "SHA2-384",     "RS384" },
	{ "RSA-SHA2-512",     "rsa2048", "SHA2-512",     "RS512" },
	{ "RSA-SHA2-512/224", "rsa2048", "SHA2-512/224", "RSNULL" },
	{ "RSA-SHA2-512/256", "rsa2048", "SHA2-512/256", "RSNULL" },
	{ "RSA-SHA3-224",     "rsa2048", "SHA3-224",     "RSNULL" },
	{ "RSA-SHA3-256",     "rsa2048", "SHA3-256",     "RSNULL" },
	{ "RSA-SHA3-384",     "rsa2048", "SHA3-384",     "RSNULL" },
	{ "RSA-SHA3-512",     "rsa2048", "SHA3-512",     "RSNULL" },
	{ "RSA-RIPEMD160",    "rsa2048", "RIPEMD-160",   "RSNULL" },
	{ "ECDSA-SHA1",       "p256",    "SHA1",         "ES256" },
	{ "ECDSA-SHA2-224",   "p256k",   "SHA2-224",     "ES256K" },
	{ "ECDSA-SHA2-256",   "p384",    "SHA2-256",     "ES384" },
	{ "ECDSA-SHA2-384",   "p384",    "SHA2-384",     "ES384" },
	{ "ECDSA-SHA2-512",   "p521",    "SHA2-512",     "ES512" },
	{ "ECDSA-SHA3-224",   "p256",    "SHA3-224",     "ES256" },
	{ "ECDSA-SHA3-256",   "p256",    "SHA3-256",     "ES256" },
	{ "ECDSA-SHA3-384",   "p384",    "SHA3-384",     "ES384" },
	{ "ECDSA-SHA3-512",   "p521",    "SHA3-512",     "ES512" },
};
// clang-format on

/* An algorithm as libcrypto sees it: its functions by their numbers. */
struct algorithm {
	const OSSL_DISPATCH *table;
	struct provider *provider;
	void *ctx;
};

static void (*function(const struct algorithm *a, int number))(void)
{
	for (const OSSL_DISPATCH *row = a->table; row->function_id; row++)
		if (row->function_id == number)
			return row->function;
	CHECK_ROW("the table has no such function", number == 0);
	return NULL;
}

static struct algorithm open_algorithm(const char *name)
{
	struct algorithm a = { .provider = OSSL_PROVIDER_get0_provider_ctx(fake_azkv) };
	int no_cache = 0;
	const OSSL_ALGORITHM *all =
		OSSL_PROVIDER_query_operation(fake_azkv, OSSL_OP_SIGNATURE, &no_cache);

	while (all->algorithm_names && strcmp(all->algorithm_names, name) != 0)
		all++;
	CHECK_ROW(name, all->algorithm_names != NULL);
	a.table = all->implementation;
	a.ctx = ((OSSL_FUNC_signature_newctx_fn *)function(
		&a, OSSL_FUNC_SIGNATURE_NEWCTX))(a.provider, NULL);
	CHECK(a.ctx != NULL);
	return a;
}

static void close_algorithm(const struct algorithm *a)
{
	((OSSL_FUNC_signature_freectx_fn *)function(a, OSSL_FUNC_SIGNATURE_FREECTX))(
		a->ctx);
}

static void copy_algorithm(struct algorithm *a)
{
	void *copy = ((OSSL_FUNC_signature_dupctx_fn *)function(
		a, OSSL_FUNC_SIGNATURE_DUPCTX))(a->ctx);

	CHECK(copy != NULL);
	close_algorithm(a);
	a->ctx = copy;
}

enum {
	QUERY_KEY_TYPES = 26,
	SIGN_MESSAGE_INIT,
	SIGN_MESSAGE_UPDATE,
	SIGN_MESSAGE_FINAL,
	VERIFY_MESSAGE_INIT,
	VERIFY_MESSAGE_UPDATE,
	VERIFY_MESSAGE_FINAL,
};

static int begin(const struct algorithm *a, int number, struct key *key)
{
	return ((OSSL_FUNC_signature_sign_init_fn *)function(a, number))(
		a->ctx, key, NULL);
}

static int update(const struct algorithm *a, int number, const void *data, size_t len)
{
	return ((OSSL_FUNC_signature_digest_sign_update_fn *)function(a, number))(
		a->ctx, data, len);
}

static int finish(const struct algorithm *a, unsigned char *sig, size_t *ret, size_t size)
{
	return ((OSSL_FUNC_signature_digest_sign_final_fn *)function(
		a, SIGN_MESSAGE_FINAL))(a->ctx, sig, ret, size);
}

static int at_once(const struct algorithm *a, struct program_signature *ret,
	const void *data, size_t len)
{
	return ((OSSL_FUNC_signature_sign_fn *)function(a, OSSL_FUNC_SIGNATURE_SIGN))(
		a->ctx, ret->p, &ret->len, sizeof(ret->p), data, len);
}

static int compare(const struct algorithm *a, const struct program_signature *s,
	const void *data, size_t len)
{
	return ((OSSL_FUNC_signature_verify_fn *)function(a, OSSL_FUNC_SIGNATURE_VERIFY))(
		a->ctx, s->p, s->len, data, len);
}

static int set_signature(const struct algorithm *a, struct program_signature *s)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string("signature", s->p, s->len),
		OSSL_PARAM_construct_end(),
	};

	return ((OSSL_FUNC_signature_set_ctx_params_fn *)function(
		a, OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS))(a->ctx, params);
}

static struct key *vaults_key(struct provider *p, const char *host, const char *name)
{
	struct uri uri = { 0 };
	struct vault_key found = { 0 };

	(void)snprintf(uri.host, sizeof(uri.host), "%s", host);
	(void)snprintf(uri.name, sizeof(uri.name), "%s", name);
	CHECK(vault_get_key(p->vault, &uri, inner_context(p), &found, NULL) == MITOK_OK);
	return key_of_vault(p, &found);
}

static struct key *foreign_key(struct provider *p, const char *name)
{
	struct key *key = key_new(p, fake_is_rsa(name) ? KEY_RSA : KEY_EC);

	key->inner = fake_copy(
		fake_keys[fake_index(name)], EVP_PKEY_KEYPAIR, inner_context(p), NULL);
	return key;
}

/* Messages: in pieces, with a copy in the middle, and at once. */
static void message_row(size_t i, bool is_vaults)
{
	struct algorithm a = open_algorithm(rows[i].name);
	struct key *key = is_vaults ? vaults_key(a.provider, FAKE_VAULT, rows[i].key)
				    : foreign_key(a.provider, rows[i].key);
	struct program_signature s = { .len = 0 };
	size_t size = 0;
	const char *row = rows[i].name;

	fake_reset(FAKE_NOISY);
	CHECK_ROW(row, begin(&a, SIGN_MESSAGE_INIT, key) == 1);
	CHECK_ROW(row, update(&a, SIGN_MESSAGE_UPDATE, text, 9) == 1);
	copy_algorithm(&a);
	CHECK_ROW(row, update(&a, SIGN_MESSAGE_UPDATE, text + 9, PROGRAM_LEN - 9) == 1);
	CHECK_ROW(row, finish(&a, NULL, &size, 0) == 1);
	CHECK_ROW(row, finish(&a, s.p, &s.len, sizeof(s.p)) == 1 && s.len <= size);
	CHECK_ROW(row, program_verifies(rows[i].key, rows[i].digest, false, &s));
	CHECK_ROW(row, fake_is_quiet() && fake_seen().requests == (is_vaults ? 1 : 0));
	CHECK_TEXT(fake_seen().algorithm, is_vaults ? rows[i].algorithm : "");
	CHECK_ROW(row, begin(&a, SIGN_MESSAGE_INIT, NULL) == 1);
	CHECK_ROW(row, set_signature(&a, &s) == 0 && fake_reason() == REASON_ALGORITHM);
	CHECK_ROW(row, at_once(&a, &s, text, PROGRAM_LEN) == 1);
	CHECK_ROW(row, program_verifies(rows[i].key, rows[i].digest, false, &s));
	key_free(key);
	close_algorithm(&a);
}

static void verify_row(size_t i, bool is_vaults)
{
	struct algorithm a = open_algorithm(rows[i].name);
	struct key *key = is_vaults ? vaults_key(a.provider, FAKE_VAULT, rows[i].key)
				    : foreign_key(a.provider, rows[i].key);
	struct program_signature s = { .len = 0 };
	EVP_PKEY *whole = fake_whole(rows[i].key);
	EVP_MD_CTX *stream = EVP_MD_CTX_new();
	const char *row = rows[i].name;

	s.len = sizeof(s.p);
	CHECK(EVP_DigestSignInit_ex(
		      stream, NULL, rows[i].digest, fake_plain, NULL, whole, NULL) > 0);
	CHECK(EVP_DigestSign(stream, s.p, &s.len, text, PROGRAM_LEN) > 0);
	fake_reset(FAKE_GOOD);
	for (int damaged = 0; damaged < 2; damaged++) {
		CHECK_ROW(row, begin(&a, VERIFY_MESSAGE_INIT, key) == 1);
		CHECK_ROW(row, update(&a, VERIFY_MESSAGE_UPDATE, text, 9) == 1);
		CHECK_ROW(row, set_signature(&a, &s) == 1);
		copy_algorithm(&a);
		CHECK_ROW(row,
			update(&a, VERIFY_MESSAGE_UPDATE, text + 9, PROGRAM_LEN - 9) ==
				1);
		CHECK_ROW(row,
			(((int (*)(void *))function(&a, VERIFY_MESSAGE_FINAL))(a.ctx) ==
				1) == !damaged);
		CHECK_ROW(row, begin(&a, VERIFY_MESSAGE_INIT, key) == 1);
		CHECK_ROW(row, (compare(&a, &s, text, PROGRAM_LEN) == 1) == !damaged);
		s.p[s.len - 1] ^= 1; /* within a number, in DER as well */
	}
	CHECK(fake_seen().requests == 0);
	EVP_MD_CTX_free(stream);
	EVP_PKEY_free(whole);
	key_free(key);
	close_algorithm(&a);
}

/* Digests that come ready. */
static void digest_row(size_t i, bool is_vaults)
{
	struct algorithm a = open_algorithm(rows[i].name);
	struct key *key = is_vaults ? vaults_key(a.provider, FAKE_VAULT, rows[i].key)
				    : foreign_key(a.provider, rows[i].key);
	struct program_signature s = { .len = 0 };
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	EVP_MD *md = EVP_MD_fetch(fake_plain, rows[i].digest, NULL);
	const char *row = rows[i].name;

	CHECK(EVP_Digest(text, PROGRAM_LEN, digest, &len, md, NULL));
	fake_reset(FAKE_GOOD);
	CHECK_ROW(row, begin(&a, OSSL_FUNC_SIGNATURE_SIGN_INIT, key) == 1);
	CHECK_ROW(row, at_once(&a, &s, digest, len) == 1 && fake_is_quiet());
	CHECK_ROW(row, fake_seen().requests == (is_vaults ? 1 : 0));
	CHECK_ROW(row, program_verifies(rows[i].key, rows[i].digest, false, &s));
	CHECK_ROW(row, begin(&a, OSSL_FUNC_SIGNATURE_VERIFY_INIT, key) == 1);
	CHECK_ROW(row, compare(&a, &s, digest, len) == 1);
	CHECK_ROW(row, compare(&a, &s, digest, len - 1) != 1);
	CHECK_ROW(row, begin(&a, OSSL_FUNC_SIGNATURE_SIGN_INIT, key) == 1);
	CHECK_ROW(row, at_once(&a, &s, digest, len - 1) != 1);
	ERR_clear_error();
	EVP_MD_free(md);
	key_free(key);
	close_algorithm(&a);
}

static void all_rows(void (*run)(size_t i, bool is_vaults))
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		EVP_MD *md = EVP_MD_fetch(fake_plain, rows[i].digest, NULL);

		ERR_clear_error();
		if (md) {
			run(i, true);
			run(i, false);
		}
		EVP_MD_free(md);
	}
}

static void messages_are_signed(void)
{
	all_rows(message_row);
}

static void messages_are_verified(void)
{
	all_rows(verify_row);
}

static void ready_digests_are_signed(void)
{
	all_rows(digest_row);
}

static void impossible_ones_are_refused(void)
{
	struct algorithm a = open_algorithm("RSA-SHA1");
	struct key *key = vaults_key(a.provider, FAKE_HSM, "rsa2048");

	fake_reset(FAKE_GOOD);
	CHECK(begin(&a, SIGN_MESSAGE_INIT, key) != 1 &&
		fake_reason() == REASON_ALGORITHM);
	CHECK(begin(&a, OSSL_FUNC_SIGNATURE_SIGN_INIT, key) != 1);
	CHECK(fake_reason() == REASON_ALGORITHM);
	CHECK(begin(&a, VERIFY_MESSAGE_INIT, key) == 1);
	CHECK(((int (*)(void *))function(&a, VERIFY_MESSAGE_FINAL))(a.ctx) != 1);
	CHECK(fake_reason() == REASON_FAILED);
	CHECK(fake_seen().requests == 0);
	key_free(key);
	close_algorithm(&a);
}

static void keys_are_named(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct algorithm a = open_algorithm(rows[i].name);
		const char **types =
			((const char **(*)(void))function(&a, QUERY_KEY_TYPES))();

		CHECK_TEXT(types[0], fake_is_rsa(rows[i].key) ? "RSA" : "EC");
		CHECK(types[1] == NULL);
		close_algorithm(&a);
	}
}

/* The names mean nothing else where azkv is loaded than where it is not. */
static void names_mean_what_they_meant(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		EVP_SIGNATURE *signature =
			EVP_SIGNATURE_fetch(fake_program, rows[i].name, "provider=azkv");
		EVP_MD *here = EVP_MD_fetch(fake_program, rows[i].name, NULL);
		EVP_MD *there = EVP_MD_fetch(fake_plain, rows[i].name, NULL);

		CHECK_ROW(rows[i].name, signature != NULL);
		CHECK_ROW(rows[i].name, (here != NULL) == (there != NULL));
		EVP_SIGNATURE_free(signature);
		EVP_MD_free(here);
		EVP_MD_free(there);
	}
	ERR_clear_error();
}

static void through_libcrypto(size_t i, bool is_vaults)
{
	EVP_SIGNATURE *algorithm =
		EVP_SIGNATURE_fetch(fake_program, rows[i].name, "provider=azkv");
	EVP_PKEY *key =
		is_vaults ? fake_key(FAKE_VAULT, rows[i].key) : fake_foreign(rows[i].key);
	EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_pkey(fake_program, key, "?provider=azkv");
	struct program_signature s = { .len = sizeof(s.p) };
	const char *row = rows[i].name;

	fake_reset(FAKE_NOISY);
	CHECK_ROW(row, EVP_PKEY_sign_message_init(ctx, algorithm, NULL) > 0);
	CHECK_ROW(row, EVP_PKEY_sign_message_update(ctx, text, PROGRAM_LEN) > 0);
	CHECK_ROW(row, EVP_PKEY_sign_message_final(ctx, s.p, &s.len) > 0);
	CHECK_ROW(row, fake_is_quiet() && fake_seen().requests == (is_vaults ? 1 : 0));
	CHECK_ROW(row, program_verifies(rows[i].key, rows[i].digest, false, &s));
	CHECK_ROW(row, EVP_PKEY_verify_message_init(ctx, algorithm, NULL) > 0);
	CHECK_ROW(row, EVP_PKEY_CTX_set_signature(ctx, s.p, s.len) > 0);
	CHECK_ROW(row, EVP_PKEY_verify_message_update(ctx, text, PROGRAM_LEN) > 0);
	CHECK_ROW(row, EVP_PKEY_verify_message_final(ctx) > 0);
	s.len = sizeof(s.p);
	CHECK_ROW(row, EVP_PKEY_sign_message_init(ctx, algorithm, NULL) > 0);
	CHECK_ROW(row, EVP_PKEY_sign(ctx, s.p, &s.len, text, PROGRAM_LEN) > 0);
	CHECK_ROW(row, program_verifies(rows[i].key, rows[i].digest, false, &s));
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	EVP_SIGNATURE_free(algorithm);
}

static void libcrypto_signs_messages(void)
{
	if (!EVP_PKEY_sign_message_init) {
		test_skip("this OpenSSL signs no messages");
		return;
	}
	all_rows(through_libcrypto);
}

static const struct test tests[] = {
	{ "messages are signed", messages_are_signed },
	{ "messages are verified", messages_are_verified },
	{ "digests that come ready are signed and verified", ready_digests_are_signed },
	{ "what a vault cannot do is refused", impossible_ones_are_refused },
	{ "the kind of key is told", keys_are_named },
	{ "names mean what they meant", names_mean_what_they_meant },
	{ "libcrypto signs and verifies messages", libcrypto_signs_messages },
};

int main(void)
{
	int status;

	fake_start();
	status = test_run(tests, COUNT(tests));
	fake_end();
	return status;
}
