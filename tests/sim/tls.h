/* Certificates, made at run time, and the TLS contexts that show them.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_TLS_H
#define MI_TOKEN_TESTS_SIM_TLS_H

#include <openssl/ssl.h>

#include "world.h"

/* Loads the CA from the directory, or makes one there (ca.pem, ca.key). */
bool tls_prepare(const char *state);
/* Makes all contexts; writes proxy-ca.pem and the thumbprint. */
bool tls_start(struct world *w, SSL_CTX *ret[TLS_KINDS]);

/* A certificate of its own for this key; the caller frees. NULL: refused. */
X509 *tls_self_signed(EVP_PKEY *key, const char *name);
/* One with these names (as in subjectAltName of OpenSSL's configuration), signed by an
 * intermediate that the CA of the state directory signed. */
X509 *tls_issue(const struct world *w, EVP_PKEY *key, const char *name, const char *alt);
X509 *tls_intermediate(const struct world *w); /* lent */
/* Hex SHA-1 of the certificate, upper case, into 41 bytes. */
bool tls_thumbprint(X509 *cert, char ret[41]);

#endif
