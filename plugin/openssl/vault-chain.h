/* The issuers' certificates that the secret of a vault's certificate holds beside it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_CHAIN_H
#define MI_TOKEN_OPENSSL_VAULT_CHAIN_H

#include "base/secret.h"
#include "base/text.h"

/* Who takes certificates, in DER; false: enough. */
struct vault_taker {
	bool (*each)(void *arg, const unsigned char *der, size_t len);
	void *arg;
};

/* value: PEM (type application/x-pem-file) or base64 of PKCS #12 without a password
 * (application/x-pkcs12), as Microsoft Learn has it, "About Azure Key Vault certificates",
 * "Composition of a certificate". Gives the leaf's issuer, its issuer and so on, as far as
 * they are there. A private key beside them is passed over and never decoded. */
enum mitok_code vault_chain_each(const struct secret *value, const char *type,
	const struct text *leaf, const struct vault_taker *taker,
	struct mitok_err *e) MUST_CHECK;

#endif
