/* A vault in the test's own memory, in place of plugin/openssl/vault*.c, and OpenSSL's
 * contexts with azkv in them. SPDX-License-Identifier: MIT
 *
 * myvault.vault.azure.net has the keys `rsa` and `ec`, and certificates of the same names,
 * with an issuer. Whoever names it also links azkv and none of its client. */
#ifndef MI_TOKEN_TESTS_UNIT_FAKEVAULT_H
#define MI_TOKEN_TESTS_UNIT_FAKEVAULT_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "base/err.h"

#define FAKE_HOST    "myvault.vault.azure.net"
#define FAKE_VERSION "0123456789abcdef0123456789abcdef"
#define FAKE_KEY(n)  "azkv://" FAKE_HOST "/keys/" n "/" FAKE_VERSION

struct fakevault {
	unsigned gets, certificates, lists; /* requests, of each kind */
	enum mitok_code fails;              /* all of them, when it is not MITOK_OK */
	char identity[600];                 /* of the last one */

	EVP_PKEY *rsa, *ec; /* whole */
	X509 *rsa_leaf, *ec_leaf, *issuer;
};
/* Made at the first call; there is one. */
struct fakevault *fakevault(void);
/* Counters and failures as at the beginning; returns it. */
struct fakevault *fakevault_reset(void);
unsigned fakevault_requests(void);

/* A context with OpenSSL's default provider and azkv, in that order or the other. */
OSSL_LIB_CTX *fakevault_context(bool azkv_first);
/* Both are unloaded. */
void fakevault_context_free(OSSL_LIB_CTX *ctx);

/* The reasons of azkv (raise.h) on the error queue, oldest first, as "3 7"; empties it. */
const char *fakevault_reasons(void);

#endif
