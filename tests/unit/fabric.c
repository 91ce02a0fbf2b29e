/* Service Fabric: https known by its thumbprint.
 * SPDX-License-Identifier: MIT */
#include "source/agent.h"

#include "script.h"

#define SHA1 "00112233445566778899aabbccddeeff00112233"
#define BASE                                                               \
	{ "IDENTITY_ENDPOINT",                                             \
		"https://localhost:2377/metadata/identity/oauth2/token" }, \
	{                                                                  \
		"IDENTITY_HEADER", SPY_MARK "-header"                      \
	}
#define PRINT                                                                         \
	{                                                                             \
		"IDENTITY_SERVER_THUMBPRINT",                                         \
			"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33" \
	}
#define URL                                                                  \
	"https://localhost:2377/metadata/identity/oauth2/token?api-version=" \
	"2019-07-01-preview&resource=https%3A%2F%2Fvault.azure.net"
#define REST                  \
	"\nSecret: " SPY_MARK \
	"-header\nAccept: application/json\n!local\n!thumbprint " SHA1 "\n\n"
#define ERROR(code, text)                                                         \
	"{\"error\":{\"correlationId\":\"7f30f4d3-0f3a-41e0-a417-527f21b3848f\"," \
	"\"code\":\"" code "\",\"message\":\"" text "\"}}"

static const char *const allowed[] = { "10.0.0.4", NULL };

static const struct script_row rows[] = {
	{ "a number as date", .env = { BASE, PRINT },
		.answers = { { 200,
			"{\"token_type\":\"Bearer\",\"access_token\":\"" SCRIPT_TOKEN
			"\",\"expires_on\":1727279999,\"resource\":\"https://"
			"vault.azure.net/\"}" } },
		.wire = "GET " URL REST },
	{ "object id", .env = { BASE, PRINT }, .answers = { { 200, SCRIPT_GRANT } },
		.ask = { .kind = IDENTITY_OBJECT_ID, .id = SCRIPT_OTHER },
		.wire = "GET " URL "&principalId=" SCRIPT_OTHER REST },
	{ "client id", .env = { BASE, PRINT },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_OTHER }, .wire = "",
		.code = MITOK_E_NOIDENTITY, .message = "by client id" },
	{ "plain http",
		.env = { { "IDENTITY_ENDPOINT", "http://localhost:2377/" },
			{ "IDENTITY_HEADER", "h" }, PRINT },
		.wire = "", .code = MITOK_E_CONF, .message = "must be https" },
	{ "a node's address that /etc allows",
		.env = { { "IDENTITY_ENDPOINT", "https://10.0.0.4:2377/x" },
			{ "IDENTITY_HEADER", "h" }, PRINT },
		.ask = { .allow_hosts = allowed }, .answers = { { 200, SCRIPT_GRANT } },
		.requests = 1 },
	{ "a node's address",
		.env = { { "IDENTITY_ENDPOINT", "https://10.0.0.4:2377/x" },
			{ "IDENTITY_HEADER", "h" }, PRINT },
		.wire = "", .code = MITOK_E_CONF, .hint = "endpoints.allow_hosts" },
	{ "a bad thumbprint", .env = { BASE, { "IDENTITY_SERVER_THUMBPRINT", "abc" } },
		.wire = "", .code = MITOK_E_CONF,
		.message = "IDENTITY_SERVER_THUMBPRINT is no SHA-1" },
	{ "another certificate", .env = { BASE, PRINT },
		.answers = { { 0, .fault = HTTP_TLS } }, .requests = 1,
		.code = MITOK_E_REPLY, .hint = "IDENTITY_SERVER_THUMBPRINT" },
	{ "no identity", .env = { BASE, PRINT },
		.answers = { { 404, ERROR("ManagedIdentityNotFound", "x") } },
		.requests = 1, .code = MITOK_E_NOIDENTITY, .hint = "ARM template" },
	{ "secret", .env = { BASE, PRINT },
		.answers = { { 400,
			ERROR("SecretHeaderNotFound",
				"Secret is not found in the request headers.") } },
		.requests = 1, .code = MITOK_E_DENIED,
		.message = "IDENTITY_HEADER was not accepted" },
	{ "version", .env = { BASE, PRINT },
		.answers = { { 400, ERROR("InvalidApiVersion", "x") } }, .requests = 1,
		.code = MITOK_E_REPLY },
	{ "argument", .env = { BASE, PRINT },
		.answers = { { 400, ERROR("ArgumentNullOrEmpty", "x") } }, .requests = 1,
		.code = MITOK_E_DENIED, .message = "'x'" },
	{ "inside", .env = { BASE, PRINT },
		.answers = { { 500, ERROR("InternalServerError", "x") } }, .requests = 4,
		.code = MITOK_E_LATER },
	{ "throttled", .env = { BASE, PRINT },
		.answers = { { 429, "" }, { 200, SCRIPT_GRANT } }, .requests = 2 },
};

static const struct script_presence present[] = {
	{ "all three", .env = { BASE, PRINT } },
	{ "App Service", .env = { BASE },
		.want = "IDENTITY_SERVER_THUMBPRINT is not set" },
	{ "no endpoint", .env = { PRINT }, .want = "IDENTITY_ENDPOINT is not" },
	{ "no header", .env = { { "IDENTITY_ENDPOINT", "x" }, PRINT },
		.want = "IDENTITY_HEADER is not" },
};

static const struct {
	const char *text;
	const char *want;
} prints[] = {
	{ SHA1, SHA1 },
	{ "00112233445566778899AABBCCDDEEFF00112233", SHA1 },
	{ "00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF 00 11 22 33", SHA1 },
	{ " 00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33", SHA1 },
	{ "", NULL },
	{ "0011", NULL },
	{ SHA1 "0", NULL },
	{ "g0112233445566778899aabbccddeeff00112233", NULL },
	{ "00112233445566778899aabbccddeeff0011223\n3", NULL },
};

static void requests(void)
{
	script_run(&source_fabric, rows, COUNT(rows));
}

static void presence(void)
{
	script_present(&source_fabric, present, COUNT(present));
}

static void thumbprints(void)
{
	for (size_t i = 0; i < COUNT(prints); i++) {
		char got[41] = "";

		CHECK_ROW(prints[i].text,
			(agent_thumbprint("X", prints[i].text, got, NULL) == MITOK_OK) ==
				(prints[i].want != NULL));
		CHECK_TEXT(got, prints[i].want ? prints[i].want : "");
	}
}

static const struct test tests[] = {
	{ "requests and answers are as documented", requests },
	{ "presence needs all three variables", presence },
	{ "thumbprints are 40 hexadecimal digits, however they are written",
		thumbprints },
};
TEST_MAIN(tests)
