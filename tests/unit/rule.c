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
		{ "org.visualstudio.com", "/secrets", "f:6" },
		{ "org.visualstudio.com", "/defaultcollections/secret", "f:6" },
		{ DEV, "/old", "f:4" },
		{ DEV, "/OLD/project", "f:4" },
		{ "old.visualstudio.com", NULL, "f:4" },
		{ "old.visualstudio.com", "/a//b", "f:4" }, /* all of the host */
		{ DEV, "/older/p/_git/p", NULL },
		{ DEV, "/older/q", "" },
		{ DEV, NULL, NULL },
		{ "a.b.visualstudio.com", "/x", "f:6" },
		{ "visualstudio.com", "/x", "" },
		{ "denied.visualstudio.com.example", "/x", "" },
		{ "org.pkgs.visualstudio.com", "/_packaging", "f:6" },
		{ "pkgs.dev.azure.com", "/org/_packaging", "f:7" },
		{ "pkgs.dev.azure.com", "/other", "" },
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

static void grants(void)
{
	static const struct {
		const char *host;
		bool want;
	} rows[] = {
		{ "pkgs.dev.azure.com", true },
		{ "PKGS.dev.azure.com:443", true },
		{ "org.pkgs.visualstudio.com", true },
		{ "org.feeds.visualstudio.com", true }, /* below .visualstudio.com */
		{ "feeds.dev.azure.com", false },       /* denied */
		{ "analytics.dev.azure.com", false },   /* a user's rule */
		{ "xpkgs.dev.azure.com", false },
		{ "visualstudio.com", false },
		{ "", false },
	};
	struct conf c = configuration();

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].host, rule_grants(&c, rows[i].host) == rows[i].want);
	conf_wipe(&c);
}

static const struct test tests[] = {
	{ "both names of an organisation are one to a rule", one_name },
	{ "only root's rules grant a host", grants },
};
TEST_MAIN(tests)
