/* Who is asked for a token: how sentences call it, and whose rules it follows.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_PEER_H
#define MI_TOKEN_SOURCE_PEER_H

#include "source/source.h"

/* Bits, so that a row of a table can name several. */
enum peer_kind {
	PEER_IMDS =
		1 << 0, /* 169.254.169.254: outside the machine, never behind a proxy */
	PEER_AGENT = 1 << 1, /* a process of the platform on this machine */
	PEER_ENTRA = 1 << 2, /* the token endpoint on the internet */
	PEER_LOCAL = PEER_IMDS | PEER_AGENT,
	PEER_ANY = PEER_LOCAL | PEER_ENTRA,
};

/* What to do about an error number of Entra's where this peer knows better than aadsts.c. */
struct peer_cure {
	int aadsts;
	const char *cure;
};

struct peer {
	const char *source; /* name of the source */
	const char *who;    /* in sentences: "the VM's metadata service" */
	enum peer_kind kind;

	/* Parameters that select an identity; NULL where the service has none. */
	const char *client_id, *object_id, *resource_id;

	/* For hints: how the platform's default identity is assigned, how a user-assigned
	 * one, where the assigned ones are listed, and what to look at when nobody
	 * answers. */
	const char *assign, *assign_user, *list, *mend;
	const struct peer_cure *cures; /* ends with .aadsts 0; or NULL */
};

/* Who asks whom for what. */
struct call {
	const struct host *h;
	const struct peer *peer;
	const struct ask *ask;
};

/* "client id '...'" and so on, as sentences call what was asked for. */
void peer_identity(const struct ask *ask, char *ret, size_t size);

/* The parameter's name for ask->kind; *ret is NULL for default and system.
 * MITOK_E_NOIDENTITY when the service cannot select by that kind. */
enum mitok_code peer_id_param(const struct peer *p, const struct ask *ask,
	const char **ret, struct mitok_err *e) MUST_CHECK;

/* Puts the source's name into *e when r is a failure; returns r. */
enum mitok_code peer_named(const struct peer *p, enum mitok_code r, struct mitok_err *e);

#endif
