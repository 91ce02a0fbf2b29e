/* The scenario's "access": who may do what in an account, a namespace, a store.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_ACCESS_H
#define MI_TOKEN_TESTS_SIM_ACCESS_H

#include "azure.h"

/* Whose door a request is at. */
struct access {
	struct json_object *place; /* its member of "access", NULL: there is none */
	char host[256];            /* in lower case, without a port */
	char name[256];            /* its first label */
};

/* false: the request has no host. */
bool access_find(const struct world *w, const struct request *rq, struct access *ret);

/* The tenant whose tokens it takes. */
const char *access_tenant(const struct world *w, const struct access *a);
/* "network" and so on, when it refuses everybody for that reason; else NULL. */
const char *access_deny(const struct access *a);
/* The principal has a role there, it is about this path, and Azure has heard of it: each
 * question uses up one of "pending". */
bool access_may(
	struct world *w, const struct access *a, const char *oid, const char *path);
/* Its role includes this right: "Send", "items/read" and so on. */
bool access_includes(const struct access *a, const char *right);
/* There is such a path, or one below it. */
bool access_has(const struct access *a, const char *path);

/* What is wrong with the scenario's member is in why. NULL is a good one. */
bool access_check(struct json_object *all, char *why, size_t why_size);

#endif
