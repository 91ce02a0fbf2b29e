/* mi-token git: sets git up for Azure Repos, and finds out why it is refused.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../flags.h"
#include "../process.h"
#include "admin.h"

// clang-format off
const struct command commands[] = {
	{ "configure",   "[--global|--system] [--identity SELECTOR]",   "have git ask mi-token for Azure Repos",     "GSi",  0, configure },
	{ "unconfigure", "[--global|--system]",                         "take back what configure wrote",            "GS",   0, unconfigure },
	{ "check",       "[URL] [--identity SELECTOR] [--probe] [--json]", "tell what git and mi-token will do, and what is in the way", "iPJ", 1, check },
	{ NULL, NULL, NULL, NULL, 0, NULL },
};

/* What would make git ask somebody, or speak another language, or look elsewhere. */
static const struct {
	const char *name, *value; /* NULL: taken away */
} environment[] = {
	{ "GIT_TERMINAL_PROMPT", "0" },
	{ "GIT_ASKPASS",         NULL },
	{ "GIT_CONFIG",          NULL },
	{ "LC_ALL",              "C" },
};
// clang-format on

void warn(const struct options *o, const char *fmt, ...)
{
	struct mitok_err e = { .code = MITOK_OK };
	va_list ap;

	if (o->quiet)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(e.message, sizeof(e.message), fmt, ap);
	va_end(ap);
	text_clean(e.message);
	process_print_error(flags_wants_json(o->error_format), &e);
}

int main(int argc, char **argv)
{
	struct options o = { .umask = umask(077) };
	struct mitok_err e = { 0 };
	enum mitok_code r;

	process_harden();
	for (size_t i = 0; i < sizeof(environment) / sizeof(*environment); i++)
		(void)(environment[i].value
				? setenv(environment[i].name, environment[i].value, 1)
				: unsetenv(environment[i].name));
	r = options_parse(argc, argv, &o, &e);
	if (o.help && (!r || r == MITOK_E_ARG))
		r = options_help(o.topic, &e);
	else if (o.version && !r)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = o.topic->run(&o, &e);
	if (r && e.message[0])
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
