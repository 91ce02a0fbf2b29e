/* Listening, and one thread per connection.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_SERVER_H
#define MI_TOKEN_TESTS_SIM_SERVER_H

#include <openssl/ssl.h>

#include "world.h"

struct server {
	struct world *w;
	SSL_CTX *ctx[TLS_KINDS];
	int fds[LISTENERS_MAX]; /* -1: not used */
};

/* Opens one listener; false with errno set. */
bool server_listen(
	struct server *s, unsigned listener, const char *address, uint16_t port);
/* Accepts until the process is told to end; returns after SIGTERM or SIGINT. */
void server_run(struct server *s);

#endif
