/* Who is at the other end of a connection: the kernel is asked, never the peer.
 *
 * Sockets that nobody holds any more are listed with user 0: only an established one, with
 * an inode, is believed. SPDX-License-Identifier: MIT */
#include "peer.h"

#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static bool ask_diag(
	int fd, const struct sockaddr_in *remote, const struct sockaddr_in *local)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} rq = {
		.head = { .nlmsg_len = sizeof(rq),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST },
		.body = { .sdiag_family = AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = 1U << TCP_ESTABLISHED,
			.id = { .idiag_sport = remote->sin_port,
				.idiag_dport = local->sin_port,
				.idiag_src = { remote->sin_addr.s_addr },
				.idiag_dst = { local->sin_addr.s_addr },
				.idiag_cookie = { INET_DIAG_NOCOOKIE,
					INET_DIAG_NOCOOKIE } } },
	};

	return sendto(fd, &rq, sizeof(rq), 0, (const struct sockaddr *)&kernel,
		       sizeof(kernel)) == (ssize_t)sizeof(rq);
}

bool peer_uid_by_diag(
	const struct sockaddr_in *remote, const struct sockaddr_in *local, uid_t *ret)
{
	const struct timeval patience = { .tv_sec = 1 };
	struct {
		struct nlmsghdr head;
		struct inet_diag_msg body;
		char rest[512];
	} rp = { .head = { .nlmsg_len = 0 } };
	AUTO_FD fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	ssize_t n;

	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
		!ask_diag(fd, remote, local))
		return false;
	n = recv(fd, &rp, sizeof(rp), 0);
	if (n < (ssize_t)(sizeof(rp.head) + sizeof(rp.body)) ||
		rp.head.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		rp.body.idiag_state != TCP_ESTABLISHED || !rp.body.idiag_inode ||
		rp.body.id.idiag_sport != remote->sin_port)
		return false;
	*ret = rp.body.idiag_uid;
	return true;
}

/* What follows the state: queues, timer, retransmissions, user, time-out, inode. */
static bool read_row(char *row, uid_t *ret)
{
	char *rest = NULL, *words[6] = { NULL };
	int64_t uid, inode;

	for (size_t i = 0; i < 6; i++) {
		words[i] = strtok_r(i ? NULL : row, " \n", &rest);
		if (!words[i])
			return false;
	}
	if (!text_to_number(words[3], 0, UINT32_MAX - 1, &uid) ||
		!text_to_number(words[5], 1, INT64_MAX, &inode))
		return false;
	*ret = (uid_t)uid;
	return true;
}

bool peer_uid_by_table(
	const struct sockaddr_in *remote, const struct sockaddr_in *local, uid_t *ret)
{
	char want[64], line[512];
	FILE *f = fopen("/proc/self/net/tcp", "re");
	bool found = false;

	(void)snprintf(want, sizeof(want), ": %08X:%04X %08X:%04X 01 ",
		remote->sin_addr.s_addr, ntohs(remote->sin_port), local->sin_addr.s_addr,
		ntohs(local->sin_port));
	while (f && !found && fgets(line, sizeof(line), f)) {
		char *row = strstr(line, want);

		found = row && read_row(row + strlen(want), ret);
	}
	if (f)
		(void)fclose(f);
	return found;
}

bool peer_uid(int fd, uid_t *ret)
{
	struct sockaddr_in remote = { .sin_family = AF_UNSPEC },
			   local = { .sin_family = AF_UNSPEC };
	socklen_t remote_len = sizeof(remote), local_len = sizeof(local);
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);

	if (getsockname(fd, (struct sockaddr *)&local, &local_len))
		return false;
	if (local.sin_family == AF_UNIX) {
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ||
			len != sizeof(peer) || peer.uid == (uid_t)-1)
			return false;
		*ret = peer.uid;
		return true;
	}
	if (local.sin_family != AF_INET ||
		getpeername(fd, (struct sockaddr *)&remote, &remote_len) ||
		remote.sin_family != AF_INET)
		return false;
	return peer_uid_by_diag(&remote, &local, ret) ||
		peer_uid_by_table(&remote, &local, ret);
}
