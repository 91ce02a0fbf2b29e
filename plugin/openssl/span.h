/* A part of a text that is being read.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_SPAN_H
#define MI_TOKEN_OPENSSL_SPAN_H

#include <string.h>

#include "base/text.h"

struct span {
	const char *p;
	size_t len;
};

/* Without case, as the names of options and parameters are. */
static inline bool span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && text_starts_nocase(s.p, word);
}

#endif
