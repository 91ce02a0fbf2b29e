/* Whom a vault says it trusts, in the answer to a request without a good token (RFC 6750,
 * section 3; Microsoft Learn, "Authentication, requests and responses").
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_CHALLENGE_H
#define MI_TOKEN_OPENSSL_CHALLENGE_H

#include "base/text.h"

struct challenge {
	char resource[256]; /* or scope without "/.default"; "" when it names none */
	char tenant[64];    /* last part of authorization, or "" */
};

/* Reads the value of WWW-Authenticate. MITOK_E_REPLY when it is no Bearer challenge. */
enum mitok_code challenge_parse(
	const char *value, struct challenge *ret, struct mitok_err *e) MUST_CHECK;

/* Whether a host may ask for tokens for this resource: its name must end with "." and the
 * resource's host (https alone, no port, no backslash), as Microsoft's SDKs check. */
bool challenge_is_for(const struct challenge *c, const char *host) MUST_CHECK;

#endif
