/* The namespace's network: lo, and the metadata service's address in the wanted state.
 * SPDX-License-Identifier: MIT */
#include "netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define IMDS "169.254.169.254"

static const struct {
	const char *word;
	unsigned char route; /* RTN_UNICAST: an address; RTN_UNSPEC: nothing */
} states[] = {
	{ "up", RTN_UNICAST },
	{ "absent", RTN_UNSPEC },
	{ "prohibit", RTN_PROHIBIT },
	{ "unreachable", RTN_UNREACHABLE },
	{ "blackhole", RTN_BLACKHOLE },
};

int net_knows(const char *imds)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (strcmp(states[i].word, imds) == 0)
			return (int)i;
	return -1;
}

static void lo_up(int fd)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		die(77, "cannot start the loopback interface");
}

/* An alias, as ifconfig did it: no tool and no library needed. */
static void add_address(int fd, const char *name, const char *address)
{
	struct ifreq r = { 0 };
	struct sockaddr_in to = { .sin_family = AF_INET };

	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	(void)inet_pton(AF_INET, address, &to.sin_addr);
	memcpy(&r.ifr_addr, &to, sizeof(to));
	if (ioctl(fd, SIOCSIFADDR, &r) < 0)
		die(77, "cannot add an address to the loopback interface");
	(void)inet_pton(AF_INET, "255.255.255.255", &to.sin_addr);
	memcpy(&r.ifr_netmask, &to, sizeof(to));
	if (ioctl(fd, SIOCSIFNETMASK, &r) < 0)
		die(77, "cannot set a mask on the loopback interface");
}

/* rtnetlink(7): one route of this type, to one address. */
static void add_route(unsigned char type)
{
	struct {
		struct nlmsghdr head;
		struct rtmsg route;
		struct rtattr attr;
		struct in_addr address;
	} m = {
		.head = { .nlmsg_len = sizeof(m),
			.nlmsg_type = RTM_NEWROUTE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK },
		.route = { .rtm_family = AF_INET,
			.rtm_dst_len = 32,
			.rtm_table = RT_TABLE_MAIN,
			.rtm_protocol = RTPROT_STATIC,
			.rtm_scope = RT_SCOPE_UNIVERSE,
			.rtm_type = type },
		.attr = { .rta_len = RTA_LENGTH(sizeof(struct in_addr)),
			.rta_type = RTA_DST },
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[256];
	} answer = { 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	(void)inet_pton(AF_INET, IMDS, &m.address);
	if (fd < 0 || send(fd, &m, sizeof(m), 0) < 0 ||
		recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(int)))
		die(77, "cannot speak to the kernel about routes");
	errno = -answer.error.error;
	if (errno)
		die(77, "cannot add a route");
	(void)close(fd);
}

/* So that the simulator can have port 80 when we are an ordinary user. */
static void allow_ports(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "we");

	if (!f || fputs("0\n", f) < 0 || fclose(f))
		if (geteuid() != 0)
			die(77, "cannot allow low ports");
}

void net_start(const char *imds)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned char route = states[net_knows(imds)].route;

	if (fd < 0)
		die(77, "cannot make a socket");
	lo_up(fd);
	if (route == RTN_UNICAST)
		add_address(fd, "lo:1", IMDS);
	else if (route != RTN_UNSPEC)
		add_route(route);
	(void)close(fd);
	allow_ports();
}
