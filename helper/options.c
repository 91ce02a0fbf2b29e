/* The options of mi-token: one table for parsing, help and completion.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "program.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* One option. A letter from LONG_ONLY to 'E' stands for a long name without one. */
struct option_row {
	const char *name;
	int letter;
	const char *arg; /* NULL: a switch */
	size_t place;    /* const char * or bool in struct options */
	const char *about;
};
#define PLACE(member) offsetof(struct options, member)
#define LONG_ONLY     'A' /* 'A' and following: long name only */

// clang-format off
static const struct option_row rows[] = {
	{ "resource",     'r', "URI",      PLACE(resource),     "token for this resource, byte for byte" },
	{ "scope",        's', "SCOPE",    PLACE(scope),        "token for this v2 scope: one /.default is cut off" },
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "client-id",    'A', "GUID",     PLACE(client_id),    "same as --identity client-id:GUID" },
	{ "object-id",    'B', "GUID",     PLACE(object_id),    "same as --identity object-id:GUID" },
	{ "resource-id",  'C', "ID",       PLACE(resource_id),  "same as --identity resource-id:ID" },
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
};
// clang-format on

/* Every command takes these. */
static const char common[] = "EqvhV";

static bool is_long_only(int letter)
{
	return letter >= LONG_ONLY && letter <= 'E';
}

static bool takes(const struct cmd *c, int letter)
{
	return strchr(c->takes, letter) || strchr(common, letter);
}

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

static void set_option(const struct option_row *row, const char *value, struct options *o)
{
	char *place = (char *)o + row->place;

	if (row->arg)
		memcpy(place, &value, sizeof(value));
	else
		*(bool *)place = true;
}

static bool is_set(const struct option_row *row, const struct options *o)
{
	const char *place = (const char *)o + row->place;
	const char *value = NULL;

	if (!row->arg)
		return *(const bool *)place;
	memcpy(&value, place, sizeof(value));
	return value != NULL;
}

/* getopt's own tables, made from ours. */
struct getopt_tables {
	char letters[2 * COUNT(rows) + 3];
	struct option names[COUNT(rows) + 1];
};

static void make_tables(struct getopt_tables *t)
{
	char *at = t->letters;

	*t = (struct getopt_tables){ 0 };
	*at++ = ':'; /* a missing value is told from an unknown option */
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!is_long_only(rows[i].letter)) {
			*at++ = (char)rows[i].letter;
			if (rows[i].arg)
				*at++ = ':';
		}
		t->names[i] = (struct option){ rows[i].name,
			rows[i].arg ? required_argument : no_argument, NULL,
			rows[i].letter };
	}
}

/* What was refused may be a secret in the wrong place: only what looks like the name of an
 * option is echoed. */
static enum mitok_code refuse(bool lacks_value, const char *arg, struct mitok_err *e)
{
	const char *why = lacks_value ? "lacks its value" : "is no option";
	size_t len = strspn(arg, "-abcdefghijklmnopqrstuvwxyz");
	char name[24] = "";
	struct near n = { .typed = name };

	if (optopt && strchr(arg, '='))
		why = "takes no value";
	if (len < sizeof(name))
		memcpy(name, arg, len);
	if (text_starts(arg, "--") && name[0] && (!arg[len] || arg[len] == '=')) {
		(void)err_set(e, MITOK_E_ARG, "%s %s", name, why);
		n.typed = name + 2;
		for (size_t i = 0; i < COUNT(rows) && !optopt; i++)
			near_try(&n, rows[i].name);
	} else if (optopt > ' ' && optopt < 0x7f) {
		(void)err_set(e, MITOK_E_ARG, "-%c %s", optopt, why);
	} else {
		(void)err_set(e, MITOK_E_ARG, "an argument %s", why);
	}
	return n.best ? err_hint(e, MITOK_E_ARG, "did you mean --%s?", n.best)
		      : usage(NULL, e);
}

/* All options, wherever they stand; what is left is moved to the end of argv. */
static enum mitok_code parse_options(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	struct getopt_tables tables;
	int letter;

	make_tables(&tables);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, tables.letters, tables.names, NULL)) !=
		-1) {
		if (letter == '?' || letter == ':')
			return refuse(letter == ':', argv[optind - 1], e);
		for (size_t i = 0; i < COUNT(rows); i++)
			if (rows[i].letter == letter)
				set_option(&rows[i], optarg, o);
	}
	return MITOK_OK;
}

/* The command is the first word that is no option; `help` may stand before it. */
static void find_topic(char *const *argv, struct options *o)
{
	const char *const *word = (const char *const *)argv + optind;

	if (*word && strcmp(*word, "help") == 0) {
		o->help = true;
		word++;
	}
	o->topic = *word ? find_command(*word) : NULL;
	o->args = word + (o->topic != NULL);
}

static enum mitok_code check_command(
	const struct cmd *c, const struct options *o, struct mitok_err *e)
{
	unsigned count = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (is_set(&rows[i], o) && !takes(c, rows[i].letter)) {
			(void)err_set(e, MITOK_E_ARG, "'%s' does not take --%s", c->name,
				rows[i].name);
			return usage(c, e);
		}
	while (o->args[count])
		count++;
	if (count <= c->max_args)
		return MITOK_OK;
	(void)err_set(e, MITOK_E_ARG,
		c->max_args ? "'%s' takes one argument, not %u"
			    : "'%s' takes no argument",
		c->name, count);
	return usage(c, e);
}

/* How errors are printed counts for those of this very command line, too. */
static const char *find_error_format(char *const *argv)
{
	for (; *argv && strcmp(*argv, "--") != 0; argv++) {
		if (strcmp(*argv, "--error-format") == 0)
			return argv[1];
		if (text_starts(*argv, "--error-format="))
			return strchr(*argv, '=') + 1;
	}
	return NULL;
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

	if (o->error_format && strcmp(o->error_format, "text") != 0 &&
		strcmp(o->error_format, "json") != 0)
		return err_set(e, MITOK_E_ARG, "--error-format is text or json");
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
	return spell_identity(o, e);
}

enum mitok_code options_parse(int argc, char *const *argv, struct options *o,
	const struct cmd **ret, struct mitok_err *e)
{
	enum mitok_code r;

	o->error_format = find_error_format(argv);
	r = parse_options(argc, argv, o, e);
	find_topic(argv, o);
	*ret = o->topic ? o->topic : cmds[0];
	assert(*ret);
	if (!r)
		r = convert(o, e);
	if (!r && !o->help && !o->version)
		r = check_command(*ret, o, e);
	return r ? usage(o->topic, e) : MITOK_OK;
}

static void add_rows(const struct cmd *c, struct text *ret)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT name = { 0 };

		if (c && !takes(c, rows[i].letter))
			continue;
		if (is_long_only(rows[i].letter))
			text_add(&name, "    ");
		else
			text_addf(&name, "-%c, ", rows[i].letter);
		text_addf(&name, "--%s%s%s", rows[i].name, rows[i].arg ? " " : "",
			rows[i].arg ? rows[i].arg : "");
		text_addf(ret, "  %-26s %s", text_peek(&name), rows[i].about);
		if (c && rows[i].place == PLACE(output))
			text_addf(ret, ": %s", c->formats);
		text_add(ret, "\n");
	}
}

void options_help(const struct cmd *c, struct text *ret)
{
	if (c) {
		text_addf(ret, "usage: mi-token %s %s\n\n%s\n\n", c->name, c->args,
			c->about);
		add_rows(c, ret);
		return;
	}
	text_addf(ret, "usage: mi-token [%s] %s\n       mi-token COMMAND [OPTION...]\n\n",
		cmds[0]->name, cmds[0]->args);
	text_add(ret,
		"Microsoft Entra access tokens for this machine's managed identity.\n\n");
	for (size_t i = 0; cmds[i]; i++)
		text_addf(ret, "  %-10s %s\n", cmds[i]->name, cmds[i]->about);
	for (const struct program *p = programs; p->name; p++)
		text_addf(ret, "  %-10s %s\n", p->name, p->about);
	text_add(ret, "\n");
	add_rows(NULL, ret);
	text_add(ret,
		"\n`mi-token COMMAND --help` tells what one command takes; "
		"mi-token(1) is the manual.\n");
}
