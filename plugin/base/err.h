/* Errors: one sentence and a hint in a struct the caller owns.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_ERR_H
#define MI_TOKEN_BASE_ERR_H

#include "mi-token.h"

#define ERR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK            __attribute__((warn_unused_result))

/* Starts an error anew and returns the code, so that setting and returning is one
 * expression. Foreign bytes that are no printable UTF-8 become '?'. e may be NULL. */
enum mitok_code err_set(struct mitok_err *e, enum mitok_code code, const char *fmt, ...)
	ERR_PRINTF(3, 4);

/* Says what to do about it, unless a hint nearer to the cause is there already. */
enum mitok_code err_hint(struct mitok_err *e, enum mitok_code code, const char *fmt, ...)
	ERR_PRINTF(3, 4);

/* Puts context in front of the message: "<context>: <message>". */
enum mitok_code err_within(
	struct mitok_err *e, enum mitok_code code, const char *fmt, ...) ERR_PRINTF(3, 4);

/* Out of memory. */
enum mitok_code err_memory(struct mitok_err *e);

#endif
