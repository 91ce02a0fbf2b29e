/* Fuzzes the output formats: a document goes through all of them, and json reads back as an
 * equal value. The first byte chooses queries and colours.
 * SPDX-License-Identifier: MIT */
#include "../../helper/output/output.h"

#include <stdlib.h>
#include <string.h>

#include "io/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void check_json(
	struct arena *a, const struct value *v, const char *text, size_t len)
{
	AUTO_JSON again = NULL;
	struct mitok_err e = { .code = MITOK_OK };
	const struct value *w;

	if (v->kind == VALUE_NULL)
		return;
	if (json_parse_document(text, len, &again, &e))
		abort();
	w = value_from_json(a, again);
	if (!w || !value_equal(v, w))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_JSON j = NULL;
	AUTO_ARENA a = { 0 };
	struct mitok_err e = { .code = MITOK_OK };
	struct output o = { .color = size && data[0] & 1,
		.is_queried = size && data[0] & 2 };
	const struct value *v;
	const char *text;
	size_t len;

	if (!size || json_parse_document((const char *)data + 1, size - 1, &j, &e))
		return 0;
	v = value_from_json(&a, j);
	if (v && data[0] & 4)
		v = select_all(&a, v);
	for (size_t i = OUTPUT_JSON; v && i <= OUTPUT_NONE; i++) {
		o.format = (enum output_format)i;
		if (!output_format(&a, &o, v, &text, &len) || strlen(text) != len)
			abort();
		if (o.format == OUTPUT_JSON)
			check_json(&a, v, text, len);
	}
	return 0;
}
