/* Sessions of the transport: when a connection is used again, and when never.
 * SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "kept.h"
#include "server.h"
#include "test.h"

static bool isolated;
static struct cert good, other;
static struct kept server;
static unsigned more_flags; /* of requests */

static void start(const struct cert *cert, const enum kept_step *steps, unsigned count)
{
	server.cert = cert;
	server.steps = steps;
	server.count = count;
	kept_start(&server);
}

static const char *server_url(char ret[64])
{
	(void)snprintf(ret, 64, "%s://localhost:%d/x", server.cert ? "https" : "http",
		server.port);
	return ret;
}

static struct http_session *begin(void)
{
	struct http_session *s = NULL;

	CHECK(http_session_new(&s, NULL) == MITOK_OK && s);
	return s;
}

/* GET in that session, or POST when there is a body. */
static void ask(struct http_session *s, const struct secret *body, struct http_reply *ret)
{
	char url[64];
	struct http_request rq = { .session = s,
		.method = body ? "POST" : "GET",
		.url = server_url(url),
		.body = body,
		.flags = HTTP_LOCAL | more_flags,
		.timeout_ms = 20000 };

	rq.ca = server.cert ? server.cert->pem : NULL;
	http_reply_wipe(ret);
	CHECK(http_exchange(NULL, &rq, ret, NULL) == MITOK_OK);
}

/* One more request goes well; its answer is the one to it. */
static void go_on(const char *row, struct http_session *s, bool is_reused)
{
	char want[32];
	AUTO_REPLY r = { 0 };

	(void)snprintf(want, sizeof(want), "answer %u", kept_count(&server.requests) + 1);
	ask(s, NULL, &r);
	CHECK_ROW(row, r.fault == HTTP_OK && r.status == 200);
	CHECK_ROW(row, strcmp(secret_peek(&r.body), want) == 0);
	CHECK_ROW(row, r.was_reused == is_reused);
}

/* Each test runs over TLS and without. */
static const struct {
	const struct cert *cert;
} ways[] = { { NULL }, { &good } };

static void reuse(void)
{
	AUTO_SECRET body = { 0 }, mark = { 0 };

	/* What libcurl frees would else turn up in blocks of ours. */
	more_flags = HTTP_OWN_PROCESS;
	CHECK(secret_add_text(&body, "a=b&" SPY_MARK));
	CHECK(secret_add_text(&mark, SPY_MARK));
	for (size_t i = 0; i < COUNT(ways); i++) {
		struct http_session *s = begin();
		AUTO_TEXT want = { 0 };
		AUTO_REPLY r = { 0 };
		char url[64];
		struct http_request rq = { .session = s,
			.method = "PUT",
			.headers = { { .name = "Secret", .secret = &mark },
				{ .name = "Content-Type", .value = "text/x" } },
			.body = &body,
			.flags = HTTP_LOCAL,
			.timeout_ms = 20000 };

		start(ways[i].cert, NULL, 0);
		go_on("the first", s, false);
		for (int n = 0; n < 3; n++)
			go_on("more", s, true);
		ask(s, &body, &r);
		CHECK(r.was_reused && r.status == 200);
		http_reply_wipe(&r);
		/* The options of one exchange are not those of the next. */
		rq.url = server_url(url);
		rq.ca = server.cert ? server.cert->pem : NULL;
		spy_leaks = 0;
		CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
		CHECK(r.was_reused && r.status == 200);
		CHECK(server.cert || spy_leaks == 0); /* OpenSSL has buffers as well */
		text_addf(&want,
			"PUT /x HTTP/1.1\r\nHost: localhost:%d\r\n"
			"User-Agent: mi-token\r\nSecret: " SPY_MARK "\r\n"
			"Content-Type: text/x\r\nContent-Length: %zu\r\n\r\n%s",
			server.port, body.len, secret_peek(&body));
		CHECK_TEXT(server.request, text_peek(&want));
		go_on("the last", s, true);
		CHECK(!strstr(server.request, SPY_MARK) &&
			strncmp(server.request, "GET /x ", 7) == 0);
		CHECK(kept_count(&server.connections) == 1);
		http_session_free(s);
		CHECK(kept_wait(&server.closed, 1));
		CHECK(kept_count(&server.notified) == (server.cert ? 1 : 0));
		kept_end(&server);
	}
	more_flags = 0;
}

static void unused(void)
{
	struct http_session *s = NULL;
	struct mitok_err e = { 0 };

	http_session_free(begin());
	http_session_abandon(begin());
	http_session_free(NULL);
	http_session_abandon(NULL);
	spy_fail(1);
	CHECK(http_session_new(&s, &e) == MITOK_E_BUG && !s && e.message[0]);
}

/* The server ends it while nobody looks. */
static void ends_between(void)
{
	static const struct {
		const char *what;
		enum kept_step step;
	} rows[] = { { "said in the answer", KEPT_SAY_CLOSE }, { "closed", KEPT_CLOSE },
		{ "cut", KEPT_CUT }, { "reset", KEPT_RESET } };

	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		struct http_session *s = begin();
		const char *what = rows[i / 2].what;

		start(ways[i % 2].cert, &rows[i / 2].step, 1);
		go_on(what, s, false);
		if (rows[i / 2].step == KEPT_RESET)
			kept_poke(&server);
		CHECK_ROW(what, kept_wait(&server.closed, 1) && kept_heard(&server));
		go_on(what, s, false);
		go_on(what, s, true);
		CHECK_ROW(what, kept_count(&server.connections) == 2);
		CHECK_ROW(what, kept_count(&server.requests) == 3);
		http_session_free(s);
		kept_end(&server);
	}
}

/* The server ends it just when the request is on its way: that is told, and the request is
 * not sent again behind the caller's back. */
static void ends_within(void)
{
	static const struct {
		const char *what, *detail;
		enum kept_step step;
		enum http_fault fault;
	} rows[] = {
		{ "closed", "the kept connection was closed without an answer", KEPT_DROP,
			HTTP_RESET },
		{ "reset", "the kept connection was closed without an answer",
			KEPT_DROP_RESET, HTTP_RESET },
		{ "half an answer", NULL, KEPT_HALF, HTTP_RESET },
		{ "nonsense", "a compressed answer", KEPT_NONSENSE, HTTP_NONSENSE },
	};
	AUTO_SECRET body = { 0 };

	CHECK(secret_add_text(&body, "a=b"));
	for (size_t i = 0; i < 4 * COUNT(rows); i++) {
		const enum kept_step steps[] = { KEPT_ANSWER, rows[i / 4].step };
		struct http_session *s = begin();
		const char *what = rows[i / 4].what;
		AUTO_REPLY r = { 0 };

		start(ways[i % 2].cert, steps, 2);
		go_on(what, s, false);
		ask(s, i & 2 ? &body : NULL, &r);
		CHECK_ROW(what, r.fault == rows[i / 4].fault && r.was_reused);
		CHECK_ROW(r.detail,
			!rows[i / 4].detail || strcmp(r.detail, rows[i / 4].detail) == 0);
		CHECK_ROW(what, r.status == 0 && r.body.len == 0);
		CHECK_ROW(what, kept_count(&server.connections) == 1);
		CHECK_ROW(what, kept_count(&server.requests) == 2);
		go_on(what, s, false);
		go_on(what, s, true);
		CHECK_ROW(what, kept_count(&server.connections) == 2);
		http_session_free(s);
		kept_end(&server);
	}
}

static void faults_at_first(void)
{
	static const enum kept_step steps[] = { KEPT_DROP };

	for (size_t i = 0; i < COUNT(ways); i++) {
		struct http_session *s = begin();
		AUTO_REPLY r = { 0 };

		start(ways[i].cert, steps, 1);
		ask(s, NULL, &r);
		CHECK(r.fault == HTTP_RESET && !r.was_reused);
		CHECK(r.detail[0] != '\0'); /* in words of the TLS library */
		go_on("after it", s, false);
		kept_end(&server);
		ask(s, NULL, &r); /* nobody listens there any more */
		CHECK(r.fault == HTTP_CONNECT && !r.was_reused);
		http_session_free(s);
	}
}

static void time_out(void)
{
	static const enum kept_step steps[] = { KEPT_ANSWER, KEPT_SILENCE };

	for (size_t i = 0; i < COUNT(ways); i++) {
		struct http_session *s = begin();
		struct http_request rq = { .session = s,
			.method = "GET",
			.flags = HTTP_LOCAL,
			.timeout_ms = 150 };
		AUTO_REPLY r = { 0 };
		char url[64];

		start(ways[i].cert, steps, 2);
		go_on("the first", s, false);
		rq.url = server_url(url);
		rq.ca = server.cert ? server.cert->pem : NULL;
		CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
		CHECK(r.fault == HTTP_TIMEOUT && r.was_reused);
		CHECK_TEXT(r.detail, "no answer in 150 ms");
		go_on("after it", s, false);
		go_on("more", s, true);
		CHECK(kept_count(&server.connections) == 2);
		http_session_free(s);
		kept_end(&server);
	}
}

/* What a server sends before it is asked is not the answer to the next request. */
static void unasked(void)
{
	static const enum kept_step two[] = { KEPT_TWO_AT_ONCE };

	for (size_t i = 0; i < COUNT(ways); i++) {
		struct http_session *s = begin();
		AUTO_REPLY r = { 0 };

		start(ways[i].cert, two, 1);
		ask(s, NULL, &r);
		CHECK_TEXT(secret_peek(&r.body), "first");
		go_on("two answers in one piece", s, false);
		/* Else the poke may reach the connection that ends. */
		CHECK(kept_wait(&server.closed, 1));
		kept_poke(&server);
		CHECK(kept_heard(&server));
		go_on("one more on its own", s, false);
		go_on("all well", s, true);
		CHECK(kept_count(&server.connections) == 3);
		http_session_free(s);
		kept_end(&server);
	}
}

/* One exchange over TLS with these settings. */
static void trust(struct http_session *s, const char *thumbprint, const char *ca,
	unsigned flags, struct http_reply *ret)
{
	struct http_request rq = { .session = s,
		.method = "GET",
		.flags = flags,
		.thumbprint = thumbprint,
		.ca = ca,
		.timeout_ms = 20000 };
	char url[64];

	/* An address, so that a connection without HTTP_LOCAL goes there as well. */
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/", server.port);
	rq.url = url;
	http_reply_wipe(ret);
	CHECK(http_exchange(NULL, &rq, ret, NULL) == MITOK_OK);
}

static void other_terms(void)
{
	struct http_session *s = begin();
	AUTO_REPLY r = { 0 };

	start(&good, NULL, 0);
	trust(s, good.thumbprint, NULL, 0, &r);
	CHECK(r.status == 200 && !r.was_reused);
	trust(s, good.thumbprint, NULL, 0, &r);
	CHECK(r.status == 200 && r.was_reused);
	/* Its address was not looked at. */
	trust(s, good.thumbprint, NULL, HTTP_LOCAL, &r);
	CHECK(r.status == 200 && !r.was_reused);
	CHECK(kept_wait(&server.closed, 1)); /* only one is kept */
	trust(s, good.thumbprint, NULL, HTTP_LOCAL, &r);
	CHECK(r.status == 200 && r.was_reused);
	/* Its server was believed for something else. */
	trust(s, other.thumbprint, NULL, HTTP_LOCAL, &r);
	CHECK(r.fault == HTTP_TLS && !r.was_reused);
	trust(s, good.thumbprint, NULL, HTTP_LOCAL, &r);
	CHECK(r.status == 200 && !r.was_reused);
	trust(s, NULL, good.pem, HTTP_LOCAL, &r); /* 127.0.0.1 is not in it */
	CHECK(r.fault == HTTP_TLS && !r.was_reused);
	CHECK(kept_count(&server.requests) == 5);
	http_session_free(s);
	kept_end(&server);
}

static void foreign_address(void)
{
	struct http_session *s = begin();
	struct http_request rq = { .session = s,
		.method = "GET",
		.url = "http://192.0.2.1/",
		.flags = HTTP_LOCAL,
		.timeout_ms = 300 };
	AUTO_REPLY r = { 0 };
	char url[64];

	if (!isolated) {
		test_skip("no network namespace");
		http_session_free(s);
		return;
	}
	start(NULL, NULL, 0);
	go_on("the first", s, false);
	CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
	CHECK(r.fault == HTTP_FORBIDDEN && !r.was_reused);
	rq.url = server_url(url);
	rq.method = "get";
	CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_E_ARG);
	go_on("after them", s, false);
	http_session_free(s);
	kept_end(&server);
}

/* A new connection of the same session need not show the certificate again, but where it is
 * known by its thumbprint. */
static void resumption(void)
{
	static const enum kept_step steps[] = { KEPT_CLOSE, KEPT_ANSWER, KEPT_CLOSE };
	struct http_session *s = begin();
	AUTO_REPLY r = { 0 };

	start(&good, steps, 3);
	go_on("the first", s, false);
	CHECK(kept_wait(&server.closed, 1) && kept_heard(&server));
	go_on("the second", s, false);
	CHECK(kept_count(&server.resumed) == 1);
	http_session_free(s);
	s = begin();
	trust(s, good.thumbprint, NULL, HTTP_LOCAL, &r);
	CHECK(r.status == 200 && kept_wait(&server.closed, 3) && kept_heard(&server));
	trust(s, good.thumbprint, NULL, HTTP_LOCAL, &r);
	CHECK(r.status == 200 && !r.was_reused);
	CHECK(kept_count(&server.resumed) == 1);
	http_session_free(s);
	kept_end(&server);
}

/* Three errors, with marks on the last. */
static void raise_errors(void)
{
	ERR_clear_error();
	ERR_raise_data(ERR_LIB_RSA, ERR_R_INTERNAL_ERROR, "of the %s", "caller");
	ERR_raise(ERR_LIB_SYS, 2); /* ENOENT */
	ERR_raise_data(ERR_LIB_EVP, ERR_R_FATAL, "%%s");
	CHECK(ERR_set_mark() && ERR_set_mark());
}

static void check_error(const char *row, int lib, int reason, const char *want)
{
	const char *file = NULL, *func = NULL, *data = NULL;
	int line = 0, flags = 0;
	unsigned long code = ERR_get_error_all(&file, &line, &func, &data, &flags);

	CHECK_ROW(row, ERR_GET_LIB(code) == lib && ERR_GET_REASON(code) == reason);
	CHECK_ROW(row, data && strcmp(data, want) == 0 && line > 0);
	CHECK_ROW(row, func && strcmp(func, "raise_errors") == 0);
	CHECK_ROW(row, file && strstr(file, "session.c"));
}

static void check_errors(const char *row)
{
	/* As libcrypto does when it goes on after a failed attempt. */
	ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
	CHECK_ROW(row, ERR_pop_to_mark() == 1 && ERR_pop_to_mark() == 1);
	check_error(row, ERR_LIB_RSA, ERR_R_INTERNAL_ERROR, "of the caller");
	check_error(row, ERR_LIB_SYS, 2, "");
	check_error(row, ERR_LIB_EVP, ERR_R_FATAL, "%s");
	CHECK_ROW(row, ERR_get_error() == 0);
}

static void error_queue(void)
{
	struct http_session *s = begin();
	AUTO_REPLY r = { 0 };

	start(&good, NULL, 0);
	raise_errors();
	go_on("a session", s, false);
	check_errors("a new connection");
	raise_errors();
	go_on("a session", s, true);
	check_errors("a kept connection");
	raise_errors();
	trust(s, other.thumbprint, NULL, HTTP_LOCAL, &r);
	CHECK(r.fault == HTTP_TLS);
	check_errors("a refused server");
	trust(s, other.thumbprint, NULL, HTTP_LOCAL, &r);
	CHECK(ERR_peek_error() == 0);
	raise_errors();
	http_session_free(s);
	check_errors("the end");
	kept_end(&server);
}

static void *ask_often(void *arg)
{
	struct http_session *s = begin();

	(void)arg;
	for (int i = 0; i < 20; i++) {
		AUTO_REPLY r = { 0 };

		ask(s, NULL, &r);
		CHECK(r.status == 200 && r.was_reused == (i > 0));
	}
	return s;
}

static void threads(void)
{
	pthread_t all[4];
	void *sessions[4];

	start(&good, NULL, 0);
	for (size_t i = 0; i < COUNT(all); i++)
		CHECK(pthread_create(&all[i], NULL, ask_often, NULL) == 0);
	for (size_t i = 0; i < COUNT(all); i++)
		CHECK(pthread_join(all[i], &sessions[i]) == 0);
	CHECK(kept_count(&server.connections) == 4);
	/* One may use it after the other. */
	for (size_t i = 0; i < COUNT(all); i++) {
		go_on("in another thread", sessions[i], true);
		http_session_free(sessions[i]);
	}
	CHECK(kept_count(&server.connections) == 4);
	kept_end(&server);
}

static void keep_line(void *arg, const char *line)
{
	(void)snprintf(arg, 256, "%s", line);
}

static void logging(void)
{
	char line[256] = "";
	struct log log = { .fn = keep_line, .arg = line };
	struct http_session *s = begin();
	char url[64];

	start(NULL, NULL, 0);
	for (int i = 0; i < 2; i++) {
		struct http_request rq = { .session = s,
			.method = "GET",
			.url = server_url(url),
			.flags = HTTP_LOCAL,
			.timeout_ms = 20000 };
		AUTO_REPLY r = { 0 };

		CHECK(http_exchange(&log, &rq, &r, NULL) == MITOK_OK);
		CHECK(!!strstr(line, " ms, over a kept connection") == (i > 0));
	}
	http_session_free(s);
	kept_end(&server);
}

static const struct test tests[] = {
	{ "a connection is used again for whatever is asked next", reuse },
	{ "a session that nobody used costs nothing", unused },
	{ "a connection that the server ended is not used again", ends_between },
	{ "a connection that ends under a request is told, and nothing is sent twice",
		ends_within },
	{ "a session is good after a fault of its first exchange", faults_at_first },
	{ "a session is good after a time-out", time_out },
	{ "an answer that nobody asked for is never taken", unasked },
	{ "a connection made under other terms is not used", other_terms },
	{ "what must not be asked is refused in a session too", foreign_address },
	{ "TLS resumes within a session, but not with a thumbprint", resumption },
	{ "OpenSSL's error queue is the caller's", error_queue },
	{ "each thread has its own session, and may hand it on", threads },
	{ "the log tells kept connections", logging },
};

int main(void)
{
	int status;

	isolated = server_isolate();
	cert_new(&good, 1, 1);
	cert_new(&other, 2, 1);
	status = test_run(tests, COUNT(tests));
	cert_free(&good);
	cert_free(&other);
	return status;
}
