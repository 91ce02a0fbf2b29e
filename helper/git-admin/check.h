/* mi-token git check: the parts of the report, in their order.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_ADMIN_CHECK_H
#define MI_TOKEN_HELPER_GIT_ADMIN_CHECK_H

#include "admin.h"
#include "../git/git.h"
#include "../report/report.h"
#include "url.h"

/* What is known so far. */
struct check {
	const struct options *o;
	struct report rep;
	struct url url;
	bool is_origin; /* the URL was not named but found */
	struct git git;
	struct text identity;        /* what our helper is told to be, "" for nothing */
	const char *identity_origin; /* who says so; NULL: the library knows */
	char gcm_identity[600];      /* what git-credential-manager was told, */
	const char *gcm_origin;      /* and where; NULL: it does not count */
	bool bearer;                 /* how our helper will answer */
	bool has_ours;               /* git asks it */
	bool tells_path;             /* git, to its helpers */
	bool gcm;                    /* it reads git-credential-manager's settings */
};

/* The helpers that git will ask for the URL: whether ours is among them, who is in front,
 * who writes what it sees to disk. */
enum mitok_code check_chain(struct check *c, struct mitok_err *e) MUST_CHECK;
/* Other lines of git's configuration that matter. */
enum mitok_code check_settings(struct check *c, struct mitok_err *e) MUST_CHECK;
/* The identity for the URL, and what a token of it says; true when there is one. */
bool check_token(struct check *c);
/* git itself, with our helper alone. */
enum mitok_code check_probe(struct check *c, struct mitok_err *e) MUST_CHECK;

#endif
