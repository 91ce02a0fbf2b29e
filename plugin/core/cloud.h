/* Which Azure cloud this machine stands in, asked once per boot and remembered.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_CLOUD_H
#define MI_TOKEN_CORE_CLOUD_H

#include "core/context.h"
#include "core/resource.h"

/* On AKS the authority in the environment tells, on a VM the metadata service does; other
 * places do not say and are taken for the public cloud. */
enum mitok_code cloud_ask(struct mitok *m, const struct source *source,
	int64_t deadline_ms, enum cloud *ret, struct mitok_err *e) MUST_CHECK;

#endif
