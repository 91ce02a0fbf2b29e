/* Fuzzes targets and scopes: a URL that is accepted has a host of the table, and a path
 * that identity_choose() can take.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/identity.h"
#include "core/resource.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules[] =
	"rules = ( { host = \"dev.azure.com\"; path = \"/partner\"; deny = true; },\n"
	"{ host = \".blob.core.windows.net\"; path = \"/a/b\"; identity = \"system\"; } "
	");";

/* Whether the host is in the table: searched in another way than resource.c does. */
static bool is_known(const char *host)
{
	for (const struct resource_host *h = resource_hosts; h->suffix; h++) {
		const char *tail = h->suffix + (*h->suffix == '*');

		if (text_ends_nocase(host, tail) && (*tail == '.' || !strcmp(host, tail)))
			return true;
	}
	return false;
}

static bool is_resource(const char *value)
{
	for (const struct resource_row *r = resource_rows; r->about; r++)
		for (int c = 0; c < CLOUD_COUNT; c++)
			if (r->resource[c] && strcmp(r->resource[c], value) == 0)
				return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__attribute__((cleanup(conf_wipe))) struct conf c = { 0 };
	struct resource found = { .value = "" };
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_TEXT text = { 0 };
	struct identity_use use;
	struct identity who;
	bool needs_cloud;
	char resource[256];

	text_add_bytes(&text, (const char *)data, size);
	if (conf_merge(&c, "f", rules, true, &e) || conf_defaults(&c, &e))
		abort();
	(void)!resource_from_scope(text_peek(&text), resource, sizeof(resource), &e);
	(void)resource_right_spelling(text_peek(&text));
	if (resource_resolve(text_peek(&text), CLOUD_PUBLIC, &found, &needs_cloud, &e)) {
		if (found.value[0] || found.host[0])
			abort();
		return 0;
	}
	if (!found.value[0] || needs_cloud)
		abort();
	if (found.host[0] && !is_known(found.host) && !is_resource(found.value))
		abort();
	use = (struct identity_use){ found.host, found.path, found.value };
	(void)!identity_choose(&c, NULL, &use, &who, &e);
	(void)!identity_choose(&c, text_peek(&text), &use, &who, &e);
	return 0;
}
