/* docker-credential-mi-token: which registries are Azure's, and the exchange with them.
 * SPDX-License-Identifier: MIT */
#include "../../helper/registry/registry.h"

#include "test.h"

static const struct {
	const char *server, *host, *resource; /* host NULL: none */
} registry_rows[] = {
	{ "registry.azurecr.io", "registry.azurecr.io",
		"https://containerregistry.azure.net" },
	{ "https://Registry.AzureCR.io", "registry.azurecr.io",
		"https://containerregistry.azure.net" },
	{ "https://my-reg1.azurecr.io/v2/", "my-reg1.azurecr.io",
		"https://containerregistry.azure.net" },
	{ "registry.azurecr.io:443", "registry.azurecr.io",
		"https://containerregistry.azure.net" },
	{ "registry.azurecr.us", "registry.azurecr.us",
		"https://management.usgovcloudapi.net/" },
	{ "registry.azurecr.cn", "registry.azurecr.cn",
		"https://management.chinacloudapi.cn/" },
	{ "registry.eastus.data.azurecr.io", NULL, NULL },
	{ "registry.azurecr.io.evil.example", NULL, NULL },
	{ "evil.example/registry.azurecr.io", NULL, NULL },
	{ "evil.example?registry.azurecr.io", NULL, NULL },
	{ "evil.example#.azurecr.io", NULL, NULL },
	{ "user@registry.azurecr.io", NULL, NULL },
	{ "registry.azurecr.io@evil.example", NULL, NULL },
	{ "registryazurecr.io", NULL, NULL },
	{ "azurecr.io", NULL, NULL },
	{ ".azurecr.io", NULL, NULL },
	{ "-a.azurecr.io", NULL, NULL },
	{ "a-.azurecr.io", NULL, NULL },
	{ "a_b.azurecr.io", NULL, NULL },
	{ "*.azurecr.io", NULL, NULL },
	{ "registry.azurecr.io.", NULL, NULL },
	{ "registry.azurecr.io:5000", NULL, NULL },
	{ "registry.azurecr.io:", NULL, NULL },
	{ "registry.azurecr.io ", NULL, NULL },
	{ "registry.azurecr.io\n", NULL, NULL },
	{ "registry.azurecr.io\\x", NULL, NULL },
	{ "registry%2eazurecr.io", NULL, NULL },
	{ "http://registry.azurecr.io", NULL, NULL },
	{ "registry.azurecr.com", NULL, NULL },
	{ "https://index.docker.io/v1/", NULL, NULL },
	{ "mcr.microsoft.com", NULL, NULL },
	{ ":443", NULL, NULL },
	{ "", NULL, NULL },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	  "azurecr.io",
		NULL, NULL },
};

static void registries(void)
{
	for (size_t i = 0; i < COUNT(registry_rows); i++) {
		struct registry r = { .host = "unset" };
		bool is = registry_read(registry_rows[i].server, &r);

		CHECK_ROW(registry_rows[i].server, is == (registry_rows[i].host != NULL));
		CHECK_ROW(registry_rows[i].server,
			strcmp(r.host,
				registry_rows[i].host ? registry_rows[i].host
						      : "unset") == 0);
		if (is && registry_rows[i].resource)
			CHECK_ROW(registry_rows[i].server,
				strcmp(r.resource, registry_rows[i].resource) == 0);
	}
}

static void forms(void)
{
	const struct registry r = { .host = "registry.azurecr.io" };
	AUTO_SECRET token = { 0 };
	AUTO_SECRET form = { 0 };
	AUTO_SECRET other = { 0 };

	CHECK(secret_add_text(&token, SPY_MARK "a.b+c/d="));
	CHECK(acr_fill(&r, "t&t", &token, &form));
	CHECK_TEXT(secret_peek(&form),
		"grant_type=access_token&service=registry.azurecr.io&tenant=t%26t&"
		"access_token=" SPY_MARK "a.b%2Bc%2Fd%3D");
	CHECK(acr_fill(&r, "", &token, &other));
	CHECK_TEXT(secret_peek(&other),
		"grant_type=access_token&service=registry.azurecr.io&"
		"access_token=" SPY_MARK "a.b%2Bc%2Fd%3D");
	secret_wipe(&token);
	secret_wipe(&form);
	secret_wipe(&other);
	CHECK(spy_leaks == 0);
}

static void answers(void)
{
	static const struct {
		const char *what;
		enum http_fault fault;
		int status;
		const char *body;
		enum mitok_code want;
	} rows[] = {
		{ "a token", HTTP_OK, 200, "{\"refresh_token\":\"" SPY_MARK "\"}",
			MITOK_OK },
		{ "and more", HTTP_OK, 200,
			"{\"a\":1,\"refresh_token\":\"" SPY_MARK "\"}", MITOK_OK },
		{ "another one", HTTP_OK, 200, "{\"access_token\":\"x\"}",
			MITOK_E_REPLY },
		{ "an empty one", HTTP_OK, 200, "{\"refresh_token\":\"\"}",
			MITOK_E_REPLY },
		{ "a number", HTTP_OK, 200, "{\"refresh_token\":1}", MITOK_E_REPLY },
		{ "two lines", HTTP_OK, 200, "{\"refresh_token\":\"a\\nb\"}",
			MITOK_E_REPLY },
		{ "a quote", HTTP_OK, 200, "{\"refresh_token\":\"a\\\"b\"}",
			MITOK_E_REPLY },
		{ "no JSON", HTTP_OK, 200, "<html>", MITOK_E_REPLY },
		{ "nothing", HTTP_OK, 200, "", MITOK_E_REPLY },
		{ "no role", HTTP_OK, 401, "{\"errors\":[]}", MITOK_E_DENIED },
		{ "forbidden", HTTP_OK, 403, "", MITOK_E_DENIED },
		{ "a redirect", HTTP_OK, 302, "", MITOK_E_DENIED },
		{ "no such", HTTP_OK, 404, "", MITOK_E_DENIED },
		{ "throttled", HTTP_OK, 429, "", MITOK_E_LATER },
		{ "broken", HTTP_OK, 503, "", MITOK_E_LATER },
		{ "no connection", HTTP_CONNECT, 0, "", MITOK_E_LATER },
		{ "no such host", HTTP_RESOLVE, 0, "", MITOK_E_LATER },
		{ "another's certificate", HTTP_TLS, 0, "", MITOK_E_REPLY },
		{ "no HTTP", HTTP_NONSENSE, 0, "", MITOK_E_REPLY },
	};
	const struct registry r = { .host = "registry.azurecr.io" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_REPLY reply = { .fault = rows[i].fault, .status = rows[i].status };
		AUTO_SECRET got = { 0 };
		struct mitok_err e = { 0 };

		CHECK(secret_add_text(&reply.body, rows[i].body));
		CHECK_ROW(rows[i].what, acr_read(&r, &reply, &got, &e) == rows[i].want);
		CHECK_ROW(rows[i].what, (got.len > 0) == (rows[i].want == MITOK_OK));
		CHECK_ROW(rows[i].what,
			(e.message[0] == '\0') == (rows[i].want == MITOK_OK));
		CHECK_ROW(rows[i].what, !strstr(e.message, SPY_MARK));
		http_reply_wipe(&reply);
		secret_wipe(&got);
		CHECK_ROW(rows[i].what, spy_leaks == 0);
	}
}

static const struct test tests[] = {
	{ "registries are those with one label before Azure's suffixes", registries },
	{ "the form holds the token encoded, and leaves none behind", forms },
	{ "an answer is the registry's token, or the reason why there is none", answers },
};
TEST_MAIN(tests)
