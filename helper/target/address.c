/* Where a host's name leads to from this machine.
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "visit.h"

static enum address judge_v4(uint32_t a)
{
	if (a >> 24 == 127)
		return ADDRESS_LOCAL;
	if (a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe ||
		a >> 22 == 0x191)
		return ADDRESS_PRIVATE;
	return ADDRESS_PUBLIC;
}

static enum address judge_v6(const struct in6_addr *a)
{
	if (IN6_IS_ADDR_LOOPBACK(a))
		return ADDRESS_LOCAL;
	if (IN6_IS_ADDR_LINKLOCAL(a) || (a->s6_addr[0] & 0xfe) == 0xfc)
		return ADDRESS_PRIVATE;
	return ADDRESS_PUBLIC;
}

/* The first one is taken, as programs do. */
enum address address_find(const char *host, char ret[ADDRESS_SIZE])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	enum address kind = ADDRESS_NONE;

	*ret = '\0';
	if (getaddrinfo(host, "443", &hints, &list) || !list)
		return ADDRESS_NONE;
	if (list->ai_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, list->ai_addr, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, ret, ADDRESS_SIZE);
		kind = judge_v4(ntohl(in.sin_addr.s_addr));
	} else if (list->ai_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, list->ai_addr, sizeof(in));
		(void)inet_ntop(AF_INET6, &in.sin6_addr, ret, ADDRESS_SIZE);
		kind = judge_v6(&in.sin6_addr);
	}
	freeaddrinfo(list);
	return kind;
}
