/* Keys and certificates by URI, through OpenSSL's OSSL_STORE.
 * SPDX-License-Identifier: MIT */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "fakevault.h"
#include "openssl/raise.h"
#include "test.h"

#define VAULT "azkv://" FAKE_HOST "/"

static OSSL_STORE_CTX *open_store(OSSL_LIB_CTX *ctx, const char *uri, int expect)
{
	OSSL_STORE_CTX *s =
		OSSL_STORE_open_ex(uri, ctx, NULL, NULL, NULL, NULL, NULL, NULL);

	CHECK_ROW(uri, s && (expect == 0 || OSSL_STORE_expect(s, expect)));
	return s;
}

/* One letter for each kind of object. */
static char letter(const OSSL_STORE_INFO *info)
{
	switch (OSSL_STORE_INFO_get_type(info)) {
	case OSSL_STORE_INFO_NAME:
		return 'N';
	case OSSL_STORE_INFO_PUBKEY:
		return 'P';
	case OSSL_STORE_INFO_PKEY:
		return 'K';
	case OSSL_STORE_INFO_CERT:
		return 'C';
	default:
		return '?';
	}
}

/* What is loaded until the end, '!' for a failure; at most 15. */
static const char *load_all(OSSL_STORE_CTX *s)
{
	static char got[16];
	size_t n = 0;

	while (n < sizeof(got) - 1 && !OSSL_STORE_eof(s)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(s);

		if (info)
			got[n++] = letter(info);
		else if (OSSL_STORE_error(s))
			got[n++] = '!';
		OSSL_STORE_INFO_free(info);
	}
	got[n] = '\0';
	return got;
}

static EVP_PKEY *load_key(OSSL_LIB_CTX *ctx, const char *uri)
{
	OSSL_STORE_CTX *s = open_store(ctx, uri, OSSL_STORE_INFO_PKEY);
	OSSL_STORE_INFO *info = OSSL_STORE_load(s);
	EVP_PKEY *k = info ? OSSL_STORE_INFO_get1_PKEY(info) : NULL;

	CHECK_ROW(uri, OSSL_STORE_eof(s));
	OSSL_STORE_INFO_free(info);
	OSSL_STORE_close(s);
	return k;
}

static void check_key(bool azkv_first)
{
	struct fakevault *v = fakevault_reset();
	OSSL_LIB_CTX *ctx = fakevault_context(azkv_first);
	OSSL_STORE_CTX *s = open_store(ctx, VAULT "keys/rsa", 0);
	EVP_PKEY *k;

	CHECK(fakevault_requests() == 0);
	OSSL_STORE_close(s);
	k = load_key(ctx, VAULT "keys/rsa");
	CHECK(k && EVP_PKEY_is_a(k, "RSA") && EVP_PKEY_eq(k, v->rsa) == 1);
	CHECK(EVP_PKEY_get_bits(k) == 2048 && EVP_PKEY_get_size(k) == 256);
	CHECK(fakevault_requests() == 1);
	EVP_PKEY_free(k);
	k = load_key(ctx,
		VAULT "certificates/ec?identity=client-id:"
		      "11111111-2222-3333-4444-555555555555");
	CHECK(k && EVP_PKEY_is_a(k, "EC") && EVP_PKEY_eq(k, v->ec) == 1);
	CHECK_TEXT(v->identity, "client-id:11111111-2222-3333-4444-555555555555");
	CHECK(fakevault_requests() == 2);
	CHECK(ERR_peek_error() == 0);
	EVP_PKEY_free(k);
	fakevault_context_free(ctx);
}

static void keys(void)
{
	check_key(false);
	check_key(true);
}

static void expectations(void)
{
	static const struct {
		const char *uri;
		int expect;
		const char *want;
		unsigned requests;
	} rows[] = {
		{ VAULT "keys/rsa", 0, "K", 1 },
		{ VAULT "keys/ec", OSSL_STORE_INFO_PKEY, "K", 1 },
		{ VAULT "keys/rsa", OSSL_STORE_INFO_PUBKEY, "P", 1 },
		{ VAULT "keys/ec", OSSL_STORE_INFO_PUBKEY, "P", 1 },
		{ VAULT "keys/rsa", OSSL_STORE_INFO_CERT, "", 0 },
		{ VAULT "keys/rsa", OSSL_STORE_INFO_CRL, "", 0 },
		{ VAULT "keys/rsa", OSSL_STORE_INFO_PARAMS, "", 0 },
		{ VAULT "keys/rsa", OSSL_STORE_INFO_NAME, "", 0 },
		{ VAULT "certificates/rsa", 0, "CK", 2 },
		{ VAULT "certificates/rsa", OSSL_STORE_INFO_CERT, "C", 1 },
		{ VAULT "certificates/ec", OSSL_STORE_INFO_PKEY, "K", 1 },
		{ VAULT "certificates/ec", OSSL_STORE_INFO_PUBKEY, "P", 1 },
		{ VAULT "certificates/ec?chain=yes", OSSL_STORE_INFO_CERT, "CC", 1 },
		{ VAULT "certificates/ec?chain=yes", 0, "CCK", 2 },
		{ VAULT "certificates/rsa", OSSL_STORE_INFO_CRL, "", 0 },
		{ VAULT, 0, "NNN", 1 },
		{ VAULT, OSSL_STORE_INFO_NAME, "NNN", 1 },
		{ VAULT, OSSL_STORE_INFO_PKEY, "NN", 1 },
		{ VAULT, OSSL_STORE_INFO_PUBKEY, "NN", 1 },
		{ VAULT, OSSL_STORE_INFO_CERT, "N", 1 },
		{ VAULT, OSSL_STORE_INFO_CRL, "", 0 },
		{ "azkv:https://" FAKE_HOST "/keys/rsa", 0, "K", 1 },
		{ "azkv://myvault/keys/rsa", 0, "K", 1 },
		{ "keyvault:myvault:rsa", 0, "K", 1 },
	};
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(rows); i++) {
		OSSL_STORE_CTX *s;

		(void)fakevault_reset();
		s = open_store(ctx, rows[i].uri, rows[i].expect);
		CHECK_ROW(rows[i].uri, fakevault_requests() == 0);
		CHECK_TEXT(load_all(s), rows[i].want);
		CHECK_ROW(rows[i].uri, fakevault_requests() == rows[i].requests);
		CHECK_ROW(rows[i].uri, ERR_peek_error() == 0);
		OSSL_STORE_close(s);
	}
	fakevault_context_free(ctx);
}

static void public_keys(void)
{
	struct fakevault *v = fakevault_reset();
	OSSL_LIB_CTX *ctx = fakevault_context(true);
	OSSL_STORE_CTX *s = open_store(ctx, VAULT "keys/ec", OSSL_STORE_INFO_PUBKEY);
	OSSL_STORE_INFO *info = OSSL_STORE_load(s);
	EVP_PKEY *k = info ? OSSL_STORE_INFO_get0_PUBKEY(info) : NULL;

	CHECK(k && EVP_PKEY_eq(k, v->ec) == 1);
	CHECK(k && OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(k)) &&
		strcmp(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(k)), "default") ==
			0);
	OSSL_STORE_INFO_free(info);
	OSSL_STORE_close(s);
	fakevault_context_free(ctx);
}

/* As `openssl storeutl -r` does it. */
static void listed_names_load(void)
{
	static const char *const want[] = {
		VAULT "keys/rsa?identity=system",
		VAULT "keys/ec?identity=system",
		VAULT "certificates/rsa?identity=system",
	};
	struct fakevault *v = fakevault_reset();
	OSSL_LIB_CTX *ctx = fakevault_context(false);
	OSSL_STORE_CTX *s = open_store(ctx, "azkv://myvault?identity=system", 0), *one;
	size_t n = 0;

	for (; !OSSL_STORE_eof(s) && n < COUNT(want); n++) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(s);
		const char *name = OSSL_STORE_INFO_get0_NAME(info);

		CHECK_TEXT(name, want[n]);
		CHECK_TEXT(OSSL_STORE_INFO_get0_NAME_description(info),
			n < 2 ? "key" : "certificate and its key");
		one = open_store(ctx, name, 0);
		v->identity[0] = '\0';
		CHECK_TEXT(load_all(one), n < 2 ? "K" : "CK");
		CHECK_TEXT(v->identity, "system");
		OSSL_STORE_close(one);
		OSSL_STORE_INFO_free(info);
	}
	CHECK(n == COUNT(want) && OSSL_STORE_eof(s));
	OSSL_STORE_close(s);
	fakevault_context_free(ctx);
}

static void bad_names(void)
{
	static const struct {
		const char *uri;
		const char *reasons;
	} rows[] = {
		{ "azkv://user@" FAKE_HOST "/keys/rsa", "2" },
		{ "azkv://" FAKE_HOST ":444/keys/rsa", "2" },
		{ VAULT "keys/rsa?vault=other", "2" },
		{ VAULT "keys/r%73a", "2" },
		{ VAULT "keys/", "2" },
		{ VAULT "secrets/rsa", "2" },
		{ "azkv:http://" FAKE_HOST "/keys/rsa", "2" },
		{ "azkv://vault.evil.example/keys/rsa", "9" },
	};
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)fakevault_reset();
		CHECK_ROW(rows[i].uri,
			OSSL_STORE_open_ex(rows[i].uri, ctx, NULL, NULL, NULL, NULL, NULL,
				NULL) == NULL);
		CHECK_TEXT(fakevault_reasons(), rows[i].reasons);
		CHECK_ROW(rows[i].uri, fakevault_requests() == 0);
	}
	fakevault_context_free(ctx);
}

static void failures_end_it(void)
{
	static const struct {
		const char *uri;
		int expect;
		enum mitok_code fails;
		const char *reasons;
	} rows[] = {
		{ VAULT "keys/gone", 0, MITOK_OK, "9" },
		{ VAULT "keys/rsa", OSSL_STORE_INFO_PKEY, MITOK_E_LATER, "10" },
		{ VAULT "keys/rsa", OSSL_STORE_INFO_PUBKEY, MITOK_E_NOIDENTITY, "8" },
		{ VAULT "certificates/gone", 0, MITOK_OK, "9" },
		{ VAULT "certificates/rsa", OSSL_STORE_INFO_CERT, MITOK_E_REPLY, "11" },
		{ VAULT, 0, MITOK_E_DENIED, "9" },
	};
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fakevault *v = fakevault_reset();
		OSSL_STORE_CTX *s = open_store(ctx, rows[i].uri, rows[i].expect);

		v->fails = rows[i].fails;
		CHECK_TEXT(load_all(s), "!");
		CHECK_ROW(rows[i].uri, fakevault_requests() == 1);
		CHECK_TEXT(fakevault_reasons(), rows[i].reasons);
		CHECK_ROW(rows[i].uri, OSSL_STORE_load(s) == NULL);
		CHECK_ROW(rows[i].uri, fakevault_requests() == 1);
		OSSL_STORE_close(s);
	}
	fakevault_context_free(ctx);
}

/* The certificate was given already. */
static void key_of_certificate_fails(void)
{
	struct fakevault *v = fakevault_reset();
	OSSL_LIB_CTX *ctx = fakevault_context(false);
	OSSL_STORE_CTX *s = open_store(ctx, VAULT "certificates/rsa", 0);
	OSSL_STORE_INFO *info = OSSL_STORE_load(s);

	CHECK(info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_CERT);
	OSSL_STORE_INFO_free(info);
	v->fails = MITOK_E_DENIED;
	CHECK_TEXT(load_all(s), "!");
	CHECK_TEXT(fakevault_reasons(), "9");
	OSSL_STORE_close(s);
	fakevault_context_free(ctx);
}

static void by_subject(void)
{
	static const struct {
		const char *uri, *name;
		int expect;
		const char *want;
	} rows[] = {
		{ VAULT "certificates/ec?chain=yes", "ec", OSSL_STORE_INFO_CERT, "C" },
		{ VAULT "certificates/ec?chain=yes", "issuer", 0, "C" },
		{ VAULT "certificates/ec?chain=yes", "other", 0, "" },
		{ VAULT "certificates/ec", "ec", OSSL_STORE_INFO_PKEY, "" },
		{ VAULT "keys/ec", "ec", 0, "" },
		{ VAULT, "rsa", 0, "N" },
		{ VAULT, "rsa", OSSL_STORE_INFO_PKEY, "" },
	};
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(rows); i++) {
		X509_NAME *name = X509_NAME_new();
		OSSL_STORE_SEARCH *search = OSSL_STORE_SEARCH_by_name(name);
		OSSL_STORE_CTX *s = open_store(ctx, rows[i].uri, rows[i].expect);

		(void)fakevault_reset();
		CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			(const unsigned char *)rows[i].name, -1, -1, 0));
		CHECK(OSSL_STORE_supports_search(s, OSSL_STORE_SEARCH_BY_NAME));
		CHECK(!OSSL_STORE_supports_search(s, OSSL_STORE_SEARCH_BY_ALIAS));
		CHECK(OSSL_STORE_find(s, search));
		CHECK_TEXT(load_all(s), rows[i].want);
		CHECK(ERR_peek_error() == 0);
		OSSL_STORE_close(s);
		OSSL_STORE_SEARCH_free(search);
		X509_NAME_free(name);
	}
	fakevault_context_free(ctx);
}

static void streams(void)
{
	OSSL_LIB_CTX *ctx = fakevault_context(false);
	BIO *in = BIO_new_mem_buf(VAULT "keys/rsa", -1);

	(void)fakevault_reset();
	CHECK(OSSL_STORE_attach(in, "azkv", ctx, NULL, NULL, NULL, NULL, NULL, NULL) ==
		NULL);
	CHECK_TEXT(fakevault_reasons(), "2");
	BIO_free(in);
	fakevault_context_free(ctx);
}

/* Every allocation of ours fails once; OpenSSL has its own. */
static void memory(void)
{
	OSSL_LIB_CTX *ctx = fakevault_context(false);
	unsigned n = 0, failed = 0;
	bool passed = false;

	for (n = 1; n < 200 && !passed; n++) {
		OSSL_STORE_CTX *s;
		const char *got = "!";

		(void)fakevault_reset();
		spy_fail(n);
		s = OSSL_STORE_open_ex(VAULT, ctx, NULL, NULL, NULL, NULL, NULL, NULL);
		if (s)
			got = load_all(s);
		passed = spy_allocations < n;
		spy_fail(0);
		CHECK(passed == (strcmp(got, "NNN") == 0));
		CHECK(passed || strcmp(got, "!") == 0);
		failed += fakevault_reasons()[0] == '1';
		OSSL_STORE_close(s);
	}
	CHECK(passed && failed == n - 2);
	fakevault_context_free(ctx);
}

static const struct test tests[] = {
	{ "opening asks nothing, loading asks once, and the key is the vault's", keys },
	{ "each URI gives what is expected of it, and no more is asked for",
		expectations },
	{ "a public key alone is one of OpenSSL's own", public_keys },
	{ "every name that is listed loads itself, by the same identity",
		listed_names_load },
	{ "a URI that is none of a vault is refused before anything is asked",
		bad_names },
	{ "a failure is raised once, and then the end is reached", failures_end_it },
	{ "a certificate is given although its key cannot be", key_of_certificate_fails },
	{ "certificates are found by subject", by_subject },
	{ "a vault cannot be read from a stream", streams },
	{ "memory that is out is an error, wherever that is noticed", memory },
};

TEST_MAIN(tests)
