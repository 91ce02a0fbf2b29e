/* Two library contexts that must not differ for keys that are in no vault: azkv.so before
 * OpenSSL's default provider, and the default provider alone.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_FOREIGN_H
#define MI_TOKEN_TESTS_UNIT_FOREIGN_H

#include <openssl/evp.h>

#include "base/text.h"

enum foreign_world {
	FOREIGN_AZKV,
	FOREIGN_PLAIN,
	FOREIGN_WORLDS,
};
/* Both are made at the first call and live until foreign_end(). */
OSSL_LIB_CTX *foreign_context(enum foreign_world world);
void foreign_end(void);

/* Runs the same in both, and checks that it left the same trace. A trace is made of what
 * must not depend on chance: results, sizes, names, public halves. */
void foreign_same(void (*run)(OSSL_LIB_CTX *ctx, struct text *trace));

/* Says where two traces part. */
void foreign_compare(const char *azkv, const char *plain);

/* Adds "what: result", and the oldest of the errors that are on the queue, which is emptied. */
void foreign_step(struct text *trace, const char *what, long result);
void foreign_bytes(struct text *trace, const char *what, const void *bytes, size_t len);
/* Everything that can be asked of a key, sorted by name; azkv's own parameter is left out. */
void foreign_params(struct text *trace, const EVP_PKEY *key);

/* The key of that name, "RSA:2048" or "EC:P-256", is the same one in each context. */
EVP_PKEY *foreign_key(OSSL_LIB_CTX *ctx, const char *name);
/* Another one with each call. */
EVP_PKEY *foreign_new_key(OSSL_LIB_CTX *ctx, const char *name);
/* P-256 with another generator, a curve that has no name; for OSSL_PARAM_free(). */
OSSL_PARAM *foreign_nameless_curve(void);

#endif
