/* Fuzzes the JSON parser: whatever is accepted can be walked, written and read again, and
 * what is read without json-c is what json-c makes of it.
 * SPDX-License-Identifier: MIT */
#include "io/json_flat.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const char *text, size_t size)
{
	AUTO_JSON flat = json_flat(text, size);
	AUTO_JSON all = NULL;
	AUTO_TEXT got = { 0 }, want = { 0 };

	if (!flat)
		return;
	if (json_parse_document(text, size, &all, NULL))
		abort();
	json_format(flat, &got);
	json_format(all, &want);
	if (strcmp(text_peek(&got), text_peek(&want)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_JSON j = NULL;
	AUTO_JSON again = NULL;
	AUTO_TEXT first = { 0 }, second = { 0 };
	struct mitok_err e = { .code = MITOK_OK };
	enum mitok_code r = json_parse((const char *)data, size, &j, &e);
	int64_t n;

	compare((const char *)data, size);
	if (r && (r != MITOK_E_REPLY || j || !e.message[0]))
		abort();
	if (r)
		return 0;
	(void)json_text(json_member(j, "access_token"));
	(void)!json_to_number(json_member(j, "expires_on"), 0, INT64_MAX, &n);
	json_format(j, &first);
	if (!text_ok(&first) || first.len > (size_t)256 * 1024)
		return 0; /* escapes can make it too long to be read again */
	if (json_parse(first.p, first.len, &again, &e))
		abort();
	json_format(again, &second);
	if (strcmp(first.p, text_peek(&second)) != 0)
		abort();
	return 0;
}
