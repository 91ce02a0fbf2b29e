/* What a library that comes and goes has for the driver. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_AZKV_PLUGIN_H
#define MI_TOKEN_TESTS_AZKV_PLUGIN_H

#include <stdbool.h>

/* Signs with the key in that reference file, in a library context of its own. */
typedef bool plugin_sign_fn(const char *path);
#define PLUGIN_SIGN "plugin_sign"
plugin_sign_fn plugin_sign;

#endif
