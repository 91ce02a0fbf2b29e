/* az with the machine's managed identity, for everything that runs az for a token; and azd.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "../real.h"
#include "az.h"
#include "azd.h"
#include "base/clock.h"
#include "base/file.h"
#include "config.h"
#include "report.h"

#define ONLY_THESE                                                                 \
	"mi-token has the commands for managed identities, and for the others it " \
	"found no Azure CLI in PATH.\n"
#define SIGN_IN "Please run 'az login' to setup account."

/* The format that was asked for, or is the caller's habit. */
static void choose_format(struct az *az)
{
	char habit[32];

	az->format = OUTPUT_JSON;
	if (az->args.output)
		(void)!output_find(az->args.output, &az->format);
	else if (config_read("core", "output", habit, sizeof(habit)))
		(void)!output_find(habit, &az->format);
}

static enum mitok_code parse_query(struct az *az, struct mitok_err *e)
{
	const char *text = az->args.query;
	struct mitok_err why = { 0 };
	enum mitok_code r;
	char quote; /* as Python quotes it */

	if (!text)
		return MITOK_OK;
	r = jmespath_parse(&az->arena, text, strlen(text), &az->query, &why);
	if (r != MITOK_E_ARG) {
		*e = why;
		return r;
	}
	text_add(&az->tail, AZ_QUERY_HELP);
	quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';
	return err_set(e, MITOK_E_ARG,
		"argument --query: invalid jmespath_type value: %c%s%c", quote, text,
		quote);
}

static enum mitok_code run(
	struct az *az, const struct args_found *f, char **argv, struct mitok_err *e)
{
	int64_t start = clock_now().boot_ms, ready;
	enum mitok_code r;

	az->command = f->command;
	r = args_parse(az, f, argv, e);
	if (az->args.help && !r)
		return az_help(f->group, f->command, e);
	if (!r)
		r = parse_query(az, e);
	if (r)
		return r;
	choose_format(az);
	ready = clock_now().boot_ms;
	r = az->command->run(az, e);
	if (az->args.verbose)
		(void)dprintf(STDERR_FILENO,
			"INFO: Command ran in %.3f seconds (init: %.3f, invoke: %.3f)\n",
			(double)(clock_now().boot_ms - start) / 1000,
			(double)(ready - start) / 1000,
			(double)(clock_now().boot_ms - ready) / 1000);
	return r;
}

/* The option without which a command is not ours. */
static const char *first_name(const struct az_command *c)
{
	const struct az_option *o = az_options;

	while (o->letter != c->ours[0])
		o++;
	return o->names;
}

/* A word that names nothing, or no word where one is needed. */
static enum mitok_code refuse(
	struct az *az, const struct args_found *f, struct mitok_err *e)
{
	const char *name = f->command ? first_name(f->command) : NULL;

	if (!f->word && !f->command)
		return err_set(e, MITOK_E_ARG,
			"the following arguments are required: _subcommand");
	text_add(&az->tail, ONLY_THESE);
	if (f->command)
		return err_set(e, MITOK_E_ARG, "'%s' is not supported without %.*s",
			f->command->words, (int)strcspn(name, " "), name);
	return err_set(e, MITOK_E_ARG,
		"'%s' is misspelled or not recognized by the system.", f->word);
}

static bool is_version(int argc, char *const *argv)
{
	return argc > 1 &&
		(strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-v") == 0);
}

/* Ours: a command of the table, asked for something that it can do; and help. */
static bool is_ours(const struct args_found *f, int argc, char *const *argv)
{
	if (argc < 2 || f->help || is_version(argc, argv))
		return true;
	return f->command &&
		(!f->command->ours || args_mention(argv + f->next, f->command->ours) ||
			args_mention(argv + f->next, "h"));
}

static int run_az(int argc, char **argv)
{
	struct az az = { 0 };
	struct args_found f;
	struct mitok_err e = { 0 };
	enum mitok_code r;
	bool ours;

	args_find(argc, argv, &f);
	ours = is_ours(&f, argc, argv);
	if (!ours && (f.word || f.command))
		real_become("az", "MI_TOKEN_AZ", argv);
	process_harden();
	if (is_version(argc, argv))
		r = az_print_version(&e);
	else if (argc < 2 || f.help)
		r = az_help(f.group, f.command, &e);
	else
		r = ours ? run(&az, &f, argv, &e) : refuse(&az, &f, &e);
	if (r)
		report_error(&e, text_peek(&az.detail), text_peek(&az.tail), SIGN_IN);
	mitok_free(az.m);
	arena_free(&az.arena);
	text_free(&az.tail);
	text_free(&az.detail);
	json_free(az.documents);
	return r && az.status ? az.status : report_status(r);
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 && strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1
		: argc > 0                                   ? argv[0]
							     : "az";

	return strcmp(name, "azd") == 0 ? azd_main(argc, argv) : run_az(argc, argv);
}
