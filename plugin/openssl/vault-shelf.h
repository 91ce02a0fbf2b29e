/* A few things that any thread takes down and puts back, without a lock: nothing can be
 * held when the process forks. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_SHELF_H
#define MI_TOKEN_OPENSSL_VAULT_SHELF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Zero is empty. What is on it belongs to nobody; who takes a thing down owns it. While
 * somebody looks at a thing, others do not find it: good for what may be missed. */
#define SHELF_SLOTS 16
struct vault_shelf {
	_Atomic(void *) slots[SHELF_SLOTS];
};

/* Takes what is there, which may be NULL. */
void *vault_shelf_take(struct vault_shelf *s, size_t slot);
/* Puts it into the lowest free slot. false: there is none, and it stays the caller's. */
bool vault_shelf_put(struct vault_shelf *s, void *thing);
/* Puts it there and returns what was there before, or NULL. */
void *vault_shelf_swap(struct vault_shelf *s, size_t slot, void *thing);

#endif
