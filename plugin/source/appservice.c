/* App Service, Functions, Logic Apps and Container Apps, api-version 2019-08-01
 * (Microsoft Learn, "How to use managed identities for App Service", REST endpoint
 * reference). SPDX-License-Identifier: MIT */
#include "source/agent.h"

/* Documented as principal_id; object_id is an alias that some hosts do not know. */
static const struct agent agent = {
	.peer = {
		.source = "app-service",
		.who = "the App Service identity endpoint",
		.kind = PEER_AGENT,
		.client_id = "client_id",
		.object_id = "principal_id",
		.resource_id = "mi_res_id",
		.assign = "az webapp identity assign -g RG -n APP (or az functionapp), az "
			  "containerapp identity assign -g RG -n APP --system-assigned",
		.assign_user = "az webapp identity assign -g RG -n APP --identities ID (or az "
			       "functionapp), az containerapp identity assign -g RG -n APP "
			       "--user-assigned ID",
		.list = "what is assigned: az webapp identity show -g RG -n APP",
		.mend = "the platform's identity agent does not answer: restart the app; in a "
			"container app an identity may be limited to one lifecycle",
	},
	.endpoint = "IDENTITY_ENDPOINT",
	.secret = "IDENTITY_HEADER",
	.header = "X-IDENTITY-HEADER",
	.api_version = "2019-08-01",
};

static const char *missing(const struct host *h)
{
	if (!h->env(h->self, "IDENTITY_ENDPOINT"))
		return "IDENTITY_ENDPOINT is not set";
	return h->env(h->self, "IDENTITY_HEADER")
		? NULL
		: "IDENTITY_ENDPOINT is set but IDENTITY_HEADER is not";
}

static void place(const struct host *h, struct text *ret)
{
	agent_place(h, &agent, ret);
}

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	return agent_fetch(h, &agent, ask, ret, e);
}

const struct source source_appservice = {
	.name = "app-service",
	.about = "App Service, Functions, Logic Apps, Container Apps (IDENTITY_ENDPOINT)",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
