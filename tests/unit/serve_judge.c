/* What the server takes and refuses: one request after the other, before anybody is asked.
 * SPDX-License-Identifier: MIT */
#include "../../helper/serve/judge.h"

#include "test.h"

#define PORT   "41000"
#define SECRET "0123456789abcdef"
#define GUID   "6f0c0000-0000-4000-8000-0000000000c1"
#define OTHER  "6f0c0000-0000-4000-8000-0000000000c2"
#define ARM_ID "/subscriptions/11110000-0000-4000-8000-000000000001/x/y"
#define V2019  "api-version=2019-08-01"
#define V2017  "api-version=2017-09-01"
#define V2018  "api-version=2018-02-01"
#define MSI    "/msi/token"
#define IMDS   "/metadata/identity/oauth2/token"
#define VAULT  "resource=https%3A%2F%2Fvault.azure.net"

#define HOST                               \
	{                                  \
		"Host", "127.0.0.1:" PORT, \
	}
#define PASS                                 \
	{                                    \
		"X-IDENTITY-HEADER", SECRET, \
	}
#define METADATA                    \
	{                           \
		"Metadata", "true", \
	}
#define HEADERS 6

static const struct door tcp = { .secret = SECRET, .port = 41000, .imds = true };

/* A GET as App Service 2019 has it, but for these. */
struct row {
	const char *what;
	const char *method; /* NULL: GET */
	const char *target;
	struct field fields[HEADERS];
	const char *form;
	int status; /* 0: it may be asked */
	const char *resource, *identity;
};

static void judge_row(
	const struct door *d, const struct row *r, bool is_stranger, struct judgment *ret)
{
	struct arrival a = {
		.method = r->method ? r->method : "GET",
		.target = r->target,
		.fields = r->fields,
		.is_stranger = is_stranger,
		.form = r->form,
	};

	while (a.count < HEADERS && r->fields[a.count].name)
		a.count++;
	judge(d, &a, ret);
}

static void check_rows(const struct door *d, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct judgment j;

		judge_row(d, &rows[i], false, &j);
		CHECK_ROW(rows[i].what, j.refusal.status == rows[i].status);
		CHECK_ROW(rows[i].what, !j.refusal.status == !j.refusal.text);
		if (rows[i].status)
			continue;
		CHECK_ROW(rows[i].what, j.dialect != NULL);
		if (rows[i].resource)
			CHECK_ROW(
				rows[i].what, strcmp(j.resource, rows[i].resource) == 0);
		CHECK_ROW(rows[i].what,
			strcmp(j.identity, rows[i].identity ? rows[i].identity : "") ==
				0);
		judge_row(d, &rows[i], true, &j);
		CHECK_ROW(rows[i].what, j.refusal.status == 403);
	}
}

static const char vault[] = "https://vault.azure.net";

static void accepted(void)
{
	static const struct row rows[] = {
		{ "2019, Go and JS", NULL, MSI "?" V2019 "&" VAULT, { HOST, PASS }, NULL,
			0, vault, NULL },
		{ "2019, Python: not encoded, with Metadata", NULL,
			MSI "?" V2019 "&resource=https://vault.azure.net",
			{ HOST, PASS, METADATA }, NULL, 0, vault, NULL },
		{ "2019, a slash at the end", NULL, MSI "/?" V2019 "&" VAULT,
			{ HOST, PASS }, NULL, 0, vault, NULL },
		{ "2019, the header in small letters", NULL, MSI "?" V2019 "&" VAULT,
			{ { "host", "localhost:" PORT },
				{ "x-identity-header", SECRET } },
			NULL, 0, vault, NULL },
		{ "2019, C++: principal_id", NULL,
			MSI "?" V2019 "&" VAULT "&principal_id=" GUID, { HOST, PASS },
			NULL, 0, vault, "object-id:" GUID },
		{ "2019, Go: mi_res_id", NULL,
			MSI "?" V2019 "&" VAULT "&mi_res_id=%2Fsubscriptions%2Fx",
			{ HOST, PASS }, NULL, 0, vault, "resource-id:/subscriptions/x" },
		{ "2019, a parameter that nobody knows", NULL,
			MSI "?xms_cc=cp1&" V2019 "&" VAULT "&client_id=" GUID,
			{ HOST, PASS }, NULL, 0, vault, "client-id:" GUID },
		{ "2017", NULL, "/msi/2017/token?" V2017 "&" VAULT "&clientid=" GUID,
			{ HOST, { "secret", SECRET } }, NULL, 0, vault,
			"client-id:" GUID },
		{ "IMDS", NULL, IMDS "?" V2018 "&" VAULT "&msi_res_id=" ARM_ID,
			{ HOST, METADATA }, NULL, 0, vault, "resource-id:" ARM_ID },
		{ "IMDS, JS with another authority", NULL, IMDS "/?" V2018 "&" VAULT,
			{ HOST, METADATA }, NULL, 0, vault, NULL },
		{ "IMDS, Snowflake", NULL, IMDS "?" V2018 "&resource=api://" GUID,
			{ HOST, { "Metadata", "True" } }, NULL, 0, "api://" GUID, NULL },
		{ "IMDS, object_store", NULL, IMDS "?" V2019 "&" VAULT,
			{ HOST, METADATA }, NULL, 0, vault, NULL },
		{ "Cloud Shell, without its body", "POST", "/oauth2/token",
			{ HOST, METADATA }, NULL, 0, "", NULL },
		{ "Cloud Shell", "POST", "/oauth2/token",
			{ HOST, METADATA, { "Content-Length", "60" } }, VAULT, 0, vault,
			NULL },
	};

	check_rows(&tcp, rows, COUNT(rows));
}

static void targets(void)
{
	static const char *const paths[] = { "", "/", "*", "/msi", "/msi/tokens",
		"/MSI/token", "/msi//token", "//msi/token", "/./msi/token",
		"/msi/../msi/token", "/msi/token//", "/msi/token/.", "/msi%2ftoken",
		"/msi%2Ftoken", "/%6dsi/token", "/msi\\token", "\\msi\\token",
		"/msi%5ctoken", "/msi/token;x", "/msi/token;", "/msi/token%00",
		"/msi/token%20", "/msi/token#", "/msi/token.json", "/msi/token/x",
		("http://127.0.0.1:" PORT "/msi/token"), ("http://169.254.169.254" IMDS),
		("//169.254.169.254" IMDS), ("127.0.0.1:" PORT),
		"/metadata/identity\\oauth2\\token/",
		"/metadata/identity%5coauth2%5ctoken", "/Metadata/identity/oauth2/token",
		"/metadata/instance", "/metadata/identity/info",
		"/metadata/identity/oauth2/token/x",
		"/metadata/identity/oauth2/../oauth2/token",
		"/metadata/%69dentity/oauth2/token", "/metadata",
		"/machine?comp=goalstate", "/msi/2019/token", "msi/token", " /msi/token",
		"/msi/token\t", "/msi/token\x80", "/oauth2/token" };

	for (size_t i = 0; i < COUNT(paths); i++) {
		char target[256];
		struct judgment j;
		struct row r = { .target = target,
			.fields = { HOST, PASS, METADATA, { "secret", SECRET } } };

		(void)snprintf(
			target, sizeof(target), "%s?%s", paths[i], V2019 "&" VAULT);
		judge_row(&tcp, &r, false, &j);
		CHECK_ROW(paths[i], j.refusal.status == 400);
		r.method = "POST";
		r.form = VAULT;
		judge_row(&tcp, &r, false, &j);
		CHECK_ROW(paths[i], j.refusal.status == 400);
	}
}

// NOLINTNEXTLINE(readability-function-size): a table
static const struct row head_rows[] = {
	{ "no secret", NULL, MSI "?" V2019 "&" VAULT, { HOST }, NULL, 401, NULL, NULL },
	{ "another secret", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, { "X-IDENTITY-HEADER", "0123456789abcdeF" } }, NULL, 401, NULL,
		NULL },
	{ "half of it", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, { "X-IDENTITY-HEADER", "01234567" } }, NULL, 401, NULL, NULL },
	{ "empty", NULL, MSI "?" V2019 "&" VAULT, { HOST, { "X-IDENTITY-HEADER", "" } },
		NULL, 401, NULL, NULL },
	{ "in the other's header", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, { "secret", SECRET } }, NULL, 401, NULL, NULL },
	{ "twice", NULL, MSI "?" V2019 "&" VAULT, { HOST, PASS, PASS }, NULL, 400, NULL,
		NULL },
	{ "Metadata does not do", NULL, MSI "?" V2019 "&" VAULT, { HOST, METADATA }, NULL,
		401, NULL, NULL },
	{ "a probe", NULL, IMDS, { HOST }, NULL, 400, NULL, NULL },
	{ "a probe with parameters", NULL, IMDS "?" V2018 "&" VAULT, { HOST }, NULL, 400,
		NULL, NULL },
	{ "Metadata: false", NULL, IMDS "?" V2018 "&" VAULT,
		{ HOST, { "Metadata", "false" } }, NULL, 400, NULL, NULL },
	{ "Metadata twice", NULL, IMDS "?" V2018 "&" VAULT, { HOST, METADATA, METADATA },
		NULL, 400, NULL, NULL },
	{ "no host", NULL, MSI "?" V2019 "&" VAULT, { PASS }, NULL, 400, NULL, NULL },
	{ "another's host", NULL, MSI "?" V2019 "&" VAULT,
		{ { "Host", "evil.example:" PORT }, PASS }, NULL, 400, NULL, NULL },
	{ "another port", NULL, MSI "?" V2019 "&" VAULT,
		{ { "Host", "127.0.0.1:41001" }, PASS }, NULL, 400, NULL, NULL },
	{ "no port", NULL, MSI "?" V2019 "&" VAULT, { { "Host", "127.0.0.1" }, PASS },
		NULL, 400, NULL, NULL },
	{ "an empty port", NULL, MSI "?" V2019 "&" VAULT,
		{ { "Host", "127.0.0.1:" }, PASS }, NULL, 400, NULL, NULL },
	{ "a prefix", NULL, MSI "?" V2019 "&" VAULT,
		{ { "Host", "127.0.0.1.evil.example:" PORT }, PASS }, NULL, 400, NULL,
		NULL },
	{ "a user", NULL, MSI "?" V2019 "&" VAULT,
		{ { "Host", "x@127.0.0.1:" PORT }, PASS }, NULL, 400, NULL, NULL },
	{ "IMDS's own", NULL, IMDS "?" V2018 "&" VAULT,
		{ { "Host", "169.254.169.254" }, METADATA }, NULL, 400, NULL, NULL },
	{ "two hosts", NULL, MSI "?" V2019 "&" VAULT, { HOST, HOST, PASS }, NULL, 400,
		NULL, NULL },
	{ "forwarded for", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "X-Forwarded-For", "127.0.0.1" } }, NULL, 400, NULL,
		NULL },
	{ "forwarded for nobody", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "x-forwarded-for", "" } }, NULL, 400, NULL, NULL },
	{ "forwarded host", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "X-Forwarded-Host", "x" } }, NULL, 400, NULL, NULL },
	{ "a blank behind a name", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "Transfer-Encoding ", "chunked" } }, NULL, 400, NULL,
		NULL },
	{ "a browser", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "Sec-Fetch-Site", "cross-site" } }, NULL, 400, NULL,
		NULL },
	{ "Forwarded", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "Forwarded", "for=x" } }, NULL, 400, NULL, NULL },
	{ "a page", NULL, MSI "?" V2019 "&" VAULT, { HOST, PASS, { "Origin", "null" } },
		NULL, 400, NULL, NULL },
	{ "chunks", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "Transfer-Encoding", "chunked" } }, NULL, 400, NULL,
		NULL },
	{ "two lengths", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "Content-Length", "0" }, { "Content-Length", "0" } },
		NULL, 400, NULL, NULL },
	{ "a length with a sign", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "Content-Length", "-0" } }, NULL, 400, NULL, NULL },
	{ "a body", NULL, MSI "?" V2019 "&" VAULT,
		{ HOST, PASS, { "Content-Length", "1" } }, NULL, 400, NULL, NULL },
	{ "a form that is too long", "POST", "/oauth2/token",
		{ HOST, METADATA, { "Content-Length", "2049" } }, NULL, 400, NULL, NULL },
	{ "a form and a query", "POST", "/oauth2/token?" VAULT, { HOST, METADATA }, VAULT,
		400, NULL, NULL },
	{ "HEAD", "HEAD", MSI "?" V2019 "&" VAULT, { HOST, PASS }, NULL, 400, NULL,
		NULL },
	{ "POST", "POST", MSI "?" V2019 "&" VAULT, { HOST, PASS }, VAULT, 400, NULL,
		NULL },
	{ "get", "get", MSI "?" V2019 "&" VAULT, { HOST, PASS }, NULL, 400, NULL, NULL },
	{ "CONNECT", "CONNECT", MSI, { HOST, PASS }, NULL, 400, NULL, NULL },
	{ "OPTIONS", "OPTIONS", IMDS, { HOST, METADATA }, NULL, 400, NULL, NULL },
};

static void heads(void)
{
	check_rows(&tcp, head_rows, COUNT(head_rows));
}

static void parameters(void)
{
	static const char *const bad[] = { "", V2019, VAULT,
		V2019 "&resource=", V2019 "&resource", V2019 "&" VAULT "&" VAULT,
		V2019 "&" V2019 "&" VAULT, V2019 "&" VAULT "&%72esource=x",
		V2018 "&" VAULT, "api-version=2019-08-0&" VAULT,
		"api-version=2019-08-01%20&" VAULT, V2019 "&resource=a%00b",
		V2019 "&resource=a%0ab", V2019 "&resource=a+b", V2019 "&resource=a b",
		V2019 "&resource=%zz", V2019 "&resource=%4", V2019 "&resource=%",
		V2019 "&resource=a\\b", V2019 "&resource=a#b", V2019 "&resource=\xc3\xa4",
		V2019 "&resource=%c3%a4", V2019 "?" VAULT, V2019 ";" VAULT,
		V2019 "&Resource=x",
		V2019 "&" VAULT "&client_id=", V2019 "&" VAULT "&client_id=x",
		V2019 "&" VAULT "&client_id=" GUID "&client_id=" GUID,
		V2019 "&" VAULT "&client_id=" GUID "&object_id=" GUID,
		V2019 "&" VAULT "&mi_res_id=" ARM_ID "&msi_res_id=" ARM_ID,
		V2019 "&" VAULT "&msi_res_id=" GUID,
		V2019 "&" VAULT "&client_id=" ARM_ID };
	static const char *const bad_forms[] = { "", "x=y", VAULT "&client_id=" GUID,
		VAULT "&resource=x", "resource=%", "resource=a\nb" };
	struct judgment j;

	for (size_t i = 0; i < COUNT(bad); i++) {
		char target[1024];
		struct row r = { .target = target, .fields = { HOST, PASS } };

		(void)snprintf(target, sizeof(target), MSI "?%s", bad[i]);
		judge_row(&tcp, &r, false, &j);
		CHECK_ROW(bad[i], j.refusal.status == 400);
	}
	for (size_t i = 0; i < COUNT(bad_forms); i++) {
		struct row r = { .method = "POST",
			.target = "/oauth2/token",
			.fields = { HOST, METADATA },
			.form = bad_forms[i] };

		judge_row(&tcp, &r, false, &j);
		CHECK_ROW(bad_forms[i], j.refusal.status == 400);
	}
}

static void long_values(void)
{
	char target[4096];
	struct row r = { .target = target, .fields = { HOST, PASS } };
	struct judgment j;

	for (size_t len = PARAM_SIZE - 2; len <= PARAM_SIZE + 1; len++) {
		size_t n = (size_t)snprintf(
			target, sizeof(target), MSI "?" V2019 "&resource=");

		memset(target + n, 'a', len);
		target[n + len] = '\0';
		judge_row(&tcp, &r, false, &j);
		CHECK((j.refusal.status == 0) == (len < PARAM_SIZE));
	}
}

static void limits(void)
{
	static const char *const resources[] = { "https://vault.azure.net",
		"https://management.azure.com/", NULL };
	static const struct door limited = { .secret = SECRET,
		.port = 41000,
		.identity = "client-id:" GUID,
		.resources = resources };
	static const struct row rows[] = {
		{ "what is allowed", NULL, MSI "?" V2019 "&" VAULT, { HOST, PASS }, NULL,
			0, vault, NULL },
		{ "with a slash", NULL, MSI "?" V2019 "&" VAULT "/", { HOST, PASS }, NULL,
			0, "https://vault.azure.net/", NULL },
		{ "without it", NULL,
			MSI "?" V2019 "&resource=https://management.azure.com",
			{ HOST, PASS }, NULL, 0, "https://management.azure.com", NULL },
		{ "with two", NULL, MSI "?" V2019 "&" VAULT "//", { HOST, PASS }, NULL,
			403, NULL, NULL },
		{ "something else", NULL,
			MSI "?" V2019 "&resource=https://graph.microsoft.com",
			{ HOST, PASS }, NULL, 403, NULL, NULL },
		{ "a prefix", NULL, MSI "?" V2019 "&resource=https://vault.azure.ne",
			{ HOST, PASS }, NULL, 403, NULL, NULL },
		{ "in other letters", NULL,
			MSI "?" V2019 "&resource=https://Vault.azure.net", { HOST, PASS },
			NULL, 403, NULL, NULL },
		{ "the identity by its name", NULL,
			MSI "?" V2019 "&" VAULT
			    "&client_id=6F0C0000-0000-4000-8000-0000000000C1",
			{ HOST, PASS }, NULL, 0, vault,
			"client-id:6F0C0000-0000-4000-8000-0000000000C1" },
		{ "another", NULL, MSI "?" V2019 "&" VAULT "&client_id=" OTHER,
			{ HOST, PASS }, NULL, 403, NULL, NULL },
		{ "one of another kind: the token will tell", NULL,
			MSI "?" V2019 "&" VAULT "&object_id=" OTHER, { HOST, PASS }, NULL,
			0, vault, "object-id:" OTHER },
		{ "IMDS was not asked for", NULL, IMDS "?" V2018 "&" VAULT,
			{ HOST, METADATA }, NULL, 403, NULL, NULL },
		{ "nor Cloud Shell", "POST", "/oauth2/token", { HOST, METADATA }, VAULT,
			403, NULL, NULL },
	};

	check_rows(&limited, rows, COUNT(rows));
}

static void unix_sockets(void)
{
	static const struct door local = { .imds = true };
	static const struct row rows[] = {
		{ "IMDS's own host", NULL, IMDS "?" V2018 "&" VAULT,
			{ { "Host", "169.254.169.254" }, METADATA }, NULL, 0, vault,
			NULL },
		{ "a relay's port, any secret", NULL, MSI "?" V2019 "&" VAULT,
			{ { "Host", "127.0.0.1:5" }, { "X-IDENTITY-HEADER", "x" } }, NULL,
			0, vault, NULL },
		{ "no secret", NULL, MSI "?" V2019 "&" VAULT, { { "Host", "localhost" } },
			NULL, 0, vault, NULL },
		{ "another's host", NULL, MSI "?" V2019 "&" VAULT,
			{ { "Host", "evil.example" } }, NULL, 400, NULL, NULL },
		{ "no Metadata", NULL, IMDS "?" V2018 "&" VAULT,
			{ { "Host", "localhost" } }, NULL, 400, NULL, NULL },
	};

	check_rows(&local, rows, COUNT(rows));
}

static void refusals(void)
{
	static const struct refusal why = { 403, "access_denied", "a \"b\"" };
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ MSI,
			"{\"statusCode\":403,\"message\":\"a "
			"\\\"b\\\"\",\"correlationId\":"
			"\"00000000-0000-0000-0000-000000000000\"}" },
		{ IMDS,
			"{\"error\":\"access_denied\",\"error_description\":\"a "
			"\\\"b\\\"\"}" },
		{ "/oauth2/token",
			"{\"error\":{\"code\":\"access_denied\",\"message\":\"a "
			"\\\"b\\\"\"}}" },
		{ "/",
			"{\"error\":\"access_denied\",\"error_description\":\"a "
			"\\\"b\\\"\"}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT body = { 0 };

		dialect_refuse(dialect_find(NULL, rows[i].path, strlen(rows[i].path)),
			&why, &body);
		CHECK_TEXT(text_peek(&body), rows[i].want);
	}
}

static const struct test tests[] = {
	{ "each dialect is taken as its clients write it, but from no stranger",
		accepted },
	{ "a path that another reader may take for one of ours is none", targets },
	{ "head lines that are missing, twice or another's are refused", heads },
	{ "parameters that can be read in two ways are refused", parameters },
	{ "a value has its limit", long_values },
	{ "only the identity and the resources that are allowed pass", limits },
	{ "a unix socket needs no secret, but the right host", unix_sockets },
	{ "a refusal is in the words of its dialect", refusals },
};
TEST_MAIN(tests)
