/* An issuer of tokens with keys made at run time.
 * SPDX-License-Identifier: MIT */
#include "signer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static EVP_PKEY *keys[SIGNER_COUNT];

void signer_start(void)
{
	keys[SIGNER_RSA] = EVP_RSA_gen(2048);
	keys[SIGNER_OTHER] = EVP_RSA_gen(2048);
	keys[SIGNER_WEAK] = EVP_RSA_gen(1024);
	keys[SIGNER_EC] = EVP_EC_gen("P-256");
	for (int i = 0; i < SIGNER_COUNT; i++)
		if (!keys[i])
			abort();
}

void signer_end(void)
{
	for (int i = 0; i < SIGNER_COUNT; i++)
		EVP_PKEY_free(keys[i]);
}

void signer_add_base64url(const char *bytes, size_t len, struct text *ret)
{
	size_t size = len / 3 * 4 + 8;
	char *made = calloc(1, size);
	int n;

	if (!made)
		abort();
	n = EVP_EncodeBlock(
		(unsigned char *)made, (const unsigned char *)bytes, (int)len);
	while (n > 0 && made[n - 1] == '=')
		n--;
	for (int i = 0; i < n; i++)
		made[i] = (char)(made[i] == '+' ? '-' : made[i] == '/' ? '_' : made[i]);
	text_add_bytes(ret, made, (size_t)n);
	free(made);
}

static void add_number(enum signer_key key, const char *param, const char *name, int len,
	struct text *ret)
{
	unsigned char bytes[512];
	BIGNUM *n = NULL;

	if (EVP_PKEY_get_bn_param(keys[key], param, &n) != 1)
		abort();
	len = BN_bn2binpad(n, bytes, len ? len : BN_num_bytes(n));
	BN_free(n);
	text_addf(ret, ",\"%s\":\"", name);
	signer_add_base64url((const char *)bytes, (size_t)len, ret);
	text_add(ret, "\"");
}

void signer_add_jwk(
	enum signer_key key, const char *kid, const char *more, struct text *ret)
{
	text_addf(ret, "{\"kid\":\"%s\",", kid);
	if (key == SIGNER_EC) {
		text_add(ret, "\"kty\":\"EC\",\"crv\":\"P-256\"");
		add_number(key, OSSL_PKEY_PARAM_EC_PUB_X, "x", 32, ret);
		add_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, "y", 32, ret);
	} else {
		text_add(ret, "\"kty\":\"RSA\"");
		add_number(key, OSSL_PKEY_PARAM_RSA_N, "n", 0, ret);
		add_number(key, OSSL_PKEY_PARAM_RSA_E, "e", 0, ret);
	}
	text_addf(ret, "%s}", more);
}

static void add_hmac(enum signer_key key, enum signer_way way, const char *bytes,
	size_t len, struct text *ret)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char mac[EVP_MAX_MD_SIZE], n[512];
	unsigned mac_len = 0;
	BIGNUM *bn = NULL;
	char *secret = (char *)n;
	long secret_len;

	if (!bio || PEM_write_bio_PUBKEY(bio, keys[key]) != 1 ||
		EVP_PKEY_get_bn_param(keys[key], OSSL_PKEY_PARAM_RSA_N, &bn) != 1)
		abort();
	secret_len = BN_bn2bin(bn, n);
	if (way == SIGNER_HS256)
		secret_len = BIO_get_mem_data(bio, &secret);
	(void)HMAC(EVP_sha256(), secret, (int)secret_len, (const unsigned char *)bytes,
		len, mac, &mac_len);
	text_add_bytes(ret, (char *)mac, mac_len);
	BN_free(bn);
	BIO_free(bio);
}

/* From DER to r and s of 32 bytes each (RFC 7518, section 3.4). */
static void add_raw(const unsigned char *der, size_t len, struct text *ret)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	unsigned char raw[64];

	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32) != 32 ||
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32) != 32)
		abort();
	ECDSA_SIG_free(sig);
	text_add_bytes(ret, (char *)raw, sizeof(raw));
}

void signer_add_signature(enum signer_key key, enum signer_way way, const char *bytes,
	size_t len, struct text *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey = NULL;
	unsigned char made[512];
	size_t made_len = sizeof(made);

	if (way == SIGNER_HS256 || way == SIGNER_HS256_JWKS) {
		EVP_MD_CTX_free(ctx);
		add_hmac(key, way, bytes, len, ret);
		return;
	}
	if (!ctx ||
		EVP_DigestSignInit(ctx, &pkey,
			way == SIGNER_RS512 ? EVP_sha512() : EVP_sha256(), NULL,
			keys[key]) != 1 ||
		((way == SIGNER_PS256 || way == SIGNER_PS256_SALTY) &&
			(EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) != 1 ||
				EVP_PKEY_CTX_set_rsa_pss_saltlen(
					pkey, way == SIGNER_PS256 ? 32 : 48) != 1)) ||
		EVP_DigestSign(ctx, made, &made_len, (const unsigned char *)bytes, len) !=
			1)
		abort();
	EVP_MD_CTX_free(ctx);
	if (way == SIGNER_ES256)
		add_raw(made, made_len, ret);
	else
		text_add_bytes(ret, (char *)made, made_len);
}

void signer_add_token(enum signer_key key, enum signer_way way, const char *header,
	const char *claims, struct text *ret)
{
	AUTO_TEXT jwt = { 0 };
	AUTO_TEXT signature = { 0 };

	signer_add_base64url(header, strlen(header), &jwt);
	text_add(&jwt, ".");
	signer_add_base64url(claims, strlen(claims), &jwt);
	signer_add_signature(key, way, text_peek(&jwt), jwt.len, &signature);
	text_add_bytes(ret, text_peek(&jwt), jwt.len);
	text_add(ret, ".");
	signer_add_base64url(text_peek(&signature), signature.len, ret);
}
