/* What a token must say to be let in. SPDX-License-Identifier: MIT */
#include "entrant.h"
#include "test.h"

static struct verifier verifier;

static enum reason check(const struct member *claims, struct mitok_err *e)
{
	AUTO_TEXT jwt = { 0 };

	entrant_add_token(NULL, claims, &jwt);
	return entrant_check(&verifier, text_peek(&jwt), jwt.len, e);
}

/* A claim, and what becomes of the token. */
static const struct {
	const char *name, *json; /* NULL: without that claim */
	enum reason want;
} claim_rows[] = {
	{ "iss", NULL, REASON_ISSUER },
	{ "iss", "7", REASON_CLAIM },
	{ "iss", "[\"" ENTRANT_V1 "\"]", REASON_CLAIM },
	{ "iss", "\"https://evil.example/" ENTRANT_TENANT "/\"", REASON_ISSUER },
	{ "iss", "\"https://sts.windows.net/" ENTRANT_TENANT "\"", REASON_ISSUER },
	{ "iss", "\"https://sts.chinacloudapi.cn/" ENTRANT_TENANT "/\"", REASON_ISSUER },
	{ "iss", "\"https://sts.windows.net:443/" ENTRANT_TENANT "/\"", REASON_ISSUER },
	{ "iss", "\"https://sts.windows.net//" ENTRANT_TENANT "/\"", REASON_ISSUER },
	{ "iss", "\"https://sts%2ewindows.net/" ENTRANT_TENANT "/\"", REASON_ISSUER },
	{ "iss", "\"https://sts.windows.net/{tenantid}/\"", REASON_ISSUER },
	{ "iss", "\"https://user@sts.windows.net/" ENTRANT_TENANT "/\"", REASON_ISSUER },
	{ "iss", "\"https://sts.windows.net/" ENTRANT_TENANT "/\\u0000\"",
		REASON_MALFORMED },
	{ "aud", "\"api://orders\\u0000\"", REASON_MALFORMED },
	{ "aud", "\"api://orders \"", REASON_AUDIENCE },
	{ "iss",
		"\"https://sts.windows.net/91880000-0000-4000-8000-00000000a002/"
		"\"",
		REASON_TENANT },
	{ "iss", "\"" ENTRANT_V2 "\"", REASON_VERSION },
	{ "ver", "\"2.0\"", REASON_VERSION },
	{ "ver", "1.0", REASON_VERSION },
	{ "ver", NULL, REASON_VERSION },
	{ "tid", NULL, REASON_TENANT },
	{ "tid", "\"91880000-0000-4000-8000-00000000a002\"", REASON_TENANT },
	{ "tid", "\"91880000-0000-4000-8000-00000000A001\"", REASON_NONE },
	{ "tid", "\"common\"", REASON_CLAIM },
	{ "tid", "7", REASON_CLAIM },
	{ "aud", NULL, REASON_AUDIENCE },
	{ "aud", "\"\"", REASON_AUDIENCE },
	{ "aud", "\"api://other\"", REASON_AUDIENCE },
	{ "aud", "\"API://orders\"", REASON_AUDIENCE },
	{ "aud", "\"api://orders.evil\"", REASON_AUDIENCE },
	{ "aud", "\"api://order\"", REASON_AUDIENCE },
	{ "aud", "\"api://orders//\"", REASON_AUDIENCE },
	{ "aud", "\"api://orders/\"", REASON_SLASH },
	{ "aud", "[\"api://orders\"]", REASON_CLAIM },
	{ "aud", "\"https://management.azure.com/\"", REASON_FOREIGN },
	{ "aud", "\"00000003-0000-0000-c000-000000000000\"", REASON_FOREIGN },
	{ "aud", "\"https://vault.azure.net\"", REASON_FOREIGN },
	{ "appid", NULL, REASON_NO_CLIENT },
	{ "appid", "\"me\"", REASON_CLAIM },
	{ "appid", "null", REASON_CLAIM },
	{ "azp", "\"" ENTRANT_CLIENT "\"", REASON_NONE },
	{ "azp", "\"6F0C0000-0000-4000-8000-0000000000C1\"", REASON_NONE },
	{ "azp", "\"" ENTRANT_OBJECT "\"", REASON_CLAIM },
	{ "azp", "\"\"", REASON_CLAIM },
	{ "azp", "[]", REASON_CLAIM },
	{ "cnf", "{\"kid\":\"abc\"}", REASON_BOUND },
	{ "cnf", "{\"x5t#S256\":\"abc\"}", REASON_BOUND },
	{ "cnf", "null", REASON_BOUND },
	{ "scp", "\"user_impersonation\"", REASON_NONE },
	{ "scp", "[\"user_impersonation\"]", REASON_CLAIM },
	{ "oid", NULL, REASON_NONE },
	{ "oid", "\"x\"", REASON_CLAIM },
	{ "sub", NULL, REASON_NONE },
	{ "sub", "1", REASON_CLAIM },
	{ "roles", NULL, REASON_NONE },
	{ "roles", "[]", REASON_NONE },
	{ "roles", "\"Orders.Read\"", REASON_CLAIM },
	{ "roles", "[\"a\",1]", REASON_CLAIM },
	{ "roles", "{\"a\":\"b\"}", REASON_CLAIM },
	{ "idtyp", NULL, REASON_NONE },
	{ "idtyp", "\"user\"", REASON_NONE },
	{ "anything", "[{\"a\":[1.5,null]}]", REASON_NONE },
};

static void claims(void)
{
	for (size_t i = 0; i < COUNT(claim_rows); i++) {
		const struct member change[] = {
			{ claim_rows[i].name, claim_rows[i].json }, { NULL, NULL }
		};
		struct mitok_err e = { .code = MITOK_OK };
		enum reason r = check(change, &e);

		if (r != claim_rows[i].want)
			printf("# %s %s: %s\n", claim_rows[i].name, claim_rows[i].json,
				e.message);
		CHECK_ROW(claim_rows[i].json ? claim_rows[i].json : claim_rows[i].name,
			r == claim_rows[i].want);
	}
}

/* The clock says 1800000000; clocks may differ by 300 s. */
static void times(void)
{
	static const struct {
		const char *name, *json;
		enum reason want;
	} rows[] = {
		{ "exp", "1800000001", REASON_NONE },
		{ "exp", "1799999701", REASON_NONE },
		{ "exp", "1799999700", REASON_EXPIRED },
		{ "exp", "0", REASON_EXPIRED },
		{ "exp", "253402300799", REASON_NONE },
		{ "exp", "253402300800", REASON_CLAIM },
		{ "exp", "99999999999999999999", REASON_CLAIM },
		{ "exp", "1800003600.5", REASON_CLAIM },
		{ "exp", "1.8e9", REASON_CLAIM },
		{ "exp", "\"1800003600\"", REASON_CLAIM },
		{ "exp", "-1", REASON_CLAIM },
		{ "exp", "true", REASON_CLAIM },
		{ "exp", "null", REASON_CLAIM },
		{ "exp", "[1800003600]", REASON_CLAIM },
		{ "exp", NULL, REASON_CLAIM },
		{ "nbf", "1800000300", REASON_NONE },
		{ "nbf", "1800000301", REASON_EARLY },
		{ "nbf", "\"1\"", REASON_CLAIM },
		{ "nbf", "1.5", REASON_CLAIM },
		{ "nbf", NULL, REASON_NONE },
		{ "iat", "1800000300", REASON_NONE },
		{ "iat", "1800000301", REASON_FUTURE },
		{ "iat", "{}", REASON_CLAIM },
		{ "iat", NULL, REASON_NONE },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct member change[] = { { rows[i].name, rows[i].json },
			{ NULL, NULL } };

		CHECK_ROW(rows[i].json ? rows[i].json : rows[i].name,
			check(change, NULL) == rows[i].want);
	}
}

static void skew(void)
{
	static const struct member change[] = { { "exp", "1799999999" }, { NULL, NULL } };

	verifier.policy.skew_s = 0;
	CHECK(check(change, NULL) == REASON_EXPIRED);
	verifier.policy.skew_s = 1;
	CHECK(check(change, NULL) == REASON_EXPIRED);
	verifier.policy.skew_s = 2;
	CHECK(check(change, NULL) == REASON_NONE);
	verifier.policy.skew_s = SKEW_DEFAULT_S;
}

static void access_lists(void)
{
	static const char *const nobody[] = { NULL };
	static const struct {
		const char *what, *appid, *oid, *role, *role2;
		enum reason want;
	} rows[] = {
		{ "its application", ENTRANT_CLIENT, NULL, NULL, NULL, REASON_NONE },
		{ "in other letters", "6F0C0000-0000-4000-8000-0000000000C1", NULL, NULL,
			NULL, REASON_NONE },
		{ "another application", ENTRANT_OBJECT, NULL, NULL, NULL, REASON_APPID },
		{ "its identity", NULL, ENTRANT_OBJECT, NULL, NULL, REASON_NONE },
		{ "another identity", NULL, ENTRANT_CLIENT, NULL, NULL, REASON_OID },
		{ "both", ENTRANT_CLIENT, ENTRANT_OBJECT, NULL, NULL, REASON_NONE },
		{ "one of both", ENTRANT_CLIENT, ENTRANT_CLIENT, NULL, NULL, REASON_OID },
		{ "its role", NULL, NULL, "Orders.Read", NULL, REASON_NONE },
		{ "both roles", NULL, NULL, "Orders.Write", "Orders.Read", REASON_NONE },
		{ "one of two roles", NULL, NULL, "Orders.Read", "Orders.Delete",
			REASON_ROLE },
		{ "a role in other letters", NULL, NULL, "orders.read", NULL,
			REASON_ROLE },
		{ "a part of a role", NULL, NULL, "Orders", NULL, REASON_ROLE },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const appids[] = { rows[i].appid, NULL };
		const char *const oids[] = { rows[i].oid, NULL };
		const char *const roles[] = { rows[i].role, rows[i].role2, NULL };

		verifier.policy.appids = appids;
		verifier.policy.oids = oids;
		verifier.policy.roles = roles;
		CHECK_ROW(rows[i].what, check(NULL, NULL) == rows[i].want);
		CHECK_ROW(rows[i].what,
			!rows[i].want || reason_row(rows[i].want)->is_policy);
	}
	verifier.policy.appids = verifier.policy.oids = verifier.policy.roles = nobody;
}

static void lists_and_lacks(void)
{
	static const char *const nobody[] = { NULL };
	static const struct member no_oid[] = { { "oid", NULL }, { NULL, NULL } };
	static const struct member no_roles[] = { { "roles", NULL }, { NULL, NULL } };
	static const char *const oids[] = { ENTRANT_OBJECT, NULL };
	static const char *const roles[] = { "Orders.Read", NULL };

	verifier.policy.oids = oids;
	CHECK(check(no_oid, NULL) == REASON_OID);
	verifier.policy.oids = nobody;
	verifier.policy.roles = roles;
	CHECK(check(no_roles, NULL) == REASON_ROLE);
	verifier.policy.roles = nobody;
}

static void app_only(void)
{
	static const struct member scopes[] = { { "scp", "\"x\"" }, { NULL, NULL } };
	static const struct {
		const char *json;
		enum reason want;
	} rows[] = {
		{ "\"app\"", REASON_NONE },
		{ "\"user\"", REASON_USER },
		{ "\"App\"", REASON_USER },
		{ "[\"app\"]", REASON_USER },
		{ NULL, REASON_USER },
	};

	verifier.policy.app_only = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct member change[] = { { "idtyp", rows[i].json },
			{ NULL, NULL } };

		CHECK_ROW(rows[i].json ? rows[i].json : "none",
			check(change, NULL) == rows[i].want);
	}
	CHECK(check(scopes, NULL) == REASON_USER);
	verifier.policy.app_only = false;
}

/* Who is not known must not learn what would be let in. */
static void policy_after_signature(void)
{
	static const char *const nobody[] = { NULL };
	static const char *const roles[] = { "Admin", NULL };
	AUTO_TEXT header = { 0 };
	AUTO_TEXT body = { 0 };
	AUTO_TEXT jwt = { 0 };

	entrant_add_header("RS256", "rsa", NULL, &header);
	entrant_add_claims(1, NULL, &body);
	signer_add_token(
		SIGNER_OTHER, SIGNER_RS256, text_peek(&header), text_peek(&body), &jwt);
	verifier.policy.roles = roles;
	CHECK(entrant_check(&verifier, jwt.p, jwt.len, NULL) == REASON_SIGNATURE);
	verifier.policy.roles = nobody;
}

static void version_2(void)
{
	static const struct {
		const char *kid, *name, *json;
		enum reason want;
	} rows[] = {
		{ "rsa", "x", "1", REASON_NONE },
		{ "any", "x", "1", REASON_NONE },
		{ "mine", "x", "1", REASON_KEY_ISSUER },
		{ "rsa", "azp", NULL, REASON_NO_CLIENT },
		{ "rsa", "ver", "\"1.0\"", REASON_VERSION },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct member change[] = { { rows[i].name, rows[i].json },
			{ NULL, NULL } };
		AUTO_TEXT header = { 0 };
		AUTO_TEXT body = { 0 };
		AUTO_TEXT jwt = { 0 };

		entrant_add_header("RS256", rows[i].kid, NULL, &header);
		entrant_add_claims(2, change, &body);
		signer_add_token(SIGNER_RSA, SIGNER_RS256, text_peek(&header),
			text_peek(&body), &jwt);
		CHECK_ROW(rows[i].kid,
			entrant_check(&verifier, jwt.p, jwt.len, NULL) == rows[i].want);
	}
}

static void one_version(void)
{
	verifier.trust.versions[VERSION_1] = false;
	CHECK(check(NULL, NULL) == REASON_ISSUER);
	verifier.trust.versions[VERSION_1] = true;
	CHECK(check(NULL, NULL) == REASON_NONE);
}

static void several_audiences(void)
{
	static const char *const both[] = { "api://other", "api://orders", NULL };
	const char *const *before = verifier.policy.audiences;
	static const struct member slash[] = { { "aud", "\"api://orders/\"" },
		{ NULL, NULL } };
	static const struct member third[] = { { "aud", "\"api://third\"" },
		{ NULL, NULL } };
	struct mitok_err e = { .code = MITOK_OK };

	verifier.policy.audiences = both;
	CHECK(check(NULL, NULL) == REASON_NONE);
	CHECK(check(slash, &e) == REASON_SLASH);
	CHECK_TEXT(e.message,
		"the token is refused (audience-slash): it is for 'api://orders/', which "
		"differs "
		"from 'api://orders' by the slash at the end");
	CHECK(check(third, &e) == REASON_AUDIENCE);
	CHECK_TEXT(e.message,
		"the token is refused (audience): it is for 'api://third', not for "
		"'api://other' or another that is accepted");
	verifier.policy.audiences = both + 1;
	CHECK(check(third, &e) == REASON_AUDIENCE);
	verifier.policy.audiences = before;
}

/* What is told to people cannot be mistaken for something else. */
static void strange_texts(void)
{
	static const struct member change[] = {
		{ "aud", "\"api://a\\u001b[2J\\n\\u202eeyJhbGciOi.x\"" }, { NULL, NULL }
	};
	struct mitok_err e = { .code = MITOK_OK };

	CHECK(check(change, &e) == REASON_AUDIENCE);
	CHECK(!text_has_control(e.message));
	CHECK(!strstr(e.message, "eyJ"));
}

static const struct test tests[] = {
	{ "claims are there and of their type", claims },
	{ "a token has its time", times },
	{ "clocks may differ by what is said", skew },
	{ "applications, identities and roles are let in by name", access_lists },
	{ "what is not there is on no list", lists_and_lacks },
	{ "a user's token is no application's", app_only },
	{ "who may come in is told to nobody whose signature is wrong",
		policy_after_signature },
	{ "version 2 has its own claims and keys", version_2 },
	{ "an issuer is of one version", one_version },
	{ "any of several audiences will do", several_audiences },
	{ "claims do no harm in sentences", strange_texts },
};

int main(void)
{
	int r;

	signer_start();
	entrant_start(&verifier);
	r = test_run(tests, COUNT(tests));
	entrant_end(&verifier);
	signer_end();
	return r;
}
