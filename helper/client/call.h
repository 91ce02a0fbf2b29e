/* What the files of the client share.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_CLIENT_CALL_H
#define MI_TOKEN_HELPER_CLIENT_CALL_H

#include "client.h"

#define CALL_HOST_SIZE 256

/* The parts of a URL that decide where a token goes; lent but for host. */
struct call_place {
	char host[CALL_HOST_SIZE]; /* without a port */
	const char *path;          /* from its slash on, with the query; may be empty */
	size_t origin_len;         /* of the URL: scheme, host and port */
};
/* MITOK_E_ARG when url is none of https, has a user in it, or characters that do not belong
 * into a request. */
enum mitok_code call_place_read(
	const char *url, struct call_place *ret, struct mitok_err *e) MUST_CHECK;

/* client_send() and client_json() over a connection that is kept; session may be NULL. */
enum mitok_code call_send(const struct client *c, const struct client_request *rq,
	struct http_session *session, struct http_reply *ret,
	struct mitok_err *e) MUST_CHECK;
enum mitok_code call_json(const struct client *c, const struct client_request *rq,
	struct http_session *session, struct json **ret, struct mitok_err *e) MUST_CHECK;

#endif
