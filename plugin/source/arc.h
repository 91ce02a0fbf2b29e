/* Azure Arc: the challenge that names a file.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_SOURCE_ARC_H
#define MI_TOKEN_SOURCE_ARC_H

#include "source/source.h"

/* The file that the value of a WWW-Authenticate header names, believed only when it is
 * "Basic realm=" and then, unquoted, one file ending in ".key" directly in the agent's
 * own folder. false: anything else, and *ret is "". */
#define ARC_PATH_SIZE 128
bool arc_challenge_path(const char *value, char ret[ARC_PATH_SIZE]) MUST_CHECK;

/* The same from the one WWW-Authenticate header of an answer. MITOK_E_REPLY when there is
 * none, more than one, or it names another file. */
enum mitok_code arc_challenge(const struct http_reply *r, char ret[ARC_PATH_SIZE],
	struct mitok_err *e) MUST_CHECK;

#endif
