/* Fuzz: the body of a token answer.
 * SPDX-License-Identifier: MIT */
#include "source/reply.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "client_id", "object_id", NULL };
	const int64_t now_s = 1727193299;
	AUTO_REPLY r = { .status = 200 };
	AUTO_GRANT g = { 0 };
	struct mitok_err e = { 0 };
	char *room = secret_room(&r.body, size);

	if (!room)
		return 0;
	if (size)
		memcpy(room, data, size);
	secret_grow(&r.body, size);
	text_add(&r.headers, "Date: Tue, 24 Sep 2024 15:54:59 GMT\n");
	if (reply_grant(&r, "https://vault.azure.net", now_s, &g, &e) == MITOK_OK) {
		assert(g.token.len > 0 && g.token.len <= REPLY_TOKEN_MAX);
		assert(strlen(secret_peek(&g.token)) == g.token.len);
		assert(g.expires_s > now_s && g.expires_s <= CLOCK_MAX_S);
		assert(g.refresh_s == 0 ||
			(g.refresh_s > now_s && g.refresh_s < g.expires_s));
		assert(strcmp(g.type, "Bearer") == 0);
		assert(g.client_id[0] == '\0' || text_is_guid(g.client_id));
	} else {
		assert(!g.token.p && e.message[0] && !text_has_control(e.message));
	}
	(void)!reply_echoes(&r, names, "11111111-2222-3333-4444-555555555555");
	return 0;
}
