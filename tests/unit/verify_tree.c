/* The JSON of tokens, and the base64url it comes in.
 * SPDX-License-Identifier: MIT */
#include "../../helper/verify/encoding.h"
#include "../../helper/verify/tree.h"

#include "test.h"

static struct tree tree;

/* Reads a copy, of exactly that size. */
static enum tree_fault read_text(
	const char *json, size_t len, char *copy, const struct item **ret)
{
	memcpy(copy, json, len);
	copy[len] = '\0';
	tree.count = 0;
	*ret = NULL;
	return tree_read(&tree, copy, len, ret);
}

static void good(void)
{
	static const struct {
		const char *json, *want;
	} rows[] = {
		{ "{}", "{}" },
		{ " \t\r\n{ } \n", "{}" },
		{ "{\"a\":1}", "{\"a\":1}" },
		{ "{ \"a\" : 1 , \"b\" : [ ] }", "{\"a\":1,\"b\":[]}" },
		{ "{\"a\":-0.5e+10}", "{\"a\":-0.5e+10}" },
		{ "{\"a\":[true,false,null,\"x\",{\"a\":0}]}",
			"{\"a\":[true,false,null,\"x\",{\"a\":0}]}" },
		{ "{\"a\":\"\\u0041\\n\\/\\\\\\\"\\t\"}",
			"{\"a\":\"A\\n/\\\\\\\"\\t\"}" },
		{ "{\"a\":\"\\u00e9\\u20ac\\ud83d\\ude00\"}",
			"{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}" },
		{ "{\"a\":\"\xc3\xa9\"}", "{\"a\":\"\xc3\xa9\"}" },
		{ "{\"a\":\"\x7f\"}", "{\"a\":\"\\u007f\"}" },
		{ "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":{\"a\":{\"a\":1}}}" },
		{ "{\"\":\"12345678\",\"12345678\":\"123456789\"}",
			"{\"\":\"12345678\",\"12345678\":\"123456789\"}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct item *v = NULL;
		char copy[128];
		AUTO_TEXT out = { 0 };

		CHECK_ROW(rows[i].json,
			read_text(rows[i].json, strlen(rows[i].json), copy, &v) ==
				TREE_OK);
		if (v)
			item_format(v, &out);
		CHECK_TEXT(text_peek(&out), rows[i].want);
	}
}

static const struct {
	const char *json;
	enum tree_fault want;
} bad_rows[] = {
	{ "", TREE_SYNTAX },
	{ "1", TREE_SYNTAX },
	{ "[]", TREE_SYNTAX },
	{ "\"a\"", TREE_SYNTAX },
	{ "{", TREE_SYNTAX },
	{ "{}{}", TREE_SYNTAX },
	{ "{},", TREE_SYNTAX },
	{ "{\"a\"}", TREE_SYNTAX },
	{ "{\"a\":}", TREE_SYNTAX },
	{ "{\"a\":1,}", TREE_SYNTAX },
	{ "{,\"a\":1}", TREE_SYNTAX },
	{ "{\"a\":[1,]}", TREE_SYNTAX },
	{ "{a:1}", TREE_SYNTAX },
	{ "{'a':1}", TREE_SYNTAX },
	{ "{\"a\":01}", TREE_SYNTAX },
	{ "{\"a\":+1}", TREE_SYNTAX },
	{ "{\"a\":.5}", TREE_SYNTAX },
	{ "{\"a\":1.}", TREE_SYNTAX },
	{ "{\"a\":1e}", TREE_SYNTAX },
	{ "{\"a\":-}", TREE_SYNTAX },
	{ "{\"a\":0x10}", TREE_SYNTAX },
	{ "{\"a\":NaN}", TREE_SYNTAX },
	{ "{\"a\":Infinity}", TREE_SYNTAX },
	{ "{\"a\":TRUE}", TREE_SYNTAX },
	{ "{\"a\":truth}", TREE_SYNTAX },
	{ "{\"a\":1}/**/", TREE_SYNTAX },
	{ "{/**/}", TREE_SYNTAX },
	{ "{\"a\":\"\n\"}", TREE_SYNTAX },
	{ "{\"a\":\"\\x\"}", TREE_SYNTAX },
	{ "{\"a\":\"\\", TREE_SYNTAX },
	{ "{\"a\":\"\\u12\"}", TREE_SYNTAX },
	{ "{\"a\":\"\\u0000\"}", TREE_SYNTAX },
	{ "{\"a\":\"\\ud800\"}", TREE_SYNTAX },
	{ "{\"a\":\"\\ud800\\u0041\"}", TREE_SYNTAX },
	{ "{\"a\":\"\\udc00\"}", TREE_SYNTAX },
	{ "{\"a\":\"\xff\"}", TREE_SYNTAX },
	{ "{\"a\":\"\xc0\x80\"}", TREE_SYNTAX },
	{ "{\"a\":\"\xed\xa0\x80\"}", TREE_SYNTAX },
	{ "{\"a\":\"b", TREE_SYNTAX },
	{ "{\"a", TREE_SYNTAX },
	{ "\xef\xbb\xbf{}", TREE_SYNTAX },
	{ "{\"\\u0061\":1}", TREE_SYNTAX },
	{ "{\"\xc3\xa9\":1}", TREE_SYNTAX },
	{ "{\"a\":1,\"a\":1}", TREE_DUPLICATE },
	{ "{\"aud\":1,\"x\":2,\"aud\":\"3\"}", TREE_DUPLICATE },
	{ "{\"x\":[{\"b\":{\"a\":1,\"a\":2}}]}", TREE_DUPLICATE },
};

static void bad(void)
{
	for (size_t i = 0; i < COUNT(bad_rows); i++) {
		const struct item *v = NULL;
		char copy[128];

		CHECK_ROW(bad_rows[i].json,
			read_text(bad_rows[i].json, strlen(bad_rows[i].json), copy, &v) ==
				bad_rows[i].want);
		CHECK_ROW(bad_rows[i].json, !v);
	}
}

static void nul_inside(void)
{
	static const struct {
		const char *json;
		size_t len;
	} rows[] = {
		{ "{}\0", 3 },
		{ "{\"a\":\"b\0c\"}", 11 },
		{ "{\"a\0b\":1}", 9 },
		{ "{\"a\":1\0}", 8 },
		{ "\0{}", 3 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct item *v = NULL;
		char copy[32];

		CHECK_ROW(rows[i].json,
			read_text(rows[i].json, rows[i].len, copy, &v) == TREE_SYNTAX);
	}
}

static void depth(void)
{
	for (unsigned deep = 1; deep < 40; deep++) {
		AUTO_TEXT json = { 0 };
		const struct item *v = NULL;
		char copy[256];

		for (unsigned i = 1; i < deep; i++)
			text_add(&json, i == 1 ? "{\"a\":" : "[");
		text_add(&json, deep == 1 ? "{}" : "[]");
		for (unsigned i = deep; i > 1; i--)
			text_add(&json, i == 2 ? "}" : "]");
		CHECK(read_text(text_peek(&json), json.len, copy, &v) ==
			(deep <= TREE_DEPTH ? TREE_OK : TREE_LARGE));
	}
}

static void crowd(void)
{
	for (unsigned count = TREE_VALUES - 3; count < TREE_VALUES + 3; count++) {
		AUTO_TEXT json = { 0 };
		const struct item *v = NULL;
		static char copy[8 * TREE_VALUES];

		/* the object and the array are two more */
		text_add(&json, "{\"a\":[0");
		for (unsigned i = 1; i < count; i++)
			text_add(&json, ",0");
		text_add(&json, "]}");
		CHECK(read_text(text_peek(&json), json.len, copy, &v) ==
			(count + 2 <= TREE_VALUES ? TREE_OK : TREE_LARGE));
	}
}

static void numbers(void)
{
	static const struct {
		const char *json;
		int64_t want; /* -1: none */
	} rows[] = {
		{ "0", 0 },
		{ "1795993269", 1795993269 },
		{ "253402300799", INT64_C(253402300799) },
		{ "253402300800", -1 },
		{ "999999999999999", -1 },
		{ "1000000000000000", -1 },
		{ "99999999999999999999999", -1 },
		{ "-1", -1 },
		{ "-0", -1 },
		{ "1.0", -1 },
		{ "1e3", -1 },
		{ "\"1\"", -1 },
		{ "true", -1 },
		{ "null", -1 },
		{ "[1]", -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT json = { 0 };
		const struct item *v = NULL;
		char copy[64];
		int64_t n = -1;

		text_addf(&json, "{\"n\":%s}", rows[i].json);
		CHECK(read_text(text_peek(&json), json.len, copy, &v) == TREE_OK);
		CHECK_ROW(rows[i].json,
			v &&
				item_to_number(item_member(v, "n"), INT64_C(253402300799),
					&n) == (rows[i].want >= 0));
		CHECK_ROW(rows[i].json, rows[i].want < 0 || n == rows[i].want);
	}
	CHECK(!item_to_number(NULL, 1, &(int64_t){ 0 }));
}

static void base64url(void)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} rows[] = {
		{ "", "" },
		{ "YQ", "a" },
		{ "YWI", "ab" },
		{ "YWJj", "abc" },
		{ "YWJjZA", "abcd" },
		{ "-_-_", "\xfb\xff\xbf" },
		{ "a", NULL }, /* six bits are no byte */
		{ "YWJjZ", NULL },
		{ "YQ==", NULL }, /* padding */
		{ "YWI=", NULL },
		{ "YR", NULL }, /* bits that count for nothing */
		{ "YWJ", NULL },
		{ "Y Q", NULL },
		{ "YWJj\n", NULL },
		{ "+/+/", NULL }, /* the other alphabet */
		{ "YW.j", NULL },
		{ "YWJ\xff", NULL },
		{ "=", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char bytes[32];
		size_t len = 99, text_len = strlen(rows[i].text);
		bool taken = base64url_decode(rows[i].text, text_len, bytes, &len);

		CHECK_ROW(rows[i].text, taken == (rows[i].want != NULL));
		if (!taken || !rows[i].want)
			continue;
		CHECK_ROW(rows[i].text, len == strlen(rows[i].want));
		CHECK_ROW(rows[i].text, memcmp(bytes, rows[i].want, len) == 0);
		CHECK_ROW(rows[i].text, len <= BASE64URL_BYTES(text_len));
	}
}

/* The two decoders there are agree about everything of up to three characters, and about
 * each last one. */
static void base64url_all(void)
{
	char text[8] = "AAAA";

	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++)
			for (size_t len = 2; len <= 3; len++) {
				AUTO_TEXT other = { 0 };
				unsigned char bytes[8];
				size_t n = 0;
				bool same;

				text[len - 2] = (char)a;
				text[len - 1] = (char)b;
				same = base64url_decode(text, len, bytes, &n) ==
					text_base64url(text, len, &other);
				CHECK(same);
				if (!same)
					return;
				memcpy(text, "AAAA", 4);
			}
}

static const struct test tests[] = {
	{ "what is JSON is read, and formatted again", good },
	{ "what is none, or ambiguous, is refused", bad },
	{ "NUL is nowhere allowed", nul_inside },
	{ "it is no deeper than it may be", depth },
	{ "it has no more values than it may have", crowd },
	{ "times are whole numbers", numbers },
	{ "base64url has one spelling", base64url },
	{ "base64url is what text_base64url() takes", base64url_all },
};
TEST_MAIN(tests)
