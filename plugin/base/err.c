/* Errors: one sentence and a hint in a struct the caller owns.
 * SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	enum mitok_code code;
	const char *name;
} names[] = {
	{ MITOK_OK, "ok" },
	{ MITOK_E_BUG, "bug" },
	{ MITOK_E_ARG, "usage" },
	{ MITOK_E_CONF, "configuration" },
	{ MITOK_E_NOIDENTITY, "no-identity" },
	{ MITOK_E_DENIED, "denied" },
	{ MITOK_E_LATER, "temporary" },
	{ MITOK_E_REPLY, "bad-answer" },
};

const char *mitok_code_name(enum mitok_code code)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].code == code)
			return names[i].name;
	return "unknown";
}

enum mitok_code err_set(struct mitok_err *e, enum mitok_code code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return code;
	*e = (struct mitok_err){ .code = code };
	va_start(ap, fmt);
	(void)vsnprintf(e->message, sizeof(e->message), fmt, ap);
	va_end(ap);
	text_clean(e->message);
	return code;
}

enum mitok_code err_hint(struct mitok_err *e, enum mitok_code code, const char *fmt, ...)
{
	va_list ap;

	if (!e || e->hint[0])
		return code;
	va_start(ap, fmt);
	(void)vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	text_clean(e->hint);
	return code;
}

enum mitok_code err_within(
	struct mitok_err *e, enum mitok_code code, const char *fmt, ...)
{
	char context[sizeof(e->message)];
	char cause[sizeof(e->message)];
	va_list ap;

	if (!e)
		return code;
	va_start(ap, fmt);
	(void)vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	(void)memcpy(cause, e->message, sizeof(cause));
	e->code = code;
	(void)snprintf(e->message, sizeof(e->message), "%.300s: %.400s", context, cause);
	text_clean(e->message);
	return code;
}

enum mitok_code err_memory(struct mitok_err *e)
{
	return err_set(e, MITOK_E_BUG, "out of memory");
}
