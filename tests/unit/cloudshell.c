/* Cloud Shell: a POST, and no identity to select.
 * SPDX-License-Identifier: MIT */
#include "script.h"

#define BASE                                                          \
	{                                                             \
		"MSI_ENDPOINT", "http://localhost:50342/oauth2/token" \
	}
#define POST                                                                       \
	"POST http://localhost:50342/oauth2/token\nMetadata: true\nContent-Type: " \
	"application/x-www-form-urlencoded\nAccept: application/json\n!local\n\n"
#define NOT_SUPPORTED                                                             \
	"{\"error\":{\"code\":\"AudienceNotSupported\",\"message\":\"Audience x " \
	"isn't a supported MSI token audience.\"}}"

static const struct script_row rows[] = {
	{ "no identity named", .env = { BASE },
		.answers = { { 200,
			"{\"access_token\":\"" SCRIPT_TOKEN
			"\",\"expires_on\":\"1727279999\",\"resource\":\"https://"
			"management.azure.com/\"}" } },
		.ask = { .resource = "https://management.azure.com/" },
		.wire = POST "resource=https%3A%2F%2Fmanagement.azure.com%2F" },
	{ "system", .env = { BASE }, .ask = { .kind = IDENTITY_SYSTEM }, .wire = "",
		.code = MITOK_E_NOIDENTITY, .message = "no system-assigned identity",
		.hint = "signed in" },
	{ "client id", .env = { BASE },
		.ask = { .kind = IDENTITY_CLIENT_ID, .id = SCRIPT_OTHER }, .wire = "",
		.code = MITOK_E_NOIDENTITY,
		.message = "Cloud Shell cannot select an identity by client id",
		.hint = "signed in" },
	{ "object id", .env = { BASE },
		.ask = { .kind = IDENTITY_OBJECT_ID, .id = SCRIPT_OTHER }, .wire = "",
		.code = MITOK_E_NOIDENTITY },
	{ "resource id", .env = { BASE },
		.ask = { .kind = IDENTITY_RESOURCE_ID, .id = SCRIPT_ARM }, .wire = "",
		.code = MITOK_E_NOIDENTITY },
	{ "audience", .env = { BASE }, .answers = { { 400, NOT_SUPPORTED } },
		.requests = 1, .code = MITOK_E_DENIED,
		.message = "no tokens for this resource (HTTP 400): 'Audience x isn't",
		.hint = "az login" },
	{ "another host", .env = { { "MSI_ENDPOINT", "http://10.0.0.1:50342/" } },
		.wire = "", .code = MITOK_E_CONF,
		.message = "MSI_ENDPOINT would send a secret to '10.0.0.1'" },
	{ "not set", .wire = "", .code = MITOK_E_CONF,
		.message = "MSI_ENDPOINT is not set" },
};

static const struct script_presence present[] = {
	{ "alone", .env = { BASE } },
	{ "with a secret", .env = { BASE, { "MSI_SECRET", "s" } },
		.want = "MSI_SECRET is set" },
	{ "nothing", .want = "MSI_ENDPOINT is not set" },
};

static void requests(void)
{
	script_run(&source_cloudshell, rows, COUNT(rows));
}

static void presence(void)
{
	script_present(&source_cloudshell, present, COUNT(present));
}

static const struct test tests[] = {
	{ "requests and answers are as seen from Cloud Shell", requests },
	{ "presence is an endpoint without a secret", presence },
};
TEST_MAIN(tests)
