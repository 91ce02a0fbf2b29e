/* URLs from the environment: strict pieces, trust, queries.
 * SPDX-License-Identifier: MIT */
#include "source/endpoint.h"

#include <stdlib.h>

#include "test.h"

static const struct {
	const char *url, *origin, *path, *query;
	unsigned flags;
} good[] = {
	{ "http://localhost:4141/MSI/token", "http://localhost:4141", "/MSI/token", "",
		HTTP_LOCAL },
	{ "http://127.0.0.1:41013/msi/token/?x=1", "http://127.0.0.1:41013",
		"/msi/token/", "x=1", HTTP_LOCAL },
	{ "http://169.254.169.254", "http://169.254.169.254", "/", "", HTTP_LOCAL },
	{ "http://127.255.1.2/", "http://127.255.1.2", "/", "", HTTP_LOCAL },
	{ "HTTPS://Login.MicrosoftOnline.com:443", "https://login.microsoftonline.com",
		"/", "", 0 },
	{ "http://[::1]:80/a", "http://[::1]", "/a", "", HTTP_LOCAL },
	{ "https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443", "/a", "", 0 },
	{ "http://my_agent/x?", "http://my_agent", "/x", "", 0 },
	{ "http://a.b?c=d/e?f", "http://a.b", "/", "c=d/e?f", 0 },
	{ "http://localhost.evil.example/", "http://localhost.evil.example", "/", "", 0 },
	{ "http://127.0.0.1.evil.example/", "http://127.0.0.1.evil.example", "/", "", 0 },
	{ "http://10.0.0.1:65535/%7Ea", "http://10.0.0.1:65535", "/%7Ea", "", 0 },
};

static const char *const bad[] = {
	"",
	"http",
	"http:",
	"http:/",
	"http://",
	"http:///x",
	"ftp://127.0.0.1/",
	"file:///etc/shadow",
	"//127.0.0.1/",
	"127.0.0.1",
	"http://user@127.0.0.1/",
	"http://127.0.0.1@evil.example/",
	"http://127.0.0.1:80@evil.example/",
	"http://127.0.0.1\\@evil.example/",
	"http://127.0.0.1#@evil.example/",
	"http://127.0.0.1/#x",
	"http://127.0.0.1 /",
	" http://127.0.0.1/",
	"http://127.0.0.1/\n",
	"http://127.0.0.1/\tx",
	"http://2852039166/",
	"http://0xa9fea9fe/",
	"http://0xa9.0xfe.0xa9.0xfe/",
	"http://0251.0376.0251.0376/",
	"http://169.254.43518/",
	"http://127.1/",
	"http://127.0.0.01/",
	"http://1.2.3.4.5/",
	"http://256.1.1.1/",
	"http://[::1/",
	"http://::1/",
	"http://[]/",
	"http://[::0001]/",
	"http://[::FFFF:127.0.0.1]x/",
	"http://[fe80::1%25eth0]/",
	"http://[127.0.0.1]/",
	"http://127.0.0.1:/",
	"http://127.0.0.1:0/",
	"http://127.0.0.1:65536/",
	"http://127.0.0.1:080/",
	"http://127.0.0.1:-1/",
	"http://127.0.0.1:80:80/",
	"http://127.0.0.1:8x/",
	"http://127.0.0.1:99999999999/",
	"http://-a/",
	"http://a-/",
	"http://a..b/",
	"http://.a/",
	"http://localhost./",
	"http://a%2fb/",
	"http://a,b/",
	"http://\xc3\xa4/",
	"http://a/\xc3\xa4",
	"http://a/\x7f",
	"http://a/..",
	"http://a/../b",
	"http://a/b/./c",
	"http://a/%2e%2E/b",
	"http://a/.%2e",
	"http://a/%2",
	"http://a/%zz",
	"http://a/<x>",
	"http://a/?x|y",
	"http://a/\"",
};

static void pieces(void)
{
	struct endpoint p;

	for (size_t i = 0; i < COUNT(good); i++) {
		AUTO_TEXT origin = { 0 };

		CHECK_ROW(good[i].url,
			endpoint_parse("X", good[i].url, &p, NULL) == MITOK_OK);
		endpoint_origin(&p, &origin);
		CHECK_TEXT(text_peek(&origin), good[i].origin);
		CHECK_TEXT(p.path, good[i].path);
		CHECK_TEXT(p.query, good[i].query);
		CHECK_ROW(good[i].url, p.flags == good[i].flags);
	}
	CHECK(endpoint_parse("X", "http://127.0.0.1./", &p, NULL) == MITOK_E_CONF);
}

static void refused(void)
{
	static char url[4096];
	struct mitok_err e;
	struct endpoint p = { .port = 7 };

	for (size_t i = 0; i < COUNT(bad); i++) {
		CHECK_ROW(bad[i],
			endpoint_parse("MSI_ENDPOINT", bad[i], &p, &e) == MITOK_E_CONF);
		CHECK_ROW(bad[i], text_starts(e.message, "MSI_ENDPOINT is not a URL"));
		CHECK_ROW(bad[i], p.port == 7);
	}
	CHECK(endpoint_parse("X", "http://u:" SPY_MARK "@a/", &p, &e) == MITOK_E_CONF);
	CHECK(!strstr(e.message, SPY_MARK));
	memset(url, 'a', sizeof(url) - 1);
	memcpy(url, "http://a/", 9);
	CHECK(endpoint_parse("X", url, &p, &e) == MITOK_E_CONF);
	memcpy(url, "http://aa", 9);
	CHECK(endpoint_parse("X", url, &p, &e) == MITOK_E_CONF);
	memcpy(url, "http://a?", 9);
	CHECK(endpoint_parse("X", url, &p, &e) == MITOK_E_CONF);
}

static void trust(void)
{
	static const char *const allow[] = { "a.internal", "B.internal", "10.0.0.4",
		NULL };
	static const struct {
		const char *url;
		bool want;
	} rows[] = {
		{ "http://127.0.0.1/", true },
		{ "http://169.254.1.2/", true },
		{ "https://localhost/", true },
		{ "https://a.internal/", true },
		{ "https://A.INTERNAL:8443/", true },
		{ "https://b.internal/", true },
		{ "https://10.0.0.4/", true },
		{ "http://a.internal/", false },
		{ "https://c.internal/", false },
		{ "https://xa.internal/", false },
		{ "https://a.internal.evil/", false },
		{ "https://x.a.internal/", false },
		{ "http://10.0.0.4/", false },
		{ "http://168.63.129.16/", false },
	};
	struct endpoint p;
	struct mitok_err e;

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].url,
			(endpoint_trust("X", rows[i].url, allow, &p, &e) == MITOK_OK) ==
				rows[i].want);
	CHECK(endpoint_trust("X", "https://a.internal/", NULL, &p, &e) == MITOK_E_CONF);
	CHECK(strstr(e.hint, "allow_hosts"));
}

static void loopback(void)
{
	struct endpoint p = { .host = "127.0.0.1" };

	CHECK(endpoint_is_loopback(&p));
	p = (struct endpoint){ .host = "localhost" };
	CHECK(endpoint_is_loopback(&p));
	p = (struct endpoint){ .host = "169.254.169.254" };
	CHECK(!endpoint_is_loopback(&p));
	p = (struct endpoint){ .host = "127.evil" };
	CHECK(!endpoint_is_loopback(&p));
}

static void queries(void)
{
	static const struct endpoint_param params[] = { { "resource", "https://a/b c" },
		{ "client_id", NULL }, { "api-version", "1" }, { NULL, NULL } };
	static const struct {
		const char *query, *want;
	} rows[] = {
		{ "", "?" },
		{ "x=1", "?x=1&" },
		{ "x=1&y", "?x=1&y&" },
		{ "&&x=1&", "?x=1&" },
		{ "resource=evil", "?" },
		{ "resource", "?" },
		{ "RESOURCE=evil&x=1", "?x=1&" },
		{ "re%73ource=evil", "?" },
		{ "client_id=evil&clientid=ok", "?clientid=ok&" },
		{ "xresource=1&resourcex=2", "?xresource=1&resourcex=2&" },
		{ "=1", "?=1&" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT url = { 0 };
		AUTO_TEXT want = { 0 };
		struct endpoint p = { .host = "h", .port = 80, .path = "/p" };

		CHECK(TEXT_COPY(p.query, rows[i].query));
		endpoint_url(&p, params, &url);
		text_addf(&want,
			"http://h/p%sresource=https%%3A%%2F%%2Fa%%2Fb%%20c&api-version=1",
			rows[i].want);
		CHECK_TEXT(text_peek(&url), text_peek(&want));
	}
}

static void forms(void)
{
	static const struct endpoint_param params[] = { { "a", SPY_MARK "&=+ \xc3\xa4" },
		{ "b", NULL }, { "c", "" }, { NULL, NULL } };
	struct secret form = { 0 };

	spy_leaks = 0;
	CHECK(endpoint_form(params, &form));
	CHECK_TEXT(secret_peek(&form), "a=" SPY_MARK "%26%3D%2B%20%C3%A4&c=");
	secret_wipe(&form);
	spy_fail(1);
	CHECK(!endpoint_form(params, &form));
	spy_fail(0);
	CHECK(spy_leaks == 0);
}

static const struct test tests[] = {
	{ "good URLs come apart into what every client would see", pieces },
	{ "a URL that two parsers could read in two ways is refused", refused },
	{ "secrets go to this machine, or by https to where /etc allows", trust },
	{ "link-local is not loopback", loopback },
	{ "no parameter gets there twice, none comes from the endpoint's query",
		queries },
	{ "forms are encoded and wiped", forms },
};
TEST_MAIN(tests)
