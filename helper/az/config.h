/* az's own settings, in its own file: [section], name = value.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_CONFIG_H
#define MI_TOKEN_HELPER_AZ_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* From AZURE_<SECTION>_<NAME>, else from the file. false: it is not set. */
bool config_read(
	const char *section, const char *name, char *ret, size_t size) MUST_CHECK;

/* value NULL: it is not set any more. */
enum mitok_code config_write(const char *section, const char *name, const char *value,
	struct mitok_err *e) MUST_CHECK;

#endif
