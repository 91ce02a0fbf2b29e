/* Connections to vaults that are kept from one call to the next: for each host about as many
 * as threads that call it at once, and no lock (vault-shelf.h).
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_POOL_H
#define MI_TOKEN_OPENSSL_VAULT_POOL_H

#include <sys/types.h>

#include "io/http.h"
#include "openssl/vault-shelf.h"

/* How sessions come and go: as in io/http.h; tests count them. */
struct vault_pool_kind {
	enum mitok_code (*make)(struct http_session **ret, struct mitok_err *e);
	void (*end)(struct http_session *s);
	void (*abandon)(struct http_session *s);
};

struct vault_pool {
	const struct vault_pool_kind *kind;
	_Atomic(pid_t) pid; /* of the process that its sessions are of */
	struct vault_shelf idle;
};

/* A session, and whose it is. */
struct vault_session {
	struct http_session *http;
	pid_t pid;
	char host[256];
};

void vault_pool_init(struct vault_pool *p);
/* Ends what is idle; what is the parent's is abandoned. `is_late`: OpenSSL is being taken
 * down, so nothing may be said to servers any more, and all are abandoned. */
void vault_pool_done(struct vault_pool *p, bool is_late);

/* A session with that host for the caller alone: the one that was used last, or when there
 * is none, or is_new, one without a connection. */
enum mitok_code vault_pool_take(struct vault_pool *p, const char *host, bool is_new,
	struct vault_session **ret, struct mitok_err *e) MUST_CHECK;
/* Gives it back, connected. */
void vault_pool_keep(struct vault_pool *p, struct vault_session *s);
/* Ends it; s may be NULL. */
void vault_pool_end(struct vault_pool *p, struct vault_session *s);

#endif
