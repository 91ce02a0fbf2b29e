/* Where the server listens.
 * SPDX-License-Identifier: MIT */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define BACKLOG  128
#define GIVEN_FD 3 /* SD_LISTEN_FDS_START */

static int open_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Gives the descriptor away. */
static int give(int *fd)
{
	int given = *fd;

	*fd = -1;
	return given;
}

/* A loopback port, or a unix socket with a file: an abstract one has no mode that could keep
 * other users away. */
static bool find_port(int fd, unsigned *ret)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_un un;
	} name = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t len = sizeof(name);

	if (getsockname(fd, &name.any, &len))
		return false;
	*ret = name.any.sa_family == AF_INET ? ntohs(name.in.sin_port) : 0;
	if (name.any.sa_family == AF_UNIX)
		return len > offsetof(struct sockaddr_un, sun_path) &&
			name.un.sun_path[0] == '/';
	return name.any.sa_family == AF_INET &&
		name.in.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

enum mitok_code listen_tcp(unsigned port, struct listener *ret, struct mitok_err *e)
{
	const struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	AUTO_FD fd = open_socket(AF_INET);
	const int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		bind(fd, (const struct sockaddr *)&name, sizeof(name)) ||
		listen(fd, BACKLOG) || !find_port(fd, &ret->port))
		return err_set(e, MITOK_E_CONF, "cannot listen on 127.0.0.1 port %u: %s",
			port, strerror(errno));
	ret->fd = give(&fd);
	return MITOK_OK;
}

/* A socket's file stays behind a server that was killed: nobody answers there. */
static void remove_stale(const struct sockaddr_un *name)
{
	AUTO_FD fd = open_socket(AF_UNIX);
	struct stat st;

	if (fd >= 0 && lstat(name->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		st.st_uid == geteuid() &&
		connect(fd, (const struct sockaddr *)name, sizeof(*name)) &&
		errno == ECONNREFUSED)
		(void)unlink(name->sun_path);
}

enum mitok_code listen_unix(
	const char *path, bool for_all, struct listener *ret, struct mitok_err *e)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	AUTO_FD fd = open_socket(AF_UNIX);
	struct stat st;
	mode_t mask;
	int failed;

	if (!*path || !TEXT_COPY(name.sun_path, path))
		return err_set(e, MITOK_E_ARG, "'%s' is no path for a socket", path);
	remove_stale(&name);
	mask = umask(for_all ? 0111 : 0177);
	failed = fd < 0 || bind(fd, (const struct sockaddr *)&name, sizeof(name));
	(void)umask(mask);
	if (failed || lstat(path, &st) || listen(fd, BACKLOG))
		return err_set(e, MITOK_E_CONF, "cannot listen on '%s': %s", path,
			strerror(errno));
	*ret = (struct listener){
		.fd = give(&fd), .path = path, .dev = st.st_dev, .ino = st.st_ino
	};
	return MITOK_OK;
}

enum mitok_code listen_given(struct listener *ret, struct mitok_err *e)
{
	const char *count = secure_getenv("LISTEN_FDS");
	const char *pid = secure_getenv("LISTEN_PID");
	int64_t n = 0;
	int accepts = 0;
	socklen_t len = sizeof(accepts);

	if (!count || !pid || !text_to_number(pid, 1, INT32_MAX, &n) || n != getpid())
		return MITOK_OK;
	if (strcmp(count, "1") != 0)
		return err_set(
			e, MITOK_E_CONF, "systemd passes %s sockets, not one", count);
	if (getsockopt(GIVEN_FD, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &len) || !accepts ||
		!find_port(GIVEN_FD, &ret->port) ||
		fcntl(GIVEN_FD, F_SETFD, FD_CLOEXEC) ||
		fcntl(GIVEN_FD, F_SETFL, O_NONBLOCK))
		return err_set(e, MITOK_E_CONF,
			"what systemd passes is no listening stream socket of this "
			"machine alone: a path, or 127.0.0.1 and Accept=no");
	ret->fd = GIVEN_FD;
	ret->is_given = true;
	return MITOK_OK;
}

void listen_close(struct listener *l)
{
	struct stat st;

	if (l->path && lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
		st.st_ino == l->ino)
		(void)unlink(l->path);
	file_close(&l->fd);
}
