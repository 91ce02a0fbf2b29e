/* What all sources share: from the request that differs to the token or the reason.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_EXCHANGE_H
#define MI_TOKEN_SOURCE_EXCHANGE_H

#include "source/endpoint.h"
#include "source/peer.h"

/* The URL of a GET for a token: api-version, resource and the parameter that selects the
 * identity. MITOK_E_NOIDENTITY when the peer cannot select by that kind. */
enum mitok_code exchange_url(const struct call *c, const struct endpoint *at,
	const char *api_version, struct text *ret, struct mitok_err *e) MUST_CHECK;

/* A secret of the environment as a header's value. MITOK_E_CONF when it has a control
 * character. */
enum mitok_code exchange_secret(const struct host *h, const char *name,
	struct secret *ret, struct mitok_err *e) MUST_CHECK;

/* The grant in an answer, or its refusal. An answer that names another client id than the
 * one that was asked for is MITOK_E_DENIED. */
enum mitok_code exchange_read(const struct call *c, const struct http_reply *r,
	struct grant *ret, struct mitok_err *e) MUST_CHECK;

/* Sends rq with retries within the ask's deadline, then reads the answer as above. */
enum mitok_code exchange_grant(const struct call *c, struct http_request *rq,
	struct grant *ret, struct mitok_err *e) MUST_CHECK;

#endif
