/* Signatures by a vault: what it can make, what is asked for, and what came back.
 * SPDX-License-Identifier: MIT
 *
 * Microsoft Learn, "Azure Key Vault keys", "Key types, algorithms, and operations" and
 * Key Vault REST API 7.4, "Sign". */
#ifndef MI_TOKEN_OPENSSL_SIGNING_H
#define MI_TOKEN_OPENSSL_SIGNING_H

#include "openssl/key.h"

/* One signature. The verifier is set up for EVP_PKEY_verify() with the key's public half:
 * the vault is to make what it would accept. */
struct signing {
	const struct key *key; /* a vault's */
	EVP_PKEY_CTX *verifier;
	const unsigned char *tbs; /* a digest, or any bytes where the verifier has none */
	size_t tbs_len;
};

/* The most that a signature can need, in bytes; of EC it is mostly a little less. */
size_t signing_size(const struct key *k);

/* Whether the vault can do it at all; no request. False, and raised: REASON_ALGORITHM. */
bool signing_is_possible(const struct signing *s) MUST_CHECK;

/* One request. Writes at most signing_size() bytes, which are a good signature of the key
 * that was loaded: that was checked. Returns 0, and raised, when it is not to be had. */
int signing_do(const struct signing *s, unsigned char *sig, size_t *ret_len) MUST_CHECK;

#endif
