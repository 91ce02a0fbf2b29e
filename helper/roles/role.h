/* Role definitions: their names, and how much they allow.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_ROLES_ROLE_H
#define MI_TOKEN_HELPER_ROLES_ROLE_H

#include "io/json.h"

enum role_flag {
	ROLE_ALL = 1 << 0,       /* everything there is to manage: actions has "*" */
	ROLE_GRANTS = 1 << 1,    /* gives roles to anybody, itself included */
	ROLE_DATA = 1 << 2,      /* has data actions */
	ROLE_DATA_WILD = 1 << 3, /* all there is to do with some data, or with all */
	ROLE_READS = 1 << 4,     /* the control plane, and no more than that */
	ROLE_LOGIN = 1 << 5,     /* is meant for machines themselves */
	ROLE_CONTROL = 1 << 6,   /* manages a service whose data takes another role */
};

/* A role of which more is known than its id. */
struct role {
	const char *name;
	const char *id; /* GUID */
	unsigned flags; /* of enum role_flag */
	const char
		*narrower; /* what may do instead, NULL when that depends on the scope, or
				 is not known */
	bool is_custom;
};

/* One of Azure's own by its GUID, without case; NULL: none that is known here. */
const struct role *role_built_in(const char *id);

/* What a definition's `properties` says; the texts are lent. false: it is none. */
bool role_read(
	const struct json *properties, const char *id, struct role *ret) MUST_CHECK;

#endif
