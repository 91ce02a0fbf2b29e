/* Fuzz: dates, and the Retry-After header that may hold one.
 * SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "source/retry.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_TEXT text = { 0 };
	AUTO_REPLY r = { 0 };
	char again[CLOCK_TEXT_SIZE];
	int64_t n = -1, m = -1, wait;

	text_add_bytes(&text, (const char *)data, size);
	if (clock_parse_date(text_peek(&text), &n)) {
		assert(n >= 0 && n <= CLOCK_MAX_S);
		clock_format(n, again);
		assert(clock_parse_date(again, &m) && m == n);
	}
	text_add(&r.headers, "Retry-After: ");
	text_add_bytes(&r.headers, (const char *)data, size);
	text_add(&r.headers, "\n");
	wait = retry_after_ms(&r, 1727193299);
	assert(wait >= -1 && wait <= RETRY_AFTER_MAX_MS);
	return 0;
}
