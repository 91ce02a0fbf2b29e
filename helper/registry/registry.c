/* Which servers are container registries of Azure's.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "registry.h"

/* One label stands before these: what lies deeper are data endpoints, which nobody signs in
 * to. Outside of the public cloud registries take Resource Manager's token. */
static const struct {
	const char *suffix, *resource;
} clouds[] = {
	{ ".azurecr.io", "https://containerregistry.azure.net" },
	{ ".azurecr.us", "https://management.usgovcloudapi.net/" },
	{ ".azurecr.cn", "https://management.chinacloudapi.cn/" },
};

/* The first label: letters, digits and inner hyphens. */
static bool is_label(const char *s, size_t len)
{
	if (len == 0 || len > 63 || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!text_is_digit(s[i]) && !(s[i] >= 'a' && s[i] <= 'z') && s[i] != '-')
			return false;
	return true;
}

bool registry_read(const char *server, struct registry *ret)
{
	static const char scheme[] = "https://";
	struct registry r = { .resource = NULL };
	size_t len, label;

	if (text_starts_nocase(server, scheme))
		server += strlen(scheme);
	len = strcspn(server, "/");
	if (len > 4 && strncmp(server + len - 4, ":443", 4) == 0)
		len -= 4;
	if (len >= sizeof(r.host))
		return false;
	for (size_t i = 0; i < len; i++)
		r.host[i] = text_lower(server[i]);
	label = strcspn(r.host, ".");
	for (size_t i = 0; i < sizeof(clouds) / sizeof(*clouds); i++)
		if (strcmp(r.host + label, clouds[i].suffix) == 0)
			r.resource = clouds[i].resource;
	if (!r.resource || !is_label(r.host, label))
		return false;
	*ret = r;
	return true;
}
