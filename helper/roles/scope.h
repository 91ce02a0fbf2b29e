/* Scopes of Azure Resource Manager: what an id names, in words.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_ROLES_SCOPE_H
#define MI_TOKEN_HELPER_ROLES_SCOPE_H

#include "base/text.h"

/* From the widest on. */
enum scope_kind {
	SCOPE_ROOT, /* "/": the whole directory */
	SCOPE_MANAGEMENT_GROUP,
	SCOPE_SUBSCRIPTION,
	SCOPE_RESOURCE_GROUP,
	SCOPE_RESOURCE,
};
const char *scope_kind_name(enum scope_kind kind); /* "resource-group" and so on */

/* A kind of resource that roles are often given on. */
struct service {
	const char *type;  /* Microsoft.Storage/storageAccounts; and what is below it */
	const char *words; /* for people */
	/* The least role that gets at its data, NULL when that is not known; has_plane: reading
	 * its data takes a role of the data plane, which no role of the control plane has. */
	const char *least;
	bool has_plane;
	bool is_machine; /* code runs there, as the machine's identity */
};

struct scope {
	enum scope_kind kind;
	const struct service *service; /* NULL: none that is known */
	char type[200];                /* of a resource, else "" */
	char name[300];                /* the last name; of what lies in others: a/b */
	char subscription[40];         /* "" outside of any */
};

/* Takes an ARM id apart ("Resource ID": /subscriptions/S/resourceGroups/G/providers/N/T/X).
 * false: it is none. */
bool scope_read(const char *id, struct scope *ret) MUST_CHECK;
/* "storage account demo"; name (may be NULL) stands for the scope's own. */
void scope_format(const struct scope *s, const char *name, struct text *ret);
/* The same scope, or one below it, without case. */
bool scope_contains(const char *outer, const char *inner);
/* Adds the id as the path of a URL, without the slash at its beginning. */
void scope_add_path(struct text *t, const char *id);

#endif
