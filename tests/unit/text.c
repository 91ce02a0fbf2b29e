/* Texts: strict parsers and encoders.
 * SPDX-License-Identifier: MIT */
#include "base/text.h"

#include "test.h"

static void numbers(void)
{
	static const struct {
		const char *text;
		bool good;
		int64_t want;
	} rows[] = {
		{ "0", true, 0 },
		{ "-7", true, -7 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "123abc", false, 0 },
		{ "0x10", false, 0 },
		{ "1.0", false, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t n = 0;

		CHECK_ROW(rows[i].text,
			text_to_number(rows[i].text, INT64_MIN, INT64_MAX, &n) ==
				rows[i].good);
		CHECK_ROW(rows[i].text, n == rows[i].want);
	}
}

static void spans(void)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = { { "5s", 5000 }, { "250ms", 250 }, { "2m", 120000 },
		{ "24h", 86400000 }, { "25h", -1 }, { "5", -1 }, { "0s", -1 },
		{ "-5s", -1 }, { "5 s", -1 }, { "99999999999s", -1 }, { "s", -1 },
		{ "", -1 }, { "5S", -1 } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = -1;

		(void)!text_to_ms(rows[i].text, &ms);
		CHECK_ROW(rows[i].text, ms == rows[i].want);
	}
}

static void encodings(void)
{
	AUTO_TEXT url = { 0 };
	AUTO_TEXT json = { 0 };
	AUTO_TEXT bytes = { 0 };
	AUTO_TEXT word = { 0 };

	text_add_url(&url, "https://vault.azure.net/a b&\xc3\xa4~");
	CHECK_TEXT(text_peek(&url), "https%3A%2F%2Fvault.azure.net%2Fa%20b%26%C3%A4~");
	text_add_json(&json, "a\"\\\n\x01\x7f");
	CHECK_TEXT(text_peek(&json), "\"a\\\"\\\\\\n\\u0001\\u007f\"");
	text_add_word(&word, "/sub/a_b-c.d:e=f,g@h%i+J9");
	text_add_word(&word, "");
	text_add_word(&word, "rg(x) $(id)`id`\\\n\x7f'\xc3\xa4");
	CHECK_TEXT(text_peek(&word),
		"/sub/a_b-c.d:e=f,g@h%i+J9'''rg(x) $(id)`id`\\?"
		"?'\\''\xc3\xa4'");
	CHECK(text_base64url("aGk_", 4, &bytes));
	CHECK_TEXT(text_peek(&bytes), "hi?");
	CHECK(!text_base64url("aGk=", 4, &bytes));
	CHECK(!text_base64url("a", 1, &bytes));
}

static void urls(void)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
		{ "https://a.example/b/c", "https://a.example/b/c" },
		{ "https://a.example/b?sig=secret", "https://a.example/b" },
		{ "https://a.example?sig=secret#x", "https://a.example" },
		{ "https://a.example/b#token", "https://a.example/b" },
		{ "https://me:secret@a.example/b@c", "https://a.example/b@c" },
		{ "https://me:sec@ret@a.example", "https://a.example" },
		{ "https://", "https://" },
		{ "me:secret@a.example/", "a.example/" },
		{ "", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT t = { 0 };

		text_add_shown_url(&t, rows[i].url);
		CHECK_TEXT(text_peek(&t), rows[i].shown);
	}
}

static void cleaning(void)
{
	char s[] = "a\x1b[31m\xff\xc2\x9b\xc3\xa4\n";
	char jwt[] = "no alias 'eyJhbGciOiJub25lIn0.eyJh_-.c2Vj', nor eyJ";

	text_clean(jwt);
	CHECK_TEXT(jwt, "no alias '***', nor ***");
	for (size_t i = strlen(jwt); i < sizeof(jwt); i++)
		CHECK(jwt[i] == '\0');

	text_clean(s);
	CHECK_TEXT(s, "a?[31m???\xc3\xa4?");
	CHECK(text_is_guid("01234567-89ab-CDEF-0123-456789abcdef"));
	CHECK(!text_is_guid("01234567-89ab-CDEF-0123-456789abcdeg"));
	CHECK(!text_is_guid("01234567-89ab-CDEF-0123-456789abcdef0"));
	CHECK(!text_is_guid("01234567"));
}

/* It looks at eight bytes at once: each place in each length, beside every neighbour that
 * could borrow or lend. */
static void controls(void)
{
	static const char neighbours[] = { 'a', '\x20', '\x7e', '\x80', '\xff' };

	for (size_t n = 0; n < COUNT(neighbours); n++)
		for (size_t len = 1; len < 20; len++)
			for (int c = 1; c < 256; c++) {
				bool is_control = c < 0x20 || c == 0x7f;
				size_t at = (size_t)c % len;
				char s[32] = "";

				memset(s, neighbours[n], len);
				CHECK(!text_has_control(s));
				s[at] = (char)c;
				CHECK(text_has_control(s) == is_control);
				s[at] = neighbours[n];
				s[len - 1] = (char)c;
				CHECK(text_has_control(s) == is_control);
			}
	CHECK(!text_has_control(""));
}

static const struct test tests[] = {
	{ "control characters are found wherever they stand", controls },
	{ "numbers are whole, decimal and in range", numbers },
	{ "time spans need a unit and have bounds", spans },
	{ "percent, JSON and base64url encodings are exact", encodings },
	{ "a URL is shown without what may be secret in it", urls },
	{ "nothing that drives a terminal survives, and no token", cleaning },
};
TEST_MAIN(tests)
