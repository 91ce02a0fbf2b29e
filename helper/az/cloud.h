/* Azure's clouds: their endpoints, as az cloud shows them.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_CLOUD_H
#define MI_TOKEN_HELPER_AZ_CLOUD_H

#include "az.h"

/* The one that az is set to, else that of /etc, else the public one. */
const struct cloud *cloud_active(struct az *az);

const char *cloud_name_of(const struct cloud *c);
/* By az's name for the endpoint or suffix; "" when the cloud has none. */
const char *cloud_value(const struct cloud *c, const char *name);

/* Azure Resource Manager, with a slash at the end, and what tokens for it are for. */
const char *cloud_arm(const struct cloud *c);
const char *cloud_arm_resource(const struct cloud *c);

/* The n-th endpoint that tokens can be for, "" when the cloud has not got it; NULL after the
 * last. */
const char *cloud_audience(const struct cloud *c, size_t n);

#endif
