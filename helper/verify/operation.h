/* Verifying signatures with one key, again and again.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_OPERATION_H
#define MI_TOKEN_HELPER_VERIFY_OPERATION_H

#include "jwk.h"

/* A spare one of the key's, or a new one, which is the caller's then. NULL: OpenSSL is out of
 * memory. Any thread. */
struct operation *operation_take(
	const struct crypto *c, struct jwk *k, enum alg alg) MUST_CHECK;
/* Back to the key. */
void operation_give(struct operation *op, struct jwk *k, enum alg alg);
void operation_free(struct operation *op); /* may be NULL */

/* The signature has the length that the key's have. */
bool operation_verify(struct operation *op, const struct token *t) MUST_CHECK;

#endif
