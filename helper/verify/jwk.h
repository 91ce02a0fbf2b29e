/* A public key of an issuer (RFC 7517, RFC 7518), and what it says of a signature.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_JWK_H
#define MI_TOKEN_HELPER_VERIFY_JWK_H

#include <openssl/types.h>

#include "io/json.h"
#include "token.h"

/* Contexts of OpenSSL's that are ready for the key and in nobody's hands. To make them costs
 * more than a tenth of a verification. */
#define JWK_SPARES 4
struct operation;

struct jwk {
	struct jwk *next;
	char *kid;
	char *alg;    /* "alg" of the key; NULL: it does not say */
	char *issuer; /* Entra's own member "issuer", maybe with "{tenantid}"; NULL: none */
	bool is_rsa; /* else it is on P-256 */
	int bits;
	size_t signature_len; /* that any signature has */
	EVP_PKEY *pkey;
	_Atomic(struct operation *) spares[ALG_COUNT][JWK_SPARES];
};

/* OpenSSL in a context that no configuration and no environment has touched. */
struct crypto {
	OSSL_LIB_CTX *ctx;
	EVP_MD *sha256;
};
enum mitok_code crypto_start(struct crypto *ret, struct mitok_err *e) MUST_CHECK;
void crypto_stop(struct crypto *c); /* after all keys */

/* The key that an element of a set stands for. MITOK_OK and *ret NULL: it is a good one, but
 * not to verify tokens with (another use, type or curve, no id). MITOK_E_REPLY: it is nonsense. */
enum mitok_code jwk_read(const struct crypto *c, const struct json *j, struct jwk **ret,
	struct mitok_err *e) MUST_CHECK;
void jwk_free(struct jwk *k); /* may be NULL */
bool jwk_equals(const struct jwk *a, const struct jwk *b);

/* RSA keys with less are not believed (RFC 7518, section 3.3). */
#define JWK_MIN_BITS 2048

/* Whether the token's signature is this key's, by an algorithm that is the key's. Any thread. */
enum reason jwk_verify(const struct crypto *c, struct jwk *k, const struct token *t,
	struct mitok_err *e) MUST_CHECK;

#endif
