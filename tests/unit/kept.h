/* A server on this machine that keeps connections, many at a time, over TLS or not.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_KEPT_H
#define MI_TOKEN_TESTS_UNIT_KEPT_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>

#include "cert.h"

/* What is done with a request. Its answer is "answer N", N counting all requests from 1. */
enum kept_step {
	KEPT_ANSWER,    /* the next may come */
	KEPT_SAY_CLOSE, /* with `Connection: close`, then the end */
	KEPT_CLOSE,     /* an answer like any other, then the end, over TLS with a word */
	KEPT_CUT,       /* the same without that word */
	KEPT_RESET,     /* the same, reset */
	KEPT_DROP,      /* the end, no answer */
	KEPT_DROP_RESET,  /* a reset, no answer */
	KEPT_HALF,        /* half an answer, then the end */
	KEPT_SILENCE,     /* nothing, and the connection stays open */
	KEPT_TWO_AT_ONCE, /* two answers in one piece */
	KEPT_NONSENSE,    /* what is not HTTP */
	KEPT_HOLD,        /* an answer once kept_poke() was called */
};

#define KEPT_CONNECTIONS 64

struct kept {
	const struct cert *cert;     /* NULL: no TLS */
	const enum kept_step *steps; /* of requests; behind `count`: KEPT_ANSWER */
	unsigned count;
	int port;

	/* Read with kept_count(). */
	unsigned connections, requests, resumed;
	unsigned closed;   /* connections that are no more */
	unsigned notified; /* of these, ended by the client with a word over TLS, */
	unsigned broken;   /* or with what is not TLS */
	unsigned poked;

	SSL_CTX *tls;
	int fd, stop[2], poke;
	pthread_mutex_t lock; /* of the requests */
	pthread_t thread, threads[KEPT_CONNECTIONS];
	char request[8192]; /* the last */
};

/* k is static, with cert, steps and count set. Ends the program when it cannot listen. */
void kept_start(struct kept *k);
void kept_end(struct kept *k);
unsigned kept_count(const unsigned *counter);
/* Waits until there are so many; false: not within five seconds. */
bool kept_wait(const unsigned *counter, unsigned count);
/* Makes the connection that waits for a request send an answer that nobody asked for, or one
 * in KEPT_HOLD or KEPT_RESET do its part, and waits until it did. */
void kept_poke(struct kept *k);

/* A descriptor of this process that is connected to the server; -1: there is none. */
int kept_client(const struct kept *k);
/* Waits until there is something to read from it, or it is closed; false: not within five
 * seconds. What was sent may come a little later, also on this machine. */
bool kept_heard(const struct kept *k);

#endif
