/* What a virtual machine knows about itself.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_REPORT_MACHINE_H
#define MI_TOKEN_HELPER_REPORT_MACHINE_H

#include "io/http.h"

/* Texts are "" where the service does not say. */
struct machine {
	char name[128], resource_id[512], subscription[40], group[96], location[64],
		size[64], cloud[64], scale_set[96], zone[16], vm_id[40];
};

/* Asks the metadata service (Microsoft Learn, "Azure Instance Metadata Service", compute,
 * 2021-02-01), which is link-local and needs no token. MITOK_E_NOIDENTITY when there is none,
 * MITOK_E_REPLY when what answers is something else. */
enum mitok_code machine_read(const struct log *log, int64_t timeout_ms,
	struct machine *ret, struct mitok_err *e) MUST_CHECK;

#endif
