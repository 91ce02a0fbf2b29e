/* A file with a token in it, which is never half written and never another's.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_KEEP_FRESH_TOKEN_FILE_H
#define MI_TOKEN_HELPER_KEEP_FRESH_TOKEN_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Start with { .path = ... }. */
struct token_file {
	const char *path;
	bool is_ours; /* we have written the file that is known by these: */
	dev_t dev;
	ino_t ino;
};

/* Replaces the file by one that has these bytes and no more, for our user alone. */
enum mitok_code token_file_write(
	struct token_file *f, const char *p, size_t len, struct mitok_err *e) MUST_CHECK;

/* Removes it, unless somebody else has replaced it. */
void token_file_remove(struct token_file *f);

#endif
