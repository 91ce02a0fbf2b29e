/* The URL of an organisation or a repository, as an administrator types it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_ADMIN_URL_H
#define MI_TOKEN_HELPER_GIT_ADMIN_URL_H

#include "base/text.h"

struct url {
	char text[1024]; /* as it was typed */
	char host[256]; /* with the port when one is named; as git tells it to a helper */
	char path[1024]; /* decoded, without its first slash; "" for none */
};

/* https only, no password, no query, nothing that two parsers may read differently. What is
 * refused is not repeated in the error: it may hold a password. */
enum mitok_code url_parse(const char *s, struct url *ret, struct mitok_err *e) MUST_CHECK;

#endif
