/* The VM's metadata service: requests byte for byte, and each documented answer.
 * SPDX-License-Identifier: MIT */
#include "source/imds.h"

#include <errno.h>

#include "script.h"

#define TOKEN_URL                                                                       \
	"http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&" \
	"resource=https%3A%2F%2Fvault.azure.net"
#define REST     "\nMetadata: true\n!local\n\n"
#define ERROR(t) "{\"error\":\"invalid_request\",\"error_description\":\"" t "\"}"
#define USER(k, i)                     \
	{                              \
		.kind = (k), .id = (i) \
	}

static const char *const allowed[] = { "imds.internal", NULL };

static const struct script_row requests[] = {
	{ "no identity named", .answers = { { 200, SCRIPT_GRANT } },
		.wire = "GET " TOKEN_URL REST },
	{ "system", .answers = { { 200, SCRIPT_GRANT } },
		.ask = { .kind = IDENTITY_SYSTEM }, .wire = "GET " TOKEN_URL REST },
	{ "client id", .answers = { { 200, SCRIPT_GRANT } },
		.ask = USER(IDENTITY_CLIENT_ID, SCRIPT_CLIENT),
		.wire = "GET " TOKEN_URL "&client_id=" SCRIPT_CLIENT REST },
	{ "object id", .answers = { { 200, SCRIPT_GRANT } },
		.ask = USER(IDENTITY_OBJECT_ID, SCRIPT_OTHER),
		.wire = "GET " TOKEN_URL "&object_id=" SCRIPT_OTHER REST },
	{ "resource id", .answers = { { 200, SCRIPT_GRANT } },
		.ask = USER(IDENTITY_RESOURCE_ID, SCRIPT_ARM),
		.wire = "GET " TOKEN_URL "&msi_res_id=" SCRIPT_ARM_CODED REST },
	{ "shell characters",
		.answers = { { 200,
			"{\"access_token\":\"" SCRIPT_TOKEN "\",\"expires_in\":60}" } },
		.ask = { .resource = "-;$()|&\n" },
		.wire = "GET "
			"http://169.254.169.254/metadata/identity/oauth2/"
			"token?api-version=2018-02-01&resource=-%3B%24%28%29%7C%26%"
			"0A" REST },
	{ "AZURE_CLIENT_ID is not for us", .env = { { "AZURE_CLIENT_ID", SCRIPT_OTHER } },
		.answers = { { 200, SCRIPT_GRANT } }, .wire = "GET " TOKEN_URL REST },
	{ "another authority",
		.env = { { "AZURE_POD_IDENTITY_AUTHORITY_HOST",
			"http://127.0.0.1:8000/x/?client_id=evil" } },
		.answers = { { 200, SCRIPT_GRANT } },
		.wire = "GET "
			"http://127.0.0.1:8000/metadata/identity/oauth2/"
			"token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure."
			"net" REST },
	{ "an authority that /etc allows",
		.env = { { "AZURE_POD_IDENTITY_AUTHORITY_HOST",
			"https://imds.internal" } },
		.answers = { { 200, SCRIPT_GRANT } }, .ask = { .allow_hosts = allowed },
		.wire = "GET "
			"https://imds.internal/metadata/identity/oauth2/"
			"token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure."
			"net\nMetadata: true\n\n" },
	{ "an authority that it does not",
		.env = { { "AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://evil.example" } },
		.answers = { { 200, SCRIPT_GRANT } }, .wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_POD_IDENTITY_AUTHORITY_HOST would send a secret to "
			   "'evil.example'" },
	{ "allowed by name, but plain http",
		.env = { { "AZURE_POD_IDENTITY_AUTHORITY_HOST",
			"http://imds.internal" } },
		.ask = { .allow_hosts = allowed }, .answers = { { 200, SCRIPT_GRANT } },
		.wire = "", .code = MITOK_E_CONF },
	{ "another client id than asked for", .answers = { { 200, SCRIPT_GRANT } },
		.ask = USER(IDENTITY_CLIENT_ID, SCRIPT_OTHER), .requests = 1,
		.code = MITOK_E_DENIED,
		.message = "a token of client id '" SCRIPT_CLIENT
			   "' came instead of '" SCRIPT_OTHER "'" },
};

static const struct script_row refusals[] = {
	{ "not assigned", .answers = { { 400, ERROR("Identity not found") } },
		.requests = 1, .code = MITOK_E_NOIDENTITY,
		.message = "the VM's metadata service: a managed identity is not "
			   "assigned to this machine (HTTP 400): 'Identity not found'",
		.hint = "az vm identity assign --resource-group RG --name VM" },
	{ "user-assigned not assigned",
		.answers = { { 400, ERROR("Identity not found") } }, .requests = 1,
		.ask = USER(IDENTITY_CLIENT_ID, SCRIPT_OTHER), .code = MITOK_E_NOIDENTITY,
		.message = "client id '" SCRIPT_OTHER "' is not assigned",
		.hint = "--identities ID" },
	{ "system not assigned", .answers = { { 400, ERROR("Identity not found") } },
		.requests = 1, .ask = { .kind = IDENTITY_SYSTEM },
		.code = MITOK_E_NOIDENTITY,
		.message = "the system-assigned identity is not assigned" },
	{ "pretty-printed",
		.answers = { { 400,
			"{\r\n  \"error\": \"invalid_request\",\r\n  "
			"\"error_description\": \"Identity not found\"\r\n}\r\n" } },
		.requests = 1, .code = MITOK_E_NOIDENTITY,
		.message = "Identity not found" },
	{ "several",
		.answers = { { 400,
			ERROR("Multiple user assigned identities exist, please specify "
			      "the clientId / resourceId of the identity in the token "
			      "request") } },
		.requests = 1, .code = MITOK_E_NOIDENTITY,
		.message = "several user-assigned identities",
		.hint = "--query userAssignedIdentities" },
	{ "several, how to name one",
		.answers = { { 400, ERROR("Multiple user assigned identities exist") } },
		.requests = 1, .code = MITOK_E_NOIDENTITY,
		.hint = "--identity client-id:GUID" },
	{ "header missing",
		.answers = { { 400, ERROR("Required metadata header not specified") } },
		.requests = 1, .code = MITOK_E_REPLY,
		.message = "'Metadata: true' did not arrive" },
	{ "header missing, other spelling",
		.answers = { { 400,
			"{\"error\":\"bad_request_102\",\"error_description\":\"Required "
			"metadata header not specified\"}" } },
		.requests = 1, .code = MITOK_E_REPLY,
		.message = "'Metadata: true' did not arrive" },
	{ "wrong resource",
		.answers = { { 400,
			"{\"error\":\"invalid_resource\",\"error_description\":"
			"\"AADSTS500011: The resource principal named https://foo was "
			"not found in the tenant named T. This can happen if it was not "
			"installed. Trace ID: "
			"11111111-2222-3333-4444-555555555555 Correlation ID: "
			"22222222-2222-3333-4444-555555555555 Timestamp: 2024-04-24 "
			"17:54:15Z\",\"error_codes\":[500011]}" } },
		.requests = 1, .code = MITOK_E_DENIED,
		.message = "the resource is not known in this tenant (AADSTS500011): "
			   "'The resource principal named https://foo was not found in "
			   "the tenant named T.'",
		.hint = "slashes included" },
	{ "wrong resource, no number",
		.answers = { { 400,
			"{\"error\":\"invalid_resource\",\"error_description\":"
			"\"no\"}" } },
		.requests = 1, .code = MITOK_E_DENIED,
		.message = "resource is not known" },
	{ "api-version",
		.answers = { { 400,
			"{\"error\":\"Bad request. api-version is invalid or was not "
			"specified in the request. For more information refer to "
			"aka.ms/"
			"azureimds\",\"newest-versions\":[\"2025-04-07\",\"2024-07-17\","
			"\"2024-03-15\"]}" } },
		.requests = 1, .code = MITOK_E_REPLY,
		.message = "does not know our api-version" },
	{ "unknown source",
		.answers = { { 401,
			"{\"error\":\"unknown_source\",\"error_description\":\"Unknown "
			"Source http://x\"}" } },
		.requests = 1, .code = MITOK_E_REPLY,
		.message = "does not serve this address" },
	{ "not enabled", .answers = { { 401, "{\"error\":\"unauthorized_client\"}" } },
		.requests = 1, .code = MITOK_E_NOIDENTITY, .message = "not enabled" },
	{ "access denied", .answers = { { 400, "{\"error\":\"access_denied\"}" } },
		.requests = 1, .code = MITOK_E_DENIED },
	{ "response type",
		.answers = { { 400, "{\"error\":\"unsupported_response_type\"}" } },
		.requests = 1, .code = MITOK_E_DENIED },
	{ "scope", .answers = { { 400, "{\"error\":\"invalid_scope\"}" } }, .requests = 1,
		.code = MITOK_E_DENIED },
	{ "Docker Desktop",
		.answers = { { 403,
			"connecting to 169.254.169.254:80: dial tcp: connectex: A socket "
			"operation was attempted to an unreachable network." } },
		.requests = 1, .code = MITOK_E_NOIDENTITY, .message = "Docker Desktop" },
	{ "Guest Proxy Agent", .answers = { { 403, "" } }, .requests = 1,
		.code = MITOK_E_DENIED,
		.message = "Guest Proxy Agent (Metadata Security Protocol) refused",
		.hint = "allow list" },
	{ "Guest Proxy Agent, unknown connection", .answers = { { 421, "" } },
		.requests = 2, .code = MITOK_E_LATER, .message = "Guest Proxy Agent" },
	{ "Guest Proxy Agent, inside", .answers = { { 502, "" } }, .requests = 2,
		.code = MITOK_E_LATER, .message = "Guest Proxy Agent" },
	{ "Guest Proxy Agent, once only",
		.answers = { { 421, "" }, { 200, SCRIPT_GRANT } }, .requests = 2 },
	{ "unknown path", .answers = { { 404, "{\"error\":\"Not Found\"}" } },
		.requests = 4, .code = MITOK_E_LATER, .message = "not found" },
	{ "another cloud's 404", .answers = { { 404, "<html>404</html>" } },
		.requests = 4, .code = MITOK_E_REPLY,
		.message = "not Azure's metadata service" },
	{ "method", .answers = { { 405, "" } }, .requests = 1, .code = MITOK_E_REPLY },
	{ "Entra not reachable",
		.answers = { { 500,
			"{\"error\":\"unknown\",\"error_description\":\"Failed to "
			"retrieve token from the Active directory. For details see logs "
			"in C:\\\\x\"}" } },
		.requests = 4, .code = MITOK_E_LATER,
		.message = "the host cannot reach Entra" },
	{ "a proxy's page", .answers = { { 504, "<html>gateway</html>" } }, .requests = 2,
		.code = MITOK_E_REPLY, .hint = "exclude the address from proxying" },
	{ "a redirect", .answers = { { 302, "", "Location: http://evil.example/\n" } },
		.requests = 1, .code = MITOK_E_REPLY, .message = "a redirect" },
	{ "a login page", .answers = { { 200, "<html>Please sign in</html>" } },
		.requests = 1, .code = MITOK_E_REPLY,
		.message = "the VM's metadata service" },
	{ "a sidecar's plain text",
		.answers = { { 400,
			"The client_id parameter or AZURE_CLIENT_ID environment variable "
			"must be set\n" } },
		.requests = 1, .code = MITOK_E_CONF, .message = "needs a client id" },
	{ "no content", .answers = { { 204, "" } }, .requests = 1,
		.code = MITOK_E_REPLY },
	{ "an error that quotes the token",
		.answers = { { 400,
			"{\"error\":\"x\",\"error_description\":\"bad eyJ" SPY_MARK
			"\"}" } },
		.requests = 1, .code = MITOK_E_DENIED, .message = "'bad '" },
};

static void requests_are_exact(void)
{
	script_run(&source_imds, requests, COUNT(requests));
}

static void answers_are_explained(void)
{
	script_run(&source_imds, refusals, COUNT(refusals));
}

static void cloud(void)
{
	static const struct {
		struct script_answer answers[2];
		const char *want;
		enum mitok_code code;
	} rows[] = {
		{ { { 200, "AzurePublicCloud" } }, "AzurePublicCloud", MITOK_OK },
		{ { { 200, "AZUREPUBLICCLOUD" } }, "AZUREPUBLICCLOUD", MITOK_OK },
		{ { { 200, "" } }, "", MITOK_E_REPLY },
		{ { { 200, "<html>" } }, "", MITOK_E_REPLY },
		{ { { 403, "" } }, "", MITOK_E_DENIED },
		{ { { 0, .fault = HTTP_CONNECT, .sys_errno = ENETUNREACH } }, "",
			MITOK_E_NOIDENTITY },
	};
	const struct ask ask = { .deadline_ms = SCRIPT_START_MS + 5000 };
	static struct script s;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[32] = "";
		struct host h = script_host(&s);
		struct mitok_err e;

		script_start(&s, NULL, NULL, rows[i].answers);
		CHECK(imds_cloud(&h, &ask, name, sizeof(name), &e) == rows[i].code);
		CHECK_TEXT(name, rows[i].want);
		CHECK_TEXT(s.wire,
			"GET "
			"http://169.254.169.254/metadata/instance/compute/azEnvironment"
			"?api-version=2021-02-01&format=text\nMetadata: "
			"true\n!local\n\n");
	}
}

static void presence(void)
{
	static const struct script_presence rows[] = { { "always", .want = NULL } };
	static const struct script_env env[] = {
		{ "AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1" }, { 0 }
	};
	static struct script s;
	struct host h = script_host(&s);
	AUTO_TEXT a = { 0 };
	AUTO_TEXT b = { 0 };

	script_present(&source_imds, rows, COUNT(rows));
	script_start(&s, NULL, NULL, NULL);
	source_imds.place(&h, &a);
	script_start(&s, env, NULL, NULL);
	source_imds.place(&h, &b);
	CHECK(strcmp(text_peek(&a), text_peek(&b)) != 0);
}

static const struct test tests[] = {
	{ "requests are byte for byte what the service documents", requests_are_exact },
	{ "each documented answer has its code, sentence and cure",
		answers_are_explained },
	{ "the cloud is asked for and checked", cloud },
	{ "it is never missing, and its place tells endpoints apart", presence },
};
TEST_MAIN(tests)
