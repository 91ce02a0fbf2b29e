/* The bytes that go to a vault to be signed, and those that come back.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_SIGNING_VALUE_H
#define MI_TOKEN_OPENSSL_SIGNING_VALUE_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* RSA of 8192 bits would fit. */
struct signing_value {
	unsigned char p[1024];
	size_t len;
};

/* As they are. false: too long. */
bool signing_value_copy(
	const unsigned char *data, size_t len, struct signing_value *ret) MUST_CHECK;

/* A digest in exactly `want` bytes. ECDSA takes its leftmost bits as a number (FIPS 186-5,
 * 6.4.1): a shorter one gets zeros in front, a longer one loses its end, as long as the
 * key's order is no longer than `want` bytes. false: it is, and the digest too. */
bool signing_value_fit(const unsigned char *digest, size_t len, size_t want,
	size_t order_bits, struct signing_value *ret) MUST_CHECK;

/* DigestInfo of RFC 8017, 9.2, which RSNULL leaves to its callers. nid is the digest's.
 * false: out of memory, or there is no object identifier for it. */
bool signing_value_info(int nid, const unsigned char *digest, size_t len,
	struct signing_value *ret) MUST_CHECK;

/* r and s of equal length, one after the other, as DER (RFC 3279, 2.2.3) into `size` bytes.
 * false: out of memory, or no room. */
bool signing_value_to_der(const unsigned char *rs, size_t len, unsigned char *ret,
	size_t size, size_t *ret_len) MUST_CHECK;

#endif
