/* Identities: spellings, precedence, rules that cannot be talked round.
 * SPDX-License-Identifier: MIT */
#include "core/identity.h"

#include "test.h"

#define GUID_A "11111111-2222-3333-4444-555555555555"
#define GUID_B "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
#define GUID_T "99999999-9999-9999-9999-999999999999"

static const char text[] =
	"identity = \"invoicing\";\n"
	"identities = {\n"
	"  invoicing = { object_id = \"" GUID_B "\"; client_id = \"" GUID_A "\";\n"
	"    tenant_id = \"" GUID_T "\"; };\n"
	"  backup = { resource_id = \"/subscriptions/s/b\"; object_id = \"" GUID_B
	"\"; };\n"
	"  third = { resource_id = \"/subscriptions/s/t\"; };\n"
	"};\n"
	"rules = (\n"
	"  { host = \"dev.azure.com\"; path = \"/partner\"; deny = true; },\n"
	"  { host = \"dev.azure.com\"; path = \"/orgB/\"; identity = \"backup\"; },\n"
	"  { resource = \"https://vault.azure.net\"; identity = \"third\"; },\n"
	"  { host = \".blob.core.windows.net\"; identity = \"system\"; },\n"
	"  { resource = \"https://graph.microsoft.com/\"; deny = true; },\n"
	"  { host = \"dev.azure.com\"; identity = \"" GUID_B "\"; }\n"
	");\n";

static struct conf configuration(const char *env)
{
	struct conf c = { 0 };

	CHECK(conf_merge(&c, "f", text, true, NULL) == MITOK_OK);
	CHECK(conf_defaults(&c, NULL) == MITOK_OK);
	if (env) {
		AUTO_TEXT a = { 0 };
		AUTO_TEXT b = { 0 };

		text_add(&a, env);
		text_add(&b, "MI_TOKEN_IDENTITY");
		c.env_identity.text = text_move(&a);
		c.env_identity.origin = text_move(&b);
	}
	return c;
}

static void spellings(void)
{
	static const struct {
		const char *text, *want, *name;
	} rows[] = {
		{ "system", "system", NULL },
		{ "default", "default", NULL },
		{ "client-id:AAAAAAAA-BBBB-cccc-dddd-eeeeeeeeeeee", "client-id:" GUID_B,
			NULL },
		{ GUID_A, "client-id:" GUID_A, "invoicing" },
		{ "id://" GUID_A, "client-id:" GUID_A, "invoicing" },
		{ "object-id:" GUID_A, "object-id:" GUID_A, NULL },
		{ "resource-id:/subscriptions/S/x", "resource-id:/subscriptions/S/x",
			NULL },
		{ "/subscriptions/S/x", "resource-id:/subscriptions/S/x", NULL },
		{ "resource:///subscriptions/S/x", "resource-id:/subscriptions/S/x",
			NULL },
		{ "invoicing", "client-id:" GUID_A, "invoicing" },
		{ "backup", "object-id:" GUID_B, "backup" },
		{ "third", "resource-id:/subscriptions/s/t", "third" },
	};
	struct conf c = configuration(NULL);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct identity got = { 0 };
		AUTO_TEXT formatted = { 0 };

		CHECK_ROW(rows[i].text,
			identity_parse(&c, rows[i].text, &got, NULL) == MITOK_OK);
		identity_format(&got, &formatted);
		CHECK_TEXT(text_peek(&formatted), rows[i].want);
		CHECK_ROW(rows[i].text, !got.name == !rows[i].name);
		CHECK_TEXT(got.origin, "--identity");
	}
	conf_wipe(&c);
}

static void pins(void)
{
	struct conf c = configuration(NULL);
	struct identity i = { 0 };

	CHECK(identity_parse(&c, "invoicing", &i, NULL) == MITOK_OK);
	CHECK(i.kind == IDENTITY_CLIENT_ID);
	CHECK_TEXT(i.client_id, GUID_A);
	CHECK_TEXT(i.object_id, GUID_B);
	CHECK_TEXT(i.tenant_id, GUID_T);
	CHECK(!i.resource_id);
	CHECK(identity_parse(&c, "object-id:" GUID_B, &i, NULL) == MITOK_OK);
	CHECK_TEXT(i.object_id, GUID_B);
	CHECK_TEXT(i.tenant_id, GUID_T); /* known by any id, pinned by all */
	CHECK(identity_parse(&c, "object-id:" GUID_A, &i, NULL) == MITOK_OK);
	CHECK_TEXT(i.object_id, GUID_A);
	CHECK(!i.client_id && !i.resource_id && !i.tenant_id && !i.name);
	CHECK(identity_parse(&c, "system", &i, NULL) == MITOK_OK);
	CHECK(!i.id && !i.client_id && !i.object_id && !i.resource_id && !i.tenant_id);
	conf_wipe(&c);
}

#define APP    "a4400000-0000-4000-8000-0000000000F1"
#define APP_IN "91880000-0000-4000-8000-00000000B002"

static void federated(void)
{
	static const char more[] =
		"identities = {\n"
		"  partner = { federate = { client_id = \"" APP
		"\"; tenant_id = \"" APP_IN "\"; };\n"
		"    client_id = \"" GUID_T "\"; object_id = \"" GUID_A "\"; };\n"
		"  bare = { federate = { client_id = \"" APP "\"; tenant_id = \"" APP_IN
		"\"; }; };\n"
		"};\n";
	static const struct {
		const char *name, *want, *by;
	} rows[] = {
		{ "partner",
			"federate:a4400000-0000-4000-8000-0000000000f1@"
			"91880000-0000-4000-8000-00000000b002 by client-id:" GUID_T,
			"client-id:" GUID_T },
		{ "bare",
			"federate:a4400000-0000-4000-8000-0000000000f1@"
			"91880000-0000-4000-8000-00000000b002 by default",
			"default" },
	};
	struct conf c = configuration(NULL);
	struct identity i, proven, voucher;
	struct mitok_err e = { 0 };

	CHECK(conf_merge(&c, "g", more, true, NULL) == MITOK_OK);
	for (size_t n = 0; n < COUNT(rows); n++) {
		AUTO_TEXT all = { 0 };
		AUTO_TEXT by = { 0 };

		CHECK(identity_parse(&c, rows[n].name, &i, NULL) == MITOK_OK);
		identity_format(&i, &all);
		CHECK_TEXT(text_peek(&all), rows[n].want);
		voucher = identity_voucher(&i);
		identity_format(&voucher, &by);
		CHECK_TEXT(text_peek(&by), rows[n].by);
		proven = identity_proven(&i);
		CHECK_TEXT(proven.client_id, APP);
		CHECK_TEXT(proven.tenant_id, APP_IN);
		CHECK(!proven.object_id && !proven.resource_id);
		CHECK(identity_federate(&i, APP, APP_IN, &e) == MITOK_E_ARG && e.hint[0]);
	}
	/* By its id it is the managed identity, pinned as everywhere. */
	CHECK(identity_parse(&c, "client-id:" GUID_T, &i, NULL) == MITOK_OK);
	CHECK(!i.app_id && !i.app_tenant_id);
	CHECK_TEXT(i.object_id, GUID_A);
	CHECK(identity_federate(&i, APP, NULL, &e) == MITOK_E_ARG);
	CHECK(identity_federate(&i, "x", APP_IN, &e) == MITOK_E_ARG);
	CHECK(identity_federate(&i, APP, "contoso.example", &e) == MITOK_E_ARG);
	CHECK(!i.app_id && identity_federate(&i, APP, APP_IN, &e) == MITOK_OK &&
		i.app_id);
	conf_wipe(&c);
}

static void mistakes(void)
{
	static const struct {
		const char *text, *message, *hint;
	} rows[] = {
		{ "invoicng", "no identity is called 'invoicng'",
			"did you mean 'invoicing'? known: invoicing, backup, third" },
		{ "zzzzzzzz", "no identity is called 'zzzzzzzz'",
			"known: invoicing, backup, third" },
		{ "object-id:x", "the identity 'object-id:x' is not a GUID",
			"write system, client-id:GUID, object-id:GUID, "
			"resource-id:/subscriptions/... or a name from mi-token.conf" },
		{ "resource-id:/subscriptions/a\nb",
			"the identity 'resource-id:/subscriptions/a?b' has a character "
			"that no "
			"resource id has",
			NULL },
		{ "", "the identity '' is no name of 1 to 64 letters", NULL },
	};
	struct conf c = configuration(NULL), none = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct identity got = { 0 };
		struct mitok_err e = { 0 };

		CHECK_ROW(rows[i].text,
			identity_parse(&c, rows[i].text, &got, &e) == MITOK_E_ARG);
		CHECK_TEXT(e.message, rows[i].message);
		if (rows[i].hint)
			CHECK_TEXT(e.hint, rows[i].hint);
		CHECK(!got.id && !got.origin);
		CHECK(identity_parse(&none, rows[i].text, &got, &e) == MITOK_E_ARG);
		CHECK(e.hint[0]);
	}
	conf_wipe(&c);
}

/* want NULL: denied. */
struct choice {
	const char *option, *env;
	struct identity_use use;
	const char *want, *origin;
};

static void choose(const struct choice *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct conf c = configuration(rows[i].env);
		struct identity got = { 0 };
		struct mitok_err e = { 0 };
		AUTO_TEXT formatted = { 0 };
		const char *row = rows[i].use.path ? rows[i].use.path : rows[i].want;

		CHECK_ROW(row,
			identity_choose(&c, rows[i].option, &rows[i].use, &got, &e) ==
				(rows[i].want ? MITOK_OK : MITOK_E_DENIED));
		if (rows[i].want) {
			identity_format(&got, &formatted);
			CHECK_TEXT(text_peek(&formatted), rows[i].want);
			CHECK_TEXT(got.origin, rows[i].origin);
		} else {
			CHECK_ROW(
				row, rows[i].origin && strstr(e.message, rows[i].origin));
			CHECK_ROW(row, e.hint[0] && !got.origin);
		}
		conf_wipe(&c);
	}
}

#define DEV "dev.azure.com"

static void precedence(void)
{
	static const struct choice rows[] = {
		{ NULL, NULL, { 0 }, "client-id:" GUID_A, "f:1" },
		{ NULL, NULL, { DEV, "/orgB/x", NULL }, "object-id:" GUID_B, "f:10" },
		{ NULL, "system", { DEV, "/orgB/x", NULL }, "system",
			"MI_TOKEN_IDENTITY" },
		{ "third", "system", { DEV, "/orgB/x", NULL },
			"resource-id:/subscriptions/s/t", "--identity" },
		{ "third", NULL, { 0 }, "resource-id:/subscriptions/s/t", "--identity" },
		{ "default", NULL, { DEV, "/orgB", NULL }, "default", "--identity" },
		{ "system", NULL, { DEV, "/partner/x", NULL }, NULL, "f:9" },
		{ NULL, "system", { DEV, "/partner", NULL }, NULL, "f:9" },
		{ "system", NULL, { NULL, NULL, "https://graph.microsoft.com" }, NULL,
			"f:13" },
	};

	choose(rows, COUNT(rows));
}

static void matching(void)
{
	static const struct choice rows[] = {
		{ NULL, NULL, { "DEV.azure.com", "/orgB", NULL }, "object-id:" GUID_B,
			"f:10" },
		{ NULL, NULL, { "dev.azure.com.:443", "orgb/", NULL },
			"object-id:" GUID_B, "f:10" },
		{ NULL, NULL, { DEV, "/orgBB", NULL }, "client-id:" GUID_B, "f:14" },
		{ NULL, NULL, { DEV, "/org", NULL }, "client-id:" GUID_B, "f:14" },
		{ NULL, NULL, { DEV, "/orgC/orgB", NULL }, "client-id:" GUID_B, "f:14" },
		{ NULL, NULL, { DEV, "/orgC/My%20Project/..x", NULL },
			"client-id:" GUID_B, "f:14" },
		{ NULL, NULL, { "xdev.azure.com", "/orgB", NULL }, "client-id:" GUID_A,
			"f:1" },
		{ NULL, NULL, { "dev.azure.com.evil", "/orgB", NULL },
			"client-id:" GUID_A, "f:1" },
		{ NULL, NULL, { "a.blob.core.windows.net", NULL, NULL }, "system",
			"f:12" },
		{ NULL, NULL, { "blob.core.windows.net", NULL, NULL },
			"client-id:" GUID_A, "f:1" },
		{ NULL, NULL, { "xblob.core.windows.net", NULL, NULL },
			"client-id:" GUID_A, "f:1" },
		{ NULL, NULL, { NULL, NULL, "https://vault.azure.net" },
			"resource-id:/subscriptions/s/t", "f:11" },
		{ NULL, NULL, { NULL, NULL, "https://vault.azure.net/" },
			"resource-id:/subscriptions/s/t", "f:11" },
		{ NULL, NULL, { NULL, NULL, "cfa8b339-82a2-471a-a3c9-0fc0be7a4093" },
			"resource-id:/subscriptions/s/t", "f:11" },
		{ NULL, NULL, { NULL, NULL, "https://vault.azure.net//" },
			"client-id:" GUID_A, "f:1" },
		{ NULL, NULL, { NULL, NULL, "https://vault.azure.cn" },
			"client-id:" GUID_A, "f:1" },
		{ NULL, NULL, { NULL, "/partner", NULL }, "client-id:" GUID_A, "f:1" },
		{ NULL, NULL, { NULL, NULL, "00000003-0000-0000-c000-000000000000" },
			NULL, "f:13" },
		{ NULL, NULL, { NULL, NULL, "HTTPS://GRAPH.microsoft.com" }, NULL,
			"f:13" },
	};

	choose(rows, COUNT(rows));
}

static void tricks(void)
{
	static const struct choice rows[] = {
		{ NULL, NULL, { DEV, "/Partner", NULL }, NULL,
			"denied by the rule at f:9" },
		{ NULL, NULL, { DEV, "/p%61rtner/x", NULL }, NULL,
			"denied by the rule at f:9" },
		{ NULL, NULL, { DEV, "partner/x", NULL }, NULL,
			"denied by the rule at f:9" },
		{ NULL, NULL, { DEV, "//partner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/x/../partner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/./partner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/x/%2e%2E/partner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/%2fpartner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/x%5c..%5cpartner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/x\\..\\partner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/%2570artner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/partner;x", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/partner%20/x", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/partner./x", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/partner%00", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/partner%", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/%zz", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, "/..", NULL }, NULL, "is not clear" },
		{ "system", NULL, { DEV, "/x/../partner", NULL }, NULL, "is not clear" },
		{ NULL, NULL, { DEV, NULL, NULL }, NULL, "looks at the path" },
		{ NULL, NULL, { DEV, "", NULL }, NULL, "looks at the path" },
		{ "system", NULL, { DEV, NULL, NULL }, NULL, "looks at the path" },
		{ NULL, NULL, { "other.example", "/x/../y", NULL }, "client-id:" GUID_A,
			"f:1" },
	};

	choose(rows, COUNT(rows));
}

static void long_paths(void)
{
	struct conf c = configuration(NULL);
	struct identity_use use = { .host = DEV };
	struct identity got = { 0 };
	struct mitok_err e = { 0 };
	AUTO_TEXT path = { 0 };

	while (path.len < 3000)
		text_add(&path, "/x");
	use.path = text_peek(&path);
	CHECK(identity_choose(&c, NULL, &use, &got, &e) == MITOK_E_DENIED);
	CHECK(identity_choose(&c, NULL, NULL, &got, &e) == MITOK_OK);
	conf_wipe(&c);
	CHECK(identity_choose(&c, NULL, &use, &got, &e) == MITOK_OK);
	CHECK(got.kind == IDENTITY_DEFAULT);
	CHECK_TEXT(got.origin, "default");
}

static const struct test tests[] = {
	{ "each spelling selects what it says", spellings },
	{ "what selects is pinned, and all that a name has", pins },
	{ "a federated one vouches, and the application is pinned", federated },
	{ "a mistake is answered with what there is", mistakes },
	{ "option, variable, rule, key: in this order, and deny beats all", precedence },
	{ "rules match hosts, whole segments and names of resources", matching },
	{ "no way of writing a path gets around a rule", tricks },
	{ "endless paths are refused, no configuration is none", long_paths },
};
TEST_MAIN(tests)
