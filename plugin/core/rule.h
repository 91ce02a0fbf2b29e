/* The rules of the configuration: which one is about a use of a token.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_RULE_H
#define MI_TOKEN_CORE_RULE_H

#include "io/conf.h"

/* What a token is wanted for, as far as rules look at it; members may be NULL. */
struct identity_use {
	const char *host, *path, *resource;
};

/* The first rule that matches, or NULL in *ret. MITOK_E_DENIED when it has deny, and when
 * use has the host of a rule with a path and its own path is missing or means different
 * things to different servers. Rules compare host and path without case, the path by whole
 * segments, the resource as resource_same(). Those with host or path need a use with a
 * host. Both names of an organisation of Azure DevOps are one: rules about
 * dev.azure.com/ORG are rules about ORG.visualstudio.com, and the other way round. use may
 * be NULL. */
enum mitok_code rule_find(const struct conf *c, const struct identity_use *use,
	const struct conf_rule **ret, struct mitok_err *e) MUST_CHECK;

/* Whether a rule of root's that names a host and does not deny is about use, or could be if
 * its path were known. use has a host. */
bool rule_grants(const struct conf *c, const struct identity_use *use);

#endif
