/* A server on this machine that does to each connection whatever a test wants.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_SERVER_H
#define MI_TOKEN_TESTS_UNIT_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct server {
	void (*serve)(struct server *s, int fd); /* then the connection is closed */
	const void *arg;
	int port;
	char request[512 * 1024]; /* of the last connection, as server_read() saw it */
	size_t request_len;

	int fd, stop[2];
	pthread_t thread;
	unsigned connections;
};

enum server_after {
	SERVER_CLOSE,
	SERVER_HOLD,
	SERVER_RESET,
	SERVER_DRIP
};

/* head, count times unit (with pauses between: SERVER_DRIP), tail; then what is done. */
struct server_answer {
	const char *head, *unit, *tail;
	size_t count;
	enum server_after after;
};

/* Moves the process into a network namespace of its own, where only lo is, up, with
 * 169.254.169.254 besides. Before any thread. false: not permitted here. */
bool server_isolate(void);

/* Listens on a port of its own at this address ("127.0.0.1", "::1"); s is static or big
 * enough, serve and arg are set. Ends the program when that fails. */
void server_start(struct server *s, const char *address);
void server_end(struct server *s);
unsigned server_connections(struct server *s);

/* The request up to the end of what its Content-Length says. */
void server_read(struct server *s, int fd);
/* As far as the other side takes it. */
void server_write(int fd, const char *data, size_t len);
/* Waits until the other side is gone, or the server is to end. */
void server_hold(struct server *s, int fd);
/* For serve: reads a request, then sends what s->arg, a struct server_answer, says. */
void server_answer(struct server *s, int fd);
/* Closes with RST. */
void server_reset(int fd);

#endif
