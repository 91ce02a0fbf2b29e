/* Verifying signatures with one key, again and again (RFC 7518, sections 3.3 to 3.5).
 * SPDX-License-Identifier: MIT */
#include "operation.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SHA256_BYTES 32

struct operation {
	EVP_PKEY_CTX *ctx;
	EVP_MD_CTX *digest;
	const EVP_MD *sha256;
	bool is_ec;
};

/* PS256: the salt is as long as the digest (RFC 7518, section 3.5). */
static bool set_up(struct operation *op, const struct crypto *c, enum alg alg)
{
	if (EVP_PKEY_verify_init(op->ctx) != 1 ||
		EVP_PKEY_CTX_set_signature_md(op->ctx, c->sha256) != 1)
		return false;
	if (alg == ALG_RS256)
		return EVP_PKEY_CTX_set_rsa_padding(op->ctx, RSA_PKCS1_PADDING) == 1;
	if (alg == ALG_PS256)
		return EVP_PKEY_CTX_set_rsa_padding(op->ctx, RSA_PKCS1_PSS_PADDING) ==
			1 &&
			EVP_PKEY_CTX_set_rsa_pss_saltlen(
				op->ctx, RSA_PSS_SALTLEN_DIGEST) == 1 &&
			EVP_PKEY_CTX_set_rsa_mgf1_md(op->ctx, c->sha256) == 1;
	return true;
}

struct operation *operation_take(const struct crypto *c, struct jwk *k, enum alg alg)
{
	struct operation *op = NULL;

	for (int i = 0; i < JWK_SPARES && !op; i++)
		op = atomic_exchange(&k->spares[alg][i], NULL);
	if (op)
		return op;
	op = calloc(1, sizeof(*op));
	if (!op)
		return NULL;
	op->sha256 = c->sha256;
	op->is_ec = alg == ALG_ES256;
	op->digest = EVP_MD_CTX_new();
	op->ctx = EVP_PKEY_CTX_new_from_pkey(c->ctx, k->pkey, NULL);
	if (op->digest && op->ctx && set_up(op, c, alg))
		return op;
	ERR_clear_error();
	operation_free(op);
	return NULL;
}

void operation_give(struct operation *op, struct jwk *k, enum alg alg)
{
	for (int i = 0; i < JWK_SPARES && op; i++)
		op = atomic_exchange(&k->spares[alg][i], op);
	operation_free(op);
}

void operation_free(struct operation *op)
{
	if (!op)
		return;
	EVP_MD_CTX_free(op->digest);
	EVP_PKEY_CTX_free(op->ctx);
	free(op);
}

/* r and s, as RFC 7518, section 3.4, has them, in the DER that OpenSSL wants. */
static int write_der(const unsigned char *raw, size_t len, unsigned char *ret)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, (int)(len / 2), NULL);
	BIGNUM *s = BN_bin2bn(raw + len / 2, (int)(len / 2), NULL);
	int der_len = -1;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL; /* they are the signature's */
		der_len = i2d_ECDSA_SIG(sig, &ret);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return der_len;
}

bool operation_verify(struct operation *op, const struct token *t)
{
	unsigned char digest[SHA256_BYTES], der[16 + 2 * 33];
	const unsigned char *signature = t->signature;
	size_t len = t->signature_len;
	bool good;

	if (op->is_ec) {
		int der_len = write_der(signature, len, der);

		if (der_len <= 0)
			return false;
		signature = der;
		len = (size_t)der_len;
	}
	good = EVP_DigestInit_ex2(op->digest, op->sha256, NULL) == 1 &&
		EVP_DigestUpdate(op->digest, t->signed_text, t->signed_len) == 1 &&
		EVP_DigestFinal_ex(op->digest, digest, NULL) == 1 &&
		EVP_PKEY_verify(op->ctx, signature, len, digest, sizeof(digest)) == 1;
	if (!good)
		ERR_clear_error();
	return good;
}
