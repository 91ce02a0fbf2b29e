/* az --help, for each group and command.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../process.h"
#include "az.h"

static void add_option(struct text *t, const struct az_option *o)
{
	char names[64];
	size_t i;

	for (i = 0; i < sizeof(names) - 1 && o->names[i]; i++)
		names[i] = o->names[i];
	names[i] = '\0';
	text_addf(t, "    %-34s : %s.\n", names, o->about);
	if (o->choices)
		text_addf(t, "    %-34s   Allowed values: %s.\n", "", o->choices);
}

static void add_options(struct text *t, const struct az_command *c, bool is_global)
{
	for (const struct az_option *o = az_options; o->names; o++)
		if (args_takes(c, o) && !strchr(AZ_GLOBAL, o->letter) == !is_global)
			add_option(t, o);
}

/* What is directly in the group; az itself has the words "". */
static const char *below(const char *words, const char *group)
{
	size_t len = strlen(group);

	if (!text_starts_nocase(words, group) || !words[len])
		return NULL;
	words += len;
	if (len && *words++ != ' ')
		return NULL;
	return strchr(words, ' ') ? NULL : words;
}

static const char *about_group(const char *words)
{
	for (const struct az_group *g = az_groups; g->words; g++)
		if (text_equal_nocase(g->words, words))
			return g->about;
	return "";
}

static void add_group(struct text *t, const char *words)
{
	const char *name;

	text_addf(t, "\nGroup\n    az%s%s : %s.\n", words[0] ? " " : "", words,
		about_group(words));
	text_add(t, "\nSubgroups:\n");
	for (const struct az_group *g = az_groups; g->words; g++)
		if ((name = below(g->words, words)) != NULL && *name)
			text_addf(t, "    %-18s : %s.\n", name, g->about);
	text_add(t, "\nCommands:\n");
	for (const struct az_command *c = az_commands; c->words; c++)
		if ((name = below(c->words, words)) != NULL)
			text_addf(t, "    %-18s : %s.\n", name, c->about);
}

enum mitok_code az_help(
	const char *words, const struct az_command *c, struct mitok_err *e)
{
	AUTO_TEXT t = { 0 };

	if (!c) {
		add_group(&t, words);
	} else {
		text_addf(&t, "\nCommand\n    az %s : %s.\n\nArguments\n", c->words,
			c->about);
		add_options(&t, c, false);
		text_add(&t, "\nGlobal Arguments\n");
		add_options(&t, c, true);
	}
	text_add(&t, "\nThis is mi-token's az; its manual is mi-token-az(1).\n\n");
	return text_ok(&t) ? process_print(t.p, t.len, e) : err_memory(e);
}
