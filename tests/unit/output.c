/* Output formats: what az prints for the same values (tests/data/output, recorded with knack
 * 0.14, tabulate 0.10, PyYAML 6.0.3 and Pygments 2.20), and what it cannot be asked.
 * SPDX-License-Identifier: MIT */
#include "../../helper/output/output.h"

#include <stdlib.h>

#include "io/json.h"
#include "test.h"

/* A document of the folder, parsed. */
static struct json *load(const char *name)
{
	char path[128];
	size_t len = 0, cap = (size_t)4 * 1024 * 1024;
	char *text = malloc(cap);
	struct mitok_err e = { .code = MITOK_OK };
	struct json *ret = NULL;
	FILE *f;

	(void)snprintf(path, sizeof(path), "tests/data/output/%s.json", name);
	f = fopen(path, "re");
	if (f && text)
		len = fread(text, 1, cap, f);
	CHECK_ROW(path, len && json_parse_document(text, len, &ret, &e) == MITOK_OK);
	if (f)
		(void)fclose(f);
	free(text);
	return ret;
}

/* The same with all objects as a query's {...} makes them. */
static const struct value *select_all(struct arena *a, const struct value *v)
{
	struct value *copy = arena_take(a, sizeof(*copy));
	const struct value **items = arena_take(a, (v->count + 1) * sizeof(void *));

	if (!copy || !items)
		abort();
	*copy = *v;
	for (size_t i = 0; i < v->count; i++)
		items[i] = select_all(a, v->items[i]);
	copy->is_selected = v->kind == VALUE_OBJECT;
	copy->items = items;
	return copy;
}

static void check_text(const char *what, const char *got, size_t len, const char *want)
{
	CHECK_ROW(what, len == strlen(got));
	if (strcmp(got, want) != 0)
		test_check_text(got, want, __FILE__, __LINE__, what);
}

static void check_row(const struct json *row)
{
	const struct json *want = json_member(row, "want");
	const struct json *queried = json_member(row, "queried");
	struct output o = { .color = true, .is_queried = queried && queried->number };
	AUTO_ARENA a = { 0 };
	const struct value *v = value_from_json(&a, json_member(row, "value"));
	const char *text = "";
	size_t len = 0;

	CHECK(v && want);
	if (json_member(row, "selected"))
		v = select_all(&a, v);
	for (const struct json *w = want->child; w; w = w->next) {
		CHECK_ROW(secret_peek(&w->name),
			output_find(secret_peek(&w->name), &o.format));
		CHECK(output_format(&a, &o, v, &text, &len));
		check_text(secret_peek(&w->name), text, len, json_text(w));
	}
}

static void check_file(const char *name)
{
	AUTO_JSON rows = load(name);

	CHECK_ROW(name, rows && rows->child);
	for (const struct json *row = rows ? rows->child : NULL; row; row = row->next)
		check_row(row);
}

static void documents(void)
{
	check_file("documents");
}

static void scalars(void)
{
	check_file("scalars");
	check_file("members");
	check_file("names");
}

static void queried(void)
{
	check_file("queried");
}

static void colors(void)
{
	check_file("colors");
}

static void check(const struct output *o, const struct value *v, const char *want)
{
	AUTO_ARENA a = { 0 };
	const char *text = "";
	size_t len = 0;

	CHECK(output_format(&a, o, v, &text, &len));
	check_text(want, text, len, want);
}

static const struct value null = { .kind = VALUE_NULL };
static const struct value one = { .kind = VALUE_INT, .number = 1 };
static const struct value word = { .kind = VALUE_TEXT, .text = "w", .len = 1 };

static void nothing(void)
{
	struct output o = { .is_queried = true };
	const char *names = output_names();

	for (size_t i = OUTPUT_JSON; i <= OUTPUT_NONE; i++) {
		o.format = (enum output_format)i;
		check(&o, &null, "");
	}
	o.format = OUTPUT_NONE;
	check(&o, &one, "");
	CHECK(output_find("TSV", &o.format) && o.format == OUTPUT_TSV);
	CHECK(output_find("JsonC", &o.format) && o.format == OUTPUT_JSONC);
	CHECK(!output_find("xml", &o.format) && !output_find("", &o.format));
	CHECK(o.format == OUTPUT_JSONC);
	CHECK_TEXT(names, "json, jsonc, yaml, yamlc, table, tsv, none");
}

static void shared(void)
{
	const struct value *item = &one, *empty[] = { NULL };
	const struct value list = { .kind = VALUE_ARRAY, .items = &item, .count = 1 };
	const struct value none = { .kind = VALUE_ARRAY, .items = empty };
	const struct value *items[] = { &none, &list, &list, &none, &list };
	const char *names[] = { "e", "d", "c", "b", "a" };
	struct value all = { .kind = VALUE_ARRAY, .items = items, .count = 5 };
	struct output o = { .format = OUTPUT_YAML };

	check(&o, &all, "- &id002 []\n- &id001\n  - 1\n- *id001\n- *id002\n- *id001\n");
	all.kind = VALUE_OBJECT;
	all.names = names;
	check(&o, &all,
		"a: &id001\n- 1\nb: &id002 []\nc: *id001\nd: *id001\ne: *id002\n");
	all.is_selected = true; /* PyYAML gets a copy */
	check(&o, &all, "a:\n- 1\nb: []\nc:\n- 1\nd:\n- 1\ne: []\n");
}

static void columns(void)
{
	static const struct output_column c[] = { { "Name", "name" },
		{ "SubscriptionId", "id" }, { "User", "user.name" }, { NULL, NULL } };
	const char *const user_names[] = { "name" },
			  *const names[] = { "id", "name", "user" };
	const struct value *const user_items[] = { &word };
	const struct value user = {
		.kind = VALUE_OBJECT, .names = user_names, .items = user_items, .count = 1
	};
	const struct value *const items[] = { &one, &word, &user };
	const struct value object = {
		.kind = VALUE_OBJECT, .names = names, .items = items, .count = 3
	};
	struct output o = { .format = OUTPUT_TABLE, .columns = c };

	check(&o, &object,
		"Name    SubscriptionId    User\n------  ----------------  ------\n"
		"w       1                 w\n");
	o.is_queried = true; /* a query's result has the automatic ones */
	check(&o, &object, "Name\n------\nw\n");
}

static void limits(void)
{
	struct output o = { .format = OUTPUT_JSON };
	struct value deep[1500] = { 0 }, twice[64] = { 0 };
	const struct value *items[1500], *pairs[64][2];
	struct arena a = { .limit = (size_t)8 * 1024 * 1024 };
	const char *text = NULL;
	size_t len = 0;

	for (size_t i = 0; i < COUNT(deep); i++) {
		items[i] = i ? &deep[i - 1] : &one;
		deep[i] = (struct value){
			.kind = VALUE_ARRAY, .items = &items[i], .count = 1
		};
	}
	for (size_t i = 0; i < COUNT(twice); i++) {
		pairs[i][0] = pairs[i][1] = i ? &twice[i - 1] : &one;
		twice[i] = (struct value){
			.kind = VALUE_ARRAY, .items = pairs[i], .count = 2
		};
	}
	for (size_t i = OUTPUT_JSON; i <= OUTPUT_TABLE; i++) {
		o.format = (enum output_format)i;
		CHECK(output_format(&a, &o, &deep[900], &text, &len));
		text = NULL;
		CHECK(output_format(&a, &o, &deep[COUNT(deep) - 1], &text, &len) ==
			(text != NULL));
		CHECK(i == OUTPUT_TABLE || !text);
		arena_free(&a);
		text = NULL;
		CHECK(output_format(&a, &o, &twice[63], &text, &len) ==
			(i == OUTPUT_YAML || i == OUTPUT_YAMLC));
		arena_free(&a);
	}
}

static void secrets(void)
{
	const struct value token = { .kind = VALUE_TEXT,
		.text = SPY_MARK "\n' long",
		.len = strlen(SPY_MARK "\n' long") };
	const struct value *items[] = { &token };
	const char *names[] = { "accessToken" };
	const struct value v = {
		.kind = VALUE_OBJECT, .items = items, .names = names, .count = 1
	};
	struct output o = { .color = true };

	for (size_t i = OUTPUT_JSON; i <= OUTPUT_NONE; i++) {
		AUTO_ARENA a = { 0 };
		const char *text;
		size_t len;

		o.format = (enum output_format)i;
		CHECK(output_format(&a, &o, &v, &text, &len));
	}
	CHECK(spy_leaks == 0);
}

static const struct test tests[] = {
	{ "documents are printed as az prints them", documents },
	{ "each text and number has the quotes, digits and width that az gives it",
		scalars },
	{ "what a query chose keeps its order in tsv and table", queried },
	{ "jsonc and yamlc have pygments' colours", colors },
	{ "null and none print nothing; formats have names", nothing },
	{ "yaml has anchors where a value stands twice", shared },
	{ "a table may have columns of its command's own", columns },
	{ "depth and memory are bounded", limits },
	{ "what is printed is wiped", secrets },
};
TEST_MAIN(tests)
