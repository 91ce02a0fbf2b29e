/* The commands about keys in vaults: one file each, one row each in main.c.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZKV_AZKV_H
#define MI_TOKEN_HELPER_AZKV_AZKV_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"

/* What the command line said; NULL and false where it did not. */
struct options {
	const char *identity, *output, *file, *error_format;
	bool install, remove, show, json, help, version;

	const char *const *args; /* NULL-terminated */
	mode_t umask;            /* as the user has it; ours is closed */
};

struct command {
	const char *name;  /* the program's, after "mi-token-" */
	const char *args;  /* for the usage line */
	const char *about; /* for the help, whole lines */
	const char *takes; /* the letters of the options it knows, see main.c */
	unsigned max_args;

	/* Does it. An error with a message is still to be printed. */
	enum mitok_code (*run)(const struct options *o, struct mitok_err *e);
};

enum mitok_code keyref(const struct options *o, struct mitok_err *e) MUST_CHECK;
enum mitok_code keycert(const struct options *o, struct mitok_err *e) MUST_CHECK;
enum mitok_code keycheck(const struct options *o, struct mitok_err *e) MUST_CHECK;
enum mitok_code openssl_conf(const struct options *o, struct mitok_err *e) MUST_CHECK;

/* options.c: fills in the options; even on failure *o holds what was understood so far. */
enum mitok_code options_parse(const struct command *c, int argc, char *const *argv,
	struct options *o, struct mitok_err *e) MUST_CHECK;
enum mitok_code options_help(const struct command *c, struct mitok_err *e) MUST_CHECK;

/* output.c: to stdout, or the file of that name replaced as a whole; NULL is stdout. */
enum mitok_code write_output(const struct options *o, const char *p, size_t len,
	struct mitok_err *e) MUST_CHECK;
/* The file replaced as a whole, with its mode and owner; a new one gets the user's. */
enum mitok_code replace_file(const char *path, const struct options *o,
	const struct text *content, struct mitok_err *e) MUST_CHECK;

#endif
