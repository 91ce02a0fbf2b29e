/* A token out of an answer with status 200, or the reason why it is none.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_REPLY_H
#define MI_TOKEN_SOURCE_REPLY_H

#include "source/source.h"

/* No access token is longer. */
#define REPLY_TOKEN_MAX ((size_t)65536)

/* RFC 6750, section 2.1: what a Bearer token is made of, and no more of it than above. */
bool reply_is_token(const struct secret *s) MUST_CHECK;

/* A token answer of any source: access_token, token_type, expires_on (every form of
 * clock_parse_date(), numbers below 978307200 are relative), expires_in, refresh_in,
 * client_id, resource; unknown members ignored. The token must be 1..REPLY_TOKEN_MAX
 * bytes of [A-Za-z0-9._~+/=-], its type Bearer, its expiry after now, and the resource,
 * where it is echoed, the one that was asked for but for case and slashes at the end.
 * MITOK_E_REPLY else. */
enum mitok_code reply_grant(const struct http_reply *r, const char *resource,
	int64_t now_s, struct grant *ret, struct mitok_err *e) MUST_CHECK;

/* Whether the answer has a member of one of the names (ended by NULL) that is equal to
 * id, without case. */
bool reply_echoes(
	const struct http_reply *r, const char *const *names, const char *id) MUST_CHECK;

#endif
