/* Certificates for servers of tests, made anew for each run.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_CERT_H
#define MI_TOKEN_TESTS_UNIT_CERT_H

#include <openssl/types.h>

/* The names in each: localhost, and */
#define CERT_NAME "proxy.example.test"

/* A self-signed certificate that may be its own CA. */
struct cert {
	EVP_PKEY *key;
	X509 *x509;
	char *pem;
	char thumbprint[41];
};

/* Good from two days ago until so many days from now. */
void cert_new(struct cert *id, long serial, long days);
void cert_free(struct cert *id);

#endif
