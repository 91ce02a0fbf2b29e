/* The command line of mi-token roles.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "../flags.h"

#define PLACE(member) offsetof(struct options, member)
/* A page of a large subscription takes some seconds. */
#define TIMEOUT_MS    30000

// clang-format off
static const struct flag rows[] = {
	{ "all",          'a', NULL,       PLACE(all),          "every assignment that the identity may read" },
	{ "scope",        's', "ID",       PLACE(scope),        "those that count at this scope: there and above" },
	{ "principal",    'p', "GUID",     PLACE(principal),    "those of this object id instead of the identity's" },
	{ "subscription", 'u', "GUID",     PLACE(subscription), "in this subscription alone" },
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "source",       'S', "NAME",     PLACE(source),       "ask this source only; `mi-token sources` lists them" },
	{ "output",       'o', "FORMAT",   PLACE(output),       "table, tsv, csv, json or markdown" },
	{ "timeout",      't', "TIME",     PLACE(timeout),      "of each request, as in 5s or 2m" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format), "text or json" },
	{ "verbose",      'v', NULL,       PLACE(verbose),      "tell on stderr what happens; never a token" },
	{ "help",         'h', NULL,       PLACE(help),         "this help" },
	{ "version",      'V', NULL,       PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

static enum mitok_code take_scope(struct options *o, struct mitok_err *e)
{
	struct scope s;
	size_t len;

	if (!TEXT_COPY(o->scope_text, o->scope) || text_has_control(o->scope_text))
		return err_set(e, MITOK_E_ARG, "--scope: too long, or not a text");
	for (len = strlen(o->scope_text); len > 1 && o->scope_text[len - 1] == '/'; len--)
		o->scope_text[len - 1] = '\0';
	if (strpbrk(o->scope_text, "?#%") || !scope_read(o->scope_text, &s))
		return err_set(e, MITOK_E_ARG,
			"--scope wants an id of Azure Resource Manager, like "
			"/subscriptions/ID/resourceGroups/NAME");
	o->question.scope = o->scope_text;
	return MITOK_OK;
}

static enum mitok_code convert(struct options *o, struct mitok_err *e)
{
	int64_t ms = TIMEOUT_MS;

	if (o->all + (o->scope != NULL) + (o->principal != NULL) > 1)
		return err_set(
			e, MITOK_E_ARG, "--all, --scope and --principal: one of them");
	if (o->scope && o->subscription)
		return err_set(e, MITOK_E_ARG, "--scope and --subscription: one of them");
	if (o->principal && !text_is_guid(o->principal))
		return err_set(e, MITOK_E_ARG, "--principal wants an object id, a GUID");
	if (o->subscription && !text_is_guid(o->subscription))
		return err_set(e, MITOK_E_ARG, "--subscription wants its id, a GUID");
	if (o->output && !print_find(o->output, &o->format))
		return err_set(e, MITOK_E_ARG,
			"--output wants table, tsv, csv, json or markdown");
	if (o->timeout && !text_to_ms(o->timeout, &ms))
		return err_set(e, MITOK_E_ARG,
			"--timeout wants a whole number and its unit (ms, s, m, h), at "
			"most 24h, like 5s");
	o->timeout_ms = ms;
	o->question = (struct roles_question){
		.all = o->all, .principal = o->principal, .subscription = o->subscription
	};
	return o->scope ? take_scope(o, e) : MITOK_OK;
}

enum mitok_code options_parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	if (!r && argc > optind)
		r = err_set(e, MITOK_E_ARG, "roles takes options alone");
	if (!r)
		r = convert(o, e);
	return r ? err_hint(e, r, "see mi-token roles --help") : MITOK_OK;
}

void options_help(struct text *ret)
{
	text_add(ret,
		"usage: mi-token roles [--all | --scope ID | --principal GUID] "
		"[OPTION...]\n\n"
		"Show the role assignments of this machine's identity, and what is wrong "
		"with\nthem; 8 is the exit status when something is.\n\n");
	flags_help(rows, NULL, NULL, ret);
	text_add(ret, "\nmi-token-roles(1) is the manual.\n");
}
