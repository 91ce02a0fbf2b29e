/* The tools of this machine that mi-token serves, each looked at in a file of its own, since
 * each knows its program's internals. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_DOCTOR_TOOLS_H
#define MI_TOKEN_HELPER_DOCTOR_TOOLS_H

#include "../report/report.h"

/* timeout_ms of each run of git; 0: ten seconds. */
void tools_git(struct report *r, int timeout_ms);
void tools_az(struct report *r);
void tools_openssl(struct report *r);
void tools_docker(struct report *r);

#endif
