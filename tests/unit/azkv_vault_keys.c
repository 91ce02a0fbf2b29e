/* What is in a vault: keys, certificates, lists; and what is remembered of it.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault.h"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include "openssl/vault-recent.h"
#include "test.h"
#include "vault_world.h"

#define HOST "myvault.vault.azure.net"
#define KID  "https://" HOST "/keys/k/" WORLD_VERSION

/* The generator of P-256 (FIPS 186-4, D.1.2.3), which is as good a key as any. */
#define JWK(kid)                                                          \
	"{\"key\":{\"kid\":\"" kid "\",\"kty\":\"EC\",\"crv\":\"P-256\"," \
	"\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\","          \
	"\"y\":\"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\"}}"
#define FOUND                         \
	{                             \
		{                     \
			200, JWK(KID) \
		}                     \
	}
#define END               \
	{                 \
		{         \
			0 \
		}         \
	}

static OSSL_LIB_CTX *inner;
static OSSL_PROVIDER *standard; /* of it */

static enum mitok_code get(
	struct vault *v, const char *text, struct vault_key *ret, struct mitok_err *e)
{
	const struct uri u = vault_world_uri(text);

	return vault_get_key(v, &u, inner, ret, e);
}

static enum mitok_code sign(struct vault *v, const char *text, struct mitok_err *e)
{
	const struct uri u = vault_world_uri(text);
	const struct vault_job job = { &u, "sign", "ES256", (const unsigned char *)"",
		0 };
	AUTO_SECRET got = { 0 };

	return vault_do(v, &job, &got, e);
}

static void key_as_it_is(void)
{
	static const struct vault_answer answers[] = { FOUND, END };
	struct vault_key k = { .public_key = NULL };
	struct mitok_err e = { .code = MITOK_E_BUG };
	struct vault *v;
	char group[16] = "";

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(get(v, "azkv://" HOST "/keys/K?identity=object-id:" WORLD_OBJECT, &k, &e) ==
		MITOK_OK);
	CHECK(e.code == MITOK_OK && !e.message[0]);
	CHECK(k.uri.kind == URI_KEY && !k.uri.is_hsm);
	CHECK_TEXT(k.uri.host, HOST);
	CHECK_TEXT(k.uri.name, "k");
	CHECK_TEXT(k.uri.version, WORLD_VERSION);
	CHECK_TEXT(k.uri.identity, "object-id:" WORLD_OBJECT);
	CHECK(EVP_PKEY_get_group_name(k.public_key, group, sizeof(group), NULL) == 1);
	CHECK_TEXT(group, "prime256v1");
	CHECK(EVP_PKEY_get0_provider(k.public_key) == standard);
	CHECK_TEXT(vault_world.wire,
		"GET https://" HOST "/keys/k?api-version=7.4\nAuthorization: "
		"token-1\nAccept: application/json\n\n\n");
	vault_key_wipe(&k);
	CHECK(!k.public_key && !k.uri.name[0]);
	vault_free(v);
}

static void other_keys(void)
{
	static const struct {
		const char *what, *key;
		struct vault_answer answers[2];
		enum mitok_code code;
		const char *wire; /* begins so */
	} rows[] = {
		{ "a version", "azkv://" HOST "/keys/k/" WORLD_VERSION, { FOUND },
			MITOK_OK,
			"GET https://" HOST "/keys/k/" WORLD_VERSION
			"?api-version=7.4\n" },
		{ "an identifier of the portal", "azkv:https://" HOST "/keys/K",
			{ FOUND }, MITOK_OK,
			"GET https://" HOST "/keys/k?api-version=7.4\n" },
		{ "another version", "azkv://" HOST "/keys/k/" WORLD_OTHER, { FOUND },
			MITOK_E_REPLY, NULL },
		{ "another name", "azkv://" HOST "/keys/other", { FOUND }, MITOK_E_REPLY,
			NULL },
		{ "another host", "azkv://other.vault.azure.net/keys/k", { FOUND },
			MITOK_E_REPLY, NULL },
		{ "a symmetric key", "azkv://" HOST "/keys/k",
			{ { { 200,
				"{\"key\":{\"kid\":\"" KID "\",\"kty\":\"oct\"}}" } } },
			MITOK_E_ARG, NULL },
		{ "no key", "azkv://" HOST "/keys/k", { { { 200, "{}" } } },
			MITOK_E_REPLY, NULL },
		{ "all of them", "azkv://" HOST, { FOUND }, MITOK_E_ARG, "" },
		{ "none", "azkv://" HOST "/keys/k", { { { 404 } } }, MITOK_E_ARG, NULL },
		{ "nowhere", "azkv://evil.example/keys/k", { FOUND }, MITOK_E_ARG, "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vault_key k = { .public_key = NULL };
		struct mitok_err e = { 0 };
		struct vault *v;

		vault_world_begin(NULL, rows[i].answers);
		v = vault_world_client(NULL, 0);
		CHECK_ROW(rows[i].what, get(v, rows[i].key, &k, &e) == rows[i].code);
		CHECK_ROW(rows[i].what, !!k.public_key == !rows[i].code);
		/* 200 is said of rotated keys alone */
		CHECK_ROW(rows[i].what, e.http_status != 200);
		if (rows[i].wire && !*rows[i].wire)
			CHECK_ROW(rows[i].what, vault_world.requests == 0);
		else if (rows[i].wire)
			CHECK_ROW(rows[i].what,
				text_starts(vault_world.wire, rows[i].wire));
		vault_key_wipe(&k);
		vault_free(v);
	}
}

/* Each allocation fails once. */
static void without_memory(void)
{
	static const struct vault_answer answers[] = { FOUND, END };

	for (unsigned n = 1; n < 200; n++) {
		struct vault_key k = { .public_key = NULL };
		enum mitok_code r;
		struct vault *v;

		vault_world_begin(NULL, answers);
		v = vault_world_client(NULL, 0);
		spy_fail(n);
		r = get(v, "azkv://" HOST "/keys/k", &k, NULL);
		spy_fail(0);
		CHECK(!!k.public_key == !r);
		vault_key_wipe(&k);
		vault_free(v);
	}
	CHECK(spy_leaks == 0);
}

static void wait_ms(int64_t ms)
{
	vault_world.now.boot_ms += ms;
}

static void twice(void)
{
	static const struct vault_answer answers[] = { FOUND, END };
	OSSL_LIB_CTX *other = OSSL_LIB_CTX_new();
	const struct uri u = vault_world_uri("azkv://" HOST "/keys/k");
	struct vault_key a = { .public_key = NULL }, b = a, c = a, d = a;
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(vault_get_key(v, &u, inner, &a, NULL) == MITOK_OK);
	wait_ms(999);
	CHECK(vault_get_key(v, &u, inner, &b, NULL) == MITOK_OK);
	CHECK(vault_world.requests == 1 && vault_world.tokens == 1);
	CHECK(b.public_key == a.public_key);
	CHECK_TEXT(b.uri.host, HOST);
	CHECK_TEXT(b.uri.version, WORLD_VERSION);
	CHECK(vault_get_key(v, &u, other, &c, NULL) == MITOK_OK);
	CHECK(vault_world.requests == 2 && c.public_key != a.public_key);
	wait_ms(1);
	CHECK(vault_get_key(v, &u, inner, &d, NULL) == MITOK_OK);
	CHECK(vault_world.requests == 3);
	vault_key_wipe(&a);
	vault_key_wipe(&b);
	vault_key_wipe(&c);
	vault_key_wipe(&d);
	vault_free(v);
	OSSL_LIB_CTX_free(other);
}

static void names_tell_them_apart(void)
{
	static const struct vault_answer answers[] = { FOUND, END };
	static const char *const names[] = { "azkv://" HOST "/keys/k",
		"azkv://" HOST "/keys/k/" WORLD_VERSION,
		"azkv://" HOST "/keys/k?identity=object-id:" WORLD_OBJECT };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	for (unsigned i = 0; i < COUNT(names); i++) {
		struct vault_key k = { .public_key = NULL };

		CHECK(get(v, names[i], &k, NULL) == MITOK_OK);
		CHECK(vault_world.requests == i + 1);
		vault_key_wipe(&k);
	}
	vault_free(v);
}

#define KEY "azkv://" HOST "/keys/k/" WORLD_VERSION

/* Two calls, some time apart. */
static void failures(void)
{
	static const struct {
		const char *what;
		struct vault_answer answers[4];
		const char *second; /* NULL: the same key */
		int64_t apart_ms;
		unsigned requests;
		enum mitok_code code;
	} rows[] = {
		{ "a refusal", { { { 403 } } }, NULL, 999, 1, MITOK_E_DENIED },
		{ "a refusal of long ago", { { { 403 } } }, NULL, 1000, 2,
			MITOK_E_DENIED },
		{ "a vault that is down", { { { .fault = HTTP_CONNECT } } }, NULL, 999, 3,
			MITOK_E_LATER },
		{ "a vault that was down", { { { .fault = HTTP_CONNECT } } }, NULL, 1000,
			6, MITOK_E_LATER },
		{ "one that cannot be trusted", { { { .fault = HTTP_TLS } } }, NULL, 500,
			3, MITOK_E_REPLY },
		{ "a refused token", { { { 401 } } }, NULL, 500, 1, MITOK_E_DENIED },
		{ "what is mended before the next try", { { { 404 } } }, NULL, 0, 2,
			MITOK_E_ARG },
		{ "another key", { { { 403 } } }, "azkv://" HOST "/keys/other", 0, 2,
			MITOK_E_DENIED },
		{ "another version", { { { 403 } } },
			"azkv://" HOST "/keys/k/" WORLD_OTHER, 0, 2, MITOK_E_DENIED },
		{ "another vault", { { { 403 } } },
			"azkv://other.vault.azure.net/keys/k/" WORLD_VERSION, 0, 2,
			MITOK_E_DENIED },
		{ "another identity", { { { 403 } } },
			KEY "?identity=object-id:" WORLD_OBJECT, 0, 2, MITOK_E_DENIED },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *second = rows[i].second ? rows[i].second : KEY;
		struct mitok_err a = { 0 }, b = { 0 };
		struct vault *v;

		vault_world_begin(NULL, rows[i].answers);
		v = vault_world_client(NULL, 0);
		CHECK_ROW(rows[i].what, sign(v, KEY, &a) == rows[i].code);
		wait_ms(rows[i].apart_ms);
		CHECK_ROW(rows[i].what, sign(v, second, &b) == rows[i].code);
		CHECK_ROW(rows[i].what, vault_world.requests == rows[i].requests);
		if (!rows[i].second && rows[i].apart_ms && rows[i].apart_ms < 1000)
			CHECK_ROW(rows[i].what, memcmp(&a, &b, sizeof(a)) == 0);
		vault_free(v);
	}
}

/* What was remembered is not remembered anew when it is told. */
static void no_longer_than_that(void)
{
	static const struct vault_answer answers[] = { { { 403 } }, FOUND, END };
	struct vault_key k = { .public_key = NULL };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	for (int i = 0; i < 10; i++) {
		CHECK(get(v, "azkv://" HOST "/keys/k", &k, NULL) == MITOK_E_DENIED);
		wait_ms(100);
	}
	CHECK(vault_world.requests == 1);
	CHECK(get(v, "azkv://" HOST "/keys/k", &k, NULL) == MITOK_OK);
	vault_key_wipe(&k);
	vault_free(v);
}

/* Signing is refused to who may read, and the other way round. */
static void operations_apart(void)
{
	static const struct vault_answer answers[] = { { { 403 } }, FOUND, END };
	struct vault_key k = { .public_key = NULL };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	CHECK(sign(v, KEY, NULL) == MITOK_E_DENIED);
	CHECK(get(v, KEY, &k, NULL) == MITOK_OK);
	vault_key_wipe(&k);
	vault_free(v);
}

/* A clock that went back must not make a second longer. */
static void clock_went_back(void)
{
	const struct mitok_err e = { .code = MITOK_E_LATER };
	struct vault_recent r = { .shelf = { { NULL } } };
	struct mitok_err got;

	vault_recent_add_failure(&r, "x", 5000, &e);
	CHECK(vault_recent_failure(&r, "x", 5999, &got) && got.code == MITOK_E_LATER);
	CHECK(!vault_recent_failure(&r, "x", 4999, &got));
	CHECK(!vault_recent_failure(&r, "x", 5500, &got)); /* cleared away */
	vault_recent_done(&r);
}

/* There is room for some; the others are forgotten, not kept. */
static void many_failures(void)
{
	const struct mitok_err e = { .code = MITOK_E_LATER };
	struct vault_recent r = { .shelf = { { NULL } } };
	struct mitok_err got;
	unsigned kept = 0;
	char what[16];

	for (int i = 0; i < 100; i++) {
		(void)snprintf(what, sizeof(what), "%d", i);
		vault_recent_add_failure(&r, what, 5000, &e);
		CHECK(vault_recent_failure(&r, what, 5000, &got));
	}
	for (int i = 0; i < 100; i++) {
		(void)snprintf(what, sizeof(what), "%d", i);
		kept += vault_recent_failure(&r, what, 5000, &got);
	}
	CHECK(kept == SHELF_SLOTS);
	vault_recent_done(&r);
}

static void full_names(void)
{
	static const struct vault_answer answers[] = { { { 404 } }, END };
	static const struct {
		const char *text, *conf, *host; /* NULL: refused */
		bool is_hsm;
		unsigned clouds; /* that were asked for */
	} rows[] = {
		{ "azkv://myvault/keys/k", "cloud = \"public\";", HOST, false, 0 },
		{ "azkv://myvault/certificates/k", "cloud = \"china\";",
			"myvault.vault.azure.cn", false, 0 },
		{ "azkv://myvault", NULL, "myvault.vault.usgovcloudapi.net", false, 1 },
		{ "managedhsm:myhsm:k", "cloud = \"public\";",
			"myhsm.managedhsm.azure.net", true, 0 },
		{ "keyvault:myvault:k", "cloud = \"public\";", HOST, false, 0 },
		{ "azkv://" HOST "/keys/k", NULL, HOST, false, 0 },
		{ "azkv://myhsm.managedhsm.azure.net/keys/k", NULL,
			"myhsm.managedhsm.azure.net", true, 0 },
		{ "azkv://evil.example/keys/k", NULL, NULL, false, 0 },
		{ "azkv://kv.example/keys/k",
			"rules = ( { host = \"kv.example\"; identity = \"default\"; } );",
			"kv.example", false, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct uri u = vault_world_uri(rows[i].text), before = u;
		struct mitok_err e = { 0 };
		struct vault *v;
		enum mitok_code r;

		vault_world_begin(rows[i].conf, answers);
		v = vault_world_client(NULL, 0);
		r = vault_resolve(v, &u, &e);
		CHECK_ROW(rows[i].text, r == (rows[i].host ? MITOK_OK : MITOK_E_ARG));
		CHECK_ROW(rows[i].text, !r || strcmp(u.host, before.host) == 0);
		CHECK_ROW(rows[i].text, r || strcmp(u.host, rows[i].host) == 0);
		CHECK_ROW(rows[i].text, r || vault_is_hsm(&u) == rows[i].is_hsm);
		CHECK_ROW(rows[i].text,
			vault_world.requests + vault_world.tokens == 0 &&
				vault_world.clouds == rows[i].clouds);
		if (!r)
			CHECK_ROW(rows[i].text, vault_resolve(v, &u, &e) == MITOK_OK);
		vault_free(v);
	}
}

/* The names of a list, one after the other. */
struct names {
	char text[1024];
	unsigned count, most; /* 0: all */
};

static bool take_name(void *arg, const struct uri *id)
{
	struct names *n = arg;
	AUTO_TEXT name = { 0 };
	size_t len = strlen(n->text);

	uri_format(id, &name);
	(void)snprintf(n->text + len, sizeof(n->text) - len, "%s\n", text_peek(&name));
	return ++n->count != n->most;
}

#define ROW_(kind, id) "{\"" kind "\":\"" id "\"}"
#define LIST(rows, next)                                                    \
	{                                                                   \
		{                                                           \
			200, "{\"value\":[" rows "],\"nextLink\":" next "}" \
		}                                                           \
	}
#define NEXT           "\"https://" HOST "/keys?api-version=7.4&$skiptoken=abc&maxresults=25\""
#define KEY_ROW(name)  ROW_("kid", "https://" HOST "/keys/" name)
#define CERT_ROW(name) ROW_("id", "https://" HOST "/certificates/" name)
#define HSM_HOST       "myhsm.managedhsm.azure.net"

static void lists(void)
{
	static const struct {
		const char *what, *where;
		struct vault_answer answers[4];
		unsigned most;
		enum mitok_code code;
		const char *names;
		unsigned requests;
	} rows[] = {
		{ "a vault", "azkv://" HOST,
			{ LIST(KEY_ROW("a") "," KEY_ROW("b"), NEXT),
				LIST(KEY_ROW("c"), "null"), LIST(CERT_ROW("d"), "null") },
			0, MITOK_OK,
			"azkv://" HOST "/keys/a\nazkv://" HOST "/keys/b\nazkv://" HOST
			"/keys/c\nazkv://" HOST "/certificates/d\n",
			3 },
		{ "enough on the first page", "azkv://" HOST,
			{ LIST(KEY_ROW("a") "," KEY_ROW("b"), NEXT) }, 1, MITOK_OK,
			"azkv://" HOST "/keys/a\n", 1 },
		{ "enough at the end of a page", "azkv://" HOST,
			{ LIST(KEY_ROW("a"), "null"), LIST(CERT_ROW("d"), "null") }, 1,
			MITOK_OK, "azkv://" HOST "/keys/a\n", 1 },
		{ "an HSM has no certificates", "azkv://" HSM_HOST,
			{ LIST(ROW_("kid", "https://" HSM_HOST "/keys/a"), "null") }, 0,
			MITOK_OK, "azkv://" HSM_HOST "/keys/a\n", 1 },
		{ "nothing", "azkv://" HOST, { LIST("", "null") }, 0, MITOK_OK, "", 2 },
		{ "goes on elsewhere", "azkv://" HOST,
			{ LIST(KEY_ROW("a"), "\"https://evil.vault.azure.net/keys\"") },
			0, MITOK_E_REPLY, "", 1 },
		{ "is refused", "azkv://" HOST, { { { 403 } } }, 0, MITOK_E_DENIED, "",
			1 },
		{ "the certificates are refused", "azkv://" HOST,
			{ LIST(KEY_ROW("a"), "null"), { { 403 } } }, 0, MITOK_E_DENIED,
			"azkv://" HOST "/keys/a\n", 2 },
		{ "nowhere", "azkv://evil.example", { LIST("", "null") }, 0, MITOK_E_ARG,
			"", 0 },
		{ "without an end", "azkv://" HOST, { LIST(KEY_ROW("a"), NEXT) }, 5000,
			MITOK_E_REPLY, NULL, 4000 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct uri u = vault_world_uri(rows[i].where);
		struct names n = { .most = rows[i].most };
		struct vault *v;

		vault_world_begin(NULL, rows[i].answers);
		v = vault_world_client(NULL, 0);
		CHECK_ROW(rows[i].what,
			vault_list(v, &u, take_name, &n, NULL) == rows[i].code);
		if (rows[i].names)
			CHECK_TEXT(n.text, rows[i].names);
		CHECK_ROW(rows[i].what, vault_world.requests == rows[i].requests);
		vault_free(v);
	}
}

static void lists_on_the_wire(void)
{
	static const struct vault_answer answers[] = { LIST(KEY_ROW("a"), NEXT),
		{ { 200, "{\"value\":[]}", .takes_ms = 900 } }, END };
	const struct uri u = vault_world_uri("azkv://" HOST "/");
	struct names n = { .count = 0 };
	struct vault *v;

	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 1000);
	CHECK(vault_list(v, &u, take_name, &n, NULL) == MITOK_OK);
	CHECK(text_starts(vault_world.wire,
		"GET https://" HOST "/keys?maxresults=25&api-version=7.4\n"));
	CHECK(strstr(vault_world.wire,
		"\nGET https://" HOST
		"/keys?api-version=7.4&$skiptoken=abc&maxresults=25\n"));
	CHECK(strstr(vault_world.wire,
		"\nGET https://" HOST "/certificates?maxresults=25&api-version=7.4\n"));
	/* Each page has the time-out of its own. */
	CHECK(vault_world.requests == 3 && vault_world.sleeps == 0);
	vault_free(v);
}

static void refused_lists(void)
{
	static const struct {
		const char *where;
		struct vault_answer answers[3];
		const char *message, *hint;
	} rows[] = {
		{ "azkv://" HOST, { { { 403, "{\"error\":{\"code\":\"Forbidden\"}}" } } },
			"cannot list the keys of azkv://" HOST "/: HTTP status 403",
			"'Key Vault Crypto User'" },
		{ "azkv://" HOST,
			{ LIST("", "null"),
				{ { 403,
					"{\"error\":{\"code\":\"Forbidden\","
					"\"innererror\":{\"code\":\"AccessDenied\"}}"
					"}" } } },
			"cannot list the certificates of azkv://" HOST
			"/: HTTP status 403",
			"--certificate-permissions get list" },
		{ "azkv://" HSM_HOST,
			{ { { 403, "{\"error\":{\"code\":\"Forbidden\"}}" } } },
			"cannot list the keys of azkv://" HSM_HOST "/: ",
			"--scope /keys" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct uri u = vault_world_uri(rows[i].where);
		struct names n = { .count = 0 };
		struct mitok_err e = { 0 };
		struct vault *v;
		bool well;

		vault_world_begin(NULL, rows[i].answers);
		v = vault_world_client(NULL, 0);
		CHECK(vault_list(v, &u, take_name, &n, &e) == MITOK_E_DENIED);
		well = text_starts(e.message, rows[i].message) &&
			strstr(e.hint, rows[i].hint);
		CHECK_ROW(rows[i].hint, well);
		if (!well)
			fprintf(stderr, "  %s; %s\n", e.message, e.hint);
		vault_free(v);
	}
}

static const struct test tests[] = {
	{ "a key is found, with its version", key_as_it_is },
	{ "and is the one that was asked for, or none", other_keys },
	{ "without memory nothing is found and nothing is lost", without_memory },
	{ "who asks twice gets the same answer for a second", twice },
	{ "if it is the same question", names_tell_them_apart },
	{ "what failed is not tried again for a second", failures },
	{ "and no longer", no_longer_than_that },
	{ "reading and signing are two things", operations_apart },
	{ "a clock that went back is no reason to wait", clock_went_back },
	{ "what there is no room for is forgotten", many_failures },
	{ "a short name is one of the machine's cloud", full_names },
	{ "keys and certificates are listed page by page", lists },
	{ "each page is a request of its own", lists_on_the_wire },
	{ "who may not list is told what to do", refused_lists },
};

int main(void)
{
	int status;

	inner = OSSL_LIB_CTX_new();
	standard = OSSL_PROVIDER_load(inner, "default");
	status = test_run(tests, COUNT(tests));
	(void)OSSL_PROVIDER_unload(standard);
	OSSL_LIB_CTX_free(inner);
	return status;
}
