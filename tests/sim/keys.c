/* The keys that sign tokens (RFC 7515), and their public halves.
 * SPDX-License-Identifier: MIT */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "tls.h"
#include "token.h"

struct keys {
	EVP_PKEY *key;
	X509 *cert;
	char kid[32]; /* base64url SHA-1 of the certificate */
	EVP_PKEY *
		ec; /* P-256, made when it is first asked for; its id is "ec-" and the other's */

	/* Clients come with the same token again and again. */
	char *verified;
	struct json_object *claims;
};

void text_add_base64(struct text *t, const unsigned char *data, size_t len)
{
	char *made = malloc(len * 4 / 3 + 8);

	if (!made)
		abort();
	text_add_bytes(
		t, made, (size_t)EVP_EncodeBlock((unsigned char *)made, data, (int)len));
	free(made);
}

void text_add_base64url(struct text *t, const unsigned char *data, size_t len)
{
	AUTO_TEXT made = { 0 };

	text_add_base64(&made, data, len);
	while (made.len && made.p[made.len - 1] == '=')
		made.len--;
	for (size_t i = 0; i < made.len; i++)
		made.p[i] = (char)(made.p[i] == '+' ? '-'
				: made.p[i] == '/'  ? '_'
						    : made.p[i]);
	text_add_bytes(t, text_peek(&made), made.len);
}

static void free_keys(struct keys *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	EVP_PKEY_free(k->ec);
	X509_free(k->cert);
	free(k->verified);
	json_object_put(k->claims);
	free(k);
}

bool token_start(struct world *w)
{
	struct keys *k = calloc(1, sizeof(*k));
	unsigned char digest[20];
	AUTO_TEXT kid = { 0 };

	if (!k)
		return false;
	free_keys(w->keys);
	w->keys = k;
	k->key = EVP_RSA_gen(2048);
	k->cert = k->key ? tls_self_signed(k->key, "accounts.accesscontrol.windows.net")
			 : NULL;
	if (!k->cert || X509_digest(k->cert, EVP_sha1(), digest, NULL) != 1)
		return false;
	text_add_base64url(&kid, digest, sizeof(digest));
	return TEXT_COPY(k->kid, text_peek(&kid));
}

/* r and s of 32 bytes each, not OpenSSL's DER (RFC 7518, section 3.4). */
static size_t unpack(const unsigned char *der, size_t len, unsigned char *ret)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool good = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret, 32) == 32 &&
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret + 32, 32) == 32;

	ECDSA_SIG_free(sig);
	return good ? 64 : 0;
}

static void sign(EVP_PKEY *key, bool is_pss, const struct text *text, struct text *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey = NULL;
	unsigned char signature[512], raw[64];
	size_t len = sizeof(signature);

	if (!ctx || EVP_DigestSignInit(ctx, &pkey, EVP_sha256(), NULL, key) != 1 ||
		(is_pss &&
			(EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) != 1 ||
				EVP_PKEY_CTX_set_rsa_pss_saltlen(
					pkey, RSA_PSS_SALTLEN_DIGEST) != 1)) ||
		EVP_DigestSign(ctx, signature, &len,
			(const unsigned char *)text_peek(text), text->len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	if (EVP_PKEY_is_a(key, "RSA"))
		text_add_base64url(ret, signature, len);
	else
		text_add_base64url(ret, raw, unpack(signature, len, raw));
}

char *token_sign_as(const struct world *w, const char *alg, const char *claims)
{
	struct keys *k = w->keys;
	bool is_ec = strcmp(alg, "ES256") == 0;
	AUTO_TEXT head = { 0 };
	AUTO_TEXT signature = { 0 };
	struct text jwt = { 0 };

	if (is_ec && !k->ec)
		k->ec = EVP_EC_gen("P-256");
	text_addf(&head, "{\"typ\":\"JWT\",\"alg\":\"%s\"", alg);
	if (!is_ec)
		text_addf(&head, ",\"x5t\":\"%s\"", k->kid);
	text_addf(&head, ",\"kid\":\"%s%s\"}", is_ec ? "ec-" : "", k->kid);
	text_add_base64url(&jwt, (const unsigned char *)text_peek(&head), head.len);
	text_add(&jwt, ".");
	text_add_base64url(&jwt, (const unsigned char *)claims, strlen(claims));
	sign(is_ec ? k->ec : k->key, strcmp(alg, "PS256") == 0, &jwt, &signature);
	text_addf(&jwt, ".%s", text_peek(&signature));
	return text_move(&jwt);
}

char *token_sign(const struct world *w, const char *claims)
{
	return token_sign_as(w, "RS256", claims);
}

struct json_object *token_claims(const char *jwt)
{
	const char *payload = strchr(jwt, '.');
	const char *end = payload ? strchr(payload + 1, '.') : NULL;
	AUTO_TEXT text = { 0 };
	struct json_object *o;

	if (!end || end == payload + 1 || !end[1] || strchr(end + 1, '.') ||
		!text_base64url(payload + 1, (size_t)(end - payload - 1), &text))
		return NULL;
	o = json_tokener_parse(text_peek(&text));
	if (json_object_is_type(o, json_type_object))
		return o;
	json_object_put(o);
	return NULL;
}

static void remember(struct keys *k, const char *jwt, struct json_object *claims)
{
	free(k->verified);
	json_object_put(k->claims);
	k->verified = strdup(jwt);
	k->claims = json_object_get(claims);
}

struct json_object *token_verify(const struct world *w, const char *jwt)
{
	struct json_object *claims;
	const char *dot = strrchr(jwt, '.');
	AUTO_TEXT signature = { 0 };
	EVP_MD_CTX *ctx;
	bool good;

	if (w->keys->verified && strcmp(w->keys->verified, jwt) == 0)
		return json_object_get(w->keys->claims);
	claims = token_claims(jwt);
	ctx = claims ? EVP_MD_CTX_new() : NULL;
	good = ctx && text_base64url(dot + 1, strlen(dot + 1), &signature) &&
		EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, w->keys->key) == 1 &&
		EVP_DigestVerify(ctx, (const unsigned char *)text_peek(&signature),
			signature.len, (const unsigned char *)jwt,
			(size_t)(dot - jwt)) == 1;

	EVP_MD_CTX_free(ctx);
	if (good) {
		remember(w->keys, jwt, claims);
		return claims;
	}
	json_object_put(claims);
	return NULL;
}

/* min: how many bytes it has at least. */
static void add_number(struct text *t, const EVP_PKEY *key, const char *name, int min)
{
	BIGNUM *n = NULL;
	unsigned char bytes[512];
	int len;

	if (EVP_PKEY_get_bn_param(key, name, &n) != 1)
		abort();
	len = BN_num_bytes(n) > min ? BN_num_bytes(n) : min;
	if (len <= (int)sizeof(bytes))
		text_add_base64url(t, bytes, (size_t)BN_bn2binpad(n, bytes, len));
	BN_free(n);
}

static void add_ec_key(const struct keys *k, struct text *ret)
{
	if (!k->ec)
		return;
	text_addf(ret,
		",{\"kty\":\"EC\",\"use\":\"sig\",\"kid\":\"ec-%s\",\"crv\":\"P-256\","
		"\"x\":\"",
		k->kid);
	add_number(ret, k->ec, OSSL_PKEY_PARAM_EC_PUB_X, 32);
	text_add(ret, "\",\"y\":\"");
	add_number(ret, k->ec, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
	text_add(ret, "\"}");
}

void token_add_jwks(const struct world *w, const char *issuer, struct text *ret)
{
	unsigned char *der = NULL;
	int len = i2d_X509(w->keys->cert, &der);
	unsigned char *base64 = len > 0 ? malloc((size_t)len * 4 / 3 + 8) : NULL;

	text_addf(ret,
		"{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\",\"x5t\":\"%"
		"s\"",
		w->keys->kid, w->keys->kid);
	text_add(ret, ",\"n\":\"");
	add_number(ret, w->keys->key, OSSL_PKEY_PARAM_RSA_N, 0);
	text_add(ret, "\",\"e\":\"");
	add_number(ret, w->keys->key, OSSL_PKEY_PARAM_RSA_E, 0);
	if (base64) {
		(void)EVP_EncodeBlock(base64, der, len);
		text_addf(ret, "\",\"x5c\":[\"%s\"]", (char *)base64);
	}
	if (issuer)
		text_addf(ret, ",\"issuer\":\"%s\"", issuer);
	text_add(ret, "}");
	add_ec_key(w->keys, ret);
	text_add(ret, "]}");
	free(base64);
	OPENSSL_free(der);
}
