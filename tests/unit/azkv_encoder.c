/* Private keys written as PEM: references of a vault's keys, and all of other keys, when
 * azkv is the provider that they are with.
 * SPDX-License-Identifier: MIT */
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <stdlib.h>

#include "base/text.h"
#include "fakevault.h"
#include "openssl/reference.h"
#include "test.h"

static EVP_PKEY *load(OSSL_LIB_CTX *ctx, const char *uri)
{
	OSSL_STORE_CTX *s =
		OSSL_STORE_open_ex(uri, ctx, NULL, NULL, NULL, NULL, NULL, NULL);
	OSSL_STORE_INFO *info;
	EVP_PKEY *k;

	CHECK_ROW(uri, s && OSSL_STORE_expect(s, OSSL_STORE_INFO_PKEY));
	info = OSSL_STORE_load(s);
	k = OSSL_STORE_INFO_get1_PKEY(info);
	CHECK_ROW(uri, k != NULL);
	OSSL_STORE_INFO_free(info);
	OSSL_STORE_close(s);
	return k;
}

/* NUL-terminated, until the BIO is freed. */
static const char *text_of(BIO *b)
{
	char *p = NULL;

	BIO_write(b, "", 1);
	(void)BIO_get_mem_data(b, &p);
	return p;
}

static void references(void)
{
	static const struct {
		const char *uri;
		bool is_ec;
	} rows[] = {
		{ "azkv://myvault/keys/rsa", false },
		{ "azkv://myvault/certificates/ec?identity=system", true },
	};
	struct fakevault *v = fakevault_reset();
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(rows); i++) {
		BIO *b = BIO_new(BIO_s_mem());
		EVP_PKEY *k = load(ctx, rows[i].uri), *again;
		unsigned char *der = NULL;
		char *label = NULL, *headers = NULL;
		struct vault_key read = { 0 };
		long len = 0;

		CHECK(PEM_write_bio_PrivateKey(b, k, NULL, NULL, 0, NULL, NULL));
		(void)fakevault_reset();
		again = PEM_read_bio_PrivateKey_ex(b, NULL, NULL, NULL, ctx, NULL);
		CHECK(again && EVP_PKEY_eq(again, k) == 1);
		CHECK(fakevault_requests() == 0);
		EVP_PKEY_free(again);
		CHECK(BIO_eof(b));

		CHECK(PEM_write_bio_PKCS8PrivateKey(b, k, NULL, NULL, 0, NULL, NULL));
		CHECK(PEM_read_bio(b, &label, &headers, &der, &len));
		CHECK_TEXT(label, REFERENCE_LABEL);
		CHECK_TEXT(headers, "");
		CHECK(reference_parse(der, (size_t)len, NULL, &read, NULL) == MITOK_OK);
		CHECK_TEXT(read.uri.host, FAKE_HOST);
		CHECK_TEXT(read.uri.version, FAKE_VERSION);
		CHECK(read.uri.kind == URI_KEY);
		CHECK_TEXT(read.uri.identity, rows[i].is_ec ? "system" : "");
		CHECK(EVP_PKEY_eq(read.public_key, rows[i].is_ec ? v->ec : v->rsa) == 1);
		CHECK(ERR_peek_error() == 0);
		vault_key_wipe(&read);
		EVP_PKEY_free(k);
		OPENSSL_free(label);
		OPENSSL_free(headers);
		OPENSSL_free(der);
		BIO_free(b);
	}
	fakevault_context_free(ctx);
}

/* The private half is nowhere, in any other form. */
static void nothing_else(void)
{
	OSSL_LIB_CTX *ctx = fakevault_context(false);
	BIO *b = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	EVP_PKEY *k;
	char word[] = "word";

	(void)fakevault_reset();
	k = load(ctx, "azkv://myvault/keys/rsa");
	CHECK(!PEM_write_bio_PrivateKey(b, k, EVP_aes_256_cbc(), NULL, 0, NULL, word));
	CHECK_TEXT(fakevault_reasons(), "5");
	CHECK(!PEM_write_bio_PKCS8PrivateKey(
		b, k, EVP_aes_256_cbc(), word, 4, NULL, NULL));
	CHECK(!PEM_write_bio_PrivateKey_traditional(b, k, NULL, NULL, 0, NULL, NULL));
	CHECK(i2d_PrivateKey(k, &der) <= 0 && !der);
	CHECK(!i2d_PKCS8PrivateKey_bio(b, k, NULL, NULL, 0, NULL, NULL));
	CHECK(BIO_eof(b));
	CHECK(PEM_write_bio_PUBKEY(b, k));
	EVP_PKEY_free(k);
	BIO_free(b);
	fakevault_context_free(ctx);
}

static void text_for_people(void)
{
	struct fakevault *v = fakevault_reset();
	OSSL_LIB_CTX *ctx = fakevault_context(false);
	EVP_PKEY *k = load(ctx, "azkv://myvault/keys/rsa");
	BIO *ours = BIO_new(BIO_s_mem()), *want = BIO_new(BIO_s_mem());

	CHECK(BIO_puts(want, "Private-Key: " FAKE_KEY("rsa") "\n") > 0);
	CHECK(EVP_PKEY_print_public(want, v->rsa, 0, NULL) > 0);
	CHECK(EVP_PKEY_print_public(want, v->rsa, 0, NULL) > 0);
	CHECK(EVP_PKEY_print_private(ours, k, 0, NULL) > 0);
	CHECK(EVP_PKEY_print_public(ours, k, 0, NULL) > 0);
	CHECK_TEXT(text_of(ours), text_of(want));
	CHECK(ERR_peek_error() == 0);
	BIO_free(ours);
	BIO_free(want);
	EVP_PKEY_free(k);
	k = load(ctx, "azkv://myvault/keys/ec");
	ours = BIO_new(BIO_s_mem());
	want = BIO_new(BIO_s_mem());
	CHECK(EVP_PKEY_print_params(ours, k, 0, NULL) > 0);
	CHECK(EVP_PKEY_print_params(want, v->ec, 0, NULL) > 0);
	CHECK_TEXT(text_of(ours), text_of(want));
	BIO_free(ours);
	BIO_free(want);
	EVP_PKEY_free(k);
	fakevault_context_free(ctx);
}

static EVP_PKEY *generate(OSSL_LIB_CTX *ctx, bool is_ec)
{
	EVP_PKEY *k = is_ec ? EVP_PKEY_Q_keygen(ctx, NULL, "EC", "P-384")
			    : EVP_PKEY_Q_keygen(ctx, NULL, "RSA", (size_t)2048);

	CHECK(k &&
		strcmp(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(k)), "azkv") == 0);
	return k;
}

static EVP_PKEY *read_plain(BIO *b, OSSL_LIB_CTX *plain, char *word)
{
	return PEM_read_bio_PrivateKey_ex(b, NULL, NULL, word, plain, NULL);
}

/* Byte for byte what OpenSSL writes without us. */
static void check_foreign(OSSL_LIB_CTX *ctx, OSSL_LIB_CTX *plain, bool is_ec)
{
	EVP_PKEY *k = generate(ctx, is_ec), *theirs;
	BIO *ours = BIO_new(BIO_s_mem()), *want = BIO_new(BIO_s_mem()), *in;
	const char *text;

	ERR_clear_error();
	CHECK(PEM_write_bio_PrivateKey(ours, k, NULL, NULL, 0, NULL, NULL));
	CHECK(PEM_write_bio_PrivateKey_traditional(ours, k, NULL, NULL, 0, NULL, NULL));
	CHECK(PEM_write_bio_PUBKEY(ours, k));
	CHECK(EVP_PKEY_print_private(ours, k, 0, NULL) > 0);
	text = text_of(ours);
	in = BIO_new_mem_buf(text, -1);
	theirs = read_plain(in, plain, NULL);
	CHECK(theirs && EVP_PKEY_eq(theirs, k) == 1);
	CHECK(PEM_write_bio_PrivateKey(want, theirs, NULL, NULL, 0, NULL, NULL));
	CHECK(PEM_write_bio_PrivateKey_traditional(
		want, theirs, NULL, NULL, 0, NULL, NULL));
	CHECK(PEM_write_bio_PUBKEY(want, theirs));
	CHECK(EVP_PKEY_print_private(want, theirs, 0, NULL) > 0);
	CHECK_TEXT(text, text_of(want));
	CHECK(ERR_peek_error() == 0);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(k);
	BIO_free(in);
	BIO_free(ours);
	BIO_free(want);
}

static void foreign_keys(void)
{
	OSSL_LIB_CTX *ctx = fakevault_context(true), *plain = OSSL_LIB_CTX_new();

	check_foreign(ctx, plain, false);
	check_foreign(ctx, plain, true);
	OSSL_LIB_CTX_free(plain);
	fakevault_context_free(ctx);
}

static int password(char *buf, int size, int writes, void *arg)
{
	unsigned *asked = arg;

	CHECK(writes == 1 && size > 4);
	(*asked)++;
	memcpy(buf, "word", 4);
	return 4;
}

static void encrypted(void)
{
	OSSL_LIB_CTX *ctx = fakevault_context(true), *plain = OSSL_LIB_CTX_new();
	EVP_PKEY *k = generate(ctx, true), *again;
	BIO *b = BIO_new(BIO_s_mem());
	const EVP_CIPHER *cipher = EVP_aes_256_cbc();
	unsigned asked = 0;
	char word[] = "word", wrong[] = "other";

	CHECK(PEM_write_bio_PrivateKey(b, k, cipher, NULL, 0, NULL, word));
	CHECK(PEM_write_bio_PrivateKey(b, k, cipher, NULL, 0, password, &asked));
	CHECK(asked == 1);
	CHECK(PEM_write_bio_PKCS8PrivateKey(b, k, cipher, word, 4, NULL, NULL));
	for (int i = 0; i < 3; i++) {
		again = read_plain(b, plain, word);
		CHECK(again && EVP_PKEY_eq(again, k) == 1);
		EVP_PKEY_free(again);
	}
	CHECK(PEM_write_bio_PrivateKey(b, k, cipher, NULL, 0, NULL, word));
	CHECK(!read_plain(b, plain, wrong));
	ERR_clear_error();
	EVP_PKEY_free(k);
	BIO_free(b);
	OSSL_LIB_CTX_free(plain);
	fakevault_context_free(ctx);
}

/* Only what is asked for: a public key has no private form. */
static void half_a_key(void)
{
	OSSL_LIB_CTX *ctx = fakevault_context(true);
	EVP_PKEY *k = generate(ctx, true), *half;
	BIO *b = BIO_new(BIO_s_mem());

	CHECK(PEM_write_bio_PUBKEY(b, k));
	half = PEM_read_bio_PUBKEY_ex(b, NULL, NULL, NULL, ctx, NULL);
	CHECK(half && EVP_PKEY_eq(half, k) == 1);
	CHECK(!PEM_write_bio_PrivateKey(b, half, NULL, NULL, 0, NULL, NULL));
	CHECK(ERR_peek_error() != 0 && BIO_eof(b));
	ERR_clear_error();
	EVP_PKEY_free(half);
	EVP_PKEY_free(k);
	BIO_free(b);
	fakevault_context_free(ctx);
}

static const struct test tests[] = {
	{ "a vault's key is written as a reference that is complete", references },
	{ "a vault's key is written in no other form, and not encrypted", nothing_else },
	{ "a vault's key is told to people by its name", text_for_people },
	{ "other keys are written as OpenSSL writes them", foreign_keys },
	{ "other keys are encrypted, and the password is asked for once", encrypted },
	{ "half a key is not written as a private key", half_a_key },
};

TEST_MAIN(tests)
