/* HTTP against a hostile server and a hostile environment.
 * SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "server.h"
#include "test.h"

static bool isolated;
static struct server server, evil;

enum after {
	CLOSE,
	HOLD,
	RESET,
	DRIP
};

/* What the server sends: head, count times unit, tail; then what it does. */
struct answer {
	const char *what, *head, *unit, *tail;
	size_t count;
	enum after after;
	enum http_fault fault;
	int status;
	const char *detail;
};

#define OK200 "HTTP/1.1 200 OK\r\n"

// clang-format off
static const struct answer answers[] = {
	{ "a body by length", OK200 "Content-Length: 2\r\n\r\nhi", "", "", 0, HOLD, HTTP_OK, 200, "" },
	{ "a body by close", OK200 "\r\nhi", "", "", 0, CLOSE, HTTP_OK, 200, "" },
	{ "a chunked body", OK200 "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n", "", "", 0, HOLD, HTTP_OK, 200, "" },
	{ "an interim answer first", "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" OK200 "Content-Length: 2\r\n\r\nhi", "", "", 0, HOLD, HTTP_OK, 200, "" },
	{ "line ends without CR", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "", "", 0, HOLD, HTTP_OK, 200, "" },
	{ "a status line without words", "HTTP/1.1 404\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, HOLD, HTTP_OK, 404, "" },
	{ "HTTP/1.0", "HTTP/1.0 500 No\r\n\r\nhi", "", "", 0, CLOSE, HTTP_OK, 500, "" },
	{ "identity is no compression", OK200 "Content-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, HOLD, HTTP_OK, 200, "" },
	{ "just small enough", OK200 "Content-Length: 262144\r\n\r\n", "x", "", 262144, HOLD, HTTP_OK, 200, "" },
	{ "an empty body", OK200 "Content-Length: 0\r\n\r\n", "", "", 0, HOLD, HTTP_OK, 200, "" },
	{ "silence", "", "", "", 0, HOLD, HTTP_TIMEOUT, 0, "no answer in 300 ms" },
	{ "drops of headers", OK200 "X: ", "y", "", 1000, DRIP, HTTP_TIMEOUT, 0, "no whole answer in 300 ms" },
	{ "drops of body", OK200 "Content-Length: 1000\r\n\r\n", "y", "", 1000, DRIP, HTTP_TIMEOUT, 0, "no whole answer in 300 ms" },
	{ "drops of interim answers", "", "HTTP/1.1 100 Continue\r\n\r\n", "", 1000, DRIP, HTTP_TIMEOUT, 0, NULL },
	{ "chunks without end", OK200 "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "", "", 0, HOLD, HTTP_TIMEOUT, 0, "no whole answer in 300 ms" },
	{ "endless interim answers", "", "HTTP/1.1 100 Continue\r\n\r\n", "", 1000000, HOLD, HTTP_NONSENSE, 0, "more than 32 KiB of headers" },
	{ "300 KB in a header", OK200 "X: ", "y", "\r\n\r\n", 300000, HOLD, HTTP_NONSENSE, 0, NULL },
	{ "300 KB in many headers", OK200, "X: yyyyyyyyyyyy\r\n", "\r\n", 20000, HOLD, HTTP_NONSENSE, 0, "more than 32 KiB of headers" },
	{ "a header that never ends", OK200 "X: ", "y", "", 30000000, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "a status line that never ends", "HTTP/1.1 200 ", "y", "", 3000000, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "endless trailers", OK200 "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: yyyyyyyyyyy\r\n", "", 100000, HOLD, HTTP_NONSENSE, 0, NULL },
	{ "HTTP/0.9", "<html>hello</html>", "", "", 0, CLOSE, HTTP_NONSENSE, 0, "not HTTP/1.x" },
	{ "another protocol", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "", "", 0, CLOSE, HTTP_NONSENSE, 0, "not HTTP/1.x" },
	{ "HTTP/2 in words", "HTTP/2 200\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "switching protocols", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nhi", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "no number for a status", "HTTP/1.1 abc OK\r\n\r\n", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "a body of 26 MB announced", OK200 "Content-Length: 26000000\r\n\r\n", "x", "", 26000000, HOLD, HTTP_NONSENSE, 0, "more than 256 KiB of body" },
	{ "a body of 26 MB by close", OK200 "\r\n", "x", "", 26000000, CLOSE, HTTP_NONSENSE, 0, "more than 256 KiB of body" },
	{ "a body of 26 MB in chunks", OK200 "Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n", "0\r\n\r\n", 2600000, HOLD, HTTP_NONSENSE, 0, "more than 256 KiB of body" },
	{ "a chunk of 16 EB", OK200 "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "a chunk of no number", OK200 "Transfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "a negative length", OK200 "Content-Length: -5\r\n\r\nhi", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "gzip", OK200 "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", "", "", 0, CLOSE, HTTP_NONSENSE, 0, "a compressed answer" },
	{ "gzip behind identity", OK200 "content-encoding: identity, gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", "", "", 0, CLOSE, HTTP_NONSENSE, 0, "a compressed answer" },
	{ "gzip in transfer", OK200 "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n\x1f\x8b\r\n0\r\n\r\n", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "a folded header", OK200 "X: y\r\n z\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "CR within a header", OK200 "X: y\rRetry-After: 5\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, CLOSE, HTTP_NONSENSE, 0, NULL },
	{ "less than announced", OK200 "Content-Length: 10\r\n\r\nhi", "", "", 0, CLOSE, HTTP_RESET, 0, "closed in the middle of the answer" },
	{ "chunks cut short", OK200 "Transfer-Encoding: chunked\r\n\r\n5\r\nhi", "", "", 0, CLOSE, HTTP_RESET, 0, "closed in the middle of the answer" },
	{ "closed at once", "", "", "", 0, CLOSE, HTTP_RESET, 0, "closed without an answer" },
	{ "reset at once", "", "", "", 0, RESET, HTTP_RESET, 0, NULL },
	{ "reset in the body", OK200 "Content-Length: 10\r\n\r\nhi", "", "", 0, RESET, HTTP_RESET, 0, NULL },
	{ "a redirect to another host", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", "", "", 0, CLOSE, HTTP_OK, 302, "" },
	{ "a redirect to a file", "HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "", "", 0, CLOSE, HTTP_OK, 301, "" },
	{ "a redirect to gopher", "HTTP/1.1 307 Moved\r\nLocation: gopher://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n", "", "", 0, CLOSE, HTTP_OK, 307, "" },
	{ "a relative redirect", "HTTP/1.1 308 Moved\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n", "", "", 0, CLOSE, HTTP_OK, 308, "" },
	{ "a demand for a password", "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=/x.key\r\nContent-Length: 0\r\n\r\n", "", "", 0, CLOSE, HTTP_OK, 401, "" },
};
// clang-format on

static void serve_answer(struct server *s, int fd)
{
	const struct answer *a = s->arg;
	size_t n = strlen(a->unit), at = 0;
	char block[16384];

	server_read(s, fd);
	server_write(fd, a->head, strlen(a->head));
	for (size_t i = 0; i < a->count; i++) {
		memcpy(block + at, a->unit, n);
		at += n;
		if (a->after == DRIP || at + n > sizeof(block) || i + 1 == a->count) {
			if (send(fd, block, at, MSG_NOSIGNAL) < 0)
				return;
			at = 0;
		}
		if (a->after == DRIP)
			clock_sleep(30);
	}
	server_write(fd, a->tail, strlen(a->tail));
	if (a->after == HOLD)
		server_hold(s, fd);
	else if (a->after == RESET)
		server_reset(fd);
}

static const struct answer plain = { .what = "plain",
	.head = OK200 "Content-Length: 2\r\n\r\nhi",
	.unit = "",
	.tail = "" };

static const char *url_of(const char *host, int port, const char *path)
{
	static char url[256];

	(void)snprintf(url, sizeof(url), "http://%s:%d%s", host, port, path);
	return url;
}

static enum mitok_code get(const char *url, struct http_reply *ret, struct mitok_err *e)
{
	struct http_request rq = {
		.method = "GET", .url = url, .flags = HTTP_LOCAL, .timeout_ms = 300
	};

	struct mitok_err own = { 0 };
	enum mitok_code r = http_exchange(NULL, &rq, ret, e ? e : &own);

	if (r)
		fprintf(stderr, "  %s: %s\n", url, own.message);
	return r;
}

static void chaos(void)
{
	struct rusage before, after;

	(void)getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct answer *a = &answers[i];
		int64_t start = clock_now().boot_ms;
		AUTO_REPLY r = { 0 };

		server.serve = serve_answer;
		server.arg = a;
		server_start(&server, "127.0.0.1");
		CHECK_ROW(a->what,
			get(url_of("127.0.0.1", server.port, "/"), &r, NULL) == 0);
		if (!test_check(r.fault == a->fault, __FILE__, __LINE__, "the fault",
			    a->what))
			fprintf(stderr, "  got %d: %s\n", (int)r.fault, r.detail);
		CHECK_ROW(a->what, r.status == a->status);
		if (a->detail && strcmp(a->detail, r.detail) != 0)
			CHECK_TEXT(r.detail, a->detail);
		CHECK_ROW(a->what, (r.detail[0] == '\0') == (r.fault == HTTP_OK));
		CHECK_ROW(a->what,
			r.fault == HTTP_OK || (r.body.len == 0 && r.headers.len == 0));
		CHECK_ROW(a->what, clock_now().boot_ms - start < 1000);
		CHECK_ROW(a->what, server_connections(&server) == 1);
		server_end(&server);
	}
	(void)getrusage(RUSAGE_SELF, &after);
	CHECK(after.ru_maxrss - before.ru_maxrss < 24 * 1024);
}

static void request_bytes(void)
{
	AUTO_SECRET secret = { 0 }, body = { 0 };
	struct http_request rq = { .method = "GET",
		.url = NULL,
		.headers = { { .name = "Metadata", .value = "true" },
			{ .name = "X-Empty" } },
		.flags = HTTP_LOCAL,
		.timeout_ms = 1000 };
	AUTO_REPLY r = { 0 }, again = { 0 };
	AUTO_TEXT want = { 0 }, post = { 0 };

	CHECK(secret_add_text(&secret, SPY_MARK));
	CHECK(secret_add_text(&body, "a=b&c=" SPY_MARK));
	server.serve = serve_answer;
	server.arg = &plain;
	server_start(&server, "127.0.0.1");
	rq.url = url_of("127.0.0.1", server.port, "/a/../b?x=%2F&y=1");
	CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
	text_addf(&want,
		"GET /a/../b?x=%%2F&y=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		"User-Agent: mi-token\r\nMetadata: true\r\nX-Empty:\r\n\r\n",
		server.port);
	CHECK_TEXT(server.request, text_peek(&want));
	CHECK_TEXT(secret_peek(&r.body), "hi");
	rq.method = "POST";
	rq.headers[1] = (struct http_header){ .name = "Secret", .secret = &secret };
	rq.headers[2] =
		(struct http_header){ .name = "Accept", .value = "application/json" };
	rq.headers[3] = (struct http_header){ .name = "Content-Type", .value = "text/x" };
	rq.body = &body;
	spy_leaks = 0;
	CHECK(http_exchange(NULL, &rq, &again, NULL) == MITOK_OK);
	CHECK(spy_leaks == 0);
	text_addf(&post,
		"POST /a/../b?x=%%2F&y=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		"User-Agent: mi-token\r\nMetadata: true\r\nSecret: " SPY_MARK "\r\n"
		"Accept: application/json\r\nContent-Type: text/x\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		server.port, body.len, secret_peek(&body));
	CHECK_TEXT(server.request, text_peek(&post));
	server_end(&server);
}

static void bad_requests(void)
{
	static const struct {
		const char *method, *url, *value;
		unsigned flags;
		enum mitok_code want;
	} rows[] = {
		{ "PUT", "http://127.0.0.1:1/", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET", "http://u:p@127.0.0.1:1/", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET", "http://127.0.0.1:1\\@192.0.2.1/", "x", HTTP_LOCAL,
			MITOK_E_ARG },
		{ "GET", "http://127.0.0.1:1/a b", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET", "http://127.0.0.1:1/a\r\nX: y", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET", "127.0.0.1:1", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET", "", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET", "ftp://127.0.0.1:1/", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET", "file:///etc/passwd", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET", "http://127.0.0.1:1/", "x", 0, MITOK_E_ARG },
		{ "GET", "http://127.0.0.1:1/", "x\r\nY: z", HTTP_LOCAL, MITOK_E_CONF },
		{ "GET", "http://127.0.0.1:1/", SPY_MARK "\n", HTTP_LOCAL, MITOK_E_CONF },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_SECRET secret = { 0 };
		struct http_request rq = { .method = rows[i].method,
			.url = rows[i].url,
			.headers = { { .name = "Secret", .secret = &secret } },
			.flags = rows[i].flags,
			.timeout_ms = 300 };
		AUTO_REPLY r = { 0 };
		struct mitok_err e = { 0 };

		CHECK(secret_add_text(&secret, rows[i].value));
		CHECK_ROW(rows[i].url, http_exchange(NULL, &rq, &r, &e) == rows[i].want);
		CHECK_ROW(rows[i].url, e.message[0] && !strstr(e.message, SPY_MARK));
		CHECK_ROW(rows[i].url, r.fault == HTTP_OK && r.status == 0);
	}
}

static void foreign_addresses(void)
{
	static const char *const urls[] = { "http://192.0.2.1/", "http://10.0.0.1:80/",
		"http://0xc0000201/", "http://3221225985/", "http://0.0.0.0/",
		"http://[::ffff:127.0.0.1]/", "http://[::]/", "http://[fe80::1]/",
		"http://169.253.255.255/", "http://126.255.255.255/", "http://128.0.0.1/",
		"http://example.invalid/", "http://127.0.0.1.example.invalid/",
		"http://localhost.example.invalid/", "http://x.localhost/",
		"https://192.0.2.1/" };

	if (!isolated) {
		test_skip("no network namespace");
		return;
	}
	for (size_t i = 0; i < COUNT(urls); i++) {
		int64_t start = clock_now().boot_ms;
		AUTO_REPLY r = { 0 };

		CHECK_ROW(urls[i], get(urls[i], &r, NULL) == MITOK_OK);
		CHECK_ROW(urls[i], r.fault == HTTP_FORBIDDEN && r.sys_errno == 0);
		CHECK_ROW(urls[i], clock_now().boot_ms - start < 100);
	}
}

/* host is asked at a server that listens on address. */
static void check_reached(const char *host, const char *address)
{
	AUTO_REPLY r = { 0 };

	server.serve = serve_answer;
	server.arg = &plain;
	server_start(&server, address);
	CHECK_ROW(host, get(url_of(host, server.port, "/"), &r, NULL) == MITOK_OK);
	CHECK_ROW(host, r.status == 200 && server_connections(&server) == 1);
	server_end(&server);
}

static void own_addresses(void)
{
	check_reached("localhost", "127.0.0.1");
	check_reached("LOCALHOST", "127.0.0.1");
	check_reached("127.1", "127.0.0.1");
	check_reached("2130706433", "127.0.0.1");
	check_reached("127.8.9.10", "127.8.9.10");
	if (isolated) {
		check_reached("[::1]", "::1");
		check_reached("169.254.169.254", "169.254.169.254");
		check_reached("2852039166", "169.254.169.254");
		check_reached("0xa9fea9fe", "169.254.169.254");
	}
}

/* The accept queue of a listener that is full lets new connections wait. */
static void no_connection(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), waiting[4];
	AUTO_REPLY refused = { 0 }, full = { 0 }, unreachable = { 0 };

	CHECK(bind(fd, (struct sockaddr *)&in, len) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&in, &len) == 0);
	CHECK(get(url_of("127.0.0.1", ntohs(in.sin_port), "/"), &refused, NULL) ==
		MITOK_OK);
	CHECK(refused.fault == HTTP_CONNECT && refused.sys_errno == ECONNREFUSED);
	CHECK_TEXT(refused.detail, "no connection: Connection refused");
	CHECK(listen(fd, 0) == 0);
	for (size_t i = 0; i < COUNT(waiting); i++) {
		waiting[i] =
			socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(waiting[i], (struct sockaddr *)&in, len);
	}
	clock_sleep(50);
	CHECK(get(url_of("127.0.0.1", ntohs(in.sin_port), "/"), &full, NULL) == MITOK_OK);
	CHECK(full.fault == HTTP_TIMEOUT);
	CHECK_TEXT(full.detail, "no connection in 300 ms");
	for (size_t i = 0; i < COUNT(waiting); i++)
		(void)close(waiting[i]);
	(void)close(fd);
	if (isolated) {
		CHECK(get("http://169.254.1.1/", &unreachable, NULL) == MITOK_OK);
		CHECK(unreachable.fault == HTTP_CONNECT &&
			unreachable.sys_errno == ENETUNREACH);
	}
}

static void hostile_environment(void)
{
	static const char *const proxies[] = { "http_proxy", "HTTP_PROXY", "https_proxy",
		"HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
	static const char netrc[] = "default login eve password " SPY_MARK "\n";
	static struct answer redirect = { .what = "redirect", .unit = "", .tail = "" };
	char home[] = "/tmp/mi-token-http-XXXXXX", path[64], proxy[64], head[128];
	AUTO_REPLY r = { 0 };
	FILE *f;

	server_start(&evil, "127.0.0.1");
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", evil.port);
	for (size_t i = 0; i < COUNT(proxies); i++)
		(void)setenv(proxies[i], proxy, 1);
	(void)unsetenv("no_proxy");
	CHECK(mkdtemp(home) != NULL);
	(void)snprintf(path, sizeof(path), "%s/.netrc", home);
	f = fopen(path, "w");
	CHECK(f && fwrite(netrc, sizeof(netrc) - 1, 1, f) == 1 && fclose(f) == 0);
	(void)chmod(path, 0600);
	(void)setenv("HOME", home, 1);
	(void)setenv("NETRC", path, 1);
	(void)snprintf(head, sizeof(head),
		"HTTP/1.1 302 Found\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n",
		proxy);
	redirect.head = head;
	server.serve = serve_answer;
	server.arg = &redirect;
	server_start(&server, "127.0.0.1");
	CHECK(get(url_of("localhost", server.port, "/"), &r, NULL) == MITOK_OK);
	CHECK(r.status == 302 && server_connections(&server) == 1);
	CHECK(server_connections(&evil) == 0);
	CHECK(!strcasestr(server.request, "authorization") &&
		!strstr(server.request, "http:"));
	server_end(&server);
	server_end(&evil);
	for (size_t i = 0; i < COUNT(proxies); i++)
		(void)unsetenv(proxies[i]);
	(void)unlink(path);
	(void)rmdir(home);
}

/* Every other time it waits for the first bytes. */
static void serve_nothing(struct server *s, int fd)
{
	char byte;

	if (server_connections(s) % 2)
		(void)!read(fd, &byte, 1);
	server_reset(fd);
}

/* SIGPIPE has its default action here. */
static void broken_pipe(void)
{
	AUTO_SECRET body = { 0 };
	char *room = secret_room(&body, 1000000);

	CHECK(room != NULL);
	memset(room, 'x', 1000000);
	secret_grow(&body, 1000000);
	server.serve = serve_nothing;
	server_start(&server, "127.0.0.1");
	for (int i = 0; i < 10; i++) {
		struct http_request rq = { .method = "POST",
			.url = url_of("127.0.0.1", server.port, "/"),
			.body = &body,
			.flags = HTTP_LOCAL,
			.timeout_ms = 1000 };
		AUTO_REPLY r = { 0 };

		CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
		CHECK_ROW(r.detail, r.fault == HTTP_RESET);
	}
	server_end(&server);
}

static void header_values(void)
{
	static char lines[] =
		"Date: Tue, 24 Nov 2026 14:55:00 GMT\nretry-after:\t 5 \t\r\n"
		"Retry-After-Not: 9\nX-Empty:\nRETRY-AFTER: 7\nBad : 1\nnothing\n";
	static const struct {
		const char *name;
		unsigned n;
		const char *want;
	} rows[] = { { "Retry-After", 0, "5" }, { "Retry-After", 1, "7" },
		{ "Retry-After", 2, NULL }, { "x-empty", 0, "" }, { "Bad", 0, NULL },
		{ "nothing", 0, NULL }, { "date", 0, NULL /* does not fit */ },
		{ "Retry", 0, NULL } };
	struct http_reply r = { .headers = { .p = lines, .len = sizeof(lines) - 1 } };
	struct http_reply none = { 0 };
	char value[8] = "", whole[64];

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool has = http_header_value(
			&r, rows[i].name, rows[i].n, value, sizeof(value));

		CHECK_ROW(rows[i].name, has == (rows[i].want != NULL));
		if (rows[i].want)
			CHECK_TEXT(value, rows[i].want);
	}
	CHECK(http_header_value(&r, "DATE", 0, whole, sizeof(whole)));
	CHECK_TEXT(whole, "Tue, 24 Nov 2026 14:55:00 GMT");
	CHECK(!http_header_value(&none, "Date", 0, whole, sizeof(whole)));
}

static void final_headers(void)
{
	static const struct answer a = { .what = "headers",
		.head = "HTTP/1.1 103 Early\r\nRetry-After: 1\r\n\r\n" OK200
			"Retry-After: 2\r\nTransfer-Encoding: chunked\r\nTrailer: "
			"Retry-After\r\n\r\n"
			"2\r\nhi\r\n0\r\nRetry-After: 3\r\n\r\n",
		.unit = "",
		.tail = "" };
	AUTO_REPLY r = { 0 };
	char value[8];

	server.serve = serve_answer;
	server.arg = &a;
	server_start(&server, "127.0.0.1");
	CHECK(get(url_of("127.0.0.1", server.port, "/"), &r, NULL) == MITOK_OK);
	CHECK(http_header_value(&r, "Retry-After", 0, value, sizeof(value)));
	CHECK_TEXT(value, "2");
	CHECK(!http_header_value(&r, "Retry-After", 1, value, sizeof(value)));
	server_end(&server);
}

static void keep_line(void *arg, const char *line)
{
	(void)snprintf(arg, 256, "%s", line);
}

static void logging(void)
{
	char line[256] = "", want[256];
	struct log log = { .fn = keep_line, .arg = line };
	struct http_request rq = {
		.method = "GET", .flags = HTTP_LOCAL, .timeout_ms = 1000
	};
	AUTO_REPLY r = { 0 };

	server.serve = serve_answer;
	server.arg = &plain;
	server_start(&server, "127.0.0.1");
	rq.url = url_of("127.0.0.1", server.port, "/p?resource=" SPY_MARK);
	CHECK(http_exchange(&log, &rq, &r, NULL) == MITOK_OK);
	(void)snprintf(want, sizeof(want),
		"GET http://127.0.0.1:%d/p: HTTP status 200, after ", server.port);
	CHECK(strncmp(line, want, strlen(want)) == 0);
	CHECK(!strstr(line, SPY_MARK));
	server_end(&server);
}

static const struct test tests[] = {
	{ "each kind of broken answer has its fault, soon and in little memory", chaos },
	{ "a request is exactly what was asked for", request_bytes },
	{ "a request that could be misread is not sent", bad_requests },
	{ "a foreign address gets no connection", foreign_addresses },
	{ "loopback and link-local are reached under every spelling", own_addresses },
	{ "no connection: the system's reason is told", no_connection },
	{ "proxies, netrc and redirects lead nowhere", hostile_environment },
	{ "a peer that goes away does not end the program", broken_pipe },
	{ "header values are found by name and number", header_values },
	{ "interim answers and trailers have no say", final_headers },
	{ "the log names the place, not the question", logging },
};

int main(void)
{
	isolated = server_isolate();
	return test_run(tests, COUNT(tests));
}
