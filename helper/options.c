/* The options of mi-token: one table for parsing, help and completion.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "flags.h"
#include "program.h"

#define COUNT(array)  (sizeof(array) / sizeof(*(array)))

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "resource",     'r', "URI",      PLACE(resource),     "token for this resource, byte for byte" },
	{ "scope",        's', "SCOPE",    PLACE(scope),        "token for this v2 scope: one /.default is cut off" },
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "client-id",    'A', "GUID",     PLACE(client_id),    "same as --identity client-id:GUID" },
	{ "object-id",    'B', "GUID",     PLACE(object_id),    "same as --identity object-id:GUID" },
	{ "resource-id",  'C', "ID",       PLACE(resource_id),  "same as --identity resource-id:ID" },
	{ "federate",     'F', "GUID",     PLACE(federate),     "be this application (client id), which the identity vouches for" },
	{ "tenant",       'T', "GUID",     PLACE(tenant),       "with --federate: the tenant where the token is wanted" },
	{ "output",       'o', "FORMAT",   PLACE(output),       "format of the result" },
	{ "min-valid",    'm', "SECONDS",  PLACE(min_valid),    "the token must live this long" },
	{ "refresh",      'f', NULL,       PLACE(refresh),      "ask the source even if the cache has a good token" },
	{ "timeout",      't', "TIME",     PLACE(timeout),      "bound on the whole call, as in 5s, 500ms or 2m" },
	{ "source",       'S', "NAME",     PLACE(source),       "ask this source only; `mi-token sources` lists them" },
	{ "check",        'D', NULL,       PLACE(check),        "only tell whether the configuration is in order" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format), "text or json" },
	{ "quiet",        'q', NULL,       PLACE(quiet),        "no warnings" },
	{ "verbose",      'v', NULL,       PLACE(verbose),      "tell on stderr what happens; never a token" },
	{ "help",         'h', NULL,       PLACE(help),         "this help" },
	{ "version",      'V', NULL,       PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* Every command takes these. */
static const char common[] = "EqvhV";

static const struct cmd *find_command(const char *name)
{
	for (size_t i = 0; cmds[i]; i++)
		if (strcmp(cmds[i]->name, name) == 0)
			return cmds[i];
	return NULL;
}

static enum mitok_code usage(const struct cmd *c, struct mitok_err *e)
{
	return err_hint(e, MITOK_E_ARG, "see mi-token %s%s--help", c ? c->name : "",
		c ? " " : "");
}

/* The command is the first word that is no option; `help` may stand before it. */
static enum mitok_code find_topic(
	char *const *argv, struct options *o, struct mitok_err *e)
{
	const char *const *word = (const char *const *)argv + optind;
	bool wants_help = *word && strcmp(*word, "help") == 0;

	word += wants_help;
	o->topic = *word ? find_command(*word) : NULL;
	o->args = word + (o->topic != NULL);
	if (wants_help && *word && !o->topic)
		return err_set(e, MITOK_E_ARG, "there is no such command to tell about");
	o->help = o->help || wants_help;
	if (!*word || o->topic || o->help || !program_find(*word))
		return MITOK_OK;
	return err_set(e, MITOK_E_ARG,
		"options of '%s' come after it, as in mi-token %s ...", *word, *word);
}

static enum mitok_code check_command(
	const struct cmd *c, const struct options *o, struct mitok_err *e)
{
	char letters[FLAGS_MAX];
	enum mitok_code r;

	flags_join(c->takes, common, letters);
	r = flags_check_letters(rows, letters, o, c->name, e);
	if (!r)
		r = flags_check_count(o->args, c->max_args, c->name, e);
	return r ? usage(c, e) : MITOK_OK;
}

/* --client-id and its like are other spellings of --identity. */
static enum mitok_code spell_identity(struct options *o, struct mitok_err *e)
{
	const struct {
		const char *prefix, *value;
	} forms[] = {
		{ "", o->identity },
		{ "client-id:", o->client_id },
		{ "object-id:", o->object_id },
		{ "resource-id:", o->resource_id },
	};
	bool found = false;

	for (size_t i = 0; i < COUNT(forms); i++) {
		AUTO_TEXT t = { 0 };

		if (!forms[i].value)
			continue;
		if (found)
			return err_set(e, MITOK_E_ARG,
				"--identity, --client-id, --object-id and --resource-id: "
				"one of them");
		found = true;
		text_addf(&t, "%s%s", forms[i].prefix, forms[i].value);
		if (!text_ok(&t) || !TEXT_COPY(o->selector, text_peek(&t)))
			return err_set(e, MITOK_E_ARG, "the identity is too long");
		o->identity = o->selector;
	}
	return MITOK_OK;
}

static enum mitok_code convert(struct options *o, struct mitok_err *e)
{
	int64_t n = 0;

	if (o->min_valid && !text_to_number(o->min_valid, 1, 86400, &n))
		return err_set(e, MITOK_E_ARG,
			"--min-valid wants a plain number of seconds, 1 to 86400");
	o->min_valid_s = (long)n;
	n = 0;
	if (o->timeout && !text_to_ms(o->timeout, &n))
		return err_set(e, MITOK_E_ARG,
			"--timeout wants a whole number and its unit (ms, s, m, h), at "
			"most 24h, like 5s");
	o->timeout_ms = (long)n;
	if (!o->federate != !o->tenant)
		return err_set(
			e, MITOK_E_ARG, "--federate and --tenant: both of them, or none");
	return spell_identity(o, e);
}

enum mitok_code options_parse(int argc, char *const *argv, struct options *o,
	const struct cmd **ret, struct mitok_err *e)
{
	enum mitok_code r, named;

	r = flags_parse(rows, argc, argv, o, e);
	named = find_topic(argv, o, r ? NULL : e);
	r = r ? r : named;
	*ret = o->topic ? o->topic : cmds[0];
	assert(*ret);
	if (!r)
		r = convert(o, e);
	if (!r && !o->help && !o->version)
		r = check_command(*ret, o, e);
	return r ? usage(o->topic, e) : MITOK_OK;
}

void options_help(const struct cmd *c, struct text *ret)
{
	char letters[FLAGS_MAX];

	if (c) {
		flags_join(c->takes, common, letters);
		text_addf(ret, "usage: mi-token %s %s\n\n%s\n\n", c->name, c->args,
			c->about);
		flags_help(rows, letters, c->formats, ret);
		return;
	}
	text_addf(ret, "usage: mi-token [%s] %s\n       mi-token COMMAND [OPTION...]\n\n",
		cmds[0]->name, cmds[0]->args);
	text_add(ret,
		"Microsoft Entra access tokens for this machine's managed identity.\n\n");
	for (size_t i = 0; cmds[i]; i++)
		text_addf(ret, "  %-12s %s\n", cmds[i]->name, cmds[i]->about);
	for (const struct program *p = programs; p->name; p++)
		text_addf(ret, "  %-12s %s\n", p->name, p->about);
	text_add(ret, "\n");
	flags_help(rows, NULL, NULL, ret);
	text_add(ret,
		"\n`mi-token COMMAND --help` tells what one command takes; "
		"mi-token(1) is the manual.\n");
}
