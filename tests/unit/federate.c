/* Across tenants, the second step: the request, waiting for a new credential, refusals.
 * SPDX-License-Identifier: MIT */
#include "source/federate.h"

#include "script.h"

#define APP   "a4400000-0000-4000-8000-0000000000f1"
#define THERE "91880000-0000-4000-8000-00000000b002"
#define JWT   "eyJh." SPY_MARK ".sig"
#define GRANT                                                                     \
	"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599," \
	"\"access_token\":\"" SCRIPT_TOKEN "\"}"
#define ENTRA(n)                                                                     \
	"{\"error\":\"invalid_request\",\"error_description\":\"AADSTS" n ": No.\"," \
	"\"error_codes\":[" n "]}"
#define REQUEST                                                                     \
	"POST https://login.microsoftonline.us/" THERE "/oauth2/v2.0/token\n"       \
	"Content-Type: application/x-www-form-urlencoded\nAccept: application/json" \
	"\n\nclient_assertion=" JWT                                                 \
	"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-"    \
	"type%3Ajwt-bearer&client_id=" APP "&grant_type=client_credentials"         \
	"&scope=https%3A%2F%2Fvault.azure.net%2F.default"

static enum mitok_code fetch(const struct host *h, const struct ask *ask,
	struct grant *ret, struct mitok_err *e)
{
	AUTO_SECRET assertion = { 0 };
	const struct federation f = { APP, THERE, "https://login.microsoftonline.us",
		&assertion };

	if (!secret_add_text(&assertion, JWT)) {
		(void)err_memory(e);
		(void)(e && snprintf(e->source, sizeof(e->source), "federate"));
		return MITOK_E_BUG;
	}
	return federate_exchange(h, ask, &f, ret, e);
}

static const struct source source = { .name = "federate", .fetch = fetch };

static const struct script_row rows[] = {
	{ "the exchange", .answers = { { 200, GRANT } }, .wire = REQUEST },
	/* What the environment says is for other sources. */
	{ "no variable sends it elsewhere",
		.env = { { "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com" },
			{ "AZURE_TENANT_ID", "x" }, { "AZURE_CLIENT_ID", "y" } },
		.answers = { { 200, GRANT } }, .wire = REQUEST },

	/* a credential that was just made */
	{ "known the third time",
		.answers = { { 400, ENTRA("70021") }, { 400, ENTRA("700213") },
			{ 200, GRANT } },
		.requests = 3 },
	{ "never known: 1, 2, 4, 8, 16 and 16 s of a minute",
		.answers = { { 400, ENTRA("70021") } }, .requests = 7,
		.code = MITOK_E_DENIED, .message = "AADSTS70021",
		.hint = "federated-credential" },
	{ "no time to wait", .answers = { { 400, ENTRA("700211") } },
		.ask = { .deadline_ms = 900 }, .requests = 1, .code = MITOK_E_DENIED,
		.message = "AADSTS700211" },
	{ "upper and lower case: waiting does not help",
		.answers = { { 400, ENTRA("7002138") } }, .requests = 1,
		.code = MITOK_E_DENIED, .message = "AADSTS7002138" },

	{ "not valid now", .answers = { { 401, ENTRA("700024") } }, .requests = 1,
		.code = MITOK_E_DENIED, .message = "AADSTS700024",
		.hint = "timedatectl" },
	{ "no such application there", .answers = { { 400, ENTRA("700016") } },
		.requests = 1, .code = MITOK_E_DENIED, .hint = "az ad sp create" },
	{ "no such tenant", .answers = { { 400, ENTRA("90002") } }, .requests = 1,
		.code = MITOK_E_DENIED, .hint = "the key cloud" },
	{ "a passing failure", .answers = { { 503, "" }, { 200, GRANT } },
		.requests = 2 },
	{ "no answer", .answers = { { 0, .fault = HTTP_TIMEOUT } }, .requests = 4,
		.code = MITOK_E_LATER, .hint = "egress" },
	{ "an answer that is none", .answers = { { 200, "{}" } }, .requests = 1,
		.code = MITOK_E_REPLY },
};

static void exchanges(void)
{
	script_run(&source, rows, COUNT(rows));
}

static const struct test tests[] = {
	{ "the identity's token is shown to the tenant, and refusals are told",
		exchanges },
};
TEST_MAIN(tests)
