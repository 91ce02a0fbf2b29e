/* Who is at the other end of a connection: the kernel is asked, never the peer.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_PEER_H
#define MI_TOKEN_HELPER_SERVE_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

/* The user whose process opened the other end of a connected socket; false when it cannot
 * be told, which is never taken for anybody. Needs the other end to be open still. */
bool peer_uid(int fd, uid_t *ret) __attribute__((warn_unused_result));

/* The two ways for TCP over IPv4, remote being the peer's end: sock_diag(7), and where the
 * kernel lacks it the table in /proc/net/tcp. */
bool peer_uid_by_diag(const struct sockaddr_in *remote, const struct sockaddr_in *local,
	uid_t *ret) __attribute__((warn_unused_result));
bool peer_uid_by_table(const struct sockaddr_in *remote, const struct sockaddr_in *local,
	uid_t *ret) __attribute__((warn_unused_result));

#endif
