/* mi-token roles: scopes, what role definitions allow, rows that hash alike, fields that
 * programs must not take for more; and the names and tags of mi-token report.
 * SPDX-License-Identifier: MIT */
#include "../../helper/report/page.h"
#include "../../helper/roles/print.h"

#include <stdlib.h>

#include "test.h"

#define SUB "/subscriptions/11110000-0000-4000-8000-000000000001"
#define RG  SUB "/resourceGroups/demo"
#define ST  RG "/providers/Microsoft.Storage/storageAccounts/demo"
#define MG  "/providers/Microsoft.Management/managementGroups/"

static void scopes(void)
{
	static const struct {
		const char *id;
		enum scope_kind kind;
		const char *words;
	} rows[] = {
		{ "/", SCOPE_ROOT, "the whole directory" },
		{ MG "contoso", SCOPE_MANAGEMENT_GROUP, "management group contoso" },
		{ SUB, SCOPE_SUBSCRIPTION,
			"subscription 11110000-0000-4000-8000-000000000001" },
		{ RG, SCOPE_RESOURCE_GROUP, "resource group demo" },
		{ SUB "/RESOURCEGROUPS/Demo", SCOPE_RESOURCE_GROUP,
			"resource group Demo" },
		{ ST, SCOPE_RESOURCE, "storage account demo" },
		{ RG "/providers/microsoft.storage/STORAGEACCOUNTS/demo", SCOPE_RESOURCE,
			"storage account demo" },
		{ ST "/blobServices/default/containers/logs", SCOPE_RESOURCE,
			"blob container demo/logs" },
		{ ST "/blobServices/default", SCOPE_RESOURCE, "storage account demo" },
		{ RG "/providers/Microsoft.Sql/servers/s/databases/d", SCOPE_RESOURCE,
			"Microsoft.Sql/servers/databases s/d" },
		{ ST "/providers/Microsoft.Insights/x/y", SCOPE_RESOURCE,
			"Microsoft.Insights/x demo/y" },
		{ SUB "/providers/Microsoft.Storage/storageAccountsX/a", SCOPE_RESOURCE,
			"Microsoft.Storage/storageAccountsX a" },
		{ "/providers/Microsoft.Billing/billingAccounts/b", SCOPE_RESOURCE,
			"Microsoft.Billing/billingAccounts b" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scope s;
		AUTO_TEXT t = { 0 };

		CHECK_ROW(rows[i].id, scope_read(rows[i].id, &s));
		CHECK_ROW(rows[i].id, s.kind == rows[i].kind);
		scope_format(&s, NULL, &t);
		CHECK_TEXT(text_peek(&t), rows[i].words);
	}
}

static void no_scopes(void)
{
	static const char *const rows[] = { "", "x", "//", "/x", "/subscriptions",
		"/subscriptions/", "/subscriptionsX/a", SUB "/", SUB "/x", SUB "/x/y",
		SUB "/resourceGroups", SUB "/resourceGroups/", RG "/x/y", RG "/providers",
		RG "/providers/N", RG "/providers/N/t", RG "/providers/N/t/",
		RG "/providers/N//x", RG "/providers/N/t/x/u", "/providers", MG };
	char long_id[2048] = SUB "/resourceGroups/";
	struct scope s;

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i], !scope_read(rows[i], &s));
	memset(long_id + strlen(long_id), 'a', 1000);
	CHECK(!scope_read(long_id, &s));
}

static void containment(void)
{
	static const struct {
		const char *outer, *inner;
		bool want;
	} rows[] = {
		{ "/", ST, true },
		{ SUB, ST, true },
		{ RG, ST, true },
		{ RG, RG, true },
		{ SUB "/RESOURCEGROUPS/DEMO", ST, true },
		{ RG, SUB "/resourceGroups/demo2", false },
		{ ST, RG, false },
		{ ST, "/", false },
		{ MG "a", SUB, false },
	};
	AUTO_TEXT t = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].inner,
			scope_contains(rows[i].outer, rows[i].inner) == rows[i].want);
	scope_add_path(&t, "/subscriptions/a b/c?d#e/f(g)/\xc3\xa4");
	CHECK_TEXT(text_peek(&t), "subscriptions/a%20b/c%3Fd%23e/f%28g%29/%C3%A4");
}

static void words(void)
{
	static const struct {
		const char *word, *want;
	} rows[] = {
		{ ST, ST },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "it's", "'it'\\''s'" },
		{ "$web", "'$web'" },
		{ "a;b", "'a;b'" },
		{ "`a`", "'`a`'" },
		{ "~", "'~'" },
		{ "a=b*", "'a=b*'" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT t = { 0 };

		text_add_word(&t, rows[i].word);
		CHECK_TEXT(text_peek(&t), rows[i].want);
	}
}

/* What a definition with these lists is judged as. */
static void definitions(void)
{
	static const struct {
		const char *permissions;
		unsigned flags;
	} rows[] = {
		{ "{\"actions\":[\"*\"]}", ROLE_ALL | ROLE_GRANTS },
		{ "{\"actions\":[\"*\"],\"notActions\":[\"Microsoft.Authorization/*/"
		  "Write\"]}",
			ROLE_ALL },
		{ "{\"actions\":[\"*\"],\"notActions\":[\"*/write\"]}", ROLE_ALL },
		{ "{\"actions\":[\"*\"],\"notActions\":[\"Microsoft.Authorization/"
		  "roleAssignments/write\"]}",
			ROLE_ALL | ROLE_GRANTS },
		{ "{\"actions\":[\"*/read\"]}", ROLE_READS },
		{ "{\"actions\":[]}", ROLE_READS },
		{ "{\"actions\":[\"a/b/READ\"]}", ROLE_READS },
		{ "{\"actions\":[\"a/b/write\"]}", 0 },
		{ "{\"actions\":[\"*/write\"]}", ROLE_GRANTS },
		{ "{\"actions\":[\"MICROSOFT.authorization/roleassignments/WRITE\"]}",
			ROLE_GRANTS },
		{ "{\"actions\":[\"Microsoft.Authorization/roleAssignments/read\"]}",
			ROLE_READS },
		{ "{\"actions\":[\"M*n/role*/w*e\"]}", ROLE_GRANTS },
		{ "{\"dataActions\":[\"a/b/read\"]}", ROLE_DATA },
		{ "{\"dataActions\":[\"a/*/read\"]}", ROLE_DATA },
		{ "{\"dataActions\":[\"a/*\"]}", ROLE_DATA | ROLE_DATA_WILD },
		{ "{\"dataActions\":[\"*\"],\"actions\":[\"*/read\"]}",
			ROLE_DATA | ROLE_DATA_WILD },
		/* What one forbids the other may allow. */
		{ "{\"actions\":[\"*\"],\"notActions\":[\"*\"]},{\"actions\":[\"*/"
		  "write\"]}",
			ROLE_ALL | ROLE_GRANTS },
		{ "{\"actions\":[\"*/read\"]},{\"dataActions\":[\"a/read\"]}",
			ROLE_DATA },
		{ "{\"actions\":[7,null,{}]}", ROLE_READS },
		{ "{\"actions\":7}", ROLE_READS },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT t = { 0 };
		AUTO_JSON j = NULL;
		struct role role;

		text_addf(&t,
			"{\"roleName\":\"Own\",\"type\":\"CustomRole\",\"permissions\":[%"
			"s]}",
			rows[i].permissions);
		CHECK_ROW(rows[i].permissions,
			json_parse_document(t.p, t.len, &j, NULL) == MITOK_OK);
		CHECK_ROW(rows[i].permissions, role_read(j, "id", &role));
		CHECK_ROW(rows[i].permissions, role.flags == rows[i].flags);
		CHECK_ROW(rows[i].permissions, role.is_custom);
	}
}

static void no_definitions(void)
{
	static const char *const rows[] = { "{}", "[]", "{\"roleName\":\"a\"}",
		"{\"permissions\":[]}", "{\"roleName\":\"a\",\"permissions\":{}}",
		"{\"roleName\":7,\"permissions\":[]}" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_JSON j = NULL;
		struct role role;

		CHECK(json_parse_document(rows[i], strlen(rows[i]), &j, NULL) ==
			MITOK_OK);
		CHECK_ROW(rows[i], !role_read(j, "id", &role));
	}
	CHECK(!role_built_in("8e3af657-a8ff-443c-a75c-000000000000"));
	CHECK_TEXT(role_built_in("8E3AF657-A8FF-443C-A75C-2FE8C4BCB635")->name, "Owner");
}

/* Rows whose hashes are the same are all found, and no others. */
static void collisions(void)
{
	struct index x = { 0 };
	size_t at = 0, row, sum = 0, count = 0;

	CHECK(!index_next(&x, 1, &at, &row));
	for (size_t i = 0; i < 1000; i++)
		CHECK(index_add(&x, i % 7 ? i : 64, i));
	at = 0;
	while (index_next(&x, 64, &at, &row)) {
		count++;
		sum += row;
	}
	/* The multiples of 7 below 1000, and 64 itself. */
	CHECK(count == 143 + 1 && sum == 7 * 142 * 143 / 2 + 64);
	at = 0;
	CHECK(index_next(&x, 65, &at, &row) && row == 65);
	CHECK(!index_next(&x, 65, &at, &row));
	at = 0;
	CHECK(!index_next(&x, 63, &at, &row));
	index_free(&x);
	CHECK(index_hash(INDEX_START, "AbC", 3) == index_hash(INDEX_START, "aBc", 3));
	spy_fail(1);
	CHECK(!index_add(&x, 1, 1));
	spy_fail(0);
	index_free(&x);
}

static void fields(void)
{
	static const struct {
		const char *field, *csv, *markdown;
	} rows[] = {
		{ "plain", "plain", "plain" },
		{ "", "", "" },
		{ "a,b", "\"a,b\"", "a,b" },
		{ "a\"b", "\"a\"\"b\"", "a\"b" },
		{ "a\r\nb", "\"a\r\nb\"", "a  b" },
		{ "=1+1", "\"'=1+1\"", "=1+1" },
		{ "+1", "\"'+1\"", "+1" },
		{ "-1", "\"'-1\"", "-1" },
		{ "@a", "\"'@a\"", "@a" },
		{ "\tx", "\"'\tx\"", "\tx" },
		{ "a=b", "a=b", "a=b" },
		{ " a", "\" a\"", " a" },
		{ "a|b", "a|b", "a\\|b" },
		{ "<b>&amp;", "<b>&amp;", "\\<b\\>\\&amp;" },
		{ "[x](y)", "[x](y)", "\\[x\\](y)" },
		{ "`*_~\\", "`*_~\\", "\\`\\*\\_\\~\\\\" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT csv = { 0 }, markdown = { 0 };

		print_add_csv(&csv, rows[i].field);
		print_add_markdown(&markdown, rows[i].field);
		CHECK_TEXT(text_peek(&csv), rows[i].csv);
		CHECK_TEXT(text_peek(&markdown), rows[i].markdown);
	}
}

static void names(void)
{
	static const struct {
		const char *name, *app, *env; /* app NULL: another form */
	} rows[] = {
		{ "invoicing-prod-identity", "invoicing", "prod" },
		{ "my-app-test-identity", "my-app", "test" },
		{ "A-B-Identity", "A", "B" },
		{ "invoicing-identity", NULL, NULL },
		{ "-prod-identity", NULL, NULL },
		{ "a--identity", NULL, NULL },
		{ "identity", NULL, NULL },
		{ "invoicing-prod", NULL, NULL },
		{ "", NULL, NULL },
	};
	static const struct {
		const char *tag, *kind;
	} tags[] = {
		{ "Owner", "owner" },
		{ "TEAM", "owner" },
		{ "cost-center", "cost centre" },
		{ "Cost Centre", "cost centre" },
		{ "costCenter", "cost centre" },
		{ "app_name", "application" },
		{ "env", "environment" },
		{ "envy", NULL },
		{ "owne", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char app[PAGE_NAME_SIZE] = "", env[PAGE_NAME_SIZE] = "";

		CHECK_ROW(rows[i].name,
			page_read_name(rows[i].name, app, env) == (rows[i].app != NULL));
		CHECK_TEXT(app, rows[i].app ? rows[i].app : "");
		CHECK_TEXT(env, rows[i].env ? rows[i].env : "");
	}
	for (size_t i = 0; i < COUNT(tags); i++)
		CHECK_TEXT(page_tag_kind(tags[i].tag) ? page_tag_kind(tags[i].tag) : "-",
			tags[i].kind ? tags[i].kind : "-");
}

static const struct test tests[] = {
	{ "scopes are told in words", scopes },
	{ "what is no id of a scope is none", no_scopes },
	{ "a scope contains what is below it, segment by segment", containment },
	{ "what is in a command is one word of it", words },
	{ "definitions are judged by what they allow, not by their words", definitions },
	{ "what is no definition is none", no_definitions },
	{ "rows that hash alike are told apart", collisions },
	{ "fields are no formulas and no markup", fields },
	{ "names and tags of identities are taken apart", names },
};

TEST_MAIN(tests)
