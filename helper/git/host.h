/* Which hosts get a token for Azure DevOps.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_HOST_H
#define MI_TOKEN_HELPER_GIT_HOST_H

#include "credential.h"

/* Its application id, which is the resource of its tokens (Microsoft Learn, "Use service
 * principals and managed identities in Azure DevOps"). */
#define DEVOPS_RESOURCE "499b84ac-1321-427f-aa17-267ca6975798"

enum host_kind {
	HOST_FOREIGN, /* never */
	HOST_REPOS,   /* Azure Repos */
	HOST_GRANTED, /* another service of Azure DevOps, such as Artifacts: where root's
		       * rules name it */
};

/* host as git tells it: in any case, with a port or without. Only 443 is a port. */
enum host_kind host_kind(const char *host);

/* The organisation that this is about, for words only: by the path, by the host's first
 * label, or by the user of a URL as Azure DevOps shows it. "" when it cannot be told. */
void host_organisation(const struct credential *c, char *ret, size_t size);

#endif
