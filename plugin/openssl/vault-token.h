/* Where a token may go, and the token for it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_TOKEN_H
#define MI_TOKEN_OPENSSL_VAULT_TOKEN_H

#include "openssl/uri.h"
#include "openssl/vault-state.h"

/* Gives the client a context of the library for this user, unless it has one; *ret is the
 * one that stays. m is taken, also when it fails. */
enum mitok_code vault_user_add(struct vault *v, struct mitok *m, struct mitok **ret,
	struct mitok_err *e) MUST_CHECK;
/* When nobody uses the client any more. */
void vault_users_free(struct vault *v);

/* A host that may have a token, and which one. Points into itself: not to be copied. */
struct vault_target {
	struct mitok_request rq;
	char url[512];
	char path[160];  /* /keys/NAME: for rules, whatever is done with it */
	bool is_granted; /* by a rule of root's alone: it is no known service's host */
};

/* Completes a host without a dot, with the suffix of the machine's cloud. */
enum mitok_code vault_target_complete(
	struct vault *v, struct uri *u, struct mitok_err *e) MUST_CHECK;

/* Decides. u's host is complete and u outlives *ret; collection: "keys", "certificates",
 * "secrets". MITOK_E_ARG for a host that nobody vouches for. No network. */
enum mitok_code vault_target_find(struct vault *v, const struct uri *u,
	const char *collection, struct vault_target *ret, struct mitok_err *e) MUST_CHECK;

/* The token, within left_ms; the caller frees it. */
enum mitok_code vault_target_token(struct vault *v, struct vault_target *t,
	int64_t left_ms, struct mitok_token **ret, struct mitok_err *e) MUST_CHECK;
/* What the vault thought of it. */
void vault_target_refused(
	struct vault *v, const struct vault_target *t, const struct mitok_token *token);
void vault_target_accepted(
	struct vault *v, const struct vault_target *t, const struct mitok_token *token);

#endif
