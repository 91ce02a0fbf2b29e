/* The log of requests, byte for byte.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_RECORD_H
#define MI_TOKEN_TESTS_SIM_RECORD_H

#include <stdio.h>

#include "http.h"

void record_add(struct world *w, const char *service, const struct request *rq);
void record_clear(struct world *w);
/* JSON lines of one service's requests (NULL: of all). */
void record_print(const struct world *w, const char *service, FILE *to);
/* The bytes of the n-th request of that service (NULL: of all); n counts from 1. */
bool record_print_raw(const struct world *w, const char *service, int64_t n, FILE *to);

#endif
