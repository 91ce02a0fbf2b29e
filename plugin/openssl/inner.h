/* The library context that is ours alone: our own hashing, public keys and keys that are
 * no vault's live there, with OpenSSL's default provider and nothing else, so that no call
 * of ours ever comes back to us. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_INNER_H
#define MI_TOKEN_OPENSSL_INNER_H

#include "openssl/azkv.h"

/* Made at the first call (about 0.3 ms), from any thread; freed by inner_free(). NULL: out
 * of memory or OpenSSL's own provider is not there, and it is raised. */
OSSL_LIB_CTX *inner_context(struct provider *p);
void inner_free(struct provider *p);

#endif
