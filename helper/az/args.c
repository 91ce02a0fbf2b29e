/* az's command line, read as Python's argparse reads it for the real one.
 * SPDX-License-Identifier: MIT */
#include "args.h"

#include <stdio.h>
#include <string.h>

#include "az.h"
#include "expand.h"

/* One argument taken for an option. */
struct hit {
	const struct az_option *option; /* NULL: none of the command's */
	char name[40];                  /* the spelling that was meant */
	const char *value;              /* behind = or the letter; NULL: none */
};

/* What is read, and how far. */
struct reader {
	struct az *az;
	char *const *argv;    /* with files in the place of @file */
	int at;               /* the next one */
	bool only_words;      /* behind -- */
	bool had_words;       /* what belongs to no option was taken */
	struct text leftover; /* what nothing takes */
};

/* The n-th of an option's names; false: it has not so many. */
static bool name_at(const struct az_option *o, unsigned n, char ret[40])
{
	const char *p = o->names;

	for (; n && p; n--) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	if (!p)
		return false;
	(void)snprintf(ret, 40, "%.*s", (int)strcspn(p, " "), p);
	return true;
}

bool args_takes(const struct az_command *c, const struct az_option *o)
{
	return strchr(AZ_GLOBAL, o->letter) || strchr(c->takes, o->letter);
}

/* Adds "--output/-o", as sentences call an option. */
static void add_names(struct text *t, const struct az_option *o)
{
	for (const char *p = o->names; *p; p++)
		text_add_bytes(t, *p == ' ' ? "/" : p, 1);
}

/* How far the argument names this name: all of it, all of it with a value, its beginning. */
enum fit {
	FIT_NONE,
	FIT_PREFIX,
	FIT_VALUE,
	FIT_EXACT
};

static enum fit fit_name(const char *arg, const char *name, const char **ret_value)
{
	size_t len = strlen(name), typed = strcspn(arg, "=");

	*ret_value = arg[typed] ? arg + typed + 1 : NULL;
	if (strcmp(arg, name) == 0)
		return FIT_EXACT;
	if (arg[typed] && typed == len && strncmp(arg, name, len) == 0)
		return FIT_VALUE;
	if (text_starts(arg, "--"))
		return strncmp(arg, name, typed) == 0 ? FIT_PREFIX : FIT_NONE;
	if (len == 2 && strncmp(arg, name, 2) == 0) { /* -ojson */
		*ret_value = arg + 2;
		return FIT_PREFIX;
	}
	return FIT_NONE;
}

/* The best fit over all names of the command's options. *ret_others lists the names when
 * several fit equally well, which is no choice. */
static enum fit find_option(const struct az_command *c, const char *arg, struct hit *ret,
	struct text *ret_others)
{
	enum fit best = FIT_NONE;

	for (const struct az_option *o = az_options; o->names; o++) {
		const char *value;
		char name[40];

		for (unsigned n = 0; args_takes(c, o) && name_at(o, n, name); n++) {
			enum fit fit = fit_name(arg, name, &value);

			if (fit == FIT_NONE || fit < best || name[0] != '-')
				continue;
			if (fit > best)
				ret_others->len = 0;
			text_addf(ret_others, "%s%s", ret_others->len ? ", " : "", name);
			best = fit;
			*ret = (struct hit){ o, "", value };
			memcpy(ret->name, name, sizeof(name));
		}
	}
	return best;
}

static bool is_number(const char *s)
{
	size_t digits = strspn(s + 1, "0123456789");

	return digits &&
		(!s[1 + digits] ||
			(s[1 + digits] == '.' && !s[strspn(s + 1, "0123456789.") + 1]));
}

/* Whether it is taken for an option, the command's or not. */
static bool is_option(const struct reader *r, const char *arg)
{
	AUTO_TEXT others = { 0 };
	struct hit hit;

	if (r->only_words || arg[0] != '-' || !arg[1])
		return false;
	if (find_option(r->az->command, arg, &hit, &others) != FIT_NONE)
		return true;
	return !is_number(arg) && !strchr(arg, ' ');
}

/* The values that follow for an option or for words: not more than `most`. */
static struct az_list take_values(struct reader *r, size_t most)
{
	struct az_list list = { (const char *const *)r->argv + r->at, 0 };

	while (list.count < most && r->argv[r->at] &&
		(r->only_words || strcmp(r->argv[r->at], "--") != 0) &&
		!is_option(r, r->argv[r->at])) {
		list.count++;
		r->at++;
	}
	return list;
}

static enum mitok_code check_choice(const struct reader *r, const struct az_option *o,
	const char *value, struct mitok_err *e)
{
	char name[40], shown[128];
	const char *p = o->choices;
	size_t len = strlen(value), i;

	for (; p; p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL)
		if (strcspn(p, ",") == len && text_starts_nocase(p, value))
			return MITOK_OK;
	if (!o->choices)
		return MITOK_OK;
	(void)snprintf(shown, sizeof(shown), "%s", value);
	for (i = 0; o->letter == 'o' && shown[i]; i++)
		shown[i] = text_lower(shown[i]);
	for (i = 0; name_at(o, (unsigned)i, name) && !text_starts(name, "--"); i++)
		;
	return err_set(e, MITOK_E_ARG,
		"az %s: '%s' is not a valid value for '%s'. Allowed values: %s.",
		r->az->command->words, shown, name, o->choices);
}

static enum mitok_code expected(
	const struct az_option *o, const char *what, struct mitok_err *e)
{
	AUTO_TEXT names = { 0 };

	add_names(&names, o);
	return err_set(
		e, MITOK_E_ARG, "argument %s: expected %s", text_peek(&names), what);
}

/* Puts the values where they belong. */
static enum mitok_code keep(struct reader *r, const struct az_option *o,
	const struct az_list *values, struct mitok_err *e)
{
	void *place = (char *)&r->az->args + o->place;
	enum mitok_code code = MITOK_OK;

	for (size_t i = 0; i < values->count && !code; i++)
		code = check_choice(r, o, values->items[i], e);
	if (code)
		return code;
	if (o->takes == AZ_SWITCH)
		*(bool *)place = true;
	else if (o->takes == AZ_ONE)
		*(const char **)place = values->items[0];
	else
		*(struct az_list *)place = *values;
	return MITOK_OK;
}

/* -abc is -a -b -c as long as they are switches. */
static enum mitok_code take_switches(
	struct reader *r, const struct hit *first, struct mitok_err *e)
{
	static const struct az_list none = { NULL, 0 };
	enum mitok_code code = keep(r, first->option, &none, e);
	AUTO_TEXT names = { 0 };
	AUTO_TEXT others = { 0 };
	char next[3] = "-";
	struct hit hit;

	if (code || !first->value)
		return code;
	if (!first->name[2] && first->value[0] && !strchr(r->argv[r->at - 1], '=')) {
		next[1] = first->value[0];
		if (find_option(r->az->command, next, &hit, &others) == FIT_EXACT &&
			hit.option->takes == AZ_SWITCH) {
			hit.value = first->value[1] ? first->value + 1 : NULL;
			return take_switches(r, &hit, e);
		}
	}
	add_names(&names, first->option);
	return err_set(e, MITOK_E_ARG, "argument %s: ignored explicit argument '%s'",
		text_peek(&names), first->value);
}

static enum mitok_code take_option(struct reader *r, struct mitok_err *e)
{
	const char *arg = r->argv[r->at++];
	struct hit hit = { 0 };
	AUTO_TEXT others = { 0 };
	struct az_list values;

	if (find_option(r->az->command, arg, &hit, &others) == FIT_NONE) {
		text_addf(&r->leftover, " %s", arg);
		return MITOK_OK;
	}
	if (strchr(text_peek(&others), ','))
		return err_set(e, MITOK_E_ARG, "ambiguous option: %s could match %s", arg,
			text_peek(&others));
	if (hit.option->takes == AZ_SWITCH)
		return take_switches(r, &hit, e);
	if (hit.value) {
		const char **one = arena_take(&r->az->arena, 2 * sizeof(*one));

		if (!one)
			return err_memory(e);
		*one = hit.value;
		values = (struct az_list){ one, 1 };
	} else {
		values = take_values(r, hit.option->takes == AZ_ONE ? 1 : SIZE_MAX);
	}
	if (!values.count && hit.option->takes == AZ_ONE)
		return expected(hit.option, "one argument", e);
	if (!values.count && hit.option->takes == AZ_SOME)
		return expected(hit.option, "at least one argument", e);
	return keep(r, hit.option, &values, e);
}

/* The first words that belong to no option are the command's, if it takes any. */
static enum mitok_code take_words(struct reader *r, struct mitok_err *e)
{
	const struct az_option *o = az_options;
	struct az_list words;

	while (o->names &&
		(o->names[0] == '-' || !strchr(r->az->command->takes, o->letter)))
		o++;
	if (o->names && !r->had_words) {
		r->had_words = true;
		words = take_values(r, o->takes == AZ_MAYBE ? 1 : SIZE_MAX);
		return keep(r, o, &words, e);
	}
	text_addf(&r->leftover, " %s", r->argv[r->at++]);
	return MITOK_OK;
}

static bool was_given(const struct az_args *a, const struct az_option *o)
{
	const void *place = (const char *)a + o->place;

	switch (o->takes) {
	case AZ_SWITCH:
		return *(const bool *)place;
	case AZ_ONE:
		return *(const char *const *)place;
	default:
		return ((const struct az_list *)place)->items;
	}
}

/* What is missing, then what is too much. */
static enum mitok_code check_whole(struct reader *r, struct mitok_err *e)
{
	AUTO_TEXT missing = { 0 };

	for (const struct az_option *o = az_options; o->names; o++) {
		if (!strchr(r->az->command->needs, o->letter) ||
			was_given(&r->az->args, o))
			continue;
		text_add(&missing, missing.len ? ", " : "");
		add_names(&missing, o);
	}
	if (missing.len)
		return err_set(e, MITOK_E_ARG, "the following arguments are required: %s",
			text_peek(&missing));
	if (r->leftover.len)
		return err_set(e, MITOK_E_ARG, "unrecognized arguments:%s",
			text_peek(&r->leftover));
	return MITOK_OK;
}

enum mitok_code args_parse(
	struct az *az, const struct args_found *f, char *const *argv, struct mitok_err *e)
{
	struct reader r = { .az = az };
	enum mitok_code code = expand_files(&az->arena, argv + f->next, &r.argv, e);

	for (int i = 1; i < f->next && !code; i++)
		if (argv[i][0] == '-')
			text_addf(&r.leftover, " %s", argv[i]);
	while (!code && r.argv[r.at] && !az->args.help) {
		if (!r.only_words && strcmp(r.argv[r.at], "--") == 0) {
			r.only_words = true;
			r.at++;
		} else {
			code = is_option(&r, r.argv[r.at]) ? take_option(&r, e)
							   : take_words(&r, e);
		}
	}
	if (!code && !az->args.help)
		code = check_whole(&r, e);
	text_free(&r.leftover);
	return code;
}

/* Whether a row's words go on from the group with this word, or end with it. */
static bool goes_on(const char *words, const char *path)
{
	size_t len = strlen(path);

	return text_starts_nocase(words, path) && (!words[len] || words[len] == ' ');
}

static bool names_something(const char *path)
{
	for (const struct az_command *c = az_commands; c->words; c++)
		if (goes_on(c->words, path))
			return true;
	return false;
}

static bool is_help(const char *arg)
{
	return strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0;
}

void args_find(int argc, char *const *argv, struct args_found *ret)
{
	*ret = (struct args_found){ .next = 1 };
	for (; ret->next < argc && !ret->command && !ret->word; ret->next++) {
		const char *arg = argv[ret->next];
		char path[sizeof(ret->group)];
		int n;

		if (is_help(arg) || (ret->next == 1 && text_equal_nocase(arg, "help"))) {
			ret->help = true;
			return;
		}
		if (arg[0] == '-' && arg[1])
			continue;
		n = snprintf(path, sizeof(path), "%s%s%s", ret->group,
			ret->group[0] ? " " : "", arg);
		if (!arg[0] || n >= (int)sizeof(path) || !names_something(path)) {
			ret->word = arg;
			continue;
		}
		memcpy(ret->group, path, sizeof(path));
		for (const struct az_command *c = az_commands; c->words; c++)
			if (text_equal_nocase(c->words, path))
				ret->command = c;
	}
}

bool args_mention(char *const *argv, const char *letters)
{
	for (; *argv; argv++)
		for (const struct az_option *o = az_options; o->names; o++) {
			const char *value;
			char name[40];

			for (unsigned n = 0;
				strchr(letters, o->letter) && name_at(o, n, name); n++)
				if (strlen(*argv) > 1 && **argv == '-' &&
					strcmp(*argv, "--") != 0 &&
					fit_name(*argv, name, &value) != FIT_NONE)
					return true;
		}
	return false;
}
