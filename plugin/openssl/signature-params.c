/* The parameters of a signature: OpenSSL's own context holds them and answers for them.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <string.h>

#include "openssl/raise.h"
#include "openssl/signature.h"

/* RSA_PSS_SALTLEN_AUTO_DIGEST_MAX, from OpenSSL 3.1 on. */
#define SALT_AUTO_DIGEST_MAX (-4)

int signature_get(void *self, OSSL_PARAM params[])
{
	EVP_PKEY_CTX *ctx = signature_parameters(self);

	return !params || (ctx && EVP_PKEY_CTX_get_params(ctx, params) > 0);
}

/* Once a digest is being made it is no longer changed; the same name again does no harm. */
static int keeps_digest(const struct signature *s, const OSSL_PARAM params[])
{
	const OSSL_PARAM *p =
		OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_DIGEST);
	char name[64], *at = name;

	if (!p)
		return 1;
	if (OSSL_PARAM_get_utf8_string(p, &at, sizeof(name)) &&
		EVP_MD_is_a(EVP_MD_CTX_get0_md(s->stream), name))
		return 1;
	return raise_reason(
		s->provider, REASON_ALGORITHM, "the digest cannot be changed any more");
}

static bool says(const OSSL_PARAM params[], const char *name, const char *text)
{
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, name);
	const char *value = NULL;

	/* Asked for another type, later versions of OpenSSL leave an error behind. */
	return p && p->data_type == OSSL_PARAM_UTF8_STRING &&
		OSSL_PARAM_get_utf8_string_ptr(p, &value) && strcmp(value, text) == 0;
}

/* "auto" is the greatest possible salt for OpenSSL when it signs, and any when it verifies;
 * for a vault it is the digest's length. The verifier then says so, in the algorithm's
 * identifier too, and accepts nothing else. OpenSSL 3.0 takes the newer word for a zero. */
static int settle_salt(EVP_PKEY_CTX *verifier, const OSSL_PARAM params[])
{
	int padding = 0, salt = RSA_PSS_SALTLEN_DIGEST, digest = RSA_PSS_SALTLEN_DIGEST;
	OSSL_PARAM read[] = {
		OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PAD_MODE, &padding),
		OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt),
		OSSL_PARAM_construct_end(),
	};
	const OSSL_PARAM settled[] = {
		OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &digest),
		OSSL_PARAM_construct_end(),
	};

	if (EVP_PKEY_CTX_get_params(verifier, read) <= 0)
		return 0;
	if (padding != RSA_PKCS1_PSS_PADDING ||
		(salt != RSA_PSS_SALTLEN_AUTO && salt != SALT_AUTO_DIGEST_MAX &&
			!says(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN,
				"auto-digestmax")))
		return 1;
	return EVP_PKEY_CTX_set_params(verifier, settled) > 0;
}

/* Where the digest is settled, what a vault cannot do is refused now; a program that only
 * signs digests may still name another one. */
static int set_remote(struct signature *s, const OSSL_PARAM params[])
{
	const struct signing signing = { .key = s->key, .verifier = s->single };

	if (s->stream && !keeps_digest(s, params))
		return 0;
	if (EVP_PKEY_CTX_set_params(s->single, params) <= 0 ||
		(s->key->kind == KEY_RSA && !settle_salt(s->single, params)))
		return 0;
	return !s->stream || signing_is_possible(&signing);
}

int signature_set(void *self, const OSSL_PARAM params[])
{
	struct signature *s = self;
	EVP_PKEY_CTX *ctx = signature_parameters(s);

	if (!params)
		return 1;
	if (!ctx)
		return 0;
	return s->is_remote ? set_remote(s, params)
			    : EVP_PKEY_CTX_set_params(ctx, params) > 0;
}

/* What there is before a key has come; afterwards OpenSSL's own list, which is longer in
 * later versions. */
const OSSL_PARAM *signature_gettable_rsa(void *self, void *provider)
{
	static const OSSL_PARAM list[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
		OSSL_PARAM_END,
	};
	const EVP_PKEY_CTX *ctx = self ? signature_parameters(self) : NULL;

	(void)provider;
	return ctx ? EVP_PKEY_CTX_gettable_params(ctx) : list;
}

const OSSL_PARAM *signature_settable_rsa(void *self, void *provider)
{
	static const OSSL_PARAM list[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_PROPERTIES, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
		OSSL_PARAM_END,
	};
	const EVP_PKEY_CTX *ctx = self ? signature_parameters(self) : NULL;

	(void)provider;
	return ctx ? EVP_PKEY_CTX_settable_params(ctx) : list;
}

const OSSL_PARAM *signature_gettable_ec(void *self, void *provider)
{
	static const OSSL_PARAM list[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
		OSSL_PARAM_size_t(OSSL_SIGNATURE_PARAM_DIGEST_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_END,
	};
	const EVP_PKEY_CTX *ctx = self ? signature_parameters(self) : NULL;

	(void)provider;
	return ctx ? EVP_PKEY_CTX_gettable_params(ctx) : list;
}

const OSSL_PARAM *signature_settable_ec(void *self, void *provider)
{
	static const OSSL_PARAM list[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_size_t(OSSL_SIGNATURE_PARAM_DIGEST_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_uint(OSSL_SIGNATURE_PARAM_KAT, NULL),
		OSSL_PARAM_END,
	};
	const EVP_PKEY_CTX *ctx = self ? signature_parameters(self) : NULL;

	(void)provider;
	return ctx ? EVP_PKEY_CTX_settable_params(ctx) : list;
}

/* Those of the digest in a stream. */
int signature_get_md(void *self, OSSL_PARAM params[])
{
	const struct signature *s = self;

	return !params || (s->stream && EVP_MD_CTX_get_params(s->stream, params));
}

int signature_set_md(void *self, const OSSL_PARAM params[])
{
	const struct signature *s = self;

	return !params || (s->stream && EVP_MD_CTX_set_params(s->stream, params));
}

const OSSL_PARAM *signature_gettable_md(void *self)
{
	const struct signature *s = self;

	return s && s->stream ? EVP_MD_CTX_gettable_params(s->stream) : NULL;
}

const OSSL_PARAM *signature_settable_md(void *self)
{
	const struct signature *s = self;

	return s && s->stream ? EVP_MD_CTX_settable_params(s->stream) : NULL;
}
