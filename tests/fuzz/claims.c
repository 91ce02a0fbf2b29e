/* Fuzzes the claims of an access token, from base64url to the comparison with pins.
 * SPDX-License-Identifier: MIT */
#include "core/claims.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct identity pinned = { .kind = IDENTITY_SYSTEM,
		.origin = "fuzz",
		.client_id = "11111111-2222-3333-4444-555555555555" };
	struct mitok_err e = { 0 };
	struct claims c;
	bool is_jwt = false;

	if (claims_read((const char *)data, size, &c, &is_jwt, &e))
		return 0;

	/* What was refused has a sentence; a pin is never met by what is not there. */
	if (claims_verify(is_jwt ? &c : NULL, &pinned, "https://vault.azure.net", &e)) {
		if (!e.message[0])
			abort();
	} else if (!text_equal_nocase(c.client_id, pinned.client_id)) {
		abort();
	}
	if (is_jwt && text_has_control(c.audience))
		abort();
	return 0;
}
