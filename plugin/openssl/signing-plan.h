/* Which of the vault's algorithms makes the signature that is wanted.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_SIGNING_PLAN_H
#define MI_TOKEN_OPENSSL_SIGNING_PLAN_H

#include "openssl/signing.h"

struct signing_plan {
	const char *algorithm; /* as the service spells it */
	EVP_MD *md;            /* what made the digest; NULL: the bytes are no digest */
	size_t tbs_len;        /* of what is to be signed; 0: any */
	size_t value_len;      /* EC: what the service wants, and a half of the answer */
};
void signing_plan_wipe(struct signing_plan *p);
#define AUTO_PLAN __attribute__((cleanup(signing_plan_wipe))) struct signing_plan

/* No request. Returns 0, and raised: REASON_ALGORITHM, or REASON_KEY for a curve that no
 * vault has. */
int signing_plan(const struct signing *s, struct signing_plan *ret) MUST_CHECK;

/* The algorithm for bytes that turn out to be a DigestInfo (RFC 8017, 9.2): its name, and
 * the digest in them; NULL when they are something else. */
const char *signing_plan_of_info(
	const unsigned char *tbs, size_t len, size_t *ret_digest);

#endif
