/* az's command line, the places that tokens go to, and words that SDKs misunderstand.
 * SPDX-License-Identifier: MIT */
#include "../../helper/az/az.h"
#include "../../helper/az/origin.h"
#include "../../helper/az/report.h"
#include "test.h"

#define WORDS_MAX 12

static int count(const char *const *words)
{
	int n = 0;

	while (words[n])
		n++;
	return n;
}

/* Parses words behind "az"; what came is in *az until done(). */
static enum mitok_code parse(const char *const *words, struct az *az, struct mitok_err *e)
{
	char *argv[WORDS_MAX + 2] = { (char[]){ "az" } };
	static char copies[WORDS_MAX][128];
	struct args_found f;
	int n = count(words);

	for (int i = 0; i < n; i++) {
		(void)snprintf(copies[i], sizeof(copies[i]), "%s", words[i]);
		argv[i + 1] = copies[i];
	}
	*az = (struct az){ 0 };
	*e = (struct mitok_err){ 0 };
	args_find(n + 1, argv, &f);
	if (!f.command)
		return MITOK_E_BUG;
	az->command = f.command;
	return args_parse(az, &f, argv, e);
}

static void done(struct az *az)
{
	arena_free(&az->arena);
	text_free(&az->tail);
}

#define TOKEN "account", "get-access-token"

static void spellings(void)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *output, *resource, *query;
	} rows[] = {
		{ { TOKEN }, NULL, NULL, NULL },
		{ { TOKEN, "--output", "tsv" }, "tsv", NULL, NULL },
		{ { TOKEN, "--output=tsv" }, "tsv", NULL, NULL },
		{ { TOKEN, "-o", "tsv" }, "tsv", NULL, NULL },
		{ { TOKEN, "-otsv" }, "tsv", NULL, NULL },
		{ { TOKEN, "-o=tsv" }, "tsv", NULL, NULL },
		{ { TOKEN, "-o", "TSV" }, "TSV", NULL, NULL },
		{ { TOKEN, "--out", "tsv" }, "tsv", NULL, NULL },
		{ { TOKEN, "--outp=tsv" }, "tsv", NULL, NULL },
		{ { TOKEN, "--que", "a" }, NULL, NULL, "a" },
		{ { TOKEN, "-o", "tsv", "-o", "json" }, "json", NULL, NULL },
		{ { TOKEN, "--resource", "" }, NULL, "", NULL },
		{ { TOKEN, "--resource=" }, NULL, "", NULL },
		{ { TOKEN, "--resource", "a=b" }, NULL, "a=b", NULL },
		{ { TOKEN, "--resource=a=b" }, NULL, "a=b", NULL },
		{ { TOKEN, "--resource", "-" }, NULL, "-", NULL },
		{ { TOKEN, "--resource", "-5" }, NULL, "-5", NULL },
		{ { TOKEN, "--resource", "-a b" }, NULL, "-a b", NULL },
		{ { TOKEN, "--query", "@" }, NULL, NULL, "@" },
		{ { TOKEN, "--query=@" }, NULL, NULL, "@" },
		{ { TOKEN, "--query", "@/nonexistent/file" }, NULL, NULL,
			"@/nonexistent/file" },
		{ { "ACCOUNT", "Get-Access-Token", "-o", "json" }, "json", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e;
		struct az az;

		CHECK(parse(rows[i].words, &az, &e) == MITOK_OK);
		CHECK_TEXT(e.message, "");
		CHECK_TEXT(az.args.output ? az.args.output : "-",
			rows[i].output ? rows[i].output : "-");
		CHECK_TEXT(az.args.resource ? az.args.resource : "-",
			rows[i].resource ? rows[i].resource : "-");
		CHECK_TEXT(az.args.query ? az.args.query : "-",
			rows[i].query ? rows[i].query : "-");
		done(&az);
	}
}

static void refusals(void)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *message;
	} rows[] = {
		{ { TOKEN, "--res", "x" },
			"ambiguous option: --res could match --resource, "
			"--resource-type" },
		{ { TOKEN, "--resource" }, "argument --resource: expected one argument" },
		{ { TOKEN, "-o" }, "argument --output/-o: expected one argument" },
		{ { TOKEN, "--resource", "--query", "a" },
			"argument --resource: expected one argument" },
		{ { TOKEN, "--resource", "--", "a" },
			"argument --resource: expected one argument" },
		{ { TOKEN, "--bogus", "x" }, "unrecognized arguments: --bogus x" },
		{ { TOKEN, "--resource", "a", "b" }, "unrecognized arguments: b" },
		{ { TOKEN, "--", "--resource", "a" },
			"unrecognized arguments: --resource a" },
		{ { "-x", TOKEN, "--bogus" }, "unrecognized arguments: -x --bogus" },
		{ { TOKEN, "--debug=1" },
			"argument --debug: ignored explicit argument '1'" },
		{ { TOKEN, "-o", "Bogus" },
			"az account get-access-token: 'bogus' is not a valid value for "
			"'--output'. Allowed values: json, jsonc, yaml, yamlc, table, "
			"tsv, none." },
		{ { TOKEN, "-o", "js" },
			"az account get-access-token: 'js' is not a valid value for "
			"'--output'. Allowed values: json, jsonc, yaml, yamlc, table, "
			"tsv, none." },
		{ { TOKEN, "--resource-type", "x" },
			"az account get-access-token: 'x' is not a valid value for "
			"'--resource-type'. Allowed values: oss-rdbms, arm, aad-graph, "
			"ms-graph, batch, media, data-lake." },
		{ { "account", "set" },
			"the following arguments are required: "
			"--subscription/-s/--name/-n" },
		{ { "rest" }, "the following arguments are required: --url/--uri/-u" },
		{ { "rest", "--url", "/x", "--headers" },
			"argument --headers: expected at least one argument" },
		{ { "config", "set" },
			"the following arguments are required: <KEY_VALUE>" },
		{ { "config", "get", "a", "b" }, "unrecognized arguments: b" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e;
		struct az az;

		CHECK(parse(rows[i].words, &az, &e) == MITOK_E_ARG);
		CHECK_TEXT(e.message, rows[i].message);
		done(&az);
	}
}

static void lists(void)
{
	static const char *const scopes[] = { TOKEN, "--scope", "a", "b", "--scope", "c",
		"-o", "none", NULL };
	static const char *const none[] = { TOKEN, "--scope", "-o", "none", NULL };
	static const char *const words[] = { "config", "set", "a.b=c", "d.e=f", "--local",
		NULL };
	static const char *const switches[] = { "login", "-i", "-hx", NULL };
	struct mitok_err e;
	struct az az;

	CHECK(parse(scopes, &az, &e) == MITOK_OK);
	CHECK(az.args.scope.count == 1);
	CHECK_TEXT(az.args.scope.items ? az.args.scope.items[0] : "", "c");
	done(&az);
	CHECK(parse(none, &az, &e) == MITOK_OK);
	CHECK(az.args.scope.items && az.args.scope.count == 0);
	done(&az);
	CHECK(parse(words, &az, &e) == MITOK_OK);
	CHECK(az.args.words.count == 2 && az.args.local);
	done(&az);
	CHECK(parse(switches, &az, &e) == MITOK_E_ARG);
	CHECK(az.args.identity && az.args.help);
	done(&az);
}

static void found(void)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *command, *group, *word;
		bool help;
	} rows[] = {
		{ { NULL }, NULL, "", NULL, false },
		{ { "account" }, NULL, "account", NULL, false },
		{ { "account", "-h" }, NULL, "account", NULL, true },
		{ { "-h", "account" }, NULL, "", NULL, true },
		{ { "help" }, NULL, "", NULL, true },
		{ { "account", "nosuch" }, NULL, "account", "nosuch", false },
		{ { "acc" }, NULL, "", "acc", false },
		{ { "account show" }, "account show", "account show", NULL, false },
		{ { "vm", "list" }, NULL, "", "vm", false },
		{ { "-o", "tsv", "account", "show" }, NULL, "", "tsv", false },
		{ { "keyvault", "SECRET", "show" }, "keyvault secret show",
			"keyvault SECRET show", NULL, false },
		{ { "" }, NULL, "", "", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *argv[WORDS_MAX + 2] = { NULL };
		struct args_found f;

		memcpy(argv + 1, rows[i].words, sizeof(rows[i].words));
		args_find(count(rows[i].words) + 1, argv, &f);
		CHECK_TEXT(f.command ? f.command->words : "-",
			rows[i].command ? rows[i].command : "-");
		CHECK_TEXT(f.group, rows[i].group);
		CHECK_TEXT(f.word ? f.word : "-", rows[i].word ? rows[i].word : "-");
		CHECK(f.help == rows[i].help);
	}
}

static void origins(void)
{
	static const struct {
		const char *url, *host;
		int port;
	} good[] = {
		{ "https://management.azure.com/", "management.azure.com", 443 },
		{ "HTTPS://Management.Azure.com", "management.azure.com", 443 },
		{ "https://management.azure.com:443?x", "management.azure.com", 443 },
		{ "https://management.azure.com:8443/x", "management.azure.com", 8443 },
		{ "https://management.azure.com#x", "management.azure.com", 443 },
		{ "http://management.azure.com/x", "management.azure.com", 80 },
		{ "https://management.azure.com.evil.example/",
			"management.azure.com.evil.example", 443 },
	};
	static const char *const bad[] = {
		"https://management.azure.com@evil.example/",
		"https://evil.example\\@management.azure.com/",
		"https://management.azure.com\\.evil.example/",
		"https://management.azure.com:443:80/",
		"https://management.azure.com:/",
		"https://management.azure.com:0/",
		"https://management.azure.com:99999/",
		"https://management.azure.com./",
		"https://management..azure.com/",
		"https://management.azure.com\n.evil.example/",
		"https://management.azure.com%2eevil.example/",
		"https://[::1]/",
		"https:///management.azure.com",
		"https:/management.azure.com",
		"ftp://management.azure.com/",
		"javascript:https://management.azure.com/",
		" https://management.azure.com/",
		"//management.azure.com/",
		"",
	};
	struct origin o;

	for (size_t i = 0; i < COUNT(good); i++) {
		CHECK_ROW(good[i].url, origin_parse(good[i].url, &o));
		CHECK_TEXT(o.host, good[i].host);
		CHECK_ROW(good[i].url, o.port == good[i].port);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		CHECK_ROW(bad[i], !origin_parse(bad[i], &o));
}

static void encoded(void)
{
	AUTO_TEXT t = { 0 };

	origin_add_encoded(&t, "https://h/a b?$filter=x eq 'y'&z=%20%zz\xc3\xbc{}#frag");
	CHECK_TEXT(text_peek(&t),
		"https://h/a%20b?$filter=x%20eq%20'y'&z=%20%25zz%C3%BC%7B%7D");
}

/* Whether an SDK would take the text for something else. */
static bool is_trigger(const char *text)
{
	const char *az = strcasestr(text, "az:"), *azd = strcasestr(text, "azd:");

	return strcasestr(text, "az login") || strcasestr(text, "az account set") ||
		(az && strstr(az, "not found")) || (azd && strstr(azd, "not found")) ||
		strstr(text, "CLIInternalError") || strcasestr(text, "azd auth login");
}

static void triggers(void)
{
	static const char *const rows[] = {
		"sign in with az login for others",
		"AZ LOGIN",
		"az:login",
		"run az account set, then az account set again",
		"az: identity not found",
		"azd: not found",
		"azd auth login, and not logged in, run it",
		"CLIInternalError",
		"https://xaz:80/ was not found",
		"az:az:az login not found",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "%s", rows[i]);
		report_defuse(text);
		CHECK_ROW(rows[i], !is_trigger(text));
		CHECK_ROW(rows[i], strlen(text) == strlen(rows[i]));
	}
	CHECK(report_status(MITOK_E_ARG) == 2 && report_status(MITOK_E_LATER) == 1);
	CHECK(report_status(MITOK_OK) == 0);
}

static const struct test tests[] = {
	{ "options are spelt in every way that argparse takes", spellings },
	{ "what is wrong is refused in az's words", refusals },
	{ "lists are replaced, switches joined", lists },
	{ "words name commands and groups in any case, and nothing else", found },
	{ "a URL goes where every parser sees it go, or nowhere", origins },
	{ "a URL is sent with what must be encoded encoded", encoded },
	{ "no error says what SDKs take for a missing az or a missing login", triggers },
};
TEST_MAIN(tests)
