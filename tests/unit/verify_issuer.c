/* Issuers, authorities and audiences. SPDX-License-Identifier: MIT */
#include "../../helper/verify/audience.h"
#include "../../helper/verify/issuer.h"

#include "test.h"

#define T "91880000-0000-4000-8000-00000000a001"

static void issuers(void)
{
	static const struct {
		const char *cloud, *issuer;
		int version; /* -1: none */
	} rows[] = {
		{ "public", "https://sts.windows.net/" T "/", VERSION_1 },
		{ "public", "https://login.microsoftonline.com/" T "/v2.0", VERSION_2 },
		{ "usgov", "https://sts.windows.net/" T "/", VERSION_1 },
		{ "usgov", "https://login.microsoftonline.us/" T "/v2.0", VERSION_2 },
		{ "china", "https://sts.chinacloudapi.cn/" T "/", VERSION_1 },
		{ "china", "https://login.partner.microsoftonline.cn/" T "/v2.0",
			VERSION_2 },
		{ "public", "https://sts.windows.net/" T, -1 },
		{ "public", "https://sts.windows.net/" T "//", -1 },
		{ "public", "https://sts.windows.net/" T "/x", -1 },
		{ "public", "https://sts.windows.net/" T "/v2.0", -1 },
		{ "public", "http://sts.windows.net/" T "/", -1 },
		{ "public", "https://STS.windows.net/" T "/", -1 },
		{ "public",
			"https://sts.windows.net/91880000-0000-4000-8000-00000000A001/",
			-1 },
		{ "public", "https://sts.windows.net.evil.example/" T "/", -1 },
		{ "public", "https://sts.windows.net/", -1 },
		{ "public", "https://sts.windows.net/common/", -1 },
		{ "public", "https://sts.windows.net/91880000-0000-4000-8000-00000000a00",
			-1 },
		{ "public", "https://login.microsoftonline.com/" T "/v2.0/", -1 },
		{ "public", "https://login.microsoftonline.com/" T "/", -1 },
		{ "public", "https://login.microsoftonline.com/{tenantid}/v2.0", -1 },
		{ "public", "https://login.microsoftonline.us/" T "/v2.0", -1 },
		{ "public", "https://login.windows.net/" T "/v2.0", -1 },
		{ "public", "https://sts.chinacloudapi.cn/" T "/", -1 },
		{ "usgov", "https://login.microsoftonline.com/" T "/v2.0", -1 },
		{ "china", "https://sts.windows.net/" T "/", -1 },
		{ "public", "", -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct cloud *c = cloud_named(rows[i].cloud);
		char guid[GUID_SIZE] = "", again[ISSUER_SIZE];
		enum version v = VERSION_1;
		bool good = c && issuer_parse(c, rows[i].issuer, &v, guid);

		CHECK_ROW(rows[i].issuer, good == (rows[i].version >= 0));
		if (!good || !c)
			continue;
		CHECK_ROW(rows[i].issuer, (int)v == rows[i].version);
		CHECK_TEXT(guid, T);
		issuer_format(c, v, guid, again);
		CHECK_TEXT(again, rows[i].issuer);
	}
}

static void trusts(void)
{
	static const struct {
		const char *tenant, *issuer, *cloud;
		const char *want; /* the tenant; NULL: wrong usage */
		bool is_guid, v1, v2;
	} rows[] = {
		{ T, NULL, NULL, T, true, true, true },
		{ "91880000-0000-4000-8000-00000000A001", NULL, NULL, T, true, true,
			true },
		{ "contoso.com", NULL, NULL, "contoso.com", false, true, true },
		{ "Contoso.OnMicrosoft.com", NULL, "china", "contoso.onmicrosoft.com",
			false, true, true },
		{ NULL, "https://sts.windows.net/" T "/", NULL, T, true, true, false },
		{ NULL, "https://sts.windows.net/" T "/", "usgov", T, true, true, false },
		{ NULL, "https://login.microsoftonline.us/" T "/v2.0", NULL, T, true,
			false, true },
		{ NULL, NULL, NULL, NULL, false, false, false },
		{ T, "https://sts.windows.net/" T "/", NULL, NULL, false, false, false },
		{ NULL, "https://sts.windows.net/" T "/", "china", NULL, false, false,
			false },
		{ NULL, "https://issuer.example/", NULL, NULL, false, false, false },
		{ "common", NULL, NULL, NULL, false, false, false },
		{ "organizations", NULL, NULL, NULL, false, false, false },
		{ "", NULL, NULL, NULL, false, false, false },
		{ ".", NULL, NULL, NULL, false, false, false },
		{ "a..b", NULL, NULL, NULL, false, false, false },
		{ "a.b.", NULL, NULL, NULL, false, false, false },
		{ "../x.y", NULL, NULL, NULL, false, false, false },
		{ "a.b/c", NULL, NULL, NULL, false, false, false },
		{ "a.b?c", NULL, NULL, NULL, false, false, false },
		{ "a@b.c", NULL, NULL, NULL, false, false, false },
		{ "-a.b", NULL, NULL, NULL, false, false, false },
		{ T, NULL, "mars", NULL, false, false, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { .code = MITOK_OK };
		struct trust t;
		const char *name = rows[i].tenant ? rows[i].tenant
			: rows[i].issuer          ? rows[i].issuer
						  : "none";
		enum mitok_code r =
			trust_set(rows[i].tenant, rows[i].issuer, rows[i].cloud, &t, &e);

		CHECK_ROW(name, r == (rows[i].want ? MITOK_OK : MITOK_E_ARG));
		CHECK_ROW(name, (r == MITOK_OK) == !e.message[0]);
		if (r)
			continue;
		CHECK_TEXT(t.tenant, rows[i].want);
		CHECK_ROW(name, t.is_guid == rows[i].is_guid);
		CHECK_ROW(name, t.versions[VERSION_1] == rows[i].v1);
		CHECK_ROW(name, t.versions[VERSION_2] == rows[i].v2);
	}
}

static void key_urls(void)
{
	static const struct {
		const char *cloud, *url;
		bool want;
	} rows[] = {
		{ "public", "https://login.microsoftonline.com/" T "/discovery/keys",
			true },
		{ "public", "https://login.windows.net/common/discovery/keys", true },
		{ "usgov", "https://login.microsoftonline.us/" T "/discovery/v2.0/keys",
			true },
		{ "china", "https://login.chinacloudapi.cn/" T "/discovery/keys", true },
		{ "public", "https://login.microsoftonline.us/" T "/discovery/keys",
			false },
		{ "china", "https://login.microsoftonline.com/" T "/discovery/keys",
			false },
		{ "public", "http://login.microsoftonline.com/keys", false },
		{ "public", "HTTPS://login.microsoftonline.com/keys", false },
		{ "public", "https://login.microsoftonline.com", false },
		{ "public", "https://login.microsoftonline.com:8443/keys", false },
		{ "public", "https://login.microsoftonline.com.evil.example/keys",
			false },
		{ "public", "https://login.microsoftonline.com@evil.example/keys",
			false },
		{ "public", "https://evil.example/login.microsoftonline.com/keys",
			false },
		{ "public", "https://user@login.microsoftonline.com/keys", false },
		{ "public", "https://login.microsoftonline.com\\@evil.example/keys",
			false },
		{ "public", "https://login.microsoftonline.com/keys#x", false },
		{ "public", "https://login.microsoftonline.com/k eys", false },
		{ "public", "https://login.microsoftonline.com/k\r\neys", false },
		{ "public", "https://login.microsoftonline.com/\xc3\xa9", false },
		{ "public", "https:///keys", false },
		{ "public", "file:///etc/passwd", false },
		{ "public", "", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].url,
			cloud_has_url(cloud_named(rows[i].cloud), rows[i].url) ==
				rows[i].want);
}

static void configuration_urls(void)
{
	struct trust t;
	AUTO_TEXT v1 = { 0 };
	AUTO_TEXT v2 = { 0 };

	CHECK(trust_set(T, NULL, "china", &t, NULL) == MITOK_OK);
	trust_add_url(&t, VERSION_1, &v1);
	trust_add_url(&t, VERSION_2, &v2);
	CHECK_TEXT(text_peek(&v1),
		"https://login.partner.microsoftonline.cn/" T
		"/.well-known/openid-configuration");
	CHECK_TEXT(text_peek(&v2),
		"https://login.partner.microsoftonline.cn/" T
		"/v2.0/.well-known/openid-configuration");
}

static void audiences(void)
{
	static const struct {
		const char *audience, *want; /* NULL: nobody of Microsoft's */
	} rows[] = {
		{ "https://management.azure.com/", "Azure Resource Manager" },
		{ "https://management.azure.com", "Azure Resource Manager" },
		{ "https://MANAGEMENT.azure.com/", "Azure Resource Manager" },
		{ "https://management.core.windows.net/", "Azure Resource Manager" },
		{ "https://vault.azure.net", "Key Vault" },
		{ "https://myvault.vault.azure.net", "Key Vault" },
		{ "https://storage.azure.com/", "Azure Storage" },
		{ "https://acct.blob.core.windows.net", "Azure Storage" },
		{ "https://graph.microsoft.com", "Microsoft Graph" },
		{ "00000003-0000-0000-c000-000000000000", "Microsoft Graph" },
		{ "CFA8B339-82A2-471A-A3C9-0FC0BE7A4093", "Key Vault" },
		{ "499b84ac-1321-427f-aa17-267ca6975798", "Azure DevOps" },
		{ "api://AzureADTokenExchange", "Entra's token exchange" },
		{ "api://orders", NULL },
		{ "api://management.azure.com.contoso.com", NULL },
		{ "https://orders.contoso.com", NULL },
		{ "https://notvault.azure.net", NULL },
		{ "https://contoso.com/vault.azure.net", NULL },
		{ "6f0c0000-0000-4000-8000-0000000000c1", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *service = audience_service(rows[i].audience);

		CHECK_ROW(rows[i].audience, !service == !rows[i].want);
		if (service && rows[i].want)
			CHECK_TEXT(service, rows[i].want);
	}
}

static const struct test tests[] = {
	{ "issuers are those of the cloud, to the letter", issuers },
	{ "one tenant is trusted, or the usage is wrong", trusts },
	{ "keys come from the cloud's authorities alone", key_urls },
	{ "the configuration is asked for at the cloud's authority", configuration_urls },
	{ "Microsoft's own audiences are known", audiences },
};
TEST_MAIN(tests)
