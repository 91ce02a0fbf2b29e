/* Fuzz: sets of keys, from a file or from whoever answers for Entra. What is taken is public and has
 * an id; nothing was signed by it.
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "../../helper/verify/keyset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct crypto crypto;

static void check_key(struct jwk *k)
{
	static unsigned char signature[2048] = { 1 };
	static const char signed_text[] = "a.b";

	assert(k->kid && *k->kid && k->pkey && k->bits > 0);
	for (int a = 0; a < ALG_COUNT; a++) {
		const struct token t = { .alg = (enum alg)a,
			.signed_text = signed_text,
			.signed_len = 3,
			.signature = signature,
			.signature_len = k->signature_len };

		if (k->signature_len <= sizeof(signature))
			assert(jwk_verify(&crypto, k, &t, NULL) != REASON_NONE);
	}
	assert(ERR_peek_error() == 0);
}

static void check_set(const struct keyset *s)
{
	unsigned count = 0;

	for (struct jwk *k = s->keys; k; k = k->next, count++) {
		enum reason why = REASON_NONE;

		assert(keyset_has(s, k->kid));
		if (!keyset_find(s, k->kid, "https://sts.windows.net/x/", &why, NULL))
			assert(why == REASON_KEY_ISSUER);
		if (count < 4)
			check_key(k);
	}
	assert(count > 0 && count <= KEYSET_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mitok_err e = { .code = MITOK_OK };
	struct keyset *s = NULL;
	AUTO_JSON j = NULL;
	enum mitok_code r;

	if (!crypto.ctx && crypto_start(&crypto, NULL))
		abort();
	if (json_parse((const char *)data, size, &j, NULL))
		return 0;
	r = keyset_read(&crypto, j, &s, &e);
	assert(r == MITOK_OK || r == MITOK_E_REPLY || r == MITOK_E_BUG);
	assert((r == MITOK_OK) == (s != NULL));
	if (s)
		check_set(s);
	keyset_free(s);
	return 0;
}
