/* The variables by which programs find an endpoint of ours, and its secret.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_SERVE_VARIABLES_H
#define MI_TOKEN_HELPER_SERVE_VARIABLES_H

#include "base/secret.h"

#define SECRET_SIZE 65 /* 256 bits as hexadecimal digits */
/* false: the kernel has no random numbers. */
bool variables_secret(char ret[SECRET_SIZE]) MUST_CHECK;

/* Lines NAME=VALUE; imds: those of the dialects without a secret, too. */
bool variables_add(
	unsigned port, const char *secret, bool imds, struct secret *ret) MUST_CHECK;

#endif
