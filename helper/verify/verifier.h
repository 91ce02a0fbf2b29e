/* A token is verified: all that has to hold, in one call.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_VERIFIER_H
#define MI_TOKEN_HELPER_VERIFY_VERIFIER_H

#include "keyring.h"
#include "policy.h"

struct verifier {
	struct policy policy;
	struct trust trust;
	struct crypto crypto;
	struct keyring ring;
	struct keyset *given; /* by --jwks: nothing is fetched; NULL: nothing was given */
};

/* policy (but its trust), trust and ring.fetcher are the caller's, set before. cache is the folder of --cache, or
 * NULL. */
enum mitok_code verifier_start(
	struct verifier *v, const char *cache, struct mitok_err *e) MUST_CHECK;
/* Keys from a file (RFC 7517), instead of the issuer's. MITOK_E_CONF when it cannot be read or
 * others may write it, MITOK_E_REPLY when its keys are not to be trusted. */
enum mitok_code verifier_use_file(
	struct verifier *v, const char *path, struct mitok_err *e) MUST_CHECK;
void verifier_stop(struct verifier *v);

/* Any thread. The text is lent for as long as *ret and *ret_claims are used; *ret,
 * which has been begun, is the caller's in every case. REASON_NONE, or a reason with *e. */
enum reason verifier_check(struct verifier *v, const struct secret *text,
	struct token *ret, struct claims *ret_claims, struct mitok_err *e) MUST_CHECK;

#endif
