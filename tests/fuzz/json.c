/* Fuzzes the JSON parser: whatever is accepted can be walked, written and read again.
 * SPDX-License-Identifier: MIT */
#include "io/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_JSON j = NULL;
	AUTO_JSON again = NULL;
	AUTO_TEXT first = { 0 }, second = { 0 };
	struct mitok_err e = { .code = MITOK_OK };
	enum mitok_code r = json_parse((const char *)data, size, &j, &e);
	int64_t n;

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
