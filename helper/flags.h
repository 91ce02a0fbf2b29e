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
 * looks like the name of an option is repeated. */
enum mitok_code flags_parse(const struct flag *rows, int argc, char *const *argv,
	void *ret, struct mitok_err *e) MUST_CHECK;

/* How errors are printed counts for those of this very command line, too: what stands behind
 * --error-format, or NULL. */
const char *flags_error_format(char *const *argv);

/* The letters of both. */
void flags_join(const char *takes, const char *common, char ret[FLAGS_MAX]);

/* The first option that was given and has none of these letters; NULL: there is none. */
const struct flag *flags_stranger(
	const struct flag *rows, const char *letters, const void *options);

/* A line for each option of these letters, or for all when letters is NULL; to that of -o it
 * adds what the format can be, unless formats is NULL. */
void flags_help(const struct flag *rows, const char *letters, const char *formats,
	struct text *ret);

#endif
