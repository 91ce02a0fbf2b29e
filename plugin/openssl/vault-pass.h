/* What calls show to vaults, for a second: a program that signs a thousand times in it need
 * not ask the library each time. No lock; what is not found only costs a question.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_PASS_H
#define MI_TOKEN_OPENSSL_VAULT_PASS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/secret.h"
#include "mi-token.h"
#include "openssl/vault-shelf.h"

/* So long may another process have found out that a token is no good any more, or root have
 * taken it away, before that is seen. */
#define VAULT_PASS_MS INT64_C(1000)

struct vault_pass {
	struct mitok_token *token;
	struct secret authorization; /* "Bearer " and the token */
	char *what;                  /* which call it is for */
	int64_t until_ms;
	uid_t euid; /* and for whom: another user has another token */
	pid_t pid;
};

/* One that nobody else has for that call, of this process and user; NULL: there is none.
 * Times are of CLOCK_BOOTTIME, in milliseconds; what: which call it is, identity and all. */
struct vault_pass *vault_pass_take(
	struct vault_shelf *s, const char *what, int64_t now_ms) MUST_CHECK;
/* Of a token that the library has just given; it is taken, also when this fails: NULL, out
 * of memory. */
struct vault_pass *vault_pass_new(
	const char *what, struct mitok_token *t, int64_t now_ms) MUST_CHECK;
/* The vault took it: for the next call. One that has come from the shelf gets no younger. */
void vault_pass_keep(struct vault_shelf *s, struct vault_pass *p);
void vault_pass_free(struct vault_pass *p); /* p may be NULL */
/* A token was refused, or nobody calls any more. */
void vault_pass_drop_all(struct vault_shelf *s);

#endif
