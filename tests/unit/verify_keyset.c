/* Sets of keys: what is believed of them. SPDX-License-Identifier: MIT */
#include "../../helper/verify/keyset.h"

#include <stdlib.h>

#include "signer.h"
#include "test.h"

static struct crypto crypto;

static enum mitok_code read_text(
	const char *text, struct keyset **ret, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	enum mitok_code r = json_parse(text, strlen(text), &j, e);

	return r ? r : keyset_read(&crypto, j, ret, e);
}

/* Puts the keys into a set with `more` behind them. */
static void add_set(
	enum signer_key key, const char *members, const char *more, struct text *ret)
{
	text_add(ret, "{\"keys\":[");
	signer_add_jwk(key, "a", members, ret);
	text_addf(ret, "%s]}", more);
}

static void members(void)
{
	static const struct {
		enum signer_key key;
		const char *members;
		enum mitok_code want;
	} rows[] = {
		{ SIGNER_RSA, "", MITOK_OK }, { SIGNER_EC, "", MITOK_OK },
		{ SIGNER_WEAK, "", MITOK_OK }, /* refused when it is used */
		{ SIGNER_RSA, ",\"use\":\"sig\",\"alg\":\"RS256\"", MITOK_OK },
		{ SIGNER_RSA, ",\"key_ops\":[\"sign\",\"verify\"]", MITOK_OK },
		{ SIGNER_RSA, ",\"x5c\":[\"MIIB\"],\"x5t\":\"abc\",\"more\":{\"a\":1}",
			MITOK_OK },
		{ SIGNER_RSA, ",\"use\":\"enc\"", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"use\":\"\"", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"key_ops\":[]", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"key_ops\":[\"encrypt\"]", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"key_ops\":\"verify\"", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"key_ops\":{\"a\":\"verify\"}", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"key_ops\":null", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"use\":[\"enc\"]", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"use\":null", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"alg\":[\"PS256\"]", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"alg\":1", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"issuer\":[\"https://a/\"]", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"issuer\":null", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"d\":\"AQAB\"", MITOK_E_REPLY },
		{ SIGNER_EC, ",\"d\":\"AQAB\"", MITOK_E_REPLY },
		{ SIGNER_RSA, ",\"kid\":\"b\"", MITOK_E_REPLY }, /* twice */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct keyset *s = NULL;
		struct mitok_err e = { .code = MITOK_OK };
		AUTO_TEXT text = { 0 };

		add_set(rows[i].key, rows[i].members, "", &text);
		CHECK_ROW(rows[i].members,
			read_text(text_peek(&text), &s, &e) == rows[i].want);
		CHECK_ROW(rows[i].members, (s != NULL) == (rows[i].want == MITOK_OK));
		CHECK_ROW(rows[i].members, !s || keyset_has(s, "a"));
		keyset_free(s);
	}
}

static void nonsense(void)
{
	static const char *const rows[] = {
		"{}",
		"[]",
		"{\"keys\":[]}",
		"{\"keys\":{}}",
		"{\"keys\":null}",
		"{\"keys\":[1]}",
		"{\"keys\":[{}]}",
		"{\"Keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"
		"]}",
		"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"c2VjcmV0\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"A=\",\"e\":\"AQAB\"}]"
		"}",
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":7,\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"crv\":\"P-256\"}]}",
		"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"crv\":\"P-384\",\"x\":"
		"\"AQAB\","
		"\"y\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"crv\":\"P-256\",\"x\":"
		"\"AQAB\","
		"\"y\":\"AQAB\"}]}",
		/* a point that is on no curve */
		"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"crv\":\"P-256\","
		"\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\","
		"\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}]}",
		"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"crv\":\"P-256\","
		"\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
		"\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
		"{\"keys\":[{\"kty\":\"rsa\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"
		"]}",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct keyset *s = NULL;
		struct mitok_err e = { .code = MITOK_OK };

		CHECK_ROW(rows[i], read_text(rows[i], &s, &e) == MITOK_E_REPLY);
		CHECK_ROW(rows[i], !s && e.message[0]);
	}
}

/* Exponents that make any signature good, or take for ever. */
static void exponents(void)
{
	static const struct {
		const char *e;
		bool want;
	} rows[] = {
		{ "AQAB", true },
		{ "Aw", true },       /* 3 */
		{ "AQ", false },      /* 1 */
		{ "AA", false },      /* 0 */
		{ "AAAB", false },    /* 1, in three bytes */
		{ "Ag", false },      /* 2 */
		{ "AQAA", false },    /* 65536 */
		{ "AQABAAE", false }, /* five bytes */
		{ "AQAB=", false },
		{ "", false },
	};
	AUTO_TEXT good = { 0 };
	char *e_at;

	add_set(SIGNER_RSA, "", "", &good);
	e_at = strstr(good.p, "\"e\":\"AQAB\"");
	CHECK(e_at != NULL);
	for (size_t i = 0; i < COUNT(rows) && e_at; i++) {
		struct keyset *s = NULL;
		AUTO_TEXT text = { 0 };

		text_add_bytes(&text, good.p, (size_t)(e_at - good.p));
		text_addf(&text, "\"e\":\"%s\"%s", rows[i].e,
			e_at + strlen("\"e\":\"AQAB\""));
		CHECK_ROW(rows[i].e,
			(read_text(text_peek(&text), &s, NULL) == MITOK_OK) ==
				rows[i].want);
		keyset_free(s);
	}
}

static void same_id(void)
{
	static const struct {
		enum signer_key key;
		bool want;
	} rows[] = { { SIGNER_RSA, true }, { SIGNER_OTHER, false },
		{ SIGNER_EC, false } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct keyset *s = NULL;
		AUTO_TEXT more = { 0 };
		AUTO_TEXT text = { 0 };

		text_add(&more, ",");
		signer_add_jwk(rows[i].key, "a", "", &more);
		add_set(SIGNER_RSA, "", text_peek(&more), &text);
		CHECK((read_text(text_peek(&text), &s, NULL) == MITOK_OK) ==
			rows[i].want);
		keyset_free(s);
	}
}

static void crowd(void)
{
	for (int count = KEYSET_MAX - 1; count < KEYSET_MAX + 2; count++) {
		struct keyset *s = NULL;
		AUTO_TEXT more = { 0 };
		AUTO_TEXT text = { 0 };

		for (int i = 1; i < count; i++)
			text_add(&more, ",{\"kty\":\"oct\"}");
		add_set(SIGNER_RSA, "", text_peek(&more), &text);
		CHECK((read_text(text_peek(&text), &s, NULL) == MITOK_OK) ==
			(count <= KEYSET_MAX));
		keyset_free(s);
	}
}

/* Of two with the same id the one of that issuer is taken. */
static void issuers(void)
{
	static const char tenant[] = "91880000-0000-4000-8000-00000000a001";
	static const struct {
		const char *of_key, *issuer;
		bool want;
	} rows[] = {
		{ "https://a/{tenantid}/v2.0",
			"https://a/91880000-0000-4000-8000-00000000a001/v2.0", true },
		{ "https://a/{tenantid}/v2.0",
			"https://a/91880000-0000-4000-8000-00000000a002/v2.0", false },
		{ "https://a/{tenantid}/v2.0",
			"https://a/91880000-0000-4000-8000-00000000a001/v2.0/", false },
		{ "https://a/{tenantid}/v2.0",
			"https://a/91880000-0000-4000-8000-00000000a001", false },
		{ "https://a/{tenantid}", "https://a/", false },
		{ "https://a/{tenantid}", "", false },
		{ "https://a/", "https://a/", true },
		{ "https://a", "https://a/", false },
		{ "{tenantid}{tenantid}",
			"91880000-0000-4000-8000-00000000a001{tenantid}", true },
		{ "", "https://a/", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct keyset *s = NULL;
		enum reason why = REASON_NONE;
		AUTO_TEXT issuer = { 0 };
		AUTO_TEXT text = { 0 };
		bool found;

		text_addf(&issuer, ",\"issuer\":\"%s\"", rows[i].of_key);
		add_set(SIGNER_RSA, text_peek(&issuer), "", &text);
		CHECK_ROW(rows[i].of_key,
			read_text(text_peek(&text), &s, NULL) == MITOK_OK);
		if (!s)
			continue;
		memcpy(s->tenant, tenant, sizeof(tenant));
		found = keyset_find(s, "a", rows[i].issuer, &why, NULL) != NULL;
		CHECK_ROW(rows[i].issuer, found == rows[i].want);
		CHECK_ROW(rows[i].issuer, found || why == REASON_KEY_ISSUER);
		CHECK(!keyset_find(s, "b", rows[i].issuer, &why, NULL));
		CHECK(why == REASON_KID);
		keyset_free(s);
	}
}

static void memory(void)
{
	AUTO_TEXT text = { 0 };
	unsigned n = 1;

	add_set(SIGNER_RSA, ",\"alg\":\"RS256\",\"issuer\":\"https://a/\"", "", &text);
	for (bool done = false; !done && n < 200; n++) {
		struct keyset *s = NULL;
		struct mitok_err e = { .code = MITOK_OK };
		enum mitok_code r;
		AUTO_JSON j = NULL;

		CHECK(json_parse(text.p, text.len, &j, NULL) == MITOK_OK);
		spy_fail(n);
		r = keyset_read(&crypto, j, &s, &e);
		spy_fail(0);
		CHECK((r == MITOK_OK) == (s != NULL));
		CHECK(!r || r == MITOK_E_BUG || r == MITOK_E_REPLY);
		done = r == MITOK_OK;
		keyset_free(s);
	}
	CHECK(n > 3 && n < 200);
}

static const struct test tests[] = {
	{ "keys are for verifying tokens, and public", members },
	{ "what is no set of keys is told so", nonsense },
	{ "exponents are such that a signature means something", exponents },
	{ "two keys have two ids", same_id },
	{ "a set has no more keys than it may have", crowd },
	{ "a key that says whose it is is nobody else's", issuers },
	{ "without memory there is no key", memory },
};

int main(void)
{
	int r;

	signer_start();
	if (crypto_start(&crypto, NULL))
		abort();
	r = test_run(tests, COUNT(tests));
	crypto_stop(&crypto);
	signer_end();
	return r;
}
