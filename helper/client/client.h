/* Requests to Azure's services that carry a token of the identity.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_CLIENT_CLIENT_H
#define MI_TOKEN_HELPER_CLIENT_CLIENT_H

#include "io/http.h"
#include "io/json.h"
#include "mi-token.h"

/* Who asks; all is lent. */
struct client {
	struct mitok *m;
	const char *identity,
		*source;       /* as in struct mitok_request; NULL: as configured */
	const struct log *log; /* may be NULL */
	int64_t timeout_ms;    /* of one exchange */
	int64_t deadline_ms; /* by clock_now().boot_ms, when everything must be over, pauses
				* and further pages too; 0: no such time */
};

#define CLIENT_HEADERS (HTTP_MAX_HEADERS - 2) /* besides the token and the user agent */

/* Zero what is not needed; strings are the caller's. */
struct client_request {
	const char *method, *url; /* https */
	const char *resource;     /* what the token is for; NULL: send none */
	const char *scheme;       /* before the token; NULL: "Bearer " */
	struct http_header headers[CLIENT_HEADERS + 1]; /* up to the first without name */
	const struct secret *body;
	size_t max_body; /* of the answer; 0: HTTP_MAX_BODY */
};

/* Gets the token and sends the request, once; a redirect is an answer like another. *ret,
 * which is empty before, is the caller's. MITOK_E_LATER when nobody answered, in time or at
 * all (ret->fault says how); else what mitok_get() said. */
enum mitok_code client_send(const struct client *c, const struct client_request *rq,
	struct http_reply *ret, struct mitok_err *e) MUST_CHECK;

/* The same for services that answer in JSON, tried again when they are busy (429, 5xx) for as
 * long as they ask, a few times. On MITOK_OK, which is a status below 300, gives *ret to the
 * caller. Else MITOK_E_DENIED for 4xx, MITOK_E_LATER for 429 and 5xx, with `(code) message` as
 * the service has it and e->http_status; MITOK_E_REPLY for what is no answer of the service
 * (no TLS that can be trusted, too large, no JSON). */
enum mitok_code client_json(const struct client *c, const struct client_request *rq,
	struct json **ret, struct mitok_err *e) MUST_CHECK;

/* The pages of a list ({"value": [...], "nextLink": "..."}, Azure Resource Manager; or with
 * "@odata.nextLink", Graph), in their order: each() gets every page's value and may end the
 * walk with an error of its own. Of the request URL, resource, scheme and headers count, for
 * all pages. A link to another host is MITOK_E_REPLY: a token goes with it. One page is in
 * memory at a time. */
enum mitok_code client_each_page(const struct client *c,
	const struct client_request *first,
	enum mitok_code (*each)(
		void *arg, const struct json *values, struct mitok_err *e),
	void *arg, struct mitok_err *e) MUST_CHECK;

/* Where a service of the machine's cloud lies that has one address: "arm" or "graph". With a
 * slash at its end, and at once what its tokens are for. */
enum mitok_code client_endpoint(const struct client *c, const char *alias, char *ret,
	size_t size, struct mitok_err *e) MUST_CHECK;

#endif
