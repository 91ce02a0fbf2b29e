/* Parts of Azure Resource Manager that have files of their own.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_ARM_H
#define MI_TOKEN_TESTS_SIM_ARM_H

#include "azure.h"

/* Who asks for what. */
struct arm_call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	struct json_object *claims;
	char path[2048]; /* decoded, without slashes at the end */
	struct params params;
};

/* {"error":{"code":...,"message":...}} */
void arm_fail(
	const struct arm_call *c, int status, const char *code, const char *message);
/* AuthorizationFailed, about this action and the path. */
void arm_fail_role(const struct arm_call *c, const char *action);

/* What the caller may do at a scope. false: the path asks for something else. */
bool arm_permissions(const struct arm_call *c);
/* The scenario's "deny" and "policies" of "arm" refuse it. */
bool arm_forbids(const struct arm_call *c);
/* /subscriptions/ID[/resourceGroups/NAME]/resources, with a filter. false: no such path. */
bool arm_resources(const struct arm_call *c);

#endif
