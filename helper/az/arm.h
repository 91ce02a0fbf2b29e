/* Azure Resource Manager: the subscriptions that the identity can reach.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_ARM_H
#define MI_TOKEN_HELPER_AZ_ARM_H

#include "az.h"

/* Puts them into *s, and chooses the first that is enabled. None is no error. */
enum mitok_code arm_subscriptions(struct az *az, const char *tenant, struct state *s,
	struct mitok_err *e) MUST_CHECK;

#endif
