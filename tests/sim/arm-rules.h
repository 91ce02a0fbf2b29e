/* What a scenario's "arm" lets somebody see and change besides roles.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_ARM_RULES_H
#define MI_TOKEN_TESTS_SIM_ARM_RULES_H

#include "azure.h"

/* Who asks for what, as Azure Resource Manager has it. */
struct arm_asked {
	struct world *w;
	struct reply *rp;
	const char *method, *path; /* decoded, without slashes at the end */
	const char *oid;           /* of the caller */
	const char *filter;        /* $filter, or NULL */
};

/* Answers where a role is missing, a deny assignment stands or a policy forbids, and lists of
 * resources. false: it is about none of these, and nothing was answered. */
bool arm_rules(const struct arm_asked *a);

#endif
