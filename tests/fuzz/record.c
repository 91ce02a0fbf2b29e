/* Fuzzes cache files: as they are, and with a checksum that fits, so that what is behind it
 * is reached.
 * SPDX-License-Identifier: MIT */
#include "core/record.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mitok_token *parse(const struct secret *file)
{
	struct mitok_token *t = token_new();

	if (t && record_parse(cache_token_fields, "k", file, t))
		return t;
	mitok_token_free(t);
	return NULL;
}

/* What was read and is written again must be read as the same. */
static void try_file(const struct secret *file)
{
	AUTO_TOKEN first = parse(file);
	AUTO_TOKEN second = NULL;
	AUTO_SECRET again = { 0 };

	if (!first || !record_format(cache_token_fields, "k", first, &again))
		return;
	second = parse(&again);
	if (!second ||
		strcmp(secret_peek(&first->value), secret_peek(&second->value)) != 0 ||
		strcmp(first->resource, second->resource) != 0 ||
		first->expires_s != second->expires_s)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_SECRET file = { 0 };
	char sum[TEXT_HEX_SIZE];

	if (size > 65536 || !secret_add(&file, (const char *)data, size))
		return 0;
	try_file(&file);
	text_hex(text_hash((const char *)data, size), sum);
	if (secret_add_text(&file, "sum ") && secret_add_text(&file, sum) &&
		secret_add_text(&file, "\n"))
		try_file(&file);
	return 0;
}
