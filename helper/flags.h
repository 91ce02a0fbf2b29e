/* Options of a program's command line: one table for parsing and help.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_FLAGS_H
#define MI_TOKEN_HELPER_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* One option. A capital letter but 'V' stands for a long name without a short one. */
struct flag {
	const char *name;
	int letter;
	const char *arg; /* NULL: a switch; "X...": may be given several times */
	size_t place;    /* const char *, bool for a switch, or struct flag_list, in the
		       * program's struct */
	const char *about;
};
/* A table has fewer rows, and one more with name NULL; when the letter of that one is '+',
 * options end at the first word that is none, as for programs that run another. */
#define FLAGS_MAX     32

/* What an option was given, in its order. */
#define FLAG_LIST_MAX 32
struct flag_list {
	const char *values[FLAG_LIST_MAX + 1]; /* ended by NULL */
	unsigned count;
};

/* Takes the options, wherever they may stand, into the struct at ret; what is left is moved to
 * argv's end, from optind on. What was refused may be a secret in the wrong place: only what
 * looks like the name of an option is repeated. --error-format counts for the errors of this
 * very command line, too (but not where options end at the first word), and is text or json.
 */
enum mitok_code flags_parse(const struct flag *rows, int argc, char *const *argv,
	void *ret, struct mitok_err *e) MUST_CHECK;

/* Whether errors are printed as JSON, by the value of --error-format, which may be NULL. */
bool flags_wants_json(const char *error_format);

/* The letters of both. */
void flags_join(const char *takes, const char *common, char ret[FLAGS_MAX]);

/* Refuses for the command `name` options without one of these letters, and more than max
 * arguments. */
enum mitok_code flags_check_letters(const struct flag *rows, const char *letters,
	const void *options, const char *name, struct mitok_err *e) MUST_CHECK;
enum mitok_code flags_check_count(const char *const *args, unsigned max, const char *name,
	struct mitok_err *e) MUST_CHECK;

/* A line for each option of these letters, or for all when letters is NULL; to that of -o it
 * adds what the format can be, unless formats is NULL. */
void flags_help(const struct flag *rows, const char *letters, const char *formats,
	struct text *ret);

#endif
