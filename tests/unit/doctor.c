/* What the doctor concludes: what SDKs would pick, what NO_PROXY has, where the way to a token
 * ended. SPDX-License-Identifier: MIT */
#include "../../helper/doctor/doctor.h"

#include <string.h>

#include "../../helper/doctor/no-proxy.h"
#include "../../helper/doctor/sdk.h"
#include "test.h"

/* A machine: "NAME=value" in an array that NULL ends. */
static const char *env(const void *arg, const char *name)
{
	const char *const *at = arg;
	size_t len = strlen(name);

	for (; *at; at++)
		if (strncmp(*at, name, len) == 0 && (*at)[len] == '=')
			return *at + len + 1;
	return NULL;
}

#define GO      (1u << SDK_GO)
#define PYTHON  (1u << SDK_PYTHON)
#define NET     (1u << SDK_NET)
#define JS      (1u << SDK_JS)
#define CPP     (1u << SDK_CPP)
#define ALL     (GO | PYTHON | NET | JS | CPP)

#define IDS     "AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t"
#define MANAGED "ManagedIdentityCredential"

/* The environment, and what these SDKs pick. */
static const struct {
	const char *what;
	const char *env[8];
	bool himds;
	unsigned sdks;
	const char *credential, *source, *client_id;
	bool fails;
} pick_rows[] = {
	{ "nothing", { NULL }, false, ALL, MANAGED, "imds", NULL, false },
	{ "an Arc server", { NULL }, true, GO | NET | JS, MANAGED, "arc", NULL, false },
	{ "an Arc server", { NULL }, true, PYTHON | CPP, MANAGED, "imds", NULL, false },
	{ "a stale secret", { IDS, "AZURE_CLIENT_SECRET=s" }, false, ALL,
		"EnvironmentCredential", "environment", NULL, false },
	{ "a certificate", { IDS, "AZURE_CLIENT_CERTIFICATE_PATH=/c" }, false, ALL,
		"EnvironmentCredential", "environment", NULL, false },
	{ "a password", { IDS, "AZURE_USERNAME=u", "AZURE_PASSWORD=p" }, false, ALL,
		"EnvironmentCredential", "environment", NULL, false },
	{ "a user without password", { IDS, "AZURE_USERNAME=u" }, false, ALL & ~CPP,
		MANAGED, "imds", "c", false },
	{ "a secret without tenant", { "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=s" },
		false, ALL & ~CPP, MANAGED, "imds", "c", false },
	{ "a secret that is empty", { IDS, "AZURE_CLIENT_SECRET=" }, false, ALL & ~CPP,
		MANAGED, "imds", "c", false },
	{ "a stale client id", { "AZURE_CLIENT_ID=c" }, false, ALL & ~CPP, MANAGED,
		"imds", "c", false },
	{ "which C++ does not read", { "AZURE_CLIENT_ID=c" }, false, CPP, MANAGED, "imds",
		NULL, false },
	{ "an empty client id", { "AZURE_CLIENT_ID=" }, false, GO, NULL, NULL, NULL,
		true },
	{ "an empty client id", { "AZURE_CLIENT_ID=" }, false, ALL & ~GO, MANAGED, "imds",
		NULL, false },
	{ "a tenant alone", { "AZURE_TENANT_ID=t" }, false, ALL, MANAGED, "imds", NULL,
		false },
	{ "a pod", { IDS, "AZURE_FEDERATED_TOKEN_FILE=/f" }, false, ALL,
		"WorkloadIdentityCredential", "workload", NULL, false },
	{ "a pod with a secret",
		{ IDS, "AZURE_FEDERATED_TOKEN_FILE=/f", "AZURE_CLIENT_SECRET=s" }, false,
		ALL, "EnvironmentCredential", "environment", NULL, false },
	{ "a pod without client id",
		{ "AZURE_TENANT_ID=t", "AZURE_FEDERATED_TOKEN_FILE=/f" }, false, ALL,
		MANAGED, "imds", NULL, false },
	{ "App Service", { "IDENTITY_ENDPOINT=e", "IDENTITY_HEADER=h" }, false, ALL,
		MANAGED, "app-service", NULL, false },
	{ "App Service with both pairs",
		{ "IDENTITY_ENDPOINT=e", "IDENTITY_HEADER=h", "MSI_ENDPOINT=m",
			"MSI_SECRET=s" },
		false, ALL, MANAGED, "app-service", NULL, false },
	{ "Service Fabric",
		{ "IDENTITY_ENDPOINT=e", "IDENTITY_HEADER=h",
			"IDENTITY_SERVER_THUMBPRINT=t" },
		false, ALL & ~CPP, MANAGED, "service-fabric", NULL, false },
	{ "Service Fabric",
		{ "IDENTITY_ENDPOINT=e", "IDENTITY_HEADER=h",
			"IDENTITY_SERVER_THUMBPRINT=t" },
		false, CPP, MANAGED, "app-service", NULL, false },
	{ "Arc's variables", { "IDENTITY_ENDPOINT=e", "IMDS_ENDPOINT=i" }, false, ALL,
		MANAGED, "arc", NULL, false },
	{ "an endpoint alone", { "IDENTITY_ENDPOINT=e" }, false, ALL & ~PYTHON, MANAGED,
		"imds", NULL, false },
	{ "an endpoint alone", { "IDENTITY_ENDPOINT=e" }, false, PYTHON, MANAGED, NULL,
		NULL, false },
	{ "the old extension", { "MSI_ENDPOINT=m" }, false, ALL, MANAGED, "cloud-shell",
		NULL, false },
	{ "Machine Learning", { "MSI_ENDPOINT=m", "MSI_SECRET=s" }, false,
		GO | NET | PYTHON, MANAGED, "azure-ml", NULL, false },
	{ "Machine Learning", { "MSI_ENDPOINT=m", "MSI_SECRET=s" }, false, CPP, MANAGED,
		"app-service-2017", NULL, false },
	{ "Machine Learning", { "MSI_ENDPOINT=m", "MSI_SECRET=s" }, false, JS, MANAGED,
		"cloud-shell", NULL, false },
	{ "Arc before Cloud Shell",
		{ "IDENTITY_ENDPOINT=e", "IMDS_ENDPOINT=i", "MSI_ENDPOINT=m" }, false,
		PYTHON, MANAGED, "arc", NULL, false },
	{ "Cloud Shell before Arc",
		{ "IDENTITY_ENDPOINT=e", "IMDS_ENDPOINT=i", "MSI_ENDPOINT=m" }, false,
		ALL & ~PYTHON, MANAGED, "cloud-shell", NULL, false },
	{ "an empty endpoint", { "MSI_ENDPOINT=" }, false, JS, MANAGED, "cloud-shell",
		NULL, false },
	{ "an empty endpoint", { "MSI_ENDPOINT=" }, false, ALL & ~JS, MANAGED, "imds",
		NULL, false },
	{ "prod", { "AZURE_TOKEN_CREDENTIALS=prod" }, false, ALL, MANAGED, "imds", NULL,
		false },
	{ "PROD", { "AZURE_TOKEN_CREDENTIALS=PROD" }, false, GO, NULL, NULL, NULL, true },
	{ "PROD", { "AZURE_TOKEN_CREDENTIALS=PROD" }, false, ALL & ~GO, MANAGED, "imds",
		NULL, false },
	{ "dev", { "AZURE_TOKEN_CREDENTIALS=dev" }, false, ALL, "a developer's tool",
		NULL, NULL, false },
	{ "one of them", { "AZURE_TOKEN_CREDENTIALS=azureclicredential" }, false, ALL,
		"AzureCliCredential", "azure-cli", NULL, false },
	{ "managed identity beside a secret",
		{ IDS, "AZURE_CLIENT_SECRET=s",
			"AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential" },
		false, ALL & ~CPP, MANAGED, "imds", "c", false },
	{ "managed identity in a pod",
		{ IDS, "AZURE_FEDERATED_TOKEN_FILE=/f",
			"AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential" },
		false, PYTHON, MANAGED, "workload", "c", false },
	{ "the environment without variables",
		{ "AZURE_TOKEN_CREDENTIALS=EnvironmentCredential" }, false, ALL, NULL,
		NULL, NULL, true },
	{ "nonsense", { "AZURE_TOKEN_CREDENTIALS=x" }, false, ALL, NULL, NULL, NULL,
		true },
	{ "an empty choice", { "AZURE_TOKEN_CREDENTIALS=" }, false, GO, NULL, NULL, NULL,
		true },
	{ "an empty choice", { "AZURE_TOKEN_CREDENTIALS=" }, false, ALL & ~GO, MANAGED,
		"imds", NULL, false },
};

static void picks(void)
{
	for (size_t i = 0; i < COUNT(pick_rows); i++)
		for (int sdk = 0; sdk < SDK_COUNT; sdk++) {
			const struct sdk_world w = { env, pick_rows[i].env,
				pick_rows[i].himds };
			struct sdk_pick p;

			if (!(pick_rows[i].sdks >> sdk & 1))
				continue;
			sdk_pick((enum sdk)sdk, &w, &p);
			CHECK_ROW(pick_rows[i].what, !!p.error == pick_rows[i].fails);
			CHECK_TEXT(p.credential ? p.credential : "",
				pick_rows[i].credential ? pick_rows[i].credential : "");
			CHECK_TEXT(p.source ? p.source : "",
				pick_rows[i].source ? pick_rows[i].source : "");
			CHECK_TEXT(p.client_id ? p.client_id : "",
				pick_rows[i].client_id ? pick_rows[i].client_id : "");
		}
}

static void proxies(void)
{
	static const struct {
		const char *list;
		bool has;
	} rows[] = {
		{ NULL, false },
		{ "", false },
		{ "*", true },
		{ "169.254.169.254", true },
		{ "localhost,169.254.169.254", true },
		{ "localhost, 169.254.169.254 ,x", true },
		{ "localhost 169.254.169.254", true },
		{ "169.254.169.254:80", true },
		{ "169.254.169.254:8080", false },
		{ "169.254.169.25", false },
		{ "1169.254.169.254", false },
		{ "169.254.0.0/16", true },
		{ "169.254.169.254/32", true },
		{ "169.254.169.253/32", false },
		{ "169.254.169.252/30", true },
		{ "0.0.0.0/0", true },
		{ "10.0.0.0/8", false },
		{ "169.254.0.0/33", false },
		{ "169.254.0.0/", false },
		{ "169.254.169.254.example", false },
		{ ",,,", false },
		{ "/16", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].list ? rows[i].list : "(none)",
			no_proxy_has(rows[i].list, "169.254.169.254") == rows[i].has);
}

static void stages(void)
{
	static const struct {
		const char *what, *source;
		enum mitok_code code;
		int status, aadsts;
		bool is_azure;
		enum stage want;
	} rows[] = {
		{ "no route", "imds", MITOK_E_NOIDENTITY, 0, 0, false, STAGE_CONNECTION },
		{ "may not connect", "imds", MITOK_E_DENIED, 0, 0, false,
			STAGE_CONNECTION },
		{ "refused", "imds", MITOK_E_LATER, 0, 0, false, STAGE_CONNECTION },
		{ "an endpoint elsewhere", "arc", MITOK_E_CONF, 0, 0, false,
			STAGE_CONNECTION },
		{ "no HTTP", "imds", MITOK_E_REPLY, 0, 0, false, STAGE_SERVICE },
		{ "a page", "imds", MITOK_E_REPLY, 200, 0, false, STAGE_SERVICE },
		{ "a redirect", "imds", MITOK_E_REPLY, 302, 0, false, STAGE_SERVICE },
		{ "throttled", "imds", MITOK_E_LATER, 429, 0, true, STAGE_SERVICE },
		{ "updating", "imds", MITOK_E_LATER, 410, 0, false, STAGE_SERVICE },
		{ "the agent's refusal", "imds", MITOK_E_DENIED, 403, 0, false,
			STAGE_SERVICE },
		{ "a refusal of the token alone", "imds", MITOK_E_DENIED, 403, 0, true,
			STAGE_TOKEN },
		{ "Docker's proxy", "imds", MITOK_E_NOIDENTITY, 403, 0, false,
			STAGE_SERVICE },
		{ "not attached", "imds", MITOK_E_NOIDENTITY, 400, 0, true,
			STAGE_IDENTITY },
		{ "Arc's key", "arc", MITOK_E_DENIED, 401, 0, false, STAGE_KEY },
		{ "App Service's secret", "app-service", MITOK_E_DENIED, 401, 0, false,
			STAGE_SERVICE },
		{ "another identity", "imds", MITOK_E_DENIED, 200, 0, true, STAGE_PINS },
		{ "unknown resource", "imds", MITOK_E_DENIED, 400, 500011, true,
			STAGE_TOKEN },
		{ "Entra is busy", "workload", MITOK_E_LATER, 503, 0, false,
			STAGE_SERVICE },
		{ "Entra's number beats all", "workload", MITOK_E_LATER, 400, 90033,
			false, STAGE_TOKEN },
		{ "denied by the service", "imds", MITOK_E_DENIED, 400, 0, true,
			STAGE_TOKEN },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { .code = rows[i].code,
			.http_status = rows[i].status,
			.aadsts = rows[i].aadsts };

		CHECK(TEXT_COPY(e.source, rows[i].source));
		CHECK_ROW(rows[i].what, stage_of(&e, rows[i].is_azure) == rows[i].want);
	}
}

static const struct test tests[] = {
	{ "each SDK picks what its sources say", picks },
	{ "NO_PROXY has the address as programs read it", proxies },
	{ "each failure belongs to one rung", stages },
};
TEST_MAIN(tests)
