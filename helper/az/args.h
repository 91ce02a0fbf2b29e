/* az's command line, read as Python's argparse reads it for the real one.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_ARGS_H
#define MI_TOKEN_HELPER_AZ_ARGS_H

#include "../query/value.h"

struct az;
struct az_command;

/* The values of an option that takes several; NULL-terminated, lent. */
struct az_list {
	const char *const *items; /* NULL when the option was not given */
	size_t count;
};

/* What the command line said; NULL and false where it did not. Texts live in argv, or in
 * the arena where a file was put in the place of @file. */
struct az_args {
	/* that all commands take */
	const char *output, *query;
	bool debug, verbose, only_show_errors, help;

	const char *subscription, *tenant;
	const char *resource, *resource_type;
	struct az_list scope;

	bool identity, service_principal, use_device_code, allow_no_subscriptions;
	const char *client_id, *object_id, *resource_id, *username, *password;

	bool all, refresh;
	const char *name, *vault_name, *id, *version;
	bool expose_token, local;
	struct az_list words; /* that belong to no option */

	const char *method, *url, *body, *output_file;
	struct az_list headers, parameters;
	bool skip_authorization;
};

enum az_takes {
	AZ_SWITCH,
	AZ_ONE,
	AZ_MAYBE, /* one or none */
	AZ_ANY,   /* none or more */
	AZ_SOME,  /* one or more */
};

/* An option: one row of az_options[]. */
struct az_option {
	int letter; /* by which a command's `takes` names it */
	const char
		*names; /* "--output -o": az's order, which its sentences repeat; without
			    * hyphens: what belongs to no option */
	enum az_takes takes;
	size_t place;        /* in struct az_args */
	const char *choices; /* "a, b, c"; NULL: any */
	const char *about;
};
extern const struct az_option az_options[]; /* ended by names NULL */
/* The letters of those that all commands take. */
#define AZ_GLOBAL "DhESoq"

/* Whether letters of the table name this option for this command. */
bool args_takes(const struct az_command *c, const struct az_option *o) MUST_CHECK;

/* What the first words of the command line name. */
struct args_found {
	const struct az_command *command; /* NULL: none */
	char group[64];   /* the words that name a group so far; "": az itself */
	const char *word; /* what names nothing in that group; NULL: there is none */
	bool help;        /* asked for before the command was named */
	int next;         /* index in argv of what follows */
};
void args_find(int argc, char *const *argv, struct args_found *ret);

/* Whether the option is there, by any of its names or a beginning of them. */
bool args_mention(char *const *argv, const char *letters) MUST_CHECK;

/* Reads what follows the command into az->args. MITOK_E_ARG with az's sentence when it
 * cannot be. az->args.help: help was asked for, and what follows it was not looked at. */
enum mitok_code args_parse(struct az *az, const struct args_found *f, char *const *argv,
	struct mitok_err *e) MUST_CHECK;

#endif
