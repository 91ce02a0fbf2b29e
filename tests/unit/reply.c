/* Answers with status 200: which of them are tokens.
 * SPDX-License-Identifier: MIT */
#include "source/reply.h"

#include <stdlib.h>

#include "source/refusal.h"

#include "script.h"

#define T        "\"access_token\":\"" SCRIPT_TOKEN "\""
#define ON(x)    "{" T ",\"expires_on\":" x "}"
#define IN(x)    "{" T ",\"expires_in\":" x "}"
#define TOKEN(x) "{\"access_token\":" x ",\"expires_in\":60}"
#define NOW      SCRIPT_START_S
#define RESOURCE "https://vault.azure.net"

static const struct {
	const char *what, *body;
	int64_t expires_s;
} good[] = {
	{ "IMDS", SCRIPT_GRANT, 1727279999 },
	{ "Entra",
		"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":"
		"3599," T "}",
		NOW + 3599 },
	{ "a date as text", ON("\"1727279999\""), 1727279999 },
	{ "a date as number", ON("1727279999"), 1727279999 },
	{ "American", ON("\"1/16/2030 5:24:12 AM +00:00\""), 1894771452 },
	{ "24 hours", ON("\"06/20/2029 02:57:58 +00:00\""), 1876618678 },
	{ "with decimals", ON("\"2034-10-18T19:51:37.0000000+00:00\""), 2044813897 },
	{ "relative", ON("\"3600\""), NOW + 3600 },
	{ "relative number", ON("978307199"), NOW + 978307199 },
	{ "lifetime as text", IN("\"60\""), NOW + 60 },
	{ "date before lifetime", "{" T ",\"expires_on\":1727279999,\"expires_in\":5}",
		1727279999 },
	{ "null date", "{" T ",\"expires_on\":null,\"expires_in\":5}", NOW + 5 },
	{ "empty date", "{" T ",\"expires_on\":\"\",\"expires_in\":5}", NOW + 5 },
	{ "unknown members", "{\"a\":[1,{\"b\":null}]," T ",\"expires_in\":60,\"c\":1.5}",
		NOW + 60 },
	{ "white space", " \r\n\t" IN("60") "\n", NOW + 60 },
	{ "lower-case type", "{" T ",\"expires_in\":60,\"token_type\":\"bearer\"}",
		NOW + 60 },
	{ "resource with slash",
		"{" T ",\"expires_in\":60,\"resource\":\"https://VAULT.azure.net/\"}",
		NOW + 60 },
	{ "empty refresh token", "{" T ",\"expires_in\":60,\"refresh_token\":\"\"}",
		NOW + 60 },
	{ "escaped", "{\"access_\\u0074oken\":\"" SCRIPT_TOKEN "\",\"expires_in\":60}",
		NOW + 60 },
};

static const struct {
	const char *what, *body;
	size_t len;
} bad[] = {
	{ "nothing", "" },
	{ "HTML", "<html><body>Sign in</body></html>" },
	{ "text", "OK" },
	{ "the token alone", "\"" SCRIPT_TOKEN "\"" },
	{ "a list", "[" IN("60") "]" },
	{ "null", "null" },
	{ "two objects", IN("60") IN("60") },
	{ "trailing bytes", IN("60") "x" },
	{ "trailing NUL", IN("60") "\0", sizeof(IN("60") "\0") - 1 },
	{ "cut off", "{" T ",\"expires_in\":6" },
	{ "byte order mark", "\xef\xbb\xbf" IN("60") },
	{ "UTF-16", "{\0\"\0a\0\"\0", 8 },
	{ "bad UTF-8", "{" T ",\"expires_in\":60,\"x\":\"\xff\"}" },
	{ "NaN", IN("NaN") },
	{ "no token", "{\"expires_in\":60}" },
	{ "token in another case",
		"{\"Access_Token\":\"" SCRIPT_TOKEN "\",\"expires_in\":60}" },
	{ "token twice", "{" T "," T ",\"expires_in\":60}" },
	{ "token as number", TOKEN("1") },
	{ "token as object", TOKEN("{}") },
	{ "token as list", TOKEN("[\"a\"]") },
	{ "token null", TOKEN("null") },
	{ "token true", TOKEN("true") },
	{ "token empty", TOKEN("\"\"") },
	{ "token with line end", TOKEN("\"a\\r\\nX-Evil: b\"") },
	{ "token with NUL", TOKEN("\"a\\u0000b\"") },
	{ "token with blank", TOKEN("\"a b\"") },
	{ "token with quote", TOKEN("\"a\\\"b\"") },
	{ "token with umlaut", TOKEN("\"\xc3\xa4\"") },
	{ "no expiry", "{" T "}" },
	{ "expiry null", ON("null") },
	{ "expiry zero", IN("0") },
	{ "expiry negative", IN("-1") },
	{ "expiry negative text", IN("\"-1\"") },
	{ "expiry real", ON("1727279999.5") },
	{ "expiry huge", IN("99999999999999999999") },
	{ "expiry beyond 9999", ON("253402300800") },
	{ "lifetime beyond 9999", IN("253402300799") },
	{ "expiry as object", ON("{}") },
	{ "expiry as word", ON("\"tomorrow\"") },
	{ "expiry with rest", ON("\"1727279999x\"") },
	{ "expired", ON("1727193299") },
	{ "expired long ago", ON("\"1586984735\"") },
	{ "impossible date", ON("\"2/30/2030 5:24:12 AM +00:00\"") },
	{ "another type", "{" T ",\"expires_in\":60,\"token_type\":\"pop\"}" },
	{ "type as number", "{" T ",\"expires_in\":60,\"token_type\":1}" },
	{ "another resource",
		"{" T
		",\"expires_in\":60,\"resource\":\"https://graph.microsoft.com\"}" },
	{ "a longer resource",
		"{" T
		",\"expires_in\":60,\"resource\":\"https://vault.azure.net.evil\"}" },
};

static bool fill(struct http_reply *r, const char *body, size_t len, const char *headers)
{
	r->status = 200;
	text_add(&r->headers, headers);
	return secret_add(&r->body, body, len) && text_ok(&r->headers);
}

static void grants(void)
{
	spy_leaks = 0;
	for (size_t i = 0; i < COUNT(good); i++) {
		AUTO_REPLY r = { 0 };
		AUTO_GRANT g = { 0 };
		struct mitok_err e = { 0 };

		CHECK(fill(&r, good[i].body, strlen(good[i].body), ""));
		CHECK_ROW(
			good[i].what, reply_grant(&r, RESOURCE, NOW, &g, &e) == MITOK_OK);
		CHECK_ROW(e.message, e.message[0] == '\0');
		CHECK_TEXT(secret_peek(&g.token), SCRIPT_TOKEN);
		CHECK_TEXT(g.type, "Bearer");
		CHECK_ROW(good[i].what, g.expires_s == good[i].expires_s);
	}
	CHECK(spy_leaks == 0);
}

static void confusions(void)
{
	spy_leaks = 0;
	for (size_t i = 0; i < COUNT(bad); i++) {
		size_t len = bad[i].len ? bad[i].len : strlen(bad[i].body);
		AUTO_REPLY r = { 0 };
		struct grant g = { 0 };
		struct mitok_err e = { 0 };

		CHECK(fill(&r, bad[i].body, len, ""));
		CHECK_ROW(bad[i].what,
			reply_grant(&r, RESOURCE, NOW, &g, &e) == MITOK_E_REPLY);
		CHECK_ROW(bad[i].what, e.message[0] && !strstr(e.message, SPY_MARK));
		CHECK_ROW(bad[i].what, g.token.p == NULL && g.expires_s == 0);
	}
	CHECK(spy_leaks == 0);
}

static void sizes(void)
{
	static char body[SECRET_MAX / 4];
	static const struct {
		size_t len;
		enum mitok_code want;
	} rows[] = { { 1, MITOK_OK }, { REPLY_TOKEN_MAX, MITOK_OK },
		{ REPLY_TOKEN_MAX + 1, MITOK_E_REPLY }, { 200000, MITOK_E_REPLY } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_REPLY r = { 0 };
		AUTO_GRANT g = { 0 };
		size_t n = (size_t)snprintf(body, sizeof(body), "{\"access_token\":\"");

		memset(body + n, 'a', rows[i].len);
		(void)snprintf(body + n + rows[i].len, 32, "\",\"expires_in\":60}");
		CHECK(fill(&r, body, strlen(body), ""));
		CHECK(reply_grant(&r, RESOURCE, NOW, &g, NULL) == rows[i].want);
		CHECK(g.token.len == (rows[i].want ? 0 : rows[i].len));
	}
}

static void depth(void)
{
	static char body[200001];
	AUTO_REPLY r = { 0 };
	struct grant g = { 0 };

	memset(body, '[', 100000);
	memset(body + 100000, ']', 100000);
	CHECK(fill(&r, body, strlen(body), ""));
	CHECK(reply_grant(&r, RESOURCE, NOW, &g, NULL) == MITOK_E_REPLY);
}

static void extras(void)
{
	AUTO_REPLY r = { 0 };
	AUTO_GRANT g = { 0 };
	static const char body[] =
		"{" T ",\"expires_on\":1727200499,\"refresh_in\":\"3600\","
		"\"client_id\":\"5E29463D-71DA-4FE0-8E69-999B57DB23B0\"}";

	CHECK(fill(&r, body, strlen(body), "Date: Tue, 24 Sep 2024 15:54:50 GMT\n"));
	CHECK(reply_grant(&r, RESOURCE, NOW, &g, NULL) == MITOK_OK);
	CHECK(g.refresh_s == NOW + 3600);
	CHECK(g.date_s == NOW - 9);
	CHECK_TEXT(g.client_id, "5E29463D-71DA-4FE0-8E69-999B57DB23B0");
}

static void clock_ahead(void)
{
	AUTO_REPLY r = { 0 };
	struct grant g = { 0 };
	struct mitok_err e;

	CHECK(fill(&r, ON("1727193000"), strlen(ON("1727193000")),
		"Date: Tue, 24 Sep 2024 14:54:59 GMT\n"));
	CHECK(reply_grant(&r, RESOURCE, NOW, &g, &e) == MITOK_E_REPLY);
	CHECK_TEXT(e.message, "a token that expired 299 s ago");
	CHECK_TEXT(e.hint, "this machine's clock is 3600 s ahead of the service's");
}

static void statuses(void)
{
	static const int others[] = { 0, 100, 201, 202, 203, 204, 206, 301, 302, 400,
		500 };

	for (size_t i = 0; i < COUNT(others); i++) {
		AUTO_REPLY r = { 0 };
		struct grant g = { 0 };

		CHECK(fill(&r, SCRIPT_GRANT, strlen(SCRIPT_GRANT), ""));
		r.status = others[i];
		CHECK(reply_grant(&r, RESOURCE, NOW, &g, NULL) == MITOK_E_REPLY);
	}
}

static void refusals(void)
{
	static const struct peer peer = { .source = "imds",
		.who = "IMDS",
		.kind = PEER_IMDS,
		.assign = "a",
		.assign_user = "u",
		.list = "l",
		.mend = "m" };
	const struct ask ask = { .resource = RESOURCE };
	const struct script_answer a = { 429,
		"{\"error\":\"x\",\"error_description\":\"line "
		"one\\u001b[31m\\r\\nCorrelation ID: "
		"22222222-2222-3333-4444-555555555555\"}",
		"Retry-After: 7\n" };
	AUTO_REPLY r = { 0 };
	struct mitok_err e;

	CHECK(script_reply(&a, &r));
	CHECK(refusal_explain(&r, &peer, &ask, NOW, &e) == MITOK_E_LATER);
	CHECK(e.http_status == 429 && e.retry_after_s == 7 && e.aadsts == 0);
	CHECK_TEXT(e.correlation_id, "22222222-2222-3333-4444-555555555555");
	CHECK_TEXT(e.message,
		"IMDS: too many requests from this machine (20 a second, 5 at "
		"once) (HTTP 429): 'line one?[31m'");
	CHECK(text_starts(e.hint, "try again in 7 s; "));
	CHECK(refusal_explain(&r, &peer, &ask, NOW, NULL) == MITOK_E_LATER);
}

static const struct test tests[] = {
	{ "every documented token answer is read", grants },
	{ "what is not exactly a token answer is none", confusions },
	{ "a token has 1 to 65536 bytes", sizes },
	{ "deep nesting ends at once", depth },
	{ "refresh time, date and client id are taken when they are there", extras },
	{ "an expired token names a clock that is ahead", clock_ahead },
	{ "a token comes with status 200 only", statuses },
	{ "a refusal has status, time to wait and correlation id, on one clean line",
		refusals },
};
TEST_MAIN(tests)
