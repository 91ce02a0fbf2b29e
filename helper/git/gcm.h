/* git-credential-manager's way of naming a managed identity, for people who come from it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_GCM_H
#define MI_TOKEN_HELPER_GIT_GCM_H

#include <stddef.h>

#include "base/err.h"

/* Its setting credential.azreposManagedIdentity, or GCM_AZREPOS_MANAGEDIDENTITY, as one of
 * our selectors: "system", a client id, id://<client id> or resource://<resource id>, in
 * any case; empty, blank and the GUID of zeros are "system". MITOK_E_CONF for anything
 * else; `origin` names the setting in the error. */
enum mitok_code gcm_selector(const char *value, const char *origin, char *ret,
	size_t size, struct mitok_err *e) MUST_CHECK;

#endif
