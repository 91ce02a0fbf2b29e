/* Fuzzes the packed configuration: what is accepted is packed to the same bytes again, can
 * be printed, and is good for all that uses it.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "io/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(void *arg, const char *key, const char *value, const char *origin)
{
	(void)arg;
	if (!*key || !*value || !*origin || text_has_control(value))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct conf nothing;
	__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
	AUTO_TEXT packed = { 0 };
	AUTO_TEXT again = { 0 };
	struct mitok_err e = { .code = MITOK_OK };

	text_add_bytes(&packed, (const char *)data, size);
	if (!conf_unpack(&packed, &c)) {
		if (memcmp(&c, &nothing, sizeof(c)) != 0)
			abort();
		return 0;
	}
	conf_pack(&c, &again);
	if (again.len != size || memcmp(again.p, data, size) != 0)
		abort();
	if (conf_each(&c, look, NULL, &e))
		abort();
	if (conf_defaults(&c, &e) == MITOK_OK && !c.timeout.text)
		abort();
	return 0;
}
