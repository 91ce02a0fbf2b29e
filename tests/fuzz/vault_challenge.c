/* Fuzz: a vault's WWW-Authenticate. SPDX-License-Identifier: MIT */
#include "openssl/challenge.h"

#include <assert.h>
#include <string.h>

/* Quoted as the services do, it is read as the same. */
static void check_again(const struct challenge *c)
{
	AUTO_TEXT text = { 0 };
	struct challenge again;

	if (strpbrk(c->resource, "\"\\"))
		return;
	text_addf(&text,
		"Bearer authorization=\"https://login.example/%s\", resource=\"%s\"",
		c->tenant, c->resource);
	assert(challenge_parse(text_peek(&text), &again, NULL) == MITOK_OK);
	assert(strcmp(again.resource, c->resource) == 0);
	assert(strcmp(again.tenant, c->tenant) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_TEXT value = { 0 };
	struct mitok_err e = { 0 };
	struct challenge c;

	text_add_bytes(&value, (const char *)data, size);
	if (challenge_parse(text_peek(&value), &c, &e)) {
		assert(e.code == MITOK_E_REPLY && !text_has_control(e.message));
		return 0;
	}
	assert(!text_has_control(c.resource) && !strpbrk(c.tenant, "/\\ \""));
	check_again(&c);
	if (challenge_is_for(&c, "myvault.vault.azure.net")) {
		const char *host = c.resource + strlen("https://");
		size_t len = strcspn(host, "/");

		assert(text_starts_nocase(c.resource, "https://"));
		assert((len == 15 && text_starts_nocase(host, "vault.azure.net")) ||
			(len == 9 && text_starts_nocase(host, "azure.net")));
	}
	return 0;
}
