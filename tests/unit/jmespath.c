/* JMESPath: what every rule of the grammar and every function finds, and refuses.
 * SPDX-License-Identifier: MIT */
#include "../../helper/query/jmespath.h"

#include <stdlib.h>
#include <time.h>

#include "test.h"

/* One search, from texts to text: JSON, or "! " and what was wrong. */
struct search {
	struct arena arena;
	struct json *document;
	struct mitok_err e;
	const struct value *found;
};

static enum mitok_code search(struct search *s, const char *document, const char *text)
{
	const struct jmespath *j = NULL;
	const struct value *v;
	enum mitok_code r =
		json_parse_document(document, strlen(document), &s->document, &s->e);

	if (r)
		return r;
	v = value_from_json(&s->arena, s->document);
	if (!v)
		return MITOK_E_BUG;
	r = jmespath_parse(&s->arena, text, strlen(text), &j, &s->e);
	return r ? r : jmespath_search(&s->arena, j, v, &s->found, &s->e);
}

static void search_done(struct search *s)
{
	arena_free(&s->arena);
	json_cleanup(&s->document);
}
#define AUTO_SEARCH __attribute__((cleanup(search_done))) struct search

/* The language's own way to write JSON; what is null stays null in a list. */
static const char *print(struct search *s)
{
	static const char text[] = "to_string([@])";
	const struct jmespath *j;
	const struct value *v;

	if (s->found->kind == VALUE_NULL)
		return "[null]";
	if (jmespath_parse(&s->arena, text, strlen(text), &j, NULL) ||
		jmespath_search(&s->arena, j, s->found, &v, NULL))
		return "(not to be printed)";
	return v->text;
}

static bool is_wanted(const char *document, const char *text, const char *want)
{
	AUTO_SEARCH s = { 0 };
	enum mitok_code r = search(&s, document, text);
	size_t len = strlen(want);
	const char *got;

	if (strcmp(want, "! syntax") == 0)
		return r == MITOK_E_ARG && !s.found &&
			text_starts(s.e.message, "no JMESPath expression: ");
	if (want[0] == '!')
		return r == MITOK_E_CONF && !s.found &&
			strcmp(s.e.message, want + 2) == 0;
	got = r ? "" : print(&s);
	return strlen(got) == len + 2 && memcmp(got + 1, want, len) == 0;
}

/* `= DOCUMENT`, then rows `EXPRESSION<tab>JSON` or `EXPRESSION<tab>! ERROR`. */
static void rows(void)
{
	AUTO_FREE char *line = NULL;
	AUTO_FREE char *document = NULL;
	FILE *f = fopen("tests/data/jmespath/rows", "re");
	size_t size = 0, count = 0;
	ssize_t len;

	CHECK(f != NULL);
	while (f && (len = getline(&line, &size, f)) > 0) {
		char *tab;

		line[len - 1] = '\0';
		tab = strchr(line, '\t');
		if (text_starts(line, "= ")) {
			free(document);
			document = strdup(line + 2);
		} else if (tab && document) {
			*tab = '\0';
			count++;
			CHECK_ROW(line, is_wanted(document, line, tab + 1));
		}
	}
	CHECK(count > 700);
	if (f)
		(void)fclose(f);
}

static void places(void)
{
	static const struct {
		const char *text, *where;
	} wrong[] = { { "", "byte 1" }, { "a b", "byte 3" }, { "foo[", "byte 5" },
		{ "a.", "byte 3" }, { "'x", "byte 1" }, { "a == `\"", "byte 6" },
		{ "a || \t)", "byte 7" }, { "{a b}", "byte 4" },
		{ "secret=hush", "byte 7" } };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO_SEARCH s = { 0 };
		size_t len = strlen(wrong[i].where);

		CHECK_ROW(wrong[i].text, search(&s, "{}", wrong[i].text) == MITOK_E_ARG);
		CHECK_ROW(wrong[i].text,
			strlen(s.e.message) > len &&
				strcmp(s.e.message + strlen(s.e.message) - len,
					wrong[i].where) == 0);
		CHECK_ROW(wrong[i].text, !strstr(s.e.message, "secret"));
	}
}

static void selected(void)
{
	static const struct {
		const char *text;
		bool want;
	} objects[] = { { "{b: a, a: a}", true }, { "{b: a} | @", true }, { "@", false },
		{ "merge({b: a}, @)", false }, { "`{\"a\":1}`", false },
		{ "[{b: a}][0]", true } };

	for (size_t i = 0; i < COUNT(objects); i++) {
		AUTO_SEARCH s = { 0 };

		CHECK_ROW(objects[i].text, !search(&s, "{\"a\":1}", objects[i].text));
		CHECK_ROW(objects[i].text,
			s.found && s.found->is_selected == objects[i].want);
	}
}

static void secrets(void)
{
	static const char document[] =
		"{\"" SPY_MARK "\":\"" SPY_MARK "\",\"a\":[\"" SPY_MARK "\"]}";
	static const char *const texts[] = { "to_string(@)", "abs(a)", "sum(a)",
		"reverse(a)", "join('" SPY_MARK "', a)", "a[0] | abs(@)", "keys(@)",
		"sort_by([a], &@)", "`\"" SPY_MARK "\"`", "a[0] < `1`",
		"\"" SPY_MARK "\" ]", "max_by(a, &[@])" };

	spy_leaks = 0;
	for (size_t i = 0; i < COUNT(texts); i++) {
		AUTO_SEARCH s = { 0 };
		enum mitok_code r = search(&s, document, texts[i]);

		CHECK_ROW(texts[i], !r || !strstr(s.e.message, SPY_MARK));
	}
	CHECK(spy_leaks == 0);
}

/* Text that is `begin`, `count` times `again`, and `end`. */
static char *repeat(const char *begin, const char *again, size_t count, const char *end)
{
	size_t first = strlen(begin), len = strlen(again), last = strlen(end) + 1;
	char *text = malloc(first + count * len + last), *p = text;

	if (!text)
		abort();
	memcpy(p, begin, first);
	p += first;
	for (; count; count--, p += len)
		memcpy(p, again, len);
	memcpy(p, end, last);
	return text;
}

static const struct hard {
	const char *begin, *again;
	size_t count;
	const char *end;
	enum mitok_code want;
} hard[] = {
	{ "", "(", 10000, "", MITOK_E_ARG },
	{ "", "[", 10000, "", MITOK_E_ARG },
	{ "", "{a:", 10000, "", MITOK_E_ARG },
	{ "", "!", 10000, "a", MITOK_E_ARG },
	{ "", "a[?", 10000, "", MITOK_E_ARG },
	{ "a", "[*]", 10000, "", MITOK_E_ARG },
	{ "a", "[]", 10000, "", MITOK_E_ARG },
	{ "a", "[:]", 10000, "", MITOK_E_ARG },
	{ "a", ".*", 10000, "", MITOK_E_ARG },
	{ "a", "==a", 10000, "", MITOK_E_ARG },
	{ "", "abs(", 10000, "", MITOK_E_ARG },
	{ "", "map(&", 10000, "", MITOK_E_ARG },
	{ "@", "|[@]", 10000, "", MITOK_E_ARG },
	{ "@", "|{a:@}", 10000, "", MITOK_E_ARG },
	{ "@", "|to_array(@)", 10000, "", MITOK_E_ARG },
	{ "`", "[", 10000, "`", MITOK_OK }, /* no JSON, so a text */
	{ "`", "[", 10000, "\"`", MITOK_E_ARG },
	{ "a", ".a", 524288, "", MITOK_E_ARG },
	{ "'", "x", 1048576, "'", MITOK_E_ARG },
	{ "a", ".a", 131000, "", MITOK_OK },
	{ "a", "||a", 80000, "", MITOK_OK },
	{ "@", "[0]", 80000, "", MITOK_OK },
	{ "[a", ",a", 130000, "]", MITOK_OK },
	{ "{a:a", ",a:a", 60000, "}", MITOK_OK },
	{ "[`1`", ",`1`", 60000, "]", MITOK_OK },
	{ "[`[1]`", ",`[1]`", 40000, "]", MITOK_OK },
	{ "not_null(a", ",a", 130000, ")", MITOK_OK },
	{ "a", " ", 250000, "", MITOK_OK },
};

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void limits(void)
{
	for (size_t i = 0; i < COUNT(hard); i++) {
		const struct hard *h = &hard[i];
		AUTO_FREE char *text = repeat(h->begin, h->again, h->count, h->end);
		AUTO_SEARCH s = { 0 };
		double start = cpu_seconds();

		CHECK_ROW(h->again, search(&s, "{\"b\":1}", text) == h->want);
		CHECK_ROW(h->again, s.arena.used <= (size_t)30 * 1024 * 1024);
		/* It takes hundredths of a second, but for what sanitizers check. */
		CHECK_ROW(h->again, cpu_seconds() - start < 60.0);
	}
}

/* Expressions that would work for hours, or fill the memory. */
static void endless(void)
{
	static const struct {
		const char *again;
		size_t count;
		const char *end;
		enum mitok_code want;
	} wild[] = {
		/* each doubles what the one before made */
		{ "[@,@] | [] |", 60, "length(@)", MITOK_E_CONF },
		{ "to_string([@]) |", 60, "length(@)", MITOK_E_CONF },
		{ "join('', [to_string(@),to_string(@)]) |", 60, "length(@)",
			MITOK_E_CONF },
		/* each compares what doubles with itself */
		{ "[@,@] |", 60, "@ == [`0`]", MITOK_OK },
		{ "[@,@] |", 60, "[@ == @]", MITOK_E_CONF },
		{ "[@,@] |", 60, "to_string(@)", MITOK_E_CONF },
	};

	for (size_t i = 0; i < COUNT(wild); i++) {
		AUTO_FREE char *text =
			repeat("", wild[i].again, wild[i].count, wild[i].end);
		AUTO_SEARCH s = { .arena = { .limit = (size_t)16 * 1024 * 1024 } };
		double start = cpu_seconds();

		CHECK_ROW(wild[i].again, search(&s, "[\"\\\\\"]", text) == wild[i].want);
		CHECK_ROW(wild[i].again, cpu_seconds() - start < 60.0);
	}
}

/* Every allocation of a search fails once. */
static void memory(void)
{
	static const char text[] =
		"{a: sort_by(l, &\"\\u006b\")[?k > `1`].k | [], b: to_string(merge(@, "
		"@)), "
		"c: [join('-', keys(@)), `[1]`, `x`, reverse('ab'), map(&[k], l)]}";
	static const char document[] = "{\"l\":[{\"k\":2},{\"k\":1},{\"k\":3}]}";
	unsigned fail = 1;
	enum mitok_code r;

	do {
		AUTO_SEARCH s = { 0 };

		spy_fail(fail++);
		r = search(&s, document, text);
		spy_fail(0);
		CHECK(r == MITOK_OK || r == MITOK_E_BUG || r == MITOK_E_REPLY);
	} while (r && fail < 10000);
	CHECK(fail > 10 && fail < 10000);
	for (size_t limit = 1, good = 0; limit < 60000 && !good; limit += 16) {
		AUTO_SEARCH s = { .arena = { .limit = limit } };

		r = search(&s, document, text);
		good = r == MITOK_OK;
		CHECK(good || r == MITOK_E_BUG || r == MITOK_E_CONF);
	}
}

static const struct test tests[] = {
	{ "every row finds what it should, or fails in az's words", rows },
	{ "a syntax error tells the place and repeats nothing", places },
	{ "objects that the query made are told from the document's", selected },
	{ "nothing of the document is left in memory or stands in an error", secrets },
	{ "long and deep expressions end soon and stay small", limits },
	{ "no expression runs without end", endless },
	{ "without memory a search fails and leaves nothing behind", memory },
};
TEST_MAIN(tests)
