/* Which tenant an organisation of Azure DevOps belongs to, as its challenge says.
 * SPDX-License-Identifier: MIT
 *
 * RFC 9110, section 11.6.1; Azure DevOps sends
 * `Bearer authorization_uri=https://login.microsoftonline.com/<tenant>`. */
#ifndef MI_TOKEN_HELPER_GIT_CHALLENGE_H
#define MI_TOKEN_HELPER_GIT_CHALLENGE_H

#include <stdbool.h>

#include "base/err.h"

/* The value of one WWW-Authenticate header, which may hold several challenges. false: it
 * names no tenant, or the one of nobody (all zeros). */
bool challenge_tenant(const char *value, char ret[40]) MUST_CHECK;

#endif
