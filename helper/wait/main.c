/* mi-token wait: until there is a token, or access.
 * SPDX-License-Identifier: MIT */
#include "../flags.h"
#include "../process.h"
#include "wait.h"

/* SIGINT and SIGTERM end us where we are: nothing would be left behind. */
static enum mitok_code run(const struct options *o, struct mitok_err *e)
{
	struct waiter w = { .o = o };
	const struct mitok_options settings = { .size = sizeof(settings),
		.log = o->verbose ? process_log : NULL,
		.own_process = 1 };
	enum mitok_code r = mitok_new(&settings, &w.m, e);

	w.log.fn = settings.log;
	if (!r)
		r = wait_for(&w, e);
	mitok_free(w.m);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct mitok_err e = { 0 };
	enum mitok_code r;

	process_harden();
	r = options_parse(argc, argv, &o, &e);
	if (!r && o.help)
		r = options_help(&e);
	else if (!r && o.version)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = run(&o, &e);
	if (r)
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
