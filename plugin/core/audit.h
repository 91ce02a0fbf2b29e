/* Who asked for a token, of which identity, for what, and what came of it: one line in the
 * system's log. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_AUDIT_H
#define MI_TOKEN_CORE_AUDIT_H

#include "core/choose.h"
#include "core/token.h"

/* What came of asking a source; all is lent. */
struct audit_event {
	const struct want *want;
	const struct mitok_token
		*token;                /* its claims as far as they were read, or NULL */
	const struct mitok_err *error; /* NULL: the token is handed out */
};

/* Writes the line where the configuration wants one; mi-token-security(7) describes it. The
 * log may be full, or not there: then the line is lost, and a word about it in the debug
 * log. */
void audit_write(const struct mitok *m, const struct audit_event *event);

/* The line. */
void audit_format(const struct audit_event *event, struct text *ret);

#endif
