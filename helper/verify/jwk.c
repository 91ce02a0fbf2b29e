/* A public key of an issuer (RFC 7517, RFC 7518).
 * SPDX-License-Identifier: MIT */
#include "jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "operation.h"

/* Larger ones would only cost time. */
#define RSA_MAX_BITS 8192
#define NUMBER_MAX   (RSA_MAX_BITS / 8)
#define P256_BYTES   32

enum mitok_code crypto_start(struct crypto *ret, struct mitok_err *e)
{
	ret->ctx = OSSL_LIB_CTX_new();
	ret->sha256 = ret->ctx ? EVP_MD_fetch(ret->ctx, "SHA2-256", NULL) : NULL;
	return ret->sha256 ? MITOK_OK : err_set(e, MITOK_E_BUG, "OpenSSL has no SHA-256");
}

void crypto_stop(struct crypto *c)
{
	EVP_MD_free(c->sha256);
	OSSL_LIB_CTX_free(c->ctx);
	*c = (struct crypto){ NULL, NULL };
}

/* One unsigned number, the most significant byte first. */
struct number {
	unsigned char bytes[NUMBER_MAX + 3];
	size_t len;
};

static bool read_number(const struct json *j, const char *name, struct number *ret)
{
	const char *text = json_text(json_member(j, name));
	size_t len = text ? strlen(text) : 0;

	return len && BASE64URL_BYTES(len) <= sizeof(ret->bytes) &&
		base64url_decode(text, len, ret->bytes, &ret->len) && ret->len;
}

static bool push_number(
	OSSL_PARAM_BLD *build, const char *name, const struct number *n, BIGNUM **ret)
{
	*ret = BN_bin2bn(n->bytes, (int)n->len, NULL);
	return *ret && OSSL_PARAM_BLD_push_BN(build, name, *ret);
}

static EVP_PKEY *make_pkey(
	const struct crypto *c, const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(c->ctx, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* Odd, not 1, in no more bytes than it needs, and no longer than anybody's. */
static bool is_exponent(const struct number *e)
{
	return e->len <= 4 && e->bytes[0] && (e->bytes[e->len - 1] & 1) &&
		(e->len > 1 || e->bytes[0] > 1);
}

/* RFC 7518, section 6.3.1. NULL: no such key can be. */
static EVP_PKEY *read_rsa(const struct crypto *c, const struct json *j)
{
	struct number n, e;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *bn = NULL, *be = NULL;
	EVP_PKEY *pkey = NULL;

	if (build && read_number(j, "n", &n) && (n.bytes[n.len - 1] & 1) &&
		read_number(j, "e", &e) && is_exponent(&e) &&
		push_number(build, OSSL_PKEY_PARAM_RSA_N, &n, &bn) &&
		push_number(build, OSSL_PKEY_PARAM_RSA_E, &e, &be) &&
		BN_num_bits(bn) <= RSA_MAX_BITS)
		pkey = make_pkey(c, "RSA", build);
	OSSL_PARAM_BLD_free(build);
	BN_free(bn);
	BN_free(be);
	return pkey;
}

/* RFC 7518, section 6.2.1: coordinates have their full length. The point is on the curve. */
static EVP_PKEY *read_p256(const struct crypto *c, const struct json *j)
{
	unsigned char point[1 + 2 * P256_BYTES] = { POINT_CONVERSION_UNCOMPRESSED };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	struct number x, y;
	EVP_PKEY *pkey = NULL;

	if (build && read_number(j, "x", &x) && read_number(j, "y", &y) &&
		x.len == P256_BYTES && y.len == P256_BYTES) {
		memcpy(point + 1, x.bytes, P256_BYTES);
		memcpy(point + 1 + P256_BYTES, y.bytes, P256_BYTES);
		if (OSSL_PARAM_BLD_push_utf8_string(
			    build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) &&
			OSSL_PARAM_BLD_push_octet_string(
				build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)))
			pkey = make_pkey(c, "EC", build);
	}
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

static bool has_verify(const struct json *ops)
{
	if (ops->kind != JSON_ARRAY)
		return false;
	for (const struct json *op = ops->child; op; op = op->next)
		if (json_text(op) && strcmp(json_text(op), "verify") == 0)
			return true;
	return false;
}

/* What a key says of its use is believed, or the key is not: of another type it says nothing that
 * could be obeyed. */
static bool are_texts(const struct json *j)
{
	static const char *const names[] = { "kty", "kid", "use", "alg", "issuer" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (json_member(j, names[i]) && !json_text(json_member(j, names[i])))
			return false;
	return true;
}

/* RFC 7517, sections 4.1 to 4.5. */
static bool is_for_tokens(const struct json *j)
{
	const char *kty = json_text(json_member(j, "kty"));
	const char *crv = json_text(json_member(j, "crv"));
	const char *kid = json_text(json_member(j, "kid"));
	const char *use = json_text(json_member(j, "use"));
	const struct json *ops = json_member(j, "key_ops");

	if (!are_texts(j) || !kty || !kid || !*kid || (use && strcmp(use, "sig") != 0) ||
		(ops && !has_verify(ops)))
		return false;
	return strcmp(kty, "RSA") == 0 ||
		(strcmp(kty, "EC") == 0 && crv && strcmp(crv, "P-256") == 0);
}

static bool copy_text(const struct json *j, const char *name, char **ret)
{
	const char *text = json_text(json_member(j, name));

	*ret = text ? strdup(text) : NULL;
	return !text || *ret;
}

enum mitok_code jwk_read(const struct crypto *c, const struct json *j, struct jwk **ret,
	struct mitok_err *e)
{
	struct jwk *k;

	*ret = NULL;
	if (j->kind != JSON_OBJECT)
		return err_set(e, MITOK_E_REPLY, "a key is no JSON object");
	if (json_member(j, "d"))
		return err_set(e, MITOK_E_REPLY, "one of the keys is a private one");
	if (!is_for_tokens(j))
		return MITOK_OK;
	k = calloc(1, sizeof(*k));
	if (!k || !copy_text(j, "kid", &k->kid) || !copy_text(j, "alg", &k->alg) ||
		!copy_text(j, "issuer", &k->issuer)) {
		jwk_free(k);
		return err_memory(e);
	}
	k->is_rsa = strcmp(json_text(json_member(j, "kty")), "RSA") == 0;
	k->pkey = k->is_rsa ? read_rsa(c, j) : read_p256(c, j);
	if (!k->pkey) {
		(void)err_set(e, MITOK_E_REPLY, "the key '%s' is no public key", k->kid);
		ERR_clear_error();
		jwk_free(k);
		return MITOK_E_REPLY;
	}
	k->bits = EVP_PKEY_get_bits(k->pkey);
	k->signature_len =
		k->is_rsa ? (size_t)EVP_PKEY_get_size(k->pkey) : (size_t)2 * P256_BYTES;
	*ret = k;
	return MITOK_OK;
}

void jwk_free(struct jwk *k)
{
	if (!k)
		return;
	for (int a = 0; a < ALG_COUNT; a++)
		for (int i = 0; i < JWK_SPARES; i++)
			operation_free(k->spares[a][i]);
	EVP_PKEY_free(k->pkey);
	free(k->kid);
	free(k->alg);
	free(k->issuer);
	free(k);
}

bool jwk_equals(const struct jwk *a, const struct jwk *b)
{
	bool same = EVP_PKEY_eq(a->pkey, b->pkey) == 1;

	ERR_clear_error();
	return same;
}

/* The token's word is never enough: type, curve and algorithm are the key's (RFC 8725, sections
 * 2.1 and 3.1). */
static enum reason check_fit(
	const struct jwk *k, const struct token *t, struct mitok_err *e)
{
	if (k->is_rsa != (t->alg != ALG_ES256))
		return reason_refuse(e, REASON_KEY_TYPE,
			"it is signed by %s, and its key is %s", alg_name(t->alg),
			k->is_rsa ? "an RSA key" : "on a curve");
	if (k->alg && strcmp(k->alg, alg_name(t->alg)) != 0)
		return reason_refuse(e, REASON_KEY_ALG,
			"it is signed by %s, and its key is for %s alone",
			alg_name(t->alg), k->alg);
	if (k->is_rsa && k->bits < JWK_MIN_BITS)
		return reason_refuse(e, REASON_KEY_WEAK,
			"its key has %d bits, which are less than %d", k->bits,
			JWK_MIN_BITS);
	if (t->signature_len != k->signature_len)
		return reason_refuse(e, REASON_SIGNATURE_LENGTH,
			"its signature has %zu bytes, and not the %zu of its key",
			t->signature_len, k->signature_len);
	return REASON_NONE;
}

enum reason jwk_verify(
	const struct crypto *c, struct jwk *k, const struct token *t, struct mitok_err *e)
{
	enum reason r = check_fit(k, t, e);
	struct operation *op;
	bool good;

	if (r)
		return r;
	op = operation_take(c, k, t->alg);
	if (!op)
		return reason_of(err_memory(e));
	good = operation_verify(op, t);
	operation_give(op, k, t->alg);
	return good ? REASON_NONE
		    : reason_refuse(e, REASON_SIGNATURE,
			      "its signature is not that of the key it names");
}
