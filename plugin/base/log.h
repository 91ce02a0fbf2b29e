/* The debug log: one callback, given by the host program; without it nothing is
 * formatted. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_LOG_H
#define MI_TOKEN_BASE_LOG_H

#include "base/err.h"

struct log {
	void (*fn)(void *arg, const char *line); /* NULL: silent */
	void *arg;
};

/* Names sources, hosts, statuses and durations; never a body, header or token. */
void log_debug(const struct log *l, const char *fmt, ...) ERR_PRINTF(2, 3);

#endif
