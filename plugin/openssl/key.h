/* A key as OpenSSL holds it: one of a vault, or any other that OpenSSL brings when our
 * provider comes first (a "foreign" key), which is then done by OpenSSL itself in our own
 * context. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_KEY_H
#define MI_TOKEN_OPENSSL_KEY_H

#include "openssl/azkv.h"
#include "openssl/vault.h"

enum key_kind {
	KEY_RSA,
	KEY_EC,
};
/* "RSA", "EC" */
const char *key_kind_name(enum key_kind kind);

struct key {
	struct provider *provider;
	atomic_uint refs;
	enum key_kind kind;
	/* In inner_context(): a vault's public key, or a foreign key, all of it; NULL while it
	 * is empty. */
	EVP_PKEY *inner;
	struct uri *vault; /* where the private half is; NULL: foreign */
	_Atomic(struct verifier *) verifier; /* of a vault's, from its first use on */
};

/* An empty foreign key, with one reference. NULL: out of memory, and raised. */
struct key *key_new(struct provider *p, enum key_kind kind);
/* Takes all of k, also when it fails: NULL and raised. */
struct key *key_of_vault(struct provider *p, struct vault_key *k);
struct key *key_ref(struct key *k);
void key_free(struct key *k); /* k may be NULL */
static inline bool key_is_vaults(const struct key *k)
{
	return k->vault != NULL;
}

/* Raises "cannot VERB azkv://...: WHY", about an answer of the vault that is no good. 0. */
int key_refuse_answer(const struct key *k, const char *verb, const char *fmt, ...)
	ERR_PRINTF(3, 4);

/* Hands k over to OpenSSL (provider-object(7)), which calls our keymgmt's load; k is
 * consumed. What the callback said. */
int key_give(struct key *k, OSSL_CALLBACK *callback, void *arg);
/* The other end of it, for keymgmt's load. NULL when it is none of that kind. */
struct key *key_take(const void *reference, size_t size, enum key_kind kind);

#endif
