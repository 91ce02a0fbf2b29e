/* A few things that any thread takes down and puts back, without a lock.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-shelf.h"

void *vault_shelf_take(struct vault_shelf *s, size_t slot)
{
	/* An empty slot is only read, so that its cache line stays shared. */
	if (!atomic_load_explicit(&s->slots[slot], memory_order_relaxed))
		return NULL;
	return atomic_exchange(&s->slots[slot], NULL);
}

bool vault_shelf_put(struct vault_shelf *s, void *thing)
{
	for (size_t i = 0; i < SHELF_SLOTS; i++) {
		void *none = NULL;

		if (atomic_compare_exchange_strong(&s->slots[i], &none, thing))
			return true;
	}
	return false;
}

void *vault_shelf_swap(struct vault_shelf *s, size_t slot, void *thing)
{
	return atomic_exchange(&s->slots[slot], thing);
}
