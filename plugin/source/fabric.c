/* Service Fabric: a self-signed https endpoint that is known by its certificate's SHA-1
 * (Microsoft Learn, "How to leverage a Service Fabric application's managed identity").
 * SPDX-License-Identifier: MIT */
#include "source/agent.h"

#define THUMBPRINT "IDENTITY_SERVER_THUMBPRINT"

static const struct agent agent = {
	.peer = {
		.source = "service-fabric",
		.who = "Service Fabric's identity endpoint",
		.kind = PEER_AGENT,
		.object_id = "principalId",
		.assign = "give the application a managed identity in its ARM template",
		.assign_user = "give the application this identity in its ARM template",
		.list = "the application's template maps its services to identities",
		.mend = "look at the cluster's Managed Identity Token Service",
	},
	.endpoint = "IDENTITY_ENDPOINT",
	.secret = "IDENTITY_HEADER",
	.header = "Secret",
	.api_version = "2019-07-01-preview",
	.thumbprint = THUMBPRINT,
};

static const char *missing(const struct host *h)
{
	if (!h->env(h->self, THUMBPRINT))
		return THUMBPRINT " is not set";
	if (!h->env(h->self, "IDENTITY_ENDPOINT"))
		return THUMBPRINT " is set but IDENTITY_ENDPOINT is not";
	return h->env(h->self, "IDENTITY_HEADER") ? NULL
						  : THUMBPRINT
		" is set but IDENTITY_HEADER is not";
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

const struct source source_fabric = {
	.name = "service-fabric",
	.about = "Service Fabric application (" THUMBPRINT ")",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
