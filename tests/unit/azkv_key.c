/* Keys that are in a vault, as OpenSSL has them: the public half can be had, the private one
 * is said to be there. No vault is asked for any of it.
 * SPDX-License-Identifier: MIT */
#include "openssl/key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "keystore.h"
#include "openssl/raise.h"
#include "test.h"

static const enum key_kind kinds[] = { KEY_RSA, KEY_EC };

/* keystore.kept[i] as this context has it: whole, or the public half. */
static EVP_PKEY *as_foreign(int selection, enum key_kind kind)
{
	EVP_PKEY_CTX *op =
		EVP_PKEY_CTX_new_from_name(keystore.ctx, key_kind_name(kind), NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	CHECK(EVP_PKEY_todata(keystore.kept[kind], selection, &params) == 1);
	CHECK(op && EVP_PKEY_fromdata_init(op) == 1);
	CHECK(EVP_PKEY_fromdata(op, &key, selection, params) == 1);
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(op);
	return key;
}

static void told(void)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		char text[128] = "", want[128] = "";
		size_t len;

		CHECK(EVP_PKEY_get_bits(keystore.keys[i]) ==
			EVP_PKEY_get_bits(keystore.kept[i]));
		CHECK(EVP_PKEY_get_size(keystore.keys[i]) ==
			EVP_PKEY_get_size(keystore.kept[i]));
		CHECK(EVP_PKEY_get_security_bits(keystore.keys[i]) ==
			EVP_PKEY_get_security_bits(keystore.kept[i]));
		CHECK(EVP_PKEY_get_base_id(keystore.keys[i]) ==
			EVP_PKEY_get_base_id(keystore.kept[i]));
		/* 2 were a digest that must be used. */
		CHECK(EVP_PKEY_get_default_digest_name(
			      keystore.keys[i], text, sizeof(text)) == 1);
		CHECK_TEXT(text, "SHA256");
		CHECK(EVP_PKEY_get_utf8_string_param(keystore.keys[i], "azkv-uri", text,
			      sizeof(text), &len) == 1);
		(void)snprintf(want, sizeof(want), KEYSTORE_URI "%s/" KEYSTORE_VERSION,
			i ? "ec" : "rsa");
		CHECK_TEXT(text, want);
		CHECK(len == strlen(want));
		CHECK(EVP_PKEY_get_utf8_string_param(
			      keystore.keys[i], "azkv-uri", text, 10, NULL) == 0);
	}
}

static void same_numbers(const EVP_PKEY *a, const EVP_PKEY *b, const char *name)
{
	BIGNUM *x = NULL, *y = NULL;

	CHECK_ROW(name, EVP_PKEY_get_bn_param(a, name, &x) == 1);
	CHECK_ROW(name, EVP_PKEY_get_bn_param(b, name, &y) == 1);
	CHECK_ROW(name, x && y && BN_cmp(x, y) == 0);
	BN_free(x);
	BN_free(y);
}

/* Takes both. */
static void same_bytes(unsigned char *a, size_t a_len, unsigned char *b, size_t b_len)
{
	CHECK(a && b && a_len > 0 && a_len == b_len && memcmp(a, b, a_len) == 0);
	OPENSSL_free(a);
	OPENSSL_free(b);
}

/* Public numbers, points and structures are those of the whole key. */
static void public_half(void)
{
	unsigned char *a = NULL, *b = NULL;
	size_t len, b_len;

	same_numbers(
		keystore.keys[KEY_RSA], keystore.kept[KEY_RSA], OSSL_PKEY_PARAM_RSA_N);
	same_numbers(
		keystore.keys[KEY_RSA], keystore.kept[KEY_RSA], OSSL_PKEY_PARAM_RSA_E);
	same_numbers(
		keystore.keys[KEY_EC], keystore.kept[KEY_EC], OSSL_PKEY_PARAM_EC_PUB_X);
	same_numbers(
		keystore.keys[KEY_EC], keystore.kept[KEY_EC], OSSL_PKEY_PARAM_EC_PUB_Y);
	len = EVP_PKEY_get1_encoded_public_key(keystore.keys[KEY_EC], &a);
	CHECK(len == 97);
	b_len = EVP_PKEY_get1_encoded_public_key(keystore.kept[KEY_EC], &b);
	same_bytes(a, len, b, b_len);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		int mine, theirs;

		a = b = NULL;
		mine = i2d_PUBKEY(keystore.keys[i], &a);
		theirs = i2d_PUBKEY(keystore.kept[i], &b);
		CHECK(mine > 0 && theirs > 0);
		same_bytes(a, (size_t)mine, b, (size_t)theirs);
	}
}

static int count_params(const OSSL_PARAM params[], void *arg)
{
	for (; params->key; params++)
		++*(unsigned *)arg;
	return 1;
}

/* No private number, in no way; and no error, because libcrypto tries it at every use. */
static void private_half(void)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
		OSSL_PKEY_PARAM_PRIV_KEY };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		unsigned count = 0;

		for (size_t j = 0; j < COUNT(names); j++) {
			BIGNUM *number = NULL;

			CHECK_ROW(names[j],
				EVP_PKEY_get_bn_param(
					keystore.keys[i], names[j], &number) == 0);
			BN_free(number);
		}
		ERR_clear_error();
		for (int selection = 0; selection < 0x100; selection++)
			if (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY)
				CHECK(EVP_PKEY_export(keystore.keys[i], selection,
					      count_params, &count) == 0);
		CHECK(count == 0);
		CHECK(ERR_peek_error() == 0);
		CHECK(EVP_PKEY_export(keystore.keys[i], EVP_PKEY_PUBLIC_KEY, count_params,
			      &count) == 1);
		CHECK(count >= 2);
	}
}

/* It is never OpenSSL that signs: there is nothing it could sign with. */
static void not_signed_by_others(void)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		EVP_MD_CTX *op = EVP_MD_CTX_new();

		CHECK(EVP_DigestSignInit_ex(op, NULL, "SHA256", keystore.ctx, NULL,
			      keystore.keys[i], NULL) <= 0);
		EVP_MD_CTX_free(op);
	}
}

static void compared(void)
{
	static const int selections[] = { OSSL_KEYMGMT_SELECT_ALL, EVP_PKEY_PUBLIC_KEY };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		EVP_PKEY *another = keystore_new_key(keystore.ctx, kinds[i]);

		for (size_t j = 0; j < COUNT(selections); j++) {
			EVP_PKEY *foreign = as_foreign(selections[j], kinds[i]);

			CHECK(EVP_PKEY_eq(keystore.keys[i], foreign) == 1);
			CHECK(EVP_PKEY_eq(foreign, keystore.keys[i]) == 1);
			CHECK(EVP_PKEY_eq(foreign, another) == 0);
			EVP_PKEY_free(foreign);
		}
		CHECK(EVP_PKEY_eq(keystore.keys[i], keystore.kept[i]) == 1);
		CHECK(EVP_PKEY_eq(keystore.kept[i], keystore.keys[i]) == 1);
		CHECK(EVP_PKEY_eq(keystore.keys[i], keystore.keys[i]) == 1);
		CHECK(EVP_PKEY_eq(keystore.keys[i], another) == 0);
		CHECK(EVP_PKEY_eq(another, keystore.keys[i]) == 0);
		CHECK(EVP_PKEY_parameters_eq(keystore.keys[i], another) == 1);
		EVP_PKEY_free(another);
	}
	CHECK(EVP_PKEY_eq(keystore.keys[KEY_RSA], keystore.keys[KEY_EC]) < 1);
}

/* A copy is the same key; what has its parameters alone is no vault's, and can be filled. */
static void copied(void)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		EVP_PKEY *dup = EVP_PKEY_dup(keystore.keys[i]);
		char text[128] = "";

		CHECK(dup && EVP_PKEY_eq(dup, keystore.keys[i]) == 1);
		CHECK(EVP_PKEY_get_utf8_string_param(
			      dup, "azkv-uri", text, sizeof(text), NULL) == 1);
		CHECK(text_starts(text, KEYSTORE_URI));
		EVP_PKEY_free(dup);
	}
}

static void filled(void)
{
	EVP_PKEY *to = EVP_PKEY_new(), *other = keystore_new_key(keystore.ctx, KEY_EC);
	unsigned char *point = NULL;
	size_t len = EVP_PKEY_get1_encoded_public_key(other, &point);
	char text[128] = "";

	CHECK(EVP_PKEY_copy_parameters(to, keystore.keys[KEY_EC]) == 1);
	CHECK(EVP_PKEY_parameters_eq(to, keystore.keys[KEY_EC]) == 1);
	CHECK(EVP_PKEY_eq(to, keystore.keys[KEY_EC]) != 1);
	CHECK(EVP_PKEY_get_utf8_string_param(to, "azkv-uri", text, sizeof(text), NULL) ==
		0);
	CHECK(EVP_PKEY_set1_encoded_public_key(to, point, len) == 1);
	CHECK(EVP_PKEY_eq(to, other) == 1);

	/* The key itself stays what it is. */
	ERR_clear_error();
	CHECK(EVP_PKEY_set1_encoded_public_key(keystore.keys[KEY_EC], point, len) == 0);
	CHECK(ERR_GET_REASON(ERR_peek_error()) == REASON_KEY);
	CHECK(EVP_PKEY_eq(keystore.keys[KEY_EC], keystore.kept[KEY_EC]) == 1);
	OPENSSL_free(point);
	EVP_PKEY_free(other);
	EVP_PKEY_free(to);
}

static void checked(void)
{
	static int (*const checks[])(EVP_PKEY_CTX *) = { EVP_PKEY_check,
		EVP_PKEY_public_check, EVP_PKEY_public_check_quick, EVP_PKEY_param_check,
		EVP_PKEY_private_check, EVP_PKEY_pairwise_check };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		EVP_PKEY_CTX *op =
			EVP_PKEY_CTX_new_from_pkey(keystore.ctx, keystore.keys[i], NULL);

		for (size_t j = 0; j < COUNT(checks); j++)
			CHECK(checks[j](op) == 1);
		EVP_PKEY_CTX_free(op);
	}
}

/* A certificate for a key, and the question whether they belong together. */
static void certified(void)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		EVP_PKEY *other = keystore_new_key(keystore.ctx, kinds[i]);
		X509 *cert = X509_new_ex(keystore.ctx, NULL), *read = NULL;
		unsigned char *der = NULL;
		const unsigned char *p;
		int len;

		CHECK(cert && X509_set_pubkey(cert, keystore.keys[i]) == 1);
		CHECK(X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL);
		CHECK(X509_gmtime_adj(X509_getm_notAfter(cert), 60) != NULL);
		CHECK(X509_sign(cert, other, EVP_sha256()) > 0);
		len = i2d_X509(cert, &der);
		p = der;
		read = X509_new_ex(keystore.ctx, NULL);
		CHECK(len > 0 && d2i_X509(&read, &p, len) != NULL);
		CHECK(X509_check_private_key(read, keystore.keys[i]) == 1);
		CHECK(X509_check_private_key(read, other) == 0);
		OPENSSL_free(der);
		X509_free(read);
		X509_free(cert);
		EVP_PKEY_free(other);
	}
}

/* A reference is emptied by those alone who may take it. */
static void handed_over(void)
{
	struct provider p = { 0 };
	struct key *k = key_new(&p, KEY_EC), *place = k;

	CHECK(k != NULL);
	CHECK(key_take(&place, sizeof(void *), KEY_RSA) == NULL);
	CHECK(key_take(&place, sizeof(void *) - 1, KEY_EC) == NULL);
	CHECK(key_take(NULL, sizeof(void *), KEY_EC) == NULL);
	CHECK(place == k);
	CHECK(key_take(&place, sizeof(void *), KEY_EC) == k);
	CHECK(place == NULL);
	CHECK(key_take(&place, sizeof(void *), KEY_EC) == NULL);
	key_free(k);
	key_free(NULL);
}

#define EACH(name)                         \
	static void name##_each(void)      \
	{                                  \
		keystore_each_order(name); \
	}
EACH(told)
EACH(public_half)
EACH(private_half)
EACH(not_signed_by_others)
EACH(compared)
EACH(copied)
EACH(filled)
EACH(checked)
EACH(certified)

static const struct test tests[] = {
	{ "sizes, digest and URI are told", told_each },
	{ "the public half is there in all its forms", public_half_each },
	{ "the private half is not, and that is no error", private_half_each },
	{ "no other provider signs with it", not_signed_by_others_each },
	{ "it is equal to the same key elsewhere, both ways", compared_each },
	{ "a copy is the same key", copied_each },
	{ "its parameters make a key that can be filled; itself cannot", filled_each },
	{ "its public half is checked", checked_each },
	{ "a certificate belongs to it, or does not", certified_each },
	{ "a key is handed over once, to the right taker", handed_over },
};

int main(void)
{
	int status = test_run(tests, COUNT(tests));

	keystore_end();
	return status;
}
