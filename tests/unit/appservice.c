/* App Service with its interface of 2019 and that of 2017.
 * SPDX-License-Identifier: MIT */
#include "script.h"

#define REST \
	"\nX-IDENTITY-HEADER: " SPY_MARK "-header\nAccept: application/json\n!local\n\n"
#define OLD      "\nsecret: " SPY_MARK "-secret\nAccept: application/json\n!local\n\n"
#define TAIL     "api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net"
#define TAIL_OLD "api-version=2017-09-01&resource=https%3A%2F%2Fvault.azure.net"
#define ENV(url)                                              \
	{                                                     \
		{ "IDENTITY_ENDPOINT", url },                 \
		{                                             \
			"IDENTITY_HEADER", SPY_MARK "-header" \
		}                                             \
	}
#define ENV_OLD                                                          \
	{                                                                \
		{ "MSI_ENDPOINT", "http://127.0.0.1:41741/MSI/token/" }, \
		{                                                        \
			"MSI_SECRET", SPY_MARK "-secret"                 \
		}                                                        \
	}
#define NEW "http://127.0.0.1:41013/msi/token"
#define USER(k, i)                     \
	{                              \
		.kind = (k), .id = (i) \
	}
#define GRANT                                                                   \
	"{\"access_token\":\"" SCRIPT_TOKEN "\",\"expires_on\":\"1727279999\"," \
	"\"resource\":\"https://vault.azure.net\",\"token_type\":\"Bearer\","   \
	"\"client_id\":\"5E29463D-71DA-4FE0-8E69-999B57DB23B0\"}"
#define ERROR(status, text)                                                      \
	"{\"statusCode\":" status ",\"message\":\"" text "\",\"correlationId\":" \
	"\"b6c2d4e0-0000-0000-0000-000000000000\"}"

static const char *const allowed[] = { "identity.internal", NULL };

static const struct script_row rows[] = {
	{ "no identity named", .env = ENV(NEW), .answers = { { 200, GRANT } },
		.wire = "GET " NEW "?" TAIL REST },
	{ "system", .env = ENV(NEW), .answers = { { 200, GRANT } },
		.ask = { .kind = IDENTITY_SYSTEM }, .wire = "GET " NEW "?" TAIL REST },
	{ "slash and query", .env = ENV("http://127.0.0.1:41013/msi/token/?x=1"),
		.answers = { { 200, GRANT } },
		.wire = "GET http://127.0.0.1:41013/msi/token/?x=1&" TAIL REST },
	{ "a query that has our names",
		.env = ENV("http://127.0.0.1:41013/msi/"
			   "token?resource=evil&API-version=1&client%5fid=e&y"),
		.answers = { { 200, GRANT } },
		.wire = "GET http://127.0.0.1:41013/msi/token?y&" TAIL REST },
	{ "client id in capitals", .env = ENV(NEW), .answers = { { 200, GRANT } },
		.ask = USER(IDENTITY_CLIENT_ID, "5e29463d-71da-4fe0-8e69-999b57db23b0"),
		.wire = "GET " NEW "?" TAIL
			"&client_id=5e29463d-71da-4fe0-8e69-999b57db23b0" REST },
	{ "object id", .env = ENV(NEW), .answers = { { 200, GRANT } },
		.ask = USER(IDENTITY_OBJECT_ID, SCRIPT_OTHER),
		.wire = "GET " NEW "?" TAIL "&principal_id=" SCRIPT_OTHER REST },
	{ "resource id", .env = ENV(NEW), .answers = { { 200, GRANT } },
		.ask = USER(IDENTITY_RESOURCE_ID, SCRIPT_ARM),
		.wire = "GET " NEW "?" TAIL "&mi_res_id=" SCRIPT_ARM_CODED REST },
	{ "a host that /etc allows", .env = ENV("https://identity.internal/msi"),
		.answers = { { 200, GRANT } }, .ask = { .allow_hosts = allowed },
		.requests = 1 },
	{ "another host", .env = ENV("http://evil.example/msi/token"),
		.answers = { { 200, GRANT } }, .wire = "", .code = MITOK_E_CONF,
		.message = "evil.example" },
	{ "a decimal address", .env = ENV("http://2852039166/msi/token"),
		.answers = { { 200, GRANT } }, .wire = "", .code = MITOK_E_CONF },
	{ "a user in front", .env = ENV("http://127.0.0.1:80@evil.example/"),
		.answers = { { 200, GRANT } }, .wire = "", .code = MITOK_E_CONF,
		.message = "user name" },
	{ "a backslash", .env = ENV("http://127.0.0.1\\@evil.example/"),
		.answers = { { 200, GRANT } }, .wire = "", .code = MITOK_E_CONF },
	{ "a header with a line end",
		.env = { { "IDENTITY_ENDPOINT", NEW },
			{ "IDENTITY_HEADER", "a\r\nb: c" } },
		.answers = { { 200, GRANT } }, .wire = "", .code = MITOK_E_CONF,
		.message = "IDENTITY_HEADER has a control character" },
	{ "no such identity", .env = ENV(NEW),
		.answers = { { 400,
			ERROR("400",
				"No User Assigned or Delegated Managed Identity found "
				"for specified ClientId/ResourceId/PrincipalId.") } },
		.requests = 1, .ask = USER(IDENTITY_CLIENT_ID, SCRIPT_OTHER),
		.code = MITOK_E_NOIDENTITY,
		.message = "client id '" SCRIPT_OTHER "' is not assigned",
		.hint = "az webapp identity assign -g RG -n APP --identities ID" },
	{ "no identity at all", .env = ENV(NEW),
		.answers = { { 400,
			ERROR("400",
				"No MSI found for specified ClientId/ResourceId.") } },
		.requests = 1, .code = MITOK_E_NOIDENTITY,
		.hint = "assign one: az webapp" },
	{ "vague failure", .env = ENV(NEW),
		.answers = { { 500, ERROR("500", "An unexpected error occurred") } },
		.requests = 4, .code = MITOK_E_LATER,
		.hint = "a resource that Entra does not know" },
	{ "secret refused", .env = ENV(NEW), .answers = { { 401, "" } }, .requests = 1,
		.code = MITOK_E_DENIED, .hint = "current environment" },
	{ "not found is no passing condition here", .env = ENV(NEW),
		.answers = { { 404, "" } }, .requests = 1, .code = MITOK_E_DENIED },
};

static const struct script_row old[] = {
	{ "no identity named", .env = ENV_OLD,
		.answers = { { 200,
			"{\"access_token\":\"" SCRIPT_TOKEN
			"\",\"expires_on\":\"9/25/2024 5:24:12 AM "
			"+00:00\",\"token_type\":\"Bearer\"}" } },
		.wire = "GET http://127.0.0.1:41741/MSI/token/?" TAIL_OLD OLD },
	{ "client id", .env = ENV_OLD, .answers = { { 200, SCRIPT_GRANT } },
		.ask = USER(IDENTITY_CLIENT_ID, SCRIPT_CLIENT),
		.wire = "GET http://127.0.0.1:41741/MSI/token/?" TAIL_OLD
			"&clientid=" SCRIPT_CLIENT OLD },
	{ "object id", .env = ENV_OLD, .answers = { { 200, SCRIPT_GRANT } },
		.ask = USER(IDENTITY_OBJECT_ID, SCRIPT_OTHER),
		.wire = "GET http://127.0.0.1:41741/MSI/token/?" TAIL_OLD
			"&principal_id=" SCRIPT_OTHER OLD },
	{ "resource id", .env = ENV_OLD, .answers = { { 200, SCRIPT_GRANT } },
		.ask = USER(IDENTITY_RESOURCE_ID, SCRIPT_ARM),
		.wire = "GET http://127.0.0.1:41741/MSI/token/?" TAIL_OLD
			"&mi_res_id=" SCRIPT_ARM_CODED OLD },
};

static const struct script_presence present[] = {
	{ "both", .env = ENV(NEW) },
	{ "endpoint alone", .env = { { "IDENTITY_ENDPOINT", NEW } },
		.want = "IDENTITY_HEADER is not" },
	{ "an empty header",
		.env = { { "IDENTITY_ENDPOINT", NEW }, { "IDENTITY_HEADER", "" } },
		.want = "IDENTITY_HEADER is not" },
	{ "nothing", .want = "IDENTITY_ENDPOINT is not set" },
};
static const struct script_presence old_present[] = {
	{ "both", .env = ENV_OLD },
	{ "endpoint alone", .env = { { "MSI_ENDPOINT", NEW } },
		.want = "MSI_SECRET is not" },
	{ "nothing", .want = "MSI_ENDPOINT is not set" },
};

static void requests(void)
{
	script_run(&source_appservice, rows, COUNT(rows));
}

static void old_requests(void)
{
	script_run(&source_appservice_2017, old, COUNT(old));
}

static void presence(void)
{
	script_present(&source_appservice, present, COUNT(present));
	script_present(&source_appservice_2017, old_present, COUNT(old_present));
}

static void places(void)
{
	static const struct script_env env[] = { { "IDENTITY_ENDPOINT", NEW },
		{ "IDENTITY_HEADER", SPY_MARK }, { 0 } };
	static struct script s;
	struct host h = script_host(&s);

	for (const struct source *const *at = sources; *at; at++) {
		AUTO_TEXT place = { 0 };

		script_start(&s, env, NULL, NULL);
		(*at)->place(&h, &place);
		CHECK_ROW((*at)->name, !strstr(text_peek(&place), SPY_MARK));
	}
}

static const struct test tests[] = {
	{ "requests of 2019 and answers are as documented", requests },
	{ "requests of 2017 are as documented", old_requests },
	{ "presence is told by the variables", presence },
	{ "no place in a cache key has a secret in it", places },
};
TEST_MAIN(tests)
