/* Azure Machine Learning: App Service's old interface with a client id of its own.
 * SPDX-License-Identifier: MIT */
#include "script.h"

#define URL                           \
	"http://127.0.0.1:46808/MSI/" \
	"auth?api-version=2017-09-01&resource=https%3A%2F%2Fvault.azure.net"
#define REST "\nsecret: " SPY_MARK "-secret\nAccept: application/json\n!local\n\n"
#define BASE                                                   \
	{ "MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth" }, \
	{                                                      \
		"MSI_SECRET", SPY_MARK "-secret"               \
	}
#define OWN                                                 \
	{                                                   \
		"DEFAULT_IDENTITY_CLIENT_ID", SCRIPT_CLIENT \
	}

static const struct script_row rows[] = {
	{ "default goes by the environment", .env = { BASE, OWN },
		.answers = { { 200, SCRIPT_GRANT } },
		.wire = "GET " URL "&clientid=" SCRIPT_CLIENT REST },
	{ "system likewise", .env = { BASE, OWN }, .answers = { { 200, SCRIPT_GRANT } },
		.ask = { .kind = IDENTITY_SYSTEM },
		.wire = "GET " URL "&clientid=" SCRIPT_CLIENT REST },
	{ "client id", .env = { BASE, OWN },
		.answers = { { 200,
			"{\"access_token\":\"" SCRIPT_TOKEN
			"\",\"expires_on\":\"1727279999\"}" } },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_OTHER },
		.wire = "GET " URL "&clientid=" SCRIPT_OTHER REST },
	{ "no id in the environment", .env = { BASE, { "AZUREML_RUN_ID", "r" } },
		.answers = { { 200, SCRIPT_GRANT } }, .wire = "GET " URL REST },
	{ "AZURE_CLIENT_ID is not for us",
		.env = { BASE, OWN, { "AZURE_CLIENT_ID", SCRIPT_OTHER } },
		.answers = { { 200, SCRIPT_GRANT } },
		.wire = "GET " URL "&clientid=" SCRIPT_CLIENT REST },
	{ "object id", .env = { BASE, OWN },
		.ask = { .kind = IDENTITY_OBJECT_ID, .id = SCRIPT_OTHER }, .wire = "",
		.code = MITOK_E_NOIDENTITY,
		.message = "cannot select an identity by object id",
		.hint = "client-id:GUID" },
	{ "resource id", .env = { BASE, OWN },
		.ask = { .kind = IDENTITY_RESOURCE_ID, .id = SCRIPT_ARM }, .wire = "",
		.code = MITOK_E_NOIDENTITY, .message = "by resource id" },
};

static const struct script_presence present[] = {
	{ "with its client id", .env = { BASE, OWN } },
	{ "with a run", .env = { BASE, { "AZUREML_RUN_ID", "r" } } },
	{ "App Service of 2017", .env = { BASE }, .want = "DEFAULT_IDENTITY_CLIENT_ID" },
	{ "no secret", .env = { { "MSI_ENDPOINT", "x" }, OWN },
		.want = "MSI_SECRET is not" },
	{ "nothing", .want = "MSI_ENDPOINT is not set" },
};

static void requests(void)
{
	script_run(&source_azureml, rows, COUNT(rows));
}

static void presence(void)
{
	script_present(&source_azureml, present, COUNT(present));
}

static const struct test tests[] = {
	{ "requests are as documented", requests },
	{ "presence needs evidence that App Service does not give", presence },
};
TEST_MAIN(tests)
