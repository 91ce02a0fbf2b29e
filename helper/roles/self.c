/* Who asks: the identity that a token for Azure Resource Manager is for, and its machine.
 * SPDX-License-Identifier: MIT */
#include "self.h"

#include <string.h>

#include "../process.h"

#define MACHINE_MS 2000

static void take(
	const struct mitok_token *t, enum mitok_text which, char *ret, size_t size)
{
	(void)!text_copy(ret, size, mitok_token_text(t, which));
}

#define TAKE(which, member) take(t, which, ret->member, sizeof(ret->member))

enum mitok_code self_read(const struct client *c, struct self *ret, struct mitok_err *e)
{
	const struct mitok_request rq = {
		.size = sizeof(rq),
		.target = "arm",
		.identity = c->identity,
		.source = c->source,
		.timeout_ms = (long)c->timeout_ms,
	};
	AUTO_TOKEN t = NULL;
	enum mitok_code r = mitok_get(c->m, &rq, &t, e);

	if (r)
		return r;
	*ret = (struct self){ 0 };
	TAKE(MITOK_TEXT_OBJECT_ID, object_id);
	TAKE(MITOK_TEXT_CLIENT_ID, client_id);
	TAKE(MITOK_TEXT_TENANT_ID, tenant_id);
	TAKE(MITOK_TEXT_RESOURCE_ID, resource_id);
	TAKE(MITOK_TEXT_SOURCE, source);
	if (strcmp(ret->source, "imds") == 0)
		(void)!machine_read(c->log, MACHINE_MS, &ret->machine, &ret->machine_err);
	if (text_is_guid(ret->object_id))
		return MITOK_OK;
	return err_set(e, MITOK_E_REPLY, "the token names no object id");
}
