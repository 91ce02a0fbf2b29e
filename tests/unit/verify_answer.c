/* What a reverse proxy is told. SPDX-License-Identifier: MIT */
#include "../../helper/verify/answer.h"
#include "../../helper/verify/print.h"

#include "entrant.h"
#include "test.h"

static struct verifier verifier;

static const char *header(const struct answer *a, const char *name)
{
	for (unsigned i = 0; i < a->count; i++)
		if (strcmp(a->names[i], name) == 0)
			return text_peek(&a->values[i]);
	return "";
}

/* What goes into a header can be nothing else. */
static void check_headers(const struct answer *a)
{
	CHECK(a->count <= ANSWER_HEADERS);
	for (unsigned i = 0; i < a->count; i++) {
		CHECK_ROW(a->names[i], a->values[i].len > 0); /* it could not be sent */
		for (const char *c = text_peek(&a->values[i]); *c; c++)
			CHECK_ROW(a->names[i], *c >= ' ' && *c < 0x7f);
	}
}

static void ask(const char *scheme, const struct member *claims, const char *behind,
	struct answer *ret)
{
	AUTO_TEXT value = { 0 };
	struct mitok_err e = { .code = MITOK_OK };

	text_add(&value, scheme);
	entrant_add_token(NULL, claims, &value);
	text_add(&value, behind);
	answer_make(&verifier, text_peek(&value), ret, &e);
	check_headers(ret);
	CHECK((ret->status == 200) == !e.code);
}

static void good(void)
{
	static const char *const schemes[] = { "Bearer ", "bearer ", "BEARER   " };

	for (size_t i = 0; i < COUNT(schemes); i++) {
		AUTO_ANSWER a = { .status = 0 };

		ask(schemes[i], NULL, i ? " " : "", &a);
		CHECK_ROW(schemes[i], a.status == 200);
		CHECK_TEXT(header(&a, "X-MI-Token-Appid"), ENTRANT_CLIENT);
		CHECK_TEXT(header(&a, "X-MI-Token-Oid"), ENTRANT_OBJECT);
		CHECK_TEXT(header(&a, "X-MI-Token-Tid"), ENTRANT_TENANT);
		CHECK_TEXT(header(&a, "X-MI-Token-Sub"), ENTRANT_OBJECT);
		CHECK_TEXT(header(&a, "X-MI-Token-Roles"), "Orders.Read,Orders.Write");
		CHECK_TEXT(header(&a, "WWW-Authenticate"), "");
	}
}

static void no_token(void)
{
	static const char *const rows[] = { NULL, "", "Bearer", "Basic dTpw",
		"Bearertoken", "Digest a=b" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { .code = MITOK_OK };
		AUTO_ANSWER a = { .status = 0 };

		answer_make(&verifier, rows[i], &a, &e);
		CHECK_ROW(rows[i] ? rows[i] : "none", a.status == 401);
		CHECK_TEXT(header(&a, "WWW-Authenticate"), "Bearer realm=\"api\"");
	}
}

static void bad_token(void)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{ "Bearer ",
			"Bearer error=\"invalid_token\", error_description=\"there is "
			"no token\"" },
		{ "Bearer \"x\r\ny\"",
			"Bearer error=\"invalid_token\", error_description=\"the token "
			"is "
			"no signed JSON Web Token\"" },
		{ "Bearer a, Bearer b",
			"Bearer error=\"invalid_token\", error_description=\"the token "
			"is "
			"no signed JSON Web Token\"" },
	};
	static const struct member expired[] = { { "exp", "1" }, { NULL, NULL } };
	AUTO_ANSWER other = { .status = 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { .code = MITOK_OK };
		AUTO_ANSWER a = { .status = 0 };

		answer_make(&verifier, rows[i].value, &a, &e);
		CHECK_ROW(rows[i].value, a.status == 401);
		CHECK_TEXT(header(&a, "WWW-Authenticate"), rows[i].want);
		CHECK(a.count == 1);
	}
	ask("Bearer ", expired, "", &other);
	CHECK(other.status == 401);
	CHECK_TEXT(header(&other, "WWW-Authenticate"),
		"Bearer error=\"invalid_token\", error_description=\"the token has "
		"expired\"");
}

static void not_allowed(void)
{
	static const char *const nobody[] = { NULL };
	static const char *const roles[] = { "Admin", NULL };
	AUTO_ANSWER a = { .status = 0 };

	verifier.policy.roles = roles;
	ask("Bearer ", NULL, "", &a);
	verifier.policy.roles = nobody;
	CHECK(a.status == 403);
	CHECK_TEXT(header(&a, "WWW-Authenticate"),
		"Bearer error=\"insufficient_scope\", error_description=\"the token "
		"lacks "
		"a role\"");
	CHECK_TEXT(header(&a, "X-MI-Token-Appid"), "");
}

static enum mitok_code fail(
	void *self, const char *url, struct secret *ret, struct mitok_err *e)
{
	(void)self;
	(void)url;
	(void)ret;
	return err_set(e, MITOK_E_LATER, "nobody is there");
}

static void no_keys(void)
{
	struct keyset *given = verifier.given;
	AUTO_ANSWER a = { .status = 0 };

	verifier.given = NULL;
	verifier.ring.fetcher = (struct fetcher){ NULL, fail };
	ask("Bearer ", NULL, "", &a);
	verifier.given = given;
	CHECK(a.status == 503);
	CHECK_TEXT(header(&a, "Retry-After"), "10");
	CHECK(a.count == 1);
}

/* No value is taken for two, nor for a line. */
static void odd_values(void)
{
	static const struct member odd[] = { { "sub",
						     "\"a\\r\\nX-MI-Token-Oid: b, 100% "
						     "\xc3\xa9\"" },
		{ "roles", "[\"a,b\",\"c\",\"\\u0001\",\"d e\"]" }, { NULL, NULL } };
	static const struct member none[] = { { "sub", "\"\"" }, { "roles", "[]" },
		{ "oid", NULL }, { NULL, NULL } };
	static const struct member nameless[] = { { "roles", "[\"\"]" }, { NULL, NULL } };
	static const struct member empty[] = { { "roles", "[\"\",\"a\"]" },
		{ "scp", "\"a.b c\"" }, { NULL, NULL } };
	AUTO_ANSWER a = { .status = 0 };
	AUTO_ANSWER b = { .status = 0 };
	AUTO_ANSWER c = { .status = 0 };
	AUTO_ANSWER d = { .status = 0 };

	ask("Bearer ", odd, "", &a);
	CHECK(a.status == 200);
	CHECK_TEXT(header(&a, "X-MI-Token-Sub"),
		"a%0D%0AX-MI-Token-Oid:%20b%2C%20100%25%20%C3%A9");
	CHECK_TEXT(header(&a, "X-MI-Token-Roles"), "a%2Cb,c,%01,d%20e");
	ask("Bearer ", empty, "", &c);
	CHECK(c.status == 200);
	CHECK_TEXT(header(&c, "X-MI-Token-Roles"), ",a");
	CHECK_TEXT(header(&c, "X-MI-Token-Scp"), "a.b%20c");
	ask("Bearer ", nameless, "", &d);
	CHECK(d.status == 200);
	ask("Bearer ", none, "", &b);
	CHECK(b.status == 200);
	CHECK_TEXT(header(&b, "X-MI-Token-Scp"), "");
	CHECK_TEXT(header(&b, "X-MI-Token-Sub"), "");
	CHECK_TEXT(header(&b, "X-MI-Token-Roles"), "");
	CHECK_TEXT(header(&b, "X-MI-Token-Oid"), "");
}

static void memory(void)
{
	AUTO_TEXT value = { 0 };
	bool done = false;

	text_add(&value, "Bearer ");
	entrant_add_token(NULL, NULL, &value);
	for (unsigned n = 1; !done && n < 100; n++) {
		struct mitok_err e = { .code = MITOK_OK };
		AUTO_ANSWER a = { .status = 0 };

		spy_fail(n);
		answer_make(&verifier, text_peek(&value), &a, &e);
		spy_fail(0);
		check_headers(&a);
		done = a.status == 200;
		CHECK(done || a.status == 503);
		CHECK(!done || *header(&a, "X-MI-Token-Roles"));
	}
	CHECK(done);
}

static void wiping(void)
{
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_ANSWER a = { .status = 0 };

	spy_leaks = 0;
	answer_make(&verifier, "Bearer " SPY_MARK, &a, &e);
	CHECK(a.status == 401);
	CHECK(spy_leaks == 0);
}

static void printing(void)
{
	static const char json[] =
		"{\"aud\":\"a\",\"exp\":1800003600,\"x\":{\"b\":[1,2.5,true]},"
		"\"bad\":\"\\u001b[2J\"}";
	static struct tree tree;
	struct token t = { .claims = NULL };
	char copy[sizeof(json)];
	AUTO_TEXT line = { 0 };
	AUTO_TEXT lines = { 0 };

	memcpy(copy, json, sizeof(json));
	CHECK(tree_read(&tree, copy, strlen(copy), &t.claims) == TREE_OK);
	print_claims(&t, false, &line);
	CHECK_TEXT(text_peek(&line),
		"{\"aud\":\"a\",\"exp\":1800003600,\"x\":{\"b\":[1,2.5,true]},"
		"\"bad\":\"\\u001b[2J\"}\n");
	print_claims(&t, true, &lines);
	CHECK_TEXT(text_peek(&lines),
		"aud          a\n"
		"exp          1800003600 (2027-01-15T09:00:00Z)\n"
		"x            {\"b\":[1,2.5,true]}\n"
		"bad          \"\\u001b[2J\"\n");
}

static const struct test tests[] = {
	{ "a good token is let in, with its claims", good },
	{ "who has no token is asked for one", no_token },
	{ "a bad token is told as RFC 6750 has it", bad_token },
	{ "who is not allowed is told 403", not_allowed },
	{ "without keys nobody is let in", no_keys },
	{ "values of headers are harmless", odd_values },
	{ "without memory nobody is let in", memory },
	{ "tokens are wiped", wiping },
	{ "claims are printed for programs and people", printing },
};

int main(void)
{
	int r;

	signer_start();
	entrant_start(&verifier);
	r = test_run(tests, COUNT(tests));
	entrant_end(&verifier);
	signer_end();
	return r;
}
