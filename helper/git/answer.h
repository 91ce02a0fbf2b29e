/* What a credential helper says to git: key=value lines on stdout.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_ANSWER_H
#define MI_TOKEN_HELPER_GIT_ANSWER_H

#include "credential.h"

struct answer {
	const struct credential *asked;
	const struct mitok_token *token;
	bool bearer; /* where git takes it, by `authtype`; else as a password */
	bool more;   /* where git takes it: ask again if the server refuses this one */
};

/* git-credential(1); the token only as the value of `password` or `credential`. false: out
 * of memory. */
bool answer_format(const struct answer *a, struct secret *ret) MUST_CHECK;

#endif
