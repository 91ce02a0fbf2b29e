/* What a token is printed as: the formats of `mi-token get -o`.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_FORMAT_H
#define MI_TOKEN_HELPER_FORMAT_H

#include <stdbool.h>

#include "base/secret.h"

struct format {
	/* One of the two: add() fails when memory is out, write() says what is wrong. */
	bool (*add)(const struct mitok_token *t, struct secret *s);
	enum mitok_code (*write)(
		const struct mitok_token *t, struct secret *s, struct mitok_err *e);
	const char *target; /* what the token is for when nothing is named, or NULL */
	bool is_public;     /* no token is in it */
};

const struct format *format_find(const char *name); /* NULL: there is none */
enum mitok_code format_write(const struct format *f, const struct mitok_token *t,
	struct secret *s, struct mitok_err *e) MUST_CHECK;

#endif
