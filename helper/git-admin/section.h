/* A section of git's configuration that is ours, and git's own command that changes it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_GIT_ADMIN_SECTION_H
#define MI_TOKEN_HELPER_GIT_ADMIN_SECTION_H

#include "admin.h"
#include "../git/git.h"

/* The sections we write. The path is told to our helper where one host has many
 * organisations; it is for those who ask git for the host alone, such as git-lfs. */
struct section {
	const char *url;
	const char *example; /* one that it is about */
	bool has_path;
};
extern const struct section sections[]; /* ended by url NULL */

/* What is done to which file. */
struct work {
	const struct options *o;
	struct git git;
	const char *scope; /* --global or --system */
	struct text want;  /* our value */
	bool changed;
	struct text out;
};
void work_free(struct work *w);
#define AUTO_WORK __attribute__((cleanup(work_free))) struct work

/* The values of a section's helper lines, in their order. */
#define LINES     32
struct lines {
	struct text bytes;
	const char *values[LINES];
	size_t count;
	size_t ours, at; /* how many are ours, and where the last is */
};
void lines_free(struct lines *l);
#define AUTO_LINES __attribute__((cleanup(lines_free))) struct lines

/* One call of `git config`. ret is what it says; NULL: it changes something, with *ret nothing
 * is changed. That there is no such line is no error. */
enum mitok_code config(struct work *w, const char *const *args, struct text *ret,
	struct mitok_err *e) MUST_CHECK;
#define CONFIG(w, e, ...) config(w, (const char *const[]){ __VA_ARGS__, NULL }, NULL, e)

/* Its helper lines, and their key. */
enum mitok_code section_read(struct work *w, const struct section *s,
	struct text *ret_key, struct lines *ret, struct mitok_err *e) MUST_CHECK;
/* Neither ours nor the empty one before ours. */
bool is_foreign(const struct lines *l, size_t i);
/* All but the foreign ones. */
enum mitok_code remove_lines(struct work *w, const char *key, const struct lines *l,
	struct mitok_err *e) MUST_CHECK;
void name_foreign(struct work *w, const struct section *s, const struct lines *l);

#endif
