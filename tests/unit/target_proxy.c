/* Which proxy is in the way: the variables, and what NO_PROXY takes out.
 * SPDX-License-Identifier: MIT */
#include "../../helper/target/visit.h"

#include <stdlib.h>
#include <string.h>
#include "test.h"

#define HOST "demo.vault.azure.net"

static const struct {
	const char *what, *variable, *excepted, *want;
} rows[] = {
	{ "none", NULL, NULL, NULL },
	{ "the usual one", "HTTPS_PROXY", NULL, "HTTPS_PROXY" },
	{ "for everything", "ALL_PROXY", NULL, "ALL_PROXY" },
	{ "not for http", "HTTP_PROXY", NULL, NULL },
	{ "another host is taken out", "HTTPS_PROXY", "a.example, b.example",
		"HTTPS_PROXY" },
	{ "the host is", "HTTPS_PROXY", "a.example," HOST, NULL },
	{ "in another case", "HTTPS_PROXY", "DEMO.vault.AZURE.net", NULL },
	{ "what it is below", "https_proxy", ".azure.net b.example", NULL },
	{ "without a dot", "https_proxy", "azure.net", NULL },
	{ "within a label", "https_proxy", "zure.net", "https_proxy" },
	{ "everything", "HTTPS_PROXY", "*", NULL },
	{ "dots alone", "HTTPS_PROXY", "...", "HTTPS_PROXY" },
};

static void clear(void)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY", "HTTP_PROXY", "no_proxy", "NO_PROXY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		CHECK(unsetenv(names[i]) == 0);
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *got;

		clear();
		if (rows[i].variable)
			CHECK(setenv(rows[i].variable, "http://p:3128", 1) == 0);
		if (rows[i].excepted)
			CHECK(setenv("NO_PROXY", rows[i].excepted, 1) == 0);
		got = proxy_variable(HOST);
		CHECK_ROW(rows[i].what,
			got && rows[i].want ? strcmp(got, rows[i].want) == 0
					    : got == rows[i].want);
	}
}

static const struct test tests[] = {
	{ "a proxy is one that the request goes by", test_rows },
};
TEST_MAIN(tests)
