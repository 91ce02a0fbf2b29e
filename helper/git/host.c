/* Which hosts get a token for Azure DevOps.
 * SPDX-License-Identifier: MIT */
#include "host.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Microsoft Learn, "Allowed domain names and IP addresses for Azure DevOps". "*" is one
 * label, ".x" is all below x. The first row that fits decides. */
// clang-format off
static const struct {
	const char *pattern;
	enum host_kind kind;
} hosts[] = {
	{ "dev.azure.com",                HOST_REPOS   },
	{ "ssh.dev.azure.com",            HOST_FOREIGN },
	{ ".ssh.dev.azure.com",           HOST_FOREIGN },
	{ ".dev.azure.com",               HOST_GRANTED },
	/* One label there, but no organisation's. */
	{ "app.visualstudio.com",         HOST_FOREIGN },
	{ "code.visualstudio.com",        HOST_FOREIGN },
	{ "marketplace.visualstudio.com", HOST_FOREIGN },
	{ "ssh.visualstudio.com",         HOST_FOREIGN },
	{ "vs-ssh.visualstudio.com",      HOST_FOREIGN },
	{ "www.visualstudio.com",         HOST_FOREIGN },
	{ "*.visualstudio.com",           HOST_REPOS   },
	{ ".visualstudio.com",            HOST_GRANTED },
};
// clang-format on

/* Labels of letters, digits and inner hyphens (RFC 1123, section 2.1), in lower case. */
static bool read_name(const char *host, char *ret, size_t size)
{
	size_t len = strlen(host), label = 0, i;

	if (text_ends_nocase(host, ":443"))
		len -= strlen(":443");
	if (len == 0 || len >= size)
		return false;
	for (i = 0; i < len; i++) {
		char c = text_lower(host[i]);
		bool letter = (c >= 'a' && c <= 'z') || text_is_digit(c);

		if (c == '.' ? label == 0 || ret[i - 1] == '-'
			     : !letter && (c != '-' || label == 0))
			return false;
		label = c == '.' ? 0 : label + 1;
		ret[i] = c;
	}
	ret[i] = '\0';
	return label > 0 && ret[i - 1] != '-';
}

static bool fits(const char *pattern, const char *host)
{
	const char *dot = strchr(host, '.');

	if (*pattern == '*')
		return dot && strcmp(dot, pattern + 1) == 0;
	if (*pattern == '.')
		return strlen(host) > strlen(pattern) && text_ends_nocase(host, pattern);
	return strcmp(host, pattern) == 0;
}

enum host_kind host_kind(const char *host)
{
	char name[256];

	if (!read_name(host, name, sizeof(name)))
		return HOST_FOREIGN;
	if (text_starts(name, "vs-ssh."))
		return HOST_FOREIGN;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		if (fits(hosts[i].pattern, name))
			return hosts[i].kind;
	return HOST_FOREIGN;
}

void host_organisation(const struct credential *c, char *ret, size_t size)
{
	const char *from = c->host;
	size_t len = strcspn(from, ".");

	if (text_starts_nocase(from, "dev.azure.com") ||
		text_starts_nocase(from, "pkgs.dev.azure.com")) {
		from = c->path[0] ? c->path : c->username;
		if (strcmp(from, CREDENTIAL_USER) == 0)
			from = "";
		from += *from == '/';
		len = strcspn(from, "/");
	}
	(void)snprintf(ret, size, "%.*s", (int)len, from);
	text_clean(ret);
}
