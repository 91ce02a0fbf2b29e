/* JMESPath (https://jmespath.org/specification.html), all of it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_QUERY_JMESPATH_H
#define MI_TOKEN_HELPER_QUERY_JMESPATH_H

#include "value.h"

/* A parsed expression; lives in its arena. */
struct jmespath;

/* Parses len bytes. MITOK_E_ARG when they are no expression: the message says what was wrong
 * and at which byte, and repeats nothing of it. Longer than JMESPATH_MAX, or nested deeper
 * than JMESPATH_DEPTH, it is no expression either. */
#define JMESPATH_MAX   ((size_t)256 * 1024)
#define JMESPATH_DEPTH 200
enum mitok_code jmespath_parse(struct arena *a, const char *expression, size_t len,
	const struct jmespath **ret, struct mitok_err *e) MUST_CHECK;

/* What the expression finds in v. MITOK_E_CONF for errors that show when it runs (the
 * specification's invalid-type, invalid-value, unknown-function, invalid-arity): the message
 * is worded as az words it, for example "Unknown function: badfn()". Also when it would take
 * too long or make too much. MITOK_E_BUG: out of memory. */
enum mitok_code jmespath_search(struct arena *a, const struct jmespath *j,
	const struct value *v, const struct value **ret, struct mitok_err *e) MUST_CHECK;

#endif
