/* Workload identity: the token exchange, the token proxy's variables, rotation.
 * SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <errno.h>

#include "script.h"

#define JWT  "eyJh." SPY_MARK ".sig"
#define JWT2 "eyJi." SPY_MARK ".sig"
#define FILE_1                     \
	{                          \
		"/token", JWT "\n" \
	}
#define ENV                                                                            \
	{ "AZURE_TENANT_ID", "tenant.example" }, { "AZURE_CLIENT_ID", SCRIPT_CLIENT }, \
	{                                                                              \
		"AZURE_FEDERATED_TOKEN_FILE", "/token"                                 \
	}
#define PROXY "AZURE_KUBERNETES_TOKEN_PROXY"
#define PEM   "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"
#define HEADERS \
	"\nContent-Type: application/x-www-form-urlencoded\nAccept: application/json\n"
#define BODY(jwt, id)                                                                   \
	"client_assertion=" jwt                                                         \
	"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A" \
	"jwt-bearer&client_id=" id "&grant_type=client_credentials"                     \
	"&scope=https%3A%2F%2Fvault.azure.net%2F.default"
#define GRANT                                                                     \
	"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599," \
	"\"access_token\":\"" SCRIPT_TOKEN "\"}"
#define ENTRA(n, text)                                                                 \
	"{\"error\":\"invalid_request\",\"error_description\":\"AADSTS" n ": " text    \
	"\\r\\nTrace ID: 11111111-0000-0000-0000-000000000000\\r\\nCorrelation ID: "   \
	"22222222-0000-0000-0000-000000000000\\r\\nTimestamp: 2022-10-27 23:39:22Z\"," \
	"\"error_codes\":[" n "],\"correlation_id\":"                                  \
	"\"22222222-0000-0000-0000-000000000000\"}"

static const char *const allowed[] = { "sts.internal", NULL };

static const struct script_row rows[] = {
	{ "the exchange", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 200, GRANT } },
		.wire = "POST "
			"https://login.microsoftonline.com/tenant.example/oauth2/v2.0/"
			"token" HEADERS "\n" BODY(JWT, SCRIPT_CLIENT) },
	{ "another client id", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 200, GRANT } },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_OTHER },
		.wire = "POST "
			"https://login.microsoftonline.com/tenant.example/oauth2/v2.0/"
			"token" HEADERS "\n" BODY(JWT, SCRIPT_OTHER) },
	{ "another cloud",
		.env = { ENV,
			{ "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us" } },
		.files = { FILE_1 }, .answers = { { 200, GRANT } },
		.wire = "POST "
			"https://login.microsoftonline.us/tenant.example/oauth2/v2.0/"
			"token" HEADERS "\n" BODY(JWT, SCRIPT_CLIENT) },
	{ "an authority that /etc allows",
		.env = { ENV, { "AZURE_AUTHORITY_HOST", "https://sts.internal/adfs/" } },
		.files = { FILE_1 }, .answers = { { 200, GRANT } },
		.ask = { .allow_hosts = allowed },
		.wire = "POST "
			"https://sts.internal/adfs/tenant.example/oauth2/v2.0/"
			"token" HEADERS "\n" BODY(JWT, SCRIPT_CLIENT) },
	{ "a foreign authority",
		.env = { ENV,
			{ "AZURE_AUTHORITY_HOST",
				"https://login.microsoftonline.com.evil.example/" } },
		.files = { FILE_1 }, .answers = { { 200, GRANT } }, .wire = "",
		.code = MITOK_E_CONF, .message = "AZURE_AUTHORITY_HOST points to",
		.hint = "allow_hosts" },
	{ "a plain authority",
		.env = { ENV, { "AZURE_AUTHORITY_HOST", "http://127.0.0.1/" } },
		.files = { FILE_1 }, .answers = { { 200, GRANT } }, .wire = "",
		.code = MITOK_E_CONF, .message = "must be https" },
	{ "a tenant that is a path",
		.env = { { "AZURE_TENANT_ID", "../x" }, { "AZURE_CLIENT_ID", "c" },
			{ "AZURE_FEDERATED_TOKEN_FILE", "/token" } },
		.files = { FILE_1 }, .answers = { { 200, GRANT } }, .wire = "",
		.code = MITOK_E_CONF, .message = "AZURE_TENANT_ID is neither" },
	{ "the pinned tenant", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 200, GRANT } }, .ask = { .tenant_id = "TENANT.example" },
		.requests = 1 },
	{ "another tenant than pinned", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 200, GRANT } }, .ask = { .tenant_id = "other.example" },
		.wire = "", .code = MITOK_E_DENIED,
		.message = "tenant 'other.example' is pinned, but AZURE_TENANT_ID is "
			   "'tenant.example'" },
	{ "system", .env = { ENV }, .files = { FILE_1 },
		.ask = { .kind = IDENTITY_SYSTEM }, .wire = "",
		.code = MITOK_E_NOIDENTITY, .message = "never system-assigned",
		.hint = "--source imds" },
	{ "object id", .env = { ENV }, .files = { FILE_1 },
		.ask = { .kind = IDENTITY_OBJECT_ID, .id = SCRIPT_OTHER }, .wire = "",
		.code = MITOK_E_NOIDENTITY, .message = "by object id",
		.hint = "client-id:GUID" },
	{ "incomplete", .env = { { "AZURE_FEDERATED_TOKEN_FILE", "/token" } }, .wire = "",
		.code = MITOK_E_CONF,
		.message = "AZURE_FEDERATED_TOKEN_FILE is set but AZURE_TENANT_ID is not",
		.hint = "azure.workload.identity/use" },
	{ "no client id anywhere",
		.env = { { "AZURE_FEDERATED_TOKEN_FILE", "/token" },
			{ "AZURE_TENANT_ID", "t" } },
		.wire = "", .code = MITOK_E_CONF,
		.message =
			"AZURE_FEDERATED_TOKEN_FILE is set but AZURE_CLIENT_ID is not" },

	/* the token file */
	{ "no file", .env = { ENV }, .wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_FEDERATED_TOKEN_FILE: cannot open '/token'" },
	{ "not ours to read", .env = { ENV }, .files = { { "/token", .error = EACCES } },
		.wire = "", .code = MITOK_E_CONF, .message = "Permission denied" },
	{ "empty", .env = { ENV }, .files = { { "/token", "\n" } }, .wire = "",
		.code = MITOK_E_LATER, .message = "is empty", .hint = "rotation" },
	{ "no JWT", .env = { ENV },
		.files = { { "/token", "root:" SPY_MARK ":1::::::\n" } }, .wire = "",
		.code = MITOK_E_CONF, .message = "holds no JWT" },
	{ "with a NUL", .env = { ENV }, .files = { { "/token", "a.b.c\0d", 7 } },
		.wire = "", .code = MITOK_E_CONF, .message = "holds no JWT" },
	{ "expired, then rotated", .env = { ENV },
		.files = { FILE_1, { "/token", JWT2 } },
		.answers = { { 401,
				     ENTRA("700024",
					     "Client assertion is not within its valid "
					     "time range.") },
			{ 200, GRANT } },
		.wire = "POST "
			"https://login.microsoftonline.com/tenant.example/oauth2/v2.0/"
			"token" HEADERS "\n" BODY(JWT,
				SCRIPT_CLIENT) "POST "
					       "https://login.microsoftonline.com/"
					       "tenant.example/oauth2/v2.0/token" HEADERS
					       "\n" BODY(JWT2, SCRIPT_CLIENT) },
	{ "expired twice", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 401,
			ENTRA("700024",
				"Client assertion is not within its valid time "
				"range.") } },
		.requests = 2, .code = MITOK_E_DENIED, .message = "AADSTS700024",
		.hint = "AZURE_FEDERATED_TOKEN_FILE" },

	/* Entra's refusals */
	{ "no federated credential", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 400,
			ENTRA("70021",
				"No matching federated identity record found. Subject: "
				"'system:serviceaccount:ns:sa'.") } },
		.requests = 1, .code = MITOK_E_DENIED,
		.message = "system:serviceaccount:ns:sa'.'",
		.hint = "federated-credential list" },
	{ "subject", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 400, ENTRA("700213", "x") } }, .requests = 1,
		.code = MITOK_E_DENIED, .hint = "not client id" },
	{ "unknown application", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 400, ENTRA("700016", "x") } }, .requests = 1,
		.code = MITOK_E_DENIED, .message = "not in this tenant" },
	{ "unknown number", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 400, ENTRA("123456", "Something new.") } }, .requests = 1,
		.code = MITOK_E_DENIED, .message = "Something new.",
		.hint = "code=123456" },
	{ "transient", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 503, ENTRA("90033", "x") }, { 200, GRANT } },
		.requests = 2 },
	{ "proxy login page", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 407, "<html>" } }, .requests = 1, .code = MITOK_E_REPLY,
		.hint = "HTTPS_PROXY" },
	{ "no DNS", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 0, .fault = HTTP_RESOLVE } }, .requests = 3,
		.code = MITOK_E_LATER, .message = "name cannot be resolved" },
	{ "TLS", .env = { ENV }, .files = { FILE_1 },
		.answers = { { 0, .fault = HTTP_TLS } }, .requests = 1,
		.code = MITOK_E_REPLY, .hint = "root certificate" },

	/* the token proxy of AKS identity bindings */
	{ "a proxy", .env = { ENV, { PROXY, "https://proxy:6443/a" } },
		.files = { FILE_1 }, .answers = { { 200, GRANT } },
		.wire = "POST "
			"https://proxy:6443/a/tenant.example/oauth2/v2.0/token" HEADERS
			"\n" BODY(JWT, SCRIPT_CLIENT) },
	{ "a proxy with slash, CA file and name",
		.env = { ENV, { PROXY, "https://10.0.0.1:6443/a/" },
			{ "AZURE_KUBERNETES_CA_FILE", "/ca" },
			{ "AZURE_KUBERNETES_SNI_NAME", "x.ests.aks" } },
		.files = { FILE_1, { "/ca", PEM "\n" } }, .answers = { { 200, GRANT } },
		.wire = "POST "
			"https://x.ests.aks/a/tenant.example/oauth2/v2.0/token" HEADERS
			"!connect 10.0.0.1:6443\n!ca " PEM
			"\n\n" BODY(JWT, SCRIPT_CLIENT) },
	{ "CA data",
		.env = { ENV, { PROXY, "https://proxy" },
			{ "AZURE_KUBERNETES_CA_DATA", PEM } },
		.files = { FILE_1 }, .answers = { { 200, GRANT } },
		.wire = "POST https://proxy/tenant.example/oauth2/v2.0/token" HEADERS
			"!ca " PEM "\n\n" BODY(JWT, SCRIPT_CLIENT) },
	{ "CA in rotation",
		.env = { ENV, { PROXY, "https://proxy" },
			{ "AZURE_KUBERNETES_CA_FILE", "/ca" } },
		.files = { FILE_1, { "/ca", "" } }, .wire = "", .code = MITOK_E_LATER,
		.message = "AZURE_KUBERNETES_CA_FILE: '/ca' is empty" },
	{ "CA that others write",
		.env = { ENV, { PROXY, "https://proxy" },
			{ "AZURE_KUBERNETES_CA_FILE", "/ca" } },
		.files = { FILE_1, { "/ca", PEM, .breaks = FILE_NO_WRITERS } },
		.wire = "", .code = MITOK_E_CONF },
	{ "no certificate",
		.env = { ENV, { PROXY, "https://proxy" },
			{ "AZURE_KUBERNETES_CA_DATA", "x" } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_KUBERNETES_CA_DATA has no certificate" },
	{ "two CAs",
		.env = { ENV, { PROXY, "https://proxy" },
			{ "AZURE_KUBERNETES_CA_FILE", "/ca" },
			{ "AZURE_KUBERNETES_CA_DATA", PEM } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "are both set" },
	{ "CA without proxy", .env = { ENV, { "AZURE_KUBERNETES_CA_FILE", "/ca" } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_KUBERNETES_CA_FILE is set but " PROXY " is not" },
	{ "name without proxy", .env = { ENV, { "AZURE_KUBERNETES_SNI_NAME", "x" } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_KUBERNETES_SNI_NAME is set but" },
	{ "plain proxy", .env = { ENV, { PROXY, "http://127.0.0.1" } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "must be https" },
	{ "proxy with user", .env = { ENV, { PROXY, "https://u@proxy" } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "user name" },
	{ "proxy with query", .env = { ENV, { PROXY, "https://proxy/?" } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "without a query" },
	{ "proxy with fragment", .env = { ENV, { PROXY, "https://proxy/#a" } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "fragment" },
	{ "name that is a URL",
		.env = { ENV, { PROXY, "https://proxy" },
			{ "AZURE_KUBERNETES_SNI_NAME", "x/y" } },
		.files = { FILE_1 }, .wire = "", .code = MITOK_E_CONF,
		.message = "is no host name" },
};

static const struct script_presence present[] = {
	{ "all three", .env = { ENV } },
	{ "nothing", .want = "AZURE_FEDERATED_TOKEN_FILE is not set" },
	{ "a pod that is not set up to the end",
		.env = { { "AZURE_FEDERATED_TOKEN_FILE", "/t" } } },
	{ "an empty one",
		.env = { { "AZURE_FEDERATED_TOKEN_FILE", "" }, { "AZURE_TENANT_ID", "t" },
			{ "AZURE_CLIENT_ID", "c" } },
		.want = "AZURE_FEDERATED_TOKEN_FILE is not set" },
	{ "a service principal's variables",
		.env = { { "AZURE_TENANT_ID", "t" }, { "AZURE_CLIENT_ID", "c" } },
		.want = "not set" },
	{ "proxy alone", .env = { { PROXY, "https://p" } }, .want = PROXY " is set but" },
};

static void exchanges(void)
{
	script_run(&source_workload, rows, COUNT(rows));
}

static void presence(void)
{
	script_present(&source_workload, present, COUNT(present));
}

static const struct test tests[] = {
	{ "requests, refusals and rotation are as documented", exchanges },
	{ "presence is told by the variables, and what lacks is named", presence },
};
TEST_MAIN(tests)
