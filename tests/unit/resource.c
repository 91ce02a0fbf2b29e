/* Targets, scopes and hosts: the right audience or none.
 * SPDX-License-Identifier: MIT */
#include "core/resource.h"

#include "test.h"

static void cloud_names(void)
{
	static const struct {
		const char *name;
		enum cloud want;
	} rows[] = {
		{ "public", CLOUD_PUBLIC },
		{ "AzureCloud", CLOUD_PUBLIC },
		{ "azurepubliccloud", CLOUD_PUBLIC },
		{ "usgov", CLOUD_USGOV },
		{ "AzureUSGovernment", CLOUD_USGOV },
		{ "AzureUSGovernmentCloud", CLOUD_USGOV },
		{ "china", CLOUD_CHINA },
		{ "AzureChinaCloud", CLOUD_CHINA },
		{ "auto", CLOUD_UNKNOWN },
		{ "AzureGermanCloud", CLOUD_UNKNOWN },
		{ "", CLOUD_UNKNOWN },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].name, cloud_find(rows[i].name) == rows[i].want);
	CHECK_TEXT(cloud_name(CLOUD_USGOV), "usgov");
	CHECK_TEXT(cloud_name(CLOUD_UNKNOWN), "auto");
}

static void aliases(void)
{
	static const struct {
		const char *target;
		enum cloud cloud;
		const char *want; /* NULL: the cloud must be known */
	} rows[] = {
		{ "arm", CLOUD_PUBLIC, "https://management.azure.com/" },
		{ "ARM", CLOUD_CHINA, "https://management.chinacloudapi.cn/" },
		{ "arm", CLOUD_UNKNOWN, NULL },
		{ "vault", CLOUD_USGOV, "https://vault.usgovcloudapi.net" },
		{ "storage", CLOUD_UNKNOWN, "https://storage.azure.com/" },
		{ "devops", CLOUD_UNKNOWN, "499b84ac-1321-427f-aa17-267ca6975798" },
		{ "redis", CLOUD_UNKNOWN, "https://redis.azure.com" },
		{ "sql", CLOUD_PUBLIC, "https://database.windows.net/" },
		{ "hsm", CLOUD_PUBLIC, "https://managedhsm.azure.net" },
		{ "token-exchange", CLOUD_USGOV, "api://AzureADTokenExchangeUSGov" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct resource got = { 0 };
		struct mitok_err e = { 0 };
		bool needs_cloud = false;

		CHECK_ROW(rows[i].target,
			resource_resolve(rows[i].target, rows[i].cloud, &got,
				&needs_cloud, &e) == MITOK_OK);
		CHECK_ROW(rows[i].target, needs_cloud == !rows[i].want);
		CHECK_TEXT(got.value, rows[i].want ? rows[i].want : "");
		CHECK_TEXT(got.host, "");
		CHECK_TEXT(got.path, "");
	}
}

static const struct {
	const char *url, *value, *host, *path;
} urls_rows[] = {
	{ "https://MyVault.Vault.Azure.NET:443/secrets/x?api-version=7.4",
		"https://vault.azure.net", "myvault.vault.azure.net", "/secrets/x" },
	{ "HTTPS://v.vault.azure.net.", "https://vault.azure.net", "v.vault.azure.net",
		"/" },
	{ "https://v.vault.azure.cn./", "https://vault.azure.cn", "v.vault.azure.cn",
		"/" },
	{ "https://acct.blob.core.windows.net/c/b#f", "https://storage.azure.com/",
		"acct.blob.core.windows.net", "/c/b" },
	{ "https://acct.z12.blob.storage.azure.net/c", "https://storage.azure.com/",
		"acct.z12.blob.storage.azure.net", "/c" },
	{ "https://management.usgovcloudapi.net/subscriptions?x",
		"https://management.usgovcloudapi.net/", "management.usgovcloudapi.net",
		"/subscriptions" },
	{ "https://dev.azure.com/orgB/p/_git/r", "499b84ac-1321-427f-aa17-267ca6975798",
		"dev.azure.com", "/orgB/p/_git/r" },
	{ "https://org.visualstudio.com/x", "499b84ac-1321-427f-aa17-267ca6975798",
		"org.visualstudio.com", "/x" },
	{ "https://s.postgres.database.usgovcloudapi.net",
		"https://ossrdbms-aad.database.usgovcloudapi.net",
		"s.postgres.database.usgovcloudapi.net", "/" },
	{ "https://s.database.usgovcloudapi.net", "https://database.usgovcloudapi.net/",
		"s.database.usgovcloudapi.net", "/" },
	{ "https://c.westeurope.kusto.windows.net/v2/rest/query",
		"https://c.westeurope.kusto.windows.net",
		"c.westeurope.kusto.windows.net", "/v2/rest/query" },
	{ "https://w-f.fhir.azurehealthcareapis.com/Patient",
		"https://w-f.fhir.azurehealthcareapis.com",
		"w-f.fhir.azurehealthcareapis.com", "/Patient" },
	{ "https://vault.azure.net", "https://vault.azure.net", "vault.azure.net", "/" },
	{ "https://database.windows.net", "https://database.windows.net/",
		"database.windows.net", "/" },
	{ "https://storage.azure.com/", "https://storage.azure.com/", "storage.azure.com",
		"/" },
	{ "https://management.core.windows.net/", "https://management.core.windows.net",
		"management.core.windows.net", "/" },
	{ "https://reg.azurecr.io/v2/", "https://containerregistry.azure.net",
		"reg.azurecr.io", "/v2/" },
	{ "https://x.documents.azure.com:443/", "https://cosmos.azure.com",
		"x.documents.azure.com", "/" },
	{ "499b84ac-1321-427f-aa17-267ca6975798", "499b84ac-1321-427f-aa17-267ca6975798",
		"", "" },
	{ "api://my-app/x", "api://my-app/x", "", "" },
};

static void urls(void)
{
	for (size_t i = 0; i < COUNT(urls_rows); i++) {
		struct resource got = { 0 };
		struct mitok_err e = { 0 };
		bool needs_cloud = true;

		CHECK_ROW(urls_rows[i].url,
			resource_resolve(urls_rows[i].url, CLOUD_UNKNOWN, &got,
				&needs_cloud, &e) == MITOK_OK);
		CHECK_ROW(urls_rows[i].url, !needs_cloud);
		CHECK_TEXT(got.value, urls_rows[i].value);
		CHECK_TEXT(got.host, urls_rows[i].host);
		CHECK_TEXT(got.path, urls_rows[i].path);
	}
}

static const char *const look_alikes[] = {
	"https://evil-vault.azure.net/",
	"https://evilvault.azure.net/",
	"https://x.vault.azure.net.evil/",
	"https://x.vault.azure.net.evil.com",
	"https://x.vault.azure.net@evil.com/",
	"https://evil.com@x.vault.azure.net/",
	"https://evil.com\\@x.vault.azure.net/",
	"https://x.vault.azure.net\\.evil.com/",
	"https://evil.com\\.vault.azure.net/",
	"https://evil.com/.vault.azure.net",
	"https://evil.com?.vault.azure.net",
	"https://evil.com#.vault.azure.net",
	"https://evil.com%2f.vault.azure.net",
	"https://evil.com%00.vault.azure.net",
	"https://.vault.azure.net/",
	"https://a..vault.azure.net/",
	"https://-a.vault.azure.net/",
	"https://a-.vault.azure.net/",
	"https://x.vault.azure.net../",
	"https://x.vault.azure.net:444/",
	"https://x.vault.azure.net:/",
	"https://x.vault.azure.net:443:443/",
	"https://x.vault.azure.net:0443/",
	"https://[::1].vault.azure.net/",
	"https://x.v\xc3\xa4ult.azure.net/",
	"https://x.vault.azure.net/a b",
	"https://x.vault.azure.net\t/",
	"https:///x.vault.azure.net/",
	"https://",
	"https://:443/",
	"https://xdev.azure.com/",
	"https://dev.azure.com.evil/",
	"https://3000.app.online.visualstudio.com/",
	"https://visualstudio.com/",
	"https://core.windows.net/",
	"https://169.254.169.254/",
	"https://localhost/",
	"http://x.vault.azure.net/",
	"ftp://x.vault.azure.net/",
	"//x.vault.azure.net/",
	"x.vault.azure.net",
	"",
	"arm ",
	" arm",
	"arm\n",
};

static void strangers(void)
{
	for (size_t i = 0; i < COUNT(look_alikes); i++) {
		struct resource got = { 0 };
		struct mitok_err e = { 0 };
		bool needs_cloud = true;

		CHECK_ROW(look_alikes[i],
			resource_resolve(look_alikes[i], CLOUD_PUBLIC, &got, &needs_cloud,
				&e) == MITOK_E_ARG);
		CHECK_ROW(look_alikes[i], e.message[0] && !needs_cloud);
		CHECK_ROW(look_alikes[i], !got.value[0] && !got.host[0] && !got.path[0]);
	}
}

static void sentences(void)
{
	static const struct {
		const char *target;
		enum cloud cloud;
		const char *message, *hint;
	} rows[] = {
		{ "vualt", CLOUD_PUBLIC,
			"'vualt' is no alias, URL, GUID or api:// URI of a resource",
			"did you mean 'vault'?" },
		{ "zzzzzz", CLOUD_PUBLIC,
			"'zzzzzz' is no alias, URL, GUID or api:// URI of a resource",
			"mi-token(1) lists the aliases; --resource takes anything" },
		{ "fabric", CLOUD_CHINA,
			"the resource of 'fabric' in the cloud 'china' is not known",
			"say it with --resource" },
		{ "https://example.com/x", CLOUD_PUBLIC,
			"no service of Azure that is known here has the host "
			"'example.com'",
			"say with --resource which resource the token is for" },
		{ "https://example.com/.default", CLOUD_PUBLIC,
			"no service of Azure that is known here has the host "
			"'example.com'",
			"for a scope use --scope https://example.com/.default" },
		{ "https://a.vault.azure.net:8443", CLOUD_PUBLIC,
			"the URL 'https://a.vault.azure.net:8443' is refused: its port "
			"is not 443",
			"" },
		{ "https://me:secret@a.vault.azure.net/b?sig=secret", CLOUD_PUBLIC,
			"the URL 'https://a.vault.azure.net/b' is refused: it has a user",
			"" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct resource got = { 0 };
		struct mitok_err e = { 0 };
		bool needs_cloud;

		CHECK(resource_resolve(rows[i].target, rows[i].cloud, &got, &needs_cloud,
			      &e) == MITOK_E_ARG);
		CHECK_TEXT(e.message, rows[i].message);
		CHECK_TEXT(e.hint, rows[i].hint);
	}
}

static void scopes(void)
{
	static const struct {
		const char *scope, *want; /* NULL: refused */
	} rows[] = {
		{ "https://vault.azure.net/.default", "https://vault.azure.net" },
		{ "https://management.azure.com//.default",
			"https://management.azure.com/" },
		{ "499b84ac-1321-427f-aa17-267ca6975798/.default",
			"499b84ac-1321-427f-aa17-267ca6975798" },
		{ "https://x/.default/.default", "https://x/.default" },
		{ "https://x/.Default", "https://x/.Default" },
		{ "https://x/User.Read", "https://x/User.Read" },
		{ "/.default", NULL },
		{ "", NULL },
		{ "a b", NULL },
		{ "a\r\nb", NULL },
		{ "\xc3\xa4", NULL },
		{ "0123456789012345678901234567890123456789012345678901234567890123",
			NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { 0 };
		char got[64] = "";

		CHECK_ROW(rows[i].scope,
			resource_from_scope(rows[i].scope, got, sizeof(got), &e) ==
				(rows[i].want ? MITOK_OK : MITOK_E_ARG));
		CHECK_TEXT(got, rows[i].want ? rows[i].want : "");
	}
	CHECK(resource_check("anything:goes/", NULL) == MITOK_OK);
	CHECK(resource_check("", NULL) == MITOK_E_ARG);
	CHECK(resource_check("a\x7f", NULL) == MITOK_E_ARG);
}

static void spellings(void)
{
	static const struct {
		const char *resource, *right; /* NULL: fine as it is */
	} rows[] = {
		{ "https://vault.azure.net/", "https://vault.azure.net" },
		{ "https://vault.azure.net", NULL },
		{ "https://VAULT.azure.net", NULL },
		{ "https://database.windows.net", "https://database.windows.net/" },
		{ "https://database.windows.net/", NULL },
		{ "https://vault.azure.cn/", "https://vault.azure.cn" },
		{ "https://monitor.azure.com", "https://monitor.azure.com/" },
		{ "https://storage.azure.com", NULL },
		{ "https://management.azure.com", NULL },
		{ "https://management.core.windows.net", NULL },
		{ "https://vault.azure.net//", NULL },
		{ "https://example.com", NULL },
		{ "", NULL },
	};
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{ "https://vault.azure.net", "https://VAULT.azure.net/", true },
		{ "https://vault.azure.net", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
			true },
		{ "CFA8B339-82A2-471A-A3C9-0FC0BE7A4093", "https://vault.azure.cn",
			true },
		{ "https://vault.azure.net", "https://vault.azure.cn", false },
		{ "https://management.azure.com/", "https://management.core.windows.net",
			true },
		{ "https://management.azure.com",
			"https://management.core.chinacloudapi.cn/", false },
		{ "https://vault.azure.net", "https://managedhsm.azure.net", false },
		{ "api://x", "api://x/", true },
		{ "api://x", "api://y", false },
		{ "api://x", "api://x//", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *right = resource_right_spelling(rows[i].resource);

		CHECK_ROW(rows[i].resource, !right == !rows[i].right);
		if (right)
			CHECK_TEXT(right, rows[i].right);
	}
	for (size_t i = 0; i < COUNT(pairs); i++) {
		CHECK_ROW(pairs[i].a,
			resource_same(pairs[i].a, pairs[i].b) == pairs[i].same);
		CHECK_ROW(pairs[i].a,
			resource_same(pairs[i].b, pairs[i].a) == pairs[i].same);
	}
}

static const struct resource_row *row_of(const char *alias)
{
	for (const struct resource_row *r = resource_rows; r->about; r++)
		if (r->alias && strcmp(r->alias, alias) == 0)
			return r;
	return NULL;
}

static void tables(void)
{
	for (const struct resource_row *r = resource_rows; r->about; r++) {
		CHECK_ROW(r->about, r->alias && row_of(r->alias) == r);
		CHECK_ROW(r->about, r->resource[CLOUD_PUBLIC]);
		for (int c = 0; c < CLOUD_COUNT; c++)
			CHECK_ROW(r->about,
				!r->resource[c] ||
					resource_check(r->resource[c], NULL) == MITOK_OK);
		CHECK_ROW(r->about, !r->app_id || text_is_guid(r->app_id));
	}
	for (const struct resource_host *h = resource_hosts; h->suffix; h++) {
		const struct resource_row *r = h->alias ? row_of(h->alias) : NULL;

		CHECK_ROW(h->suffix, !h->alias || (r && r->resource[h->cloud]));
		for (const char *p = h->suffix; *p; p++)
			CHECK_ROW(h->suffix, text_lower(*p) == *p);
		for (const struct resource_host *o = h + 1; o->suffix; o++)
			CHECK_ROW(h->suffix, strcmp(h->suffix, o->suffix) != 0);
	}
}

static const struct test tests[] = {
	{ "clouds have our names, az's and the metadata's", cloud_names },
	{ "an alias means its cloud's resource, or asks for the cloud", aliases },
	{ "a URL means the service its host belongs to", urls },
	{ "look-alikes, users, ports and odd characters are refused", strangers },
	{ "a refusal says what was probably meant", sentences },
	{ "a scope loses one suffix and nothing else", scopes },
	{ "slashes matter where the service minds", spellings },
	{ "the tables are whole and without contradiction", tables },
};
TEST_MAIN(tests)
