/* Requests with a token: what is sent where, what refusals say, busy services, pages.
 * SPDX-License-Identifier: MIT */
#include "../../helper/client/client.h"

#include <limits.h>

#include "base/clock.h"
#include "core/token.h"
#include "script.h"

#define ARM   "https://management.azure.com/"
#define START INT64_C(1790000000)

/* The outside: answers in their order, the last again and again; and what was asked. */
static const struct script_answer *answers;
static unsigned sent, tokens;
static int64_t slept_ms, waited_ms;
static char wire[8192], asked_for[512];
static enum mitok_code token_code;
static const char *endpoint;
static bool was_kept; /* the connection of the first answer */

enum mitok_code __wrap_http_exchange(const struct log *log, const struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e);
enum mitok_code __wrap_mitok_get(struct mitok *m, const struct mitok_request *rq,
	struct mitok_token **ret, struct mitok_err *e);
enum mitok_code __wrap_mitok_choice_each(struct mitok *m, const struct mitok_request *rq,
	void (*each)(void *arg, const char *name, const char *value, const char *origin),
	void *arg, struct mitok_err *e);
void __wrap_clock_sleep(int64_t ms);
struct moment __wrap_clock_now(void);

static void note(char *at, size_t size, const char *text)
{
	size_t len = strlen(at);

	(void)snprintf(at + len, size - len, "%s", text);
}

enum mitok_code __wrap_http_exchange(const struct log *log, const struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	(void)log;
	note(wire, sizeof(wire), rq->method);
	note(wire, sizeof(wire), " ");
	note(wire, sizeof(wire), rq->url);
	for (const struct http_header *h = rq->headers; h->name; h++) {
		note(wire, sizeof(wire), "\n");
		note(wire, sizeof(wire), h->name);
		note(wire, sizeof(wire), ": ");
		note(wire, sizeof(wire), h->secret ? secret_peek(h->secret) : h->value);
	}
	note(wire, sizeof(wire), "\n\n");
	if (rq->body)
		note(wire, sizeof(wire), secret_peek(rq->body));
	waited_ms = rq->timeout_ms;
	if (!script_reply(answers, ret))
		return err_memory(e);
	ret->was_reused = was_kept && sent == 0;
	if (ret->fault)
		CHECK(TEXT_COPY(ret->detail, "the line is dead"));
	sent++;
	if (answers[1].status || answers[1].fault)
		answers++;
	return MITOK_OK;
}

enum mitok_code __wrap_mitok_get(struct mitok *m, const struct mitok_request *rq,
	struct mitok_token **ret, struct mitok_err *e)
{
	struct mitok_token *t;

	(void)m;
	tokens++;
	(void)snprintf(asked_for, sizeof(asked_for), "%s|%s|%s|%s|%s|%ld", rq->resource,
		rq->identity ? rq->identity : "-", rq->source ? rq->source : "-",
		rq->host ? rq->host : "-", rq->path ? rq->path : "-", rq->timeout_ms);
	if (token_code)
		return err_set(e, token_code, "there is none");
	t = token_new();
	if (!t || !secret_add_text(&t->value, SPY_MARK)) {
		mitok_token_free(t);
		return err_memory(e);
	}
	*ret = t;
	return MITOK_OK;
}

enum mitok_code __wrap_mitok_choice_each(struct mitok *m, const struct mitok_request *rq,
	void (*each)(void *arg, const char *name, const char *value, const char *origin),
	void *arg, struct mitok_err *e)
{
	(void)m;
	if (!endpoint)
		return err_set(e, MITOK_E_NOIDENTITY, "no source");
	each(arg, "identity", "system", "default");
	each(arg, "resource", endpoint, rq->target);
	return MITOK_OK;
}

void __wrap_clock_sleep(int64_t ms)
{
	slept_ms += ms;
}

struct moment __wrap_clock_now(void)
{
	return (struct moment){ START + slept_ms / 1000, slept_ms };
}

static const struct client someone = { .identity = "system", .timeout_ms = 7000 };

static void start(const struct script_answer *rows)
{
	answers = rows;
	sent = tokens = 0;
	slept_ms = waited_ms = 0;
	wire[0] = asked_for[0] = '\0';
	token_code = MITOK_OK;
	was_kept = false;
	spy_leaks = 0;
}

static void sends(void)
{
	static const struct script_answer rows[] = { { 302, "moved" }, { 0 } };
	struct client_request rq = { .method = "PUT",
		.url = ARM "a/b?c=d",
		.resource = "https://management.azure.com/",
		.headers = { { "Accept", "x", NULL } } };
	AUTO_SECRET body = { 0 };
	struct http_reply rp = { 0 };
	struct mitok_err e;

	start(rows);
	CHECK(secret_add_text(&body, "{}"));
	rq.body = &body;
	CHECK(client_send(&someone, &rq, &rp, &e) == MITOK_OK && rp.status == 302);
	CHECK_TEXT(wire,
		"PUT " ARM "a/b?c=d\nAccept: x\nUser-Agent: mi-token/" MI_TOKEN_VERSION
		"\nAuthorization: Bearer " SPY_MARK "\n\n{}");
	CHECK_TEXT(asked_for, ARM "|system|-|management.azure.com|/a/b|7000");
	CHECK(waited_ms == 7000 && sent == 1);
	http_reply_wipe(&rp);

	/* Another scheme, another agent; and no token where none is wanted. */
	start(rows);
	rq = (struct client_request){ .method = "GET",
		.url = "https://Host:8443",
		.resource = "r",
		.scheme = "type=aad&sig=",
		.headers = { { "user-agent", "me", NULL } } };
	CHECK(client_send(&someone, &rq, &rp, &e) == MITOK_OK);
	CHECK_TEXT(wire,
		"GET https://Host:8443\nuser-agent: me\n"
		"Authorization: type=aad&sig=" SPY_MARK "\n\n");
	CHECK_TEXT(asked_for, "r|system|-|Host|-|7000");
	http_reply_wipe(&rp);
	start(rows);
	rq.resource = NULL;
	CHECK(client_send(&someone, &rq, &rp, &e) == MITOK_OK && tokens == 0);
	CHECK(!strstr(wire, "Authorization"));
	http_reply_wipe(&rp);
	CHECK(spy_leaks == 0);
}

static void refuses_urls(void)
{
	static const char *const urls[] = { "http://a/", "ftp://a/", "https://",
		"https:///x", "https://:1/", "https://a@b/", "https://u:p@b/",
		"https://a/b c", "https://a/\n", "https://a\r\nX: y/", "a", "" };
	static const struct script_answer rows[] = { { 200, "{}" }, { 0 } };

	for (size_t i = 0; i < COUNT(urls); i++) {
		struct client_request rq = {
			.method = "GET", .url = urls[i], .resource = "r"
		};
		struct http_reply rp = { 0 };
		struct mitok_err e;

		start(rows);
		CHECK_ROW(urls[i], client_send(&someone, &rq, &rp, &e) == MITOK_E_ARG);
		CHECK_ROW(urls[i], e.message[0] && sent == 0 && tokens == 0);
	}
}

static void nobody(void)
{
	static const struct script_answer rows[] = { { .fault = HTTP_RESOLVE }, { 0 } };
	struct client_request rq = { .method = "GET", .url = ARM, .resource = "r" };
	struct http_reply rp = { 0 };
	struct mitok_err e;

	start(rows);
	CHECK(client_send(&someone, &rq, &rp, &e) == MITOK_E_LATER);
	CHECK(rp.fault == HTTP_RESOLVE);
	CHECK_TEXT(e.message, "management.azure.com: the line is dead");
	http_reply_wipe(&rp);
	start(rows);
	token_code = MITOK_E_NOIDENTITY;
	CHECK(client_send(&someone, &rq, &rp, &e) == MITOK_E_NOIDENTITY && sent == 0);
	CHECK_TEXT(e.message, "there is none");
}

/* What a service says, and what becomes of it. */
static const struct said {
	struct script_answer answers[6];
	enum mitok_code code;
	const char *message;
	int status, retry_after_s;
	unsigned sent;
	int64_t slept_ms;
} said[] = {
	{ { { 200, "{\"a\":1}" } }, MITOK_OK, NULL, 0, 0, 1, 0 },
	{ { { 403,
		  "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}" } },
		MITOK_E_DENIED, "(AuthorizationFailed) no", 403, 0, 1, 0 },
	{ { { 400,
		  "{\"odata.error\":{\"code\":\"X\",\"message\":{\"lang\":\"en\","
		  "\"value\":"
		  "\"y\"}}}" } },
		MITOK_E_DENIED, "(X) y", 400, 0, 1, 0 },
	{ { { 404, "{\"code\":\"C\",\"message\":\"M\"}" } }, MITOK_E_DENIED, "(C) M", 404,
		0, 1, 0 },
	{ { { 401, "{\"error\":\"invalid\",\"error_description\":\"words\"}" } },
		MITOK_E_DENIED, "(invalid) words", 401, 0, 1, 0 },
	{ { { 401, "{\"error\":{\"message\":\"only\"}}" } }, MITOK_E_DENIED,
		"(management.azure.com) only", 401, 0, 1, 0 },
	{ { { 403, "<html>" } }, MITOK_E_DENIED, "management.azure.com: HTTP status 403",
		403, 0, 1, 0 },
	{ { { 403, "{\"error\":{\"code\":7}}" } }, MITOK_E_DENIED,
		"management.azure.com: HTTP status 403", 403, 0, 1, 0 },
	{ { { 302, "" } }, MITOK_E_REPLY, "management.azure.com: HTTP status 302", 302, 0,
		1, 0 },
	{ { { 200, "<html>" } }, MITOK_E_REPLY, "~management.azure.com: ", 0, 0, 1, 0 },
	{ { { 200, "" } }, MITOK_E_REPLY, "~management.azure.com: ", 0, 0, 1, 0 },

	/* Busy: as long as it asks, a few times. */
	{ { { 429, "", "Retry-After: 3\n" }, { 200, "{}" } }, MITOK_OK, NULL, 0, 0, 2,
		3000 },
	{ { { 503, "" }, { 500, "" }, { 200, "{}" } }, MITOK_OK, NULL, 0, 0, 3, 3000 },
	{ { { 429, "", "Retry-After: Mon, 21 Sep 2026 14:13:25 GMT\n" }, { 200, "{}" } },
		MITOK_OK, NULL, 0, 0, 2, 5000 },
	{ { { 503, "", "Retry-After: 0\n" }, { 200, "{}" } }, MITOK_OK, NULL, 0, 0, 2,
		1000 },
	{ { { 503, "", "Retry-After: soon\n" }, { 200, "{}" } }, MITOK_OK, NULL, 0, 0, 2,
		1000 },
	{ { { 429, "{\"error\":{\"code\":\"TooMany\",\"message\":\"m\"}}",
		  "Retry-After: 2\n" } },
		MITOK_E_LATER, "(TooMany) m", 429, 2, 4, 6000 },
	{ { { 500, "" } }, MITOK_E_LATER, "management.azure.com: HTTP status 500", 500, 0,
		4, 7000 },
	{ { { 429, "", "Retry-After: 300\n" } }, MITOK_E_LATER,
		"management.azure.com: HTTP status 429", 429, 300, 1, 0 },
	{ { { 403, "", "Retry-After: 5\n" } }, MITOK_E_DENIED,
		"management.azure.com: HTTP status 403", 403, 0, 1, 0 },
	{ { { .fault = HTTP_RESET }, { 200, "{}" } }, MITOK_OK, NULL, 0, 0, 2, 1000 },
	{ { { .fault = HTTP_RESET } }, MITOK_E_LATER,
		"management.azure.com: the line is dead", 0, 0, 4, 7000 },
	{ { { .fault = HTTP_NONSENSE } }, MITOK_E_REPLY,
		"management.azure.com: the line is dead", 0, 0, 1, 0 },
	{ { { .fault = HTTP_TLS } }, MITOK_E_REPLY,
		"management.azure.com: the line is dead", 0, 0, 1, 0 },
	{ { { .fault = HTTP_TIMEOUT } }, MITOK_E_LATER,
		"management.azure.com: the line is dead", 0, 0, 1, 0 },
};

static void answers_in_json(void)
{
	for (size_t i = 0; i < COUNT(said); i++) {
		const struct said *row = &said[i];
		const char *name = row->message ? row->message : row->answers[0].headers;
		struct client_request rq = {
			.method = "GET", .url = ARM, .resource = "r"
		};
		struct mitok_err e = { 0 };
		AUTO_JSON j = NULL;

		start(row->answers);
		CHECK_ROW(name, client_json(&someone, &rq, &j, &e) == row->code);
		CHECK_ROW(name, (j != NULL) == (row->code == MITOK_OK));
		CHECK_ROW(name, sent == row->sent && slept_ms == row->slept_ms);
		if (row->message && row->message[0] == '~')
			CHECK_ROW(name, text_starts(e.message, row->message + 1));
		else if (row->message)
			CHECK_TEXT(e.message, row->message);
		CHECK_ROW(name, !row->message || e.http_status == row->status);
		CHECK_ROW(name, !row->message || e.retry_after_s == row->retry_after_s);
	}
}

/* A request that changes something is not sent again when nobody knows what became of it. */
static void repeats_reads_only(void)
{
	static const struct script_answer rows[] = { { .fault = HTTP_RESET }, { 0 } };
	struct client_request rq = { .method = "POST", .url = ARM, .resource = "r" };
	struct mitok_err e;
	AUTO_JSON j = NULL;

	start(rows);
	CHECK(client_json(&someone, &rq, &j, &e) == MITOK_E_LATER && sent == 1);
}

/* Neither a pause nor an exchange goes beyond the time when everything must be over. */
static void keeps_its_time(void)
{
	static const struct script_answer busy[] = { { 503, "{}" }, { 0 } },
					  long_ago[] = { { 200, "{}" }, { 0 } };
	const struct client_request rq = { .method = "GET", .url = ARM, .resource = "r" };
	struct client hasty = someone;
	struct mitok_err e;
	AUTO_JSON j = NULL;

	start(busy);
	hasty.deadline_ms = 2500; /* the pauses are 1 and 2 s */
	CHECK(client_json(&hasty, &rq, &j, &e) == MITOK_E_LATER);
	CHECK(sent == 2 && slept_ms == 1000 && waited_ms == 1500);
	CHECK_TEXT(asked_for, "r|system|-|management.azure.com|/|1500");

	start(long_ago);
	slept_ms = 9000;
	CHECK(client_json(&hasty, &rq, &j, &e) == MITOK_OK && waited_ms == 1);
}

static const struct client_request list_rq = { .url = ARM "list", .resource = "r" };

static enum mitok_code collect(void *arg, const struct json *values, struct mitok_err *e)
{
	struct text *t = arg;

	text_add(t, "[");
	for (const struct json *v = values->child; v; v = v->next)
		text_add(t, json_text(v) ? json_text(v) : "?");
	text_add(t, "]");
	return strstr(text_peek(t), "stop") ? err_set(e, MITOK_E_CONF, "enough")
					    : MITOK_OK;
}

static const struct list {
	struct script_answer answers[4];
	enum mitok_code code;
	const char *got;
	unsigned sent;
} lists[] = {
	{ { { 200, "{\"value\":[]}" } }, MITOK_OK, "[]", 1 },
	{ { { 200, "{\"value\":[\"a\",\"b\"],\"nextLink\":\"" ARM "x?p=2\"}" },
		  { 200,
			  "{\"value\":[\"c\"],\"nextLink\":\"HTTPS://"
			  "Management.Azure.com/y\"}" },
		  { 200, "{\"value\":[\"d\"],\"nextLink\":null}" } },
		MITOK_OK, "[ab][c][d]", 3 },
	{ { { 200, "{\"value\":[\"a\"],\"@odata.nextLink\":\"" ARM "x\"}" },
		  { 200, "{\"value\":[\"b\"],\"nextLink\":\"\"}" } },
		MITOK_OK, "[a][b]", 2 },
	{ { { 200, "{\"value\":[\"stop\"],\"nextLink\":\"" ARM "x\"}" } }, MITOK_E_CONF,
		"[stop]", 1 },
	{ { { 200, "{\"value\":[\"a\"],\"nextLink\":\"https://evil.example/\"}" } },
		MITOK_E_REPLY, "[a]", 1 },
	{ { { 200,
		  "{\"value\":[\"a\"],\"nextLink\":\"http://management.azure.com/\"}" } },
		MITOK_E_REPLY, "[a]", 1 },
	{ { { 200,
		  "{\"value\":[\"a\"],\"nextLink\":\"https://management.azure.com:1/"
		  "\"}" } },
		MITOK_E_REPLY, "[a]", 1 },
	{ { { 200,
		  "{\"value\":[],\"nextLink\":\"https://management.azure.com.evil/"
		  "\"}" } },
		MITOK_E_REPLY, "[]", 1 },
	{ { { 200,
		  "{\"value\":[],\"nextLink\":\"https://management.azure.com@evil/"
		  "\"}" } },
		MITOK_E_REPLY, "[]", 1 },
	{ { { 200, "{\"value\":[],\"nextLink\":\"/relative\"}" } }, MITOK_E_REPLY, "[]",
		1 },
	{ { { 200, "{\"value\":[],\"nextLink\":\"" ARM "list\"}" } }, MITOK_E_REPLY, "[]",
		1 },
	{ { { 200, "{\"value\":{}}" } }, MITOK_E_REPLY, "", 1 },
	{ { { 200, "[]" } }, MITOK_E_REPLY, "", 1 },
	{ { { 200, "{\"value\":[\"a\"],\"nextLink\":\"" ARM "x\"}" }, { 403, "" } },
		MITOK_E_DENIED, "[a]", 2 },
};

static void pages(void)
{
	for (size_t i = 0; i < COUNT(lists); i++) {
		const struct list *row = &lists[i];
		const char *name = row->answers[0].body;
		struct mitok_err e = { 0 };
		AUTO_TEXT got = { 0 };

		start(row->answers);
		CHECK_ROW(name,
			client_each_page(&someone, &list_rq, collect, &got, &e) ==
				row->code);
		CHECK_TEXT(text_peek(&got), row->got);
		CHECK_ROW(name, sent == row->sent && tokens == row->sent);
		CHECK_ROW(name, (row->code != MITOK_OK) == (e.message[0] != '\0'));
	}
	CHECK(spy_leaks == 0);
}

/* The server closed the connection between two pages: nothing is waited for. */
static void kept_connections(void)
{
	static const struct script_answer rows[] = { { .fault = HTTP_RESET },
		{ 200, "{\"value\":[]}" }, { 0 } };
	struct mitok_err e;
	AUTO_TEXT got = { 0 };

	start(rows);
	was_kept = true;
	CHECK(client_each_page(&someone, &list_rq, collect, &got, &e) == MITOK_OK);
	CHECK(sent == 2 && slept_ms == 0);
}

static void endpoints(void)
{
	struct mitok_err e;
	char url[64], small[8] = "as it is";

	endpoint = ARM;
	CHECK(client_endpoint(&someone, "arm", url, sizeof(url), &e) == MITOK_OK);
	CHECK_TEXT(url, ARM);
	CHECK(client_endpoint(&someone, "arm", small, sizeof(small), &e) == MITOK_E_ARG);
	endpoint = "https://vault.azure.net";
	CHECK(client_endpoint(&someone, "vault", url, sizeof(url), &e) == MITOK_E_ARG);
	CHECK_TEXT(e.message, "'vault' has no address of its own in this cloud");
	endpoint = NULL;
	CHECK(client_endpoint(&someone, "arm", url, sizeof(url), &e) ==
		MITOK_E_NOIDENTITY);
}

/* Every allocation that fails is told, and nothing leaks. */
static void out_of_memory(void)
{
	const struct list *row = &lists[1];
	unsigned n;

	start(row->answers);
	spy_fail(0);
	for (n = 1; n < 500; n++) {
		struct mitok_err e = { 0 };
		AUTO_TEXT got = { 0 };
		enum mitok_code r;

		start(row->answers);
		spy_allocations = 0;
		spy_fail(n);
		r = client_each_page(&someone, &list_rq, collect, &got, &e);
		spy_fail(0);
		if (r == MITOK_OK && spy_allocations < n)
			break;
		CHECK(r == MITOK_OK || r == MITOK_E_BUG);
	}
	CHECK(n > 10 && n < 500 && spy_leaks == 0);
}

static const struct test tests[] = {
	{ "a request goes out as it was written, with a token", sends },
	{ "a URL that is not beyond doubt gets no token", refuses_urls },
	{ "nobody answering is told, and no token either", nobody },
	{ "refusals have the service's words, and busy services their time",
		answers_in_json },
	{ "only what reads is repeated when a connection breaks", repeats_reads_only },
	{ "all of it is over in time", keeps_its_time },
	{ "pages come in their order, from one host", pages },
	{ "a kept connection that was closed costs no time", kept_connections },
	{ "services with one address are found by their alias", endpoints },
	{ "out of memory is told, and secrets are wiped", out_of_memory },
};

TEST_MAIN(tests)
