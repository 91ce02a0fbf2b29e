/* Which subscription a token is said to be for.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_SUBSCRIPTION_H
#define MI_TOKEN_HELPER_AZ_SUBSCRIPTION_H

#include "az.h"

#define SUBSCRIPTION_SIZE 64

/* The chosen one, else the machine's, else the identity's; the tenant when nothing tells, as
 * az has it for an identity without subscriptions. Azure Resource Manager is not asked. */
void subscription_default(
	struct az *az, const struct mitok_token *t, char ret[SUBSCRIPTION_SIZE]);

#endif
