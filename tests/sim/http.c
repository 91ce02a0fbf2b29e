/* HTTP/1.1 as a strict server reads it (RFC 9112), and answers byte for byte.
 * SPDX-License-Identifier: MIT */
#include "http.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "token.h"

#define HEAD_MAX ((size_t)64 * 1024)
#define BODY_MAX ((int64_t)64 * 1024 * 1024)

const char *request_header(const struct request *rq, const char *name)
{
	for (unsigned i = 0; i < rq->header_count; i++)
		if (text_equal_nocase(rq->headers[i].name, name))
			return rq->headers[i].value;
	return NULL;
}

bool request_keeps_alive(const struct request *rq)
{
	const char *connection = request_header(rq, "Connection");

	if (connection && text_equal_nocase(connection, "close"))
		return false;
	return rq->version && strcmp(rq->version, "HTTP/1.1") == 0;
}

/* Cuts the next field off at a blank. */
static char *next_word(char **at)
{
	return strsep(at, " ");
}

/* METHOD SP TARGET SP VERSION (RFC 9112, section 3). An absolute target loses its origin.
 */
static bool parse_start(struct request *rq, char *line)
{
	char *at = line, *path, *query;

	rq->method = next_word(&at);
	path = next_word(&at);
	rq->version = at;
	if (!path || !at || !*rq->method || !text_starts(at, "HTTP/1."))
		return false;
	rq->target = rq->head + (path - rq->text);
	if (text_starts_nocase(path, "http://")) {
		path = strchr(path + 7, '/');
		if (!path)
			return false;
	}
	query = strchr(path, '?');
	if (query)
		*query++ = '\0';
	rq->path = path;
	rq->query = query ? query : "";
	return *path == '/';
}

/* One field line; no folding, no blank before the colon (RFC 9112, section 5). */
static bool parse_header(struct request *rq, char *line)
{
	char *value = strchr(line, ':');
	size_t len;

	if (!value || value == line || rq->header_count == HEADERS_MAX)
		return false;
	*value++ = '\0';
	if (strpbrk(line, " \t"))
		return false;
	value += strspn(value, " \t");
	len = strlen(value);
	while (len && strchr(" \t", value[len - 1]))
		value[--len] = '\0';
	rq->headers[rq->header_count++] = (struct header){ line, value };
	return true;
}

static bool has_twice(const struct request *rq, const char *name)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < rq->header_count; i++)
		seen += text_equal_nocase(rq->headers[i].name, name);
	return seen > 1;
}

/* One way to tell where the body ends, and one coding (RFC 9112, section 6). */
static bool has_good_framing(const struct request *rq)
{
	const char *coding = request_header(rq, "Transfer-Encoding");

	if (has_twice(rq, "Content-Length") || has_twice(rq, "Transfer-Encoding"))
		return false;
	return !coding ||
		(text_equal_nocase(coding, "chunked") &&
			!request_header(rq, "Content-Length"));
}

static bool parse_head(struct request *rq)
{
	char *at, *line;

	rq->text = strdup(rq->head);
	if (!rq->text || strlen(rq->head) != rq->head_len)
		return false;
	at = rq->text;
	line = strsep(&at, "\n");
	for (bool first = true;; first = false, line = strsep(&at, "\n")) {
		size_t len = line ? strlen(line) : 0;

		if (!len || line[len - 1] != '\r')
			return false;
		line[len - 1] = '\0';
		if (!first && len == 1)
			break;
		if (first ? !parse_start(rq, line) : !parse_header(rq, line))
			return false;
	}
	return request_header(rq, "Host") && !has_twice(rq, "Host") &&
		has_good_framing(rq);
}

/* The target is kept raw in the head: give it an end. */
static bool keep_target(struct request *rq)
{
	size_t len = strcspn(rq->target, " \r\n");
	char *copy = strndup(rq->target, len);

	rq->target = copy;
	return copy != NULL;
}

/* The next len bytes of the connection at the end of the body. */
static bool add_to_body(struct conn *c, struct request *rq, size_t len)
{
	char *p = realloc(rq->body, rq->body_len + len + 1);

	if (!p)
		return false;
	rq->body = p;
	while (c->in_len < len)
		if (!conn_read(c))
			return false;
	if (len)
		memcpy(rq->body + rq->body_len, c->in, len);
	rq->body_len += len;
	rq->body[rq->body_len] = '\0';
	conn_use(c, len);
	return true;
}

/* A line up to CRLF, without it. */
static bool read_line(struct conn *c, char *ret, size_t size)
{
	char *end;

	while (!(end = c->in_len ? memmem(c->in, c->in_len, "\r\n", 2) : NULL))
		if (c->in_len > size || !conn_read(c))
			return false;
	if ((size_t)(end - c->in) >= size)
		return false;
	memcpy(ret, c->in, (size_t)(end - c->in));
	ret[end - c->in] = '\0';
	conn_use(c, (size_t)(end - c->in) + 2);
	return true;
}

/* RFC 9112, section 7.1; no extensions, and trailers are let go. */
static bool read_chunks(struct conn *c, struct request *rq)
{
	char line[256];

	for (;;) {
		size_t len = 0;

		if (!read_line(c, line, sizeof(line)) || !*line || strlen(line) > 8)
			return false;
		for (const char *at = line; *at; at++) {
			int digit = text_hex_digit(*at);

			if (digit < 0)
				return false;
			len = len * 16 + (size_t)digit;
		}
		if (len > (size_t)BODY_MAX - rq->body_len || !add_to_body(c, rq, len))
			return false;
		if (!len)
			break;
		if (!read_line(c, line, sizeof(line)) || *line)
			return false;
	}
	do {
		if (!read_line(c, line, sizeof(line)))
			return false;
	} while (*line);
	return true;
}

static bool read_body(struct conn *c, struct request *rq)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const char *given = request_header(rq, "Content-Length");
	const char *expect = request_header(rq, "Expect");
	int64_t len = 0;

	if (given && !text_to_number(given, 0, BODY_MAX, &len))
		return false;
	if (expect && text_equal_nocase(expect, "100-continue") && !c->in_len &&
		!conn_write(c, go_on, strlen(go_on)))
		return false;
	if (request_header(rq, "Transfer-Encoding"))
		return read_chunks(c, rq);
	return add_to_body(c, rq, (size_t)len);
}

enum request_state request_read(struct conn *c, struct request *ret)
{
	char *end;

	*ret = (struct request){ .listener = c->listener };
	while (!(end = c->in_len ? memmem(c->in, c->in_len, "\r\n\r\n", 4) : NULL))
		if (c->in_len > HEAD_MAX || !conn_read(c))
			return REQUEST_NONE;
	ret->head_len = (size_t)(end - c->in) + 4;
	ret->head = strndup(c->in, ret->head_len);
	if (!ret->head)
		return REQUEST_NONE;
	conn_use(c, ret->head_len);
	if (!parse_head(ret)) {
		ret->target = NULL;
		return REQUEST_BAD;
	}
	return keep_target(ret) && read_body(c, ret) ? REQUEST_GOOD : REQUEST_BAD;
}

void request_free(struct request *rq)
{
	text_cleanup_free(&rq->target);
	free(rq->head);
	free(rq->body);
	free(rq->text);
}

void reply_header(struct reply *rp, const char *name, const char *value)
{
	text_addf(&rp->headers, "%s: %s\r\n", name, value);
}

void reply_with(struct reply *rp, int status, const char *type, const char *fmt, ...)
{
	va_list ap;
	char *made = NULL;

	va_start(ap, fmt);
	if (vasprintf(&made, fmt, ap) < 0)
		abort();
	va_end(ap);
	rp->status = status;
	rp->has_body = true;
	reply_header(rp, "Content-Type", type);
	text_add(&rp->body, made);
	free(made);
}

bool reply_file(struct reply *rp, const char *path, const char *type)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	rp->large = calloc(1, (size_t)st.st_size + 1);
	if (!rp->large)
		abort();
	for (rp->large_len = 0; rp->large_len < (size_t)st.st_size && n > 0;
		rp->large_len += (size_t)n) {
		n = read(fd, rp->large + rp->large_len,
			(size_t)st.st_size - rp->large_len);
		if (n <= 0)
			break;
	}
	rp->status = 200;
	reply_header(rp, "Content-Type", type);
	return true;
}

void reply_status(struct reply *rp, int status)
{
	rp->status = status;
}

void reply_free(struct reply *rp)
{
	text_free(&rp->headers);
	text_free(&rp->body);
	free(rp->large);
}

static const char *phrase(int status)
{
	// clang-format off
	static const struct { int status; const char *text; } rows[] = {
		{ 200, "OK" },                  { 201, "Created" },      { 204, "No Content" },
		{ 203, "Non-Authoritative Information" },
		{ 301, "Moved Permanently" },   { 302, "Found" },        { 307, "Temporary Redirect" },
		{ 400, "Bad Request" },         { 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" },           { 405, "Method Not Allowed" },
		{ 410, "Gone" },                { 421, "Misdirected Request" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },   { 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },         { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};
	// clang-format on

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].status == status)
			return rows[i].text;
	return "Unknown";
}

/* A fault said how long the body is, or will say it in chunks. */
bool reply_has_framing(const struct reply *rp)
{
	return strcasestr(text_peek(&rp->headers), "Content-Length:") ||
		strcasestr(text_peek(&rp->headers), "Transfer-Encoding:");
}

void http_date(time_t at, char ret[HTTP_DATE_SIZE])
{
	struct tm tm;

	(void)strftime(
		ret, HTTP_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &tm));
}

void reply_format_head(
	const struct reply *rp, size_t body_len, bool close, struct text *ret)
{
	char date[HTTP_DATE_SIZE];

	http_date((time_t)now_s(), date);
	text_addf(ret, "HTTP/1.1 %d %s\r\n", rp->status,
		rp->phrase ? rp->phrase : phrase(rp->status));
	text_add(ret, text_peek(&rp->headers));
	text_addf(ret, "Date: %s\r\n", date);
	if (rp->status != 204 && !reply_has_framing(rp)) /* RFC 9110, section 8.6 */
		text_addf(ret, "Content-Length: %zu\r\n", body_len);
	if (close)
		text_add(ret, "Connection: close\r\n");
	text_add(ret, "\r\n");
}
