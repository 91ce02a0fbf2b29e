/* Which identity a request means: selectors, names from /etc, rules, pins.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_IDENTITY_H
#define MI_TOKEN_CORE_IDENTITY_H

#include "core/rule.h"
#include "source/source.h"

/* The identity that is asked for, and what the token must then say. Lends from the
 * configuration and the request. */
struct identity {
	enum identity_kind kind;
	const char *id;     /* NULL for IDENTITY_DEFAULT and IDENTITY_SYSTEM */
	const char *name;   /* in /etc, or NULL */
	const char *origin; /* who chose it: "--identity", "MI_TOKEN_IDENTITY", file:line,
			     * "default" */

	/* Pins: what the claims must be equal to; NULL where nothing is pinned. The one
	 * that selects is a pin as well. */
	const char *client_id, *object_id, *resource_id, *tenant_id;

	/* Federated: the application that this identity vouches for, and the tenant where a
	 * token of that application is wanted; else NULL, both. */
	const char *app_id, *app_tenant_id;
};

/* A selector's text: system, default, client-id:GUID, object-id:GUID,
 * resource-id:/subscriptions/..., a bare GUID, a bare /subscriptions/..., id://GUID,
 * resource:///subscriptions/... or a name of c->identities. *ret lends from text and c.
 * Unknown names are MITOK_E_ARG with the known ones in the hint. */
enum mitok_code identity_parse(const struct conf *c, const char *text,
	struct identity *ret, struct mitok_err *e) MUST_CHECK;

/* option (may be NULL) > MI_TOKEN_IDENTITY > first rule that matches use > identity of
 * the configuration > the platform's default. A rule that denies, and one that cannot be
 * decided, is MITOK_E_DENIED whatever the option says. use may be NULL. */
enum mitok_code identity_choose(const struct conf *c, const char *option,
	const struct identity_use *use, struct identity *ret,
	struct mitok_err *e) MUST_CHECK;

/* Has i, which is not federated yet, vouch for an application; both are GUIDs, else
 * MITOK_E_ARG. */
enum mitok_code identity_federate(struct identity *i, const char *app_id,
	const char *app_tenant_id, struct mitok_err *e) MUST_CHECK;
/* Of a federated one: the identity that vouches, and the application with its pins, which
 * is whose token comes of it. Any other: itself. */
struct identity identity_voucher(const struct identity *i);
struct identity identity_proven(const struct identity *i);

/* "client-id:..." and so on, with its kind, for cache keys, lists and sentences; of a
 * federated one "federate:APP@TENANT by client-id:...". */
void identity_format(const struct identity *i, struct text *ret);

#endif
