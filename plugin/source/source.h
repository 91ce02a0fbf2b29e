/* A place tokens come from: one file each, one row each in table.c.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_SOURCE_H
#define MI_TOKEN_SOURCE_SOURCE_H

#include "io/host.h"

/* Which identity of the machine is wanted. */
enum identity_kind {
	IDENTITY_DEFAULT, /* none was named: the one the platform gives */
	IDENTITY_SYSTEM,  /* the system-assigned one, and no other */
	IDENTITY_CLIENT_ID,
	IDENTITY_OBJECT_ID,
	IDENTITY_RESOURCE_ID,
};

/* What a source is asked for. Lent for the call. */
struct ask {
	const char *resource; /* byte for byte */
	enum identity_kind kind;
	const char *id;        /* GUID or ARM id; NULL for the first two kinds */
	const char *tenant_id; /* pinned tenant, or NULL */
	const char *const
		*allow_hosts; /* endpoints.allow_hosts; NULL or NULL-terminated */
	int64_t deadline_ms;  /* on moment.boot_ms; nothing goes on beyond it */
};

/* What it gave. Zero is empty. */
struct grant {
	struct secret token;
	char type[16];      /* "Bearer" */
	int64_t expires_s;  /* epoch */
	int64_t refresh_s;  /* epoch, from refresh_in; 0 when not said */
	int64_t date_s;     /* the server's Date header, 0 when not said */
	char client_id[40]; /* echoed by the endpoint, else "" */
	char warning[384];  /* what is to be mended although it worked, else "" */
};
void grant_wipe(struct grant *g);
#define AUTO_GRANT __attribute__((cleanup(grant_wipe))) struct grant

struct source {
	const char *name;  /* in mi-token.conf and for --source */
	const char *about; /* one line, for `mi-token sources` */

	/* NULL when this machine has it, else why not, in words. No network. */
	const char *(*missing)(const struct host *h);

	/* Adds what else tells two answers of this source apart, for the cache: the
	 * endpoint, and what the environment says of the identity. No secret. */
	void (*place)(const struct host *h, struct text *ret);

	/* One token, with retries. Fills e->source. */
	enum mitok_code (*fetch)(const struct host *h, const struct ask *ask,
		struct grant *ret, struct mitok_err *e);
};

extern const struct source source_workload, source_fabric, source_appservice,
	source_appservice_2017, source_azureml, source_cloudshell, source_arc,
	source_imds, source_environment, source_azure_cli;

/* Evidence in the environment first, what only the network can tell last; ends in NULL.
 */
extern const struct source *const sources[];
/* Those that are asked only when they are named; ends in NULL. */
extern const struct source *const sources_by_name[];

/* By name, of both; NULL when there is none. */
const struct source *source_find(const char *name);

#endif
