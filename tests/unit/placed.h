/* Files of the configuration that a test has put somewhere, and what they say.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_PLACED_H
#define MI_TOKEN_TESTS_UNIT_PLACED_H

#include "core/cache.h"
#include "io/conf.h"

#define ETC   CONF_DIR "/mi-token.conf"
#define DROPS "/etc/mi-token/conf.d"

extern const struct host placed_host; /* sees those files, and these variables: */
extern const char *placed_timeout, *placed_config;
extern struct cache placed_cache;

/* A fresh world with that /etc/mi-token/mi-token.conf; false: that cannot be here, skipped. */
bool placed_begin(const char *etc);
void placed_end(void);

/* Where the test has the file that the library looks for. */
const char *placed_path(const char *path);
void placed_put(const char *path, const char *text);

/* All that the configuration says, or the error. *ret_parsed: the parser was needed. */
char *placed_say(bool *ret_parsed);
void placed_check(const char *row, const char *fragment, bool want_parsed);

#endif
