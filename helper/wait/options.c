/* The options of mi-token wait: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <string.h>

#include "../flags.h"
#include "../process.h"
#include "wait.h"

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "for",          'F', "WHAT",     PLACE(goal),         "token, which is the default, or role: access to the URL" },
	{ "timeout",      't', "TIME",     PLACE(timeout),      "how long to wait at most: 90s, 30m; " TOKEN_TIMEOUT " by default, for a role " ROLE_TIMEOUT },
	{ "resource",     'r', "RESOURCE", PLACE(resource),     "what the token is for, byte for byte" },
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "source",       'S', "NAME",     PLACE(source),       "ask this source and no other" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format), "text or json" },
	{ "quiet",        'q', NULL,       PLACE(quiet),        "tell nothing while waiting" },
	{ "verbose",      'v', NULL,       PLACE(verbose),      "tell on stderr what happens; never a token" },
	{ "help",         'h', NULL,       PLACE(help),         "this help" },
	{ "version",      'V', NULL,       PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

const struct goal *const goals[] = { &goal_token, &goal_role, NULL };

/* NULL, and *e is filled, when there is none of that name; without one it is the first. */
static const struct goal *find_goal(const char *name, struct mitok_err *e)
{
	AUTO_TEXT names = { 0 };

	if (!name)
		return goals[0];
	for (size_t i = 0; goals[i]; i++) {
		text_addf(&names, "%s%s", i ? ", " : "", goals[i]->name);
		if (strcmp(goals[i]->name, name) == 0)
			return goals[i];
	}
	(void)err_set(e, MITOK_E_ARG, "nothing called '%s' can be waited for", name);
	(void)err_hint(e, MITOK_E_ARG, "there are: %s", text_peek(&names));
	return NULL;
}

static enum mitok_code check(char *const *left, struct options *o, struct mitok_err *e)
{
	o->to = find_goal(o->goal, e);
	if (!o->to)
		return MITOK_E_ARG;
	o->target = left[0];
	if (o->target && left[1])
		return err_set(e, MITOK_E_ARG, "more than one argument");
	if (!o->timeout)
		o->timeout = o->to->timeout;
	if (!text_to_ms(o->timeout, &o->timeout_ms))
		return err_set(e, MITOK_E_ARG,
			"--timeout '%s' is no time like '90s' or '30m'", o->timeout);
	return o->to->check(o, e);
}

enum mitok_code options_parse(
	int argc, char *const *argv, struct options *ret, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, ret, e);

	if (!r && !ret->help && !ret->version)
		r = check(argv + optind, ret, e);
	return r ? err_hint(e, r, "see mi-token wait --help") : MITOK_OK;
}

enum mitok_code options_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token wait [OPTION...] [TARGET]\n"
		"       mi-token wait [OPTION...] --for role URL\n\n"
		"Waits until this machine's identity has a token, or access to the "
		"URL.\n\n");
	flags_help(rows, NULL, NULL, &help);
	text_add(&help, "\nmi-token-wait(1) is the manual.\n");
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}
