/* What a reverse proxy is told about a request (RFC 6750, section 3; nginx's
 * ngx_http_auth_request_module). SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_ANSWER_H
#define MI_TOKEN_HELPER_VERIFY_ANSWER_H

#include "verifier.h"

#define ANSWER_HEADERS 6

/* Names and values of headers; "" where there is none. Values are printable ASCII. */
struct answer {
	int status;
	const char *names[ANSWER_HEADERS];
	struct text values[ANSWER_HEADERS];
	unsigned count;
};

/* authorization: the value of the header of that name, NULL when it is not there just once.
 * *e tells why, for our own log. Free it in every case. */
void answer_make(struct verifier *v, const char *authorization, struct answer *ret,
	struct mitok_err *e);
void answer_free(struct answer *a);
#define AUTO_ANSWER __attribute__((cleanup(answer_free))) struct answer

#endif
