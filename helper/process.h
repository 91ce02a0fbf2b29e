/* What our programs have in common: how they begin, how they tell, where they lie.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_PROCESS_H
#define MI_TOKEN_HELPER_PROCESS_H

#include <limits.h>

#include "base/text.h"

/* Before anything secret comes near: no descriptor of ours can be taken for 0-2, nothing
 * is dumped, nobody may attach, files are ours alone, a closed pipe is an error to read. */
void process_harden(void);

/* The folder of the running program's file; false when it cannot be told, or not be
 * trusted. */
bool process_folder(char ret[PATH_MAX]) MUST_CHECK;

/* The log of struct mitok_options: a line on stderr. */
void process_log(void *arg, const char *line);

void process_free_token(struct mitok_token **t);
#define AUTO_TOKEN __attribute__((cleanup(process_free_token))) struct mitok_token *

/* The line for --version. */
enum mitok_code process_print_version(const char *name, struct mitok_err *e) MUST_CHECK;

/* Writes results to stdout. */
enum mitok_code process_print(const char *p, size_t len, struct mitok_err *e) MUST_CHECK;

/* One line on stderr: `mi-token: <message>; <hint>`, or an object. */
void process_print_error(bool as_json, const struct mitok_err *e);

#endif
