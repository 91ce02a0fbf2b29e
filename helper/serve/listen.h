/* Where the server listens.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_LISTEN_H
#define MI_TOKEN_HELPER_SERVE_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* A listening socket. */
struct listener {
	int fd;
	unsigned port;    /* 0: a unix socket */
	bool is_given;    /* by systemd, whose SocketMode says who may connect */
	const char *path; /* of a unix socket that is ours to remove; NULL: none */
	dev_t dev;        /* which file that is */
	ino_t ino;
};

/* 127.0.0.1; port 0: one that is free. */
enum mitok_code listen_tcp(
	unsigned port, struct listener *ret, struct mitok_err *e) MUST_CHECK;
/* The path's socket, for our user alone or for all; what a server left there that is no
 * more is replaced. */
enum mitok_code listen_unix(const char *path, bool for_all, struct listener *ret,
	struct mitok_err *e) MUST_CHECK;
/* The one that systemd passes (sd_listen_fds(3)): *ret stays as it is when it passes none.
 */
enum mitok_code listen_given(struct listener *ret, struct mitok_err *e) MUST_CHECK;

/* Removes a socket's file, when it is still ours, and closes. */
void listen_close(struct listener *l);

#endif
