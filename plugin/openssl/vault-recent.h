/* What came of the last calls, for a second: a vault that is down must not hold up every
 * handshake until its time is over, and libcrypto asks for a key twice. No lock; what is
 * forgotten too early only costs a request. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_RECENT_H
#define MI_TOKEN_OPENSSL_VAULT_RECENT_H

#include "openssl/vault-shelf.h"
#include "openssl/vault.h"

/* Nothing that has changed meanwhile is hidden for longer. */
#define VAULT_RECENT_MS INT64_C(1000)

struct vault_recent {
	struct vault_shelf shelf;
};
void vault_recent_done(struct vault_recent *r);

/* Times are of CLOCK_BOOTTIME, in milliseconds. what: which call it was, identity and all;
 * failures and keys are told apart. */
void vault_recent_add_failure(struct vault_recent *r, const char *what, int64_t now_ms,
	const struct mitok_err *e);
bool vault_recent_failure(struct vault_recent *r, const char *what, int64_t now_ms,
	struct mitok_err *ret) MUST_CHECK;

/* The public key is shared, not copied. */
void vault_recent_add_key(struct vault_recent *r, const char *what, int64_t now_ms,
	OSSL_LIB_CTX *inner, const struct vault_key *k);
bool vault_recent_key(struct vault_recent *r, const char *what, int64_t now_ms,
	OSSL_LIB_CTX *inner, struct vault_key *ret) MUST_CHECK;

#endif
