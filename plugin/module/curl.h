/* One exchange while libcurl is at it, and what may stay from it for the next.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_MODULE_CURL_H
#define MI_TOKEN_MODULE_CURL_H

#include <curl/curl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "io/http.h"

/* Where in the answer the next header line stands. */
enum answer_part {
	ANSWER_STATUS,  /* the status line of an interim or the final answer */
	ANSWER_INTERIM, /* header lines of a 1xx answer */
	ANSWER_HEADERS,
	ANSWER_BODY, /* body and trailers */
};

/* What libcurl does not compare when it looks for a connection to use again. */
struct session_terms {
	bool is_local;  /* its address was checked as HTTP_LOCAL wants it */
	bool is_pinned; /* its server was believed for this: */
	unsigned char thumbprint[20];
};

/* A socket that libcurl has open. */
struct session_socket {
	atomic_int fd; /* -1: none */
	bool is_new;   /* opened by the exchange that is going on */
	dev_t dev;     /* which socket it is, whatever its number stands for later */
	ino_t ino;
};

/* How many libcurl may have open at once: one that is kept, and those of addresses that it
 * tries side by side. */
#define SESSION_SOCKETS 8

/* libcurl's handle with its connection. A connection outlives the exchange that opened it,
 * so this is what callbacks about connections get. An exchange without session has one of
 * its own. Between exchanges there is a handle exactly when a connection is kept: so a
 * child can tell by the socket whether the descriptors in the handle still are its own. */
struct session {
	struct http_session base;
	pid_t pid; /* whose it is */
	CURL *easy;
	struct exchange *at; /* the exchange that is going on, or NULL */
	atomic_bool is_busy; /* libcurl is at work, maybe in another thread at a fork */
	struct session_socket sockets[SESSION_SOCKETS];
	struct session_terms terms; /* of its connection */
	bool is_verified;           /* by the thumbprint */
	struct session *left; /* the next that was left behind, see session_abandon() */
};

struct exchange {
	const struct http_request *rq;
	struct session *session;
	struct text headers; /* as in struct http_reply */
	struct secret body;

	CURL *easy; /* the session's */
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
	struct text line;           /* the last header line; its room is used again */
	size_t header_bytes;        /* of all answers and trailers */
	struct session_terms terms; /* that its connection must have */
	bool was_sent, was_reused;  /* the request; over a connection that was kept */
	bool is_whole;              /* the answer is; else nothing is kept */
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
/* The request's time-outs, of which so much is over; false: one is. */
bool exchange_setup_times(struct exchange *x, int64_t spent_ms) MUST_CHECK;
/* curl-tls.c: whom to believe. */
enum mitok_code exchange_setup_tls(struct exchange *x, struct mitok_err *e) MUST_CHECK;
/* Whether what libcurl says of itself is the OpenSSL that we are linked with. */
bool exchange_is_our_openssl(const char *backend);
/* curl-roots.c: the system's certificates, for a session. */
void exchange_setup_roots(struct exchange *x);
/* curl-session.c: on which connection; the last of all. */
void exchange_setup_session(struct exchange *x);
/* The fault of a request that was sent over a kept connection, and would go out again. */
void exchange_refuse_retry(struct exchange *x);
/* curl-answer.c: the callbacks that take the answer. */
void exchange_setup_answer(struct exchange *x);
/* curl-resolve.c: the exchange itself, also where no thread can be started. */
CURLcode exchange_perform(struct exchange *x) MUST_CHECK;

/* curl-session.c */
void session_init(struct session *s);
enum mitok_code session_begin(
	struct session *s, struct exchange *x, struct mitok_err *e) MUST_CHECK;
/* Forgets the exchange, and closes the connection when it is not to be kept. */
void session_end(struct session *s, bool is_kept);
enum mitok_code session_new(struct http_session **ret, struct mitok_err *e) MUST_CHECK;
void session_free(struct http_session *s);
void session_abandon(struct http_session *s);

/* curl-assertion.c: as assertion_make() of io/assertion.h. */
enum mitok_code assertion_sign(
	const struct assertion_ask *a, struct secret *ret, struct mitok_err *e);

/* curl-guest.c: what libcurl and OpenSSL would change in the caller's thread. */
struct guest {
	sigset_t old_mask, pipe;
	bool was_pending, is_alone;
	struct guest_error *errors;
	int marks;
};
/* is_alone: nobody else uses OpenSSL, and nothing of it is to be called before it is given
 * an allocator. */
void guest_begin(struct guest *g, bool is_alone);
void guest_end(struct guest *g);

#endif
