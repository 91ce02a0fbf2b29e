/* Fuzz: whatever somebody pastes. What is told is of the tables, and nothing of the input
 * but the digits of a code.
 * SPDX-License-Identifier: MIT */
#include "../../helper/explain/explain.h"

#include <assert.h>
#include <string.h>

#include "io/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_of_rows(const struct finding *f)
{
	for (const struct cause *row = cause_rows; row->code; row++)
		if (row->means == f->means && strcmp(row->code, f->code) == 0)
			return row->cure == f->cure && row->layer == f->layer;
	return false;
}

static bool is_of_entra(const struct finding *f)
{
	static const char prefix[] = "AADSTS";
	int64_t n;

	if (f->layer != LAYER_ENTRA || !text_starts(f->code, prefix) ||
		!text_to_number(f->code + strlen(prefix), 1, INT32_MAX, &n))
		return false;
	for (const struct entra_cause *row = entra_rows; row->number; row++)
		if (row->number == n)
			return row->means == f->means && row->cure == f->cure;
	return f->means == entra_unknown.means;
}

/* One rank, in the order of the text, no cause twice. */
static void check(const struct findings *f, size_t size)
{
	assert(f->count <= FINDINGS_MAX);
	for (unsigned i = 0; i < f->count; i++) {
		const struct finding *row = &f->rows[i];

		assert(row->at < size && row->rank == f->rows[0].rank);
		assert(is_of_rows(row) || is_of_entra(row));
		assert(i == 0 || row[-1].at <= row->at);
		for (unsigned j = 0; j < i; j++)
			assert(strcmp(f->rows[j].code, row->code) != 0 ||
				strcmp(f->rows[j].means, row->means) != 0);
	}
}

static void check_json(const struct findings *f)
{
	AUTO_TEXT out = { 0 };
	AUTO_JSON j = NULL;
	unsigned count = 0;

	explain_print(f, true, &out);
	assert(text_ok(&out));
	assert(json_parse_document(out.p, out.len, &j, NULL) == MITOK_OK);
	for (const struct json *item = j->child; item; item = item->next, count++) {
		assert(json_text(json_member(item, "layer")));
		assert(json_text(json_member(item, "code")));
		assert(json_text(json_member(item, "cause")));
		assert(json_text(json_member(item, "cure")));
	}
	assert(count == f->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	AUTO_SECRET flat = { 0 };
	struct mitok_err e = { .code = MITOK_OK };
	struct findings f;

	if (explain_scan(text, size, &f, &e)) {
		assert(e.code == MITOK_E_BUG);
		return 0;
	}
	check(&f, size);
	check_json(&f);
	assert(explain_flatten(text, size, &flat) && flat.len <= size);
	assert(strlen(secret_peek(&flat)) == flat.len);
	return 0;
}
