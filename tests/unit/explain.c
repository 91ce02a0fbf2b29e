/* The tables of mi-token explain, and what is done to a text before it is searched.
 * SPDX-License-Identifier: MIT */
#include "../../helper/explain/explain.h"

#include "test.h"

static struct findings scan(const char *text)
{
	struct findings f;
	struct mitok_err e = { .code = MITOK_OK };

	CHECK_ROW(text, explain_scan(text, strlen(text), &f, &e) == MITOK_OK);
	return f;
}

/* A text that is the row's: its words where it looks for them. */
static void write_sample(const struct cause *row, struct text *ret)
{
	static const char *const forms[] = {
		[WHERE_WORD] = "a (%s): b",
		[WHERE_CODE] = "{\"code\": \"%s\"}",
		[WHERE_PHRASE] = "a%sb",
		[WHERE_SUBSTATUS] = "x-ms-substatus: %s",
		[WHERE_STATUS] = "HTTP/1.1 %s X",
		[WHERE_CLOSED] = "HTTP/1.1 %s X\r\nConnection: close\r\n\r\n",
	};
	const char *form = forms[row->where], *hole = strstr(form, "%s");

	text_add_bytes(ret, form, (size_t)(hole - form));
	text_add(ret, row->text ? row->text : row->code);
	text_add(ret, hole + 2);
	if (row->with)
		text_addf(ret, " %s", row->with);
}

static bool has(const struct findings *f, const char *means)
{
	for (unsigned i = 0; i < f->count; i++)
		if (strcmp(f->rows[i].means, means) == 0)
			return true;
	return false;
}

static void own_samples(void)
{
	for (const struct cause *row = cause_rows; row->code; row++) {
		AUTO_TEXT sample = { 0 };
		struct findings f;

		write_sample(row, &sample);
		f = scan(text_peek(&sample));
		CHECK_ROW(row->code, has(&f, row->means));
		CHECK_ROW(row->code, f.count == 1);
		CHECK_ROW(row->code, f.count != 1 || f.rows[0].kind == row->kind);
		CHECK_ROW(row->code,
			row->layer == LAYER_TARGET || row->kind == CAUSE_OTHER);
	}
}

static void numbers(void)
{
	for (const struct entra_cause *row = entra_rows; row->number; row++) {
		AUTO_TEXT sample = { 0 };
		struct findings f;

		text_addf(&sample, "AADSTS%ld: x", row->number);
		f = scan(text_peek(&sample));
		CHECK_ROW(row->means, f.count == 1 && f.rows[0].means == row->means);
		CHECK_ROW(row->means, f.rows[0].cure == row->cure);
		for (const struct entra_cause *other = row + 1; other->number; other++)
			CHECK_ROW(row->means, other->number != row->number);
	}
}

static void check_words(const char *code, const char *means, const char *cure)
{
	struct finding f;

	CHECK_ROW(code, code[0] && strlen(code) < sizeof(f.code));
	CHECK_ROW(code, means[0] && !strchr(means, '\n'));
	CHECK_ROW(code, means[strlen(means) - 1] != '.');
	CHECK_ROW(code, cure[0] && cure[strlen(cure) - 1] != '.');
	for (unsigned i = 0; i < 2 && strchr(cure, '\n'); i++)
		cure = strchr(cure, '\n') + 1;
	CHECK_ROW(code, !strchr(cure, '\n'));
}

static void words(void)
{
	check_words("unknown", entra_unknown.means, entra_unknown.cure);
	for (const struct entra_cause *row = entra_rows; row->number; row++)
		check_words("AADSTS", row->means, row->cure);
	for (const struct cause *row = cause_rows; row->code; row++)
		check_words(row->code, row->means, row->cure);
}

static void order(void)
{
	enum rank last[LAYER_TARGET + 1] = { RANK_EXACT };

	/* statuses come last, each layer's after what is exact */
	for (const struct cause *row = cause_rows; row->code; row++) {
		CHECK_ROW(row->code, row->rank < RANK_COUNT);
		if (row->rank == RANK_STATUS)
			last[row->layer] = RANK_STATUS;
		CHECK_ROW(row->code,
			last[row->layer] != RANK_STATUS || row->rank == RANK_STATUS);
	}
}

static void flattening(void)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} rows[] = {
		{ "", 0, "" },
		{ "a\r\n\t b", 6, "a b" },
		{ "  a  ", 5, "a " },
		{ "a\0b", 3, "a b" },
		{ "a\\r\\nb", 6, "a b" },
		{ "\\\"code\\\"", 8, "\"code\"" },
		{ "\\u0027x\\u0027", 13, "'x'" },
		{ "\\u002", 5, "\\u002" },
		{ "a\\", 2, "a\\" },
		{ "\\\0", 2, "\\ " },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_SECRET flat = { 0 };

		CHECK_ROW(
			rows[i].want, explain_flatten(rows[i].text, rows[i].len, &flat));
		CHECK_TEXT(secret_peek(&flat), rows[i].want);
	}
}

static void wiping(void)
{
	static const char text[] = "Bearer " SPY_MARK "\r\nHTTP/1.1 403 " SPY_MARK;
	struct mitok_err e = { .code = MITOK_OK };
	struct findings f;

	spy_leaks = 0;
	CHECK(scan(text).count == 1);
	CHECK(spy_leaks == 0);
	spy_fail(1);
	CHECK(explain_scan(text, strlen(text), &f, &e) == MITOK_E_BUG);
	spy_fail(0);
	CHECK(f.count == 0 && spy_leaks == 0);
}

static void crowd(void)
{
	AUTO_TEXT sample = { 0 };

	for (unsigned i = 0; i < 2 * FINDINGS_MAX; i++)
		text_addf(&sample, "AADSTS%u ", 7654321 + i);
	CHECK(scan(text_peek(&sample)).count == FINDINGS_MAX);
}

static const struct test tests[] = {
	{ "each row is found by its own words, and no other", own_samples },
	{ "each of Entra's numbers has one row", numbers },
	{ "sentences are sentences, cures have three lines at most", words },
	{ "a status alone comes after what says more", order },
	{ "white space, escapes and quotes are flattened", flattening },
	{ "what was pasted is wiped, also when memory lacks", wiping },
	{ "there is an end to how many are told", crowd },
};
TEST_MAIN(tests)
