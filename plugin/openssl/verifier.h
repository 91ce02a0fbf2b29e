/* What checks a vault's signatures, as it is before anybody has set a parameter. To find all
 * of it anew for each signature takes OpenSSL longer than the check.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VERIFIER_H
#define MI_TOKEN_OPENSSL_VERIFIER_H

#include "openssl/key.h"

/* Never changed once a key has it, so that any thread may copy it. */
struct verifier {
	char digest[64]; /* as the program spelt it */
	EVP_MD *md;
	EVP_PKEY_CTX
	*ctx; /* for EVP_PKEY_verify(), with that digest and nothing else set */
};

/* The key's, when it is for that digest, else NULL. Lent as long as the key. */
const struct verifier *verifier_of(const struct key *k, const char *digest);

/* Copies them for the key, unless it has one: programs sign with one digest mostly. When
 * this fails there is none, that is all. OpenSSL's error queue stays as it was. */
void verifier_keep(
	struct key *k, const char *digest, const EVP_PKEY_CTX *ctx, const EVP_MD_CTX *md);
void verifier_free(struct verifier *v); /* v may be NULL */

#endif
