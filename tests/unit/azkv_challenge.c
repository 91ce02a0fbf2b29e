/* Whom a vault says it trusts, and who may ask for tokens for that.
 * SPDX-License-Identifier: MIT */
#include "openssl/challenge.h"

#include "test.h"

#define TENANT "91880000-0000-0000-0000-000000000000"
#define LOGIN  "https://login.microsoftonline.com/"
#define AUTH   "authorization=\"" LOGIN TENANT "\""
#define VAULT  "https://vault.azure.net"
#define A64    "abcdefghijklmnopabcdefghijklmnopabcdefghijklmnopabcdefghijklmnop"

// clang-format off
static const struct {
	const char *value, *resource, *tenant;
} good[] = {
	{ "Bearer " AUTH ", resource=\"" VAULT "\"", VAULT, TENANT },
	{ "Bearer " AUTH " , resource=\"" VAULT "\" ", VAULT, TENANT },
	{ "bearer resource = \"" VAULT "\" ,\t" AUTH, VAULT, TENANT },
	{ "BEARER Resource=" VAULT ",Authorization=" LOGIN TENANT, VAULT, TENANT },
	{ "  Bearer\t" AUTH ",,resource=\"https://managedhsm.azure.net\",", "https://managedhsm.azure.net", TENANT },
	{ "Bearer " AUTH ", scope=\"" VAULT "/.default\"", VAULT, TENANT },
	{ "Bearer " AUTH ", scope=\"" VAULT "/.default\", resource=\"https://other.example\"", VAULT, TENANT },
	{ "Bearer " AUTH ", scope=\"" VAULT "//.default\"", VAULT "/", TENANT },
	{ "Bearer " AUTH ", scope=\"" VAULT "/read\"", VAULT "/read", TENANT },
	{ "Bearer " AUTH ", scope=\"\", resource=\"" VAULT "\"", VAULT, TENANT },
	{ "Bearer " AUTH ", resource=\"" VAULT "/.default\"", VAULT "/.default", TENANT },
	{ "Bearer", "", "" },
	{ "Bearer realm=\"\"", "", "" },
	{ "Bearer realm=\"\", authorization_uri=\"" LOGIN "common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "", "" },
	{ "Bearer error=\"invalid_token\", error_description=\"\\\"a\\\", resource=\\\"x\\\"\", resource=\"" VAULT "\"", VAULT, "" },

	/* several challenges: the first Bearer counts */
	{ "Basic realm=\"resource\", Bearer " AUTH ", resource=\"" VAULT "\"", VAULT, TENANT },
	{ "Basic resource=\"https://evil.example\", Bearer resource=\"" VAULT "\"", VAULT, "" },
	{ "Bearer resource=\"" VAULT "\", Basic resource=\"https://evil.example\"", VAULT, "" },
	{ "Bearer resource=\"" VAULT "\", Bearer resource=\"https://evil.example\"", VAULT, "" },
	{ "Negotiate, Bearer resource=\"" VAULT "\"", VAULT, "" },
	{ "Negotiate a/b+c=, Bearer resource=\"" VAULT "\"", VAULT, "" },
	{ "Negotiate a/b, Negotiate c, Bearer resource=\"" VAULT "\"", VAULT, "" },
	{ "Bearer abc, resource=\"" VAULT "\"", VAULT, "" },
	{ "Negotiate YIIab==, Bearer resource=\"" VAULT "\"", VAULT, "" },
	{ "PoP nonce=\"a\",Bearer resource=\"" VAULT "\"", VAULT, "" },

	/* tenants */
	{ "Bearer authorization=\"" LOGIN TENANT "/\"", "", TENANT },
	{ "Bearer authorization=\"" LOGIN "contoso.onmicrosoft.com\"", "", "contoso.onmicrosoft.com" },
	{ "Bearer authorization=\"" LOGIN "\"", "", "" },
	{ "Bearer authorization=\"https://login.microsoftonline.com\"", "", "" },
	{ "Bearer authorization=\"http://login.microsoftonline.com/" TENANT "\"", "", "" },
	{ "Bearer authorization=\"" LOGIN TENANT "/oauth2/authorize\"", "", "" },
	{ "Bearer authorization=\"" LOGIN "a b\"", "", "" },
	{ "Bearer authorization=\"" LOGIN "a\\\\b\"", "", "" },
	{ "Bearer authorization=\"" LOGIN A64 "\"", "", "" },
	{ "Bearer authorization=\"\"", "", "" },
	{ "Bearer authorization=" TENANT, "", "" },
};

static const struct {
	const char *value, *says;
} bad[] = {
	{ "", "no Bearer" },
	{ "  ", "no Bearer" },
	{ ",,", "no Bearer" },
	{ "Basic realm=\"Bearer\"", "no Bearer" },
	{ "Bearers resource=\"" VAULT "\"", "no Bearer" },
	{ "resource=\"" VAULT "\"", "no Bearer" },
	{ "Bearer=\"" VAULT "\"", "no Bearer" },
	{ "Bearer resource=\"" VAULT, "without an end" },
	{ "Bearer resource=\"" VAULT "\\\"", "without an end" },
	{ "Bearer resource=\"" VAULT "\\", "without an end" },
	{ "Bearer resource=\"", "without an end" },
	{ "Bearer resource=\"" VAULT "\", resource=\"" VAULT "\"", "twice" },
	{ "Bearer resource=\"\", Resource=\"" VAULT "\"", "twice" },
	{ "Bearer " AUTH ", " AUTH, "twice" },
	{ "Bearer resource=\"" VAULT "\" x=\"y\"", "no comma" },
	{ "Bearer resource=" VAULT "\"x\"", "no comma" },
	{ "Bearer \"" VAULT "\"", "no parameter" },
	{ "Bearer resource=\"" VAULT "\", \"x\"", "no parameter" },
	{ "Bearer resource=\"a\r\nb\"", "control" },
	{ "Bearer resource=\"a\tb\"", "control" },
	{ "Bearer \x01", "control" },
	{ "Bearer\x7f", "control" },
	{ "Bearer resource=\"https://" A64 A64 A64 A64 "\"", "too long" },
	{ "<html>", "no parameter" },
};
// clang-format on

static void read(void)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct mitok_err e = { 0 };
		struct challenge c;

		CHECK_ROW(good[i].value,
			challenge_parse(good[i].value, &c, &e) == MITOK_OK);
		CHECK_ROW(good[i].value, !e.message[0]);
		CHECK_TEXT(c.resource, good[i].resource);
		CHECK_TEXT(c.tenant, good[i].tenant);
	}
}

static void refused(void)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct challenge c = { "before", "before" };
		struct mitok_err e = { 0 };

		CHECK_ROW(bad[i].value,
			challenge_parse(bad[i].value, &c, &e) == MITOK_E_REPLY);
		if (!test_check(strstr(e.message, bad[i].says) != NULL, __FILE__,
			    __LINE__, "the sentence", bad[i].value))
			fprintf(stderr, "  got: %s\n", e.message);
		CHECK_TEXT(c.resource, "before");
		CHECK_TEXT(c.tenant, "before");
	}
}

// clang-format off
static const struct {
	const char *resource, *host;
	bool want;
} rows[] = {
	{ VAULT, "myvault.vault.azure.net", true },
	{ VAULT, "MyVault.Vault.Azure.Net", true },
	{ "HTTPS://VAULT.azure.net", "myvault.vault.azure.net", true },
	{ VAULT "/", "myvault.vault.azure.net", true },
	{ "https://managedhsm.azure.net", "myhsm.managedhsm.azure.net", true },
	{ "https://vault.azure.cn", "myvault.vault.azure.cn", true },
	{ "https://azure.net", "myvault.vault.azure.net", true },
	{ VAULT, "vault.azure.net", false },
	{ VAULT, "evilvault.azure.net", false },
	{ VAULT, "myvault.vault.azure.net.evil.example", false },
	{ VAULT, "evil.example", false },
	{ VAULT, "", false },
	{ "https://managedhsm.azure.net", "myvault.vault.azure.net", false },
	{ "https://myvault.vault.azure.net", "myvault.vault.azure.net", false },
	{ "https://net", "myvault.vault.azure.net", false },
	{ "https://.net", "myvault.vault.azure.net", false },
	{ "https://", "myvault.vault.azure.net", false },
	{ "https:///", "myvault.vault.azure.net", false },
	{ "", "myvault.vault.azure.net", false },
	{ "http://vault.azure.net", "myvault.vault.azure.net", false },
	{ "vault.azure.net", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net:443", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net:8443/", "myvault.vault.azure.net", false },
	{ "https://user@vault.azure.net", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net@evil.example", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net\\", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net/\\x", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net\\@evil.example", "myvault.vault.azure.net", false },
	{ "https://evil.example\\.vault.azure.net", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net?x", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net#x", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net /", "myvault.vault.azure.net", false },
	{ "https://vault.azure.net.", "myvault.vault.azure.net", false },
	{ "https://vault%2eazure.net", "myvault.vault.azure.net", false },
};
// clang-format on

static void hosts(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct challenge c = { "", "" };

		CHECK(TEXT_COPY(c.resource, rows[i].resource));
		CHECK_ROW(rows[i].resource,
			challenge_is_for(&c, rows[i].host) == rows[i].want);
	}
}

static const struct test tests[] = {
	{ "resource and tenant are read, wherever in the header Bearer stands", read },
	{ "what is no challenge, or an ambiguous one, is refused", refused },
	{ "a resource is for the hosts below its own and for no others", hosts },
};
TEST_MAIN(tests)
