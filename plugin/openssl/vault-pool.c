/* Connections to vaults that are kept from one call to the next.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-pool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct vault_pool_kind real = {
	.make = http_session_new,
	.end = http_session_free,
	.abandon = http_session_abandon,
};

void vault_pool_init(struct vault_pool *p)
{
	*p = (struct vault_pool){ .kind = &real };
	atomic_store(&p->pid, getpid());
}

/* The connection of an inherited session is the parent's: a farewell from here would end
 * it there (RFC 8446, section 6.1, close_notify). */
static void drop(struct vault_pool *p, struct vault_session *s, bool is_late)
{
	if (is_late || s->pid != getpid())
		p->kind->abandon(s->http);
	else
		p->kind->end(s->http);
	free(s);
}

void vault_pool_end(struct vault_pool *p, struct vault_session *s)
{
	if (s)
		drop(p, s, false);
}

void vault_pool_done(struct vault_pool *p, bool is_late)
{
	for (size_t i = 0; i < SHELF_SLOTS; i++) {
		struct vault_session *s = vault_shelf_take(&p->idle, i);

		if (s)
			drop(p, s, is_late);
	}
}

/* The first call in a child process: all that is idle is the parent's. */
static void leave_parent(struct vault_pool *p)
{
	pid_t pid = getpid(), before = atomic_load(&p->pid);

	if (before != pid && atomic_compare_exchange_strong(&p->pid, &before, pid))
		vault_pool_done(p, false);
}

/* What lies in that slot, if it is for the host. */
static struct vault_session *look(struct vault_pool *p, size_t slot, const char *host)
{
	struct vault_session *s = vault_shelf_take(&p->idle, slot);

	if (!s)
		return NULL;
	if (s->pid == getpid()) {
		if (strcmp(s->host, host) == 0)
			return s;
		if (vault_shelf_put(&p->idle, s))
			return NULL;
	}
	drop(p, s, false);
	return NULL;
}

/* From the lowest slot on, where what was used last is. Another thread may have moved what
 * there is to where we have been: a few rounds more cost nothing beside a new connection. */
#define ROUNDS 8
static struct vault_session *find(struct vault_pool *p, const char *host)
{
	for (size_t i = 0; i < ROUNDS * (size_t)SHELF_SLOTS; i++) {
		struct vault_session *s = look(p, i % SHELF_SLOTS, host);

		if (s)
			return s;
	}
	return NULL;
}

enum mitok_code vault_pool_take(struct vault_pool *p, const char *host, bool is_new,
	struct vault_session **ret, struct mitok_err *e)
{
	struct vault_session *s;
	enum mitok_code r;

	leave_parent(p);
	s = is_new ? NULL : find(p, host);
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return err_memory(e);
		s->pid = getpid();
		if (!TEXT_COPY(s->host, host))
			r = err_set(e, MITOK_E_ARG, "the host's name is too long");
		else
			r = p->kind->make(&s->http, e);
		if (r) {
			free(s);
			return r;
		}
	}
	*ret = s;
	return MITOK_OK;
}

void vault_pool_keep(struct vault_pool *p, struct vault_session *s)
{
	if (s->pid == getpid() && vault_shelf_put(&p->idle, s))
		return;
	if (s->pid == getpid()) /* full: what is least used makes room */
		s = vault_shelf_swap(&p->idle, SHELF_SLOTS - 1, s);
	vault_pool_end(p, s);
}
