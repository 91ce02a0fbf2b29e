/* How values are written in answers, and what of a refusal is told to people.
 * SPDX-License-Identifier: MIT */
#include "openssl/answer.h"

#include "test.h"

/* RFC 4648, section 10, in the safe alphabet. */
static const struct {
	const char *plain, *text;
} vectors[] = {
	{ "", "" },
	{ "f", "Zg" },
	{ "fo", "Zm8" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg" },
	{ "fooba", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xfe\xfd\xfb\xf0", "__79-_A" },
};

static void base64(void)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const char *plain = vectors[i].plain;
		AUTO_TEXT text = { 0 };
		AUTO_SECRET bare = { 0 };
		AUTO_SECRET padded = { 0 };

		answer_encode((const unsigned char *)plain, strlen(plain), &text);
		CHECK_TEXT(text_peek(&text), vectors[i].text);
		CHECK(answer_decode(text_peek(&text), &bare, NULL) == MITOK_OK);
		CHECK_TEXT(secret_peek(&bare), plain);
		while (text.len % 4)
			text_add(&text, "=");
		CHECK(answer_decode(text_peek(&text), &padded, NULL) == MITOK_OK);
		CHECK(padded.len == strlen(plain));
		CHECK_TEXT(secret_peek(&padded), plain);
	}
}

static void all_bytes(void)
{
	unsigned char bytes[256];
	AUTO_TEXT text = { 0 };
	AUTO_SECRET again = { 0 };

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		text_free(&text);
		secret_wipe(&again);
		answer_encode(bytes, len, &text);
		CHECK(text.len == (len * 4 + 2) / 3);
		CHECK(answer_decode(text_peek(&text), &again, NULL) == MITOK_OK);
		CHECK(again.len == len && memcmp(secret_peek(&again), bytes, len) == 0);
	}
}

static void no_base64(void)
{
	static const char *const rows[] = { "Z", "Zm9vY", "Zh", "Zm9",
		"Zg=", "Zg===", "Zm9v=", "Zm9v====", "=",
		"==", "====", "Z===", "Zg==Zg==", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n",
		" Zm9v", "Zm.v", "Zm9\xc3\xa4" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_SECRET s = { 0 };
		struct mitok_err e = { 0 };

		CHECK_ROW(rows[i], answer_decode(rows[i], &s, &e) == MITOK_E_REPLY);
		CHECK_ROW(rows[i], !s.p && e.message[0]);
	}
}

#define ERROR(members) "{\"error\":{" members "}}"

static void refusals(void)
{
	static const struct {
		const char *body, *code, *inner, *message;
	} rows[] = {
		{ ERROR("\"code\":\"Forbidden\",\"message\":\"Caller is not "
			"authorized.\\r\\nAction: "
			"'sign'\\r\\n\",\"innererror\":{\"code\":"
			"\"ForbiddenByRbac\"}"),
			"Forbidden", "ForbiddenByRbac",
			"Caller is not authorized. Action: 'sign'" },
		{ ERROR("\"code\":\"KeyNotFound\",\"message\":\"m\""), "KeyNotFound", "",
			"m" },
		{ ERROR("\"code\":\"A\",\"innererror\":null"), "A", "", "" },
		{ ERROR("\"code\":1,\"message\":{},\"innererror\":\"x\""), "", "", "" },
		{ ERROR("\"message\":\"a\\u001b[31mb\\u009bc\""), "", "", "a [31mb??c" },
		{ ERROR("\"message\":\"  \\n a \\t b  \""), "", "", "a b" },
		{ ERROR("\"message\":\"token eyJhbGciOiJub25lIn0.e30.x is bad\""), "", "",
			"token *** is bad" },
		{ "{\"error\":\"invalid_request\"}", "", "", "" },
		{ "{\"code\":\"x\"}", "", "", "" },
		{ "<html><body>502 Bad Gateway</body></html>", "", "", "" },
		{ "", "", "", "" },
		{ "[]", "", "", "" },
		{ "{\"error\":{\"code\":\"a\"", "", "", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer_error got = { "x", "x", "x" };
		AUTO_SECRET body = { 0 };

		CHECK(secret_add_text(&body, rows[i].body));
		answer_error(&body, &got);
		CHECK_TEXT(got.code, rows[i].code);
		CHECK_TEXT(got.inner, rows[i].inner);
		CHECK_TEXT(got.message, rows[i].message);
	}
}

/* Whole characters, and never more than there is room for. */
static void long_refusals(void)
{
	static const char *const characters[] = { "x", "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x94\x91", "a " };

	for (size_t i = 0; i < COUNT(characters); i++)
		for (size_t shift = 0; shift < 4; shift++) {
			AUTO_TEXT text = { 0 };
			AUTO_SECRET body = { 0 };
			struct answer_error got;

			text_addf(&text, "{\"error\":{\"message\":\"%.*s", (int)shift,
				"yyyy");
			for (size_t n = 0; n < 500; n++)
				text_add(&text, characters[i]);
			text_add(&text, "\"}}");
			CHECK(secret_add_text(&body, text_peek(&text)));
			answer_error(&body, &got);
			CHECK(strlen(got.message) > sizeof(got.message) - 6);
			CHECK(text_is_utf8(got.message, strlen(got.message)));
			CHECK(!strchr(got.message, '?'));
			CHECK_TEXT(got.message + strlen(got.message) - 3, "...");
		}
}

static const struct test tests[] = {
	{ "values are written without padding and read with it or without", base64 },
	{ "all bytes come back", all_bytes },
	{ "what is no base64url is refused", no_base64 },
	{ "a refusal's codes and words are taken where they are there", refusals },
	{ "a long refusal is cut between characters", long_refusals },
};
TEST_MAIN(tests)
