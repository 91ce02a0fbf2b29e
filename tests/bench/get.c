/* get RESOURCE CALLS: what a token costs in a process that has got it before. Prints the
 * microseconds of one mitok_get(), all that comes with it included.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mi-token.h"

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* 1 when a token could not be had. */
static int get(struct mitok *m, const char *resource)
{
	struct mitok_request rq = { .size = sizeof(rq), .resource = resource };
	struct mitok_token *token = NULL;
	struct mitok_err e = { 0 };

	if (mitok_get(m, &rq, &token, &e)) {
		fprintf(stderr, "get: %s\n", e.message);
		return 1;
	}
	mitok_token_free(token);
	return 0;
}

int main(int argc, char **argv)
{
	long calls = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	struct mitok_err e = { 0 };
	struct mitok *m = NULL;
	double start;
	int r;

	if (calls < 1) {
		fputs("usage: get RESOURCE CALLS\n", stderr);
		return 2;
	}
	if (mitok_new(NULL, &m, &e)) {
		fprintf(stderr, "get: %s\n", e.message);
		return 1;
	}
	r = get(m, argv[1]);
	start = now_us();
	for (long i = 0; i < calls && !r; i++)
		r = get(m, argv[1]);
	if (!r)
		printf("%.2f\n", (now_us() - start) / (double)calls);
	mitok_free(m);
	return r;
}
