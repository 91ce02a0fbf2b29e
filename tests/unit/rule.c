/* Rules: two names of one organisation are one, and who may grant a host.
 * SPDX-License-Identifier: MIT */
#include "core/rule.h"

#include "test.h"

#define DEV "dev.azure.com"

static const char roots[] =
	"rules = (\n"
	"  { host = \"dev.azure.com\"; path = \"/denied\"; deny = true; },\n"
	"  { host = \"dev.azure.com\"; path = \"/org/secret\"; deny = true; },\n"
	"  { host = \"old.visualstudio.com\"; identity = \"system\"; },\n"
	"  { host = \"older.visualstudio.com\"; path = \"/DefaultCollection/p\"; deny = "
	"true; },\n"
	"  { host = \".visualstudio.com\"; identity = \"default\"; },\n"
	"  { host = \"pkgs.dev.azure.com\"; path = \"/org\"; identity = \"system\"; },\n"
	"  { host = \"feeds.dev.azure.com\"; deny = true; }\n"
	");\n";
static const char users[] =
	"rules = ( { host = \"analytics.dev.azure.com\"; identity = \"system\"; } );\n";

static struct conf configuration(void)
{
	struct conf c = { 0 };

	CHECK(conf_merge(&c, "f", roots, true, NULL) == MITOK_OK);
	CHECK(conf_merge(&c, "u", users, false, NULL) == MITOK_OK);
	return c;
}

/* want: the rule's place, "" for none, NULL for a refusal. */
static void one_name(void)
{
	static const struct {
		const char *host, *path, *want;
	} rows[] = {
		{ DEV, "/denied/x", NULL },
		{ "denied.visualstudio.com", "/x", NULL },
		{ "DENIED.VisualStudio.com.:443", "/x", NULL },
		{ "denied.visualstudio.com", NULL, NULL },
		{ "denied.visualstudio.com", "/DefaultCollection/x", NULL },
		{ "denied.visualstudio.com", "/a//b", NULL },
		{ "org.visualstudio.com", "/secret", NULL },
		{ "org.visualstudio.com", "/DefaultCollection/Secret/_git/r", NULL },
		{ "org.visualstudio.com", NULL, NULL }, /* /org/secret perhaps */
		{ DEV, "/org/_git/secret", NULL },
		{ DEV, "/org/_git/Secret/info/refs", NULL },
		{ DEV, "/org/11111111-2222-3333-4444-555555555555/_git/r", NULL },
		{ DEV, "/org/\xd0\xbf\xd1\x80/_git/r", NULL },
		{ DEV, "/org/public/_git/secret", "f:6" },
		{ DEV, "/other/11111111-2222-3333-4444-555555555555", "f:6" },
		{ "org.visualstudio.com", "/_git/secret", NULL },
		{ "org.visualstudio.com", "/secrets", "f:6" },
		{ "org.visualstudio.com", "/defaultcollections/secret", "f:6" },
		{ DEV, "/old", "f:4" },
		{ DEV, "/OLD/project", "f:4" },
		{ "old.visualstudio.com", NULL, "f:4" },
		{ "old.visualstudio.com", "/a//b", "f:4" }, /* all of the host */
		{ DEV, "/older/p/_git/p", NULL },
		{ DEV, "/older/q", "f:6" },
		{ DEV, NULL, NULL },
		{ "a.b.visualstudio.com", "/x", "f:6" },
		{ "visualstudio.com", "/x", "" },
		{ "denied.visualstudio.com.example", "/x", "" },
		{ "org.pkgs.visualstudio.com", "/_packaging", "f:6" },
		{ "pkgs.dev.azure.com", "/org/_packaging", "f:6" },
		{ "pkgs.dev.azure.com", "/other", "f:6" },
		{ "feeds.dev.azure.com", "/other", NULL },
		{ "vssps.dev.azure.com", "/other", "" },
	};
	struct conf c = configuration();

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct identity_use use = { rows[i].host, rows[i].path, NULL };
		const struct conf_rule *rule = NULL;
		struct mitok_err e = { 0 };
		enum mitok_code r = rule_find(&c, &use, &rule, &e);

		CHECK_ROW(rows[i].host, r == (rows[i].want ? MITOK_OK : MITOK_E_DENIED));
		if (rows[i].want)
			CHECK_TEXT(rule ? rule->origin : "", rows[i].want);
	}
	conf_wipe(&c);
}

static void suffixes(void)
{
	static const struct {
		const char *rule, *host, *path;
		bool want; /* the rule denies */
	} rows[] = {
		{ "host = \".azure.com\"; path = \"/partner\"", DEV, "/partner/x", true },
		{ "host = \".azure.com\"; path = \"/partner\"",
			"partner.visualstudio.com", "/x", true },
		{ "host = \".azure.com\"; path = \"/partner\"",
			"partner.pkgs.visualstudio.com", "/x", true },
		{ "host = \".azure.com\"; path = \"/partner\"", "other.visualstudio.com",
			"/partner", false },
		{ "host = \".dev.azure.com\"; path = \"/partner\"",
			"partner.pkgs.visualstudio.com", NULL, true },
		{ "host = \".visualstudio.com\"", DEV, "/org/x", true },
		{ "host = \".visualstudio.com\"", DEV, NULL, true },
		{ "host = \".visualstudio.com\"; path = \"/secret\"", DEV,
			"/org/secret/x", true },
		{ "host = \".visualstudio.com\"; path = \"/secret\"", DEV, "/org",
			false },
		{ "host = \".visualstudio.com\"; path = \"/secret\"", DEV, NULL, true },
		{ "host = \".visualstudio.com\"; path = \"/secret\"",
			"org.visualstudio.com", "/DefaultCollection/secret", true },
		{ "host = \".pkgs.visualstudio.com\"", "pkgs.dev.azure.com", "/org",
			true },
		{ "host = \".pkgs.visualstudio.com\"", DEV, "/org", false },
		{ "path = \"/partner\"", "partner.visualstudio.com", "/x", true },
		{ "path = \"/partner\"", "example.org", "/partner", true },
		{ "path = \"/partner\"", "example.org", "/x", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct identity_use use = { rows[i].host, rows[i].path, NULL };
		const struct conf_rule *rule = NULL;
		struct conf c = { 0 };
		AUTO_TEXT text = { 0 };

		text_addf(&text, "rules = ( { %s; deny = true; } );", rows[i].rule);
		CHECK(conf_merge(&c, "f", text_peek(&text), true, NULL) == MITOK_OK);
		CHECK_ROW(rows[i].rule,
			rule_find(&c, &use, &rule, NULL) ==
				(rows[i].want ? MITOK_E_DENIED : MITOK_OK));
		conf_wipe(&c);
	}
}

static void grants(void)
{
	static const struct {
		const char *host, *path;
		bool want;
	} rows[] = {
		{ "pkgs.dev.azure.com", "/org/x", true },
		{ "PKGS.dev.azure.com:443", "org", true },
		{ "pkgs.dev.azure.com", NULL, true }, /* perhaps */
		{ "xpkgs.dev.azure.com", "/org/x", false },
		{ "org.pkgs.visualstudio.com", NULL, true },
		{ "org.feeds.visualstudio.com", NULL,
			true },                           /* below .visualstudio.com */
		{ "feeds.dev.azure.com", "/org", false }, /* denied */
		{ "analytics.dev.azure.com", "/org", false }, /* a user's rule */
		{ "visualstudio.com", "/org", false },
		{ "", "/org", false },
	};
	struct conf c = configuration();

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct identity_use use = { rows[i].host, rows[i].path, NULL };

		CHECK_ROW(rows[i].host, rule_grants(&c, &use) == rows[i].want);
	}
	conf_wipe(&c);
}

static void grants_by_path(void)
{
	const struct identity_use uses[] = { { "pkgs.dev.azure.com", "/org/x", NULL },
		{ "org.pkgs.visualstudio.com", NULL, NULL },
		{ "pkgs.dev.azure.com", "/other/x", NULL },
		{ "other.pkgs.visualstudio.com", NULL, NULL } };
	static const char *const rules[] = {
		"rules = ({ host = \"pkgs.dev.azure.com\"; path = \"/org\"; identity = "
		"\"system\"; });",
		"rules = ({ host = \"org.pkgs.visualstudio.com\"; identity = "
		"\"system\"; });",
	};

	for (size_t i = 0; i < COUNT(rules); i++) {
		struct conf c = { 0 };

		CHECK(conf_merge(&c, "f", rules[i], true, NULL) == MITOK_OK);
		for (size_t n = 0; n < COUNT(uses); n++)
			CHECK_ROW(uses[n].host, rule_grants(&c, &uses[n]) == (n < 2));
		conf_wipe(&c);
	}
}

/* A host that is granted for one service's tokens is not for another's. */
static void grants_by_resource(void)
{
	static const struct {
		const char *resource;
		bool want;
	} rows[] = {
		{ "https://vault.azure.net", true },
		{ "https://vault.azure.net/", true },
		{ "https://graph.microsoft.com", false },
		{ NULL, false },
	};
	struct conf c = { 0 };

	CHECK(conf_merge(&c, "f",
		      "rules = ({ host = \".corp.example\"; resource = "
		      "\"https://vault.azure.net\"; identity = \"system\"; });",
		      true, NULL) == MITOK_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct identity_use use = { "kv.corp.example", "/keys/k",
			rows[i].resource };

		CHECK_ROW(rows[i].resource, rule_grants(&c, &use) == rows[i].want);
	}
	conf_wipe(&c);
}

static const struct test tests[] = {
	{ "both names of an organisation are one to a rule", one_name },
	{ "and to a rule about a family of hosts, or about a path", suffixes },
	{ "only root's rules grant a host", grants },
	{ "a rule of one organisation grants nothing to another", grants_by_path },
	{ "a host is granted for the resource that the rule names", grants_by_resource },
};
TEST_MAIN(tests)
