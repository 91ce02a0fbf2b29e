/* Claims: pins hold, and what is no JWT passes only where nothing is pinned.
 * SPDX-License-Identifier: MIT */
#include "core/claims.h"

#include "test.h"

#define CLIENT "11111111-2222-3333-4444-555555555555"
#define OTHER  "99999999-2222-3333-4444-555555555555"
#define USER_RID                                                                 \
	"/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/" \
	"userAssignedIdentities/n"
#define VM_RID                                                                           \
	"/subscriptions/s/resourcegroups/g/providers/Microsoft.Compute/virtualMachines/" \
	"v"
#define ARM "https://management.azure.com/"

static const struct claims user = { .audience = ARM,
	.client_id = CLIENT,
	.object_id = CLIENT,
	.tenant_id = CLIENT,
	.resource_id = USER_RID };
static const struct claims machine = { .audience = ARM,
	.client_id = CLIENT,
	.object_id = CLIENT,
	.tenant_id = CLIENT,
	.resource_id = VM_RID };
static const struct claims bare = { .audience = "" };
static const struct claims graph = { .audience = "00000003-0000-0000-c000-000000000000" };
static const struct claims guid = { .audience = OTHER };

static void pins(void)
{
	static const struct {
		const char *what;
		const struct claims *claims;
		struct identity identity;
		const char *resource;
		enum mitok_code want;
	} rows[] = {
		{ "nothing pinned", &user, { .origin = "o" }, ARM, MITOK_OK },
		{ "no JWT, nothing pinned", NULL, { .origin = "o" }, ARM, MITOK_OK },
		{ "no JWT, pinned", NULL, { .client_id = CLIENT, .origin = "o" }, ARM,
			MITOK_E_DENIED },
		{ "no JWT, system wanted", NULL,
			{ .kind = IDENTITY_SYSTEM, .origin = "o" }, ARM, MITOK_E_DENIED },
		{ "client id", &user, { .client_id = CLIENT, .origin = "o" }, ARM,
			MITOK_OK },
		{ "other client id", &user, { .client_id = OTHER, .origin = "o" }, ARM,
			MITOK_E_DENIED },
		{ "other object id", &user, { .object_id = OTHER, .origin = "o" }, ARM,
			MITOK_E_DENIED },
		{ "other tenant", &user, { .tenant_id = OTHER, .origin = "o" }, ARM,
			MITOK_E_DENIED },
		{ "resource id, other case", &user,
			{ .resource_id = "/SUBSCRIPTIONS/s/resourceGroups/g/providers/"
					 "Microsoft.ManagedIdentity/"
					 "userAssignedIdentities/n",
				.origin = "o" },
			ARM, MITOK_OK },
		{ "resource id of a machine", &user,
			{ .resource_id = VM_RID, .origin = "o" }, ARM, MITOK_E_DENIED },
		{ "claim absent", &bare, { .client_id = CLIENT, .origin = "o" }, ARM,
			MITOK_E_DENIED },
		{ "system wanted, system came", &machine,
			{ .kind = IDENTITY_SYSTEM, .origin = "o" }, ARM, MITOK_OK },
		{ "system wanted, user-assigned came", &user,
			{ .kind = IDENTITY_SYSTEM, .origin = "o" }, ARM, MITOK_E_DENIED },
		{ "slash more", &user, { .origin = "o" }, "https://management.azure.com",
			MITOK_OK },
		{ "other audience", &user, { .origin = "o" }, "https://vault.azure.net",
			MITOK_E_DENIED },
		{ "audience that only begins alike", &user, { .origin = "o" },
			"https://management.azure.com.evil", MITOK_E_DENIED },
		{ "another service's application id", &graph, { .origin = "o" },
			"https://vault.azure.net", MITOK_E_DENIED },
		{ "system wanted, nobody named", &bare,
			{ .kind = IDENTITY_SYSTEM, .origin = "o" }, ARM, MITOK_E_DENIED },
		{ "application id as audience", &guid, { .origin = "o" }, "api://shop",
			MITOK_OK },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { 0 };

		CHECK_ROW(rows[i].what,
			claims_verify(rows[i].claims, &rows[i].identity, rows[i].resource,
				&e) == rows[i].want);
		CHECK_ROW(rows[i].what, (rows[i].want == MITOK_OK) == !e.message[0]);
	}
}

static void both_values(void)
{
	const struct identity i = {
		.client_id = OTHER, .name = "billing", .origin = "f:3"
	};
	struct mitok_err e = { 0 };

	CHECK(claims_verify(&user, &i, ARM, &e) == MITOK_E_DENIED);
	CHECK(strstr(e.message, CLIENT) && strstr(e.message, OTHER));
	CHECK(strstr(e.message, "billing") && strstr(e.message, "f:3") && e.hint[0]);
}

/* {"alg":"none"} . {"aud":"a","azp":"c","iat":5,"exp":"6"} . x */
#define JWT "eyJhbGciOiJub25lIn0.eyJhdWQiOiJhIiwiYXpwIjoiYyIsImlhdCI6NSwiZXhwIjoiNiJ9.eA"

static void reading(void)
{
	struct claims c;
	bool is_jwt = false;

	CHECK(claims_read(JWT, strlen(JWT), &c, &is_jwt, NULL) == MITOK_OK && is_jwt);
	CHECK_TEXT(c.audience, "a");
	CHECK_TEXT(c.client_id, "c");
	CHECK_TEXT(c.object_id, "");
	CHECK(c.issued_s == 5 && c.expires_s == 6);
}

static void not_tokens(void)
{
	static const struct {
		const char *text;
		bool is_jwt;
	} rows[] = {
		{ "", false }, { ".", false }, { "opaque", false }, { "e30.e30", false },
		{ "e30.e30.x.y", false }, { "a.b.c.d.e", false }, /* encrypted */
		{ "..", true }, { "e30.eyJ9.x", true }, { "e30.W10.x", true },
		{ "e30.e3 0.x", true }, { "e30.e30=.x", true },
		{ "e30.bm90IGpzb24.x", true }, { "e30.e30e30.x", true },
		{ "e30.eyJhdWQiOlsiaHR0cHM6Ly9ldmlsIl19.x", true }, /* aud is an array */
		{ "e30.eyJvaWQiOjd9.x", true },                     /* oid is a number */
		{ "e30.eyJ0aWQiOiJhIiwidGlkIjoiYiJ9.x", true },     /* tid twice */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool is_jwt = false;
		struct claims c;

		CHECK_ROW(rows[i].text,
			claims_read(rows[i].text, strlen(rows[i].text), &c, &is_jwt,
				NULL) == (rows[i].is_jwt ? MITOK_E_REPLY : MITOK_OK));
		CHECK_ROW(rows[i].text, is_jwt == rows[i].is_jwt);
	}
}

static const struct test tests[] = {
	{ "a token passes when every pin is equal to its claim", pins },
	{ "a refusal names both values, the identity and where it was pinned",
		both_values },
	{ "v1 and v2 claims are read by type", reading },
	{ "what is no JWT has no claims, what is a broken one is refused", not_tokens },
};
TEST_MAIN(tests)
