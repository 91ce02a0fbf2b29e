/* What a service thought of a token: one that was refused is not handed out again before
 * the source was asked for another.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_VERDICT_H
#define MI_TOKEN_CORE_VERDICT_H

#include "core/choose.h"

/* The last refusal under one key; all zero: there is none. */
struct verdict {
	char fingerprint[MITOK_FINGERPRINT_SIZE]; /* of the token that was refused */
	int64_t sure;     /* it was this one, and no other that was kept before */
	int64_t asked_ms; /* when the source was last asked because of a refusal, on
			   * moment.boot_ms; 0: not yet */
	int64_t again;    /* and it gave the refused one again */
	char boot_id[40];
};

void verdict_read(const struct cache *c, const char *key, struct verdict *ret);

/* Whether it is about this token. */
bool verdict_names(const struct verdict *v, const struct mitok_token *t);
/* Whether the source was asked so lately that it is not to be asked again. */
bool verdict_is_fresh(const struct verdict *v, const struct moment *now);
/* The source has given t: remembers that, where there is a refusal, and says in *ret what is
 * known then. */
void verdict_answered(struct mitok *m, const char *key, const struct mitok_token *t,
	struct verdict *ret);

/* Behind mitok_report_refused() and mitok_report_accepted(), for a decided request. */
enum mitok_code verdict_refuse(struct mitok *m, const struct want *w,
	const char *fingerprint, enum mitok_refusal *ret, struct mitok_err *e) MUST_CHECK;
enum mitok_code verdict_accept(struct mitok *m, const struct want *w,
	const char *fingerprint, struct mitok_err *e) MUST_CHECK;

#endif
