/* Values of credential.helper: whose they are, what they say, and ours written.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_ADMIN_HELPER_H
#define MI_TOKEN_HELPER_GIT_ADMIN_HELPER_H

#include <limits.h>

#include "base/text.h"
#include "../git/args.h"
#include "../git/git.h"

#define HELPER_PROGRAM "git-credential-mi-token"

/* Which program a value runs: "store", "mi-token", ..., also for an absolute path and for
 * a line of shell that runs it; "" for any other line of shell. */
void helper_name(const char *value, char ret[64]);
bool helper_is_ours(const char *value);

/* What a value of ours tells our helper; zero before. */
struct helper_line {
	struct args args; /* lent from the words */
	struct text words;
};
/* Fails where the helper would. */
enum mitok_code helper_parse(
	const char *value, struct helper_line *ret, struct mitok_err *e) MUST_CHECK;
void helper_line_free(struct helper_line *l);
#define AUTO_LINE __attribute__((cleanup(helper_line_free))) struct helper_line

/* Whether git asks ours, by the lines of one scope or, for NULL, of all. Where it does not,
 * *ret_reset is the empty line that takes ours back; NULL: there is none of ours. */
bool helper_in_effect(const struct git_list *list, const char *scope,
	const struct git_entry **ret_reset);
/* " (global, /home/ann/.gitconfig)" */
void helper_place(const struct git_entry *line, struct text *ret);
/* Has the line taken away. */
void helper_removal(const struct git_entry *line, struct text *ret);

/* How a person may see it: ours whole, of others the name, since a line of shell may hold
 * anything. */
void helper_show(const char *value, struct text *ret);

/* Where our helper's program is: in PATH, or next to this program, or where it is
 * installed. */
bool helper_find(char ret[PATH_MAX]) MUST_CHECK;

/* Our value: the helper's short name when git will find it, else its path; with options
 * when they are given. */
enum mitok_code helper_write(
	const char *identity, bool gcm, struct text *ret, struct mitok_err *e) MUST_CHECK;
/* Its path and options, as a value for git, escaped for the shell that git runs it by. */
enum mitok_code helper_write_path(
	const char *identity, struct text *ret, struct mitok_err *e) MUST_CHECK;

#endif
