/* Fuzz: URLs from the environment.
 * SPDX-License-Identifier: MIT */
#include "source/endpoint.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const allow[] = { "allowed.example", NULL };
	static const struct endpoint_param params[] = { { "resource", "https://a/" },
		{ "client_id", NULL }, { NULL, NULL } };
	AUTO_TEXT text = { 0 };
	AUTO_TEXT url = { 0 };
	struct endpoint p, again;

	text_add_bytes(&text, (const char *)data, size);
	if (endpoint_parse("X", text_peek(&text), &p, NULL))
		return 0;
	assert(p.path[0] == '/' && p.port > 0 && p.port < 65536 && p.host[0]);
	endpoint_url(&p, params, &url);
	/* what we send is read back as the same place */
	if (url.len < 512) {
		assert(endpoint_parse("X", text_peek(&url), &again, NULL) == MITOK_OK);
		assert(strcmp(again.host, p.host) == 0 && again.port == p.port);
		assert(strcmp(again.path, p.path) == 0 && again.https == p.https);
		assert(strstr(again.query, "resource=https%3A%2F%2Fa%2F"));
	}
	if (endpoint_trust("X", text_peek(&text), allow, &p, NULL) == MITOK_OK)
		assert((p.flags & HTTP_LOCAL) ||
			(p.https && strcmp(p.host, "allowed.example") == 0));
	return 0;
}
