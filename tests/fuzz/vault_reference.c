/* Fuzz: reference files. SPDX-License-Identifier: MIT */
#include "openssl/reference.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

static void check_public(EVP_PKEY *k)
{
	int bits = EVP_PKEY_get_bits(k);

	if (EVP_PKEY_is_a(k, "RSA"))
		assert(bits >= 2048 && bits <= 4096);
	else
		assert(EVP_PKEY_is_a(k, "EC") &&
			(bits == 256 || bits == 384 || bits == 521));
}

/* What is read can be written, and is the same when it is read and written again. */
static void check_again(const struct vault_key *k, OSSL_LIB_CTX *inner)
{
	struct vault_key again = { .public_key = NULL };
	unsigned char *first = NULL, *second = NULL;
	size_t first_len = 0, second_len = 0;

	assert(reference_format(&k->uri, k->public_key, &first, &first_len, NULL) ==
		MITOK_OK);
	assert(first_len <= REFERENCE_MAX);
	assert(reference_parse(first, first_len, inner, &again, NULL) == MITOK_OK);
	assert(!k->public_key == !again.public_key);
	assert(!k->public_key || EVP_PKEY_eq(k->public_key, again.public_key) == 1);
	assert(reference_format(&again.uri, again.public_key, &second, &second_len,
		       NULL) == MITOK_OK);
	assert(first_len == second_len && memcmp(first, second, first_len) == 0);
	OPENSSL_free(first);
	OPENSSL_free(second);
	EVP_PKEY_free(again.public_key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static OSSL_LIB_CTX *inner;
	struct vault_key k = { .public_key = NULL };
	struct mitok_err e = { 0 };

	if (!inner)
		inner = OSSL_LIB_CTX_new();
	if (reference_parse(data, size, inner, &k, &e)) {
		assert(e.code == MITOK_E_ARG && e.message[0] && !k.public_key);
		assert(!text_has_control(e.message) && ERR_peek_error() == 0);
		return 0;
	}
	assert(k.uri.kind == URI_KEY && strchr(k.uri.host, '.') && k.uri.name[0]);
	if (k.public_key)
		check_public(k.public_key);
	check_again(&k, inner);
	EVP_PKEY_free(k.public_key);
	assert(ERR_peek_error() == 0);
	return 0;
}
