/* What a file of the configuration may say, and how it is told what it may not.
 * SPDX-License-Identifier: MIT */
#include "io/conf.h"

#include <fcntl.h>
#include <locale.h>

#include "io/conf_key.h"
#include "io/conf_selector.h"

#include "test.h"

#define GUID_A "11111111-2222-3333-4444-555555555555"
#define GUID_B "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

/* One file's text and the sentence that refuses it; NULL: accepted. */
struct refusal {
	const char *text, *message, *hint;
};

static void refuse(const struct refusal *rows, size_t count, bool root)
{
	for (size_t i = 0; i < count; i++) {
		struct mitok_err e = { 0 };
		struct conf c = { 0 };
		enum mitok_code r = conf_merge(&c, "f", rows[i].text, root, &e);

		if (r == MITOK_OK)
			r = conf_defaults(&c, &e);
		CHECK_ROW(rows[i].text, r == (rows[i].message ? MITOK_E_CONF : MITOK_OK));
		CHECK_TEXT(e.message, rows[i].message ? rows[i].message : "");
		if (rows[i].hint)
			CHECK_TEXT(e.hint, rows[i].hint);
		conf_wipe(&c);
	}
}

static const struct refusal mistakes_rows[] = {
	{ "", NULL, NULL },
	{ "// only\n# remarks\n/* here */", NULL, NULL },
	{ "\nidentiy = \"system\";", "f:2: unknown key 'identiy'",
		"did you mean 'identity'?" },
	{ "qqqq = 1;", "f:1: unknown key 'qqqq'", "mi-token.conf(5) lists the keys" },
	{ "rule = ();", "f:1: unknown key 'rule'", "did you mean 'rules'?" },
	{ "endpoint = { };", "f:1: unknown key 'endpoint'", "did you mean 'endpoints'?" },
	{ "endpoints = { allow_host = (); };",
		"f:1: unknown key 'allow_host' of this group",
		"did you mean 'allow_hosts'?" },
	{ "endpoints = 3;", "f:1: endpoints wants { NAME = ...; }", NULL },
	{ "source = 1;", "f:1: source wants a text in \"double quotes\"",
		"source: where tokens come from: auto, one that 'mi-token sources' "
		"lists, or a list of them" },
	{ "source = ( \"imds\", 7 );", "f:1: source wants a text in \"double quotes\"",
		NULL },
	{ "source = ( );", "f:1: source wants a text in \"double quotes\"", NULL },
	{ "source = ( \"imds\", \"\" );", "f:1: source '' is empty", NULL },
	{ "source = \"imds,,arc\";",
		"f:1: source 'imds,,arc' is no name of a source (mi-token sources)",
		NULL },
	{ "source = ( \"imds\", \"environment\" );", NULL, NULL },
	{ "source = \"imds,environment\";", NULL, NULL },
	{ "timeout = 5;", "f:1: timeout wants a text in \"double quotes\"", NULL },
	{ "timeout = 99999999999;", "f:1: timeout wants a text in \"double quotes\"",
		NULL },
	{ "timeout = \"5\";", "f:1: timeout '5' is no time like '250ms', '5s' or '2m'",
		NULL },
	{ "timeout = \"\";", "f:1: timeout '' is empty", NULL },
	{ "cloud = \"germany\";",
		"f:1: cloud 'germany' is not one of 'auto', 'public', 'usgov' "
		"and 'china'",
		NULL },
	{ "source = \"IMDS!\";",
		"f:1: source 'IMDS!' is no name of a source (mi-token sources)", NULL },
	{ "cloud = \"public\";\ncloud = \"china\";", "f:2: duplicate setting name",
		NULL },
	{ "cloud = \"public", "f:1: syntax error", NULL },
	{ "cloud = \"pub\\x00lic\";", "f:1: '\\x00' is not allowed", NULL },
	{ "cloud = \"a\\nb\";", "f:1: cloud has control characters or is too long",
		NULL },
	{ "a = 1; # \xff", "f:1: a character that is not UTF-8", NULL },
	{ "\n @include \"/etc/shadow\"",
		"f:2: @include is not allowed (files in conf.d are read by themselves)",
		NULL },
	{ "a = 1; /*\n\t\r@INCLUDE \"x\" */",
		"f:2: @include is not allowed (files in conf.d are read by themselves)",
		NULL },
	{ "identity = \"client-id:x\";", "f:1: identity 'client-id:x' is not a GUID",
		NULL },
	{ "identity = \"nobody\";", "f:1: no identity is called 'nobody'",
		"define it under identities, or write system, client-id:... "
		"or resource-id:..." },
	{ "identity = \"invoicng\";\nidentities = { invoicing = "
	  "{ client_id = \"" GUID_A "\"; }; };",
		"f:1: no identity is called 'invoicng'", "did you mean 'invoicing'?" },
	{ "endpoints = { allow_hosts = ( \"a.example\", \"10.0.0.1\" ); };", NULL, NULL },
	{ "endpoints = { allow_hosts = [ \"a.example\" ]; };", NULL, NULL },
	{ "endpoints = { allow_hosts = \"a\"; };",
		"f:1: endpoints.allow_hosts wants a list of texts: ( \"a\", "
		"\"b\" )",
		NULL },
	{ "endpoints = { allow_hosts = ( \"https://a\" ); };",
		"f:1: endpoints.allow_hosts 'https://a' is no name of a host "
		"(no scheme, port or path)",
		NULL },
	{ "endpoints = { allow_hosts = ( \"a..b\" ); };",
		"f:1: endpoints.allow_hosts 'a..b' is no name of a host "
		"(it has an empty part)",
		NULL },
	{ "endpoints = { allow_hosts = ( 7 ); };",
		"f:1: endpoints.allow_hosts wants a text in \"double quotes\"", NULL },
	{ "audit = true;", NULL, NULL },
	{ "audit = False;", NULL, NULL },
	{ "audit = \"true\";", "f:1: audit wants true or false",
		"audit: true: a line in the system's log for each time that a source is "
		"asked" },
	{ "audit = 1;", "f:1: audit wants true or false", NULL },
	{ "audit = { };", "f:1: audit wants true or false", NULL },
	{ "final = ( \"identity\", \"rules\" );", NULL, NULL },
	{ "final = ( \"idenity\" );", "f:1: final 'idenity' is no key", NULL },
	{ "final = \"identity\";", "f:1: final wants a list of keys: ( \"identity\" )",
		NULL },
};

static void mistakes(void)
{
	refuse(mistakes_rows, COUNT(mistakes_rows), true);
}

static void rows_of_identities(void)
{
#define ONE(members) "identities = { a = {" members "}; };"
	static const struct refusal rows[] = {
		{ ONE("client_id = \"" GUID_A "\"; tenant_id = \"" GUID_B "\";"), NULL,
			NULL },
		{ ONE("resource_id = \"/SUBSCRIPTIONS/x\";"), NULL, NULL },
		{ ONE("\nclientid = \"" GUID_A "\";"),
			"f:2: unknown key 'clientid' of an identity",
			"did you mean 'client_id'?" },
		{ ONE("client_id = \"6f0c\";"), "f:1: client_id '6f0c' is not a GUID",
			NULL },
		{ ONE("client_id = 7;"),
			"f:1: client_id wants a text in \"double quotes\"", NULL },
		{ ONE("resource_id = \"subscriptions/x\";"),
			"f:1: resource_id 'subscriptions/x' does not begin with "
			"'/subscriptions/'",
			NULL },
		{ ONE("tenant_id = \"" GUID_A "\";"),
			"f:1: the identity 'a' has no client_id, object_id or "
			"resource_id",
			NULL },
		{ "identities = { system = { client_id = \"" GUID_A "\"; }; };",
			"f:1: the identity's name 'system' is a word that means "
			"something already",
			NULL },
		{ "identities = { a*b = { client_id = \"" GUID_A "\"; }; };",
			"f:1: the identity's name 'a*b' is no name (a letter, then "
			"letters, digits, "
			"'-' and '_')",
			NULL },
		{ "identities = { a = \"" GUID_A "\"; };",
			"f:1: the identity 'a' wants { client_id = \"...\"; }", NULL },
		{ "identities = ( );", "f:1: identities wants { NAME = { ... }; }",
			NULL },
		{ "identities = { " GUID_B " = { client_id = \"" GUID_A "\"; }; };",
			"f:1: the identity's name '" GUID_B "' looks like a client id",
			NULL },
	};

	refuse(rows, COUNT(rows), true);
}

static void rows_of_federated(void)
{
	static const struct refusal rows[] = {
		{ ONE("client_id = \"" GUID_A "\"; federate = { client_id = \"" GUID_B
		      "\"; tenant_id = \"" GUID_A "\"; };"),
			NULL, NULL },
		{ ONE("federate = { client_id = \"" GUID_B "\"; tenant_id = \"" GUID_A
		      "\"; };"),
			NULL, NULL },
		{ ONE("client_id = \"" GUID_A "\"; federate = { client_id = \"" GUID_B
		      "\"; };"),
			"f:1: the identity 'a' has only one of federate.client_id and "
			"federate.tenant_id",
			NULL },
		{ ONE("federate = { };"),
			"f:1: the identity 'a' has no client_id, object_id or "
			"resource_id",
			NULL },
		{ ONE("federate = { tenant_id = \"contoso.example\"; };"),
			"f:1: federate.tenant_id 'contoso.example' is not a GUID", NULL },
		{ ONE("federate = { object_id = \"" GUID_A "\"; };"),
			"f:1: unknown key 'object_id' of this group",
			"mi-token.conf(5) lists the keys" },
		{ ONE("federate = \"" GUID_A "\";"),
			"f:1: federate wants { client_id = \"...\"; tenant_id = \"...\"; "
			"}",
			NULL },
		{ ONE("federat = { };"), "f:1: unknown key 'federat' of an identity",
			"did you mean 'federate'?" },
		{ "identities = { federate = { client_id = \"" GUID_A "\"; }; };", NULL,
			NULL },
	};

	refuse(rows, COUNT(rows), true);
}

static void rows_of_rules(void)
{
#define RULE(members) "rules = ( {" members "} );"
	static const struct refusal rows[] = {
		{ RULE("host = \".example.com\"; path = \"/a/b/\"; identity = "
		       "\"system\";"),
			NULL, NULL },
		{ RULE("resource = \"https://vault.azure.net\"; deny = true;"), NULL,
			NULL },
		{ RULE("identity = \"system\";"),
			"f:1: the rule matches nothing: no host, path or resource",
			NULL },
		{ RULE("host = \"a\";"),
			"f:1: the rule has neither identity nor deny = true", NULL },
		{ RULE("host = \"a\"; deny = false;"),
			"f:1: the rule has neither identity nor deny = true", NULL },
		{ RULE("host = \"a\"; deny = true; identity = \"system\";"),
			"f:1: the rule has both deny and identity", NULL },
		{ RULE("host = \"a\"; deny = \"true\";"), "f:1: deny wants true or false",
			NULL },
		{ RULE("host = \"a\"; denny = true;"),
			"f:1: unknown key 'denny' of a rule", NULL },
		{ RULE("host = \"a\";\nidentity = \"nobody\";"),
			"f:1: no identity is called 'nobody'", NULL },
		{ RULE("host = \"*.a\"; deny = true;"),
			"f:1: host '*.a' has a '*' ('.example.com' is all below "
			"example.com)",
			NULL },
		{ RULE("host = \"a:443\"; deny = true;"),
			"f:1: host 'a:443' has a ':' (rules match a host on any port)",
			NULL },
		{ RULE("path = \"orgB\"; deny = true;"),
			"f:1: path 'orgB' does not begin with '/'", NULL },
		{ RULE("path = \"/a/../b\"; deny = true;"),
			"f:1: path '/a/../b' has a segment that ends in '.' or a blank",
			NULL },
		{ RULE("path = \"/..a/.b\"; deny = true;"), NULL, NULL },
		{ RULE("path = \"/a%20b\"; deny = true;"),
			"f:1: path '/a%20b' has one of the characters % \\ ? # ;", NULL },
		{ RULE("path = \"/a//b\"; deny = true;"),
			"f:1: path '/a//b' has an empty segment", NULL },
		{ RULE("resource = \"vault\"; deny = true;"),
			"f:1: resource 'vault' is neither a URI nor a GUID", NULL },
		{ "rules = { };", "f:1: rules wants a list: ( { ... }, { ... } )", NULL },
		{ "rules = ( 1 );",
			"f:1: a rule wants { host = \"...\"; identity = \"...\"; }",
			NULL },
	};

	refuse(rows, COUNT(rows), true);
}

static void deep(void)
{
	AUTO_TEXT text = { 0 };
	struct mitok_err e = { 0 };
	struct conf c = { 0 };

	text_add(&text, "rules = ");
	while (text.len < 65000)
		text_add(&text, "(");
	CHECK(conf_merge(&c, "f", text_peek(&text), true, &e) == MITOK_E_CONF);
	CHECK_TEXT(e.message, "f:1: nested too deeply");
	conf_wipe(&c);
}

static void locale_kept(void)
{
	locale_t before = uselocale((locale_t)0),
		 mine = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	struct conf c = { 0 };

	CHECK(conf_merge(&c, "f", "cloud = \"china\";", true, NULL) == MITOK_OK);
	CHECK(uselocale((locale_t)0) == before);
	(void)uselocale(mine);
	CHECK(conf_merge(&c, "f", "cloud = \"china\";", true, NULL) == MITOK_OK);
	CHECK(uselocale((locale_t)0) == mine);
	CHECK(conf_merge(&c, "f", "cloud = ", true, NULL) == MITOK_E_CONF);
	CHECK(uselocale((locale_t)0) == mine);
	(void)uselocale(before);
	freelocale(mine);
	conf_wipe(&c);
}

/* The file that is installed under /etc, as it is and with every "//" taken away. */
static void sample(void)
{
	const struct file_ask ask = { .path = "conf/mi-token.conf", .limit = 65536 };
	AUTO_SECRET file = { 0 };
	AUTO_TEXT keys = { 0 };
	struct mitok_err e = { 0 };
	struct conf c = { 0 };

	if (file_read(AT_FDCWD, &ask, &file, &e)) {
		test_skip("not in the top folder of the project");
		return;
	}
	CHECK(conf_merge(&c, "sample", secret_peek(&file), true, &e) == MITOK_OK);
	CHECK(!c.identity.text && !c.rules && !c.identities && !c.allow_hosts);
	conf_wipe(&c);
	for (const char *p = secret_peek(&file); *p; p += strcspn(p, "\n") + 1) {
		p += text_starts(p, "//") ? 2 : 0;
		text_add_bytes(&keys, p, strcspn(p, "\n") + 1);
	}
	CHECK(conf_merge(&c, "sample", text_peek(&keys), true, &e) == MITOK_OK);
	CHECK(conf_defaults(&c, &e) == MITOK_OK);
	CHECK_TEXT(e.message, "");
	for (const struct conf_key *k = conf_keys; k->name; k++) {
		const struct conf_value *v = conf_value_peek(&c, k->place);

		CHECK_ROW(k->name,
			!conf_key_is_value(k) || strcmp(v->text, k->fallback) == 0);
		CHECK_ROW(k->name,
			!conf_key_is_value(k) || text_starts(v->origin, "sample:"));
	}
	CHECK(c.rules && c.identities && c.allow_hosts && !c.finals);
	CHECK(strstr(text_peek(&keys), "\nfinal = ("));
	conf_wipe(&c);
}

static void selectors(void)
{
	static const struct {
		const char *text;
		enum selector_kind kind;
		const char *id, *wrong;
	} rows[] = {
		{ "system", SELECTOR_SYSTEM, NULL, NULL },
		{ "default", SELECTOR_DEFAULT, NULL, NULL },
		{ "client-id:" GUID_A, SELECTOR_CLIENT_ID, GUID_A, NULL },
		{ "object-id:" GUID_A, SELECTOR_OBJECT_ID, GUID_A, NULL },
		{ "resource-id:/subscriptions/a", SELECTOR_RESOURCE_ID,
			"/subscriptions/a", NULL },
		{ GUID_A, SELECTOR_CLIENT_ID, GUID_A, NULL },
		{ "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE", SELECTOR_CLIENT_ID,
			"AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE", NULL },
		{ "/subscriptions/a", SELECTOR_RESOURCE_ID, "/subscriptions/a", NULL },
		{ "id://" GUID_A, SELECTOR_CLIENT_ID, GUID_A, NULL },
		{ "resource:///subscriptions/a", SELECTOR_RESOURCE_ID, "/subscriptions/a",
			NULL },
		{ "backup-2_x", SELECTOR_NAME, "backup-2_x", NULL },
		{ "client-id:", 0, NULL, "is not a GUID" },
		{ "client-id: " GUID_A, 0, NULL, "is not a GUID" },
		{ "resource-id:" GUID_A, 0, NULL,
			"does not begin with '/subscriptions/'" },
		{ "/subscriptions/a b", 0, NULL,
			"has a character that no resource id has" },
		{ "/subscriptions/\xc3\xa4", 0, NULL,
			"has a character that no resource id has" },
		{ "/etc/passwd", 0, NULL, "does not begin with '/subscriptions/'" },
		{ "", 0, NULL, "is no name of 1 to 64 letters" },
		{ "2x", 0, NULL,
			"is no name (a letter, then letters, digits, '-' and '_')" },
		{ "tenant-id:x", 0, NULL,
			"is no name (a letter, then letters, digits, '-' and '_')" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct selector s = { 0 };
		const char *wrong = selector_parse(rows[i].text, &s);

		CHECK_ROW(rows[i].text, !wrong == !rows[i].wrong);
		if (wrong)
			CHECK_TEXT(wrong, rows[i].wrong);
		CHECK_ROW(rows[i].text, s.kind == rows[i].kind || wrong);
		CHECK_ROW(rows[i].text, !s.id == !rows[i].id);
		if (s.id)
			CHECK_TEXT(s.id, rows[i].id);
	}
}

static const struct test tests[] = {
	{ "a mistake is named with file, line and the nearest key", mistakes },
	{ "identities have a good name, a selector and good ids", rows_of_identities },
	{ "what they vouch for has an application and a tenant", rows_of_federated },
	{ "a rule that could not mean anything is refused", rows_of_rules },
	{ "endless nesting is an error", deep },
	{ "the thread's locale is as before", locale_kept },
	{ "the sample file holds every key with its default", sample },
	{ "every spelling of an identity is understood, no other", selectors },
};
TEST_MAIN(tests)
