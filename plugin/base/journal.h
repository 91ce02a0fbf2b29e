/* A line for the machine's log, from inside a process that is somebody else's.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_JOURNAL_H
#define MI_TOKEN_BASE_JOURNAL_H

#include <stdbool.h>

#include "base/err.h"

/* Where a system's log listens: systemd-journald, rsyslog, syslog-ng, busybox. */
#define JOURNAL_SOCKET "/dev/log"

/* No line is longer, in bytes; what is longer is cut. */
#define JOURNAL_MAX    2000

/* Sends the line, which has no control characters, as "<PRI>mi-token[PID]: line" (RFC 3164,
 * section 4.1) with facility authpriv and severity info or warning. Never waits: 0 when it was
 * taken over, else an errno, and the line is lost (ENOENT: nobody listens, EAGAIN: whoever does
 * has no room). May be called by any thread, also after fork(). */
int journal_send(const char *path, bool warning, const char *line);

#endif
