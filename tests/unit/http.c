/* HTTP against a hostile server and a hostile environment.
 * SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "server.h"
#include "test.h"

static bool isolated;
static struct server server, evil;

#define OK200 "HTTP/1.1 200 OK\r\n"

static const struct server_answer plain = {
	.head = OK200 "Content-Length: 2\r\n\r\nhi", .unit = "", .tail = ""
};

static const char *url_of(const char *host, int port, const char *path)
{
	static char url[256];

	(void)snprintf(url, sizeof(url), "http://%s:%d%s", host, port, path);
	return url;
}

static enum mitok_code get(const char *url, struct http_reply *ret)
{
	struct http_request rq = {
		.method = "GET", .flags = HTTP_LOCAL, .timeout_ms = 300
	};

	rq.url = url;
	return http_exchange(NULL, &rq, ret, NULL);
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
	server.serve = server_answer;
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
		{ "put", "http://127.0.0.1:1/", "x", HTTP_LOCAL, MITOK_E_ARG },
		{ "GET / HTTP/1.1\r\nX:", "http://127.0.0.1:1/", "x", HTTP_LOCAL,
			MITOK_E_ARG },
		{ "", "http://127.0.0.1:1/", "x", HTTP_LOCAL, MITOK_E_ARG },
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

		CHECK_ROW(urls[i], get(urls[i], &r) == MITOK_OK);
		CHECK_ROW(urls[i], r.fault == HTTP_FORBIDDEN && r.sys_errno == 0);
		CHECK_ROW(urls[i], clock_now().boot_ms - start < 100);
	}
}

/* host is asked at a server that listens on address. */
static void check_reached(const char *host, const char *address)
{
	AUTO_REPLY r = { 0 };

	server.serve = server_answer;
	server.arg = &plain;
	server_start(&server, address);
	CHECK_ROW(host, get(url_of(host, server.port, "/"), &r) == MITOK_OK);
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
	CHECK(get(url_of("127.0.0.1", ntohs(in.sin_port), "/"), &refused) == MITOK_OK);
	CHECK(refused.fault == HTTP_CONNECT && refused.sys_errno == ECONNREFUSED);
	CHECK_TEXT(refused.detail, "no connection: Connection refused");
	CHECK(listen(fd, 0) == 0);
	for (size_t i = 0; i < COUNT(waiting); i++) {
		waiting[i] =
			socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(waiting[i], (struct sockaddr *)&in, len);
	}
	clock_sleep(50);
	CHECK(get(url_of("127.0.0.1", ntohs(in.sin_port), "/"), &full) == MITOK_OK);
	CHECK(full.fault == HTTP_TIMEOUT);
	CHECK_TEXT(full.detail, "no connection in 300 ms");
	for (size_t i = 0; i < COUNT(waiting); i++)
		(void)close(waiting[i]);
	(void)close(fd);
	if (isolated) {
		CHECK(get("http://169.254.1.1/", &unreachable) == MITOK_OK);
		CHECK(unreachable.fault == HTTP_CONNECT &&
			unreachable.sys_errno == ENETUNREACH);
	}
}

static void hostile_environment(void)
{
	static const char *const proxies[] = { "http_proxy", "HTTP_PROXY", "https_proxy",
		"HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
	static const char netrc[] = "default login eve password " SPY_MARK "\n";
	static struct server_answer redirect = { .unit = "", .tail = "" };
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
	server.serve = server_answer;
	server.arg = &redirect;
	server_start(&server, "127.0.0.1");
	CHECK(get(url_of("localhost", server.port, "/"), &r) == MITOK_OK);
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
	if (!room)
		return;
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

	server.serve = server_answer;
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

static void *ask_often(void *arg)
{
	const char *url = arg;

	for (int i = 0; i < 5; i++) {
		struct http_request rq = { .method = "GET",
			.url = url,
			/* What libcurl frees would else turn up in blocks of ours. */
			.flags = HTTP_LOCAL | HTTP_OWN_PROCESS,
			.timeout_ms = 5000 };
		AUTO_REPLY r = { 0 };

		CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
		CHECK(r.status == 200 && r.body.len == 2);
	}
	return NULL;
}

static void threads(void)
{
	pthread_t all[8];
	char url[64];

	server.serve = server_answer;
	server.arg = &plain;
	server_start(&server, "127.0.0.1");
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/", server.port);
	for (size_t i = 0; i < COUNT(all); i++)
		CHECK(pthread_create(&all[i], NULL, ask_often, url) == 0);
	for (size_t i = 0; i < COUNT(all); i++)
		CHECK(pthread_join(all[i], NULL) == 0);
	CHECK(server_connections(&server) == 40);
	server_end(&server);
}

/* OpenSSL takes no allocator once it has allocated: whoever is first must not be us. */
static void wiped_memory(void)
{
	CRYPTO_malloc_fn allocate = NULL;
	CRYPTO_realloc_fn reallocate = NULL;
	CRYPTO_free_fn give_back = NULL;

	CRYPTO_get_mem_functions(&allocate, &reallocate, &give_back);
	CHECK(allocate && allocate != CRYPTO_malloc);
	CHECK(give_back && give_back != CRYPTO_free);
}

static const struct test tests[] = {
	{ "many threads ask at once, each on a connection of its own", threads },
	{ "OpenSSL, too, wipes in a process that is ours alone", wiped_memory },
	{ "a request is exactly what was asked for", request_bytes },
	{ "a request that could be misread is not sent", bad_requests },
	{ "a foreign address gets no connection", foreign_addresses },
	{ "loopback and link-local are reached under every spelling", own_addresses },
	{ "no connection: the system's reason is told", no_connection },
	{ "proxies, netrc and redirects lead nowhere", hostile_environment },
	{ "a peer that goes away does not end the program", broken_pipe },
	{ "the log names the place, not the question", logging },
};

int main(void)
{
	isolated = server_isolate();
	return test_run(tests, COUNT(tests));
}
