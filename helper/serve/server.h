/* The server: libmicrohttpd before the judge, the library behind it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_SERVER_H
#define MI_TOKEN_HELPER_SERVE_SERVER_H

#include <sys/types.h>

#include "judge.h"
#include "listen.h"

#define USERS_MAX 33

struct server {
	struct door door;
	struct mitok *m;
	uid_t users[USERS_MAX]; /* who may ask */
	size_t users_count;
	bool any_user; /* whoever can connect may ask */
	bool verbose;
	bool is_busy; /* at the end, threads are still at work: the context is theirs */
};

/* Serves until a signal says to end, or the life line does (-1: none). */
enum mitok_code server_run(struct server *s, const struct listener *l, int lifeline,
	struct mitok_err *e) MUST_CHECK;

/* Makes the answer to one request; what it holds may be a token. The status. */
int server_answer(struct server *s, const struct judgment *j, struct secret *ret);

#endif
