/* Any answer but a token: what it means and what to do about it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_REFUSAL_H
#define MI_TOKEN_SOURCE_REFUSAL_H

#include "source/peer.h"

/* Always fails. Reads {error, error_description, error_codes, ...}, {statusCode, message,
 * correlationId}, {error: {code, message, ...}}, plain text, and empty or foreign bodies;
 * fills in status, AADSTS number, correlation id, time to wait, and the hint. */
enum mitok_code refusal_explain(const struct http_reply *r, const struct peer *peer,
	const struct ask *ask, int64_t now_s, struct mitok_err *e) MUST_CHECK;

/* The number of Entra's error in the answer, 0 when there is none. */
int refusal_aadsts(const struct http_reply *r);

#endif
