/* Azure Resource Manager: what its files share.
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

void arm_fail(
	const struct arm_call *c, int status, const char *code, const char *message);
/* "... does not have authorization to perform action ...", 403. */
void arm_fail_role(const struct arm_call *c, const char *action, const char *scope);
void arm_add_text(struct json_object *o, const char *name, const char *value);

/* Microsoft.Authorization at the end of a path: role assignments, role definitions,
 * permissions. subscription is the scenario's, NULL outside of any. false: the path is
 * something else, and nothing was answered. */
bool arm_authorization(const struct arm_call *c, struct json_object *subscription);

/* The scope a, or one below it. Both without a slash at the end; "" is the root. */
bool arm_is_below(const char *scope, const char *a);

/* A role by its name or its GUID, the scenario's own before Azure's; NULL: there is none. The
 * caller puts it. */
struct json_object *arm_role(const struct world *w, const char *name);
/* GET .../roleDefinitions and below; scope is what stands before. */
void arm_definitions(const struct arm_call *c, const char *scope, const char *id);
/* GET .../permissions: what the roles at this scope and above allow. */
void arm_permissions(const struct arm_call *c, const char *scope);

/* One role assignment; texts are the scenario's, or stand in the last members. */
struct arm_assignment {
	const char *id, *principal, *type, *scope, *condition, *created;
	char role[37];
	char made_id[640], made_scope[256], made_principal[64];
};
/* The n-th of the scenario; false at the end. */
bool arm_assignment(const struct world *w, size_t n, struct arm_assignment *ret);
/* How many of them are made by "generate", and the n-th one's principal. */
size_t arm_generated(const struct world *w);
void arm_generated_principal(size_t n, char *ret, size_t size);
/* Whether this principal is in that group, in the scenario's "groups" of "arm". */
bool arm_is_member(const struct world *w, const char *group, const char *principal);

#endif
