/* JSON: the confusions of parsers, bounds, and what is left of a token in memory.
 * SPDX-License-Identifier: MIT */
#include "io/json.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "io/json_flat.h"
#include "test.h"

struct row {
	const char *text;
	size_t len;       /* 0: strlen(text) */
	const char *want; /* as json_format() writes it; NULL: MITOK_E_REPLY */
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = rows[i].len ? rows[i].len : strlen(rows[i].text);
		struct mitok_err e = { .code = MITOK_OK };
		AUTO_JSON j = NULL;
		AUTO_TEXT out = { 0 };
		enum mitok_code r = json_parse(rows[i].text, len, &j, &e);

		CHECK_ROW(rows[i].text, r == (rows[i].want ? MITOK_OK : MITOK_E_REPLY));
		CHECK_ROW(rows[i].text, (j != NULL) == (rows[i].want != NULL));
		CHECK_ROW(rows[i].text, (r == MITOK_OK) == (e.message[0] == '\0'));
		if (!j)
			continue;
		json_format(j, &out);
		if (strcmp(text_peek(&out), rows[i].want ? rows[i].want : "") != 0)
			CHECK_TEXT(text_peek(&out), rows[i].want);
	}
}

static void good_documents(void)
{
	static const struct row rows[] = {
		{ "{}", 0, "{}" },
		{ " \t\r\n[ ] \n", 0, "[]" },
		{ "null", 0, "null" },
		{ "true", 0, "true" },
		{ " false ", 0, "false" },
		{ "0", 0, "0" },
		{ "-0", 0, "0" },
		{ "1606161600", 0, "1606161600" },
		{ "-12 ", 0, "-12" },
		{ "9223372036854775807", 0, "9223372036854775807" },
		{ "-9223372036854775808", 0, "-9223372036854775808" },
		{ "1.5", 0, "1.5" },
		{ "0.1", 0, "0.1" },
		{ "1e3", 0, "1000.0" },
		{ "-0e9", 0, "-0.0" },
		{ "[1E+2,2e-2,-0.5]", 0, "[100.0,0.02,-0.5]" },
		{ "\"\"", 0, "\"\"" },
		{ "\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", 0,
			"\"a\\\"\\\\/\\b\\f\\n\\r\\tz\"" },
		{ "\"\\u00e4\\u20AC\\ud83d\\ude00\"", 0,
			"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"", 0,
			"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "{\"b\":1,\"a\":[true,null,{}],\"\":\"x\"}", 0,
			"{\"b\":1,\"a\":[true,null,{}],\"\":\"x\"}" },
		{ "{\"a\":{\"x\":1},\"b\":{\"x\":1}}", 0,
			"{\"a\":{\"x\":1},\"b\":{\"x\":1}}" },
		{ "{\"a\":1,\"A\":2}", 0, "{\"a\":1,\"A\":2}" },
		{ "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", 0,
			"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]" },
		{ "{}garbage", 2, "{}" },
	};

	check_rows(rows, COUNT(rows));
}

static const struct row bad[] = {
	{ "", 0, NULL },
	{ " ", 0, NULL },
	{ "\0", 1, NULL },
	{ "{}\0", 3, NULL },
	{ "{} x", 0, NULL },
	{ "{}{}", 0, NULL },
	{ "{\"a\":1}\n{\"a\":1}", 0, NULL },
	{ "1 2", 0, NULL },
	{ "{", 0, NULL },
	{ "[", 0, NULL },
	{ "{\"a\"", 0, NULL },
	{ "{\"a\":", 0, NULL },
	{ "{\"a\":1", 0, NULL },
	{ "\"abc", 0, NULL },
	{ "\"abc\\", 0, NULL },
	{ "\"\\u12", 0, NULL },
	{ "[1,]", 0, NULL },
	{ "[,1]", 0, NULL },
	{ "[1 2]", 0, NULL },
	{ "{\"a\":1,}", 0, NULL },
	{ "{a:1}", 0, NULL },
	{ "{'a':1}", 0, NULL },
	{ "{1:1}", 0, NULL },
	{ "{\"a\" 1}", 0, NULL },
	{ "{\"a\":1]", 0, NULL },
	{ "[1}", 0, NULL },
	{ "/* c */ {}", 0, NULL },
	{ "{} // c", 0, NULL },
	{ "NaN", 0, NULL },
	{ "nan", 0, NULL },
	{ "[NaN]", 0, NULL },
	{ "Infinity", 0, NULL },
	{ "[-Infinity]", 0, NULL },
	{ "1e999", 0, NULL },
	{ "[-1e999]", 0, NULL },
	{ "9223372036854775808", 0, NULL },
	{ "-9223372036854775809", 0, NULL },
	{ "18446744073709551616", 0, NULL },
	{ "123456789012345678901234567890", 0, NULL },
	{ "01", 0, NULL },
	{ "-", 0, NULL },
	{ "+1", 0, NULL },
	{ ".5", 0, NULL },
	{ "1.", 0, NULL },
	{ "1e", 0, NULL },
	{ "0x10", 0, NULL },
	{ "True", 0, NULL },
	{ "NULL", 0, NULL },
	{ "nul", 0, NULL },
	{ "\"a\nb\"", 0, NULL },
	{ "\"a\tb\"", 0, NULL },
	{ "\"a\x01\"", 0, NULL },
	{ "\"a\0b\"", 5, NULL },
	{ "\"a\\u0000b\"", 0, NULL },
	{ "{\"access_token\\u0000\":1}", 0, NULL },
	{ "\"\\x41\"", 0, NULL },
	{ "\"\\'\"", 0, NULL },
	{ "\"\\ud83d\"", 0, NULL },
	{ "\"\\ud83dx\"", 0, NULL },
	{ "\"\\ud83d\\u0041\"", 0, NULL },
	{ "\"\\ude00\"", 0, NULL },
	{ "\"\xff\"", 0, NULL },
	{ "\"\xc0\xaf\"", 0, NULL },
	{ "\"\xed\xa0\x80\"", 0, NULL },
	{ "\"\xc3\"", 0, NULL },
	{ "\xef\xbb\xbf{}", 0, NULL },
	{ "\xff\xfe{\0}\0", 6, NULL },
	{ "{\0}\0", 4, NULL },
	{ "\0{\0}", 4, NULL },
	{ "<html></html>", 0, NULL },
	{ "{\"a\":1,\"a\":1}", 0, NULL },
	{ "{\"a\":1,\"\\u0061\":2}", 0, NULL },
	{ "{\"access_token\":\"x\",\"b\":[],\"access_token\":\"y\"}", 0, NULL },
	{ "[{\"x\":{\"a\":{},\"b\":2,\"a\":{\"c\":1}}}]", 0, NULL },
	{ "{\"\":1,\"\":2}", 0, NULL },
	{ "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", 0, NULL },
};

static void bad_documents(void)
{
	check_rows(bad, COUNT(bad));
}

/* What is read without json-c is what json-c makes of it. */
static void flat_objects(void)
{
	static const struct {
		const char *text;
		bool is_flat;
	} rows[] = {
		{ "{}", true },
		{ " \t{\r\n} ", true },
		{ "{\"a\":\"b\"}", true },
		{ "{ \"a\" : \"b\" ,\n\t\"\" : \"\" }\n", true },
		{ "{\"a\":\"~ }],:{[/'\",\"A\":\"b\"}", true },
		{ "{\"a\":\"b\",\"a\":\"b\"}", false },
		{ "{\"a\":\"\\u0062\"}", false },
		{ "{\"\\\"\":\"b\"}", false },
		{ "{\"a\":\"\xc3\xa4\"}", false },
		{ "{\"a\":\"\x7f\"}", false },
		{ "{\"a\":\"\n\"}", false },
		{ "{\"a\":1}", false },
		{ "{\"a\":null}", false },
		{ "{\"a\":{}}", false },
		{ "{\"a\":\"b\",}", false },
		{ "{,\"a\":\"b\"}", false },
		{ "{\"a\":\"b\"\"c\":\"d\"}", false },
		{ "{\"a\" \"b\"}", false },
		{ "{\"a\":\"b\"} {}", false },
		{ "{\"a\":\"b\"", false },
		{ "{\"a\":\"b", false },
		{ "{\"a\":", false },
		{ "{\"a\"", false },
		{ "{\"a", false },
		{ "{", false },
		{ "", false },
		{ "[]", false },
		{ "\"a\"", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i].text);
		AUTO_JSON flat = json_flat(rows[i].text, len);
		AUTO_JSON all = NULL;
		AUTO_TEXT got = { 0 }, want = { 0 };

		CHECK_ROW(rows[i].text, (flat != NULL) == rows[i].is_flat);
		if (!flat)
			continue;
		CHECK_ROW(rows[i].text,
			json_parse_document(rows[i].text, len, &all, NULL) == MITOK_OK);
		json_format(flat, &got);
		if (all)
			json_format(all, &want);
		CHECK_TEXT(text_peek(&got), text_peek(&want));
	}
	CHECK(!json_flat("{\"a\":\"b\0\"}", 10));
}

/* head, then count times unit, then tail. */
static void repeated(struct text *ret, const char *head, const char *unit, size_t count,
	const char *tail)
{
	text_add(ret, head);
	for (size_t i = 0; i < count; i++)
		text_add(ret, unit);
	text_add(ret, tail);
}

static void flat_bounds(void)
{
	static const struct {
		const char *what, *head, *unit, *tail;
		size_t count;
		bool is_flat;
	} rows[] = {
		{ "a long text", "{\"a\":\"", "x", "\"}", 60000, true },
		{ "too long a one", "{\"a\":\"", "x", "\"}", 66000, false },
		{ "many blanks", "{", " ", "}", 60000, true },
	};
	AUTO_TEXT many = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT t = { 0 };
		AUTO_JSON j = NULL;

		repeated(&t, rows[i].head, rows[i].unit, rows[i].count, rows[i].tail);
		j = json_flat(t.p, t.len);
		CHECK_ROW(rows[i].what, (j != NULL) == rows[i].is_flat);
	}
	text_add(&many, "{\"\":\"\"");
	for (unsigned n = 2; n <= 17; n++) {
		AUTO_TEXT t = { 0 };
		AUTO_JSON j = NULL;

		text_addf(&many, ",\"%u\":\"\"", n);
		text_addf(&t, "%s}", text_peek(&many));
		j = json_flat(t.p, t.len);
		CHECK_ROW(t.p, (j != NULL) == (n <= 16));
	}
}

/* Texts are read eight bytes at a time: each place in each length. */
static void flat_places(void)
{
	static const char others[] = { '\\', '\x1f', '\x01', '\x7f', '\x80', '\xff' };

	for (size_t n = 0; n < COUNT(others); n++)
		for (size_t len = 1; len < 20; len++)
			for (size_t at = 0; at <= len; at++) {
				char text[32], s[64];
				AUTO_JSON j = NULL;

				memset(text, '~', len);
				text[len] = '\0';
				if (at < len)
					text[at] = others[n];
				(void)snprintf(s, sizeof(s), "{\"a\":\"%s\"}", text);
				j = json_flat(s, strlen(s));
				CHECK_ROW(s, (j != NULL) == (at == len));
				if (j)
					CHECK_TEXT(json_text(json_member(j, "a")), text);
			}
}

/* Half of a token that was read before something else was found is wiped. */
static void flat_wiping(void)
{
	static const char *const texts[] = { "{\"a\":\"" SPY_MARK "\"}",
		"{\"a\":\"" SPY_MARK "\",\"b\":1}", "{\"" SPY_MARK "\":1}",
		"{\"a\":\"" SPY_MARK "\",\"a\":\"" SPY_MARK "\"}" };

	for (size_t i = 0; i < COUNT(texts); i++)
		for (unsigned n = 0; n < 8; n++) {
			spy_leaks = 0;
			spy_fail(n);
			AUTO_JSON j = json_flat(texts[i], strlen(texts[i]));
			spy_fail(0);
			CHECK_ROW(texts[i], !j || i == 0);
			json_cleanup(&j);
			CHECK_ROW(texts[i], spy_leaks == 0);
		}
}

static void bounds(void)
{
	static const struct {
		const char *what, *head, *unit, *tail;
		size_t count;
		enum mitok_code want;
	} rows[] = {
		{ "100k arrays", "", "[", "", 100000, MITOK_E_REPLY },
		{ "100k objects", "", "{\"a\":", "", 100000, MITOK_E_REPLY },
		{ "a long text", "\"", "x", "\"", 200000, MITOK_OK },
		{ "a long escaped text", "\"", "\\u00e4", "\"", 40000, MITOK_OK },
		{ "a long name", "{\"", "x", "\":1}", 200000, MITOK_OK },
		{ "a name of 1 MB", "{\"", "x", "\":1}", 1000000, MITOK_E_REPLY },
		{ "a long number", "", "1", "", 200000, MITOK_E_REPLY },
		{ "a long fraction", "0.", "1", "", 200000, MITOK_OK },
		{ "a long exponent", "1e", "1", "", 200000, MITOK_E_REPLY },
		{ "4096 values", "[0", ",0", "]", 4094, MITOK_OK },
		{ "4097 values", "[0", ",0", "]", 4095, MITOK_E_REPLY },
		{ "the same name again and again", "{\"a\":0", ",\"a\":0", "}", 4000,
			MITOK_E_REPLY },
		{ "blanks", "[", " ", "]", 200000, MITOK_OK },
		{ "all blanks", "", "\n", "", 200000, MITOK_E_REPLY },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t start = clock_now().boot_ms;
		AUTO_TEXT t = { 0 };
		AUTO_JSON j = NULL;

		repeated(&t, rows[i].head, rows[i].unit, rows[i].count, rows[i].tail);
		CHECK_ROW(rows[i].what, text_ok(&t));
		CHECK_ROW(rows[i].what, json_parse(t.p, t.len, &j, NULL) == rows[i].want);
		CHECK_ROW(rows[i].what, clock_now().boot_ms - start < 10000);
	}
}

static void errors(void)
{
	struct json *j = (struct json *)&j;
	struct mitok_err e;

	CHECK(json_parse("[\"" SPY_MARK "\",\n!]", 21, &j, &e) == MITOK_E_REPLY);
	CHECK_TEXT(e.message, "no JSON: a value was expected (byte 19)");
	CHECK(json_parse("{\"a\":1,\"a\":2}", 13, &j, &e) == MITOK_E_REPLY);
	CHECK_TEXT(e.message, "no JSON: a member stands twice in one object");
	CHECK(json_parse("[1]x", 4, &j, &e) == MITOK_E_REPLY);
	CHECK_TEXT(e.message, "no JSON: more bytes behind the value (byte 3)");
	CHECK(j == (struct json *)&j);
}

static void documents(void)
{
	static const struct {
		const char *what, *head, *unit, *tail;
		size_t count;
		enum mitok_code want;
	} rows[] = {
		{ "256 deep", "", "[", "", 256, MITOK_E_REPLY }, /* not closed */
		{ "10000 deep", "", "[", "", 10000, MITOK_E_REPLY },
		{ "100000 values", "[0", ",0", "]", 99998, MITOK_OK },
		{ "300000 values", "[0", ",0", "]", 300000, MITOK_E_REPLY },
		{ "a text of 900 kB", "\"", "x", "\"", 900000, MITOK_OK },
		{ "deep enough", "[[[[[[[[[[[[[[[[[[", "[],", "[]]]]]]]]]]]]]]]]]]]", 2,
			MITOK_OK },
	};
	AUTO_JSON twice = NULL;
	int64_t n = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT t = { 0 };
		AUTO_JSON j = NULL;

		repeated(&t, rows[i].head, rows[i].unit, rows[i].count, rows[i].tail);
		CHECK_ROW(rows[i].what,
			json_parse_document(t.p, t.len, &j, NULL) == rows[i].want);
	}
	CHECK(json_parse_document("{\"a\":1,\"a\":2}", 13, &twice, NULL) == MITOK_OK);
	CHECK(json_to_number(json_member(twice, "a"), 0, 9, &n) && n == 2);
}

static void walking(void)
{
	static const char text[] =
		"{\"t\":\"s\",\"n\":42,\"d\":\"17\",\"neg\":\"-1\",\"f\":1.5,"
		"\"big\":\"9223372036854775808\",\"e\":\"\",\"o\":{\"t\":1},\"x\":\"1 "
		"\"}";
	static const struct {
		const char *name;
		int64_t want; /* -1: no number from 0 to 100 */
	} rows[] = { { "n", 42 }, { "d", 17 }, { "neg", -1 }, { "f", -1 }, { "big", -1 },
		{ "e", -1 }, { "o", -1 }, { "x", -1 }, { "t", -1 }, { "absent", -1 } };
	AUTO_JSON j = NULL;

	CHECK(json_parse(text, strlen(text), &j, NULL) == MITOK_OK);
	CHECK_TEXT(json_text(json_member(j, "t")), "s");
	CHECK(json_text(json_member(j, "n")) == NULL);
	CHECK(json_member(json_member(j, "t"), "t") == NULL);
	CHECK(json_member(NULL, "t") == NULL && json_text(NULL) == NULL);
	CHECK(json_member(json_member(j, "o"), "t") != NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t n = -1;

		CHECK_ROW(rows[i].name,
			json_to_number(json_member(j, rows[i].name), 0, 100, &n) ==
				(rows[i].want >= 0));
		CHECK_ROW(rows[i].name, n == rows[i].want);
	}
}

static void other_locale(void)
{
	static const struct row rows[] = { { "[1.25,-1e-7]", 0, "[1.25,-1e-07]" } };

	if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
		test_skip("no locale with a decimal comma");
	check_rows(rows, COUNT(rows));
	(void)setlocale(LC_ALL, "C");
}

/* Bytes of the mark in the heap, freed blocks included; the mark is put together here so
 * that it stands nowhere by itself. */
static unsigned count_in_heap(const char *mark, const char *except, size_t except_len)
{
	AUTO_SECRET maps = { 0 };
	const char *line;
	char *from, *end;
	unsigned n = 0;

	CHECK(file_read(AT_FDCWD,
		      &(struct file_ask){
			      .path = "/proc/self/maps", .limit = SECRET_MAX },
		      &maps, NULL) == MITOK_OK);
	line = strstr(secret_peek(&maps), "[heap]");
	if (!line)
		return 0;
	while (line > secret_peek(&maps) && line[-1] != '\n')
		line--;
	from = (char *)strtoul(line, &end, 16);
	end = (char *)strtoul(end + 1, NULL, 16);
	for (; from < end; from++) {
		from = memmem(from, (size_t)(end - from), mark, strlen(mark));
		if (!from)
			break;
		n += from < except || from >= except + except_len;
	}
	return n;
}

static void wiping(void)
{
	static const size_t lengths[] = { 20, 300, 1500, 20000 };

	for (size_t i = 0; i < COUNT(lengths); i++) {
		char mark[] = "xPYMARK-7f3a91";
		AUTO_TEXT t = { .p = calloc(1, 65536), .cap = 65536 }; /* never moved */
		AUTO_JSON j = NULL;

		mark[0] = 'S';
		text_add(&t, "{\"error\":null,\"list\":[\"\\u00e4");
		repeated(&t, mark, "y", lengths[i], "\",7,{}],\"access_token\":\"");
		repeated(&t, "", "z", lengths[i], mark);
		text_add(&t, "\",\"u\":true}");
		spy_leaks = 0;
		CHECK(json_parse(t.p, t.len, &j, NULL) == MITOK_OK);
		if (count_in_heap(mark, t.p, t.cap) == 0)
			test_skip("the heap cannot be looked at (sanitizer, valgrind)");
		else
			CHECK(count_in_heap(mark, t.p, t.cap) == 2); /* ours */
		json_cleanup(&j);
		CHECK(spy_leaks == 0);
		CHECK(count_in_heap(mark, t.p, t.cap) == 0);
		explicit_bzero(t.p, t.cap);
	}
}

/* The module's own allocations are behind the library's back; what it gives is not. */
static void no_memory(void)
{
	static const char text[] = "{\"a\":[1,2.5,\"x\"],\"b\":{\"c\":null}}";
	AUTO_JSON j = NULL;
	unsigned n;

	CHECK(json_parse(text, strlen(text), &j, NULL) == MITOK_OK);
	for (n = 1;; n++) {
		AUTO_TEXT out = { 0 };

		spy_fail(n);
		json_format(j, &out);
		if (text_ok(&out))
			break;
	}
	spy_fail(0);
	CHECK(n > 1);
	json_free(NULL);
}

static const struct test tests[] = {
	{ "what RFC 8259 allows is parsed and written again", good_documents },
	{ "what RFC 8259 does not allow, or parsers disagree on, is refused",
		bad_documents },
	{ "an object of plain texts is read without json-c", flat_objects },
	{ "wherever something else stands", flat_places },
	{ "up to a size", flat_bounds },
	{ "and nothing of it stays in memory", flat_wiping },
	{ "hostile documents are bounded in time", bounds },
	{ "a document may be larger, and the last of two members counts", documents },
	{ "an error names the place and nothing of the text", errors },
	{ "members, texts and numbers are found by kind", walking },
	{ "numbers are the same in any locale", other_locale },
	{ "nothing of a token stays in memory", wiping },
	{ "running out of memory is reported", no_memory },
};
TEST_MAIN(tests)
