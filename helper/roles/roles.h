/* Role assignments of a machine's identity, or of everybody, and what is to be said of them.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_ROLES_ROLES_H
#define MI_TOKEN_HELPER_ROLES_ROLES_H

#include "../client/client.h"
#include "../query/value.h"
#include "index.h"
#include "progress.h"
#include "role.h"
#include "scope.h"

/* Only append: the bits' names stand in JSON. */
enum finding {
	FINDING_ORPHANED,
	FINDING_BROAD_SCOPE,
	FINDING_OVER_PRIVILEGED,
	FINDING_CONTROL_PLANE,
	FINDING_ON_ITSELF,
	FINDING_DUPLICATE,
	FINDINGS,
};

enum severity {
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITIES,
};
const char *severity_name(enum severity s);

enum principal_state {
	PRINCIPAL_UNKNOWN, /* nobody was asked, or may not be */
	PRINCIPAL_EXISTS,
	PRINCIPAL_ORPHANED, /* the directory has nobody of that id */
};

struct principal {
	const char *id, *type; /* type as ARM has it: ServicePrincipal, User, Group ... */
	const char *name;      /* of the directory, "" when it is not known */
	enum principal_state state;
	bool is_ours; /* met in a place of the own tenant, whose directory is asked */
};

/* Texts live in the arena; none is NULL unless it says so. */
struct assignment {
	const char *id, *scope, *condition,
		*created;        /* condition "" when there is none */
	const char *role_id;     /* GUID */
	const struct role *role; /* NULL: no more than that is known */
	unsigned principal;      /* number of a struct principal */
	unsigned read_in;        /* number of the struct place it was read in */
	bool is_inherited;       /* from above that place */
	unsigned findings;       /* bits of enum finding */
	const char
		*above; /* FINDING_DUPLICATE: the scope it comes from, too; else NULL */
};

/* Where assignments are read: a subscription, or the scope that was asked for. */
struct place {
	const char *scope, *name; /* name "" when it is not known */
	bool is_foreign; /* of another tenant, or nobody knows whose (Azure Lighthouse) */
	bool without_groups;  /* what an identity has through its groups is not there */
	struct mitok_err err; /* why it could not be read, or not whole; code 0: it was */
};

/* What is asked. Strings are the caller's; NULL what is not wanted. */
struct roles_question {
	bool all;
	const char *scope;
	const char *principal;    /* object id */
	const char *subscription; /* this one alone */
};

struct roles {
	const struct client *c;
	struct roles_question q;
	struct progress *progress;
	char arm[128], graph[128]; /* addresses; graph "" when there is none */
	char object_id[64];        /* of the identity that asks, */
	char tenant_id[64];        /* and its tenant, or "" */
	const char *own[2];        /* ids of the machine and the identity, or NULL */
	struct arena arena;

	struct place *places;
	struct assignment *assignments;
	struct principal *principals;
	struct role *roles; /* besides role_built_in()'s */
	size_t place_count, assignment_count, principal_count, role_count;
	struct index by_id, by_principal;
	struct index by_above; /* what a place has from above, by roles_hash_above() */

	size_t found[FINDINGS], by_severity[SEVERITIES];
	size_t unknown_roles;       /* assignments whose role is not known */
	struct mitok_err roles_err; /* why; code 0: ARM does not know them either */
	/* Whether the directory was asked who is who. */
	enum {
		DIRECTORY_NOT_ASKED,
		DIRECTORY_ANSWERED,
		DIRECTORY_REFUSED
	} directory;
	struct mitok_err directory_err;
	bool gave_up; /* no place could be read at all; err of the first says why */
};

/* Reads what is asked, as far as it can be read, then what the roles and principals are, then
 * judges. What could not be read is in places[].err and the other errors; MITOK_OK even so.
 * Else there is nothing: no token, no subscription, out of memory. Of *r the first members up
 * to `own` are set before; r is freed by roles_free() in each case. */
enum mitok_code roles_ask(struct roles *r, struct mitok_err *e) MUST_CHECK;
void roles_free(struct roles *r);
#define AUTO_ROLES __attribute__((cleanup(roles_free))) struct roles

/* The class of the first failure, and its words; MITOK_OK when everything was read. */
enum mitok_code roles_failure(const struct roles *r, struct mitok_err *e);

/* The parts of roles_ask(). */
enum mitok_code roles_read(struct roles *r, struct mitok_err *e) MUST_CHECK;
enum mitok_code roles_name(struct roles *r, struct mitok_err *e) MUST_CHECK;
enum mitok_code roles_identify(struct roles *r, struct mitok_err *e) MUST_CHECK;
enum mitok_code roles_judge(struct roles *r, struct mitok_err *e) MUST_CHECK;

/* Of the principal, the role and the number of a place. */
uint64_t roles_hash_above(const struct assignment *a, unsigned place);
/* A text of the service in the arena, without what terminals mind; "" for NULL. NULL: out of
 * memory. */
const char *roles_keep(struct roles *r, const char *text) MUST_CHECK;
/* An assignment is of the identity that asks: it was asked for its own, or it is its own. */
bool roles_is_own(const struct roles *r, const struct assignment *a);

/* "duplicate" and so on. */
const char *finding_name(enum finding f);
enum severity finding_severity(
	const struct roles *r, const struct assignment *a, enum finding f);
/* What is wrong, in one line; and what to do: lines, of which those that begin with "az " are
 * commands. */
void finding_message(const struct roles *r, const struct assignment *a, enum finding f,
	struct text *ret);
void finding_cure(const struct roles *r, const struct assignment *a, enum finding f,
	struct text *ret);

/* The readable forms of an assignment's columns. */
void roles_add_role(const struct assignment *a, struct text *ret);
void roles_add_scope(const struct roles *r, const char *scope, struct text *ret);
void roles_add_principal(
	const struct roles *r, const struct assignment *a, struct text *ret);

#endif
