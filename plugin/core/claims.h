/* What an access token says of itself (RFC 7519; Entra's access token claims, v1 and v2).
 * Read for pins and people, without its signature; it never grants anything.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_CLAIMS_H
#define MI_TOKEN_CORE_CLAIMS_H

#include "core/identity.h"
#include "io/json.h"

/* Empty strings and 0 where the token has no such claim. */
struct claims {
	char audience[1024];   /* aud */
	char client_id[64];    /* appid (v1) or azp (v2) */
	char object_id[64];    /* oid */
	char tenant_id[64];    /* tid */
	char resource_id[520]; /* xms_mirid */
	char token_id[64];     /* uti */
	int64_t issued_s;      /* iat */
	int64_t expires_s;     /* exp */
};

/* One part of a JWT (0 header, 1 payload) as JSON. MITOK_E_ARG when there are not three
 * parts, or this one is no JSON object in base64url. */
enum mitok_code claims_part(const char *jwt, size_t len, int part, struct json **ret,
	struct mitok_err *e) MUST_CHECK;

/* *ret_is_jwt false: it has not the three parts of one (opaque or encrypted), and *ret is
 * empty. MITOK_E_REPLY when it has, but cannot be read, or a claim is there and is no text
 * that fits: nobody may tell whose such a token is. */
enum mitok_code claims_read(const char *jwt, size_t len, struct claims *ret,
	bool *ret_is_jwt, struct mitok_err *e) MUST_CHECK;

/* The pins of i, and that the audience is the resource. c NULL: the token is no JWT,
 * which passes only where nothing is pinned. MITOK_E_DENIED with both values. */
enum mitok_code claims_verify(const struct claims *c, const struct identity *i,
	const char *resource, struct mitok_err *e) MUST_CHECK;

#endif
