/* Fuzzes JMESPath: an expression, a NUL, and a document; whatever is found is JSON again.
 * SPDX-License-Identifier: MIT */
#include "../../helper/query/jmespath.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum mitok_code find(struct arena *a, const char *text, size_t len,
	const struct value *v, const struct value **ret)
{
	struct mitok_err e = { .code = MITOK_OK };
	const struct jmespath *j = NULL;
	enum mitok_code r = jmespath_parse(a, text, len, &j, &e);

	if (r && r != MITOK_E_ARG && r != MITOK_E_BUG)
		abort();
	if (!r)
		r = jmespath_search(a, j, v, ret, &e);
	if (r && (!e.message[0] || e.code != r))
		abort();
	return r;
}

/* What was found, written as JSON and read again, is the same. */
static void check_found(struct arena *a, const struct value *found)
{
	static const char print[] = "to_string([@])";
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_JSON j = NULL;
	const struct value *text, *again;

	if (found->kind == VALUE_NULL || find(a, print, strlen(print), found, &text))
		return;
	if (json_parse_document(text->text, text->len, &j, &e))
		return; /* deeper, or more values, than a document may have */
	again = value_from_json(a, j);
	if (again && !value_equal(again->items[0], found))
		abort();
}

/* An arena that ends somewhere: every place where memory can lack is found in time. */
static void check_memory(const char *text, size_t len, const struct value *v, uint8_t n)
{
	AUTO_ARENA a = { .limit = (size_t)n * 32 + 1 };
	const struct value *found;

	(void)find(&a, text, len, v, &found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = size ? memchr(text, '\0', size) : NULL;
	size_t len = end ? (size_t)(end - text) : size;
	const char *document = end ? end + 1 : "{\"a\":[1,\"b\",{\"c\":null}]}";
	size_t document_len = end ? size - len - 1 : strlen(document);
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_JSON j = NULL;
	AUTO_ARENA values = { 0 };
	AUTO_ARENA a = { .limit = (size_t)64 * 1024 * 1024 };
	const struct value *v, *found;

	if (json_parse_document(document, document_len, &j, &e))
		return 0;
	v = value_from_json(&values, j);
	if (!v)
		return 0;
	if (!find(&a, text, len, v, &found))
		check_found(&a, found);
	check_memory(text, len, v, size ? data[size / 2] : 0);
	return 0;
}
