/* The whole library with each allocation failing in turn: no crash, no leak of memory or
 * of a secret, and a token or an error, never half of one.
 * SPDX-License-Identifier: MIT */
#include "core/context.h"

#include <errno.h>

#include "script.h"
#include "world.h"

#define KEY "/var/opt/azcmagent/tokens/k.key"
#define CONF                                                                \
	"identities = { one = { client_id = \"" SCRIPT_CLIENT "\"; }; };\n" \
	"rules = ( { resource = \"https://vault.azure.net\"; identity = \"one\"; } );\n"
/* As SCRIPT_GRANT, for any resource. */
#define GRANT "{\"access_token\":\"" SCRIPT_TOKEN "\",\"expires_on\":\"1727279999\"}"

struct row {
	const char *what;
	struct script_env env[8];
	struct script_file files[4];
	struct script_answer answers[4];
	struct mitok_request rq;
	enum mitok_code code;
};

static const struct row rows[] = {
	{ "imds", .answers = { { 200, SCRIPT_GRANT } },
		.rq = { .resource = "https://vault.azure.net" } },
	{ "imds, an identity by a rule of /etc",
		.files = { { "/etc/mi-token/mi-token.conf", CONF } },
		.answers = { { 200, SCRIPT_GRANT } },
		.rq = { .resource = "https://vault.azure.net" },
		.code = MITOK_E_DENIED }, /* the token is no JWT, and one is pinned */
	{ "imds, an alias: the cloud first",
		.answers = { { 200, "AzurePublicCloud" }, { 200, GRANT } },
		.rq = { .target = "arm" } },
	{ "imds, a URL and an id", .answers = { { 200, GRANT } },
		.rq = { .target = "https://demo.blob.core.windows.net/x",
			.identity = "resource-id:" SCRIPT_ARM },
		.code = MITOK_E_DENIED },
	{ "imds, refused",
		.answers = { { 400,
			"{\"error\":\"invalid_request\",\"error_description\":"
			"\"Identity not found\"}" } },
		.rq = { .resource = "https://vault.azure.net" },
		.code = MITOK_E_NOIDENTITY },
	{ "imds, once more", .answers = { { 500 }, { 200, SCRIPT_GRANT } },
		.rq = { .resource = "https://vault.azure.net" } },
	{ "app service",
		.env = { { "IDENTITY_ENDPOINT", "http://127.0.0.1:41013/msi/token" },
			{ "IDENTITY_HEADER", SPY_MARK } },
		.answers = { { 200, SCRIPT_GRANT } },
		.rq = { .scope = "https://vault.azure.net/.default" } },
	{ "arc",
		.env = { { "IDENTITY_ENDPOINT",
				 "http://127.0.0.1:40342/metadata/identity/oauth2/"
				 "token" },
			{ "IMDS_ENDPOINT", "http://127.0.0.1:40342" } },
		.files = { { KEY, SPY_MARK "-key" } },
		.answers = { { 401, NULL, "WWW-Authenticate: Basic realm=" KEY "\n" },
			{ 200, SCRIPT_GRANT } },
		.rq = { .resource = "https://vault.azure.net" } },
	{ "workload",
		.env = { { "AZURE_CLIENT_ID", SCRIPT_CLIENT },
			{ "AZURE_TENANT_ID", SCRIPT_OTHER },
			{ "AZURE_FEDERATED_TOKEN_FILE", "/var/run/assertion" } },
		.files = { { "/var/run/assertion", "a." SPY_MARK ".c" } },
		.answers = { { 200,
			"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":"
			"\"" SCRIPT_TOKEN "\"}" } },
		.rq = { .resource = "https://vault.azure.net" } },
};

static struct script script;
static struct script_env env[16];
static struct host scripted;

static enum mitok_code no_directory(
	void *self, const struct file_ask *ask, struct text *ret, struct mitok_err *e)
{
	(void)self;
	(void)ret;
	if (ask->ret_errno)
		*ask->ret_errno = ENOENT;
	return err_set(e, MITOK_E_CONF, "no directory '%s'", ask->path);
}

/* The row's world, with world.runtime as the only place for a cache. */
static void begin(const struct row *row)
{
	size_t n = 0;

	memset(env, 0, sizeof(env));
	for (; row->env[n].name; n++)
		env[n] = row->env[n];
	env[n] = (struct script_env){ "RUNTIME_DIRECTORY", world.runtime };
	script_start(&script, env, row->files, row->answers);
	scripted = script_host(&script);
	scripted.list = no_directory;
}

/* One program's life. true: the failing allocation was one of it. */
static bool live(const struct row *row, unsigned nth, enum mitok_code *ret)
{
	struct mitok_request rq = row->rq;
	struct mitok_token *t = NULL;
	struct mitok_err e = { 0 };
	struct mitok *m = NULL;
	bool failed;

	begin(row);
	rq.size = sizeof(rq);
	spy_fail(nth);
	*ret = context_new(&scripted, NULL, &m, &e);
	CHECK_ROW(row->what, (*ret == MITOK_OK) == (m != NULL));
	if (m) {
		*ret = mitok_get(m, &rq, &t, &e);
		CHECK_ROW(row->what, (*ret == MITOK_OK) == (t != NULL));
	}
	CHECK_ROW(row->what, !*ret || (e.code == *ret && e.message[0]));
	CHECK_ROW(row->what, !strstr(e.message, SPY_MARK) && !strstr(e.hint, SPY_MARK));
	if (t)
		CHECK_ROW(
			row->what, strcmp(mitok_token_value(t, NULL), SCRIPT_TOKEN) == 0);
	failed = nth && spy_allocations >= nth;
	spy_fail(0);
	mitok_token_free(t);
	mitok_free(m);
	return failed;
}

static void forget(const struct row *row)
{
	struct mitok *m = NULL;

	begin(row);
	if (context_new(&scripted, NULL, &m, NULL) == MITOK_OK)
		CHECK(mitok_cache_clear(m, NULL, NULL) == MITOK_OK);
	mitok_free(m);
}

/* With a cold cache, or with one that the unharmed program filled. */
static void sweep(const struct row *row, bool is_warm)
{
	enum mitok_code code = MITOK_OK;
	unsigned n = 0, survived = 0;
	bool failed;

	do {
		forget(row);
		if (is_warm)
			(void)live(row, 0, &code);
		failed = live(row, ++n, &code);
		survived += failed && code == row->code;
	} while (failed && n < 5000);
	CHECK_ROW(row->what, !failed && code == row->code);
	CHECK_ROW(row->what, n > 5 && survived < n);
	CHECK_ROW(row->what, spy_leaks == 0);
}

static void cold(void)
{
	world_begin();
	spy_leaks = 0;
	for (size_t i = 0; i < COUNT(rows); i++)
		sweep(&rows[i], false);
	world_end();
}

static void warm(void)
{
	if (!world_has_tmpfs()) {
		test_skip("no tmpfs to write to");
		return;
	}
	world_begin();
	spy_leaks = 0;
	for (size_t i = 0; i < COUNT(rows); i++)
		sweep(&rows[i], true);
	world_end();
}

static const struct test tests[] = {
	{ "each allocation may fail while a token is fetched", cold },
	{ "each allocation may fail while a token is in the cache", warm },
};
TEST_MAIN(tests)
