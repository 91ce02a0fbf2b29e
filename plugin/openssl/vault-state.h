/* What one client of vaults has. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_STATE_H
#define MI_TOKEN_OPENSSL_VAULT_STATE_H

#include <sys/types.h>

#include "io/host.h"
#include "openssl/vault-pool.h"
#include "openssl/vault-recent.h"

/* The library's context for one user: a master loads keys as root, and its workers, who have
 * given that up, have another cache. */
struct vault_user {
	uid_t euid;
	struct mitok *m;
	struct vault_user *next; /* made before */
};

/* The root of the file system and root's configuration, by what they are; zero where there is
 * none. */
struct vault_places {
	struct {
		dev_t dev;
		ino_t ino;
	} root, conf;
};
void vault_places_look(struct vault_places *ret);

struct vault {
	struct host host; /* the real one, but for tests */
	struct host_settings outside;
	char *identity; /* or NULL */
	int64_t timeout_ms;
	_Atomic(struct vault_user *) users; /* made by their first calls */
	_Atomic(char *)
		known; /* the first host that was found to be a vault's, or NULL */
	struct vault_places places; /* as they were at the start */
	struct vault_pool pool;
	struct vault_recent recent;
	struct vault_shelf passes; /* vault-pass.h */
};

#endif
