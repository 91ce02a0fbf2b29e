/* Names of keys and certificates: what is understood, and what two readers might
 * understand differently. SPDX-License-Identifier: MIT */
#include "openssl/uri.h"

#include "test.h"

#define V       "0123456789abcdef0123456789abcdef"
#define V_UPPER "0123456789ABCDEF0123456789ABCDEF"
#define HOST    "myvault.vault.azure.net"
#define HSM     "myhsm.managedhsm.azure.net"
#define TEN     "0123456789"
#define A32     "abcdefghijklmnopqrstuvwxyzabcdef"
#define A127    A32 A32 A32 "abcdefghijklmnopqrstuvwxyzabcde"
#define GUID    "6f0c1111-2222-3333-4444-555555555555"

// clang-format off
static const struct {
	const char *text;
	struct uri want;
	const char *canonical; /* NULL: text itself */
} good[] = {
	{ "azkv://" HOST "/keys/k", { URI_KEY, false, false, HOST, "k", "", "" }, NULL },
	{ "azkv://" HOST "/keys/k/" V, { URI_KEY, false, false, HOST, "k", V, "" }, NULL },
	{ "azkv://" HSM "/keys/k/" V, { URI_KEY, false, false, HSM, "k", V, "" }, NULL },
	{ "azkv://myvault/keys/k", { URI_KEY, false, false, "myvault", "k", "", "" }, NULL },
	{ "azkv://kv1/keys/k", { URI_KEY, false, false, "kv1", "k", "", "" }, NULL },
	{ "azkv://abcdefghijklmnopqrstuvwx/keys/k", { URI_KEY, false, false, "abcdefghijklmnopqrstuvwx", "k", "", "" }, NULL },
	{ "azkv://" HOST "/keys/" A127, { URI_KEY, false, false, HOST, A127, "", "" }, NULL },
	{ "azkv://" HOST "/keys/-0-", { URI_KEY, false, false, HOST, "-0-", "", "" }, NULL },
	{ "azkv://" HOST "/certificates/c", { URI_CERTIFICATE, false, false, HOST, "c", "", "" }, NULL },
	{ "azkv://" HOST "/certificates/c/" V "?chain=yes", { URI_CERTIFICATE, false, true, HOST, "c", V, "" }, NULL },
	{ "azkv://" HOST "/certificates/c?chain=yes&identity=system", { URI_CERTIFICATE, false, true, HOST, "c", "", "system" },
		"azkv://" HOST "/certificates/c?identity=system&chain=yes" },
	{ "azkv://" HOST "/", { URI_LIST, false, false, HOST, "", "", "" }, NULL },
	{ "azkv://" HOST, { URI_LIST, false, false, HOST, "", "", "" }, "azkv://" HOST "/" },
	{ "azkv://myvault?identity=system", { URI_LIST, false, false, "myvault", "", "", "system" }, "azkv://myvault/?identity=system" },

	/* upper case, pasted identifiers, the port that is meant anyway */
	{ "AZKV://MyVault.Vault.Azure.Net/Keys/MyKey/" V_UPPER, { URI_KEY, false, false, HOST, "mykey", V, "" }, "azkv://" HOST "/keys/mykey/" V },
	{ "azkv:https://" HOST "/keys/k/" V, { URI_KEY, false, false, HOST, "k", V, "" }, "azkv://" HOST "/keys/k/" V },
	{ "azkv:HTTPS://" HOST ":443/certificates/c/", { URI_CERTIFICATE, false, false, HOST, "c", "", "" }, "azkv://" HOST "/certificates/c" },
	{ "azkv:https://" HOST "/keys/k/" V "/?identity=system", { URI_KEY, false, false, HOST, "k", V, "system" }, "azkv://" HOST "/keys/k/" V "?identity=system" },
	{ "azkv:https://" HOST "/", { URI_LIST, false, false, HOST, "", "", "" }, "azkv://" HOST "/" },
	{ "azkv://" HOST ":443/keys/k", { URI_KEY, false, false, HOST, "k", "", "" }, "azkv://" HOST "/keys/k" },

	/* Microsoft's provider */
	{ "managedhsm:myhsm:k", { URI_KEY, true, false, "myhsm", "k", "", "" }, NULL },
	{ "managedhsm:MyHsm:K?version=" V_UPPER, { URI_KEY, true, false, "myhsm", "k", V, "" }, "managedhsm:myhsm:k?version=" V },
	{ "managedhsm:myhsm:k?identity=a&version=" V, { URI_KEY, true, false, "myhsm", "k", V, "a" }, "managedhsm:myhsm:k?version=" V "&identity=a" },
	{ "keyvault:myvault:k", { URI_KEY, false, false, "myvault", "k", "", "" }, "azkv://myvault/keys/k" },
	{ "KeyVault:myvault:k?version=" V, { URI_KEY, false, false, "myvault", "k", V, "" }, "azkv://myvault/keys/k/" V },

	/* an identity is as it is written */
	{ "azkv://" HOST "/keys/k?identity=client-id:" GUID, { URI_KEY, false, false, HOST, "k", "", "client-id:" GUID }, NULL },
	{ "azkv://" HOST "/keys/k?identity=resource-id:/subscriptions/S/resourceGroups/g(1)", { URI_KEY, false, false, HOST, "k", "", "resource-id:/subscriptions/S/resourceGroups/g(1)" }, NULL },
	{ "azkv://" HOST "/keys/k?identity=client-id%3a" GUID, { URI_KEY, false, false, HOST, "k", "", "client-id:" GUID }, "azkv://" HOST "/keys/k?identity=client-id:" GUID },
	{ "azkv://" HOST "/keys/k?identity=a%20b%2B%26%3d%23%25%3F%5c", { URI_KEY, false, false, HOST, "k", "", "a b+&=#%?\\" }, "azkv://" HOST "/keys/k?identity=a%20b%2B%26%3D%23%25%3F%5C" },
	{ "azkv://" HOST "/keys/k?identity=%C3%A4", { URI_KEY, false, false, HOST, "k", "", "\xc3\xa4" }, NULL },
	{ "azkv://" HOST "/keys/k?identity=a@b", { URI_KEY, false, false, HOST, "k", "", "a@b" }, NULL },
};

#define TO_KEY "azkv://" HOST "/keys/k"
#define A300 A32 A32 A32 A32 A32 A32 A32 A32 A32 "abcdefghijkl"

static const struct {
	const char *text, *says;
} bad[] = {
	{ "", "begins with neither" },
	{ "azkv", "begins with neither" },
	{ "azkv:", "begins with neither" },
	{ "azkv:/" HOST "/keys/k", "begins with neither" },
	{ "azkv:" HOST "/keys/k", "begins with neither" },
	{ "azkv:http://" HOST "/keys/k", "begins with neither" },
	{ "https://" HOST "/keys/k", "begins with neither" },
	{ " " TO_KEY, "blank" },
	{ TO_KEY " ", "blank" },
	{ TO_KEY "\n", "control character" },
	{ TO_KEY "\x7f", "control character" },
	{ "azkv://m\xc3\xbcller/keys/k", "not ASCII" },

	/* hosts */
	{ "azkv:///keys/k", "has no host" },
	{ "azkv://", "has no host" },
	{ "azkv://:443/keys/k", "has no host" },
	{ "azkv:https:///keys/k", "has no host" },
	{ "azkv://127.0.0.1/keys/k", "an address" },
	{ "azkv://127.0x1/keys/k", "an address" },
	{ "azkv://169.254.169.254:443/keys/k", "an address" },
	{ "azkv://a.2130706433/keys/k", "an address" },
	{ "azkv://[::1]/keys/k", "an address" },
	{ "azkv://[::1]:443/keys/k", "an address" },
	{ "azkv://2130706433/keys/k", "the first a letter" },
	{ "azkv://0x7f000001/keys/k", "the first a letter" },
	{ "azkv://" HOST "./keys/k", "ends with a dot" },
	{ "azkv://myvault./keys/k", "ends with a dot" },
	{ "azkv://./keys/k", "ends with a dot" },
	{ "azkv://../keys/k", "ends with a dot" },
	{ "azkv://." HOST "/keys/k", "between dots" },
	{ "azkv://myvault..azure.net/keys/k", "between dots" },
	{ "azkv://" A32 A32 ".vault.azure.net/keys/k", "between dots" },
	{ "azkv://a." A32 "." A32 "." A32 "." A32 "." A32 "." A32 "." A32 "." A32 "/keys/k", "longer than 253" },
	{ "azkv://-a.vault.azure.net/keys/k", "a dash" },
	{ "azkv://a-.vault.azure.net/keys/k", "a dash" },
	{ "azkv://a_b.vault.azure.net/keys/k", "its host has bytes" },
	{ "azkv://a*.vault.azure.net/keys/k", "its host has bytes" },
	{ "azkv://" HOST ",b.c/keys/k", "its host has bytes" },
	{ "azkv://" HOST ";b/keys/k", "its host has bytes" },
	{ "azkv://ab/keys/k", "3 to 24" },
	{ "azkv://abcdefghijklmnopqrstuvwxy/keys/k", "3 to 24" },
	{ "azkv://my_vault/keys/k", "3 to 24" },
	{ "azkv://myvault-/keys/k", "3 to 24" },
	{ "azkv://user@" HOST "/keys/k", "user name" },
	{ "azkv://user:password@" HOST "/keys/k", "user name" },
	{ "azkv://" HOST "@evil.example/keys/k", "user name" },
	{ "azkv://" HOST "/keys/k@x", "user name" },
	{ "azkv://" HOST ":444/keys/k", "port" },
	{ "azkv://" HOST ":/keys/k", "port" },
	{ "azkv://" HOST ":0443/keys/k", "port" },
	{ "azkv://" HOST ":4430/keys/k", "port" },
	{ "azkv://" HOST ":443:443/keys/k", "port" },
	{ "azkv://" HOST "\\@evil.example/keys/k", "backslash" },
	{ "azkv://" HOST "/keys\\k", "backslash" },
	{ "azkv://" HOST "%2fkeys/k", "percent-encoding" },
	{ "azkv://%6dyvault/keys/k", "percent-encoding" },
	{ "azkv:https://myvault/keys/k", "not whole" },

	/* paths */
	{ "azkv://" HOST "//keys/k", "empty part" },
	{ "azkv://" HOST "//", "empty part" },
	{ "azkv://" HOST "/keys//k", "empty part" },
	{ "azkv://" HOST "/keys/k//", "empty part" },
	{ "azkv://" HOST "/keys/k//" V, "empty part" },
	{ "azkv://" HOST "/keys", "ends before the name" },
	{ "azkv://" HOST "/keys/", "ends before the name" },
	{ "azkv://" HOST "/certificates/", "ends before the name" },
	{ "azkv://" HOST "/key/k", "neither keys/" },
	{ "azkv://" HOST "/keyss/k", "neither keys/" },
	{ "azkv://" HOST "/deletedkeys/k", "neither keys/" },
	{ "azkv://" HOST "/../keys/k", "neither keys/" },
	{ "azkv://" HOST "/secrets/k", "write certificates/ or keys/" },
	{ "azkv://" HOST "/SECRETS/", "write certificates/ or keys/" },
	{ "azkv:https://" HOST "/secrets/k/" V, "write certificates/ or keys/" },
	{ "azkv://" HOST "/keys/..", "1 to 127" },
	{ "azkv://" HOST "/keys/../k", "1 to 127" },
	{ "azkv://" HOST "/keys/a%2fb", "percent-encoding" },
	{ "azkv://" HOST "/keys/a.b", "1 to 127" },
	{ "azkv://" HOST "/keys/a_b", "1 to 127" },
	{ "azkv://" HOST "/keys/k;x=y", "1 to 127" },
	{ "azkv://" HOST "/keys/k&identity=system", "1 to 127" },
	{ "azkv://" HOST "/keys/" A127 "f", "1 to 127" },
	{ TO_KEY "/versions", "32 hexadecimal" },
	{ TO_KEY "/0123456789abcdef0123456789abcde", "32 hexadecimal" },
	{ TO_KEY "/" V "0", "32 hexadecimal" },
	{ TO_KEY "/g123456789abcdef0123456789abcdef", "32 hexadecimal" },
	{ TO_KEY "/" V "/x", "more than a kind" },
	{ TO_KEY "/" V "//", "more than a kind" },
	{ TO_KEY "#", "fragment" },
	{ TO_KEY "?identity=a#b", "fragment" },

	/* options */
	{ TO_KEY "?", "without a value" },
	{ TO_KEY "?identity", "without a value" },
	{ TO_KEY "?identity&", "without a value" },
	{ TO_KEY "?identity=a&", "without a value" },
	{ TO_KEY "?&identity=a", "without a value" },
	{ TO_KEY "?=a", "not known" },
	{ TO_KEY "?identity=", "empty" },
	{ TO_KEY "?identity=a&identity=a", "identity stands twice" },
	{ TO_KEY "?identity=a?b", "second '?'" },
	{ TO_KEY "?identity=a?", "second '?'" },
	{ TO_KEY "?identity=a\\b", "backslash" },
	{ TO_KEY "?identity=a+b", "percent-encoded" },
	{ TO_KEY "?identity=a=b", "percent-encoded" },
	{ TO_KEY "?identity=a;b", "percent-encoded" },
	{ TO_KEY "?identity=a|b", "percent-encoded" },
	{ TO_KEY "?identity=%", "two hexadecimal" },
	{ TO_KEY "?identity=%4", "two hexadecimal" },
	{ TO_KEY "?identity=%4&chain=yes", "two hexadecimal" },
	{ TO_KEY "?identity=%%41", "two hexadecimal" },
	{ TO_KEY "?identity=%4g", "two hexadecimal" },
	{ TO_KEY "?identity=%00", "control character" },
	{ TO_KEY "?identity=a%0ab", "control character" },
	{ TO_KEY "?identity=a%1fb", "control character" },
	{ TO_KEY "?identity=a%7Fb", "control character" },
	{ TO_KEY "?identity=%ff", "not UTF-8" },
	{ TO_KEY "?identity=%C3", "not UTF-8" },
	{ TO_KEY "?identity=" A300 A300, "too long" },
	{ TO_KEY "?%69dentity=a", "not known" },
	{ TO_KEY "?client_id=a", "not known" },
	{ TO_KEY "?api-version=7.4", "not known" },
	{ TO_KEY "?version=" V, "behind the name" },
	{ TO_KEY "?chain=yes", "only a certificate" },
	{ "azkv://" HOST "/?chain=yes", "only a certificate" },
	{ "azkv://" HOST "/certificates/c?chain=no", "'yes', once" },
	{ "azkv://" HOST "/certificates/c?chain=", "'yes', once" },
	{ "azkv://" HOST "/certificates/c?chain=yes&chain=yes", "'yes', once" },

	/* Microsoft's provider */
	{ "managedhsm:", "3 to 24" },
	{ "managedhsm:hsm", "before the name of a key" },
	{ "managedhsm:hsm?version=" V, "before the name of a key" },
	{ "managedhsm:hsm:", "1 to 127" },
	{ "managedhsm::k", "3 to 24" },
	{ "managedhsm://" HSM "/keys/k", "3 to 24" },
	{ "managedhsm:" HSM ":k", "3 to 24" },
	{ "managedhsm:hsm:k:x", "1 to 127" },
	{ "managedhsm:hsm:k/" V, "1 to 127" },
	{ "managedhsm:hsm:k?version=", "32 hexadecimal" },
	{ "managedhsm:hsm:k?version=" V "&version=" V, "version stands twice" },
	{ "keyvault:vlt:k?chain=yes", "only a certificate" },
};
// clang-format on

static bool equal(const struct uri *a, const struct uri *b)
{
	return a->kind == b->kind && a->is_hsm == b->is_hsm &&
		a->with_chain == b->with_chain && strcmp(a->host, b->host) == 0 &&
		strcmp(a->name, b->name) == 0 && strcmp(a->version, b->version) == 0 &&
		strcmp(a->identity, b->identity) == 0;
}

static void understood(void)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		const char *text = good[i].text;
		struct mitok_err e = { 0 };
		struct uri u, again;
		AUTO_TEXT canonical = { 0 };

		CHECK_ROW(text, uri_parse(text, &u, &e) == MITOK_OK);
		CHECK_ROW(text, e.message[0] == '\0' && equal(&u, &good[i].want));
		uri_format(&u, &canonical);
		CHECK_TEXT(text_peek(&canonical),
			good[i].canonical ? good[i].canonical : text);
		CHECK_ROW(
			text, uri_parse(text_peek(&canonical), &again, NULL) == MITOK_OK);
		CHECK_ROW(text, equal(&u, &again));
	}
}

static void refused(void)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct uri u = { .name = "before" };
		struct mitok_err e = { 0 };

		CHECK_ROW(bad[i].text, uri_parse(bad[i].text, &u, &e) == MITOK_E_ARG);
		CHECK_ROW(bad[i].text, strcmp(u.name, "before") == 0);
		if (!test_check(strstr(e.message, bad[i].says) != NULL, __FILE__,
			    __LINE__, "the sentence", bad[i].text))
			fprintf(stderr, "  got: %s\n", e.message);
		CHECK_ROW(bad[i].text, e.hint[0] != '\0');
	}
}

/* A sentence that repeats the text would put a password into logs. */
static void silent(void)
{
	static const char *const rows[] = { "azkv://user:hunter2@" HOST "/keys/k",
		"azkv://" HOST "/keys/hunter2!", "azkv://hunter2./keys/k",
		TO_KEY "?hunter2=a", TO_KEY "?identity=hunter2;", TO_KEY "/hunter2",
		"hunter2", "managedhsm:hunter2_:k" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { 0 };
		struct uri u;

		CHECK_ROW(rows[i], uri_parse(rows[i], &u, &e) == MITOK_E_ARG);
		CHECK_ROW(rows[i], !strstr(e.message, "hunter2"));
		CHECK_ROW(rows[i], !strstr(e.hint, "hunter2"));
	}
}

static void sizes(void)
{
	AUTO_TEXT text = { 0 };
	struct mitok_err e;
	struct uri u;

	/* as long as may be, of bytes that take three each */
	text_add(&text, TO_KEY "?identity=");
	for (size_t i = 0; i < sizeof(u.identity) - 1; i++)
		text_add(&text, "%41");
	CHECK(uri_parse(text_peek(&text), &u, NULL) == MITOK_OK);
	CHECK(strlen(u.identity) == sizeof(u.identity) - 1);
	text_add(&text, "a");
	CHECK(uri_parse(text_peek(&text), &u, &e) == MITOK_E_ARG);
	CHECK(strstr(e.message, "too long") != NULL);

	while (text.len < URI_MAX)
		text_add(&text, "a");
	CHECK(uri_parse(text_peek(&text), &u, &e) == MITOK_E_ARG);
	CHECK(strstr(e.message, "too long") != NULL);
	text_add(&text, "a");
	CHECK(uri_parse(text_peek(&text), &u, &e) == MITOK_E_ARG);
	CHECK(strstr(e.message, "8 KiB") != NULL);
}

// clang-format off
static const struct {
	const char *id, *host;
	enum mitok_code want;
	struct uri uri;
} ids[] = {
	{ "https://" HOST "/keys/k/" V, HOST, MITOK_OK, { URI_KEY, false, false, HOST, "k", V, "" } },
	{ "https://" HOST "/keys/k", HOST, MITOK_OK, { URI_KEY, false, false, HOST, "k", "", "" } },
	{ "https://" HOST ":443/Keys/K/" V_UPPER, HOST, MITOK_OK, { URI_KEY, false, false, HOST, "k", V, "" } },
	{ "https://MYVAULT.vault.azure.net/certificates/c/" V, "MyVault.Vault.azure.net", MITOK_OK, { URI_CERTIFICATE, false, false, HOST, "c", V, "" } },
	{ "https://" HOST "/secrets/c/" V, HOST, MITOK_OK, { URI_CERTIFICATE, false, false, HOST, "c", V, "" } },
	{ "https://" HSM "/keys/k/" V, HSM, MITOK_OK, { URI_KEY, false, false, HSM, "k", V, "" } },
	{ "https://other.vault.azure.net/keys/k/" V, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST ".evil/keys/k/" V, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://xmyvault.vault.azure.net/keys/k/" V, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "@evil.example/keys/k/" V, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST ":8443/keys/k/" V, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "./keys/k/" V, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://myvault/keys/k/" V, "myvault", MITOK_E_REPLY, { .name = "" } },
	{ "http://" HOST "/keys/k/" V, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "azkv://" HOST "/keys/k/" V, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST, HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "/", HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "/keys/", HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "/keys/k?identity=system", HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "/keys/k/" V "?", HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "/keys/k/v1", HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "/keys/../k", HOST, MITOK_E_REPLY, { .name = "" } },
	{ "https://" HOST "/keys/k%2f", HOST, MITOK_E_REPLY, { .name = "" } },
	{ "", HOST, MITOK_E_REPLY, { .name = "" } },
};
// clang-format on

static void identifiers(void)
{
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct mitok_err e = { 0 };
		struct uri u = { .name = "" };

		CHECK_ROW(ids[i].id,
			uri_parse_id(ids[i].id, ids[i].host, &u, &e) == ids[i].want);
		CHECK_ROW(ids[i].id, equal(&u, &ids[i].uri));
		CHECK_ROW(ids[i].id, (ids[i].want == MITOK_OK) == !e.message[0]);
	}
}

static void completed(void)
{
	struct uri u = { URI_KEY, true, false, HSM, "k", V, "system" };
	AUTO_TEXT text = { 0 };

	uri_format(&u, &text);
	CHECK_TEXT(text_peek(&text), "azkv://" HSM "/keys/k/" V "?identity=system");
	/* it is added to what is there */
	uri_format(&u, &text);
	CHECK(text_starts(text_peek(&text) + text.len / 2, "azkv://" HSM));
}

static void memory(void)
{
	struct uri u = { URI_KEY, false, false, HOST, "k", V, "system" };
	AUTO_TEXT text = { 0 };

	spy_fail(1);
	uri_format(&u, &text);
	CHECK(!text_ok(&text));
}

static const struct test tests[] = {
	{ "every spelling of a name is understood, and its canonical one is stable",
		understood },
	{ "what two readers might understand differently is refused with its reason",
		refused },
	{ "a refusal repeats nothing of the text", silent },
	{ "texts and identities have limits", sizes },
	{ "an answer's identifier must lie on the host that was asked", identifiers },
	{ "a Managed HSM whose host has been completed is written with azkv", completed },
	{ "without memory the text says so", memory },
};
TEST_MAIN(tests)
