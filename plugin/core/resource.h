/* What a token is for: scopes, aliases and URLs into the resource that Entra knows.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_RESOURCE_H
#define MI_TOKEN_CORE_RESOURCE_H

#include "base/text.h"

enum cloud {
	CLOUD_PUBLIC,
	CLOUD_USGOV,
	CLOUD_CHINA,
	CLOUD_COUNT,
	CLOUD_UNKNOWN = CLOUD_COUNT, /* "auto": ask the machine, if it matters */
};

/* "public", "usgov", "china"; also az's and azEnvironment's names, without case.
 * CLOUD_UNKNOWN for anything else. */
enum cloud cloud_find(const char *name);
const char *cloud_name(enum cloud c);

/* A service of Azure: one row of resource_table.c. */
struct resource_row {
	const char *alias; /* "vault"; NULL: found by host alone */
	const char *about; /* for people */
	/* By cloud; NULL where the service does not exist or its name there is not known.
	 */
	const char *resource[CLOUD_COUNT];
	const char *app_id; /* GUID that Entra takes as the same thing, or NULL */
	bool minds_slash;   /* refuses tokens whose audience is wrong by the last slash */
};
/* Hosts of the service: matched on label boundaries, the longest suffix wins. */
struct resource_host {
	/* ".vault.azure.net": any host below it; "*.visualstudio.com": by just one label;
	 * else that very host. */
	const char *suffix;
	enum cloud cloud;
	const char *alias; /* of the row; NULL: the resource is https://<host> itself */
};
extern const struct resource_row resource_rows[];   /* ends with .about NULL */
extern const struct resource_host resource_hosts[]; /* ends with .suffix NULL */

/* What was asked for, resolved. host and path are of a URL target, else "". */
struct resource {
	char value[1024];
	char host[256];
	char path[1024];
};

/* Resolves a target: GUID and api:// as they are, an https URL that is a known resource
 * or lies at a known host (which tells the cloud), an alias for `cloud`. *ret_needs_cloud
 * is set, with MITOK_OK and *ret untouched, when cloud is CLOUD_UNKNOWN and the alias
 * differs between clouds. MITOK_E_ARG for anything else, with the nearest alias in the
 * hint; a URL of an unknown host names --resource. A URL with a user, a port but 443, a
 * backslash or anything else that two parsers may read differently is refused. */
enum mitok_code resource_resolve(const char *target, enum cloud cloud,
	struct resource *ret, bool *ret_needs_cloud, struct mitok_err *e) MUST_CHECK;

/* Cuts one "/.default" off the end; anything else stays as it is (protocol: Entra v2
 * scopes). MITOK_E_ARG when empty, too long or with control characters or blanks. */
enum mitok_code resource_from_scope(
	const char *scope, char *ret, size_t size, struct mitok_err *e) MUST_CHECK;
/* Checks a resource that is sent byte for byte: as above. */
enum mitok_code resource_check(const char *resource, struct mitok_err *e) MUST_CHECK;

/* Whether a token for one is as good as a token for the other: the same text but for case
 * and one trailing slash, or two names of one service in one cloud. */
bool resource_same(const char *a, const char *b);

/* Whether both are services that are known here, and not the same. */
bool resource_differs(const char *a, const char *b);

/* The right spelling when resource is a known service's but for its trailing slash, and
 * the service is known to mind; else NULL. */
const char *resource_right_spelling(const char *resource);

#endif
