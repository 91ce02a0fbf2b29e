/* What all sources share: from the request that differs to the token or the reason.
 * SPDX-License-Identifier: MIT */
#include "source/exchange.h"

#include <string.h>

#include "source/refusal.h"
#include "source/reply.h"
#include "source/retry.h"

enum mitok_code exchange_url(const struct call *c, const struct endpoint *at,
	const char *api_version, struct text *ret, struct mitok_err *e)
{
	/* All names stand here, so that none of them can come from the endpoint's own
	 * query and select another identity. */
	struct endpoint_param params[] = {
		{ "api-version", api_version },
		{ "resource", c->ask->resource },
		{ NULL, NULL },
		{ "client_id", NULL },
		{ "clientid", NULL },
		{ "object_id", NULL },
		{ "principal_id", NULL },
		{ "principalId", NULL },
		{ "msi_res_id", NULL },
		{ "mi_res_id", NULL },
		{ NULL, NULL },
	};
	const char *id_param;
	enum mitok_code r = peer_id_param(c->peer, c->ask, &id_param, e);

	if (r)
		return r;
	params[2].name = id_param ? id_param : "client_id";
	params[2].value = id_param ? c->ask->id : NULL;
	endpoint_url(at, params, ret);
	return text_ok(ret) ? MITOK_OK : err_memory(e);
}

enum mitok_code exchange_secret(
	const struct host *h, const char *name, struct secret *ret, struct mitok_err *e)
{
	const char *value = h->env(h->self, name);

	if (!value)
		return err_set(e, MITOK_E_CONF, "%s is not set", name);
	if (text_has_control(value))
		return err_set(e, MITOK_E_CONF, "%s has a control character in it", name);
	return secret_add_text(ret, value) ? MITOK_OK : err_memory(e);
}

static enum mitok_code check_client(
	const struct call *c, const struct grant *g, struct mitok_err *e)
{
	const struct ask *ask = c->ask;

	if (ask->kind != IDENTITY_CLIENT_ID || !g->client_id[0] ||
		text_equal_nocase(g->client_id, ask->id))
		return MITOK_OK;
	return err_hint(e,
		err_set(e, MITOK_E_DENIED,
			"%s: a token of client id '%s' came instead of '%s'",
			c->peer->who, g->client_id, ask->id),
		"the identity that was asked for may not be assigned: %s; %s",
		c->peer->assign_user, c->peer->list);
}

enum mitok_code exchange_read(const struct call *c, const struct http_reply *r,
	struct grant *ret, struct mitok_err *e)
{
	int64_t now_s = c->h->now(c->h->self).real_s;
	AUTO_GRANT g = { 0 };
	enum mitok_code code;

	if (r->status != 200)
		return refusal_explain(r, c->peer, c->ask, now_s, e);
	code = reply_grant(r, c->ask->resource, now_s, &g, e);
	if (code) {
		code = err_within(e, code, "%s", c->peer->who);
		if (e)
			e->http_status = r->status;
		return err_hint(e, code,
			"another program or device may answer in its place; -v tells "
			"more");
	}
	code = check_client(c, &g, e);
	if (code)
		return code;
	*ret = g;
	g = (struct grant){ 0 };
	return MITOK_OK;
}

enum mitok_code exchange_grant(const struct call *c, struct http_request *rq,
	struct grant *ret, struct mitok_err *e)
{
	AUTO_REPLY reply = { 0 };
	enum mitok_code r = retry_exchange(c, rq, &reply, e);

	return r ? r : exchange_read(c, &reply, ret, e);
}
