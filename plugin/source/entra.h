/* Entra's token endpoint: where it is, and how an application proves who it is.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_ENTRA_H
#define MI_TOKEN_SOURCE_ENTRA_H

#include "source/endpoint.h"
#include "source/peer.h"

#define ENTRA_TENANT    "AZURE_TENANT_ID"
#define ENTRA_CLIENT    "AZURE_CLIENT_ID"
#define ENTRA_AUTHORITY "AZURE_AUTHORITY_HOST"

/* One request for a token (RFC 6749, section 4.4; Microsoft Learn, "OAuth 2.0 client
 * credentials flow"). The texts are lent. */
struct entra {
	struct endpoint at;       /* https, its path ends in the token endpoint's */
	const char *client_id;    /* of the application */
	const char *connect_host; /* as in struct http_request */
	int connect_port;
	const char *ca; /* as in struct http_request */

	/* The proof; exactly one: a JWT (RFC 7523), or a client secret. */
	const struct secret *assertion, *secret;
};

/* false: it cannot be a tenant, which becomes part of a path. */
bool entra_is_tenant(const char *tenant);

/* Whether s is made as a JWT is (RFC 7515, section 7.1): three parts of base64url. */
bool entra_is_jwt(const char *s);

/* The token endpoint of a tenant. authority is a URL, and what to call it in an error: the
 * environment's AZURE_AUTHORITY_HOST, or the public cloud's, with NULL. One that is not
 * Entra's own in any cloud must be in ask->allow_hosts. MITOK_E_CONF. */
enum mitok_code entra_endpoint(const struct call *c, const char *authority,
	const char *tenant, struct endpoint *ret, struct mitok_err *e) MUST_CHECK;

/* The tenant that AZURE_TENANT_ID names, which must be one, and the ask's where that is
 * pinned (MITOK_E_DENIED). */
enum mitok_code entra_tenant(
	const struct call *c, const char **ret, struct mitok_err *e) MUST_CHECK;

/* Asks for c->ask->resource, with retries within the ask's deadline; the answer may be a
 * refusal, for exchange_read(). */
enum mitok_code entra_ask(const struct call *c, const struct entra *x,
	struct http_reply *ret, struct mitok_err *e) MUST_CHECK;

#endif
