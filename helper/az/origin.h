/* Where a URL really goes, for whoever sends a token along.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_ORIGIN_H
#define MI_TOKEN_HELPER_AZ_ORIGIN_H

#include <stdbool.h>

#include "base/text.h"

struct origin {
	bool is_https;
	char host[256]; /* in lower case */
	int port;
};

/* Takes a URL apart (RFC 3986, section 3). false: it has another scheme, a user, or anything
 * that two parsers may read differently, for example a backslash. */
bool origin_parse(const char *url, struct origin *ret) MUST_CHECK;

/* Both go to the same place: scheme, host and port. */
bool origin_same(const struct origin *a, const struct origin *b);

/* Adds the URL with the characters encoded that none may have: people write blanks. */
void origin_add_encoded(struct text *t, const char *url);

#endif
