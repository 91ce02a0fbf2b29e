/* Decryption by a vault: what it can undo, what is asked for, and what came back.
 * SPDX-License-Identifier: MIT
 *
 * Microsoft Learn, "Azure Key Vault keys", "Key types, algorithms, and operations" and
 * Key Vault REST API 7.4, "Decrypt". */
#ifndef MI_TOKEN_OPENSSL_DECRYPTION_H
#define MI_TOKEN_OPENSSL_DECRYPTION_H

#include "openssl/key.h"

/* One decryption. The encrypter is set up for EVP_PKEY_encrypt() with the key's public
 * half: the vault is to undo what it would do. */
struct decryption {
	const struct key *key; /* a vault's, of RSA */
	EVP_PKEY_CTX *encrypter;
	const unsigned char *in; /* what was encrypted; not longer than the modulus */
	size_t in_len;
};

/* How many bytes decryption_do() wants to write to, as OpenSSL's own: the modulus, and 48
 * for TLS (provider-asym_cipher(7)). No request. Returns 0, and raised: REASON_ALGORITHM. */
int decryption_size(const struct decryption *d, size_t *ret) MUST_CHECK;

/* One request; out has as many bytes as decryption_size() says. Returns 0, and raised, when
 * it cannot be decrypted. For TLS, 48 random bytes then stand for what was no premaster
 * secret of the right version (RFC 5246, 7.4.7.1), and that is no failure. */
int decryption_do(
	const struct decryption *d, unsigned char *out, size_t *ret_len) MUST_CHECK;

#endif
