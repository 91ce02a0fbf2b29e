/* The token behind struct mitok_token: the answer of a source with what it says of
 * itself. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_CORE_TOKEN_H
#define MI_TOKEN_CORE_TOKEN_H

#include "core/claims.h"
#include "source/source.h"

/* Whom a token is of, as its claims have it. */
struct principal {
	char object_id[64], resource_id[520];
};

struct mitok_token {
	struct secret value;
	char type[16];
	char source[24];
	char identity[640]; /* identity_format() of what was asked for */
	char resource[1024];
	struct claims claims;
	int64_t expires_s; /* epoch */
	int64_t refresh_s; /* epoch: from then on a new one is asked for */

	/* When it came: the same instant on both clocks, in which boot, and how many
	 * seconds of life it had. Freshness is judged from these. */
	int64_t stored_s, stored_boot_ms, life_s;
	char boot_id[40];

	struct principal former; /* see former.h */

	bool cached;       /* came without a request */
	bool refused;      /* by a service, and the source had no other */
	char warning[384]; /* of the source that gave it just now, else "" */
};

/* A new, empty token; NULL when out of memory. Freed by mitok_token_free(). */
struct mitok_token *token_new(void);
struct mitok_token *token_copy(const struct mitok_token *t);
void token_cleanup(struct mitok_token **t);
#define AUTO_TOKEN __attribute__((cleanup(token_cleanup))) struct mitok_token *

/* Seconds of life left at `now`: the smaller of what the two clocks say. -1 when it came
 * in another boot or the clocks have moved apart by more than 300 s since, so that
 * neither is to be believed. */
int64_t token_life(
	const struct mitok_token *t, const struct moment *now, const char *boot_id);

/* Fills in the times: refresh at half of the life, spread by up to a tenth so that
 * machines started together do not ask together; refresh_s (epoch, or 0) is the service's
 * wish. */
void token_set_times(struct mitok_token *t, const struct grant *g,
	const struct moment *now, const char *boot_id);

#endif
