/* One file on its way into the configuration: what its parts have in common.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_MODULE_CONF_MERGE_H
#define MI_TOKEN_MODULE_CONF_MERGE_H

#include <libconfig.h>

#include "base/near.h"
#include "io/conf.h"
#include "io/conf_key.h"

struct merge {
	struct conf *c;
	const char *file;
	bool root;
	struct mitok_err *e;
};

/* MITOK_E_CONF with "file:line: ...". */
enum mitok_code merge_fail(const struct merge *m, unsigned line, const char *fmt, ...)
	ERR_PRINTF(3, 4);
/* The sentence about a name that is not known, with the nearest that is. */
enum mitok_code merge_unknown(const struct merge *m, const config_setting_t *s,
	const struct near *n, const char *where);

/* "file:line", for the caller to free; NULL: out of memory. */
char *merge_origin(const struct merge *m, const config_setting_t *s) MUST_CHECK;
/* A setting's text, checked; lent from libconfig. label is what to call it. */
enum mitok_code merge_text(const struct merge *m, const config_setting_t *s,
	const char *label, const char *(*wrong)(const char *),
	const char **ret) MUST_CHECK;
bool merge_is_list(const config_setting_t *s);

/* An identity takes the place of an earlier one of its name; rules come after earlier ones. */
enum mitok_code merge_identities(const struct merge *m, const config_setting_t *s,
	const struct conf_key *k) MUST_CHECK;
enum mitok_code merge_rules(const struct merge *m, const config_setting_t *s,
	const struct conf_key *k) MUST_CHECK;

#endif
