/* One connection of a client, in plain or under TLS.
 * SPDX-License-Identifier: MIT */
#include "conn.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool make_room(struct conn *c)
{
	size_t cap = c->in_cap ? c->in_cap * 2 : 8192;
	char *p;

	if (c->in_cap - c->in_len >= 4096)
		return true;
	p = realloc(c->in, cap);
	if (!p)
		return false;
	c->in = p;
	c->in_cap = cap;
	return true;
}

bool conn_read(struct conn *c)
{
	ssize_t n;

	if (!make_room(c))
		return false;
	do {
		errno = 0;
		if (c->ssl)
			n = SSL_read(
				c->ssl, c->in + c->in_len, (int)(c->in_cap - c->in_len));
		else
			n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
	} while (n < 0 && errno == EINTR);
	ERR_clear_error();
	if (n <= 0)
		return false;
	c->in_len += (size_t)n;
	return true;
}

void conn_use(struct conn *c, size_t len)
{
	memmove(c->in, c->in + len, c->in_len - len);
	c->in_len -= len;
}

bool conn_write(struct conn *c, const char *data, size_t len)
{
	while (len) {
		size_t part = len < 16384 ? len : 16384;
		ssize_t n;

		errno = 0;
		n = c->ssl ? SSL_write(c->ssl, data, (int)part)
			   : send(c->fd, data, part, MSG_NOSIGNAL);
		if (n <= 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		data += n;
		len -= (size_t)n;
	}
	ERR_clear_error();
	return len == 0;
}

bool conn_handshake(struct conn *c, SSL_CTX *ctx)
{
	int done;

	if (!ctx)
		return true;
	c->ssl = SSL_new(ctx);
	if (!c->ssl || SSL_set_fd(c->ssl, c->fd) != 1)
		return false;
	done = SSL_accept(c->ssl);
	ERR_clear_error();
	return done == 1;
}

/* Unread bytes would turn our FIN into RST and may take the answer with them. */
static void drain(struct conn *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	char waste[4096];

	if (shutdown(c->fd, SHUT_WR) < 0)
		return;
	while (poll(&p, 1, 1000) > 0 && recv(c->fd, waste, sizeof(waste), 0) > 0)
		continue;
}

void conn_close(struct conn *c, bool reset)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	if (reset)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	else if (c->ssl && !c->abrupt)
		(void)SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	ERR_clear_error();
	if (!reset)
		drain(c);
	(void)close(c->fd);
	free(c->in);
}
