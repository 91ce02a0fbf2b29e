/* What DefaultAzureCredential of Microsoft's SDKs would pick, by the environment (Microsoft
 * Learn, "Credential chains in the Azure Identity library" for each language, and what their
 * sources do). SPDX-License-Identifier: MIT */
#include "sdk.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

const char *const sdk_names[SDK_COUNT] = {
	[SDK_GO] = "Go",
	[SDK_PYTHON] = "Python",
	[SDK_NET] = ".NET",
	[SDK_JS] = "JavaScript",
	[SDK_CPP] = "C++",
};

/* Bits for rows. */
enum {
	GO = 1 << SDK_GO,
	PYTHON = 1 << SDK_PYTHON,
	NET = 1 << SDK_NET,
	JS = 1 << SDK_JS,
	CPP = 1 << SDK_CPP,
	ALL = GO | PYTHON | NET | JS | CPP,
};

/* What makes a credential of the chain available, in the order of the chain; a credential
 * has several rows. */
static const struct {
	const char *credential, *variables[5], *because;
	const char *source; /* as in struct sdk_pick; the last one asks sources[] */
} chain[] = {
	{ "EnvironmentCredential",
		{ "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET" },
		"AZURE_CLIENT_SECRET with AZURE_CLIENT_ID and AZURE_TENANT_ID",
		"environment" },
	{ "EnvironmentCredential",
		{ "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_CERTIFICATE_PATH" },
		"AZURE_CLIENT_CERTIFICATE_PATH with AZURE_CLIENT_ID and "
		"AZURE_TENANT_ID",
		"environment" },
	{ "EnvironmentCredential",
		{ "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_USERNAME",
			"AZURE_PASSWORD" },
		"AZURE_USERNAME and AZURE_PASSWORD with AZURE_CLIENT_ID and "
		"AZURE_TENANT_ID",
		"environment" },
	{ "WorkloadIdentityCredential",
		{ "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE" },
		"AZURE_FEDERATED_TOKEN_FILE with AZURE_CLIENT_ID and AZURE_TENANT_ID",
		"workload" },
	{ "ManagedIdentityCredential", { NULL }, "", NULL },
};
#define CHAIN (sizeof(chain) / sizeof(*chain))

/* Whom ManagedIdentityCredential asks: the first row of the SDK whose variables are set. */
static const struct {
	const char *source; /* NULL: nobody */
	unsigned sdks;
	const char *variables[4], *because;
	bool needs_himds;
} sources[] = {
	{ "service-fabric", ALL & ~CPP,
		{ "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT" },
		"IDENTITY_ENDPOINT with IDENTITY_SERVER_THUMBPRINT", false },
	{ "app-service", ALL, { "IDENTITY_ENDPOINT", "IDENTITY_HEADER" },
		"IDENTITY_ENDPOINT with IDENTITY_HEADER", false },
	{ "arc", PYTHON, { "IDENTITY_ENDPOINT", "IMDS_ENDPOINT" },
		"IDENTITY_ENDPOINT with IMDS_ENDPOINT", false },
	{ NULL, PYTHON, { "IDENTITY_ENDPOINT" },
		"IDENTITY_ENDPOINT alone, which it takes for no platform", false },
	{ "azure-ml", GO | NET | PYTHON, { "MSI_ENDPOINT", "MSI_SECRET" },
		"MSI_ENDPOINT with MSI_SECRET", false },
	{ "app-service-2017", CPP, { "MSI_ENDPOINT", "MSI_SECRET" },
		"MSI_ENDPOINT with MSI_SECRET", false },
	{ "cloud-shell", ALL, { "MSI_ENDPOINT" }, "MSI_ENDPOINT", false },
	{ "arc", ALL, { "IDENTITY_ENDPOINT", "IMDS_ENDPOINT" },
		"IDENTITY_ENDPOINT with IMDS_ENDPOINT", false },
	{ "arc", GO | NET | JS, { NULL }, "/opt/azcmagent/bin/himds", true },
	/* reached where AZURE_TOKEN_CREDENTIALS names ManagedIdentityCredential */
	{ "workload", PYTHON,
		{ "AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_ID", "AZURE_TENANT_ID" },
		"AZURE_FEDERATED_TOKEN_FILE with AZURE_CLIENT_ID and AZURE_TENANT_ID",
		false },
	{ "imds", ALL, { NULL }, "", false },
};

/* Other credentials that AZURE_TOKEN_CREDENTIALS may name. */
static const char *const developers[] = {
	"AzureCliCredential",
	"AzureDeveloperCliCredential",
	"AzurePowerShellCredential",
	"VisualStudioCredential",
	"VisualStudioCodeCredential",
	"SharedTokenCacheCredential",
	"InteractiveBrowserCredential",
	"BrokerCredential",
};

static bool has(const struct sdk_world *w, const char *name)
{
	const char *value = w->env(w->arg, name);

	return value && *value;
}

/* JavaScript's tests whether a variable is there at all. */
static bool has_endpoint(enum sdk sdk, const struct sdk_world *w, const char *name)
{
	return sdk == SDK_JS ? w->env(w->arg, name) != NULL : has(w, name);
}

static void pick_source(enum sdk sdk, const struct sdk_world *w, struct sdk_pick *ret)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		bool fits = sources[i].sdks >> sdk & 1 &&
			(!sources[i].needs_himds || w->has_himds);

		for (size_t n = 0; fits && sources[i].variables[n]; n++)
			fits = has_endpoint(sdk, w, sources[i].variables[n]);
		if (!fits)
			continue;
		ret->source = sources[i].source;
		ret->because = sources[i].because;
		return;
	}
}

static void pick_managed(enum sdk sdk, const struct sdk_world *w, struct sdk_pick *ret)
{
	const char *id = w->env(w->arg, "AZURE_CLIENT_ID");

	ret->credential = "ManagedIdentityCredential";
	pick_source(sdk, w, ret);
	if (sdk == SDK_CPP || !id)
		return;
	if (*id)
		ret->client_id = id;
	else if (sdk == SDK_GO)
		*ret = (struct sdk_pick){
			.because = "AZURE_CLIENT_ID",
			.error = "AZURE_CLIENT_ID is set and empty",
		};
}

static const char *find_developer(const char *name)
{
	for (size_t i = 0; i < sizeof(developers) / sizeof(*developers); i++)
		if (text_equal_nocase(developers[i], name))
			return developers[i];
	return NULL;
}

/* What AZURE_TOKEN_CREDENTIALS makes of the chain: *ret_only is the one credential that it
 * leaves, or NULL. false: *ret is the answer already. */
static bool read_limit(enum sdk sdk, const struct sdk_world *w, const char **ret_only,
	struct sdk_pick *ret)
{
	static const char name[] = "AZURE_TOKEN_CREDENTIALS";
	const char *value = w->env(w->arg, name);
	bool is_exact = sdk == SDK_GO; /* about the two short words */

	if (!value || (!*value && sdk != SDK_GO))
		return true;
	ret->because = name;
	if (is_exact ? strcmp(value, "prod") == 0 : text_equal_nocase(value, "prod"))
		return true;
	if (is_exact ? strcmp(value, "dev") == 0 : text_equal_nocase(value, "dev")) {
		ret->credential = "a developer's tool";
		return false;
	}
	for (size_t i = 0; i < CHAIN; i++)
		if (text_equal_nocase(chain[i].credential, value)) {
			*ret_only = chain[i].credential;
			return true;
		}
	ret->credential = find_developer(value);
	if (ret->credential == developers[0])
		ret->source = "azure-cli";
	if (!ret->credential)
		ret->error = "AZURE_TOKEN_CREDENTIALS names no credential";
	return false;
}

void sdk_pick(enum sdk sdk, const struct sdk_world *w, struct sdk_pick *ret)
{
	const char *only = NULL;

	*ret = (struct sdk_pick){ .because = "" };
	if (!read_limit(sdk, w, &only, ret))
		return;
	for (size_t i = 0; i < CHAIN; i++) {
		bool fits = !only || strcmp(chain[i].credential, only) == 0;

		for (size_t n = 0; fits && chain[i].variables[n]; n++)
			fits = has(w, chain[i].variables[n]);
		if (!fits)
			continue;
		ret->credential = chain[i].credential;
		ret->because = chain[i].because;
		ret->source = chain[i].source;
		if (i == CHAIN - 1)
			pick_managed(sdk, w, ret);
		return;
	}
	ret->error =
		"the credential that AZURE_TOKEN_CREDENTIALS names lacks its variables";
}
