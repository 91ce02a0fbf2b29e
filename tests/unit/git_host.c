/* Hosts that get a token for Azure DevOps, and all those that look like them.
 * SPDX-License-Identifier: MIT */
#include "../../helper/git/host.h"

#include "test.h"

static void kinds(void)
{
	static const struct {
		enum host_kind want;
		const char *hosts[40];
	} rows[] = {
		{ HOST_REPOS,
			{ "dev.azure.com", "DEV.AZURE.COM", "Dev.Azure.com:443",
				"org.visualstudio.com", "MYORG.VISUALSTUDIO.COM",
				"org.visualstudio.com:443", "o.visualstudio.com",
				"my-org-2.visualstudio.com",
				"xn--bcher-kva.visualstudio.com" } },
		{ HOST_GRANTED,
			{ "pkgs.dev.azure.com", "org.pkgs.visualstudio.com",
				"vssps.dev.azure.com", "test.dev.azure.com",
				"org.vsrm.visualstudio.com", "a.b.c.visualstudio.com",
				"vs-ssh.myorg.visualstudio.com" } },
		{ HOST_FOREIGN,
			{ "visualstudio.com", "testvisualstudio.com", "testdev.azure.com",
				"example.com", "", " ", "  ", "vs-ssh.visualstudio.com",
				"ssh.dev.azure.com", "pkgs.visualstudio.com",
				"vssps.visualstudio.com", "feeds.visualstudio.com",
				"LOGIN.visualstudio.com", "www.visualstudio.com",
				"dev.azure.com:456", "dev.azure.com:80",
				"dev.azure.com:", "dev.azure.com:0443",
				"dev.azure.com:443:443", "example.com:not-a-port",
				"dev.azure.com.", "dev.azure.com..", ".dev.azure.com",
				"dev..azure.com", "dev.azure.com.evil.example",
				"dev.azure.com@evil.example",
				"evil.example/dev.azure.com", "dev.azure.com/",
				"dev.azure.com\\", "dev.azure.com%2e", "dev%2eazure.com",
				"dev.azure.com%00.evil.example", "dev-azure.com",
				"dev.azure.co", "dev.azure.com.au", "azure.com" } },
		{ HOST_FOREIGN,
			{ "org.visualstudio.com.evil.example", "org.visualstudio.com.",
				"-org.visualstudio.com", "org-.visualstudio.com",
				"my_org.visualstudio.com", "*.visualstudio.com",
				".visualstudio.com", "org..visualstudio.com",
				"org.visualstudio.com:8443", "orgvisualstudio.com",
				"org.visual-studio.com", "d\xd0\xb5v.azure.com",
				"dev.azure.com\n", "dev.azure.com ", " dev.azure.com",
				"dev.azure.com\t", "dev.azure.com?", "dev.azure.com#",
				"[dev.azure.com]", "1.2.3.4", "[::1]", "localhost",
				"github.com", "myaccount.blob.core.windows.net",
				"x.vsassets.io", "x.vsblob.visualstudio.com.example",
				"tfs.corp.example:8080", "azure.com:443",
				"dev.azure.com:443 ", "dev.azure.com:+443" } },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; rows[i].hosts[n]; n++)
			CHECK_ROW(rows[i].hosts[n],
				host_kind(rows[i].hosts[n]) == rows[i].want);
}

static void long_names(void)
{
	char host[600];

	memset(host, 'a', sizeof(host));
	memcpy(host + sizeof(host) - 18, ".visualstudio.com", 18);
	CHECK(host_kind(host) == HOST_FOREIGN);
}

static void organisations(void)
{
	static const struct {
		struct credential c;
		const char *want;
	} rows[] = {
		{ { .host = "dev.azure.com", .path = "org/p/_git/r" }, "org" },
		{ { .host = "dev.azure.com", .path = "/org" }, "org" },
		{ { .host = "DEV.azure.com", .path = "myorg/x", .username = "other" },
			"myorg" },
		{ { .host = "dev.azure.com", .username = "myorg" }, "myorg" },
		{ { .host = "dev.azure.com" }, "" },
		{ { .host = "pkgs.dev.azure.com", .path = "org/_packaging" }, "org" },
		{ { .host = "vsrm.dev.azure.com:443", .path = "org/x" }, "org" },
		{ { .host = "org.visualstudio.com", .path = "p/_git/r" }, "org" },
		{ { .host = "org.pkgs.visualstudio.com" }, "org" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[64];

		host_organisation(&rows[i].c, got, sizeof(got));
		CHECK_TEXT(got, rows[i].want);
	}
}

static const struct test tests[] = {
	{ "exact hosts, one label, port 443, and nothing that looks like them", kinds },
	{ "a name without end is nobody's", long_names },
	{ "the organisation is in the path, the host, or the user", organisations },
};
TEST_MAIN(tests)
