/* Tokens as Entra makes them, but for what a test wants otherwise; and a verifier that believes
 * their issuer. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_ENTRANT_H
#define MI_TOKEN_TESTS_UNIT_ENTRANT_H

#include "../../helper/verify/verifier.h"
#include "signer.h"

#define ENTRANT_NOW    INT64_C(1800000000)
#define ENTRANT_TENANT "91880000-0000-4000-8000-00000000a001"
#define ENTRANT_CLIENT "6f0c0000-0000-4000-8000-0000000000c1"
#define ENTRANT_OBJECT "0b1e0000-0000-4000-8000-0000000000b1"
#define ENTRANT_V1     "https://sts.windows.net/" ENTRANT_TENANT "/"
#define ENTRANT_V2     "https://login.microsoftonline.com/" ENTRANT_TENANT "/v2.0"

/* A member of a JSON object: its value as JSON, or NULL: it is not there. */
struct member {
	const char *name, *json;
};
/* Adds the usual members of claims, version 1 or 2, with these put in their place or added; the
 * list ends with name NULL. */
void entrant_add_claims(int version, const struct member *changes, struct text *ret);
/* Likewise of a header. */
void entrant_add_header(
	const char *alg, const char *kid, const struct member *changes, struct text *ret);
/* A usual token, of version 1 and key "rsa", with changes. */
void entrant_add_token(
	const struct member *header, const struct member *claims, struct text *ret);

/* Its keys are "rsa", "other", "weak" and "ec", which say no more; "rsa-rs256" and "rsa-ps256",
 * which say for which algorithm they are; "mine", "any" and "theirs", which say whose they are;
 * and "enc" and "oct", which are for something else. The audience is api://orders. */
void entrant_start(struct verifier *v);
void entrant_end(struct verifier *v);
/* Adds those keys, as a set. */
void entrant_add_jwks(struct text *ret);

/* What the verifier says of that text; *e may be NULL. */
enum reason entrant_check(
	struct verifier *v, const char *text, size_t len, struct mitok_err *e);

#endif
