/* mi-token roles: which roles the machine's identity has, and which it should not have.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "../flags.h"
#include "../process.h"
#include "options.h"
#include "self.h"

#define EXIT_FINDINGS 8 /* behind those of enum mitok_code */

static void free_mitok(struct mitok **m)
{
	mitok_free(*m);
}

/* A line beside the results: what they do not have. */
static void tell(const struct options *o, const char *text, const struct mitok_err *why)
{
	struct mitok_err line = { .code = why->code };

	line.http_status = why->http_status;
	(void)err_set(&line, why->code, "%s%s%s", text, why->message[0] ? ": " : "",
		why->message);
	(void)err_hint(&line, why->code, "%s", why->hint);
	process_print_error(flags_wants_json(o->error_format), &line);
}

static void tell_gaps(const struct options *o, const struct roles *r)
{
	bool without_groups = false;

	for (size_t i = 0; r->place_count > 1 && i < r->place_count; i++)
		if (r->places[i].err.code)
			tell(o, "not read", &r->places[i].err);
	for (size_t i = 0; i < r->place_count; i++)
		without_groups |= r->places[i].without_groups;
	if (without_groups)
		tell(o,
			"roles that come through groups are not among them: Azure does "
			"not tell",
			&(struct mitok_err){ 0 });
	if (r->directory == DIRECTORY_REFUSED) {
		struct mitok_err why = r->directory_err;

		(void)err_hint(&why, why.code,
			"Graph tells who has its application permission "
			"Directory.Read.All");
		tell(o, "whether principals still exist is unknown", &why);
	}
}

/* What came is shown, and what did not come makes the exit status. */
static enum mitok_code show(const struct options *o, const struct roles *r,
	int *ret_status, struct mitok_err *e)
{
	enum mitok_code code = MITOK_OK;
	size_t count = 0;

	if (!r->gave_up || o->format == PRINT_JSON)
		code = print_roles(r, o->format, e);
	if (code)
		return code;
	tell_gaps(o, r);
	for (unsigned f = 0; f < FINDINGS; f++)
		count += r->found[f];
	*ret_status = count ? EXIT_FINDINGS : 0;
	return roles_failure(r, e);
}

static enum mitok_code run(const struct options *o, int *ret_status, struct mitok_err *e)
{
	const struct log log = { o->verbose ? process_log : NULL, NULL };
	const struct mitok_options settings = {
		.size = sizeof(settings), .log = log.fn, .own_process = 1
	};
	__attribute__((cleanup(free_mitok))) struct mitok *m = NULL;
	struct client c = { .identity = o->identity,
		.source = o->source,
		.log = &log,
		.timeout_ms = o->timeout_ms };
	struct progress progress;
	struct self self;
	AUTO_ROLES roles = { .c = &c, .q = o->question, .progress = &progress };
	enum mitok_code r = mitok_new(&settings, &m, e);

	if (r)
		return r;
	c.m = m;
	progress_start(&progress, o->verbose);
	r = self_read(&c, &self, e);
	if (r)
		return r;
	memcpy(roles.object_id, self.object_id, sizeof(roles.object_id));
	memcpy(roles.tenant_id, self.tenant_id, sizeof(roles.tenant_id));
	roles.own[0] = self.machine.resource_id[0] ? self.machine.resource_id : NULL;
	roles.own[1] = self.resource_id[0] ? self.resource_id : NULL;
	r = roles_ask(&roles, e);
	return r ? r : show(o, &roles, ret_status, e);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct mitok_err e = { 0 };
	int status = 0;
	enum mitok_code r;

	process_harden();
	r = options_parse(argc, argv, &o, &e);
	if (!r && o.help) {
		AUTO_TEXT help = { 0 };

		options_help(&help);
		r = text_ok(&help) ? process_print(help.p, help.len, &e) : err_memory(&e);
	} else if (!r && o.version) {
		r = process_print_version("mi-token", &e);
	} else if (!r) {
		r = run(&o, &status, &e);
	}
	if (r)
		process_print_error(flags_wants_json(o.error_format), &e);
	return r ? (int)r : status;
}
