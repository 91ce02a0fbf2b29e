/* What the git helper reads from others and tells people: challenges, settings of
 * git-credential-manager, causes of a refusal, answers.
 * SPDX-License-Identifier: MIT */
#include "../../helper/git/answer.h"
#include "../../helper/git/challenge.h"
#include "../../helper/git/diagnosis.h"
#include "../../helper/git/gcm.h"
#include "../../helper/git/host.h"
#include "core/token.h"

#include "test.h"

#define TENANT "11111111-2222-3333-4444-555555555555"
#define OTHER  "99999999-2222-3333-4444-555555555555"
#define NOBODY "00000000-0000-0000-0000-000000000000"
#define LOGIN  "https://login.microsoftonline.com/"

static void challenges(void)
{
	static const struct {
		const char *value, *want; /* NULL: none */
	} rows[] = {
		{ "Bearer authorization_uri=" LOGIN TENANT, TENANT },
		{ "bearer AUTHORIZATION_URI=" LOGIN TENANT, TENANT },
		{ "Bearer authorization_uri=\"" LOGIN TENANT "\"", TENANT },
		{ "Bearer authorization_uri=https://login.windows.net/" TENANT, TENANT },
		{ "Bearer authorization_uri=" LOGIN TENANT "/oauth2/authorize", TENANT },
		{ "Bearer authorization_uri=" LOGIN TENANT ", Basic realm=\"x\", "
		  "TFS-Federated",
			TENANT },
		{ "Basic realm=\"x\", TFS-Federated, Bearer authorization_uri=" LOGIN
				TENANT,
			TENANT },
		{ "Bearer realm=\"a\", authorization_uri=" LOGIN TENANT, TENANT },
		{ "Bearer", NULL },
		{ "Bearer foobar", NULL },
		{ "NotBearer authorization_uri=" LOGIN TENANT, NULL },
		{ "Basic authorization_uri=" LOGIN TENANT, NULL },
		{ "Bearer authorization_uri=" LOGIN NOBODY, NULL },
		{ "Bearer authorization_uri=" LOGIN "common", NULL },
		{ "Bearer authorization_uri=" LOGIN TENANT "0", NULL },
		{ "Bearer authorization_uri=", NULL },
		{ "Bearer authorization_uri=\"" LOGIN TENANT, TENANT },
		{ "authorization_uri=" LOGIN TENANT, NULL },
		{ "", NULL },
		{ " , ,", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[40] = "";

		CHECK_ROW(rows[i].value,
			challenge_tenant(rows[i].value, got) == !!rows[i].want);
		CHECK_TEXT(got, rows[i].want ? rows[i].want : "");
	}
}

static void gcm(void)
{
	static const struct {
		const char *value, *want; /* NULL: an error */
	} rows[] = {
		{ "", "system" },
		{ "   ", "system" },
		{ "system", "system" },
		{ "SYSTEM", "system" },
		{ " system ", "system" },
		{ NOBODY, "system" },
		{ "id://" NOBODY, "system" },
		{ TENANT, "client-id:" TENANT },
		{ "id://" TENANT, "client-id:" TENANT },
		{ "ID://" TENANT, "client-id:" TENANT },
		{ "resource:///subscriptions/s/x", "resource-id:/subscriptions/s/x" },
		{ "Resource:///Subscriptions/s/x", "resource-id:/Subscriptions/s/x" },
		{ "resource://" TENANT, NULL }, /* no platform has such a resource id */
		{ "unknown://" TENANT, NULL },
		{ "this is a string", NULL },
		{ "id://", NULL },
		{ "id://x", NULL },
		{ "resource://", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[600] = "";
		struct mitok_err e = { 0 };
		enum mitok_code r =
			gcm_selector(rows[i].value, "SETTING", got, sizeof(got), &e);

		CHECK_ROW(rows[i].value, (r == MITOK_OK) == !!rows[i].want);
		if (rows[i].want)
			CHECK_TEXT(got, rows[i].want);
		else
			CHECK_ROW(rows[i].value,
				strstr(e.message, "SETTING is '") == e.message &&
					*e.hint);
	}
}

static void causes(void)
{
#define D(...)                                                                  \
	{                                                                       \
		.tenant = TENANT, .object_id = "O", .client_id = "C",           \
		.organisation = "org", .audience = DEVOPS_RESOURCE,             \
		.expires_s = 2000000, .now_s = 1000000, .not_before_s = 900000, \
		.organisations_tenant = TENANT, __VA_ARGS__                     \
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	static const struct {
		const char *what;
		struct diagnosis d;
		const char *message, *hint; /* fragments */
	} rows[] = {
		{ "no member", D(.again = false),
			"object id O (client id C) is no user of the organization 'org'",
			"https://dev.azure.com/org/_settings/users" },
		{ "no member, again", D(.again = true),
			"the platform gives the same token again", "Basic licence" },
		{ "an old git", D(.gave_up = true), "is no user of",
			"try once more, with another token; if that is refused, add" },
		{ "an old git, again", D(.gave_up = true, .again = true), "same token",
			"add that object id" },
		{ "no challenge", D(.organisations_tenant = ""),
			"which may belong to another tenant than " TENANT, "licence" },
		{ "no organisation", D(.organisation = ""), "of the organization",
			"https://dev.azure.com/ORGANIZATION/_settings" },
		{ "other tenant", D(.organisations_tenant = OTHER),
			"'org' belongs to tenant " OTHER
			", the identity to tenant " TENANT,
			"federated credential" },
		{ "audience", D(.audience = "https://vault.azure.net"),
			"it is for 'https://vault.azure.net', not for Azure DevOps",
			"git-credential-mi-token" },
		{ "expired", D(.now_s = 2000301), "it is good until 1970-01-24T03:33:20Z",
			"set the clock" },
		{ "too early", D(.now_s = 899000), "it is good from 1970-01-11T10:00:00Z",
			"set the clock" },
		{ "a little early", D(.now_s = 899900), "is no user of", "licence" },
	};
#pragma GCC diagnostic pop

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { 0 };

		diagnosis_tell(&rows[i].d, &e);
		CHECK_ROW(rows[i].what, e.code == MITOK_E_DENIED);
		CHECK_ROW(e.message, strstr(e.message, rows[i].message) != NULL);
		CHECK_ROW(e.hint, strstr(e.hint, rows[i].hint) != NULL);
	}
}

/* {"tid":"T","oid":"O","appid":"C","aud":"A","nbf":1,"exp":2,"x":[1]} */
#define CLAIMS                                                                     \
	"e30.eyJ0aWQiOiJUIiwib2lkIjoiTyIsImFwcGlkIjoiQyIsImF1ZCI6IkEiLCJuYmYiOjEs" \
	"ImV4cCI6MiwieCI6WzFdfQ.e30"

static void claims(void)
{
	AUTO_SECRET token = { 0 };
	struct diagnosis d = { .again = false };

	CHECK(secret_add_text(&token, CLAIMS) && diagnosis_read(&token, &d));
	CHECK_TEXT(d.tenant, "T");
	CHECK_TEXT(d.object_id, "O");
	CHECK_TEXT(d.client_id, "C");
	CHECK_TEXT(d.audience, "A");
	CHECK(d.not_before_s == 1 && d.expires_s == 2);
	secret_wipe(&token);
	CHECK(secret_add_text(&token, "no.jwt") && !diagnosis_read(&token, &d));
}

#define PRINT "state[]=mi-token:"
static const struct {
	const char *what;
	struct credential asked;
	bool bearer, more;
	const char *want;
} answer_rows[] = {
	{ "old git", { .username = "" }, true, true,
		"username=mi-token\npassword=" SPY_MARK
		"\npassword_expiry_utc=1800000000\n" },
	{ "a user", { .username = "org" }, false, false,
		"username=org\npassword=" SPY_MARK "\npassword_expiry_utc=1800000000\n" },
	{ "a user that Basic cannot carry", { .username = "id://x" }, false, false,
		"username=mi-token\npassword=" SPY_MARK
		"\npassword_expiry_utc=1800000000\n" },
	{ "authtype, but no bearer", { .takes_authtype = true }, false, false,
		"capability[]=authtype\nusername=mi-token\npassword=" SPY_MARK
		"\nephemeral=1\npassword_expiry_utc=1800000000\n" },
	{ "bearer", { .takes_authtype = true }, true, false,
		"capability[]=authtype\nauthtype=Bearer\ncredential=" SPY_MARK
		"\nephemeral=1\npassword_expiry_utc=1800000000\n" },
	{ "state", { .takes_state = true }, false, true,
		"capability[]=state\nusername=mi-token\npassword=" SPY_MARK
		"\npassword_expiry_utc=1800000000\n"
		"state[]=mi-token:%s\ncontinue=1\n" },
	{ "all", { .takes_authtype = true, .takes_state = true }, true, true,
		"capability[]=authtype\ncapability[]=state\nauthtype=Bearer\n"
		"credential=" SPY_MARK "\nephemeral=1\npassword_expiry_utc=1800000000\n"
		"state[]=mi-token:%s\ncontinue=1\n" },
};

static void answers(void)
{
	AUTO_TOKEN t = token_new();
	char print[MITOK_FINGERPRINT_SIZE];

	CHECK(secret_add_text(&t->value, SPY_MARK) && TEXT_COPY(t->type, "Bearer"));
	t->expires_s = 1800000000;
	mitok_fingerprint(SPY_MARK, strlen(SPY_MARK), print);
	for (size_t i = 0; i < COUNT(answer_rows); i++) {
		struct answer a = { &answer_rows[i].asked, t, answer_rows[i].bearer,
			answer_rows[i].more };
		const char *at = strstr(answer_rows[i].want, "%s");
		AUTO_SECRET got = { 0 };
		AUTO_SECRET want = { 0 };

		CHECK(secret_add(&want, answer_rows[i].want,
			at ? (size_t)(at - answer_rows[i].want)
			   : strlen(answer_rows[i].want)));
		if (at)
			CHECK(secret_add_text(&want, print) &&
				secret_add_text(&want, at + 2));
		CHECK_ROW(answer_rows[i].what, answer_format(&a, &got));
		CHECK_TEXT(secret_peek(&got), secret_peek(&want));
		spy_fail(1);
		secret_wipe(&got);
		CHECK_ROW(answer_rows[i].what, !answer_format(&a, &got) && !got.p);
		spy_fail(0);
	}
	CHECK(spy_leaks == 0);
}

static const struct test tests[] = {
	{ "a challenge names its tenant, wherever it stands", challenges },
	{ "git-credential-manager's names become selectors", gcm },
	{ "each cause of a refusal is told with its cure", causes },
	{ "the claims that a diagnosis needs are read", claims },
	{ "an answer says what its git understands", answers },
};
TEST_MAIN(tests)
