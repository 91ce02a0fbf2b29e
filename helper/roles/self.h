/* Who asks: the identity that a token for Azure Resource Manager is for, and its machine.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_ROLES_SELF_H
#define MI_TOKEN_HELPER_ROLES_SELF_H

#include "../client/client.h"
#include "../report/machine.h"

struct self {
	char object_id[64], client_id[64], tenant_id[64], resource_id[640], source[24];
	struct machine machine; /* where the source is its metadata service, else empty */
	struct mitok_err machine_err; /* why it is empty; code 0: nobody was asked */
};

/* Gets a token for it. The machine is asked only when it is there. */
enum mitok_code self_read(
	const struct client *c, struct self *ret, struct mitok_err *e) MUST_CHECK;

#endif
