/* Who is asked for a token: how sentences call it, and whose rules it follows.
 * SPDX-License-Identifier: MIT */
#include "source/peer.h"

#include <stdio.h>

static const char *kind_word(enum identity_kind kind)
{
	switch (kind) {
	case IDENTITY_CLIENT_ID:
		return "client id";
	case IDENTITY_OBJECT_ID:
		return "object id";
	case IDENTITY_RESOURCE_ID:
		return "resource id";
	case IDENTITY_SYSTEM:
		return "the system-assigned identity";
	case IDENTITY_DEFAULT:
		break;
	}
	return "a managed identity";
}

void peer_identity(const struct ask *ask, char *ret, size_t size)
{
	if (ask->id)
		(void)snprintf(ret, size, "%s '%s'", kind_word(ask->kind), ask->id);
	else
		(void)snprintf(ret, size, "%s", kind_word(ask->kind));
}

static const char *param_of(const struct peer *p, enum identity_kind kind)
{
	return kind == IDENTITY_CLIENT_ID      ? p->client_id
		: kind == IDENTITY_OBJECT_ID   ? p->object_id
		: kind == IDENTITY_RESOURCE_ID ? p->resource_id
					       : NULL;
}

enum mitok_code peer_id_param(const struct peer *p, const struct ask *ask,
	const char **ret, struct mitok_err *e)
{
	const char *name = param_of(p, ask->kind);
	enum mitok_code r;

	if (ask->kind != IDENTITY_DEFAULT && ask->kind != IDENTITY_SYSTEM && !name) {
		r = err_set(e, MITOK_E_NOIDENTITY, "%s cannot select an identity by %s",
			p->who, kind_word(ask->kind));
		if (p->client_id)
			return err_hint(e, r,
				"name it by its client id (client-id:GUID); %s", p->list);
		return err_hint(
			e, r, "name no identity here: there is one only; %s", p->list);
	}
	*ret = name;
	return MITOK_OK;
}

enum mitok_code peer_named(const struct peer *p, enum mitok_code r, struct mitok_err *e)
{
	if (r && e)
		(void)snprintf(e->source, sizeof(e->source), "%s", p->source);
	return r;
}
