/* What tests of the OpenSSL provider's parts share. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_CRYPTO_H
#define MI_TOKEN_TESTS_UNIT_CRYPTO_H

#include <openssl/types.h>

#include "base/text.h"

/* main() begins with it: lets the spy of test.h see OpenSSL's allocations too, and takes all
 * algorithms out of the default context, which is the application's. Returns a context with
 * algorithms, which crypto_end() frees. */
OSSL_LIB_CTX *crypto_begin(void);
void crypto_end(void);

/* Public numbers, always the same, without a private key that anybody has. Coordinates of
 * factor times the curve's generator, each as long as the field; curve: OpenSSL's short
 * name. Returns that length. */
size_t crypto_point(
	const char *curve, unsigned factor, unsigned char x[66], unsigned char y[66]);
/* A number of that many bits, which is odd and neither prime nor a product of two primes
 * that anybody knows of: 1, zeros, 1. Returns the number of bytes. */
size_t crypto_modulus(int bits, unsigned char ret[1024]);

/* An EC certificate made just now, signed by itself: its DER. */
void crypto_certificate(struct text *ret);

/* One error on OpenSSL's queue, as a program has left it; and whether it is still there,
 * alone. The queue is empty afterwards. */
void crypto_queue_set(void);
bool crypto_queue_is_set(void);

#endif
