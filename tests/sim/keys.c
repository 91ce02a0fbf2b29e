/* The key that signs tokens (RFC 7515, RS256), and its public half.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
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

bool token_start(struct world *w)
{
	struct keys *k = calloc(1, sizeof(*k));
	unsigned char digest[20];
	AUTO_TEXT kid = { 0 };

	if (!k)
		return false;
	w->keys = k;
	k->key = EVP_RSA_gen(2048);
	k->cert = k->key ? tls_self_signed(k->key, "accounts.accesscontrol.windows.net")
			 : NULL;
	if (!k->cert || X509_digest(k->cert, EVP_sha1(), digest, NULL) != 1)
		return false;
	text_add_base64url(&kid, digest, sizeof(digest));
	return TEXT_COPY(k->kid, text_peek(&kid));
}

static bool sign(const struct keys *k, const char *text, struct text *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[512];
	size_t len = sizeof(signature);
	bool good = ctx &&
		EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, k->key) == 1 &&
		EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text,
			strlen(text)) == 1;

	EVP_MD_CTX_free(ctx);
	if (good)
		text_add_base64url(ret, signature, len);
	return good;
}

char *token_sign(const struct world *w, const char *claims)
{
	AUTO_TEXT head = { 0 };
	AUTO_TEXT signature = { 0 };
	struct text jwt = { 0 };

	text_addf(&head,
		"{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5t\":\"%s\",\"kid\":\"%s\"}",
		w->keys->kid, w->keys->kid);
	text_add_base64url(&jwt, (const unsigned char *)text_peek(&head), head.len);
	text_add(&jwt, ".");
	text_add_base64url(&jwt, (const unsigned char *)claims, strlen(claims));
	if (!sign(w->keys, text_peek(&jwt), &signature))
		abort();
	text_addf(&jwt, ".%s", text_peek(&signature));
	return text_move(&jwt);
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

static void add_number(struct text *t, const EVP_PKEY *key, const char *name)
{
	BIGNUM *n = NULL;
	unsigned char bytes[512];

	if (EVP_PKEY_get_bn_param(key, name, &n) == 1 &&
		BN_num_bytes(n) <= (int)sizeof(bytes))
		text_add_base64url(t, bytes, (size_t)BN_bn2bin(n, bytes));
	BN_free(n);
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
	add_number(ret, w->keys->key, OSSL_PKEY_PARAM_RSA_N);
	text_add(ret, "\",\"e\":\"");
	add_number(ret, w->keys->key, OSSL_PKEY_PARAM_RSA_E);
	if (base64) {
		(void)EVP_EncodeBlock(base64, der, len);
		text_addf(ret, "\",\"x5c\":[\"%s\"]", (char *)base64);
	}
	if (issuer)
		text_addf(ret, ",\"issuer\":\"%s\"", issuer);
	text_add(ret, "}]}");
	free(base64);
	OPENSSL_free(der);
}
