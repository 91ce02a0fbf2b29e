/* Finds rows of an array by a hash of what is in them: open addressing, half full at most.
 * SPDX-License-Identifier: MIT */
#include "index.h"

#include <stdlib.h>

struct index_slot {
	uint64_t hash;
	size_t row; /* number + 1; 0: free */
};

static void put(struct index *x, uint64_t hash, size_t row)
{
	size_t at = hash % x->size;

	while (x->slots[at].row)
		at = (at + 1) % x->size;
	x->slots[at] = (struct index_slot){ hash, row };
}

static bool grow(struct index *x)
{
	struct index old = *x;

	x->size = old.size ? 2 * old.size : 64;
	x->slots = calloc(x->size, sizeof(*x->slots));
	if (!x->slots) {
		*x = old;
		return false;
	}
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].row)
			put(x, old.slots[i].hash, old.slots[i].row);
	free(old.slots);
	return true;
}

bool index_add(struct index *x, uint64_t hash, size_t row)
{
	if (2 * (x->count + 1) > x->size && !grow(x))
		return false;
	put(x, hash, row + 1);
	x->count++;
	return true;
}

bool index_next(const struct index *x, uint64_t hash, size_t *at, size_t *ret_row)
{
	while (x->size && *at < x->size) {
		const struct index_slot *slot = &x->slots[(hash + *at) % x->size];

		++*at;
		if (!slot->row)
			break;
		if (slot->hash == hash) {
			*ret_row = slot->row - 1;
			return true;
		}
	}
	return false;
}

void index_free(struct index *x)
{
	free(x->slots);
	*x = (struct index){ 0 };
}

/* FNV-1a, 64 bit. */
uint64_t index_hash(uint64_t from, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		from = (from ^ (unsigned char)text_lower(text[i])) *
			UINT64_C(0x100000001b3);
	return from;
}
