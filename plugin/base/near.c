/* The name that somebody probably meant, out of those there are.
 * SPDX-License-Identifier: MIT */
#include "base/near.h"

#include <string.h>

#include "base/text.h"

#define NAME_MAX_LENGTH 40

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to change, add, drop or swap with their neighbour until a is b, without case
 * (optimal string alignment). */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NAME_MAX_LENGTH + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			char x = text_lower(a[i - 1]), y = text_lower(b[j - 1]);

			now[j] = least(
				last[j - 1] + (x != y), least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && x == text_lower(b[j - 2]) &&
				y == text_lower(a[i - 2]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

void near_try(struct near *n, const char *name)
{
	size_t typed_len = strlen(n->typed), name_len = strlen(name), d;

	if (typed_len > NAME_MAX_LENGTH || name_len > NAME_MAX_LENGTH)
		return;
	d = distance(n->typed, typed_len, name, name_len);
	/* A third of a long name, two letters of a short one, one of "arm". */
	if (d > (name_len > 6 ? name_len / 3 : name_len > 3 ? 2 : 1))
		return;
	if (!n->best || d < n->distance) {
		n->best = name;
		n->distance = d;
	}
}
