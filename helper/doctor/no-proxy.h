/* What NO_PROXY keeps away from the proxies.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_DOCTOR_NO_PROXY_H
#define MI_TOKEN_HELPER_DOCTOR_NO_PROXY_H

#include <stdbool.h>

/* Whether the list (NULL: none) has the IPv4 address, as programs commonly read it: "*", the
 * address itself, with a port or without, or a network in CIDR notation that it is in;
 * separated by commas or blanks. */
bool no_proxy_has(const char *list, const char *address);

#endif
