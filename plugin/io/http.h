/* One HTTP exchange with an identity endpoint, described so that libcurl stays behind it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_HTTP_H
#define MI_TOKEN_IO_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "io/module.h"

#define HTTP_MAX_HEADERS 24

struct http_header {
	const char *name;
	const char *value;           /* or, when it is a secret, */
	const struct secret *secret; /* this */
};

enum http_flag {
	/* The connected address must be loopback or link-local (127/8, ::1, 169.254/16),
	 * checked on the socket's own address; `localhost` is 127.0.0.1 and nothing is
	 * looked up. No proxy. Without it: any address, the proxy of the environment. */
	HTTP_LOCAL = 1 << 0,

	/* Nobody else in this process uses libcurl or OpenSSL: they get an allocator that
	 * wipes what they free. Counts at the first exchange. */
	HTTP_OWN_PROCESS = 1 << 1,
};

/* A connection that is kept from one exchange to the next. It belongs to one thread at a
 * time, and to the process that made it. Exchanges in one session go to one server and have
 * the same TLS settings; one that has not is given a connection of its own. A connection
 * that was silent for 100 s, that the server closed or sent something unasked on, or whose
 * exchange had a fault, is not used again. */
struct http_session;

/* All strings are the caller's. Zero what is not needed. */
struct http_request {
	struct http_session *session; /* NULL: a connection for this exchange alone */

	const char *method;                           /* "GET", or any other */
	const char *url;                              /* http: or https: */
	struct http_header headers[HTTP_MAX_HEADERS]; /* up to the first without name */
	const struct secret *body; /* NULL: none; its Content-Type is among the headers */
	size_t max_body;           /* of the answer; 0: HTTP_MAX_BODY; below SECRET_MAX */
	unsigned flags;            /* of enum http_flag */
	/* The whole exchange; must be positive. In a process that can start no thread, to
	 * look up the host's name may take longer, and then nothing is sent. */
	int64_t timeout_ms;
	int64_t connect_ms; /* connecting and TLS alone; 0: timeout_ms */

	/* TLS. thumbprint: 40 hex digits, SHA-1 of the server's leaf certificate in DER;
	 * replaces all other verification. ca: PEM text that replaces the system's roots. */
	const char *thumbprint;
	const char *ca;
	/* Connect to this host and port instead of the URL's, which stays the TLS server
	 * name; the Host header becomes connect_host:connect_port. */
	const char *connect_host;
	int connect_port;
};

/* How an exchange broke off; 0 when a whole answer came. */
enum http_fault {
	HTTP_OK = 0,
	HTTP_CONNECT,   /* no connection: reply.sys_errno tells why */
	HTTP_TIMEOUT,   /* nothing, or not all of it, in time */
	HTTP_RESET,     /* connected, then reset, closed early or truncated */
	HTTP_TLS,       /* certificate or handshake */
	HTTP_RESOLVE,   /* host name not found */
	HTTP_FORBIDDEN, /* HTTP_LOCAL, and the address is not */
	HTTP_NONSENSE,  /* not HTTP/1.x, too large, compressed, too many headers */
};

#define HTTP_MAX_BODY          ((size_t)256 * 1024)
#define HTTP_MAX_HEADERS_BYTES ((size_t)32 * 1024)

struct http_reply {
	enum http_fault fault;
	int sys_errno;       /* of the failed connect, 0 when not known */
	char detail[160];    /* the fault in words, no secret */
	bool was_reused;     /* see below */
	int status;          /* HTTP status, 0 when there was none */
	struct text headers; /* raw lines of the final answer, each ended by '\n' */
	struct secret body;  /* at most request.max_body bytes */
};

/* Does one exchange, no retry, no redirect. MITOK_OK: it was tried, and *ret (which is
 * empty before) says what became of it; other codes: it could not be tried.
 *
 * ret->was_reused: the request was sent over a connection that the session had kept, also
 * when there is a fault. Together with HTTP_RESET the server may just have closed it for
 * being idle, before it saw the request: nothing is sent a second time here, so it is the
 * caller who tries again at once when the request may be served twice.
 *
 * OpenSSL's error queue of this thread has the caller's errors afterwards, and none of ours
 * (marks among them are then all on the last one). The same holds for sessions' calls. */
enum mitok_code http_exchange(const struct log *log, const struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e) MUST_CHECK;
void http_reply_wipe(struct http_reply *r);
#define AUTO_REPLY __attribute__((cleanup(http_reply_wipe))) struct http_reply

/* No I/O but loading the transport. On MITOK_OK gives *ret to the caller. */
enum mitok_code http_session_new(
	struct http_session **ret, struct mitok_err *e) MUST_CHECK;
/* Closes the connection; s may be NULL. In a child of the process that made it, the same
 * as: */
void http_session_free(struct http_session *s);
/* In a child process that inherited the session: its descriptor is closed without a word to
 * the server, whose connection is the parent's. Memory that is not safe to free stays, some
 * 100 KiB, and can be reached: when a thread of the parent was in an exchange at the moment
 * of the fork, or when the child has closed or replaced the descriptor. s may be NULL. */
void http_session_abandon(struct http_session *s);

/* Copies the value of the n-th header (0 is the first) of that name, without blanks around
 * it. false: there is none, or it does not fit. */
bool http_header_value(const struct http_reply *r, const char *name, unsigned n,
	char *ret, size_t size) MUST_CHECK;

struct assertion_ask;

/* The module transport.so: struct module first, then the calls above, and that of
 * io/assertion.h. */
struct http_module {
	struct module module;
	enum mitok_code (*exchange)(const struct http_request *rq, struct http_reply *ret,
		struct mitok_err *e);
	enum mitok_code (*session_new)(struct http_session **ret, struct mitok_err *e);
	void (*session_free)(struct http_session *s); /* not NULL */
	void (*session_abandon)(struct http_session *s);
	enum mitok_code (*sign)(
		const struct assertion_ask *a, struct secret *ret, struct mitok_err *e);
};

/* What a session begins with; the rest is the module's. */
struct http_session {
	const struct http_module *module;
};

#endif
