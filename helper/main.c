/* mi-token: tokens for the managed identity of this machine, on the command line.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "flags.h"
#include "options.h"
#include "program.h"

const struct cmd *const cmds[] = { &cmd_get, &cmd_whoami, &cmd_decode, &cmd_sources,
	&cmd_config, &cmd_cache, NULL };

static void print_error(const struct options *o, const struct mitok_err *e)
{
	process_print_error(flags_wants_json(o->error_format), e);
}

void warn(const struct options *o, const char *fmt, ...)
{
	va_list ap;

	struct mitok_err e = { .code = MITOK_OK };

	if (o->quiet)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(e.message, sizeof(e.message), fmt, ap);
	va_end(ap);
	print_error(o, &e);
}

enum mitok_code print_secret(const struct secret *s, struct mitok_err *e)
{
	return process_print(secret_peek(s), s->len, e);
}

enum mitok_code print_text(const struct text *t, struct mitok_err *e)
{
	return text_ok(t) ? process_print(t->p, t->len, e) : err_memory(e);
}

static enum mitok_code run(
	const struct cmd *c, const struct options *o, struct mitok_err *e)
{
	const struct mitok_options settings = {
		.size = sizeof(settings),
		.log = o->verbose ? process_log : NULL,
		.own_process = 1,
	};
	struct mitok *m = NULL;
	enum mitok_code r = MITOK_OK;

	if (c->needs_context)
		r = mitok_new(&settings, &m, e);
	if (!r)
		r = c->run(o, m, e);
	mitok_free(m);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct mitok_err e = { 0 };
	const struct cmd *c = NULL;
	AUTO_TEXT help = { 0 };
	enum mitok_code r;

	if (program_is_named(argv)) { /* it begins for itself, and parses for itself */
		r = program_run(argv, &e);
		print_error(&o, &e);
		return (int)r;
	}
	process_harden();
	r = options_parse(argc, argv, &o, &c, &e);
	if (o.help && (!r || r == MITOK_E_ARG)) {
		options_help(o.topic, &help);
		r = print_text(&help, &e);
	} else if (o.version && !r) {
		r = process_print_version("mi-token", &e);
	} else if (!r) {
		r = run(c, &o, &e);
	}
	if (r)
		print_error(&o, &e);
	return (int)r;
}
