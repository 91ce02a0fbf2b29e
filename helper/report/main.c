/* mi-token report: a page about this machine's identity, for a runbook.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <string.h>

#include "../flags.h"
#include "../process.h"
#include "page.h"

/* What the command line said; NULL and false where it did not. */
struct options {
	const char *subscription, *identity, *source, *timeout, *error_format;
	bool verbose, help, version;
	int64_t timeout_ms;
};
#define PLACE(member) offsetof(struct options, member)
#define TIMEOUT_MS    30000

// clang-format off
static const struct flag rows[] = {
	{ "subscription", 'u', "GUID",     PLACE(subscription), "role assignments in this subscription alone" },
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "source",       'S', "NAME",     PLACE(source),       "ask this source only; `mi-token sources` lists them" },
	{ "timeout",      't', "TIME",     PLACE(timeout),      "of each request, as in 5s or 2m" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format), "text or json" },
	{ "verbose",      'v', NULL,       PLACE(verbose),      "tell on stderr what happens; never a token" },
	{ "help",         'h', NULL,       PLACE(help),         "this help" },
	{ "version",      'V', NULL,       PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

static enum mitok_code parse_options(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	o->timeout_ms = TIMEOUT_MS;
	if (!r && argc > optind)
		r = err_set(e, MITOK_E_ARG, "report takes options alone");
	if (!r && o->subscription && !text_is_guid(o->subscription))
		r = err_set(e, MITOK_E_ARG, "--subscription wants its id, a GUID");
	if (!r && o->timeout && !text_to_ms(o->timeout, &o->timeout_ms))
		r = err_set(e, MITOK_E_ARG,
			"--timeout wants a whole number and its unit (ms, s, m, h), at "
			"most 24h, like 5s");
	return r ? err_hint(e, r, "see mi-token report --help") : MITOK_OK;
}

static enum mitok_code print_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token report [OPTION...]\n\n"
		"Write a page of Markdown for the runbook: the machine, its identity, "
		"its "
		"role\nassignments, and how the tools here are set up. Nothing is "
		"changed.\n\n");
	flags_help(rows, NULL, NULL, &help);
	text_add(&help, "\nmi-token-report(1) is the manual.\n");
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}

static void free_mitok(struct mitok **m)
{
	mitok_free(*m);
}

/* Without a token the machine may still say who it is. */
static void meet(struct page *p, struct mitok_err *e)
{
	p->has_token = self_read(p->c, &p->self, e) == MITOK_OK;
	if (p->has_token)
		return;
	p->self = (struct self){ 0 };
	if (strcmp(e->source, "imds") == 0)
		(void)!machine_read(p->c->log,
			p->c->timeout_ms < 2000 ? p->c->timeout_ms : 2000,
			&p->self.machine, &p->self.machine_err);
}

static enum mitok_code write_page(struct page *p, struct mitok_err *e)
{
	struct mitok_err why = { 0 };

	meet(p, &why);
	page_head(p);
	page_machine(p);
	page_identity(p, &why);
	print_flush(&p->out);
	page_roles(p);
	page_tools(p);
	page_units(p);
	page_end(p);
	progress_end(p->progress);
	if (print_end(&p->out, e))
		return e->code;
	if (!p->first.code)
		return MITOK_OK;
	*e = p->first;
	return err_within(e, e->code, "the page is not whole");
}

static enum mitok_code run(const struct options *o, struct mitok_err *e)
{
	const struct log log = { o->verbose ? process_log : NULL, NULL };
	const struct mitok_options settings = {
		.size = sizeof(settings), .log = log.fn, .own_process = 1, .read_only = 1
	};
	__attribute__((cleanup(free_mitok))) struct mitok *m = NULL;
	struct client c = { .identity = o->identity,
		.source = o->source,
		.log = &log,
		.timeout_ms = o->timeout_ms };
	struct progress progress;
	struct page p = {
		.c = &c, .subscription = o->subscription, .progress = &progress
	};
	enum mitok_code r = mitok_new(&settings, &m, e);

	if (r)
		return r;
	c.m = m;
	progress_start(&progress, o->verbose);
	return write_page(&p, e);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct mitok_err e = { 0 };
	enum mitok_code r;

	process_harden();
	r = parse_options(argc, argv, &o, &e);
	if (!r && o.help)
		r = print_help(&e);
	else if (!r && o.version)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = run(&o, &e);
	if (r)
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
