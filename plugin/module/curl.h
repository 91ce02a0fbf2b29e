/* One exchange while libcurl is at it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_MODULE_CURL_H
#define MI_TOKEN_MODULE_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "io/http.h"

/* Where in the answer the next header line stands. */
enum answer_part {
	ANSWER_STATUS,  /* the status line of an interim or the final answer */
	ANSWER_INTERIM, /* header lines of a 1xx answer */
	ANSWER_HEADERS,
	ANSWER_BODY, /* body and trailers */
};

struct exchange {
	const struct http_request *rq;
	struct text headers; /* as in struct http_reply */
	struct secret body;

	CURL *easy;
	CURLU *url;
	struct curl_slist *lines, *connect_to;
	char words[CURL_ERROR_SIZE];
	CURLcode refused; /* the first option that this libcurl does not take */

	/* Left by the callbacks that broke it off. */
	enum http_fault fault;
	const char *why;
	bool no_memory;
	int open_errno; /* of socket(); 0 when it went well */
	bool was_resolved, was_connected;

	enum answer_part part;
	size_t header_bytes;          /* of all answers and trailers */
	unsigned char thumbprint[20]; /* that the server's certificate must have */
	bool is_verified;             /* and that it had */
};

static inline void exchange_note(struct exchange *x, CURLcode code)
{
	if (code && !x->refused)
		x->refused = code;
}

/* Sets an option and remembers a refusal. */
#define EXCHANGE_SET(x, option, value) \
	exchange_note((x), curl_easy_setopt((x)->easy, (option), (value)))

/* curl-start.c: libcurl made ready for the process; own_process: it may be given an
 * allocator. Any thread, any number of times. */
CURLcode exchange_start(bool own_process) MUST_CHECK;
/* curl-setup.c: everything that is decided before a byte is sent. On MITOK_OK x->fault
 * may be HTTP_FORBIDDEN, and nothing is to be done. */
enum mitok_code exchange_setup(struct exchange *x, struct mitok_err *e) MUST_CHECK;
/* curl-tls.c: whom to believe. */
enum mitok_code exchange_setup_tls(struct exchange *x, struct mitok_err *e) MUST_CHECK;
/* curl-answer.c: the callbacks that take the answer. */
void exchange_setup_answer(struct exchange *x);

#endif
