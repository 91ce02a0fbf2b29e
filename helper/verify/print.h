/* The claims of a token that is good, for programs and people.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_PRINT_H
#define MI_TOKEN_HELPER_VERIFY_PRINT_H

#include "token.h"

/* One line of JSON, or a line for each claim with its times as dates. */
void print_claims(const struct token *t, bool as_text, struct text *ret);

#endif
