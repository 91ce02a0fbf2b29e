/* The second step across tenants: a managed identity's token becomes an application's.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_FEDERATE_H
#define MI_TOKEN_SOURCE_FEDERATE_H

#include "source/source.h"

/* Whose token is wanted, and who says so. Lent. */
struct federation {
	const char *client_id, *tenant_id; /* of the application, both GUIDs */
	const char *authority;             /* the cloud's, "https://..." */
	const struct secret *assertion;    /* the identity's token for the exchange */
};

/* Whether the number is one of those that Entra says of a federated credential which does
 * not fit the assertion. */
bool federate_is_mismatch(int aadsts);

/* One token for ask->resource (Microsoft Learn, "Configure an application to trust a managed
 * identity"). A credential that does not fit may be too new to be known everywhere: it is
 * asked for again, with growing pauses, as long as the ask's deadline allows. Fills
 * e->source with "federate". */
enum mitok_code federate_exchange(const struct host *h, const struct ask *ask,
	const struct federation *f, struct grant *ret, struct mitok_err *e) MUST_CHECK;

#endif
