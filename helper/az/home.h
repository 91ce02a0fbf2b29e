/* Whose settings these are: home, and what lies in it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_HOME_H
#define MI_TOKEN_HELPER_AZ_HOME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The caller's home by $HOME, else by the user database: some SDKs start az with nothing but
 * PATH in the environment. */
bool home_find(char *ret, size_t size) MUST_CHECK;

/* A variable's value; NULL when it is unset or empty, or the program is set-uid. */
const char *home_env(const char *name);

/* Where we keep what az login chose: of an az with settings of its own by AZURE_CONFIG_DIR
 * in that folder. */
bool home_state(char *ret, size_t size) MUST_CHECK;
/* az's own file of settings. */
bool home_config(char *ret, size_t size) MUST_CHECK;

/* Replaces the file at once or not at all, for the caller alone, and makes its folders. */
enum mitok_code home_write(
	const char *path, const char *text, size_t len, struct mitok_err *e) MUST_CHECK;

#endif
