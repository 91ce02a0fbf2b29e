/* What may be asked: judges one request, without asking anybody.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_JUDGE_H
#define MI_TOKEN_HELPER_SERVE_JUDGE_H

#include "dialect.h"
#include "params.h"

/* A header of the request, as it was sent. */
struct field {
	const char *name, *value;
};
#define FIELDS_MAX 64

/* One request. */
struct arrival {
	const char *method;
	const char *target; /* as it stands in the request line */
	const struct field *fields;
	size_t count;
	bool is_stranger; /* the other end is another user, or cannot be told */
	const char *form; /* the body; NULL while it is not there */
};

/* The most that a form may have. */
#define FORM_MAX ((size_t)2048)

/* What is served, and to whom. */
struct door {
	const char
		*secret; /* NULL: who the other end is has to do, as on a unix socket */
	unsigned port;   /* of TCP, which the Host must have; 0: a unix socket */
	bool imds;       /* also the dialects without a secret */
	const char *identity;         /* the only one, as a selector; NULL: any */
	const char *const *resources; /* the only ones, ended by NULL; NULL: any */
};

struct judgment {
	const struct dialect *dialect; /* in which to answer; NULL: not known */
	struct refusal refusal;        /* status 0: it may be asked */
	bool wants_form;               /* and is to be judged again when it is there */
	char resource[PARAM_SIZE];
	char identity[PARAM_SIZE + 16]; /* as a selector; "": none was named */
};

/* Everything is refused but what is known to be right. */
void judge(const struct door *d, const struct arrival *a, struct judgment *ret);

#endif
