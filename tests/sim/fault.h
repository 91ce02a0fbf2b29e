/* Faults: what a scenario lets go wrong, and how it looks on the wire.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_FAULT_H
#define MI_TOKEN_TESTS_SIM_FAULT_H

#include <stdatomic.h>

#include "http.h"

#define FAULT_NUMBERS_MAX 16

/* One member of the scenario's "faults"; tests/README.md says what each does. */
struct fault {
	atomic_uint holders;

	char service[32]; /* at a connection: the listener's name */
	char path[128];   /* prefix of the path, "": any */
	char ends[32];    /* its end */
	char method[32];  /* "": any */
	bool at_connect;
	bool refuse; /* the service refuses who asks; plays where somebody says who he is */
	unsigned after;                      /* requests that fit and pass first */
	unsigned first;                      /* 0: without end */
	unsigned every;                      /* of those, each n-th only; 0: all */
	unsigned numbers[FAULT_NUMBERS_MAX]; /* if any: these alone */
	unsigned number_count;
	unsigned seen; /* requests that fitted so far */

	int status;          /* 0: the service's own */
	struct text headers; /* added */
	bool has_body;
	struct text body;
	size_t repeat;           /* times the body is sent */
	struct json_object *set; /* members put into a JSON answer */
	struct json_object *remove;
	struct json_object *append; /* texts put behind members of a JSON answer */
	int64_t retry_date; /* Retry-After as a date so many seconds from now, 0: none */

	bool has_raw; /* instead of an answer */
	struct text raw;
	char endless[12]; /* "body", "chunks", "1xx", "headers" or "" */
	size_t pad;       /* bytes of headers added */
	int64_t delay_ms;
	int64_t drip; /* bytes per second, 0: as fast as it goes */
	int64_t cut;  /* bytes sent before the end, -1: all */
	bool reset, silence;
	char close[32]; /* the connection ends unannounced: with close_notify if "notify",
			   without if "abrupt"; "": it goes on */
};

/* Replaces the world's faults by this JSON array (NULL: none); on an error nothing. */
bool faults_load(struct world *w, struct json_object *list, char *why, size_t why_size);
/* Counting starts anew. */
void faults_reset(struct world *w);

/* The fault whose turn it is, or NULL; held until fault_release(). With the lock held. */
struct fault *fault_at_connect(struct world *w, const struct listener *l);
struct fault *fault_at_request(
	struct world *w, const char *service, const struct request *rq);
void fault_release(struct fault *f);

/* There is such an endless answer. */
bool fault_knows_endless(const char *what);

/* Changes the answer as the fault says, before it is sent. */
void fault_change(const struct fault *f, struct reply *rp);

/* Sends the answer, as the fault (or NULL) wants it. true: the connection goes on. */
bool fault_send(const struct fault *f, struct conn *c, const struct reply *rp, bool keep);

#endif
