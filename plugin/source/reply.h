/* Answers of token endpoints: a token out of 200, a sentence and its cure out of the rest.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_REPLY_H
#define MI_TOKEN_SOURCE_REPLY_H

#include "source/source.h"

/* A token answer of any source: access_token, token_type, expires_on (every form of
 * clock_parse_date(), numbers below 978307200 are relative), expires_in, refresh_in,
 * client_id; unknown members ignored. The token must be 1..65536 bytes of
 * [A-Za-z0-9._~+/=-]; its expiry after now. MITOK_E_REPLY else. */
enum mitok_code reply_grant(const struct http_reply *r, const char *resource, int64_t now_s,
	struct grant *ret, struct mitok_err *e) MUST_CHECK;

/* Any answer but a token: always fails. Reads {error, error_description, error_codes, ...},
 * {statusCode, message, correlationId}, {error: {code, message}} and empty or foreign
 * bodies; fills status, AADSTS number and correlation id, and the hint. who: as in
 * retry_rules. */
enum mitok_code reply_refusal(const struct http_reply *r, const char *who,
	const struct ask *ask, struct mitok_err *e) MUST_CHECK;

#endif
