/* HTTP/1.1 as a strict server reads it (RFC 9112), and answers byte for byte.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_HTTP_H
#define MI_TOKEN_TESTS_SIM_HTTP_H

#include <time.h>

#include "conn.h"
#include "world.h"

#define HEADERS_MAX 64
#define PARAMS_MAX  32

struct header {
	const char *name, *value;
};

struct request {
	const struct listener *listener;
	char *head; /* as received, with the empty line */
	size_t head_len;
	char *body;
	size_t body_len;
	char *text; /* what the pointers below point into */
	const char *method, *target, *path, *query, *version;
	struct header headers[HEADERS_MAX];
	unsigned header_count;
};

struct reply {
	int status;
	bool has_body;      /* an answer without one has "Content-Length: 0" */
	bool no_type;       /* no Content-Type */
	const char *phrase; /* behind the status, NULL: the usual one; a literal */
	struct text headers;
	struct text body;
	char *large; /* instead of body, for what may pass TEXT_MAX */
	size_t large_len;
	/* What is left to do when the handler has returned: without the lock, and before a
	 * fault changes the answer. NULL: nothing; it frees arg itself. */
	void (*work)(struct reply *rp, void *arg);
	void *work_arg;
};

enum request_state {
	REQUEST_GOOD,
	REQUEST_BAD,
	REQUEST_NONE
};

/* Waits for the next request on the connection. Free it in every case. */
enum request_state request_read(struct conn *c, struct request *ret);
void request_free(struct request *rq);
/* The value of the first header of that name, or NULL. */
const char *request_header(const struct request *rq, const char *name);
bool request_keeps_alive(const struct request *rq);

void reply_header(struct reply *rp, const char *name, const char *value);
void reply_with(struct reply *rp, int status, const char *type, const char *fmt, ...)
	ERR_PRINTF(4, 5);
#define reply_json(rp, status, ...) \
	reply_with(rp, status, "application/json; charset=utf-8", __VA_ARGS__)
void reply_status(struct reply *rp, int status);
/* The file is the body; false: it cannot be read. */
bool reply_file(struct reply *rp, const char *path, const char *type);
void reply_free(struct reply *rp);
/* Its headers say themselves where the body ends. */
bool reply_has_framing(const struct reply *rp);
/* Status line, headers and the empty line. */
void reply_format_head(
	const struct reply *rp, size_t body_len, bool close, struct text *ret);

/* As in Date (RFC 9110, section 5.6.7). */
#define HTTP_DATE_SIZE 64
void http_date(time_t at, char ret[HTTP_DATE_SIZE]);

/* In place; in a form '+' is a blank. false on a bad or a zero byte. */
bool percent_decode(char *s, bool form);

/* Names and values of a query or a form, decoded. */
struct params {
	struct header at[PARAMS_MAX];
	unsigned count;
	char *text;
	bool repeated; /* a name came twice */
	bool broken;   /* bad percent-encoding, or too many */
};
void params_parse(struct params *p, const char *text);
const char *params_get(const struct params *p, const char *name);
void params_free(struct params *p);
#define AUTO_PARAMS __attribute__((cleanup(params_free))) struct params

#endif
