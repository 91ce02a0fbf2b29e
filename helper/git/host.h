/* Which hosts get a token for Azure DevOps.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_HOST_H
#define MI_TOKEN_HELPER_GIT_HOST_H

#include "credential.h"

enum host_kind {
	HOST_FOREIGN, /* never */
	HOST_REPOS,   /* Azure Repos */
	HOST_GRANTED, /* another service of Azure DevOps, such as Artifacts: where root's
		       * rules name it */
};

/* host as git tells it: in any case, with a port or without. Only 443 is a port. */
enum host_kind host_kind(const char *host);

/* The organisation that host and path are about, with what else may name it: the user in
 * a URL that Azure DevOps shows. "" when it cannot be told. */
void host_organisation(
	const char *host, const char *path, const char *user, char *ret, size_t size);

#endif
