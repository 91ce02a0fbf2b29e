/* What the files that read a vault's answers share. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_ANSWER_PARTS_H
#define MI_TOKEN_OPENSSL_ANSWER_PARTS_H

#include "io/json.h"
#include "openssl/answer.h"

/* The body, which must be one JSON object. */
enum mitok_code answer_parse(
	const struct secret *body, struct json **ret, struct mitok_err *e) MUST_CHECK;

/* The member "kid" of j: a key on that host, with its version. */
enum mitok_code answer_key_id(const struct json *j, const char *host, struct uri *ret,
	struct mitok_err *e) MUST_CHECK;

/* The member of that name, a number or value in base64url. */
enum mitok_code answer_value(const struct json *j, const char *name, struct secret *ret,
	struct mitok_err *e) MUST_CHECK;

/* base64 with padding (RFC 4648, section 4), nothing in between. */
enum mitok_code answer_decode_standard(
	const char *text, struct secret *ret, struct mitok_err *e) MUST_CHECK;

#endif
