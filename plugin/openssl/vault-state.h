/* What one client of vaults has. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_STATE_H
#define MI_TOKEN_OPENSSL_VAULT_STATE_H

#include "io/host.h"
#include "openssl/vault-pool.h"
#include "openssl/vault-recent.h"

struct vault {
	struct host host; /* the real one, but for tests */
	struct host_settings outside;
	char *identity; /* or NULL */
	int64_t timeout_ms;
	_Atomic(struct mitok *) mitok; /* made by the first call that needs it */
	struct vault_pool pool;
	struct vault_recent recent;
};

#endif
