/* The Azure CLI as a source: what it is run with, what it says, and whose token that is.
 * SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "script.h"

#define AZ                    \
	{                     \
		"/bin/az", "" \
	}
#define PROFILE "/home/me/.azure/azureProfile.json"
#define RUN(more)                                                                     \
	"run /bin/az with MI_TOKEN_AZURE_CLI=1: az account get-access-token -o json " \
	"--resource https://vault.azure.net" more "\n"
#define ANSWER(token, when)                                                      \
	"{\n  \"accessToken\": \"" token "\",\n  \"expiresOn\": \"2024-09-25 "   \
	"15:54:59.000000\",\n" when "  \"subscription\": "                       \
	"\"11110000-0000-4000-8000-000000000001\",\n  \"tenant\": "              \
	"\"91880000-0000-4000-8000-00000000a001\",\n  \"tokenType\": \"Bearer\"" \
	"\n}\n"
#define GOOD    ANSWER(SCRIPT_TOKEN, "  \"expires_on\": 1727279699,\n")
#define SIGN_IN "ERROR: Please run 'az login' to setup account.\n"

static const struct script_row rows[] = {
	{ "whoever is signed in", .files = { AZ }, .answers = { { 1, GOOD } },
		.wire = RUN("") },
	{ "in a tenant", .files = { AZ }, .answers = { { 1, GOOD } },
		.ask = { .tenant_id = "91880000-0000-4000-8000-00000000a001" },
		.wire = RUN(" --tenant 91880000-0000-4000-8000-00000000a001") },
	/* Its token is compared with the pins. */
	{ "by an id", .files = { AZ }, .answers = { { 1, GOOD } },
		.ask = { .kind = IDENTITY_OBJECT_ID, .id = SCRIPT_OTHER },
		.wire = RUN("") },
	{ "an old az, without expires_on", .files = { AZ },
		.answers = { { 1, ANSWER(SCRIPT_TOKEN, "") } }, .wire = RUN("") },
	{ "warnings on the way", .files = { AZ },
		.answers = { { 1, GOOD, .err = "WARNING: a new version is there\n" } },
		.wire = RUN("") },
	{ "somebody else took its status", .files = { AZ }, .answers = { { 0, GOOD } },
		.wire = RUN("") },

	{ "nobody is signed in", .files = { AZ },
		.answers = { { 2, "", .err = SIGN_IN } }, .requests = 1,
		.code = MITOK_E_NOIDENTITY,
		.message = "az: status 1: 'Please run 'az login' to setup "
			   "account.'",
		.hint = "sign in: az login" },
	{ "the sign-in is too old", .files = { AZ },
		.answers = { { 2, "",
			.err = "ERROR: AADSTS700082: The refresh token has expired due "
			       "to inactivity.\nTrace ID: x\nInteractive authentication "
			       "is needed. Please run:\naz login --tenant \"t\" --scope "
			       "\"https://vault.azure.net/.default\"\n" } },
		.requests = 1, .code = MITOK_E_DENIED,
		.message = "AADSTS700082: The refresh token has expired",
		.hint = "sign in: az login --tenant \"t\" --scope "
			"\"https://vault.azure.net/.default\"" },
	{ "any other failure", .files = { AZ },
		.answers = { { 3, "",
			.err = "Traceback (most recent call last):\nx\n" } },
		.requests = 1, .code = MITOK_E_LATER,
		.message = "az: status 2: 'Traceback",
		.hint = "see for yourself: az account get-access-token --resource "
			"https://vault.azure.net" },
	{ "not a word", .files = { AZ }, .answers = { { 2, "" } }, .requests = 1,
		.code = MITOK_E_LATER, .message = "status 1: 'no word'" },
	{ "a token in its complaint is not told", .files = { AZ },
		.answers = { { 2, "", .err = "ERROR: bad token eyJ" SPY_MARK "\n" } },
		.requests = 1, .code = MITOK_E_LATER, .message = "bad token ***" },
	{ "too slow", .files = { AZ }, .answers = { { 1, GOOD, .takes_ms = 70000 } },
		.requests = 1, .code = MITOK_E_LATER,
		.message = "az: no answer in 60000 ms, and it was stopped",
		.hint = "--timeout" },
	{ "too much", .files = { AZ }, .answers = { { 1, "", .fault = HTTP_NONSENSE } },
		.requests = 1, .code = MITOK_E_REPLY, .message = "too long" },
	{ "it cannot be started", .files = { AZ },
		.answers = { { 1, "", .sys_errno = ENOENT } }, .requests = 1,
		.code = MITOK_E_CONF, .message = "cannot run '/bin/az'" },

	/* what is no token */
	{ "no JSON", .files = { AZ }, .answers = { { 1, "token " SPY_MARK } },
		.requests = 1, .code = MITOK_E_REPLY, .message = "no JSON object" },
	{ "an array", .files = { AZ }, .answers = { { 1, "[]" } }, .requests = 1,
		.code = MITOK_E_REPLY, .message = "no JSON object" },
	{ "nothing", .files = { AZ }, .answers = { { 1, "" } }, .requests = 1,
		.code = MITOK_E_REPLY },
	{ "no token", .files = { AZ }, .answers = { { 1, "{\"expires_on\": 1}" } },
		.requests = 1, .code = MITOK_E_REPLY,
		.message = "without an accessToken" },
	{ "a token of two lines", .files = { AZ },
		.answers = { { 1, ANSWER(SPY_MARK "\\nx", "") } }, .requests = 1,
		.code = MITOK_E_REPLY, .message = "without an accessToken" },
	{ "another type", .files = { AZ },
		.answers = { { 1,
			"{\"accessToken\": \"t\", \"tokenType\": \"pop\", "
			"\"expires_on\": 1727279699}" } },
		.requests = 1, .code = MITOK_E_REPLY, .message = "not of type Bearer" },
	{ "it has expired", .files = { AZ },
		.answers = { { 1, ANSWER("t", "  \"expires_on\": 1727193299,\n") } },
		.requests = 1, .code = MITOK_E_REPLY, .message = "has expired" },
	{ "no date", .files = { AZ },
		.answers = { { 1, "{\"accessToken\": \"t\", \"expiresOn\": \"soon\"}" } },
		.requests = 1, .code = MITOK_E_REPLY, .message = "does not say when" },

	/* before it is run */
	{ "system", .files = { AZ }, .ask = { .kind = IDENTITY_SYSTEM }, .wire = "",
		.code = MITOK_E_NOIDENTITY, .message = "no system-assigned identity" },
	{ "a resource that is an option", .files = { AZ },
		.ask = { .resource = "--debug" }, .wire = "", .code = MITOK_E_ARG,
		.message = "would be an option" },
	{ "no az", .wire = "", .code = MITOK_E_NOIDENTITY, .message = "PATH has no az" },
	{ "it is not known who is signed in",
		.files = { AZ, { PROFILE, "", .error = EACCES } }, .wire = "",
		.code = MITOK_E_CONF,
		.message = "it is not known who is signed in to az: cannot open "
			   "'" PROFILE "': Permission denied" },
	{ "nor where", .env = { { "HOME", "" } }, .files = { AZ }, .wire = "",
		.code = MITOK_E_NOIDENTITY,
		.message = "HOME without it, is no absolute path" },
	{ "asked by the az that it would run", .env = { { "MI_TOKEN_AZURE_CLI", "1" } },
		.files = { AZ }, .wire = "", .code = MITOK_E_NOIDENTITY,
		.message = "asked by the az that it would run" },
};

static const struct script_presence present[] = {
	{ "az", .files = { AZ } },
	{ "no az", .want = "PATH has no az, but for mi-token's own" },
	{ "asked by the az that it would run", .env = { { "MI_TOKEN_AZURE_CLI", "1" } },
		.files = { AZ }, .want = "asked by the az that it would run" },
	{ "no folder", .env = { { "HOME", "" } }, .files = { AZ },
		.want = "AZURE_CONFIG_DIR, or HOME without it, is no absolute path" },
	{ "a relative one", .env = { { "AZURE_CONFIG_DIR", ".azure" } }, .files = { AZ },
		.want = "AZURE_CONFIG_DIR, or HOME without it, is no absolute path" },
	{ "only az's own", .env = { { "AZURE_CONFIG_DIR", "/a" }, { "HOME", "" } },
		.files = { AZ } },
};

static void exchanges(void)
{
	script_run(&source_azure_cli, rows, COUNT(rows));
}

static void presence(void)
{
	script_present(&source_azure_cli, present, COUNT(present));
}

static void place_of(
	const struct script_env *env, const struct script_file *files, struct text *ret)
{
	static struct script s;
	struct host h = script_host(&s);

	script_start(&s, env, files, NULL);
	source_azure_cli.place(&h, ret);
	CHECK(text_ok(ret));
}

/* Another account is another place, so that its token is not taken for the first one's. */
static void accounts(void)
{
	static const struct script_env home[] = { { "HOME", "/home/me" },
		{ NULL, NULL } };
	static const struct script_env dir[] = { { "HOME", "/home/me" },
		{ "AZURE_CONFIG_DIR", "/etc/az" }, { NULL, NULL } };
	static const struct script_file one[] = { { "/home/me/.azure/azureProfile.json",
							  "{\"subscriptions\": [1]}" },
		{ NULL } };
	static const struct script_file two[] = { { "/home/me/.azure/azureProfile.json",
							  "{\"subscriptions\": [2]}" },
		{ NULL } };
	AUTO_TEXT a = { 0 };
	AUTO_TEXT b = { 0 };
	AUTO_TEXT c = { 0 };
	AUTO_TEXT d = { 0 };

	place_of(home, one, &a);
	place_of(home, two, &b);
	place_of(dir, one, &c);
	place_of(home, NULL, &d);
	CHECK(strcmp(text_peek(&a), text_peek(&b)) != 0);
	CHECK_TEXT(text_peek(&c), "%2Fetc%2Faz%2FazureProfile.json ");
	CHECK_TEXT(text_peek(&d), "%2Fhome%2Fme%2F.azure%2FazureProfile.json ");
}

/* az before 2.54 says the local time and no zone. */
static void local_time(void)
{
	static struct script s;
	static const struct script_file files[] = { AZ, { NULL } };
	static const struct script_answer answers[] = { { 1, ANSWER("t", "") }, { 0 } };
	const struct ask ask = { .resource = "r",
		.deadline_ms = SCRIPT_START_MS + 60000 };

	for (int i = 0; i < 2; i++) {
		struct host h = script_host(&s);
		AUTO_GRANT g = { 0 };

		CHECK(setenv("TZ", i ? "XYZ-3" : "UTC", 1) == 0);
		tzset();
		script_start(&s, NULL, files, answers);
		CHECK(source_azure_cli.fetch(&h, &ask, &g, NULL) == MITOK_OK);
		CHECK(g.expires_s == 1727279699 - (i ? 10800 : 0));
	}
	CHECK(unsetenv("TZ") == 0);
}

static const struct test tests[] = {
	{ "az is run as is documented, and its answers and complaints are understood",
		exchanges },
	{ "it is present where there is an az that is not ours", presence },
	{ "another account is another key of the cache", accounts },
	{ "a date without zone is local", local_time },
};
TEST_MAIN(tests)
