/* The git of this machine: where it is, which it is, and what its configuration says.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_GIT_H
#define MI_TOKEN_HELPER_GIT_GIT_H

#include "run.h"

struct git {
	char path[PATH_MAX];
	char version[64];
	int number;     /* of the version: 2.39.5 is 239 */
	int timeout_ms; /* of each run, where the run has none; 0: ten seconds */
};
/* A version as git.number holds it. */
#define GIT_VERSION(major, minor) ((major)*100 + (minor))

/* Finds it in PATH and asks for its version. */
enum mitok_code git_find(struct git *ret, struct mitok_err *e) MUST_CHECK;
/* "git version 2.54.0.rc1 (...)"; false when it is no such line. */
bool git_parse_version(const char *line, struct git *ret) MUST_CHECK;

/* Runs git with these arguments (at most 14, ended by NULL), within the run's time or ten
 * seconds. */
enum mitok_code git_run(const struct git *g, const char *const *args, struct run *r,
	struct mitok_err *e) MUST_CHECK;
/* The last line that git wrote to stderr, without `fatal: ` or `error: `, for an error. */
void git_complaint(const struct run *r, char *ret, size_t size);
/* The error of a git that cannot read its configuration, with what to do about it. */
enum mitok_code git_broken(const struct run *r, struct mitok_err *e);

/* One line of git's configuration, lent from its list. */
struct git_entry {
	const char *scope, *origin, *key;
	const char *value; /* NULL: a key with no `=` */
};
/* Takes the next out of `git config --show-scope --show-origin --null`; false at the end,
 * and at anything that is not of that form. */
bool git_entry_next(
	const struct text *list, size_t *at, struct git_entry *ret) MUST_CHECK;
/* What stands between section and name: a URL, mostly; false when nothing does. */
bool git_entry_url(const struct git_entry *entry, struct text *ret) MUST_CHECK;

/* The values of one key that count for a URL, in git's order. */
struct git_list {
	struct text bytes;
	struct git_entry rows[64];
	size_t count;
	size_t first; /* an empty row takes back those before; this one is behind it */
};
/* Where it stands, and for which URL. */
struct git_key {
	const char *section, *name, *url;
};
enum mitok_code git_values(const struct git *g, const struct git_key *key,
	struct git_list *ret, struct mitok_err *e) MUST_CHECK;
void git_list_free(struct git_list *l);
#define AUTO_LIST __attribute__((cleanup(git_list_free))) struct git_list

/* The one value that counts for a URL; false in *ret_found when there is none. */
enum mitok_code git_value(const struct git *g, const struct git_key *key, char ret[256],
	bool *ret_found, struct mitok_err *e) MUST_CHECK;

#endif
