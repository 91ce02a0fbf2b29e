/* What the public calls of the client have in common.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_VISIT_H
#define MI_TOKEN_OPENSSL_VAULT_VISIT_H

#include "openssl/vault-call.h"

/* One call from outside: begun, and ended on every way out. */
struct vault_visit {
	struct vault *v;
	struct mitok_err own, *e; /* e: the caller's, or own */
	int64_t now_ms, deadline_ms;
};

void vault_visit_begin(struct vault_visit *x, struct vault *v, struct mitok_err *e);
/* r, which is what the call returns. */
enum mitok_code vault_visit_end(struct vault_visit *x, enum mitok_code r);

/* GETs /COLLECTION/NAME[/VERSION] of u, whose host is complete. */
enum mitok_code vault_visit_get(struct vault_visit *x, const struct vault_verb *verb,
	const struct uri *u, struct secret *ret) MUST_CHECK;
/* Puts what was tried in front of what is wrong with an answer; r may be MITOK_OK. */
enum mitok_code vault_visit_within(struct vault_visit *x, const struct vault_verb *verb,
	const struct uri *u, enum mitok_code r);

/* A URI_CERTIFICATE's leaf, and which key it is of. */
enum mitok_code vault_visit_certificate(struct vault_visit *x, const struct uri *u,
	struct text *ret_der, struct uri *ret_key) MUST_CHECK;

#endif
