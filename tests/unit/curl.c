/* mi-token curl: which URLs a command line has, which options come with them, and which
 * hosts are beyond doubt.
 * SPDX-License-Identifier: MIT */
#include "../../helper/curl/options.h"
#include "../../helper/curl/scan.h"
#include "../../helper/curl/url.h"

#include <stdlib.h>

#include "base/text.h"
#include "test.h"

#define A "https://a.vault.azure.net/"
#define B "https://b.vault.azure.net/"

/* Words, parted by blanks, as argv; "_" is the empty word. */
struct line {
	char text[400];
	char *argv[40];
	int argc;
};

static void split(struct line *l, const char *text)
{
	static char name[] = "curl", empty[] = "";
	char *at = l->text;

	(void)snprintf(l->text, sizeof(l->text), "%s", text);
	l->argv[0] = name;
	for (l->argc = 1; *at; l->argc++) {
		l->argv[l->argc] =
			strncmp(at, "_ ", 2) == 0 || strcmp(at, "_") == 0 ? empty : at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = '\0';
	}
	l->argv[l->argc] = NULL;
}

/* "0:URL 1:URL", or "-" for none. */
static void describe(const struct scan *s, struct text *ret)
{
	for (size_t i = 0; i < s->url_count; i++)
		text_addf(ret, "%s%zu:%s", i ? " " : "", s->urls[i].section,
			s->urls[i].text);
	if (!s->url_count)
		text_add(ret, "-");
}

static void urls(void)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{ "", "-" },
		{ A, "0:" A },
		{ "-s " A " " B, "0:" A " 0:" B },
		{ "--url " A " -o x " B, "0:" A " 0:" B },
		{ "--url=" A, "0:" A },
		{ "--URL " A, "0:" A },
		{ "-o " A " " B, "0:" B },
		{ "-o" A " " B, "0:" B },
		{ "-sSLo " A " " B, "0:" B },
		{ "-sSLo" A " " B, "0:" B },
		{ "-so -L " B, "0:" B },
		{ "--output " A " " B, "0:" B },
		{ "-d @- " A, "0:" A },
		{ "-T - " A, "0:" A },
		{ "--data --next " A, "0:" A },
		{ "-X POST --json {} " A, "0:" A },
		{ "-- -x --next " A, "0:-x 0:--next 0:" A },
		{ "-s -- " A, "0:" A },
		{ A " --next " B, "0:" A " 1:" B },
		{ A " -: " B, "0:" A " 1:" B },
		{ A " -s: " B, "0:" A " 1:" B },
		{ "--next " A, "0:" A },
		{ "-k --next " A " --next --next " B, "0:" A " 1:" B },
		{ "--expand-data {{x}} " A, "0:" A },
		{ "--no-location " A, "0:" A },
		{ "--no-buffer -N " A, "0:" A },
		{ "_ " A, "0: 0:" A },
		{ "-o _ " A, "0:" A },
		{ "--trace-config all --variable x=1 " A, "0:" A },
		{ "--happy-eyeballs-timeout-ms 5 " A, "0:" A },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_SCAN s = { 0 };
		AUTO_TEXT got = { 0 };
		struct line l = { .argc = 0 };

		split(&l, rows[i].line);
		CHECK(scan_args(l.argc, l.argv, &s));
		describe(&s, &got);
		CHECK_ROW(rows[i].line, strcmp(text_peek(&got), rows[i].want) == 0);
		CHECK_ROW(rows[i].line, !(s.flags & SCAN_STRANGER));
	}
}

/* Of the sections, the first two. */
static const struct {
	const char *line;
	unsigned whole, first, second;
} flag_rows[] = {
	{ "-sSfL --retry 3 -o x -H Accept:*/* " A, 0, 0, 0 },
	{ "-u a:b " A, 0, SCAN_OWN, 0 },
	{ "-sua:b " A, 0, SCAN_OWN, 0 },
	{ "--user=a:b " A, 0, SCAN_OWN, 0 },
	{ "--expand-user {{x}} " A, 0, SCAN_OWN, 0 },
	{ "--oauth2-bearer x " A, 0, SCAN_OWN, 0 },
	{ "-n " A, 0, SCAN_OWN, 0 },
	{ "--netrc-file x " A, 0, SCAN_OWN, 0 },
	{ "--netrc-optional " A, 0, SCAN_OWN, 0 },
	{ "--no-netrc " A, 0, 0, 0 },
	{ "--aws-sigv4 x " A, 0, SCAN_OWN, 0 },
	{ "-H Authorization:x " A, 0, SCAN_OWN, 0 },
	{ "-HAUTHORIZATION:x " A, 0, SCAN_OWN, 0 },
	{ "-H authorization; " A, 0, SCAN_OWN, 0 },
	{ "--header Authorization: " A, 0, SCAN_OWN, 0 },
	{ "-H api-key:x " A, 0, SCAN_OWN, 0 },
	{ "-H Ocp-Apim-Subscription-Key:x " A, 0, SCAN_OWN, 0 },
	{ "-H X-Authorization:x " A, 0, 0, 0 },
	{ "-H AuthorizationX:x " A, 0, 0, 0 },
	{ "-H @file " A, 0, 0, 0 },
	{ "--proxy-header Authorization:x -U a:b " A, 0, 0, 0 },
	{ "--location-trusted " A, 0, SCAN_TRUSTED, 0 },
	{ "--Location-Trusted " A, 0, SCAN_TRUSTED, 0 },
	{ "--no-location-trusted " A, 0, 0, 0 },
	{ "-k " A, 0, SCAN_INSECURE, 0 },
	{ "-sk " A, 0, SCAN_INSECURE, 0 },
	{ "--insecure " A, 0, SCAN_INSECURE, 0 },
	{ A " --next -k " B, 0, 0, SCAN_INSECURE },
	{ "-k " A " --next " B, 0, SCAN_INSECURE, 0 },
	/* Nothing before the first --next: there are curls for which it goes on. */
	{ "-k --next " A, 0, SCAN_INSECURE, 0 },
	{ "-k --metalink --next " A, 0, SCAN_INSECURE | SCAN_HIDDEN, 0 },
	{ "--proto-redir =https " A, 0, 0, 0 },
	{ "--proto-redir https " A, 0, SCAN_REDIRECT, 0 },
	{ "--proto-redir +http " A, 0, SCAN_REDIRECT, 0 },
	{ "--proto-redir=all " A, 0, SCAN_REDIRECT, 0 },
	{ "--expand-url {{x}} " A, 0, SCAN_HIDDEN, 0 },
	{ "--url @urls " A, 0, SCAN_HIDDEN, 0 },
	{ "@urls " A, 0, SCAN_HIDDEN, 0 },
	{ "--expand-url x --next " A, 0, SCAN_HIDDEN, 0 },
	{ "-K x " A, SCAN_CONFIG, 0, 0 },
	{ "-sK- " A, SCAN_CONFIG, 0, 0 },
	{ "--config=x " A, SCAN_CONFIG, 0, 0 },
	{ "--expand-config x " A, SCAN_CONFIG, 0, 0 },
	{ "--trace - " A, SCAN_TRACE, 0, 0 },
	{ "--trace-ascii x " A, SCAN_TRACE, 0, 0 },
	{ "--libcurl x " A, SCAN_TRACE, 0, 0 },
	{ "-v " A, SCAN_VERBOSE, 0, 0 },
	{ "-sv " A, SCAN_VERBOSE, 0, 0 },
	{ "--help all " A, SCAN_NOTHING, 0, 0 },
	{ "-V", SCAN_NOTHING, 0, 0 },
	{ A " -o", SCAN_NOTHING, 0, 0 },
	{ A " --output", SCAN_NOTHING, 0, 0 },
	{ "- " A, SCAN_STRANGER, 0, 0 },
	{ "--frobnicate " A, SCAN_STRANGER, 0, 0 },
	{ "--locat " A, SCAN_STRANGER, 0, 0 },
	{ "--location=1 " A, SCAN_STRANGER, 0, 0 },
	{ "--expand-location x " A, SCAN_STRANGER, 0, 0 },
	{ "--no-no-location " A, SCAN_STRANGER, 0, 0 },
	{ "--no- " A, SCAN_STRANGER, 0, 0 },
	{ "--expand- " A, SCAN_STRANGER, 0, 0 },
	{ "--= " A, SCAN_STRANGER, 0, 0 },
	{ "--- " A, SCAN_STRANGER, 0, 0 },
	{ "-s@ " A, SCAN_STRANGER, 0, 0 },
	{ "-\xc3\xa4 " A, SCAN_STRANGER, 0, 0 },
	{ A " -:s " B, SCAN_STRANGER, 0, 0 },
};

static void flags(void)
{
	for (size_t i = 0; i < COUNT(flag_rows); i++) {
		AUTO_SCAN s = { 0 };
		struct line l = { .argc = 0 };

		split(&l, flag_rows[i].line);
		CHECK(scan_args(l.argc, l.argv, &s));
		CHECK_ROW(flag_rows[i].line, s.flags == flag_rows[i].whole);
		CHECK_ROW(flag_rows[i].line, s.sections[0].flags == flag_rows[i].first);
		CHECK_ROW(flag_rows[i].line,
			(s.section_count > 1 ? s.sections[1].flags : 0) ==
				flag_rows[i].second);
	}
}

static void places(void)
{
	static const struct {
		const char *line;
		bool config;
		int first, second; /* 0: there is none */
	} rows[] = {
		{ A, true, 1, 0 },
		{ "-s " A, true, 1, 0 },
		{ "-- " A, true, 1, 0 },
		{ "-s -q " A, true, 1, 0 },
		{ "--disable " A, false, 2, 0 },
		{ "--Disable " A, true, 1, 0 },
		{ "-q " A, false, 2, 0 },
		{ "-qs " A, false, 2, 0 },
		{ "-qo x " A, false, 3, 0 },
		{ "-q", false, 2, 0 },
		{ A " --next -s " B, true, 1, 3 },
		{ A " -s: " B, true, 1, 3 },
		{ A " --next", true, 1, 3 },
		{ "-q " A " -: " B, false, 2, 4 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_SCAN s = { 0 };
		struct line l = { .argc = 0 };

		split(&l, rows[i].line);
		CHECK(scan_args(l.argc, l.argv, &s));
		CHECK_ROW(rows[i].line, s.reads_config == rows[i].config);
		CHECK_ROW(rows[i].line, s.sections[0].at == rows[i].first);
		CHECK_ROW(rows[i].line,
			(s.section_count > 1 ? s.sections[1].at : 0) == rows[i].second);
	}
}

static void configs(void)
{
	static const struct {
		const char *text;
		unsigned whole, first;
	} rows[] = {
		{ "", 0, 0 },
		{ "# url = x\n\n \t\n", 0, 0 },
		{ "silent\nshow-error\nproxy = \"http://p:3128\"\n-L\n-m 5", 0, 0 },
		{ "cacert=/etc/ca.pem\r\nretry: 3\r\n--compressed\r\n", 0, 0 },
		{ "user-agent \"a b\"\n-sS\n", 0, 0 },
		{ "insecure\n", 0, SCAN_INSECURE },
		{ "-k", 0, SCAN_INSECURE },
		{ "  --insecure  ", 0, SCAN_INSECURE },
		{ "-sk\n", 0, SCAN_INSECURE },
		{ "location-trusted", 0, SCAN_TRUSTED },
		{ "url = \"" A "\"\n", SCAN_CONFIG, 0 },
		{ "--url=" A, SCAN_CONFIG, 0 },
		{ "next\n", SCAN_CONFIG, 0 },
		{ "config = x\n", SCAN_CONFIG, 0 },
		{ "-Kx\n", SCAN_CONFIG, 0 },
		{ "user = \"a:b\"\n", 0, SCAN_OWN },
		{ "-u a:b\n", 0, SCAN_OWN },
		{ "netrc", 0, SCAN_OWN },
		{ "header = \"Authorization: x\"\n", 0, SCAN_OWN },
		{ "-H \"Accept: x\"\n", 0, 0 },
		{ "proto-redir = \"=https\"\n", 0, 0 },
		{ "proto-redir = \"http\"\n", 0, SCAN_REDIRECT },
		{ "verbose\ntrace x", SCAN_VERBOSE | SCAN_TRACE, 0 },
		{ "frobnicate", SCAN_STRANGER, 0 },
		{ "insec", SCAN_STRANGER, 0 },
		{ "\xef\xbb\xbfsilent", SCAN_STRANGER, 0 },
		{ "\finsecure", SCAN_STRANGER, 0 },
		{ "=\n", SCAN_STRANGER, 0 },
		{ "-\n", SCAN_STRANGER, 0 },
		{ "output\n", SCAN_NOTHING, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_SCAN s = { 0 };
		struct line l = { .argc = 0 };

		split(&l, A " --next " B);
		CHECK(scan_args(l.argc, l.argv, &s));
		scan_config(&s, rows[i].text);
		CHECK_ROW(rows[i].text, s.flags == rows[i].whole);
		CHECK_ROW(rows[i].text, s.sections[0].flags == rows[i].first);
		CHECK_ROW(rows[i].text, s.sections[1].flags == 0);
		CHECK_ROW(rows[i].text, s.url_count == 2);
	}
}

static void hosts(void)
{
	static const struct {
		const char *url, *authority, *path; /* authority NULL: open */
		bool https, own;
	} rows[] = {
		{ A, "a.vault.azure.net", "/", true, false },
		{ "HTTPS://A.Vault.azure.NET", "a.vault.azure.net", "/", true, false },
		{ "https://a.net:443/x/y?q#f", "a.net:443", "/x/y", true, false },
		{ "https://a.net?x=/y", "a.net", "/", true, false },
		{ "https://a.net/{a,b}[1-3]", "a.net", "/{a,b}[1-3]", true, false },
		{ "http://a.net/x", "a.net", "/x", false, false },
		{ "a.net/x", "a.net", "/x", false, false },
		{ "https://a.net/c?sv=1&sig=x", "a.net", "/c", true, true },
		{ "https://a.net/c?sig=x", "a.net", "/c", true, true },
		{ "https://a.net/c?design=x&xsig=1", "a.net", "/c", true, false },
		{ "https://u:p@a.net/", "", "/", true, true },
		{ "https://a.net{@evil,}/", "", "/", true, true },
		{ "https://{a,b}.net/", NULL, NULL, false, false },
		{ "https://a[1-2].net/", NULL, NULL, false, false },
		{ "https://a.net{.evil,}/", NULL, NULL, false, false },
		{ "https://a.net:{443,1}/", NULL, NULL, false, false },
		{ "https://[::1]/", NULL, NULL, false, false },
		{ "https://a.net\\.evil/", NULL, NULL, false, false },
		{ "https://a.net/\\x", NULL, NULL, false, false },
		{ "https://a.net/ x", NULL, NULL, false, false },
		{ " https://a.net/", NULL, NULL, false, false },
		{ "https://a.net\n/", NULL, NULL, false, false },
		{ "https://\xd0\xb0.net/", NULL, NULL, false, false },
		{ "https://a%2enet/", NULL, NULL, false, false },
		{ "https:///a.net/", NULL, NULL, false, false },
		{ "https:/a.net/", NULL, NULL, false, false },
		{ "https://a.net:/", NULL, NULL, false, false },
		{ "https://a.net:0/", NULL, NULL, false, false },
		{ "https://a.net:x/", NULL, NULL, false, false },
		{ "https://a.net:443:1/", NULL, NULL, false, false },
		{ "https://", NULL, NULL, false, false },
		{ "ftp://a.net/", NULL, NULL, false, false },
		{ "file:///etc/passwd", NULL, NULL, false, false },
		{ "", NULL, NULL, false, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct place p = { .is_https = false };
		bool read = url_read(rows[i].url, &p);

		CHECK_ROW(rows[i].url, read == (rows[i].authority != NULL));
		if (!read || !rows[i].authority)
			continue;
		CHECK_ROW(rows[i].url, p.is_own == rows[i].own);
		CHECK_ROW(rows[i].url, p.is_https == rows[i].https);
		CHECK_ROW(rows[i].url,
			p.is_own || strcmp(p.authority, rows[i].authority) == 0);
		CHECK_ROW(rows[i].url, strcmp(p.path, rows[i].path) == 0);
	}
}

static void letters(void)
{
	static const char known[] =
		"#01234:ABCDEFGHIJKLMNOPQRSTUVXYZabcdefghijklmnopqrstuvwxyz6";

	for (int c = 1; c < 128; c++) {
		const char *text = (const char[]){ (char)c, '\0' };

		CHECK_ROW(text,
			(curl_option_lettered((char)c) != NULL) ==
				(strchr(known, c) != NULL));
	}
	CHECK(!curl_option_lettered('\0'));
	CHECK(!curl_option_named("urlx", 4));
	CHECK(!curl_option_named("", 0));
}

static void memory(void)
{
	struct line l = { .argc = 0 };

	split(&l, A " --next " B);
	for (unsigned n = 1; n <= 2; n++) {
		AUTO_SCAN s = { 0 };

		spy_fail(n);
		CHECK(!scan_args(l.argc, l.argv, &s));
		CHECK(!s.urls && !s.sections);
		spy_fail(0);
	}
}

static const struct test tests[] = {
	{ "every word that is a URL is found, in its section", urls },
	{ "options that matter are found however they are written", flags },
	{ "options of ours go to the start of a section, but behind a first -q", places },
	{ "the default configuration counts for the first section", configs },
	{ "a host is what all parsers take it for, or it is open", hosts },
	{ "each letter that curl knows is known", letters },
	{ "without memory nothing is scanned", memory },
};
TEST_MAIN(tests)
