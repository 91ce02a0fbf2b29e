/* Public keys of the kinds that a vault has: RSA of 2048 to 4096 bits, and EC on P-256,
 * P-384, P-521 and secp256k1 (Microsoft Learn, "About keys").
 * SPDX-License-Identifier: MIT
 *
 * All work is done in the caller's context `inner`. OpenSSL's error queue is left to the
 * caller. */
#ifndef MI_TOKEN_OPENSSL_PUBLIC_H
#define MI_TOKEN_OPENSSL_PUBLIC_H

#include <openssl/types.h>

#include "base/secret.h"

/* Big-endian numbers of any length, with zeros in front or without. */
struct public_number {
	const unsigned char *p;
	size_t len;
};

/* *ret is the caller's. MITOK_E_ARG: a size that is not ours; MITOK_E_REPLY: no RSA key. */
enum mitok_code public_rsa(const struct public_number *n, const struct public_number *e,
	OSSL_LIB_CTX *inner, EVP_PKEY **ret, struct mitok_err *err) MUST_CHECK;

/* curve: as JSON Web Keys call it, "P-256", "P-384", "P-521", "P-256K" (also "SECP256K1").
 * MITOK_E_ARG: another curve; MITOK_E_REPLY: no point on it. */
enum mitok_code public_ec(const char *curve, const struct public_number xy[2],
	OSSL_LIB_CTX *inner, EVP_PKEY **ret, struct mitok_err *e) MUST_CHECK;

/* Whether it is one of those above; codes as above. */
enum mitok_code public_check(
	EVP_PKEY *k, OSSL_LIB_CTX *inner, struct mitok_err *e) MUST_CHECK;

/* SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) in DER, for the caller to OPENSSL_free():
 * the same for the same key, whichever way it came in. k may be of any context, and have a
 * private half; codes as above, but whether its point is on the curve is not tried again. */
enum mitok_code public_format(EVP_PKEY *k, unsigned char **ret, size_t *ret_len,
	struct mitok_err *e) MUST_CHECK;

#endif
