/* One signature or verification in progress; for signature*.c alone.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_SIGNATURE_H
#define MI_TOKEN_OPENSSL_SIGNATURE_H

#include "openssl/key.h"
#include "openssl/signing.h"

/* Everything but a vault's signature is done by OpenSSL in the inner context, by the two
 * objects below. When a vault signs, `single` is what will verify its signature: it holds
 * the parameters and answers for them; `stream` hashes, and nothing else. */
struct signature {
	struct provider *provider;
	struct key *key;      /* NULL before the first init */
	EVP_PKEY_CTX *single; /* sign, verify, verify_recover */
	EVP_MD_CTX *stream;   /* digest_sign_*, digest_verify_* */
	bool is_remote;       /* a vault signs */

	/* Of signature-message.c alone. */
	const char *digest; /* that the algorithm's name has; else NULL */
	bool is_message;    /* what comes is not hashed yet */
	bool is_verifying;
	unsigned char *expected; /* what a message's signature should be */
	size_t expected_len;
};

/* signature.c; provider-signature(7). */
void *signature_new(void *provider, const char *properties);
void signature_free(void *self);
void *signature_dup(void *self);
int signature_sign_init(void *self, void *key, const OSSL_PARAM params[]);
int signature_sign(void *self, unsigned char *sig, size_t *ret_len, size_t size,
	const unsigned char *tbs, size_t tbs_len);
int signature_verify_init(void *self, void *key, const OSSL_PARAM params[]);
int signature_verify(void *self, const unsigned char *sig, size_t len,
	const unsigned char *tbs, size_t tbs_len);
int signature_recover_init(void *self, void *key, const OSSL_PARAM params[]);
int signature_recover(void *self, unsigned char *out, size_t *ret_len, size_t size,
	const unsigned char *sig, size_t len);
int signature_digest_sign_init(
	void *self, const char *digest, void *key, const OSSL_PARAM params[]);
int signature_digest_sign(void *self, unsigned char *sig, size_t *ret_len, size_t size,
	const unsigned char *tbs, size_t tbs_len);
int signature_digest_sign_final(
	void *self, unsigned char *sig, size_t *ret_len, size_t size);
int signature_digest_verify_init(
	void *self, const char *digest, void *key, const OSSL_PARAM params[]);
int signature_digest_verify(void *self, const unsigned char *sig, size_t len,
	const unsigned char *tbs, size_t tbs_len);
int signature_digest_verify_final(void *self, const unsigned char *sig, size_t len);
int signature_update(void *self, const unsigned char *data, size_t len);

/* What holds the parameters; NULL before the first init. */
EVP_PKEY_CTX *signature_parameters(const struct signature *s);

/* signature-params.c; provider-signature(7) says what they are. */
int signature_get(void *self, OSSL_PARAM params[]);
int signature_set(void *self, const OSSL_PARAM params[]);
const OSSL_PARAM *signature_gettable_rsa(void *self, void *provider);
const OSSL_PARAM *signature_settable_rsa(void *self, void *provider);
const OSSL_PARAM *signature_gettable_ec(void *self, void *provider);
const OSSL_PARAM *signature_settable_ec(void *self, void *provider);
int signature_get_md(void *self, OSSL_PARAM params[]);
int signature_set_md(void *self, const OSSL_PARAM params[]);
const OSSL_PARAM *signature_gettable_md(void *self);
const OSSL_PARAM *signature_settable_md(void *self);

#endif
