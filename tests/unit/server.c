/* A server on this machine that does to each connection whatever a test wants.
 * SPDX-License-Identifier: MIT */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void set_address(int fd, const char *name, const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct ifreq rq = { 0 };

	(void)snprintf(rq.ifr_name, sizeof(rq.ifr_name), "%s", name);
	(void)inet_pton(AF_INET, address, &in.sin_addr);
	memcpy(&rq.ifr_addr, &in, sizeof(in));
	must(ioctl(fd, SIOCSIFADDR, &rq) == 0, "SIOCSIFADDR");
	(void)inet_pton(AF_INET, name[2] ? "255.255.255.255" : "255.0.0.0", &in.sin_addr);
	memcpy(&rq.ifr_netmask, &in, sizeof(in));
	must(ioctl(fd, SIOCSIFNETMASK, &rq) == 0, "SIOCSIFNETMASK");
}

bool server_isolate(void)
{
	struct ifreq rq = { .ifr_name = "lo" };
	int fd;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(fd >= 0, "socket");
	rq.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	must(ioctl(fd, SIOCSIFFLAGS, &rq) == 0, "SIOCSIFFLAGS");
	set_address(fd, "lo", "127.0.0.1");
	set_address(fd, "lo:1", "169.254.169.254");
	(void)close(fd);
	return true;
}

/* False when the server is to end. */
static bool wait_for(struct server *s, int fd)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN },
		{ .fd = s->stop[0], .events = POLLIN } };

	while (poll(p, 2, -1) < 0 && errno == EINTR)
		;
	return p[1].revents == 0;
}

static void *run(void *arg)
{
	struct server *s = arg;
	sigset_t set;

	/* For this thread alone: what SIGPIPE does to the client is tested. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	while (wait_for(s, s->fd)) {
		int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		__atomic_add_fetch(&s->connections, 1, __ATOMIC_SEQ_CST);
		if (s->serve)
			s->serve(s, fd);
		(void)close(fd);
	}
	return NULL;
}

void server_start(struct server *s, const char *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
	struct sockaddr_storage all = { 0 };
	socklen_t len = is_v4 ? sizeof(v4) : sizeof(v6);

	(void)inet_pton(AF_INET6, address, &v6.sin6_addr);
	memcpy(&all, is_v4 ? (void *)&v4 : (void *)&v6, len);
	s->connections = 0;
	s->request_len = 0;
	s->fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(s->fd >= 0, "socket");
	must(bind(s->fd, (struct sockaddr *)&all, len) == 0, "bind");
	must(listen(s->fd, 64) == 0, "listen");
	must(getsockname(s->fd, (struct sockaddr *)&all, &len) == 0, "getsockname");
	memcpy(&v4, &all, sizeof(v4)); /* the port stands at the same place in both */
	s->port = ntohs(v4.sin_port);
	must(pipe(s->stop) == 0, "pipe");
	must(pthread_create(&s->thread, NULL, run, s) == 0, "pthread_create");
}

void server_end(struct server *s)
{
	(void)close(s->stop[1]);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->stop[0]);
	(void)close(s->fd);
}

unsigned server_connections(struct server *s)
{
	return __atomic_load_n(&s->connections, __ATOMIC_SEQ_CST);
}

/* Bytes that the request has when it is whole; SIZE_MAX while that is not known. */
static size_t whole_length(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n");
	const char *length = strcasestr(request, "\r\nContent-Length:");

	if (!end)
		return (size_t)-1;
	return (size_t)(end + 4 - request) +
		(length ? strtoul(length + 17, NULL, 10) : 0);
}

void server_read(struct server *s, int fd)
{
	s->request_len = 0;
	s->request[0] = '\0';
	while (s->request_len < whole_length(s->request) && wait_for(s, fd)) {
		ssize_t n = read(fd, s->request + s->request_len,
			sizeof(s->request) - 1 - s->request_len);

		if (n <= 0)
			break;
		s->request_len += (size_t)n;
		s->request[s->request_len] = '\0';
	}
}

void server_write(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		data += n;
		len -= (size_t)n;
	}
}

void server_hold(struct server *s, int fd)
{
	char byte[4096];

	while (wait_for(s, fd) && read(fd, byte, sizeof(byte)) > 0)
		;
}

void server_reset(int fd)
{
	struct linger now = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

void server_answer(struct server *s, int fd)
{
	const struct server_answer *a = s->arg;
	size_t n = strlen(a->unit), at = 0;
	char block[16384];

	server_read(s, fd);
	server_write(fd, a->head, strlen(a->head));
	for (size_t i = 0; i < a->count; i++) {
		memcpy(block + at, a->unit, n);
		at += n;
		if (a->after == SERVER_DRIP || at + n > sizeof(block) ||
			i + 1 == a->count) {
			if (send(fd, block, at, MSG_NOSIGNAL) < 0)
				return;
			at = 0;
		}
		if (a->after == SERVER_DRIP)
			clock_sleep(30);
	}
	server_write(fd, a->tail, strlen(a->tail));
	if (a->after == SERVER_HOLD)
		server_hold(s, fd);
	else if (a->after == SERVER_RESET)
		server_reset(fd);
}
