/* ASYM_CIPHER (provider-asym_cipher(7)): a vault decrypts with its keys, OpenSSL does all
 * else. SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "openssl/decryption.h"
#include "openssl/inner.h"
#include "openssl/raise.h"

/* OSSL_ASYM_CIPHER_PARAM_IMPLICIT_REJECTION, from OpenSSL 3.2 on. */
#define IMPLICIT_REJECTION "implicit-rejection"

struct cipher {
	struct provider *provider;
	struct key *key;   /* NULL before the first init */
	EVP_PKEY_CTX *ctx; /* in the inner context; holds the parameters */
	bool is_remote;    /* a vault decrypts, and ctx is what can encrypt for it */
};

static void *cipher_new(void *provider)
{
	struct cipher *c = calloc(1, sizeof(*c));

	if (!c) {
		(void)raise_reason(provider, REASON_FAILED, "out of memory");
		return NULL;
	}
	c->provider = provider;
	return c;
}

static void cipher_free(void *self)
{
	struct cipher *c = self;

	if (!c)
		return;
	EVP_PKEY_CTX_free(c->ctx);
	key_free(c->key);
	free(c);
}

static void *cipher_dup(void *self)
{
	const struct cipher *from = self;
	struct cipher *to = cipher_new(from->provider);

	if (!to)
		return NULL;
	to->is_remote = from->is_remote;
	to->key = from->key ? key_ref(from->key) : NULL;
	to->ctx = from->ctx ? EVP_PKEY_CTX_dup(from->ctx) : NULL;
	if (from->ctx && !to->ctx) {
		cipher_free(to);
		return NULL;
	}
	return to;
}

/* A vault tells when padding is wrong, and so do we. */
static int refuse_rejection(const struct cipher *c, const OSSL_PARAM params[])
{
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, IMPLICIT_REJECTION);
	unsigned wanted = 0;

	if (!p || (OSSL_PARAM_get_uint(p, &wanted) && wanted == 0))
		return 1;
	return raise_reason(c->provider, REASON_ALGORITHM,
		"a vault has no implicit rejection of PKCS#1 v1.5");
}

static int cipher_set(void *self, const OSSL_PARAM params[])
{
	const struct cipher *c = self;

	if (!params)
		return 1;
	if (!c->ctx || (c->is_remote && !refuse_rejection(c, params)))
		return 0;
	return EVP_PKEY_CTX_set_params(c->ctx, params) > 0;
}

static int cipher_get(void *self, OSSL_PARAM params[])
{
	const struct cipher *c = self;

	return !params || (c->ctx && EVP_PKEY_CTX_get_params(c->ctx, params) > 0);
}

static int begin(struct cipher *c, struct key *k,
	int (*init)(EVP_PKEY_CTX *ctx, const OSSL_PARAM params[]))
{
	OSSL_LIB_CTX *inner = inner_context(c->provider);

	if (!inner)
		return 0;
	if (!k || !k->inner)
		return raise_reason(
			c->provider, REASON_KEY, "there is no key to do it with");
	(void)key_ref(k);
	key_free(c->key);
	EVP_PKEY_CTX_free(c->ctx);
	c->key = k;
	c->ctx = EVP_PKEY_CTX_new_from_pkey(inner, k->inner, NULL);
	return c->ctx && init(c->ctx, NULL) > 0;
}

static int cipher_encrypt_init(void *self, void *key, const OSSL_PARAM params[])
{
	struct cipher *c = self;

	c->is_remote = false;
	return begin(c, key, EVP_PKEY_encrypt_init_ex) && cipher_set(c, params);
}

static int cipher_decrypt_init(void *self, void *key, const OSSL_PARAM params[])
{
	unsigned no = 0;
	const OSSL_PARAM explicit_rejection[] = {
		OSSL_PARAM_construct_uint(IMPLICIT_REJECTION, &no),
		OSSL_PARAM_construct_end(),
	};
	struct cipher *c = self;
	const struct key *k = key;

	c->is_remote = k && key_is_vaults(k);
	if (!c->is_remote)
		return begin(c, key, EVP_PKEY_decrypt_init_ex) && cipher_set(c, params);
	return begin(c, key, EVP_PKEY_encrypt_init_ex) &&
		cipher_set(c, explicit_rejection) && cipher_set(c, params);
}

static int not_begun(const struct cipher *c)
{
	return raise_reason(c->provider, REASON_FAILED, "nothing was begun");
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int cipher_encrypt(void *self, unsigned char *out, size_t *ret_len, size_t size,
	const unsigned char *in, size_t len)
{
	const struct cipher *c = self;

	if (!c->ctx)
		return not_begun(c);
	*ret_len = size;
	return EVP_PKEY_encrypt(c->ctx, out, ret_len, in, len);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int cipher_decrypt(void *self, unsigned char *out, size_t *ret_len, size_t size,
	const unsigned char *in, size_t len)
{
	const struct cipher *c = self;
	const struct decryption d = {
		.key = c->key,
		.encrypter = c->ctx,
		.in = in,
		.in_len = len,
	};
	size_t need = 0;

	if (!c->ctx)
		return not_begun(c);
	if (!c->is_remote) {
		*ret_len = size;
		return EVP_PKEY_decrypt(c->ctx, out, ret_len, in, len);
	}
	if (!decryption_size(&d, &need))
		return 0;
	if (!out) {
		*ret_len = need;
		return 1;
	}
	if (size < need)
		return raise_reason(c->provider, REASON_SIZE,
			"decryption needs room for %zu bytes, not %zu", need, size);
	return decryption_do(&d, out, ret_len);
}

/* What there is before a key has come; afterwards OpenSSL's own list, which is longer in
 * later versions. */
static const OSSL_PARAM *cipher_gettable(void *self, void *provider)
{
	static const OSSL_PARAM list[] = {
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_octet_ptr(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, NULL, 0),
		OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, NULL),
		OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_NEGOTIATED_VERSION, NULL),
		OSSL_PARAM_END,
	};
	const struct cipher *c = self;

	(void)provider;
	return c && c->ctx ? EVP_PKEY_CTX_gettable_params(c->ctx) : list;
}

static const OSSL_PARAM *cipher_settable(void *self, void *provider)
{
	static const OSSL_PARAM list[] = {
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST_PROPS, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST_PROPS, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, NULL, 0),
		OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, NULL),
		OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_NEGOTIATED_VERSION, NULL),
		OSSL_PARAM_END,
	};
	const struct cipher *c = self;

	(void)provider;
	return c && c->ctx ? EVP_PKEY_CTX_settable_params(c->ctx) : list;
}

// clang-format off
#define ROW(name, function) { OSSL_FUNC_ASYM_CIPHER_##name, (void (*)(void))(function) }

const OSSL_DISPATCH cipher_rsa[] = {
	ROW(NEWCTX, cipher_new),
	ROW(FREECTX, cipher_free),
	ROW(DUPCTX, cipher_dup),
	ROW(ENCRYPT_INIT, cipher_encrypt_init),
	ROW(ENCRYPT, cipher_encrypt),
	ROW(DECRYPT_INIT, cipher_decrypt_init),
	ROW(DECRYPT, cipher_decrypt),
	ROW(GET_CTX_PARAMS, cipher_get),
	ROW(GETTABLE_CTX_PARAMS, cipher_gettable),
	ROW(SET_CTX_PARAMS, cipher_set),
	ROW(SETTABLE_CTX_PARAMS, cipher_settable),
	{ 0, NULL },
};
// clang-format on
