/* The subscriptions that an account is, for az.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_ACCOUNT_H
#define MI_TOKEN_HELPER_AZ_ACCOUNT_H

#include "az.h"
#include "build.h"

/* As az show and az login print it, which call the cloud by another name than az list does.
 */
const struct value *account_value(
	struct az *az, struct build *b, const struct account *a, const char *cloud_key);

/* What stands for an identity that has no subscription. */
void account_of_tenant(const char *tenant, struct account *ret);

/* What az login stored; without it what a login would find, and when Azure Resource Manager
 * does not tell, the machine's subscription. MITOK_E_NOIDENTITY when there is no identity. */
enum mitok_code account_load(struct az *az, struct mitok_err *e) MUST_CHECK;

/* Into ret what --subscription names, or the chosen one. */
enum mitok_code account_choose(struct az *az, const struct mitok_token *t, char *ret,
	size_t size, struct mitok_err *e) MUST_CHECK;

#endif
