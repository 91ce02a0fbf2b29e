/* What Key Vault answers besides keys: certificates, secrets, lists and results.
 * SPDX-License-Identifier: MIT */
#include "openssl/answer.h"

#include "crypto.h"
#include "test.h"

#define V    "0123456789abcdef0123456789abcdef"
#define HOST "myvault.vault.azure.net"
#define KID  "https://" HOST "/keys/MyKey/" V

static void fill(struct secret *body, const char *text)
{
	secret_wipe(body);
	CHECK(secret_add_text(body, text));
}

/* says: a piece of the sentence, NULL where there is none. */
static void check_error(const char *what, enum mitok_code want, const char *says,
	const struct mitok_err *e)
{
	bool good = says ? strstr(e->message, says) != NULL : !e->message[0];

	CHECK_ROW(what, e->code == want);
	if (!test_check(good, __FILE__, __LINE__, "the sentence", what))
		fprintf(stderr, "  got: %s\n", e->message);
}

/* What is decrypted leaves nothing behind, whether it is all good or not. */
static void wiping(void)
{
	static const struct {
		const char *what, *kid, *end;
		enum mitok_code want;
	} rows[] = {
		{ "a value", KID, "\"", MITOK_OK },
		{ "no base64 in the end", KID, "!!\"", MITOK_E_REPLY },
		{ "of another key", "https://other.vault.azure.net/keys/k/" V, "\"",
			MITOK_E_REPLY },
		{ "cut off", KID, "", MITOK_E_REPLY },
	};

	spy_leaks = 0;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT text = { 0 };
		struct secret body = { 0 }, value = { 0 };
		struct uri id;

		text_addf(&text, "{\"kid\":\"%s\",\"value\":\"", rows[i].kid);
		answer_encode((const unsigned char *)SPY_MARK SPY_MARK "xx",
			2 * strlen(SPY_MARK) + 2, &text);
		text_addf(&text, "%s}", rows[i].end);
		fill(&body, text_peek(&text));
		CHECK_ROW(rows[i].what,
			answer_operation(&body, HOST, &id, &value, NULL) == rows[i].want);
		if (rows[i].want == MITOK_OK)
			CHECK_TEXT(secret_peek(&value), SPY_MARK SPY_MARK "xx");
		else
			CHECK_ROW(rows[i].what, !value.p);
		secret_wipe(&value);
		secret_wipe(&body);
	}
	CHECK(spy_leaks == 0);
}

// clang-format off
static const struct {
	const char *what, *body;
	enum mitok_code want;
	const char *says, *value;
} operations[] = {
	{ "a signature", "{\"kid\":\"" KID "\",\"value\":\"Zm9v\"}", MITOK_OK, NULL, "foo" },
	{ "padding", "{\"kid\":\"" KID "\",\"value\":\"Zg==\",\"x\":{}}", MITOK_OK, NULL, "f" },
	{ "nothing was encrypted", "{\"kid\":\"" KID "\",\"value\":\"\"}", MITOK_OK, NULL, "" },
	{ "no value", "{\"kid\":\"" KID "\"}", MITOK_E_REPLY, "'value'", "" },
	{ "a number", "{\"kid\":\"" KID "\",\"value\":1}", MITOK_E_REPLY, "'value'", "" },
	{ "null", "{\"kid\":\"" KID "\",\"value\":null}", MITOK_E_REPLY, "'value'", "" },
	{ "no base64", "{\"kid\":\"" KID "\",\"value\":\"a+b/\"}", MITOK_E_REPLY, "'value'", "" },
	{ "no key", "{\"value\":\"Zm9v\"}", MITOK_E_REPLY, "kid", "" },
	{ "no version", "{\"kid\":\"https://" HOST "/keys/k\",\"value\":\"Zm9v\"}", MITOK_E_REPLY, "version", "" },
	{ "another host", "{\"kid\":\"https://x.vault.azure.net/keys/k/" V "\",\"value\":\"Zm9v\"}", MITOK_E_REPLY, "x.vault.azure.net", "" },
	{ "no key's name", "{\"kid\":\"https://" HOST "/certificates/k/" V "\",\"value\":\"Zm9v\"}", MITOK_E_REPLY, "something else", "" },
	{ "HTML", "<html>", MITOK_E_REPLY, "JSON", "" },
	{ "nothing", "", MITOK_E_REPLY, "empty", "" },
	{ "a text", "\"Zm9v\"", MITOK_E_REPLY, "no JSON object", "" },
};
// clang-format on

static void results(void)
{
	for (size_t i = 0; i < COUNT(operations); i++) {
		const char *what = operations[i].what;
		AUTO_SECRET body = { 0 };
		AUTO_SECRET value = { 0 };
		struct mitok_err e = { 0 };
		struct uri id = { .name = "before" };

		fill(&body, operations[i].body);
		CHECK_ROW(what,
			answer_operation(&body, HOST, &id, &value, &e) ==
				operations[i].want);
		check_error(what, operations[i].want, operations[i].says, &e);
		CHECK_TEXT(secret_peek(&value), operations[i].value);
		CHECK_TEXT(id.name, operations[i].want ? "before" : "mykey");
	}
}

static void secrets(void)
{
	static const struct {
		const char *what, *body;
		enum mitok_code want;
		const char *says, *type;
	} rows[] = {
		{ "PEM",
			"{\"value\":\"" SPY_MARK
			"\",\"contentType\":\"application/x-pem-file\",\"id\":\"x\"}",
			MITOK_OK, NULL, "application/x-pem-file" },
		{ "no type", "{\"value\":\"" SPY_MARK "\"}", MITOK_OK, NULL, "" },
		{ "type null", "{\"value\":\"" SPY_MARK "\",\"contentType\":null}",
			MITOK_OK, NULL, "" },
		{ "no value", "{\"contentType\":\"" SPY_MARK "\"}", MITOK_E_REPLY,
			"'value'", "before" },
		{ "an object", "{\"value\":{\"a\":\"" SPY_MARK "\"}}", MITOK_E_REPLY,
			"'value'", "before" },
		{ "a type as long as may be",
			"{\"value\":\"" SPY_MARK "\",\"contentType\":\"" V
			"0123456789abcdef0123456789abcde\"}",
			MITOK_OK, NULL, V "0123456789abcdef0123456789abcde" },
		{ "a longer one",
			"{\"value\":\"" SPY_MARK "\",\"contentType\":\"" V V "\"}",
			MITOK_E_REPLY, "content type", "before" },
		{ "a type of two lines",
			"{\"value\":\"" SPY_MARK "\",\"contentType\":\"a\\nb\"}",
			MITOK_E_REPLY, "content type", "before" },
	};

	spy_leaks = 0;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct secret body = { 0 }, value = { 0 };
		struct mitok_err e = { 0 };
		char type[64] = "before";

		fill(&body, rows[i].body);
		CHECK_ROW(rows[i].what,
			answer_secret(&body, &value, type, &e) == rows[i].want);
		check_error(rows[i].what, rows[i].want, rows[i].says, &e);
		CHECK_TEXT(type, rows[i].type);
		CHECK_TEXT(secret_peek(&value), rows[i].want ? "" : SPY_MARK);
		secret_wipe(&value);
		secret_wipe(&body);
	}
	CHECK(spy_leaks == 0);
}

/* How the DER is put into an answer, and what of it. */
// clang-format off
static const struct {
	const char *what;
	const char *before, *after; /* the text of the certificate */
	size_t cut, more;           /* bytes of the DER's end */
	enum mitok_code want;
	const char *says;
} certificates[] = {
	{ "good", "", "", 0, 0, MITOK_OK, NULL },
	{ "trailing bytes", "", "", 0, 1, MITOK_E_REPLY, "not DER" },
	{ "cut off", "", "", 1, 0, MITOK_E_REPLY, "not DER" },
	{ "nothing", "", "", 10000, 0, MITOK_E_REPLY, "not DER" },
	{ "a blank before", " ", "", 0, 0, MITOK_E_REPLY, "base64" },
	{ "a line end behind", "", "\\n", 0, 0, MITOK_E_REPLY, "base64" },
	{ "four more signs", "", "====", 0, 0, MITOK_E_REPLY, "base64" },
	{ "PEM", "-----BEGIN CERTIFICATE-----\\n", "", 0, 0, MITOK_E_REPLY, "base64" },
	{ "the alphabet of values", "-___", "", 0, 0, MITOK_E_REPLY, "base64" },
};
// clang-format on

/* Standard base64 with padding. */
static void add_standard(struct text *ret, const struct text *der)
{
	AUTO_TEXT text = { 0 };

	answer_encode((const unsigned char *)text_peek(der), der->len, &text);
	while (text.len % 4)
		text_add(&text, "=");
	for (char *c = text.p; c && *c; c++)
		*c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
	text_add(ret, text_peek(&text));
}

static void write_certificate(size_t row, const struct text *cert, struct secret *body)
{
	static const char zeros[4] = "";
	size_t cut = certificates[row].cut;
	AUTO_TEXT text = { 0 };
	AUTO_TEXT der = { 0 };

	text_add_bytes(&der, text_peek(cert), cut < cert->len ? cert->len - cut : 0);
	text_add_bytes(&der, zeros, certificates[row].more);
	text_addf(&text, "{\"id\":\"x\",\"kid\":\"%s\",\"cer\":\"%s", KID,
		certificates[row].before);
	add_standard(&text, &der);
	text_addf(&text, "%s\",\"policy\":{}}", certificates[row].after);
	fill(body, text_peek(&text));
}

static void certificate(void)
{
	AUTO_TEXT cert = { 0 };

	crypto_certificate(&cert);
	for (size_t i = 0; i < COUNT(certificates); i++) {
		const char *what = certificates[i].what;
		AUTO_SECRET body = { 0 };
		AUTO_TEXT der = { 0 };
		struct mitok_err e = { 0 };
		struct uri key = { .name = "before" };

		write_certificate(i, &cert, &body);
		crypto_queue_set();
		CHECK_ROW(what,
			answer_certificate(&body, HOST, &der, &key, &e) ==
				certificates[i].want);
		CHECK_ROW(what, crypto_queue_is_set());
		check_error(what, certificates[i].want, certificates[i].says, &e);
		if (certificates[i].want) {
			CHECK_ROW(what, !der.p && strcmp(key.name, "before") == 0);
			continue;
		}
		CHECK_ROW(
			what, der.len == cert.len && memcmp(der.p, cert.p, der.len) == 0);
		CHECK_TEXT(key.name, "mykey");
		CHECK_TEXT(key.version, V);
	}
}

static void no_certificate(void)
{
	/* SEQUENCE { INTEGER 1 } */
	static const struct {
		const char *body, *says;
	} rows[] = {
		{ "{\"kid\":\"" KID "\",\"cer\":\"MAMCAQE=\"}", "not DER" },
		{ "{\"kid\":\"" KID "\"}", "'cer'" },
		{ "{\"kid\":\"" KID "\",\"cer\":null}", "'cer'" },
		{ "{\"cer\":\"MAMCAQE=\"}", "kid" },
		{ "{\"kid\":\"https://" HOST "/keys/k\",\"cer\":\"MAMCAQE=\"}",
			"version" },
		{ "{\"kid\":\"https://x.example/keys/k/" V "\",\"cer\":\"MAMCAQE=\"}",
			"x.example" },
		{ "", "empty" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_SECRET body = { 0 };
		AUTO_TEXT der = { 0 };
		struct mitok_err e = { 0 };
		struct uri key;

		fill(&body, rows[i].body);
		CHECK_ROW(rows[i].body,
			answer_certificate(&body, HOST, &der, &key, &e) == MITOK_E_REPLY);
		check_error(rows[i].body, MITOK_E_REPLY, rows[i].says, &e);
	}
}

/* Names seen, and after which one it is enough. */
struct seen {
	struct text names;
	unsigned count, enough;
};

static bool see(void *arg, const struct uri *id)
{
	struct seen *s = arg;

	text_addf(&s->names, "%s%s:%s", s->count ? " " : "",
		id->kind == URI_KEY ? "k" : "c", id->name);
	return ++s->count != s->enough;
}

#define ROW(kind, host, name) "{\"" kind "\":\"https://" host name "\",\"attributes\":{}}"
#define PAGE(rows, next)      "{\"value\":[" rows "],\"nextLink\":" next "}"
#define NEXT                  "\"https://" HOST "/keys?api-version=7.4&$skiptoken=a%20b\""

// clang-format off
static const struct {
	const char *what, *body;
	unsigned enough;
	enum mitok_code want;
	const char *says, *names, *next;
} lists[] = {
	{ "keys", PAGE(ROW("kid", HOST, "/keys/A") "," ROW("kid", HOST, "/keys/b"), "null"), 0, MITOK_OK, NULL, "k:a k:b", "" },
	{ "certificates", PAGE(ROW("id", HOST, "/certificates/A"), "null"), 0, MITOK_OK, NULL, "c:a", "" },
	{ "an empty page", PAGE("", "null"), 0, MITOK_OK, NULL, "", "" },
	{ "no rows at all", "{\"value\":null,\"nextLink\":null}", 0, MITOK_OK, NULL, "", "" },
	{ "an empty page that is not the last", PAGE("", NEXT), 0, MITOK_OK, NULL, "", "/keys?api-version=7.4&$skiptoken=a%20b" },
	{ "no member for the next page", "{\"value\":[" ROW("kid", HOST, "/keys/A") "]}", 0, MITOK_OK, NULL, "k:a", "" },
	{ "an empty text for it", PAGE(ROW("kid", HOST, "/keys/A"), "\"\""), 0, MITOK_OK, NULL, "k:a", "" },
	{ "the port that is meant anyway", PAGE("", "\"HTTPS://MyVault.vault.azure.net:443/keys?x\""), 0, MITOK_OK, NULL, "", "/keys?x" },
	{ "enough", PAGE(ROW("kid", HOST, "/keys/a") "," ROW("kid", HOST, "/keys/b") "," ROW("kid", HOST, "/keys/c"), NEXT), 2, MITOK_OK, NULL, "k:a k:b", "" },
	{ "enough at the end", PAGE(ROW("kid", HOST, "/keys/a") "," ROW("kid", HOST, "/keys/b"), NEXT), 2, MITOK_OK, NULL, "k:a k:b", "" },
	{ "a row of another host", PAGE(ROW("kid", HOST, "/keys/a") "," ROW("kid", "x.example", "/keys/b"), "null"), 0, MITOK_E_REPLY, "x.example", "", "before" },
	{ "a certificate as a key", PAGE(ROW("kid", HOST, "/certificates/a"), "null"), 0, MITOK_E_REPLY, "something else", "", "before" },
	{ "a key as a certificate", PAGE(ROW("id", HOST, "/keys/a"), "null"), 0, MITOK_E_REPLY, "something else", "", "before" },
	{ "a row without a name", PAGE("{\"attributes\":{}}", "null"), 0, MITOK_E_REPLY, "names no key", "", "before" },
	{ "a row that is a text", PAGE("\"a\"", "null"), 0, MITOK_E_REPLY, "names no key", "", "before" },
	{ "no rows", "{\"nextLink\":null}", 0, MITOK_E_REPLY, "'value'", "", "before" },
	{ "an object of rows", "{\"value\":{}}", 0, MITOK_E_REPLY, "'value'", "", "before" },
	{ "another host", PAGE(ROW("kid", HOST, "/keys/a"), "\"https://evil.example/keys\""), 0, MITOK_E_REPLY, "another host", "", "before" },
	{ "a host that begins alike", PAGE("", "\"https://" HOST ".evil.example/keys\""), 0, MITOK_E_REPLY, "another host", "", "before" },
	{ "the host as a user", PAGE("", "\"https://" HOST "@evil.example/keys\""), 0, MITOK_E_REPLY, "another host", "", "before" },
	{ "the host and port as a user", PAGE("", "\"https://" HOST ":443@evil.example/keys\""), 0, MITOK_E_REPLY, "another host", "", "before" },
	{ "a user", PAGE("", "\"https://a@" HOST "/keys\""), 0, MITOK_E_REPLY, "another host", "", "before" },
	{ "another port", PAGE("", "\"https://" HOST ":8443/keys\""), 0, MITOK_E_REPLY, "another host or port", "", "before" },
	{ "a longer port", PAGE("", "\"https://" HOST ":4433/keys\""), 0, MITOK_E_REPLY, "another host or port", "", "before" },
	{ "a dot", PAGE("", "\"https://" HOST "./keys\""), 0, MITOK_E_REPLY, "another host", "", "before" },
	{ "no path", PAGE("", "\"https://" HOST "\""), 0, MITOK_E_REPLY, "another host", "", "before" },
	{ "plain http", PAGE("", "\"http://" HOST "/keys\""), 0, MITOK_E_REPLY, "https", "", "before" },
	{ "a path alone", PAGE("", "\"/keys?x\""), 0, MITOK_E_REPLY, "https", "", "before" },
	{ "a backslash", PAGE("", "\"https://" HOST "/keys\\\\x\""), 0, MITOK_E_REPLY, "bytes", "", "before" },
	{ "a line end", PAGE("", "\"https://" HOST "/keys\\r\\nHost: x\""), 0, MITOK_E_REPLY, "bytes", "", "before" },
	{ "a fragment", PAGE("", "\"https://" HOST "/keys#x\""), 0, MITOK_E_REPLY, "bytes", "", "before" },
	{ "a number", PAGE("", "1"), 0, MITOK_E_REPLY, "nextLink", "", "before" },
	{ "HTML", "<html>", 0, MITOK_E_REPLY, "JSON", "", "before" },
};
// clang-format on

static void pages(void)
{
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct seen s = { .enough = lists[i].enough };
		const struct answer_rows rows = { see, &s };
		AUTO_TEXT next = { 0 };
		AUTO_SECRET body = { 0 };
		struct mitok_err e = { 0 };

		text_add(&next, "before");
		fill(&body, lists[i].body);
		CHECK_ROW(lists[i].what,
			answer_list(&body, HOST, &rows, &next, &e) == lists[i].want);
		check_error(lists[i].what, lists[i].want, lists[i].says, &e);
		CHECK_TEXT(text_peek(&s.names), lists[i].names);
		CHECK_TEXT(text_peek(&next), lists[i].next);
		text_free(&s.names);
	}
}

static bool any(void *arg, const struct uri *id)
{
	(void)arg;
	return id->name[0] != '\0';
}

static enum mitok_code ask(int which, const struct secret *body, struct mitok_err *e)
{
	const struct answer_rows rows = { any, NULL };
	AUTO_TEXT text = { 0 };
	AUTO_SECRET value = { 0 };
	char type[64];
	struct uri id;

	switch (which) {
	case 0:
		return answer_certificate(body, HOST, &text, &id, e);
	case 1:
		return answer_secret(body, &value, type, e);
	case 2:
		return answer_list(body, HOST, &rows, &text, e);
	default:
		return answer_operation(body, HOST, &id, &value, e);
	}
}

/* Ours and OpenSSL's allocations, one after the other. */
static void memory(void)
{
	static const char *const bodies[] = { NULL,
		"{\"value\":\"" SPY_MARK "\",\"contentType\":\"a\"}",
		PAGE(ROW("kid", HOST, "/keys/a"), NEXT),
		"{\"kid\":\"" KID "\",\"value\":\"U1BZTUFSSy03ZjNhOTE\"}" };
	AUTO_TEXT cert = { 0 };

	crypto_certificate(&cert);
	spy_leaks = 0;
	for (int i = 0; i < (int)COUNT(bodies); i++) {
		AUTO_SECRET body = { 0 };
		struct answer_error refusal;
		enum mitok_code got;
		unsigned n = 0;

		if (bodies[i])
			fill(&body, bodies[i]);
		else
			write_certificate(0, &cert, &body);
		do {
			struct mitok_err e = { 0 };

			spy_fail(++n);
			got = ask(i, &body, &e);
			CHECK((got == MITOK_OK) == !e.message[0]);
			spy_fail(n);
			answer_error(&body, &refusal);
			spy_fail(n);
			(void)!ask(i, &body, NULL);
		} while (spy_allocations >= n);
		spy_fail(0);
		CHECK(got == MITOK_OK);
	}
	CHECK(spy_leaks == 0);
}

static const struct test tests[] = {
	{ "a decrypted value leaves nothing in memory", wiping },
	{ "a result has the version that did it and the value's bytes", results },
	{ "a secret comes with its content type and leaves nothing in memory", secrets },
	{ "a certificate is DER in standard base64, all of it", certificate },
	{ "an answer that has no certificate of that host is refused", no_certificate },
	{ "a page's rows are of that host, and the next page is too", pages },
	{ "each allocation may fail", memory },
};

int main(void)
{
	int failed;

	(void)crypto_begin();
	failed = test_run(tests, COUNT(tests));
	crypto_end();
	return failed;
}
