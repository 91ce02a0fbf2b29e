/* App Service as it was before 2019: api-version 2017-09-01 (Microsoft Learn, "How to use
 * managed identities for App Service", older revisions).
 * SPDX-License-Identifier: MIT */
#include "source/agent.h"

static const struct agent agent = {
	.peer = {
		.source = "app-service-2017",
		.who = "the App Service identity endpoint (2017)",
		.kind = PEER_AGENT,
		.client_id = "clientid",
		.object_id = "principal_id",
		.resource_id = "mi_res_id",
		.assign = "az webapp identity assign -g RG -n APP (or az functionapp)",
		.assign_user = "az webapp identity assign -g RG -n APP --identities ID (or az "
			       "functionapp)",
		.list = "what is assigned: az webapp identity show -g RG -n APP",
		.mend = "the platform's identity agent does not answer: restart the app",
	},
	.endpoint = "MSI_ENDPOINT",
	.secret = "MSI_SECRET",
	.header = "secret",
	.api_version = "2017-09-01",
};

static const char *missing(const struct host *h)
{
	if (!h->env(h->self, "MSI_ENDPOINT"))
		return "MSI_ENDPOINT is not set";
	return h->env(h->self, "MSI_SECRET")
		? NULL
		: "MSI_ENDPOINT is set but MSI_SECRET is not";
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

const struct source source_appservice_2017 = {
	.name = "app-service-2017",
	.about = "App Service with the old interface (MSI_ENDPOINT and MSI_SECRET)",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
