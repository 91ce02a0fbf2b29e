/* What NO_PROXY keeps away from the proxies.
 * SPDX-License-Identifier: MIT */
#include "no-proxy.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

/* 169.254.0.0/16 has 169.254.169.254; curl 7.86, Go and others read it so. */
static bool is_in_network(const char *network, const char *address)
{
	char base[INET_ADDRSTRLEN];
	const char *slash = strchr(network, '/');
	size_t len = slash ? (size_t)(slash - network) : 0;
	struct in_addr a, n;
	int64_t bits;

	if (!slash || len >= sizeof(base) || !text_to_number(slash + 1, 0, 32, &bits))
		return false;
	memcpy(base, network, len);
	base[len] = '\0';
	if (inet_pton(AF_INET, base, &n) != 1 || inet_pton(AF_INET, address, &a) != 1)
		return false;
	return bits == 0 || (ntohl(n.s_addr) ^ ntohl(a.s_addr)) >> (32 - bits) == 0;
}

static bool matches(char *entry, const char *address)
{
	char *port;

	if (is_in_network(entry, address) || strcmp(entry, "*") == 0)
		return true;
	port = strchr(entry, ':');
	if (port && strcmp(port, ":80") == 0)
		*port = '\0';
	return strcmp(entry, address) == 0;
}

bool no_proxy_has(const char *list, const char *address)
{
	while (list && *list) {
		size_t len;
		char entry[64];

		list += strspn(list, ", \t");
		len = strcspn(list, ", \t");
		if (len > 0 && len < sizeof(entry)) {
			memcpy(entry, list, len);
			entry[len] = '\0';
			if (matches(entry, address))
				return true;
		}
		list += len;
	}
	return false;
}
