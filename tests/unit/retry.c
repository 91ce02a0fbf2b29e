/* The retry matrix: how often, how long, and what is said in the end.
 * SPDX-License-Identifier: MIT */
#include "source/retry.h"

#include <errno.h>

#include "script.h"

static const struct peer imds = {
	.source = "imds", .who = "IMDS", .kind = PEER_IMDS, .mend = "mend it"
};
static const struct peer agent = {
	.source = "arc", .who = "the agent", .kind = PEER_AGENT, .mend = "mend it"
};
static const struct peer entra = {
	.source = "workload", .who = "Entra", .kind = PEER_ENTRA, .mend = "mend it"
};

#define S INT64_C(1000)
#define FAULT(f, n)                            \
	{                                      \
		.fault = (f), .sys_errno = (n) \
	}

static const struct {
	const char *what;
	const struct peer *peer;
	struct script_answer answers[4];
	int64_t timeout_ms;
	unsigned tries;
	int64_t least_ms, most_ms; /* slept in all */
	enum mitok_code code;
	const char *message, *hint;
} rows[] = {
	{ "at once", &imds, { { 200 } }, 5 * S, 1, 0, 0 },
	{ "404 of IMDS", &imds, { { 404 } }, 60 * S, 4, 7 * S, 9 * S },
	{ "404 of an agent", &agent, { { 404 } }, 60 * S, 1, 0, 0 },
	{ "404 then well", &imds, { { 404 }, { 200 } }, 60 * S, 2, 1 * S, 1250 },
	{ "404 within five seconds", &imds, { { 404 } }, 5 * S, 3, 3 * S, 4 * S },
	{ "410", &imds, { { 410 } }, 600 * S, 8, 70 * S, 70 * S },
	{ "410 with Retry-After", &imds, { { 410, "", "Retry-After: 1\n" }, { 200 } },
		600 * S, 2, 10 * S, 10 * S },
	{ "410 then well", &imds, { { 410 }, { 410 }, { 410 }, { 200 } }, 80 * S, 4,
		30 * S, 30 * S },
	{ "410 without the time to wait", &imds, { { 410 } }, 5 * S, 1, 0, 0 },
	{ "410 of an agent", &agent, { { 410 } }, 600 * S, 1, 0, 0 },
	{ "421", &imds, { { 421 } }, 60 * S, 2, 1 * S, 1250 },
	{ "408", &agent, { { 408 } }, 60 * S, 4, 7 * S, 9 * S },
	{ "429", &imds, { { 429 } }, 60 * S, 5, 30 * S, 38 * S },
	{ "429, seconds", &imds, { { 429, "", "Retry-After: 7\n" }, { 200 } }, 60 * S, 2,
		7 * S, 7 * S },
	{ "429, a date", &imds,
		{ { 429, "", "Retry-After: Tue, 24 Sep 2024 15:55:09 GMT\n" }, { 200 } },
		60 * S, 2, 10 * S, 10 * S },
	{ "429, milliseconds", &imds,
		{ { 429, "", "x-ms-retry-after-ms: 1500\nRetry-After: 9\n" }, { 200 } },
		60 * S, 2, 1500, 1500 },
	{ "429, zero", &imds, { { 429, "", "Retry-After: 0\n" }, { 200 } }, 60 * S, 2,
		2 * S, 2500 },
	{ "429, nonsense", &imds, { { 429, "", "Retry-After: soon\n" }, { 200 } }, 60 * S,
		2, 2 * S, 2500 },
	{ "429, longer than there is time", &imds, { { 429, "", "Retry-After: 61\n" } },
		60 * S, 1, 0, 0 },
	{ "429, huge", &imds, { { 429, "", "Retry-After: 99999999999999999999\n" } },
		60 * S, 1, 0, 0 },
	{ "500", &imds, { { 500 } }, 60 * S, 4, 7 * S, 9 * S },
	{ "503 with Retry-After", &entra, { { 503, "", "Retry-After: 3\n" }, { 200 } },
		60 * S, 2, 3 * S, 3 * S },
	{ "502 is a proxy's", &imds, { { 502 } }, 60 * S, 2, 1 * S, 1250 },
	{ "504 is a proxy's", &entra, { { 504 } }, 60 * S, 2, 1 * S, 1250 },
	{ "400", &imds, { { 400 } }, 60 * S, 1, 0, 0 },
	{ "401", &agent, { { 401 } }, 60 * S, 1, 0, 0 },
	{ "403", &imds, { { 403 } }, 60 * S, 1, 0, 0 },
	{ "302", &imds, { { 302 } }, 60 * S, 1, 0, 0 },

	{ "reset", &imds, { FAULT(HTTP_RESET, 0) }, 60 * S, 4, 7 * S, 9 * S,
		MITOK_E_LATER, "IMDS: the connection broke off", "firewall" },
	{ "reset, then well", &imds, { FAULT(HTTP_RESET, 0), { 200 } }, 60 * S, 2, 1 * S,
		1250 },
	{ "reset by an agent", &agent, { FAULT(HTTP_RESET, 0) }, 60 * S, 4, 7 * S, 9 * S,
		MITOK_E_LATER, "after 4 tries", "mend it" },
	{ "may not connect", &imds, { FAULT(HTTP_CONNECT, EACCES) }, 60 * S, 1, 0, 0,
		MITOK_E_DENIED, "IMDS: this process may not connect (Permission denied)",
		"systemd-imdsd" },
	{ "prohibited", &imds, { FAULT(HTTP_CONNECT, EPERM) }, 60 * S, 1, 0, 0,
		MITOK_E_DENIED, "may not connect", "Metadata Security Protocol" },
	{ "sandboxed agent", &agent, { FAULT(HTTP_CONNECT, EPERM) }, 60 * S, 1, 0, 0,
		MITOK_E_DENIED, "may not connect", "sandbox" },
	{ "no route", &imds, { FAULT(HTTP_CONNECT, ENETUNREACH) }, 60 * S, 1, 0, 0,
		MITOK_E_NOIDENTITY, "there is no route", "network-online.target" },
	{ "unreachable", &imds, { FAULT(HTTP_CONNECT, EHOSTUNREACH) }, 60 * S, 1, 0, 0,
		MITOK_E_NOIDENTITY, "there is no route", "second network card" },
	{ "blackhole", &imds, { FAULT(HTTP_CONNECT, EINVAL) }, 60 * S, 1, 0, 0,
		MITOK_E_NOIDENTITY, "blackhole", "container" },
	{ "no way out", &entra, { FAULT(HTTP_CONNECT, ENETUNREACH) }, 60 * S, 1, 0, 0,
		MITOK_E_LATER, "there is no route", "mend it" },
	{ "nothing listens", &imds, { FAULT(HTTP_CONNECT, ECONNREFUSED) }, 60 * S, 2,
		1 * S, 1250, MITOK_E_LATER,
		"nothing listens there (Connection refused), after 2 tries",
		"azure-proxy-agent" },
	{ "no agent", &agent, { FAULT(HTTP_CONNECT, ECONNREFUSED) }, 60 * S, 2, 1 * S,
		1250, MITOK_E_LATER, "nothing listens there", "mend it" },
	{ "out of descriptors", &imds, { FAULT(HTTP_CONNECT, EMFILE) }, 60 * S, 1, 0, 0,
		MITOK_E_LATER, "no connection (Too many open files)", "mend it" },
	{ "TLS", &agent, { FAULT(HTTP_TLS, 0) }, 60 * S, 1, 0, 0, MITOK_E_REPLY,
		"certificate", "IDENTITY_SERVER_THUMBPRINT" },
	{ "elsewhere", &agent, { FAULT(HTTP_FORBIDDEN, 0) }, 60 * S, 1, 0, 0,
		MITOK_E_CONF, "not on this machine", "variable" },
	{ "nonsense", &imds, { FAULT(HTTP_NONSENSE, 0) }, 60 * S, 1, 0, 0, MITOK_E_REPLY,
		"not Azure's service", "another program" },
	{ "no name", &entra, { FAULT(HTTP_RESOLVE, 0) }, 60 * S, 3, 3 * S, 4 * S,
		MITOK_E_LATER, "cannot be resolved", "DNS" },
};

static enum mitok_code run(struct script *s, const struct peer *peer,
	const struct script_answer *answers, int64_t timeout_ms, struct mitok_err *e)
{
	struct host h = script_host(s);
	const struct ask ask = { .deadline_ms = SCRIPT_START_MS + timeout_ms };
	const struct call c = { &h, peer, &ask };
	AUTO_REPLY reply = { 0 };
	struct http_request rq = { .method = "GET", .url = "http://x/" };
	enum mitok_code r;

	script_start(s, NULL, NULL, answers);
	r = retry_exchange(&c, &rq, &reply, e);
	CHECK((r == MITOK_OK) == (reply.status != 0));
	return r;
}

static void matrix(void)
{
	static struct script s;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mitok_err e = { 0 };
		enum mitok_code r =
			run(&s, rows[i].peer, rows[i].answers, rows[i].timeout_ms, &e);

		CHECK_ROW(rows[i].what, r == rows[i].code);
		CHECK_ROW(rows[i].what, s.requests == rows[i].tries);
		CHECK_ROW(rows[i].what, s.slept_ms >= rows[i].least_ms);
		CHECK_ROW(rows[i].what, s.slept_ms <= rows[i].most_ms);
		CHECK_ROW(rows[i].what,
			s.now.boot_ms <= SCRIPT_START_MS + rows[i].timeout_ms);
		CHECK_ROW(rows[i].what,
			!rows[i].message || strstr(e.message, rows[i].message));
		CHECK_ROW(rows[i].what, !rows[i].hint || strstr(e.hint, rows[i].hint));
	}
}

/* Nobody answers: whatever the timeout, it is over when it is over. */
static void deadline(void)
{
	static const struct script_answer never[] = { { 200, .takes_ms = 999999 },
		{ 0 } };
	static const int64_t timeouts[] = { 1, 100, 999, 1000, 2000, 5000, 7500, 60000,
		90000 };
	static struct script s;

	for (size_t i = 0; i < COUNT(timeouts); i++) {
		struct mitok_err e;

		CHECK(run(&s, &imds, never, timeouts[i], &e) == MITOK_E_LATER);
		CHECK(strstr(e.message, "no answer in time") &&
			strstr(e.hint, "not an Azure VM"));
		CHECK(s.now.boot_ms <= SCRIPT_START_MS + timeouts[i]);
		for (unsigned n = 0; n < s.requests; n++)
			CHECK(s.connect_ms[n] <= 2000 && s.timeout_ms[n] <= timeouts[i]);
	}
	CHECK(run(&s, &imds, never, 0, NULL) == MITOK_E_LATER);
	CHECK(s.requests == 0);
}

static void same_again(void)
{
	static const struct script_answer busy[] = { { 429 }, { 0 } };
	static struct script s;
	int64_t slept;

	CHECK(run(&s, &imds, busy, 60000, NULL) == MITOK_OK);
	slept = s.slept_ms;
	CHECK(run(&s, &imds, busy, 60000, NULL) == MITOK_OK);
	CHECK(s.slept_ms == slept);
}

static void headers(void)
{
	static const struct {
		const char *headers;
		int64_t want;
	} cases[] = {
		{ "", -1 },
		{ "Retry-After: 5\n", 5000 },
		{ "RETRY-AFTER:5\n", 5000 },
		{ "Retry-After: 0\n", 0 },
		{ "Retry-After: -5\n", -1 },
		{ "Retry-After: 5s\n", -1 },
		{ "Retry-After: 1.5\n", -1 },
		{ "Retry-After: \n", -1 },
		{ "Retry-After: 999999\n", RETRY_AFTER_MAX_MS },
		{ "Retry-After: 9223372036854775807\n", RETRY_AFTER_MAX_MS },
		{ "Retry-After: 99999999999999999999\n", RETRY_AFTER_MAX_MS },
		{ "Retry-After: Tue, 24 Sep 2024 15:55:04 GMT\n", 5000 },
		{ "Retry-After: Tue, 24 Sep 2019 15:55:04 GMT\n", 0 },
		{ "Retry-After: Tue, 24 Sep 2999 15:55:04 GMT\n", RETRY_AFTER_MAX_MS },
		{ "Retry-After: Tue, 31 Feb 2024 15:55:04 GMT\n", -1 },
		{ "retry-after-ms: 250\n", 250 },
		{ "retry-after-ms: x\nRetry-After: 2\n", 2000 },
		{ "x-ms-retry-after-ms: 9999999999\n", RETRY_AFTER_MAX_MS },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_answer a = { 429, "", cases[i].headers };
		AUTO_REPLY reply = { 0 };

		CHECK(script_reply(&a, &reply));
		CHECK_ROW(cases[i].headers,
			retry_after_ms(&reply, SCRIPT_START_S) == cases[i].want);
	}
}

static const struct test tests[] = {
	{ "each kind of bad news has its tries, waits and words", matrix },
	{ "the deadline is hard", deadline },
	{ "the same clock gives the same waits", same_again },
	{ "Retry-After is read in all its forms, and not believed beyond an hour",
		headers },
};
TEST_MAIN(tests)
