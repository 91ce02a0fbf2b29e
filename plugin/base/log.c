/* The debug log: one callback, given by the host program; without it nothing is
 * formatted. SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

void log_debug(const struct log *l, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	if (!l || !l->fn)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_clean(line);
	l->fn(l->arg, line);
}
