/* Microsoft's own az, for what ours does not know.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_REAL_H
#define MI_TOKEN_HELPER_AZ_REAL_H

/* Becomes the next program of that name in PATH that is not this one, with the same
 * arguments; returns when there is none. Call it before anything of the process is changed. */
void real_run(const char *name, char **argv);

#endif
