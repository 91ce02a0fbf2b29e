/* The server that a reverse proxy asks whom to let in: libmicrohttpd before answer.c.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_GATE_H
#define MI_TOKEN_HELPER_VERIFY_GATE_H

#include "../serve/listen.h"
#include "verifier.h"

struct gate {
	struct verifier *verifier;
	bool verbose;
	bool is_busy; /* at the end, threads are still at work: the verifier is theirs */
};

/* The value of --listen, which may be NULL where systemd passes a socket. */
enum mitok_code gate_listen(
	const char *where, struct listener *ret, struct mitok_err *e) MUST_CHECK;
/* Serves until SIGINT or SIGTERM. */
enum mitok_code gate_run(
	struct gate *g, const struct listener *l, struct mitok_err *e) MUST_CHECK;

#endif
