/* What is refused before libconfig sees it, because it would do something else with it than
 * the reader expects.
 * SPDX-License-Identifier: MIT */
#include "io/conf_key.h"

#include <string.h>

/* One line, without its end: what is wrong with it, or NULL. libconfig reads included files
 * relative to the working directory and waits for FIFOs; drops "\\x00" from texts, so that
 * one name looks like another; and keeps broken UTF-8. */
static const char *wrong_line(const char *line, size_t len)
{
	if (text_starts_nocase(line + strspn(line, " \t\r\f\v"), "@include"))
		return "@include is not allowed (files in conf.d are read by themselves)";
	if (!text_is_utf8(line, len))
		return "a character that is not UTF-8";
	return memmem(line, len, "\\x00", 4) ? "'\\x00' is not allowed" : NULL;
}

enum mitok_code conf_check_lines(const char *file, const char *text, struct mitok_err *e)
{
	unsigned number = 1;

	for (const char *p = text; *p; number++) {
		size_t len = strcspn(p, "\n");
		const char *why = wrong_line(p, len);

		if (why)
			return err_set(e, MITOK_E_CONF, "%s:%u: %s", file, number, why);
		p += len + (p[len] == '\n');
	}
	return MITOK_OK;
}
