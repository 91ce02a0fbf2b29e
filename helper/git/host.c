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
	{ "dev.azure.com",         HOST_REPOS   },
	{ "ssh.dev.azure.com",     HOST_FOREIGN },
	{ ".dev.azure.com",        HOST_GRANTED },
	{ "*.visualstudio.com",    HOST_REPOS   }, /* unless it is one of services[] */
	{ ".visualstudio.com",     HOST_GRANTED },
};
// clang-format on

/* First labels of visualstudio.com that are services of Microsoft's, and no organisation. */
static const char *const services[] = { "aex", "almsearch", "analytics", "app",
	"artifacts", "audit", "auditservice", "blob", "cdn", "code", "dev", "docs",
	"extmgmt", "feeds", "gallery", "gallerycdn", "go", "insights", "login",
	"marketplace", "my", "pkgs", "pkgsprod", "portalext", "prod", "search", "shell",
	"ssh", "status", "support", "vsaex", "vsassets", "vsblob", "vsclt", "vsrm", "vss",
	"vssps", "vsspsext", "vssh", "vs-ssh", "vstmr", "vsts", "vstsagentpackage", "web",
	"www" };

static bool is_service(const char *host)
{
	size_t len = strcspn(host, ".");

	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (strlen(services[i]) == len && memcmp(services[i], host, len) == 0)
			return true;
	return false;
}

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
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		if (!fits(hosts[i].pattern, name))
			continue;
		return *hosts[i].pattern == '*' && is_service(name) ? HOST_FOREIGN
								    : hosts[i].kind;
	}
	return HOST_FOREIGN;
}

void host_organisation(const struct credential *c, char *ret, size_t size)
{
	const char *from = c->host;
	size_t len = strcspn(from, ".");
	char name[256];

	if (read_name(from, name, sizeof(name)) &&
		(fits("dev.azure.com", name) || fits(".dev.azure.com", name))) {
		from = c->path[0] ? c->path : c->username;
		if (strcmp(from, CREDENTIAL_USER) == 0)
			from = "";
		from += *from == '/';
		len = strcspn(from, "/");
	}
	(void)snprintf(ret, size, "%.*s", (int)len, from);
	text_clean(ret);
}
