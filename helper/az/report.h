/* What az says on stderr, in words that the SDKs which read it understand rightly.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_REPORT_H
#define MI_TOKEN_HELPER_AZ_REPORT_H

#include "base/err.h"
#include "base/text.h"

/* Takes the texts out by which SDKs know that az is missing, or that somebody has to sign
 * in, wherever they come from: in place, as long as before. */
void report_defuse(char *text);

/* `ERROR: <message><detail>; <hint>`, then more lines; detail and more may be "". The invitation to sign in, which
 * lets a chain of credentials go on, is added only when the machine has no identity. */
void report_error(const struct mitok_err *e, const char *detail, const char *more,
	const char *invitation);

/* az's exit status: 2 wrong usage, else 1. */
int report_status(enum mitok_code code);

#endif
