/* What Azure's services have in common: bearer tokens, and JSON answers.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_AZURE_H
#define MI_TOKEN_TESTS_SIM_AZURE_H

#include "oauth.h"

enum trust {
	TRUST_GOOD,
	TRUST_MISSING,  /* no Authorization header, or another scheme */
	TRUST_BROKEN,   /* no token, or not of our key */
	TRUST_EXPIRED,  /* or not valid yet */
	TRUST_AUDIENCE, /* for something else */
	TRUST_TENANT,   /* of another tenant */
	TRUST_KINDS,
};

/* Whose token a service takes. */
struct taker {
	const char *const
		*audiences; /* up to NULL; a slash more at the end does not matter */
	bool exact;         /* but it does */
	const char *tenant; /* NULL: any */
};

/* Looks at a token. *ret_claims (of every token that our key signed) belongs to the
 * caller, who puts it; else it is NULL. */
enum trust azure_trust(const struct world *w, const char *jwt, const struct taker *t,
	struct json_object **ret_claims);
/* The same with the request's Authorization header. */
enum trust azure_bearer(const struct world *w, const struct request *rq,
	const struct taker *t, struct json_object **ret_claims);

/* NULL, or an array of texts that has this one, without case. */
bool azure_lists(struct json_object *array, const char *text);
/* An object's member, NULL when there is none (or no object). */
struct json_object *json_member(struct json_object *o, const char *name);

/* The answer is this object; it is put. */
void reply_object(struct reply *rp, int status, struct json_object *o);
/* {"error":{"code":...,"message":...}}; inner (may be NULL) is innererror's code. */
struct azure_error {
	const char *code, *inner, *message;
};
void azure_fail(struct reply *rp, int status, const struct azure_error *e);

/* The request's host without its port. */
bool azure_host(const struct request *rq, char ret[256]);
/* What credentials of the scheme Basic are, "user:password" (RFC 7617); the caller frees.
 * NULL: not well formed. */
char *azure_basic(const char *authorization);
/* "2022-12-01", and what may follow it. */
bool azure_is_version(const char *version);

#endif
