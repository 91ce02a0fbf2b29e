/* What Key Vault answers (Microsoft Learn, Key Vault REST API 7.4: "Get Key", "Get Keys",
 * "Get Certificate", "Get Secret", "Sign", "Decrypt", "Authentication, requests and
 * responses"). SPDX-License-Identifier: MIT
 *
 * Everything is bounded, typed and checked; MITOK_E_REPLY for what is not as documented. */
#ifndef MI_TOKEN_OPENSSL_ANSWER_H
#define MI_TOKEN_OPENSSL_ANSWER_H

#include <openssl/types.h>

#include "base/secret.h"
#include "openssl/vault.h"

/* GET /keys/NAME[/VERSION]: the uri has the version and no identity, the public key is made
 * in `inner`. host: that was asked. MITOK_E_ARG for a key that is not ours: of the kind
 * oct, on another curve, of RSA with less than 2048 or more than 4096 bits. OpenSSL's error
 * queue is left as it was. */
enum mitok_code answer_key(const struct secret *body, const char *host,
	OSSL_LIB_CTX *inner, struct vault_key *ret, struct mitok_err *e) MUST_CHECK;

/* GET /certificates/NAME[/VERSION]: the leaf's DER is added, and its key's id, with the
 * version. OpenSSL's error queue is left as it was. */
enum mitok_code answer_certificate(const struct secret *body, const char *host,
	struct text *ret_der, struct uri *ret_key, struct mitok_err *e) MUST_CHECK;

/* GET /secrets/NAME of a certificate: value as it is, and its content type. */
enum mitok_code answer_secret(const struct secret *body, struct secret *ret_value,
	char ret_type[64], struct mitok_err *e) MUST_CHECK;

/* A page of GET /keys or /certificates: each() once per row, when all rows are good; false
 * stops. *ret_next becomes the path and query of the next page on the same host ("" at the
 * end, or when it was stopped); what it had is freed. */
struct answer_rows {
	bool (*each)(void *arg, const struct uri *id);
	void *arg;
};
enum mitok_code answer_list(const struct secret *body, const char *host,
	const struct answer_rows *rows, struct text *ret_next,
	struct mitok_err *e) MUST_CHECK;

/* POST .../sign or decrypt: the value's bytes, and the version that did it. */
enum mitok_code answer_operation(const struct secret *body, const char *host,
	struct uri *ret_id, struct secret *ret_value, struct mitok_err *e) MUST_CHECK;

/* {"error":{"code":...,"message":...,"innererror":{"code":...}}}; "" for what is missing.
 * Foreign text: clean, and cut to size. */
struct answer_error {
	char code[64], inner[64], message[240];
};
void answer_error(const struct secret *body, struct answer_error *ret);

/* base64url without padding (RFC 4648, section 5), as values are sent; reading takes padding
 * too. secret: a decrypted value passes through. */
enum mitok_code answer_decode(
	const char *text, struct secret *ret, struct mitok_err *e) MUST_CHECK;
void answer_encode(const unsigned char *data, size_t len, struct text *ret);

#endif
