/* The VM's metadata service, beyond tokens.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_IMDS_H
#define MI_TOKEN_SOURCE_IMDS_H

#include "source/source.h"

/* The cloud this VM is in as the service calls it, for example "AzurePublicCloud". Of the
 * ask only allow_hosts and deadline_ms count. */
enum mitok_code imds_cloud(const struct host *h, const struct ask *ask, char *ret,
	size_t size, struct mitok_err *e) MUST_CHECK;

#endif
