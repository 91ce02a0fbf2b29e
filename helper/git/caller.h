/* The git that runs us: what it can do, and what its configuration says.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_CALLER_H
#define MI_TOKEN_HELPER_GIT_CALLER_H

#include "credential.h"

/* Whether it can send a Bearer token with every request: from 2.54 on. Before that,
 * requests larger than http.postBuffer go without (git's change ed0f7a62f7). Asks git once
 * and leaves a note in m's cache. */
bool caller_sends_bearer(struct mitok *m, int timeout_ms);

/* The value of git-credential-manager's credential.azreposManagedIdentity for what is asked,
 * from the user's and the machine's configuration: what a repository says of itself does not
 * count. MITOK_OK and "" when there is none. */
enum mitok_code caller_gcm_setting(const struct credential *asked, int timeout_ms,
	char ret[600], struct mitok_err *e) MUST_CHECK;

#endif
