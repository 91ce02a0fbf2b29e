/* A storage account's five services: blob, queue, table, file and dfs.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_STORAGE_H
#define MI_TOKEN_TESTS_SIM_STORAGE_H

#include "access.h"

enum storage_form {
	STORAGE_XML,
	STORAGE_ODATA, /* tables: "odata.error" */
	STORAGE_JSON,  /* file systems: "error" */
};

/* What a service says of things that it has not, by the depth of the path. */
struct storage_missing {
	const char *code, *message;
};

struct storage_kind {
	const char *label;  /* the second label of its hosts */
	const char *server; /* the header Server */
	const char *oldest; /* version of the protocol that takes tokens */
	enum storage_form form;
	struct storage_missing missing[2]; /* "/x", "/x/y" */
};

/* One question. */
struct storage_call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	struct access access;
	const struct storage_kind *kind;
	char path[2048]; /* decoded */
};

/* An error as the service writes it; name and value (may be NULL) are one element more. */
struct storage_error {
	int status;
	const char *code, *message;
	const char *name, *value;
};
void storage_fail(const struct storage_call *c, const struct storage_error *e);

/* What the request asks for, for one who may have it. */
void storage_give(const struct storage_call *c);

#endif
