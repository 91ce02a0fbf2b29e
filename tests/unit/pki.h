/* A chain of three certificates, made for a test.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_PKI_H
#define MI_TOKEN_TESTS_UNIT_PKI_H

#include <openssl/x509.h>

struct pki {
	X509 *root, *issuer, *leaf;
	EVP_PKEY *key; /* of the leaf, whose name is localhost */
};

/* Keys by their names (foreign.h), root first. */
void pki_new(struct pki *pki, OSSL_LIB_CTX *ctx, const char *const names[3]);
/* The certificates as another context reads them; no key. */
void pki_copy(struct pki *pki, OSSL_LIB_CTX *ctx, const struct pki *from);
void pki_free(struct pki *pki);

#endif
