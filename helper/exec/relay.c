/* Between programs that speak TCP alone and the unix socket of a server outside.
 * SPDX-License-Identifier: MIT */
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../serve/listen.h"
#include "../serve/peer.h"
#include "base/file.h"
#include "base/text.h"
#include "lifeline.h"
#include "spawn.h"

#define PAIRS_MAX 64
#define IDLE_MS   120000

static struct sockaddr_un server;
static atomic_uint pairs;

static int dial(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&server, sizeof(server)))
		file_close(&fd);
	return fd;
}

static bool send_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* Moves what there is; the end of one side's words is passed on. false: it is over. */
static bool carry(struct pollfd *from, int to, char *buffer, size_t size)
{
	ssize_t n = from->revents ? recv(from->fd, buffer, size, 0) : 1;

	if (!from->revents)
		return true;
	if (n > 0)
		return send_all(to, buffer, (size_t)n);
	from->fd = -1; /* poll() passes it over */
	return n == 0 && shutdown(to, SHUT_WR) == 0;
}

static void carry_both(int near, int far)
{
	struct pollfd fds[] = { { .fd = near, .events = POLLIN },
		{ .fd = far, .events = POLLIN } };
	char buffer[8192];

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, IDLE_MS) <= 0 ||
			!carry(&fds[0], far, buffer, sizeof(buffer)) ||
			!carry(&fds[1], near, buffer, sizeof(buffer)))
			break;
	}
	explicit_bzero(buffer, sizeof(buffer)); /* tokens have come by */
}

static void *serve_one(void *arg)
{
	AUTO_FD near = (int)(intptr_t)arg;
	AUTO_FD far = -1;
	uid_t uid;

	if (peer_uid(near, &uid) && (uid == geteuid() || uid == 0))
		far = dial();
	if (far >= 0)
		carry_both(near, far);
	atomic_fetch_sub(&pairs, 1);
	return NULL;
}

static void accept_one(int fd, const pthread_attr_t *detached)
{
	int near = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	pthread_t thread;

	if (near < 0)
		return;
	if (atomic_fetch_add(&pairs, 1) < PAIRS_MAX &&
		!pthread_create(&thread, detached, serve_one, (void *)(intptr_t)near))
		return;
	atomic_fetch_sub(&pairs, 1);
	(void)close(near);
}

static _Noreturn void run(int fd, int lifeline)
{
	pthread_attr_t detached;

	lifeline_close_others(lifeline, fd);
	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&detached, (size_t)128 * 1024);
	while (!lifeline_wait(lifeline, fd, -1))
		accept_one(fd, &detached);
	_exit(0);
}

enum mitok_code relay_start(
	const char *path, int lifeline, unsigned *ret_port, struct mitok_err *e)
{
	struct listener l = { .fd = -1 };
	enum mitok_code r;
	bool is_new;
	int fd;

	server.sun_family = AF_UNIX;
	if (!*path || !TEXT_COPY(server.sun_path, path))
		return err_set(
			e, MITOK_E_ARG, "--via: '%s' is no path of a socket", path);
	fd = dial();
	if (fd < 0) {
		(void)err_set(e, MITOK_E_NOIDENTITY, "--via: cannot connect to '%s': %s",
			path, strerror(errno));
		return err_hint(e, MITOK_E_NOIDENTITY,
			"start mi-token serve --unix PATH outside, and mount that path "
			"into the container");
	}
	(void)close(fd);
	r = listen_tcp(0, &l, e);
	if (!r)
		r = spawn_self(&is_new, e);
	if (!r && is_new)
		run(l.fd, lifeline);
	*ret_port = l.port;
	listen_close(&l);
	return r;
}
