/* The answer as it comes in: bounded, uncompressed, HTTP/1.x (RFC 9112).
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <string.h>

/* Breaks the exchange off: libcurl fails when a callback takes less than it was given. */
static size_t nonsense(struct exchange *x, const char *why)
{
	x->fault = HTTP_NONSENSE;
	x->why = why;
	return 0;
}

/* The value of a header line when it is this header's, else NULL. */
static const char *value_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (!text_starts_nocase(line, name) || line[n] != ':')
		return NULL;
	return line + n + 1 + strspn(line + n + 1, " \t");
}

/* Why this line cannot be taken, or NULL. Nothing compressed was asked for, and what
 * libcurl unpacks on the way is beyond our limits. */
static const char *unwanted(const char *line)
{
	const char *content = value_of(line, "Content-Encoding");
	const char *transfer = value_of(line, "Transfer-Encoding");

	if (line[0] == ' ' || line[0] == '\t')
		return "a folded header line";
	if (strchr(line, '\r'))
		return "a carriage return in a header line";
	if (content && !text_equal_nocase(content, "identity"))
		return "a compressed answer";
	if (transfer && !text_equal_nocase(transfer, "chunked"))
		return "an unknown transfer encoding";
	return NULL;
}

/* What comes behind this status line; an interim answer is told by its first digit. */
static bool begin(struct exchange *x, const char *line)
{
	if (strlen(line) < 12 || !text_starts(line, "HTTP/1.") || line[8] != ' ')
		return false;
	x->part = line[9] == '1' ? ANSWER_INTERIM : ANSWER_HEADERS;
	return true;
}

static const char *take_line(struct exchange *x, const char *line)
{
	const char *why;

	if (x->part == ANSWER_BODY) /* a trailer: has no say */
		return NULL;
	if (x->part == ANSWER_STATUS)
		return begin(x, line) ? NULL : "not HTTP/1.x";
	if (!line[0]) {
		x->part = x->part == ANSWER_INTERIM ? ANSWER_STATUS : ANSWER_BODY;
		return NULL;
	}
	if (x->part == ANSWER_INTERIM)
		return NULL;
	why = unwanted(line);
	if (why)
		return why;
	text_add(&x->headers, line);
	text_add(&x->headers, "\n");
	x->no_memory |= !text_ok(&x->headers);
	return x->no_memory ? "out of memory" : NULL;
}

/* One line, with its line end. */
static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * count;
	struct text *line = &x->line;
	const char *why;

	x->header_bytes += len;
	if (x->header_bytes > HTTP_MAX_HEADERS_BYTES)
		return nonsense(x, "more than 32 KiB of headers");
	if (memchr(data, '\0', len))
		return nonsense(x, "a NUL in a header");
	line->len = 0;
	text_add_bytes(line, data, len);
	x->no_memory |= !text_ok(line);
	if (x->no_memory)
		return nonsense(x, "out of memory");
	if (line->len && line->p[line->len - 1] == '\n')
		line->p[--line->len] = '\0';
	if (line->len && line->p[line->len - 1] == '\r')
		line->p[--line->len] = '\0';
	why = take_line(x, text_peek(line));
	return why ? nonsense(x, why) : len;
}

static size_t max_body(const struct exchange *x)
{
	return x->rq->max_body ? x->rq->max_body : HTTP_MAX_BODY;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * count;

	if (x->part != ANSWER_BODY)
		return nonsense(x, "not HTTP/1.x");
	if (len > max_body(x) - x->body.len)
		return nonsense(x, "too long a body");
	if (secret_add(&x->body, data, len))
		return len;
	x->no_memory = true;
	return nonsense(x, "out of memory");
}

void exchange_setup_answer(struct exchange *x)
{
	EXCHANGE_SET(x, CURLOPT_HEADERFUNCTION, on_header);
	EXCHANGE_SET(x, CURLOPT_HEADERDATA, x);
	EXCHANGE_SET(x, CURLOPT_WRITEFUNCTION, on_body);
	EXCHANGE_SET(x, CURLOPT_WRITEDATA, x);
	/* Ends at once when Content-Length says so; on_body() counts what it does not. */
	EXCHANGE_SET(x, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)max_body(x));
}
