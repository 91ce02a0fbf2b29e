/* HTTP answers of every broken kind, and what of a good one has a say.
 * SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <sys/resource.h>

#include "base/clock.h"
#include "server.h"
#include "test.h"

static struct server server;

#define OK200 "HTTP/1.1 200 OK\r\n"

// clang-format off
static const struct {
	const char *what;
	struct server_answer answer;
	enum http_fault fault;
	int status;
	const char *detail;
} answers[] = {
	{ "a body by length", { OK200 "Content-Length: 2\r\n\r\nhi", "", "", 0, SERVER_HOLD }, HTTP_OK, 200, "" },
	{ "a body by close", { OK200 "\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_OK, 200, "" },
	{ "a chunked body", { OK200 "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n", "", "", 0, SERVER_HOLD }, HTTP_OK, 200, "" },
	{ "an interim answer first", { "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" OK200 "Content-Length: 2\r\n\r\nhi", "", "", 0, SERVER_HOLD }, HTTP_OK, 200, "" },
	{ "line ends without CR", { "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "", "", 0, SERVER_HOLD }, HTTP_OK, 200, "" },
	{ "a status line without words", { "HTTP/1.1 404\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, SERVER_HOLD }, HTTP_OK, 404, "" },
	{ "HTTP/1.0", { "HTTP/1.0 500 No\r\n\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_OK, 500, "" },
	{ "identity is no compression", { OK200 "Content-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, SERVER_HOLD }, HTTP_OK, 200, "" },
	{ "just small enough", { OK200 "Content-Length: 262144\r\n\r\n", "x", "", 262144, SERVER_HOLD }, HTTP_OK, 200, "" },
	{ "an empty body", { OK200 "Content-Length: 0\r\n\r\n", "", "", 0, SERVER_HOLD }, HTTP_OK, 200, "" },
	{ "silence", { "", "", "", 0, SERVER_HOLD }, HTTP_TIMEOUT, 0, "no answer in 300 ms" },
	{ "drops of headers", { OK200 "X: ", "y", "", 1000, SERVER_DRIP }, HTTP_TIMEOUT, 0, "no whole answer in 300 ms" },
	{ "drops of body", { OK200 "Content-Length: 1000\r\n\r\n", "y", "", 1000, SERVER_DRIP }, HTTP_TIMEOUT, 0, "no whole answer in 300 ms" },
	{ "drops of interim answers", { "", "HTTP/1.1 100 Continue\r\n\r\n", "", 1000, SERVER_DRIP }, HTTP_TIMEOUT, 0, NULL },
	{ "chunks without end", { OK200 "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "", "", 0, SERVER_HOLD }, HTTP_TIMEOUT, 0, "no whole answer in 300 ms" },
	{ "endless interim answers", { "", "HTTP/1.1 100 Continue\r\n\r\n", "", 1000000, SERVER_HOLD }, HTTP_NONSENSE, 0, "more than 32 KiB of headers" },
	{ "300 KB in a header", { OK200 "X: ", "y", "\r\n\r\n", 300000, SERVER_HOLD }, HTTP_NONSENSE, 0, NULL },
	{ "300 KB in many headers", { OK200, "X: yyyyyyyyyyyy\r\n", "\r\n", 20000, SERVER_HOLD }, HTTP_NONSENSE, 0, "more than 32 KiB of headers" },
	{ "a header that never ends", { OK200 "X: ", "y", "", 30000000, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "a status line that never ends", { "HTTP/1.1 200 ", "y", "", 3000000, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "endless trailers", { OK200 "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: yyyyyyyyyyy\r\n", "", 100000, SERVER_HOLD }, HTTP_NONSENSE, 0, NULL },
	{ "HTTP/0.9", { "<html>hello</html>", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, "not HTTP/1.x" },
	{ "another protocol", { "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, "not HTTP/1.x" },
	{ "HTTP/2 in words", { "HTTP/2 200\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "switching protocols", { "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "no number for a status", { "HTTP/1.1 abc OK\r\n\r\n", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "a body of 26 MB announced", { OK200 "Content-Length: 26000000\r\n\r\n", "x", "", 26000000, SERVER_HOLD }, HTTP_NONSENSE, 0, "too long a body" },
	{ "a body of 26 MB by close", { OK200 "\r\n", "x", "", 26000000, SERVER_CLOSE }, HTTP_NONSENSE, 0, "too long a body" },
	{ "a body of 26 MB in chunks", { OK200 "Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n", "0\r\n\r\n", 2600000, SERVER_HOLD }, HTTP_NONSENSE, 0, "too long a body" },
	{ "a chunk of 16 EB", { OK200 "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "a chunk of no number", { OK200 "Transfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "a negative length", { OK200 "Content-Length: -5\r\n\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "gzip", { OK200 "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, "a compressed answer" },
	{ "gzip behind identity", { OK200 "content-encoding: identity, gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, "a compressed answer" },
	{ "gzip in transfer", { OK200 "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n\x1f\x8b\r\n0\r\n\r\n", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "a folded header", { OK200 "X: y\r\n z\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "CR within a header", { OK200 "X: y\rRetry-After: 5\r\nContent-Length: 2\r\n\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_NONSENSE, 0, NULL },
	{ "less than announced", { OK200 "Content-Length: 10\r\n\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_RESET, 0, "closed in the middle of the answer" },
	{ "chunks cut short", { OK200 "Transfer-Encoding: chunked\r\n\r\n5\r\nhi", "", "", 0, SERVER_CLOSE }, HTTP_RESET, 0, "closed in the middle of the answer" },
	{ "closed at once", { "", "", "", 0, SERVER_CLOSE }, HTTP_RESET, 0, "closed without an answer" },
	{ "reset at once", { "", "", "", 0, SERVER_RESET }, HTTP_RESET, 0, NULL },
	{ "reset in the body", { OK200 "Content-Length: 10\r\n\r\nhi", "", "", 0, SERVER_RESET }, HTTP_RESET, 0, NULL },
	{ "a redirect to another host", { "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", "", "", 0, SERVER_CLOSE }, HTTP_OK, 302, "" },
	{ "a redirect to a file", { "HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "", "", 0, SERVER_CLOSE }, HTTP_OK, 301, "" },
	{ "a redirect to gopher", { "HTTP/1.1 307 Moved\r\nLocation: gopher://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n", "", "", 0, SERVER_CLOSE }, HTTP_OK, 307, "" },
	{ "a relative redirect", { "HTTP/1.1 308 Moved\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n", "", "", 0, SERVER_CLOSE }, HTTP_OK, 308, "" },
	{ "a demand for a password", { "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=/x.key\r\nContent-Length: 0\r\n\r\n", "", "", 0, SERVER_CLOSE }, HTTP_OK, 401, "" },
};
// clang-format on

static const char *url_of(const char *host, int port, const char *path)
{
	static char url[256];

	(void)snprintf(url, sizeof(url), "http://%s:%d%s", host, port, path);
	return url;
}

/* Only who is expected to be late is not waited for. */
static enum mitok_code get(const char *url, enum http_fault want, struct http_reply *ret)
{
	struct http_request rq = {
		.method = "GET",
		.url = url,
		.flags = HTTP_LOCAL,
		.timeout_ms = want == HTTP_TIMEOUT ? 300 : 10000,
	};

	return http_exchange(NULL, &rq, ret, NULL);
}

static void chaos(void)
{
	struct rusage before, after;

	(void)getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < COUNT(answers); i++) {
		const char *what = answers[i].what;
		int64_t start = clock_now().boot_ms;
		AUTO_REPLY r = { 0 };

		server.serve = server_answer;
		server.arg = &answers[i].answer;
		server_start(&server, "127.0.0.1");
		CHECK_ROW(what,
			get(url_of("127.0.0.1", server.port, "/"), answers[i].fault,
				&r) == 0);
		if (!test_check(r.fault == answers[i].fault, __FILE__, __LINE__,
			    "the fault", what))
			fprintf(stderr, "  got %d: %s\n", (int)r.fault, r.detail);
		CHECK_ROW(what, r.status == answers[i].status);
		if (answers[i].detail && strcmp(answers[i].detail, r.detail) != 0)
			CHECK_TEXT(r.detail, answers[i].detail);
		CHECK_ROW(what, (r.detail[0] == '\0') == (r.fault == HTTP_OK));
		CHECK_ROW(what,
			r.fault == HTTP_OK || (r.body.len == 0 && r.headers.len == 0));
		CHECK_ROW(what, clock_now().boot_ms - start < 5000);
		CHECK_ROW(what, server_connections(&server) == 1);
		server_end(&server);
	}
	(void)getrusage(RUSAGE_SELF, &after);
	CHECK(after.ru_maxrss - before.ru_maxrss < 24 * 1024L);
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
	static const struct server_answer a = {
		.head = "HTTP/1.1 103 Early\r\nRetry-After: 1\r\n\r\n" OK200
			"Retry-After: 2\r\nTransfer-Encoding: chunked\r\nTrailer: "
			"Retry-After\r\n\r\n"
			"2\r\nhi\r\n0\r\nRetry-After: 3\r\n\r\n",
		.unit = "",
		.tail = ""
	};
	AUTO_REPLY r = { 0 };
	char value[8];

	server.serve = server_answer;
	server.arg = &a;
	server_start(&server, "127.0.0.1");
	CHECK(get(url_of("127.0.0.1", server.port, "/"), HTTP_OK, &r) == MITOK_OK);
	CHECK(http_header_value(&r, "Retry-After", 0, value, sizeof(value)));
	CHECK_TEXT(value, "2");
	CHECK(!http_header_value(&r, "Retry-After", 1, value, sizeof(value)));
	server_end(&server);
}

static const struct test tests[] = {
	{ "each kind of broken answer has its fault, soon and in little memory", chaos },
	{ "header values are found by name and number", header_values },
	{ "interim answers and trailers have no say", final_headers },
};

int main(void)
{
	(void)server_isolate();
	return test_run(tests, COUNT(tests));
}
