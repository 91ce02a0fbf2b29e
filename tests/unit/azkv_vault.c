/* One call to a vault: retries, tokens, refusals, and what is said about them.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault.h"

#include <errno.h>
#include <openssl/err.h>

#include "test.h"
#include "vault_world.h"

#define HOST        "myvault.vault.azure.net"
#define KEY         "azkv://" HOST "/keys/k/" WORLD_VERSION
#define HSM         "azkv://myhsm.managedhsm.azure.net/keys/k/" WORLD_VERSION
#define CERTIFICATE "azkv://" HOST "/certificates/c"
#define KID         "https://" HOST "/keys/k/" WORLD_VERSION

#define SIGNED      "{\"kid\":\"" KID "\",\"value\":\"AQID\"}"
#define GOOD                        \
	{                           \
		{                   \
			200, SIGNED \
		}                   \
	}
#define CODE(code, inner, message)                                 \
	"{\"error\":{\"code\":\"" code "\",\"message\":\"" message \
	"\",\"innererror\":{\"code\":\"" inner "\"}}}"
#define ASKS(resource)                                               \
	"Date: x\nWWW-Authenticate: Bearer authorization=\"https://" \
	"login.microsoftonline.com/" WORLD_TENANT "\", resource=\"" resource "\"\n"
#define UNAUTHORIZED                                                                 \
	{                                                                            \
		{                                                                    \
			401,                                                         \
				"{\"error\":{\"code\":\"Unauthorized\",\"message\":" \
				"\"AKV10001\"}}",                                    \
				ASKS("https://vault.azure.net")                      \
		}                                                                    \
	}
#define DAY_MS INT64_C(86400000)

static enum mitok_code sign(
	struct vault *v, const char *key, struct secret *ret, struct mitok_err *e)
{
	const struct uri u = vault_world_uri(key);
	const struct vault_job job = { &u, "sign", "RS256",
		(const unsigned char *)"\xfb\xff\xbf", 3 };

	return vault_do(v, &job, ret, e);
}

static bool has(const char *text, const char *fragment)
{
	return !fragment || strstr(text, fragment);
}

/* One signature, and what must come of it. */
struct row {
	const char *what;
	struct vault_answer answers[6];
	unsigned requests, tokens; /* 0 tokens: 1, but with requests 0 */
	int64_t min_ms, max_ms;    /* that it takes; 0: not looked at */
	enum mitok_code code;
	int status, retry_after_s;
	const char *message, *hint; /* fragments */
	const char *key;            /* NULL: KEY */
	const char *conf;
	int64_t timeout_ms;
};

static enum mitok_code run(
	const struct row *row, struct secret *ret, struct mitok_err *e, unsigned fail)
{
	struct vault *v;
	enum mitok_code code;

	vault_world_begin(row->conf, row->answers);
	v = vault_world_client(NULL, row->timeout_ms);
	spy_fail(fail);
	code = sign(v, row->key ? row->key : KEY, ret, e);
	spy_fail(0);
	vault_free(v);
	CHECK_ROW(row->what, vault_world.made == vault_world.ended);
	CHECK_ROW(row->what, vault_world.abandoned == 0);
	return code;
}

static void check(const struct row *row, const struct mitok_err *e, enum mitok_code code)
{
	unsigned tokens = row->tokens ? row->tokens : row->requests > 0;
	int64_t took = vault_world.now.boot_ms - SCRIPT_START_MS;
	bool well = code == row->code && vault_world.requests == row->requests &&
		vault_world.tokens == tokens && e->http_status == row->status &&
		e->retry_after_s == row->retry_after_s && has(e->message, row->message) &&
		has(e->hint, row->hint);

	CHECK_ROW(row->what, well);
	if (!well)
		fprintf(stderr,
			"  %d, %u requests, %u tokens, status %d, later %d: %s; %s\n",
			(int)code, vault_world.requests, vault_world.tokens,
			e->http_status, e->retry_after_s, e->message, e->hint);
	CHECK_ROW(row->what, (code == MITOK_OK) == (e->message[0] == '\0'));
	CHECK_ROW(row->what, !strstr(e->message, SPY_MARK) && !strstr(e->hint, SPY_MARK));
	if (row->max_ms)
		CHECK_ROW(row->what, took >= row->min_ms && took <= row->max_ms);
}

static void run_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mitok_err e = { 0 };
		struct secret got = { 0 };
		enum mitok_code code;
		unsigned allocations;

		spy_leaks = 0;
		code = run(&rows[i], &got, &e, 0);
		check(&rows[i], &e, code);
		CHECK_ROW(rows[i].what, got.len == (code ? 0 : 3));
		secret_wipe(&got);
		CHECK_ROW(rows[i].what, run(&rows[i], &got, NULL, UINT_MAX) == code);
		secret_wipe(&got);
		allocations = 400;
		for (unsigned n = 1; n <= allocations; n += 1 + n / 40) {
			code = run(&rows[i], &got, &e, n);
			CHECK_ROW(rows[i].what, (code == MITOK_OK) == (got.len > 0));
			secret_wipe(&got);
		}
		CHECK_ROW(rows[i].what, spy_leaks == 0);
	}
}

static void tries_again(void)
{
	static const struct row rows[] = {
		{ "at once", { GOOD }, 1, .max_ms = 1 },
		{ "429", { { { 429 } }, GOOD }, 2, .min_ms = 100, .max_ms = 200 },
		{ "500", { { { 500 } }, GOOD }, 2, .min_ms = 100, .max_ms = 200 },
		{ "502", { { { 502, "<html>" } }, GOOD }, 2, .min_ms = 100,
			.max_ms = 200 },
		{ "503", { { { 503 } }, GOOD }, 2, .min_ms = 100, .max_ms = 200 },
		{ "504 twice", { { { 504 } }, { { 504 } }, GOOD }, 3, .min_ms = 500,
			.max_ms = 1000 },
		{ "nothing listens", { { { .fault = HTTP_CONNECT } }, GOOD }, 2,
			.min_ms = 100, .max_ms = 200 },
		{ "no name", { { { .fault = HTTP_RESOLVE } }, GOOD }, 2, .min_ms = 100,
			.max_ms = 200 },
		{ "broken off in the handshake", { { { .fault = HTTP_TLS } }, GOOD }, 2,
			.min_ms = 100, .max_ms = 200 },
		{ "broken off", { { { .fault = HTTP_RESET } }, GOOD }, 2, .min_ms = 100,
			.max_ms = 200 },
		{ "silence", { { { 200, .takes_ms = DAY_MS } }, GOOD }, 2, .min_ms = 2600,
			.max_ms = 2700 },
		{ "seconds are asked for", { { { 429, "", "Retry-After: 2\n" } }, GOOD },
			2, .min_ms = 2000, .max_ms = 2100 },
		{ "a date is asked for",
			{ { { 503, "", "retry-after: Tue, 24 Sep 2024 15:55:02 GMT\n" } },
				GOOD },
			2, .min_ms = 3000, .max_ms = 3100 },
		{ "a date that is over",
			{ { { 503, "", "Retry-After: Tue, 24 Sep 2024 15:54:02 GMT\n" } },
				GOOD },
			2, .min_ms = 100, .max_ms = 200 },
		{ "nonsense is asked for",
			{ { { 429, "", "Retry-After: soon\n" } }, GOOD }, 2,
			.min_ms = 100, .max_ms = 200 },
		{ "no time is asked for", { { { 429, "", "Retry-After: 0\n" } }, GOOD },
			2, .min_ms = 100, .max_ms = 200 },
	};

	run_rows(rows, COUNT(rows));
}

static const struct row in_vain[] = {
	{ "throttled for good", { { { 429, CODE("Throttled", "", "too many") } } }, 3,
		.min_ms = 500, .max_ms = 1000, .code = MITOK_E_LATER, .status = 429,
		.message = "cannot sign with " KEY
			   ": HTTP status 429 Too Many Requests (Throttled): too "
			   "many, request id ",
		.hint = "limit of operations" },
	{ "more time is asked for than there is",
		{ { { 429, "", "Retry-After: 60\n" } } }, 1, .max_ms = 1,
		.code = MITOK_E_LATER, .status = 429, .retry_after_s = 60 },
	{ "a date that is too far",
		{ { { 503, "", "Retry-After: Tue, 24 Sep 2024 15:55:29 GMT\n" } } }, 1,
		.max_ms = 1, .code = MITOK_E_LATER, .status = 503, .retry_after_s = 30,
		.message = "503 Service Unavailable" },
	{ "a date in another age",
		{ { { 503, "", "Retry-After: Thu, 24 Sep 2424 15:55:29 GMT\n" } } }, 1,
		.code = MITOK_E_LATER, .status = 503, .retry_after_s = 86400 },
	{ "down", { { { 500 } } }, 3, .code = MITOK_E_LATER, .status = 500,
		.hint = "try again" },
	{ "nothing listens", { { { .fault = HTTP_CONNECT, .sys_errno = ECONNREFUSED } } },
		3, .min_ms = 500, .max_ms = 1000, .code = MITOK_E_LATER,
		.message = "cannot sign with " KEY ": no connection (Connection "
			   "refused), after 3 tries",
		.hint = "firewalls" },
	{ "no name", { { { .fault = HTTP_RESOLVE } } }, 3, .code = MITOK_E_LATER,
		.message = "cannot be resolved", .hint = "DNS" },
	{ "broken off", { { { .fault = HTTP_RESET } } }, 3, .code = MITOK_E_LATER,
		.message = "broke off" },
	{ "silence, within the time", { { { 200, .takes_ms = DAY_MS } } }, 3,
		.min_ms = 9000, .max_ms = 10000, .code = MITOK_E_LATER,
		.message = "no answer in time", .hint = "port 443" },
	{ "silence, in less time", { { { 200, .takes_ms = DAY_MS } } }, 2, .min_ms = 1900,
		.max_ms = 2000, .code = MITOK_E_LATER, .timeout_ms = 2000 },
	{ "silence, in no time", { { { 200, .takes_ms = DAY_MS } } }, 1, .min_ms = 50,
		.max_ms = 50, .code = MITOK_E_LATER, .timeout_ms = 50 },
	{ "a certificate that cannot be trusted", { { { .fault = HTTP_TLS } } }, 3,
		.min_ms = 500, .max_ms = 1000, .code = MITOK_E_REPLY,
		.message = "no TLS connection", .hint = "proxy" },
	{ "no HTTP", { { { .fault = HTTP_NONSENSE } }, GOOD }, 1, .code = MITOK_E_REPLY,
		.message = "not Key Vault" },
	{ "elsewhere",
		{ { { 302, "", "Location: https://evil.vault.azure.net/\n" } }, GOOD }, 1,
		.code = MITOK_E_REPLY, .status = 302, .message = "status 302",
		.hint = "proxy" },
	{ "no content", { { { 204 } }, GOOD }, 1, .code = MITOK_E_REPLY, .status = 204,
		.hint = "as Key Vault does" },
	{ "a conflict", { { { 409 } }, GOOD }, 1, .code = MITOK_E_LATER, .status = 409,
		.message = "409 Conflict" },
	{ "bad input",
		{ { { 400,
			  CODE("BadParameter", "",
				  "Invalid length of 'value': 3 bytes.") } },
			GOOD },
		1, .code = MITOK_E_ARG, .status = 400,
		.message = "400 Bad Request (BadParameter): Invalid length of "
			   "'value': 3 bytes, request id",
		.hint = "curve" },
};

static void gives_up(void)
{
	run_rows(in_vain, COUNT(in_vain));
}

#define ROW(code_, inner, text, hint_)                                              \
	{                                                                           \
		inner, { { { 403, CODE(code_, inner, text) } }, GOOD }, 1,          \
			.code = MITOK_E_DENIED, .status = 403, .hint = (hint_),     \
			.message = "cannot sign with " KEY                          \
				   ": HTTP status 403 Forbidden (" inner "): " text \
				   ", request id "                                  \
	}
/* The sentence of the service is the interesting part of the error; what to do is ours. */
static const struct row refused[] = {
	ROW("Forbidden", "ForbiddenByRbac", "Caller is not authorized",
		"grant the role 'Key Vault Crypto User' to the object "
		"id " WORLD_OBJECT
		": az role assignment create --assignee-object-id " WORLD_OBJECT
		" --assignee-principal-type ServicePrincipal --role 'Key Vault "
		"Crypto User' --scope \"$(az keyvault show --name myvault "
		"--query "
		"id --output tsv)\""),
	ROW("Forbidden", "ForbiddenByPolicy", "no keys sign permission",
		"az keyvault set-policy --name myvault --object-id " WORLD_OBJECT
		" --key-permissions get sign"),
	ROW("Forbidden", "AccessDenied", "no", "az keyvault set-policy"),
	ROW("Forbidden", "ForbiddenByFirewall", "Client address: 10.0.0.1",
		"az keyvault network-rule add --name myvault"),
	ROW("Forbidden", "ForbiddenByConnection", "Public network access is off",
		"'" HOST "' must resolve"),
	ROW("Forbidden", "KeyDisabled", "on a disabled key",
		"az keyvault key set-attributes --id " KID " --enabled true"),
	ROW("Forbidden", "KeyOperationForbidden",
		"Operation sign is not permitted on this key",
		"az keyvault key set-attributes --id " KID " --ops sign"),
	ROW("Forbidden", "Other", "the key is expired", "--expires TIME"),
	ROW("Forbidden", "Other", "the key is not yet valid", "--not-before TIME"),
	ROW("Forbidden", "Other", "something new", "grant the role"),
	{ "a proxy's 403", { { { 403, "<html>" } } }, 1, .code = MITOK_E_DENIED,
		.status = 403, .message = "403 Forbidden, request id", .hint = "proxy" },
	{ "no such version", { { { 404, CODE("KeyNotFound", "", "not found") } } }, 1,
		.code = MITOK_E_ARG, .status = 404,
		.message = "404 Not Found (KeyNotFound)",
		.hint = "az keyvault key list-versions --vault-name myvault "
			"--name k" },
	/* Its key is what signs; az changes none of that but by a new version. */
	{ "a certificate that has expired",
		{ { { 403, CODE("Forbidden", "Other", "the key is expired") } } }, 1,
		.code = MITOK_E_DENIED, .status = 403, .key = CERTIFICATE,
		.hint = "/certificates/c is used before or after the time it is for: "
			"have a new version" },
	{ "a certificate whose key may not sign",
		{ { { 403, CODE("Forbidden", "KeyOperationForbidden", "no") } } }, 1,
		.code = MITOK_E_DENIED, .status = 403, .key = CERTIFICATE,
		.hint = "the policy of https://" HOST "/certificates/c does not let its "
			"key 'sign'" },
	{ "a certificate that is switched off",
		{ { { 403, CODE("Forbidden", "CertificateDisabled", "no") } } }, 1,
		.code = MITOK_E_DENIED, .status = 403, .key = CERTIFICATE,
		.hint = "az keyvault certificate set-attributes --id https://" HOST
			"/certificates/c --enabled true" },
	{ "an HSM's role", { { { 403, CODE("Forbidden", "", "no") } } }, 1,
		.code = MITOK_E_DENIED, .status = 403, .key = HSM,
		.hint = "az keyvault role assignment create --hsm-name myhsm "
			"--assignee-object-id " WORLD_OBJECT
			" --assignee-principal-type ServicePrincipal --role "
			"'Managed HSM Crypto User' --scope /keys/k" },
	{ "an HSM's key", { { { 404 } } }, 1, .code = MITOK_E_ARG, .status = 404,
		.key = HSM, .hint = "--hsm-name myhsm" },
	{ "foreign bytes",
		{ { { 403,
			"{\"error\":{\"code\":\"Forbidden\",\"message\":"
			"\"a\\r\\n\\u001b[31mb\"}}" } } },
		1, .code = MITOK_E_DENIED, .status = 403,
		.message = "403 Forbidden (Forbidden): a" },
};

static void refusals(void)
{
	run_rows(refused, COUNT(refused));
}

static void other_token(void)
{
	static const struct row rows[] = {
		{ "another token is taken", { UNAUTHORIZED, GOOD }, 2, 2 },
		{ "no token is good enough", { UNAUTHORIZED }, 2, 2,
			.code = MITOK_E_DENIED, .status = 401,
			.message = "401 Unauthorized (Unauthorized): AKV10001",
			.hint = "clock" },
		{ "then the vault is busy", { UNAUTHORIZED, { { 503 } }, GOOD }, 3, 2 },
		{ "it was busy before", { { { 503 } }, UNAUTHORIZED, GOOD }, 3, 2 },
		{ "no challenge", { { { 401 } }, GOOD }, 1, .code = MITOK_E_DENIED,
			.status = 401 },
		{ "a challenge for others",
			{ { { 401, "", ASKS("https://management.azure.com") } }, GOOD },
			1, .code = MITOK_E_REPLY,
			.message = "it wants tokens for 'https://management.azure.com'" },
		{ "a challenge for a part of the name",
			{ { { 401, "", ASKS("https://ault.azure.net") } }, GOOD }, 1,
			.code = MITOK_E_REPLY },
		{ "another kind of challenge",
			{ { { 401, "", "WWW-Authenticate: Negotiate\n" } }, GOOD }, 1,
			.code = MITOK_E_REPLY },
		{ "several challenges",
			{ { { 401, "",
				  "WWW-Authenticate: Negotiate\n" ASKS(
					  "https://vault.azure.net") } },
				GOOD },
			2, 2 },
		{ "a vault of another tenant",
			{ { { 401, "",
				"WWW-Authenticate: Bearer "
				"authorization=\"https://login.windows.net/other\", "
				"resource=\"https://vault.azure.net\"\n" } } },
			2, 2, .code = MITOK_E_DENIED, .status = 401,
			.hint = "the vault is of the tenant other, the identity of the "
				"tenant " WORLD_TENANT },
		{ "a host of root's may ask for what it likes",
			{ { { 401, "", ASKS("https://example.org") } }, GOOD }, 2, 2,
			.key = "azkv://kv.example/keys/k", .code = MITOK_E_REPLY,
			.conf = "rules = ( { host = \"kv.example\"; identity = "
				"\"default\"; } );" },
	};

	run_rows(rows, COUNT(rows));
}

#define GRANTED(rule) "rules = ( { host = \"" rule "\"; identity = \"default\"; } );"

static void hosts(void)
{
#define NOT(key_)                                                                        \
	{                                                                                \
		key_, { GOOD }, 0, .code = MITOK_E_ARG, .key = "azkv://" key_ "/keys/k", \
				   .message = "no token goes there",                     \
				   .hint = "root says so"                                \
	}
	static const struct row rows[] = {
		NOT("vault.azure.net"),
		NOT("a.b.vault.azure.net"),
		NOT("mystorage.blob.core.windows.net"),
		NOT("management.azure.com"),
		NOT("myvault.vault.azure.net.evil.example"),
		NOT("myvaultvault.azure.net"),
		NOT("evil.example"),
		{ "root may name another", { GOOD }, 1, .code = MITOK_E_REPLY,
			.key = "azkv://kv.example/keys/k",
			.message = "cannot sign with azkv://kv.example/keys/k",
			.conf = GRANTED("kv.example") },
		{ "and all below a name", { GOOD }, 1, .code = MITOK_E_REPLY,
			.key = "azkv://kv.example/keys/k", .conf = GRANTED(".example") },
		{ "but not by a rule that denies", { GOOD }, 0, .code = MITOK_E_ARG,
			.key = "azkv://kv.example/keys/k",
			.conf = "rules = ( { host = \"kv.example\"; deny = true; } );" },
		{ "which counts for vaults too", { GOOD }, 0, .code = MITOK_E_DENIED,
			.message =
				"cannot sign with " KEY ": no token for host '" HOST "'",
			.conf = "rules = ( { host = \"" HOST "\"; deny = true; } );" },
		{ "a rule may look at the key", { GOOD }, 0, .code = MITOK_E_DENIED,
			.conf = "rules = ( { host = \"" HOST
				"\"; path = \"/keys/k\"; deny = true; } );" },
		{ "or at another key", { GOOD }, 1,
			.conf = "rules = ( { host = \"" HOST
				"\"; path = \"/keys/other\"; deny = true; } );" },
	};

	run_rows(rows, COUNT(rows));
}

/* What the token is for, host by host. */
static void resources(void)
{
	static const struct vault_answer answers[] = { { { 404 } }, { { 0 } } };
	static const struct {
		const char *key, *conf, *want;
	} rows[] = {
		{ KEY, NULL, "https://vault.azure.net" },
		{ HSM, NULL, "https://managedhsm.azure.net" },
		{ "azkv://v.vault.azure.cn/keys/k", NULL, "https://vault.azure.cn" },
		{ "azkv://v.vault.usgovcloudapi.net/keys/k", NULL,
			"https://vault.usgovcloudapi.net" },
		{ "azkv://kv.example/keys/k", GRANTED("kv.example") "cloud = \"china\";",
			"https://vault.azure.cn" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct secret got = { 0 };
		struct mitok_err e;
		struct vault *v;

		vault_world_begin(rows[i].conf, answers);
		v = vault_world_client(NULL, 0);
		CHECK_ROW(rows[i].key, sign(v, rows[i].key, &got, &e) == MITOK_E_ARG);
		CHECK_TEXT(vault_world.last_resource, rows[i].want);
		vault_free(v);
	}
}

static void on_the_wire(void)
{
	static const struct vault_answer answers[] = { GOOD, { { 0 } } };
	struct secret got = { 0 };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY, &got, NULL) == MITOK_OK);
	CHECK_TEXT(vault_world.wire,
		"POST https://" HOST "/keys/k/" WORLD_VERSION
		"/sign?api-version=7.4\nAuthorization: token-1\nAccept: "
		"application/json\nContent-Type: application/json\n\n"
		"{\"alg\":\"RS256\",\"value\":\"-_-_\"}\n");
	CHECK(memcmp(secret_peek(&got), "\1\2\3", 3) == 0);
	CHECK(vault_world.timeout_ms[0] == 2500 && vault_world.connect_ms[0] == 2000);
	secret_wipe(&got);
	vault_free(v);
}

/* The last try has what is left, and connecting never more than two seconds. */
static void shares_of_the_time(void)
{
	static const struct vault_answer answers[] = { { { 200, .takes_ms = DAY_MS } },
		{ { 0 } } };
	struct secret got = { 0 };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY, &got, NULL) == MITOK_E_LATER);
	CHECK(vault_world.timeout_ms[0] == 2500);
	CHECK(vault_world.timeout_ms[1] > 2400 && vault_world.timeout_ms[1] < 2500);
	CHECK(vault_world.timeout_ms[2] > 4000 && vault_world.timeout_ms[2] < 5000);
	for (int i = 0; i < 3; i++)
		CHECK(vault_world.connect_ms[i] == 2000);
	vault_free(v);
}

/* Whoever throttles us tells support's number; without it ours is told. */
static void request_ids(void)
{
	static const struct vault_answer answers[] = {
		{ { 404, "",
			"x-ms-request-id: 11111111-0000-4000-8000-000000000000\n" } },
		{ { 404 } }, { { 0 } }
	};
	struct secret got = { 0 };
	struct mitok_err e;
	char first[64];
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY, &got, &e) == MITOK_E_ARG);
	CHECK_TEXT(e.correlation_id, "11111111-0000-4000-8000-000000000000");
	CHECK(strstr(e.message, ", request id 11111111-0000-4000-8000-000000000000"));
	(void)!TEXT_COPY(first, vault_world.last_id);
	CHECK(sign(v, KEY, &got, &e) == MITOK_E_ARG);
	CHECK_TEXT(e.correlation_id, vault_world.last_id);
	CHECK(strcmp(first, vault_world.last_id) != 0);
	vault_free(v);
}

static void no_token(void)
{
	static const struct vault_answer answers[] = { GOOD, { { 0 } } };
	static const struct {
		const char *what, *identity;
		int status;
		int64_t takes_ms;
		enum mitok_code code;
		const char *message;
		const char *key;
	} rows[] = {
		{ "the machine has no identity", NULL, 400, 0, MITOK_E_NOIDENTITY,
			"cannot sign with " KEY ": no token: " },
		{ "it takes all of the time", NULL, 0, 10000, MITOK_E_LATER,
			"the time is over" },
		{ "it is down", NULL, 500, 0, MITOK_E_LATER, "no token: " },
		{ "nobody is called so", NULL, 0, 0, MITOK_E_ARG,
			"no identity is called "
			"'nobody'",
			KEY "?identity=nobody" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct secret got = { 0 };
		struct mitok_err e = { 0 };
		struct vault *v;

		vault_world_begin(NULL, answers);
		vault_world.imds_status = rows[i].status;
		vault_world.imds_ms = rows[i].takes_ms;
		v = vault_world_client(rows[i].identity, 0);
		CHECK_ROW(rows[i].what,
			sign(v, rows[i].key ? rows[i].key : KEY, &got, &e) ==
				rows[i].code);
		CHECK_ROW(rows[i].what, has(e.message, rows[i].message));
		if (!has(e.message, rows[i].message) || e.code != rows[i].code)
			fprintf(stderr, "  %d %s\n", (int)e.code, e.message);
		CHECK_ROW(
			rows[i].what, vault_world.requests == 0 && e.http_status != 200);
		CHECK_ROW(
			rows[i].what, vault_world.now.boot_ms - SCRIPT_START_MS <= 10000);
		vault_free(v);
	}
}

/* The URI's identity goes before that of openssl.cnf. */
static void identities(void)
{
	static const struct vault_answer answers[] = { { { 404 } }, { { 0 } } };
	static const struct {
		const char *identity, *key, *query;
	} rows[] = {
		{ "object-id:" WORLD_OBJECT, KEY, "object_id=" WORLD_OBJECT },
		{ "client-id:" SCRIPT_OTHER, KEY "?identity=object-id:" WORLD_OBJECT,
			"object_id=" WORLD_OBJECT },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct secret got = { 0 };
		struct vault *v;

		vault_world_begin(NULL, answers);
		v = vault_world_client(rows[i].identity, 0);
		CHECK(sign(v, rows[i].key, &got, NULL) == MITOK_E_ARG);
		CHECK(vault_world.requests == 1);
		CHECK(has(vault_world.last_query, rows[i].query));
		vault_free(v);
	}
}

/* The library says whose setting is wrong. Here it is the real one; were it content, it
 * still had no token for that host. */
static void identity_of_openssl_cnf(void)
{
	const struct vault_settings s = { .identity = "no such name" };
	struct vault *v = vault_new(&s);
	struct secret got = { 0 };
	struct mitok_err e = { 0 };

	CHECK(sign(v, "azkv://evil.example/keys/k", &got, &e) == MITOK_E_CONF);
	CHECK(strstr(e.message, "token-identity in openssl.cnf"));
	vault_free(v);
}

/* A chroot, or another /etc: what root says there is not what the program was given. With an
 * identity that is nowhere, nobody is asked if this fails. */
static void other_root(void)
{
	const struct vault_settings s = { "no-such-name", 0 };
	struct uri u = vault_world_uri("azkv://myvault.vault.azure.net/keys/k");

	for (size_t i = 0; i < 2; i++) {
		struct vault *v = vault_new(&s);
		struct vault_key key = { .public_key = NULL };
		struct mitok_err e = { 0 };

		CHECK(v != NULL);
		if (!v)
			return;
		if (i == 0)
			v->places.root.ino++;
		else
			v->places.conf.ino++;
		CHECK(vault_get_key(v, &u, NULL, &key, &e) == MITOK_E_CONF);
		CHECK(strstr(e.message, "root directory") && strstr(e.hint, "chroot"));
		vault_free(v);
	}
}

static void wrong_answers(void)
{
#define BODY(what_, body, text)                                         \
	{                                                               \
		what_, { { { 200, body } } }, 1, .code = MITOK_E_REPLY, \
						 .message = (text)      \
	}
	static const struct row rows[] = {
		BODY("none", "", "cannot sign with " KEY ": "),
		BODY("no JSON", "<html>", "cannot sign with " KEY ": "),
		BODY("half", "{\"kid\":\"" KID "\",\"val", NULL),
		BODY("no value", "{\"kid\":\"" KID "\"}", NULL),
		BODY("no base64", "{\"kid\":\"" KID "\",\"value\":\"!\"}", NULL),
		BODY("of another host",
			"{\"kid\":\"https://other.vault.azure.net/keys/k/" WORLD_VERSION
			"\",\"value\":\"AQID\"}",
			NULL),
		BODY("of another key",
			"{\"kid\":\"https://" HOST "/keys/other/" WORLD_VERSION
			"\",\"value\":\"AQID\"}",
			"the answer is about another key"),
		{ "of another version",
			{ { { 200,
				"{\"kid\":\"https://" HOST "/keys/k/" WORLD_OTHER
				"\",\"value\":\"AQID\"}" } } },
			1, .code = MITOK_E_REPLY, .status = 200,
			.message = "cannot sign with " KEY ": the version " WORLD_OTHER,
			.hint = "mi-token keyref" },
		{ "of any version, when none was loaded",
			{ { { 200,
				"{\"kid\":\"https://" HOST "/keys/K/" WORLD_OTHER
				"\",\"value\":\"AQID\"}" } } },
			1, .key = "azkv://" HOST "/keys/k" },
	};

	run_rows(rows, COUNT(rows));
}

static void unknown_operation(void)
{
	static const struct vault_answer answers[] = { GOOD, { { 0 } } };
	const struct uri u = vault_world_uri(KEY);
	const struct vault_job job = { &u, "delete", "RS256", NULL, 0 };
	struct secret got = { 0 };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(vault_do(v, &job, &got, NULL) == MITOK_E_ARG);
	CHECK(vault_world.requests == 0);
	vault_free(v);
}

/* nginx takes anything on the queue for a failed connection. */
static void error_queue(void)
{
	static const struct vault_answer answers[] = { { { 404 } }, GOOD, { { 0 } } };
	struct secret got = { 0 };
	unsigned long before;
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	ERR_clear_error();
	CHECK(sign(v, KEY, &got, NULL) == MITOK_E_ARG);
	CHECK(ERR_peek_error() == 0);
	ERR_raise(ERR_LIB_USER, 7);
	before = ERR_peek_last_error();
	CHECK(sign(v, KEY, &got, NULL) == MITOK_OK);
	CHECK(ERR_peek_last_error() == before);
	CHECK(ERR_get_error() == before && ERR_peek_error() == 0);
	secret_wipe(&got);
	vault_free(v);
}

static const struct test tests[] = {
	{ "what may be better next time is tried again", tries_again },
	{ "up to three times, within the time, and only what may help", gives_up },
	{ "a refusal names its cause and its cure", refusals },
	{ "a token that is not taken is replaced once", other_token },
	{ "a token goes to vaults and to hosts that root names", hosts },
	{ "in a changed root directory there is no token", other_root },
	{ "each cloud's vaults get tokens of their own", resources },
	{ "a request is what the service documents", on_the_wire },
	{ "no try takes the time of the others", shares_of_the_time },
	{ "the error has the id that support wants to know", request_ids },
	{ "without a token nothing is asked", no_token },
	{ "the identity may stand in the URI or in openssl.cnf", identities },
	{ "and the error says where it stands", identity_of_openssl_cnf },
	{ "an answer is about the key that was asked for", wrong_answers },
	{ "only what is known is done", unknown_operation },
	{ "OpenSSL's error queue stays as it was", error_queue },
};

TEST_MAIN(tests)
