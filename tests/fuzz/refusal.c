/* Fuzz: any answer but a token. The first two bytes choose status and peer, then come the
 * headers up to an empty line, then the body.
 * SPDX-License-Identifier: MIT */
#include "source/refusal.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum peer_kind kinds[] = { PEER_IMDS, PEER_AGENT, PEER_ENTRA,
		PEER_IMDS };
	struct peer peer = { .source = "s",
		.who = "w",
		.assign = "a",
		.assign_user = "u",
		.list = "l",
		.mend = "m" };
	const struct ask ask = { .resource = "r", .kind = IDENTITY_CLIENT_ID, .id = "i" };
	AUTO_REPLY r = { 0 };
	const uint8_t *body;
	struct mitok_err e;
	enum mitok_code code;

	if (size < 2)
		return 0;
	peer.kind = kinds[data[1] & 3];
	r.status = 200 + data[0] * 2;
	data += 2;
	size -= 2;
	body = memmem(data, size, "\n\n", 2);
	if (body) {
		text_add_bytes(&r.headers, (const char *)data, (size_t)(body + 1 - data));
		size -= (size_t)(body + 2 - data);
		data = body + 2;
	}
	if (!secret_add(&r.body, (const char *)data, size))
		return 0;
	code = refusal_explain(&r, &peer, &ask, 1727193299, &e);
	assert(code != MITOK_OK && e.code == code);
	assert(e.message[0] && !text_has_control(e.message) && !text_has_control(e.hint));
	assert(text_is_utf8(e.message, strlen(e.message)));
	assert(e.retry_after_s >= 0 && e.retry_after_s <= 3600);
	assert(e.aadsts >= 0 && e.http_status == r.status);
	assert(e.correlation_id[0] == '\0' || text_is_guid(e.correlation_id));
	return 0;
}
