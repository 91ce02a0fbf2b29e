/* Which proxy a request goes by, as libcurl decides it (curl(1), ENVIRONMENT).
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "visit.h"

static const char *value_of(const char *variable)
{
	const char *value = secure_getenv(variable);

	return value && *value ? value : NULL;
}

/* An entry fits the host, and all below it; dots in front of it do not matter. */
static bool covers(const char *entry, size_t len, const char *host)
{
	size_t host_len = strlen(host);

	for (; len && *entry == '.'; len--)
		entry++;
	if (len == 1 && *entry == '*')
		return true;
	return len && len <= host_len &&
		strncasecmp(host + host_len - len, entry, len) == 0 &&
		(len == host_len || host[host_len - len - 1] == '.');
}

static bool is_excepted(const char *host)
{
	const char *list = value_of("no_proxy");

	list = list ? list : value_of("NO_PROXY");
	while (list && *list) {
		size_t len = strcspn(list, ", ");

		if (covers(list, len, host))
			return true;
		list += len;
		list += strspn(list, ", ");
	}
	return false;
}

const char *proxy_variable(const char *host)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (value_of(names[i]))
			return is_excepted(host) ? NULL : names[i];
	return NULL;
}
