/* What az says on stderr, in words that the SDKs which read it understand rightly.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* What SDKs look for in az's output, and what we write instead: the first means "sign in",
 * which is wrong for a service that is busy; "az: ... not found" means that there is no az.
 * Both texts of a row have the same length, and what one row writes the next ones read. */
static const struct {
	const char *text, *instead;
} triggers[] = {
	{ "az:", "az " },
	{ "azd:", "azd " },
	{ "az login", "az-login" },
	{ "azd auth login", "azd-auth-login" },
	{ "az account set", "az-account set" },
	{ "CLIInternalError", "CLI-InternalErr." },
	{ "not logged in, run", "not logged in; run" },
};

void report_defuse(char *text)
{
	for (size_t i = 0; i < sizeof(triggers) / sizeof(*triggers); i++)
		for (char *at = text; (at = strcasestr(at, triggers[i].text));)
			memcpy(at, triggers[i].instead, strlen(triggers[i].instead));
}

void report_error(const struct mitok_err *e, const char *detail, const char *more,
	const char *invitation)
{
	AUTO_TEXT t = { 0 };

	text_addf(&t, "ERROR: %s", e->message);
	text_add(&t, detail);
	text_addf(&t, "%s%s\n", e->hint[0] ? "; " : "", e->hint);
	text_add(&t, more);
	if (t.p)
		report_defuse(t.p);
	if (e->code == MITOK_E_NOIDENTITY)
		text_addf(&t, "%s\n", invitation);
	(void)!file_write_all(STDERR_FILENO, text_peek(&t), t.len);
}

int report_status(enum mitok_code code)
{
	return code == MITOK_E_ARG ? 2 : code != MITOK_OK;
}
