/* The environment's service principal: requests, which variables count, refusals.
 * SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <errno.h>

#include "script.h"

#define IDS                                      \
	{ "AZURE_TENANT_ID", "tenant.example" }, \
	{                                        \
		"AZURE_CLIENT_ID", SCRIPT_CLIENT \
	}
#define SECRET                                           \
	IDS,                                             \
	{                                                \
		"AZURE_CLIENT_SECRET", "s~" SPY_MARK "&" \
	}
#define CERTIFICATE                                       \
	IDS,                                              \
	{                                                 \
		"AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem" \
	}
#define KEY "key " SPY_MARK
#define URL "https://login.microsoftonline.com/tenant.example/oauth2/v2.0/token"
#define POST(url)                                                                 \
	"POST " url "\nContent-Type: application/x-www-form-urlencoded\nAccept: " \
	"application/json\n\n"
#define BY_SECRET                                                               \
	"client_id=" SCRIPT_CLIENT "&client_secret=s~" SPY_MARK                 \
	"%26&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net" \
	"%2F.default"
#define BY_CERTIFICATE                                                          \
	"client_assertion=" SCRIPT_ASSERTION                                    \
	"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion" \
	"-type%3Ajwt-bearer&client_id=" SCRIPT_CLIENT                           \
	"&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net"    \
	"%2F.default"
#define SIGN "sign " SCRIPT_CLIENT " for " URL " at 0"
#define GRANT                                                                     \
	"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599," \
	"\"access_token\":\"" SCRIPT_TOKEN "\"}"
#define ENTRA(n)                                                                    \
	"{\"error\":\"invalid_client\",\"error_description\":\"AADSTS" n ": No.\"," \
	"\"error_codes\":[" n "]}"

static const char *const allowed[] = { "sts.internal", NULL };

static const struct script_row rows[] = {
	{ "a secret", .env = { SECRET }, .answers = { { 200, GRANT } },
		.wire = POST(URL) BY_SECRET },
	{ "a secret goes before a certificate",
		.env = { SECRET, { "AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem" } },
		.answers = { { 200, GRANT } }, .wire = POST(URL) BY_SECRET },
	{ "a certificate", .env = { CERTIFICATE }, .files = { { "/c.pem", KEY } },
		.answers = { { 200, GRANT } },
		.wire = SIGN "\n" POST(URL) BY_CERTIFICATE },
	{ "with its chain and a password",
		.env = { CERTIFICATE, { "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "True" },
			{ "AZURE_CLIENT_CERTIFICATE_PASSWORD", "pw" } },
		.files = { { "/c.pem", KEY } }, .answers = { { 200, GRANT } },
		.wire = SIGN " with chain password pw\n" POST(URL) BY_CERTIFICATE },
	{ "no chain",
		.env = { CERTIFICATE, { "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "yes" } },
		.files = { { "/c.pem", KEY } }, .answers = { { 200, GRANT } },
		.wire = SIGN "\n" POST(URL) BY_CERTIFICATE },
	{ "another cloud",
		.env = { SECRET,
			{ "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/" } },
		.answers = { { 200, GRANT } },
		.wire = POST("https://login.microsoftonline.us/tenant.example/oauth2/"
			     "v2.0/token") BY_SECRET },
	{ "an authority that /etc allows",
		.env = { SECRET,
			{ "AZURE_AUTHORITY_HOST", "https://sts.internal/adfs" } },
		.ask = { .allow_hosts = allowed }, .answers = { { 200, GRANT } },
		.wire = POST("https://sts.internal/adfs/tenant.example/oauth2/v2.0/"
			     "token") BY_SECRET },
	{ "a foreign authority",
		.env = { SECRET, { "AZURE_AUTHORITY_HOST", "https://evil.example/" } },
		.wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_AUTHORITY_HOST points to 'evil.example'",
		.hint = "allow_hosts" },
	{ "a plain authority",
		.env = { SECRET, { "AZURE_AUTHORITY_HOST", "http://127.0.0.1/" } },
		.wire = "", .code = MITOK_E_CONF, .message = "must be https" },
	{ "a tenant that is a path",
		.env = { { "AZURE_TENANT_ID", "a/b" }, { "AZURE_CLIENT_ID", "c" },
			{ "AZURE_CLIENT_SECRET", "s" } },
		.wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_TENANT_ID is neither" },
	{ "a secret with a line end",
		.env = { IDS, { "AZURE_CLIENT_SECRET", SPY_MARK "\n" } }, .wire = "",
		.code = MITOK_E_CONF,
		.message = "AZURE_CLIENT_SECRET has a control character" },

	/* which identity */
	{ "by its client id", .env = { SECRET }, .answers = { { 200, GRANT } },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_CLIENT },
		.wire = POST(URL) BY_SECRET },
	{ "by another", .env = { SECRET },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_OTHER }, .wire = "",
		.code = MITOK_E_NOIDENTITY,
		.message =
			"client id '" SCRIPT_OTHER
			"' was asked for, but AZURE_CLIENT_ID is '" SCRIPT_CLIENT "'" },
	{ "by an object id", .env = { SECRET },
		.ask = { .kind = IDENTITY_OBJECT_ID, .id = SCRIPT_OTHER }, .wire = "",
		.code = MITOK_E_NOIDENTITY, .message = "by object id" },
	{ "system", .env = { SECRET }, .ask = { .kind = IDENTITY_SYSTEM }, .wire = "",
		.code = MITOK_E_NOIDENTITY, .message = "never system-assigned" },
	{ "another tenant than pinned", .env = { SECRET },
		.ask = { .tenant_id = "other.example" }, .wire = "",
		.code = MITOK_E_DENIED, .message = "tenant 'other.example' is pinned" },
	{ "nothing there", .wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_TENANT_ID is not set" },

	/* the file */
	{ "others can read it: used, with a warning", .env = { CERTIFICATE },
		.files = { { "/c.pem", KEY, .breaks = FILE_PRIVATE },
			{ "/c.pem", KEY, .breaks = FILE_PRIVATE } },
		.answers = { { 200, GRANT } },
		.wire = SIGN "\n" POST(URL) BY_CERTIFICATE },
	{ "others can write it", .env = { CERTIFICATE },
		.files = { { "/c.pem", KEY, .breaks = FILE_NO_WRITERS } }, .wire = "",
		.code = MITOK_E_CONF,
		.message = "AZURE_CLIENT_CERTIFICATE_PATH: '/c.pem'",
		.hint = "chmod 600" },
	{ "somebody else's", .env = { CERTIFICATE },
		.files = { { "/c.pem", KEY, .breaks = FILE_ROOT_OR_US } }, .wire = "",
		.code = MITOK_E_CONF },
	{ "it is not there", .env = { CERTIFICATE }, .wire = "", .code = MITOK_E_CONF,
		.message = "AZURE_CLIENT_CERTIFICATE_PATH: cannot open '/c.pem'" },
	{ "no key in it", .env = { CERTIFICATE }, .files = { { "/c.pem", "x" } },
		.wire = SIGN "\n", .code = MITOK_E_CONF,
		.message = "AZURE_CLIENT_CERTIFICATE_PATH: '/c.pem': no private key",
		.hint = "AZURE_CLIENT_CERTIFICATE_PASSWORD" },

	/* Entra's refusals */
	{ "a wrong secret", .env = { SECRET }, .answers = { { 401, ENTRA("7000215") } },
		.requests = 1, .code = MITOK_E_DENIED, .message = "AADSTS7000215",
		.hint = "not its id" },
	{ "an old secret", .env = { SECRET }, .answers = { { 401, ENTRA("7000222") } },
		.requests = 1, .code = MITOK_E_DENIED, .message = "AADSTS7000222",
		.hint = "az ad app credential reset" },
	{ "an unknown certificate", .env = { CERTIFICATE },
		.files = { { "/c.pem", KEY } }, .answers = { { 401, ENTRA("700027") } },
		.requests = 1, .code = MITOK_E_DENIED, .message = "AADSTS700027",
		.hint = "--cert @" },
	{ "a wrong clock", .env = { CERTIFICATE }, .files = { { "/c.pem", KEY } },
		.answers = { { 401, ENTRA("700024") } }, .requests = 1,
		.code = MITOK_E_DENIED, .hint = "timedatectl" },
	{ "an unknown application", .env = { SECRET },
		.answers = { { 400, ENTRA("700016") } }, .requests = 1,
		.code = MITOK_E_DENIED, .hint = "check AZURE_CLIENT_ID" },
	{ "a passing failure", .env = { SECRET },
		.answers = { { 503, "" }, { 200, GRANT } }, .requests = 2 },
	{ "an answer that is none", .env = { SECRET }, .answers = { { 200, "{}" } },
		.requests = 1, .code = MITOK_E_REPLY },
};

static const struct script_presence present[] = {
	{ "a secret", .env = { SECRET } },
	{ "a certificate", .env = { CERTIFICATE } },
	{ "nothing", .want = "AZURE_TENANT_ID is not set" },
	{ "no client",
		.env = { { "AZURE_TENANT_ID", "t" }, { "AZURE_CLIENT_SECRET", "s" } },
		.want = "AZURE_CLIENT_ID is not set" },
	{ "neither", .env = { IDS },
		.want = "neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH" },
	{ "an empty secret", .env = { IDS, { "AZURE_CLIENT_SECRET", "" } },
		.want = "neither" },
};

static void exchanges(void)
{
	script_run(&source_environment, rows, COUNT(rows));
}

static void presence(void)
{
	script_present(&source_environment, present, COUNT(present));
}

/* What `others` can read is told; what only we can is not. */
static void warnings(void)
{
	static struct script s;
	static const struct script_env env[] = { CERTIFICATE, { NULL, NULL } };
	static const struct script_answer answers[] = { { 200, GRANT }, { 0 } };
	const struct ask ask = { .resource = "https://vault.azure.net",
		.deadline_ms = SCRIPT_START_MS + 60000 };

	for (int open = 0; open < 2; open++) {
		const struct script_file files[] = {
			{ "/c.pem", KEY, .breaks = open ? FILE_PRIVATE : 0 },
			{ "/c.pem", KEY, .breaks = open ? FILE_PRIVATE : 0 },
			{ NULL },
		};
		struct host h = script_host(&s);
		AUTO_GRANT g = { 0 };

		script_start(&s, env, files, answers);
		CHECK(source_environment.fetch(&h, &ask, &g, NULL) == MITOK_OK);
		CHECK(!!strstr(g.warning, "others can read") == open);
		CHECK(!strstr(g.warning, SPY_MARK));
	}
}

static const struct test tests[] = {
	{ "requests and refusals are as documented", exchanges },
	{ "presence is told by the variables, and what lacks is named", presence },
	{ "a key that others can read is told", warnings },
};
TEST_MAIN(tests)
