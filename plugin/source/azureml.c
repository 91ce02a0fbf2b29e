/* Azure Machine Learning computes and endpoints: App Service's interface of 2017, but
 * with a client id always (as MSAL speaks to it). SPDX-License-Identifier: MIT */
#include "source/agent.h"

#define DEFAULT_ID "DEFAULT_IDENTITY_CLIENT_ID"

static const struct agent agent = {
	.peer = {
		.source = "azure-ml",
		.who = "the Azure Machine Learning identity endpoint",
		.kind = PEER_AGENT,
		.client_id = "clientid",
		.assign = "az ml compute update -n COMPUTE -g RG -w WORKSPACE --identity-type "
			  "SystemAssigned",
		.assign_user = "az ml compute update -n COMPUTE -g RG -w WORKSPACE "
			       "--identity-type UserAssigned --user-assigned-identities ID",
		.list = "what is assigned: az ml compute show -n COMPUTE -g RG -w WORKSPACE",
		.mend = "the compute's identity agent does not answer: restart the compute",
	},
	.endpoint = "MSI_ENDPOINT",
	.secret = "MSI_SECRET",
	.header = "secret",
	.api_version = "2017-09-01",
};

/* App Service sets the same two variables; these tell that it is Azure Machine Learning.
 */
static bool has_evidence(const struct host *h)
{
	static const char *const names[] = { DEFAULT_ID, "AZUREML_RUN_ID",
		"AZUREML_ARM_WORKSPACE_NAME", "AZUREML_MODEL_DIR" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (h->env(h->self, names[i]))
			return true;
	return false;
}

static const char *missing(const struct host *h)
{
	if (!h->env(h->self, "MSI_ENDPOINT"))
		return "MSI_ENDPOINT is not set";
	if (!h->env(h->self, "MSI_SECRET"))
		return "MSI_ENDPOINT is set but MSI_SECRET is not";
	return has_evidence(h) ? NULL
			       : "neither " DEFAULT_ID
				 " nor a variable AZUREML_... is set";
}

static void place(const struct host *h, struct text *ret)
{
	const char *id = h->env(h->self, DEFAULT_ID);

	agent_place(h, &agent, ret);
	text_add(ret, id ? id : "");
}

/* The compute's own identity, whether system- or user-assigned, goes by the client id in
 * the environment. */
static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	const char *id = h->env(h->self, DEFAULT_ID);
	struct ask own = *ask;

	if (id && (ask->kind == IDENTITY_DEFAULT || ask->kind == IDENTITY_SYSTEM)) {
		own.kind = IDENTITY_CLIENT_ID;
		own.id = id;
	}
	return agent_fetch(h, &agent, &own, ret, e);
}

const struct source source_azureml = {
	.name = "azure-ml",
	.about = "Azure Machine Learning (MSI_ENDPOINT and " DEFAULT_ID ")",
	.missing = missing,
	.place = place,
	.fetch = fetch,
};
