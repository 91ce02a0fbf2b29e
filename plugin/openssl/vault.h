/* The client of Key Vault and Managed HSM: one per provider, for all its threads, before
 * and after a fork. SPDX-License-Identifier: MIT
 *
 * Every call blocks for at most the time-out, all retries within it, and leaves OpenSSL's
 * error queue as it was; what failed is in *e, in words that name operation, key, HTTP
 * status, the service's codes, its request id, and what to do. Never a token. */
#ifndef MI_TOKEN_OPENSSL_VAULT_H
#define MI_TOKEN_OPENSSL_VAULT_H

#include <openssl/types.h>

#include "base/secret.h"
#include "openssl/uri.h"

struct vault_settings {
	const char *identity; /* a selector, or NULL; copied */
	int64_t timeout_ms;   /* 0: 10 s */
};
#define VAULT_TIMEOUT_MS INT64_C(10000)

struct vault;
/* No I/O. NULL: out of memory. */
struct vault *vault_new(const struct vault_settings *s);
/* Memory, and connections of this process; never the process-wide state of libcurl. */
void vault_free(struct vault *v);

/* A key in a vault: which, in that very version, and its public half. */
struct vault_key {
	struct uri uri; /* host is complete, kind URI_KEY, version not "" */
	EVP_PKEY *public_key;
};
void vault_key_wipe(struct vault_key *k);

/* Finds the key of u (URI_KEY, or the key of a URI_CERTIFICATE). Objects are made in
 * `inner`. One answer is remembered for a second, because libcrypto asks twice. */
enum mitok_code vault_get_key(struct vault *v, const struct uri *u, OSSL_LIB_CTX *inner,
	struct vault_key *ret, struct mitok_err *e) MUST_CHECK;

/* Completes a host without a dot, in place, and checks that a token may go there: one of
 * Key Vault or Managed HSM, or one that a rule in root's configuration names. No network,
 * but for a host without a dot, when the machine has not been asked for its cloud yet. */
enum mitok_code vault_resolve(
	struct vault *v, struct uri *u, struct mitok_err *e) MUST_CHECK;

/* The certificates of u: the leaf first, then with u->with_chain its issuers. each() gets
 * DER; it returns false to stop. */
enum mitok_code vault_get_certificates(struct vault *v, const struct uri *u,
	bool (*each)(void *arg, const unsigned char *der, size_t len), void *arg,
	struct mitok_err *e) MUST_CHECK;

/* Every key, and on vaults every certificate, page by page, each of which has the time-out
 * of its own; each() returns false to stop. */
enum mitok_code vault_list(struct vault *v, const struct uri *u,
	bool (*each)(void *arg, const struct uri *id), void *arg,
	struct mitok_err *e) MUST_CHECK;

/* One sign or decrypt. The answer's version must be the key's. */
struct vault_job {
	const struct uri *key;
	const char *operation; /* "sign", "decrypt" */
	const char *algorithm; /* "RS256", as the service spells it */
	const unsigned char *in;
	size_t in_len;
};
enum mitok_code vault_do(struct vault *v, const struct vault_job *job, struct secret *ret,
	struct mitok_err *e) MUST_CHECK;

/* True for Managed HSM, which has no certificates and no RSNULL. The host is complete. */
bool vault_is_hsm(const struct uri *u);

#endif
