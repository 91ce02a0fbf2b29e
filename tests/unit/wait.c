/* mi-token wait: how long it pauses, and what it has hope for.
 * SPDX-License-Identifier: MIT */
#include "../../helper/wait/wait.h"

#include "../../helper/target/target.h"
#include "test.h"

static void pauses(void)
{
	static const struct {
		unsigned n;
		int retry_after_s;
		int64_t least, most;
	} rows[] = {
		{ 0, 0, 750, 1250 },
		{ 1, 0, 1500, 2500 },
		{ 2, 0, 3000, 5000 },
		{ 3, 0, 6000, 10000 },
		{ 4, 0, 11250, 18750 },
		{ 5, 0, 11250, 18750 },
		{ 4000000000, 0, 11250, 18750 },
		{ 0, 30, 30000, 30250 },
		{ 9, 30, 30000, 33750 },
		{ 9, 5, 11250, 18750 },
		{ 0, -7, 750, 1250 },
		{ 0, 2147483647, INT64_C(2147483647000), INT64_C(2147483647250) },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t least = INT64_MAX, most = 0;

		for (uint32_t chance = 0; chance < 2048; chance++) {
			int64_t ms =
				wait_pause_ms(rows[i].n, chance, rows[i].retry_after_s);

			least = ms < least ? ms : least;
			most = ms > most ? ms : most;
		}
		CHECK(least == rows[i].least);
		CHECK(most <= rows[i].most && most > rows[i].most - 200);
		CHECK(wait_pause_ms(rows[i].n, UINT32_MAX, rows[i].retry_after_s) <=
			rows[i].most);
	}
}

static void hope(void)
{
	static const struct {
		struct mitok_err e;
		enum verdict want;
	} rows[] = {
		{ { .code = MITOK_E_LATER }, VERDICT_LATER },
		{ { .code = MITOK_E_LATER, .source = "imds", .http_status = 410 },
			VERDICT_LATER },
		{ { .code = MITOK_E_NOIDENTITY,
			  .source = "imds",
			  .message = "x: the identity is not assigned to this machine" },
			VERDICT_LATER },
		{ { .code = MITOK_E_NOIDENTITY,
			  .source = "imds",
			  .message = "x: there is no route" },
			VERDICT_LATER },
		{ { .code = MITOK_E_NOIDENTITY,
			  .source = "imds",
			  .message = "x: several identities and none was named" },
			VERDICT_NEVER },
		{ { .code = MITOK_E_NOIDENTITY, .message = "source 'arc' is not here" },
			VERDICT_NEVER },
		{ { .code = MITOK_E_DENIED, .source = "workload", .aadsts = 700213 },
			VERDICT_LATER },
		{ { .code = MITOK_E_DENIED, .source = "workload", .aadsts = 500011 },
			VERDICT_NEVER },
		{ { .code = MITOK_E_DENIED, .http_status = 200 }, VERDICT_NEVER },
		{ { .code = MITOK_E_BUG }, VERDICT_NEVER },
		{ { .code = MITOK_E_ARG }, VERDICT_NEVER },
		{ { .code = MITOK_E_CONF }, VERDICT_NEVER },
		{ { .code = MITOK_E_REPLY, .source = "imds" }, VERDICT_NEVER },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].e.message, token_verdict(&rows[i].e) == rows[i].want);
}

static void access_hope(void)
{
	static const enum verdict rows[] = {
		[TARGET_GRANTED] = VERDICT_DONE,
		[TARGET_NOT_FOUND] = VERDICT_DONE,
		[TARGET_TOKEN_ONLY] = VERDICT_NEVER,
		[TARGET_NO_TOKEN] = VERDICT_LATER,
		[TARGET_UNREACHABLE] = VERDICT_LATER,
		[TARGET_AUDIENCE] = VERDICT_NEVER,
		[TARGET_TENANT] = VERDICT_NEVER,
		[TARGET_TOKEN_REFUSED] = VERDICT_DOUBT,
		[TARGET_NO_ROLE] = VERDICT_LATER,
		[TARGET_ACCESS_POLICY] = VERDICT_NEVER,
		[TARGET_NETWORK] = VERDICT_DOUBT,
		[TARGET_DISABLED] = VERDICT_NEVER,
		[TARGET_NOT_MEMBER] = VERDICT_NEVER,
		[TARGET_BUSY] = VERDICT_LATER,
		[TARGET_UNKNOWN] = VERDICT_DOUBT,
	};
	struct target_answer a = { .err = { .code = MITOK_E_LATER } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		a.outcome = (enum target_outcome)i;
		CHECK_ROW(target_outcome_name(a.outcome), role_verdict(&a) == rows[i]);
	}
	a.outcome = (enum target_outcome)COUNT(rows); /* one that came later */
	CHECK(role_verdict(&a) == VERDICT_DOUBT);
	a.outcome = TARGET_NO_TOKEN;
	a.err.code = MITOK_E_CONF;
	CHECK(role_verdict(&a) == VERDICT_NEVER);
}

static const struct test tests[] = {
	{ "pauses grow to 15 s, are spread, and obey the service", pauses },
	{ "only what time cures is waited for", hope },
	{ "of answers of services too", access_hope },
};
TEST_MAIN(tests)
