/* One run of an expression over a value.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_QUERY_EVAL_H
#define MI_TOKEN_HELPER_QUERY_EVAL_H

#include "make.h"
#include "node.h"

struct eval {
	struct arena *a;
	uint64_t steps;    /* that it may still take */
	enum mitok_code r; /* of the first failure */
	struct mitok_err *e;
};
/* A second of work. */
#define EVAL_STEPS ((uint64_t)20 * 1000 * 1000)

/* What functions get: a value, or an expression to be evaluated. */
struct argument {
	const struct value *value;
	const struct node *reference; /* NULL: there is a value */
};

/* All that return a value return NULL when they fail, and the run knows why. */
const struct value *eval_node(
	struct eval *ev, const struct node *n, const struct value *v) MUST_CHECK;
const struct value *eval_call(
	struct eval *ev, const struct node *n, const struct value *v) MUST_CHECK;

const struct value *eval_refuse(struct eval *ev, const char *fmt, ...) ERR_PRINTF(2, 3);
const struct value *eval_lack_memory(struct eval *ev);
/* v, or the failure that memory is out when it is NULL. */
const struct value *eval_made(struct eval *ev, const struct value *v) MUST_CHECK;
/* Work that is no node's own; false: it was the last straw. */
bool eval_spend(struct eval *ev, size_t steps) MUST_CHECK;
/* NULL as above. */
void *eval_take(struct eval *ev, size_t len) MUST_CHECK;
const struct value **eval_items(struct eval *ev, size_t count) MUST_CHECK;
/* false also when the steps are used up: eval_spend() tells. */
bool eval_equal(struct eval *ev, const struct value *a, const struct value *b);

#endif
