/* Who is at the other end of a connection.
 * SPDX-License-Identifier: MIT */
#include "../../helper/serve/peer.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../helper/serve/listen.h"
#include "test.h"

/* A connection to ourselves. */
struct pair {
	struct listener l;
	int near, far;
	struct sockaddr_in local, remote;
};

static bool connect_pair(struct pair *p)
{
	socklen_t len = sizeof(p->local);
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	*p = (struct pair){ .l = { .fd = -1 }, .near = -1, .far = -1 };
	if (listen_tcp(0, &p->l, NULL))
		return false;
	to.sin_port = htons((uint16_t)p->l.port);
	p->far = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(p->far, (const struct sockaddr *)&to, sizeof(to)))
		return false;
	p->near = accept(p->l.fd, NULL, NULL);
	return p->near >= 0 &&
		!getsockname(p->near, (struct sockaddr *)&p->local, &len) &&
		!getpeername(p->near, (struct sockaddr *)&p->remote, &len);
}

static void disconnect(struct pair *p)
{
	(void)close(p->near);
	if (p->far >= 0)
		(void)close(p->far);
	listen_close(&p->l);
}

static void both_ways(void)
{
	struct pair p;
	uid_t uid = (uid_t)-1;

	CHECK(connect_pair(&p));
	CHECK(peer_uid_by_table(&p.remote, &p.local, &uid) && uid == geteuid());
	uid = (uid_t)-1;
	if (!peer_uid_by_diag(&p.remote, &p.local, &uid))
		test_skip("this kernel has no sock_diag");
	else
		CHECK(uid == geteuid());
	uid = (uid_t)-1;
	CHECK(peer_uid(p.near, &uid) && uid == geteuid());
	disconnect(&p);
}

static void gone(void)
{
	struct pair p;
	uid_t uid = 0;

	CHECK(connect_pair(&p));
	(void)close(p.far);
	p.far = -1;
	CHECK(!peer_uid_by_table(&p.remote, &p.local, &uid));
	CHECK(!peer_uid_by_diag(&p.remote, &p.local, &uid));
	CHECK(!peer_uid(p.near, &uid));
	disconnect(&p);
}

static void half_closed(void)
{
	struct pair p;
	uid_t uid = 0;

	CHECK(connect_pair(&p));
	(void)shutdown(p.far, SHUT_WR);
	CHECK(!peer_uid(p.near, &uid));
	disconnect(&p);
}

static void strange_sockets(void)
{
	int fds[2];
	uid_t uid = (uid_t)-1;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	CHECK(peer_uid(fds[0], &uid) && uid == geteuid());
	(void)close(fds[0]);
	(void)close(fds[1]);
	CHECK(!pipe(fds));
	CHECK(!peer_uid(fds[0], &uid));
	(void)close(fds[0]);
	(void)close(fds[1]);
	CHECK(!peer_uid(-1, &uid));
}

static const struct test tests[] = {
	{ "both ways tell the user of a TCP connection", both_ways },
	{ "whoever has closed is nobody, and not root", gone },
	{ "whoever has closed the half of it is nobody", half_closed },
	{ "a unix socket tells its user; what is no socket tells none", strange_sockets },
};
TEST_MAIN(tests)
