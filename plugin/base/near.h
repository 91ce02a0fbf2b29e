/* The name that somebody probably meant, out of those there are.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_NEAR_H
#define MI_TOKEN_BASE_NEAR_H

#include <stddef.h>

/* Start with { .typed = ... }. */
struct near {
	const char *typed;
	const char *best; /* lent; NULL when none is near enough to be suggested */
	size_t distance;  /* of best */
};

/* Compares one name; the first of equally near ones stays. */
void near_try(struct near *n, const char *name);

#endif
