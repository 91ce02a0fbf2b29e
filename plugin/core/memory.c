/* The tokens of one context, so that a long-lived program need not go to the disk.
 * SPDX-License-Identifier: MIT */
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

struct memory_entry {
	char *key;
	struct mitok_token *token;
	uint64_t state; /* as in memory_note() */
	struct memory_entry *next;
};

static void entry_free(struct memory_entry *entry)
{
	if (entry) {
		free(entry->key);
		mitok_token_free(entry->token);
	}
	free(entry);
}

/* What a thread of the parent process was at work on is in no known state, so nothing of it
 * is touched again. */
static void enter(struct memory *m)
{
	if (lock_take(&m->lock) == LOCK_TORN)
		m->first = NULL;
}

void memory_clear(struct memory *m)
{
	enter(m);
	while (m->first) {
		struct memory_entry *entry = m->first;

		m->first = entry->next;
		entry_free(entry);
	}
	lock_give(&m->lock);
}

static struct memory_entry *find(struct memory *m, const char *key)
{
	struct memory_entry *entry = m->first;

	while (entry && strcmp(entry->key, key) != 0)
		entry = entry->next;
	return entry;
}

struct mitok_token *memory_get(struct memory *m, const char *key, uint64_t *ret_state)
{
	struct mitok_token *copy = NULL;
	struct memory_entry *entry;

	enter(m);
	entry = find(m, key);
	if (entry)
		copy = token_copy(entry->token);
	*ret_state = entry ? entry->state : 0;
	lock_give(&m->lock);
	return copy;
}

void memory_note(struct memory *m, const char *key, uint64_t state)
{
	struct memory_entry *entry;

	enter(m);
	entry = find(m, key);
	if (entry)
		entry->state = state;
	lock_give(&m->lock);
}

/* Takes the entry of that key, or the one too many at the end, out of the list. */
static struct memory_entry *take_out(struct memory *m, const char *key)
{
	struct memory_entry **link = &m->first, *entry;

	for (unsigned n = 1; (entry = *link); link = &entry->next, n++)
		if (strcmp(entry->key, key) == 0 || n == MEMORY_MAX) {
			*link = entry->next;
			return entry;
		}
	return NULL;
}

void memory_put(struct memory *m, const char *key, const struct mitok_token *t)
{
	struct memory_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return;
	entry->key = strdup(key);
	entry->token = token_copy(t);
	if (!entry->key || !entry->token) {
		entry_free(entry);
		return;
	}
	enter(m);
	entry_free(take_out(m, key));
	entry->next = m->first;
	m->first = entry;
	lock_give(&m->lock);
}

void memory_drop(struct memory *m, const char *key)
{
	struct memory_entry **link = &m->first;
	struct memory_entry *entry;

	enter(m);
	while (*link && strcmp((*link)->key, key) != 0)
		link = &(*link)->next;
	entry = *link;
	if (entry)
		*link = entry->next;
	entry_free(entry);
	lock_give(&m->lock);
}
