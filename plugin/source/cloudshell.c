/* Azure Cloud Shell: tokens of the person who is signed in to the portal, from a POST (as
 * MSAL speaks to it).
 * SPDX-License-Identifier: MIT */
#include "source/exchange.h"

static const struct peer peer = {
	.source = "cloud-shell",
	.who = "Cloud Shell",
	.kind = PEER_AGENT,
	.assign = "sign in again in a new session",
	.assign_user = "use a machine that has the identity",
	.list = "Cloud Shell gives tokens of the person who is signed in, and no other",
	.mend = "the session's token agent does not answer: open a new session",
};

static const char *missing(const struct host *h)
{
	if (!h->env(h->self, "MSI_ENDPOINT"))
		return "MSI_ENDPOINT is not set";
	return h->env(h->self, "MSI_SECRET")
		? "MSI_SECRET is set: that is App Service or Azure Machine Learning"
		: NULL;
}

static void place(const struct host *h, struct text *ret)
{
	const char *endpoint = h->env(h->self, "MSI_ENDPOINT");

	text_add(ret, endpoint ? endpoint : "");
}

static enum mitok_code ask_agent(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	const struct endpoint_param form[] = { { "resource", ask->resource },
		{ NULL, NULL } };
	const struct endpoint_param none[] = { { NULL, NULL } };
	const char *endpoint = h->env(h->self, "MSI_ENDPOINT");
	AUTO_SECRET body = { 0 };
	AUTO_TEXT url = { 0 };
	struct endpoint at = { 0 };
	const struct call c = { h, &peer, ask };
	const char *param;
	enum mitok_code r;
	struct http_request rq = {
		.method = "POST",
		.headers = { { .name = "Metadata", .value = "true" },
			{ .name = "Content-Type",
				.value = "application/x-www-form-urlencoded" },
			{ .name = "Accept", .value = "application/json" } },
		.body = &body,
	};

	/* A person's token is no answer to a question for the machine's own identity. */
	if (ask->kind == IDENTITY_SYSTEM)
		return err_hint(e,
			err_set(e, MITOK_E_NOIDENTITY,
				"Cloud Shell has no system-assigned identity"),
			"%s", peer.list);
	r = peer_id_param(&peer, ask, &param, e);
	if (!r && !endpoint)
		r = err_set(e, MITOK_E_CONF, "MSI_ENDPOINT is not set");
	if (!r)
		r = endpoint_trust("MSI_ENDPOINT", endpoint, ask->allow_hosts, &at, e);
	if (r)
		return r;
	endpoint_url(&at, none, &url);
	if (!text_ok(&url) || !endpoint_form(form, &body))
		return err_memory(e);
	rq.url = text_peek(&url);
	rq.flags = at.flags;
	return exchange_grant(&c, &rq, ret, e);
}

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	return peer_named(&peer, ask_agent(h, ask, ret, e), e);
}

const struct source source_cloudshell = {
	.name = "cloud-shell",
	.about = "Azure Cloud Shell (MSI_ENDPOINT alone)",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
