/* Audiences that are Microsoft's own.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_AUDIENCE_H
#define MI_TOKEN_HELPER_VERIFY_AUDIENCE_H

/* The service that tokens of this audience are for, NULL when it is none of Microsoft's that is
 * known. A token for such a service proves nothing to anybody else: whoever got it there could
 * bring it here. */
const char *audience_service(const char *audience);

#endif
