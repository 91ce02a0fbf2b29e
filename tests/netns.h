/* The parts of the namespace runner.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_NETNS_H
#define MI_TOKEN_TESTS_NETNS_H

#define STATE "/run/azure-sim"

/* Prints "netns: what: why" with errno's text, and ends with this status. */
__attribute__((noreturn)) void die(int status, const char *what);

/* lo up, and 169.254.169.254 as the word says: "up" (an address on lo), "absent" (no
 * route), "prohibit", "unreachable" or "blackhole" (a route that refuses). */
void net_start(const char *imds);
int net_knows(const char *imds);

/* /run, /dev, /dev/shm, /var/opt and /opt are our own; needs no more than the mount namespace.
 */
void files_start(void);
/* /etc with the hosts, CA and mi-token directory of ours; after the state is prepared. */
void files_etc(const char *const *hosts, int host_count);

#endif
