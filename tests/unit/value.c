/* Values of queries: the memory they live in, and when they are equal.
 * SPDX-License-Identifier: MIT */
#include "../../helper/query/value.h"

#include "../../helper/query/number.h"
#include "test.h"

static void memory(void)
{
	AUTO_ARENA a = { 0 };
	size_t taken = 0;

	for (size_t len = 0; len < 2000; len += 7) {
		char *p = arena_take(&a, len);

		CHECK(p && (uintptr_t)p % _Alignof(max_align_t) == 0);
		for (size_t i = 0; p && i < len; i++)
			CHECK(p[i] == 0);
		if (p)
			memset(p, 'x', len);
		taken += len;
	}
	CHECK(a.used >= taken && a.used < 2 * taken + 8192);
	CHECK(arena_take(&a, (size_t)3 * 1024 * 1024) != NULL);
	CHECK(arena_take(&a, SIZE_MAX) == NULL);
	CHECK(arena_take(&a, SIZE_MAX / 2) == NULL);
	CHECK(arena_take(&a, ARENA_LIMIT) == NULL);
	arena_free(&a);
	CHECK(a.first == NULL && a.used == 0);
	arena_free(&a);
}

static void limit(void)
{
	AUTO_ARENA a = { .limit = 10000 };
	size_t count = 0;

	while (arena_take(&a, 100))
		count++;
	CHECK(count > 70 && count <= 100);
	CHECK(a.used <= 10000);
}

static void wiping(void)
{
	AUTO_ARENA a = { 0 };
	char *p = arena_take(&a, 100), *large = arena_take(&a, 1000000);

	spy_leaks = 0;
	CHECK(p && large);
	if (p)
		memcpy(p, SPY_MARK, sizeof(SPY_MARK));
	if (large)
		memcpy(large + 900000, SPY_MARK, sizeof(SPY_MARK));
	arena_free(&a);
	CHECK(spy_leaks == 0);
}

static const struct value *read_value(struct arena *a, struct json **j, const char *text)
{
	struct mitok_err e = { .code = MITOK_OK };
	const struct value *v;

	if (json_parse_document(text, strlen(text), j, &e))
		return NULL;
	v = value_from_json(a, *j);
	CHECK_ROW(text, v != NULL);
	return v;
}

static void members(void)
{
	AUTO_JSON j = NULL;
	AUTO_ARENA a = { 0 };
	const struct value *v = read_value(
		&a, &j, "{\"b\":1,\"a\":{\"x\":[true,null]},\"\":\"t\",\"r\":1.5}");
	const struct value *list = value_member(value_member(v, "a"), "x");

	CHECK(v && v->kind == VALUE_OBJECT && v->count == 4 && !v->is_selected);
	CHECK_TEXT(v->names[0], "b");
	CHECK(v->items[0]->kind == VALUE_INT && v->items[0]->number == 1);
	CHECK(list && list->kind == VALUE_ARRAY && list->count == 2);
	CHECK(list && list->items[0]->kind == VALUE_BOOL && list->items[0]->truth);
	CHECK(list && list->items[1]->kind == VALUE_NULL);
	CHECK_TEXT(value_member(v, "")->text, "t");
	CHECK(value_member(v, "")->len == 1);
	CHECK(value_member(v, "r")->kind == VALUE_REAL);
	CHECK(value_member(v, "nope") == NULL);
	CHECK(value_member(list, "a") == NULL);
	CHECK(value_member(NULL, "a") == NULL);
}

static void equality(void)
{
	static const struct {
		const char *a, *b;
		bool want;
	} rows[] = {
		{ "1", "1.0", true },
		{ "1", "2", false },
		{ "0", "-0.0", true },
		{ "0", "false", false },
		{ "null", "false", false },
		{ "null", "null", true },
		{ "true", "true", true },
		{ "true", "false", false },
		{ "9007199254740993", "9007199254740992.0", false },
		{ "\"a\"", "\"a\"", true },
		{ "\"a\"", "\"ab\"", false },
		{ "\"1\"", "1", false },
		{ "[]", "[]", true },
		{ "[]", "{}", false },
		{ "[1,[2]]", "[1.0,[2]]", true },
		{ "[1,2]", "[2,1]", false },
		{ "[1]", "[1,1]", false },
		{ "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true },
		{ "{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false },
		{ "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
		{ "{\"a\":null}", "{\"b\":null}", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_JSON j = NULL;
		AUTO_JSON k = NULL;
		AUTO_ARENA a = { 0 };
		const struct value *x = read_value(&a, &j, rows[i].a);
		const struct value *y = read_value(&a, &k, rows[i].b);

		CHECK_ROW(rows[i].a, value_equal(x, y) == rows[i].want);
		CHECK_ROW(rows[i].a, value_equal(y, x) == rows[i].want);
	}
}

static void numbers(void)
{
	static const struct {
		double real;
		const char *want;
	} rows[] = {
		{ 0.0, "0.0" },
		{ -0.0, "-0.0" },
		{ 1.0, "1.0" },
		{ -12.5, "-12.5" },
		{ 0.1, "0.1" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 0.0001, "0.0001" },
		{ 0.00012345, "0.00012345" },
		{ 0.00001, "1e-05" },
		{ 1234567890123456.0, "1234567890123456.0" },
		{ 9007199254740993.0, "9007199254740992.0" },
		{ 1e15, "1000000000000000.0" },
		{ 1e16, "1e+16" },
		{ 12345678901234567890.0, "1.2345678901234567e+19" },
		{ 1e100, "1e+100" },
		{ 1.5e-7, "1.5e-07" },
		{ 5e-324, "5e-324" },
		{ -1.7976931348623157e308, "-1.7976931348623157e+308" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct value v = { .kind = VALUE_REAL, .real = rows[i].real };
		char text[NUMBER_SIZE];

		number_format(&v, text);
		CHECK_TEXT(text, rows[i].want);
	}
}

static const struct test tests[] = {
	{ "memory is zeroed, aligned, and never taken twice", memory },
	{ "an arena takes no more than its limit", limit },
	{ "an arena is wiped at its end", wiping },
	{ "values are the document's, in its order", members },
	{ "equal is what JSON says is equal", equality },
	{ "numbers are written with the fewest digits, as Python does", numbers },
};
TEST_MAIN(tests)
