/* The names under which a request's token, failures and locks are kept.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_KEY_H
#define MI_TOKEN_CORE_KEY_H

#include "core/choose.h"

/* Adds to ret_key all that tells two tokens apart, pins included (a token that was verified
 * against other pins is another), and to ret_place the endpoint. false: out of memory. */
bool key_format(struct mitok *m, const struct want *w, struct text *ret_key,
	struct text *ret_place) MUST_CHECK;

#endif
