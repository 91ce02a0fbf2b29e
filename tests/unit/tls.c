/* TLS of the transport: whom it believes, and what others get to see.
 * SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "cert.h"
#include "server.h"
#include "test.h"

#define SNI CERT_NAME

static struct cert good, other, expired;
static struct server server, evil;
static SSL_CTX *tls;
static unsigned plain_bytes; /* that the server decrypted */
static char server_name[64];

/* Speaks TLS with s->arg's certificate, reads a request, answers. */
static void serve_tls(struct server *s, int fd)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
	const struct cert *id = s->arg;
	SSL *ssl = SSL_new(tls);
	const char *name;
	int n;

	(void)SSL_use_certificate(ssl, id->x509);
	(void)SSL_use_PrivateKey(ssl, id->key);
	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
		(void)snprintf(server_name, sizeof(server_name), "%s", name ? name : "");
		n = SSL_read(ssl, s->request, sizeof(s->request) - 1);
		s->request[n > 0 ? n : 0] = '\0';
		plain_bytes += n > 0 ? (unsigned)n : 0;
		if (n > 0)
			(void)SSL_write(ssl, answer, sizeof(answer) - 1);
		(void)SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

static void start(const struct cert *id)
{
	plain_bytes = 0;
	server.request[0] = '\0';
	server.serve = serve_tls;
	server.arg = id;
	server_start(&server, "127.0.0.1");
}

static const char *url_of(const char *host, int port)
{
	static char url[128];

	(void)snprintf(url, sizeof(url), "https://%s:%d/token?a=b", host, port);
	return url;
}

/* One request with a secret header to the server at its port. */
static enum mitok_code ask(const char *host, const char *thumbprint, const char *ca,
	struct http_reply *ret, struct mitok_err *e)
{
	AUTO_SECRET secret = { 0 };
	struct http_request rq = { .method = "GET",
		.url = url_of(host, server.port),
		.headers = { { .name = "Secret", .secret = &secret } },
		.flags = HTTP_LOCAL,
		.timeout_ms = 3000,
		.thumbprint = thumbprint,
		.ca = ca };

	CHECK(secret_add_text(&secret, SPY_MARK));
	return http_exchange(NULL, &rq, ret, e);
}

static void trust(void)
{
	char upper[41] = "";
	const struct {
		const char *what, *host, *thumbprint, *ca;
		const struct cert *who;
		enum http_fault fault;
	} rows[] = {
		{ "the thumbprint", "localhost", good.thumbprint, NULL, &good, HTTP_OK },
		{ "the thumbprint by address", "127.0.0.1", good.thumbprint, NULL, &good,
			HTTP_OK },
		{ "the thumbprint in upper case", "localhost", upper, NULL, &good,
			HTTP_OK },
		{ "the thumbprint of an expired one", "localhost", expired.thumbprint,
			NULL, &expired, HTTP_OK },
		{ "another's thumbprint", "localhost", other.thumbprint, NULL, &good,
			HTTP_TLS },
		{ "another's thumbprint with a good CA", "localhost", other.thumbprint,
			good.pem, &good, HTTP_TLS },
		{ "the CA", "localhost", NULL, good.pem, &good, HTTP_OK },
		{ "another CA", "localhost", NULL, other.pem, &good, HTTP_TLS },
		{ "the CA, wrong host", "127.0.0.1", NULL, good.pem, &good, HTTP_TLS },
		{ "the CA, expired", "localhost", NULL, expired.pem, &expired, HTTP_TLS },
		{ "the system's roots", "localhost", NULL, NULL, &good, HTTP_TLS },
	};

	for (size_t i = 0; i < 40; i++)
		upper[i] = (char)(good.thumbprint[i] >= 'a' ? good.thumbprint[i] - 32
							    : good.thumbprint[i]);
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_REPLY r = { 0 };
		struct mitok_err e = { 0 };

		start(rows[i].who);
		CHECK_ROW(rows[i].what,
			ask(rows[i].host, rows[i].thumbprint, rows[i].ca, &r, &e) ==
				MITOK_OK);
		CHECK_ROW(rows[i].what, r.fault == rows[i].fault);
		CHECK_ROW(rows[i].what, (r.status == 200) == (rows[i].fault == HTTP_OK));
		CHECK_ROW(rows[i].what, r.fault == HTTP_OK || r.detail[0]);
		server_end(&server);
		CHECK_ROW(rows[i].what, (plain_bytes > 0) == (rows[i].fault == HTTP_OK));
		CHECK_ROW(rows[i].what, server_connections(&server) == 1);
	}
}

static void bad_trust(void)
{
	static const struct {
		const char *thumbprint, *ca;
	} rows[] = {
		{ "", NULL }, { "12", NULL },
		{ "g23456789012345678901234567890123456789a", NULL },
		{ " 23456789012345678901234567890123456789a", NULL },
		{ "0x3456789012345678901234567890123456789a", NULL },
		{ "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33", NULL },
		{ NULL, "" }, { NULL, "not a certificate" },
		{ NULL, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }
	};

	start(&good);
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_REPLY r = { 0 };
		struct mitok_err e = { 0 };

		CHECK(ask("localhost", rows[i].thumbprint, rows[i].ca, &r, &e) ==
			MITOK_E_CONF);
		CHECK(e.message[0] != '\0');
	}
	server_end(&server);
	CHECK(plain_bytes == 0);
}

/* protocol: the AKS token proxy is reached at one address under another's name. */
static void other_name(void)
{
	char want[64];
	struct http_request rq = { .method = "GET",
		.url = "https://" SNI "/a/token",
		.timeout_ms = 3000,
		.ca = good.pem,
		.connect_host = "127.0.0.1" };
	AUTO_REPLY r = { 0 }, wrong = { 0 };

	start(&good);
	rq.connect_port = server.port;
	CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
	CHECK(r.status == 200);
	CHECK_TEXT(server_name, SNI);
	(void)snprintf(want, sizeof(want), "\r\nHost: 127.0.0.1:%d\r\n", server.port);
	CHECK(strstr(server.request, want) != NULL);
	CHECK(strncmp(server.request, "GET /a/token HTTP/1.1\r\n", 23) == 0);
	rq.url = "https://other.example.test/a/token";
	CHECK(http_exchange(NULL, &rq, &wrong, NULL) == MITOK_OK);
	CHECK(wrong.fault == HTTP_TLS);
	server_end(&server);
}

static void serve_refusal(struct server *s, int fd)
{
	static const char answer[] = "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n";

	server_read(s, fd);
	server_write(fd, answer, sizeof(answer) - 1);
}

static void proxies(void)
{
	AUTO_SECRET secret = { 0 };
	struct http_request rq = { .method = "GET",
		.url = "https://login.example.test/token?x=" SPY_MARK,
		.headers = { { .name = "Secret", .secret = &secret } },
		.timeout_ms = 3000,
		.ca = good.pem };
	AUTO_REPLY r = { 0 }, local = { 0 };
	char proxy[64];

	CHECK(secret_add_text(&secret, SPY_MARK));
	evil.serve = serve_refusal;
	server_start(&evil, "127.0.0.1");
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", evil.port);
	(void)setenv("https_proxy", proxy, 1);
	(void)setenv("ALL_PROXY", proxy, 1);
	CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
	CHECK(r.fault == HTTP_CONNECT);
	CHECK_TEXT(r.detail, "the proxy refused with HTTP status 407");
	CHECK(strncmp(evil.request, "CONNECT login.example.test:443 ", 31) == 0);
	CHECK(!strstr(evil.request, SPY_MARK));
	start(&good);
	CHECK(ask("localhost", good.thumbprint, NULL, &local, NULL) == MITOK_OK);
	CHECK(local.status == 200 && server_connections(&evil) == 1);
	server_end(&server);
	server_end(&evil);
	(void)unsetenv("https_proxy");
	(void)unsetenv("ALL_PROXY");
}

static void serve_words(struct server *s, int fd)
{
	(void)s;
	server_write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
}

static void serve_close(struct server *s, int fd)
{
	char byte[16];

	(void)s;
	(void)!read(fd, byte, sizeof(byte));
}

static void serve_reset(struct server *s, int fd)
{
	serve_close(s, fd);
	server_reset(fd);
}

static void broken_handshakes(void)
{
	static const struct {
		const char *what;
		void (*serve)(struct server *s, int fd);
		enum http_fault fault;
		const char *detail;
	} rows[] = {
		{ "no TLS at all", serve_words, HTTP_TLS, NULL },
		{ "closed", serve_close, HTTP_TLS, NULL },
		{ "reset", serve_reset, HTTP_TLS, NULL },
		{ "silence", server_hold, HTTP_TIMEOUT, "no TLS handshake in 200 ms" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq = { .method = "GET",
			.flags = HTTP_LOCAL,
			.timeout_ms = 1000,
			.connect_ms = 200,
			.thumbprint = good.thumbprint };
		int64_t begin = clock_now().boot_ms;
		AUTO_REPLY r = { 0 };

		server.serve = rows[i].serve;
		server_start(&server, "127.0.0.1");
		rq.url = url_of("localhost", server.port);
		CHECK_ROW(rows[i].what, http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
		CHECK_ROW(rows[i].what, r.fault == rows[i].fault);
		CHECK_ROW(r.detail,
			!rows[i].detail || strcmp(rows[i].detail, r.detail) == 0);
		CHECK_ROW(rows[i].what, clock_now().boot_ms - begin < 800);
		server_end(&server);
	}
}

/* Reads the first bytes, then goes away while the client still writes. */
static void serve_and_go(struct server *s, int fd)
{
	const struct cert *id = s->arg;
	SSL *ssl = SSL_new(tls);
	char bytes[100];

	(void)SSL_use_certificate(ssl, id->x509);
	(void)SSL_use_PrivateKey(ssl, id->key);
	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		(void)SSL_read(ssl, bytes, sizeof(bytes));
	server_reset(fd);
	SSL_free(ssl);
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
	start(&good);
	server.serve = serve_and_go;
	for (int i = 0; i < 5; i++) {
		struct http_request rq = { .method = "POST",
			.url = url_of("localhost", server.port),
			.body = &body,
			.flags = HTTP_LOCAL,
			.timeout_ms = 3000,
			.thumbprint = good.thumbprint };
		AUTO_REPLY r = { 0 };

		CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
		CHECK_ROW(r.detail, r.fault == HTTP_RESET);
	}
	server_end(&server);
}

static const struct test tests[] = {
	{ "a server is believed for its thumbprint or its CA, and for nothing else",
		trust },
	{ "a thumbprint or CA that is none is the configuration's fault", bad_trust },
	{ "a server is reached at another address under its name", other_name },
	{ "a proxy sees the host name and nothing else", proxies },
	{ "broken handshakes are told apart from silence", broken_handshakes },
	{ "a peer that goes away does not end the program", broken_pipe },
};

int main(void)
{
	int status;

	(void)server_isolate();
	tls = SSL_CTX_new(TLS_server_method());
	cert_new(&good, 1, 1);
	cert_new(&other, 2, 1);
	cert_new(&expired, 3, -1);
	status = test_run(tests, COUNT(tests));
	cert_free(&good);
	cert_free(&other);
	cert_free(&expired);
	SSL_CTX_free(tls);
	return status;
}
