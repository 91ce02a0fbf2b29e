/* What programs do with a key.
 * SPDX-License-Identifier: MIT */
#include "program.h"

#include <openssl/params.h>
#include <stdint.h>

bool program_set(EVP_PKEY_CTX *ctx, const char *name, const char *value)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(name, (char *)(uintptr_t)value, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_PKEY_CTX_set_params(ctx, params) > 0;
}

bool program_set_int(EVP_PKEY_CTX *ctx, const char *name, int value)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(name, &value),
		OSSL_PARAM_construct_end(),
	};

	return EVP_PKEY_CTX_set_params(ctx, params) > 0;
}

EVP_MD_CTX *program_begin(
	EVP_PKEY *key, const char *digest, EVP_PKEY_CTX **ret_parameters)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (EVP_DigestSignInit_ex(
		    ctx, ret_parameters, digest, fake_program, NULL, key, NULL) > 0)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

bool program_finish(EVP_MD_CTX *ctx, struct program_signature *ret)
{
	ret->len = sizeof(ret->p);
	return ctx &&
		EVP_DigestSign(ctx, ret->p, &ret->len,
			(const unsigned char *)PROGRAM_TEXT, PROGRAM_LEN) > 0;
}

bool program_verifies(const char *name, const char *digest, bool is_pss,
	const struct program_signature *s)
{
	EVP_PKEY *key = fake_public(name);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool ok;

	ok = EVP_DigestVerifyInit_ex(ctx, &pctx, digest, fake_plain, NULL, key, NULL) > 0;
	if (ok && is_pss)
		ok = program_set(pctx, OSSL_SIGNATURE_PARAM_PAD_MODE, "pss") &&
			program_set(pctx, OSSL_SIGNATURE_PARAM_PSS_SALTLEN, "digest");
	ok = ok &&
		EVP_DigestVerify(ctx, s->p, s->len, (const unsigned char *)PROGRAM_TEXT,
			PROGRAM_LEN) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

bool program_sign(EVP_PKEY *key, const char *digest, const void *tbs, size_t len,
	struct program_signature *ret)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(fake_program, key, NULL);
	bool ok = EVP_PKEY_sign_init(ctx) > 0 &&
		(!digest || program_set(ctx, OSSL_SIGNATURE_PARAM_DIGEST, digest));

	ret->len = sizeof(ret->p);
	ok = ok && EVP_PKEY_sign(ctx, ret->p, &ret->len, tbs, len) > 0;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

bool program_verifies_digest(const char *name, const char *digest, const void *tbs,
	size_t len, const struct program_signature *s)
{
	EVP_PKEY *key = fake_public(name);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(fake_plain, key, NULL);
	bool ok = EVP_PKEY_verify_init(ctx) > 0 &&
		(!digest || program_set(ctx, OSSL_SIGNATURE_PARAM_DIGEST, digest)) &&
		EVP_PKEY_verify(ctx, s->p, s->len, tbs, len) == 1;

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}
