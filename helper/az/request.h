/* Requests to Azure that carry a token.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_REQUEST_H
#define MI_TOKEN_HELPER_AZ_REQUEST_H

#include "az.h"
#include "io/http.h"

#define REQUEST_HEADERS (HTTP_MAX_HEADERS - 2) /* besides the token and the user agent */

struct request {
	const char *method, *url;
	struct http_header
		headers[REQUEST_HEADERS + 1]; /* up to the first without name */
	const struct secret *body;
	const char *resource; /* what the token is for; NULL: send none */
	int64_t timeout_ms;   /* of the exchange */
	size_t max_body;      /* of the answer; 0: HTTP_MAX_BODY */
};

/* Gets the token and sends the request; a redirect is an answer like another. The URL must be
 * https: when a token goes with it. MITOK_E_LATER when nobody answered, in time or at all. */
enum mitok_code request_send(struct az *az, const struct request *rq,
	struct http_reply *ret, struct mitok_err *e) MUST_CHECK;

/* The same for services that answer in JSON: *ret is a value in the arena. Statuses but 200
 * are errors, MITOK_E_DENIED with what the service said; *ret_status (may be NULL). */
enum mitok_code request_json(struct az *az, const struct request *rq,
	const struct value **ret, int *ret_status, struct mitok_err *e) MUST_CHECK;

/* The answer's body, as JSON. */
enum mitok_code request_value(struct az *az, const struct http_reply *rp,
	const struct value **ret, struct mitok_err *e) MUST_CHECK;

/* A text among a value's members; NULL: it is not there, or no text. */
const char *request_text(const struct value *v, const char *name);

#endif
