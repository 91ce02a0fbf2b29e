/* What programs do with a key: sign the text below, and verify that.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_AZKV_PROGRAM_H
#define MI_TOKEN_TESTS_UNIT_AZKV_PROGRAM_H

#include <openssl/core_names.h>

#include "fake.h"

#define PROGRAM_TEXT "what is to be signed, in two pieces of unequal length"
#define PROGRAM_LEN  (sizeof(PROGRAM_TEXT) - 1)

struct program_signature {
	unsigned char p[600];
	size_t len;
};

bool program_set(EVP_PKEY_CTX *ctx, const char *name, const char *value);
bool program_set_int(EVP_PKEY_CTX *ctx, const char *name, int value);

/* A stream over the key, where azkv is loaded; NULL: refused. ret_parameters may be NULL. */
EVP_MD_CTX *program_begin(
	EVP_PKEY *key, const char *digest, EVP_PKEY_CTX **ret_parameters);
/* Signs the text. ctx may be NULL: it does nothing. */
bool program_finish(EVP_MD_CTX *ctx, struct program_signature *ret);
/* By a context without azkv; of PSS with the digest's length of salt and nothing else. */
bool program_verifies(const char *name, const char *digest, bool is_pss,
	const struct program_signature *s);

/* The same of a digest that is ready, or with NULL of any bytes. */
bool program_sign(EVP_PKEY *key, const char *digest, const void *tbs, size_t len,
	struct program_signature *ret);
bool program_verifies_digest(const char *name, const char *digest, const void *tbs,
	size_t len, const struct program_signature *s);

#endif
