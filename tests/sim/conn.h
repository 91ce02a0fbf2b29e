/* One connection of a client, in plain or under TLS.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_CONN_H
#define MI_TOKEN_TESTS_SIM_CONN_H

#include <openssl/ssl.h>

#include "world.h"

struct conn {
	int fd;
	SSL *ssl; /* NULL: plain */
	const struct listener *listener;
	char *in; /* read, and not yet used */
	size_t in_len, in_cap;
	bool abrupt; /* it ends without TLS's close_notify (RFC 8446, section 6.1) */
};

/* More bytes into c->in; false at the end, on an error and after the idle time. */
bool conn_read(struct conn *c);
/* The first len bytes of c->in are used. */
void conn_use(struct conn *c, size_t len);
bool conn_write(struct conn *c, const char *data, size_t len);
/* TLS, when the listener has it. */
bool conn_handshake(struct conn *c, SSL_CTX *ctx);
/* Closes; with a reset the client gets RST instead of FIN. */
void conn_close(struct conn *c, bool reset);

#endif
