/* The az and azd that mi-token puts in the place of Microsoft's: what their files share.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_AZ_H
#define MI_TOKEN_HELPER_AZ_AZ_H

#include "../output/output.h"
#include "../query/jmespath.h"
#include "args.h"
#include "base/text.h"
#include "state.h"

/* One run of az. */
struct az {
	const struct az_command *command;
	struct az_args args;
	enum output_format format;

	const struct jmespath *query; /* NULL: none */

	struct arena arena;     /* values, and whatever may hold a secret */
	struct json *documents; /* that values lend texts from, by ->next */
	struct mitok *m;        /* context_open() makes it, and reads the state */
	struct state state;
	bool signed_in;
	const struct cloud *cloud; /* cloud_active() finds it */

	/* More lines for stderr behind an error's first, each ended by a newline. */
	struct text tail;
	struct text detail; /* what stands right behind its message */
	int status; /* az's exit status where it is another than the error's; 0: none */
};

/* A command: one row of az_commands[]. */
struct az_command {
	const char *words; /* "account get-access-token", in lower case */
	const char *about; /* one line */
	const char *takes; /* its options besides those that all have, see options.c */
	const char *needs; /* the options without which az refuses it; "": none */
	/* Only when one of these options is given it is ours and not for a real az; NULL:
	 * always. */
	const char *ours;
	const struct output_column *columns; /* of its table; NULL: az's automatic ones */

	enum mitok_code (*run)(struct az *az, struct mitok_err *e);
};
extern const struct az_command az_commands[]; /* ended by words NULL */

/* A group of commands, or az itself, whose words are "". */
struct az_group {
	const char *words;
	const char *about;
};
extern const struct az_group az_groups[]; /* ended by words NULL */

/* The commands. */
enum mitok_code az_get_access_token(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_account_show(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_account_list(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_account_set(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_account_clear(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_login(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_version(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_cloud_show(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_cloud_set(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_cloud_list(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_config_get(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_config_unset(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_config_set(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_rest(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_secret_show(struct az *az, struct mitok_err *e) MUST_CHECK;
enum mitok_code az_acr_login(struct az *az, struct mitok_err *e) MUST_CHECK;

/* `az --version`, to stdout. */
enum mitok_code az_print_version(struct mitok_err *e) MUST_CHECK;
/* Help for a command, or for a group and what is in it, to stdout. */
enum mitok_code az_help(
	const char *words, const struct az_command *c, struct mitok_err *e) MUST_CHECK;

/* The line behind errors in a query. */
#define AZ_QUERY_HELP                                 \
	"To learn more about --query, please visit: " \
	"'https://learn.microsoft.com/cli/azure/query-azure-cli'\n"

/* Prints what a command found as --query and --output want it. */
enum mitok_code az_print(
	struct az *az, const struct value *v, struct mitok_err *e) MUST_CHECK;

#endif
