/* A provider with azkv's key management and a store that needs no vault: two keys that are
 * said to be in one. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_KEYSTORE_H
#define MI_TOKEN_TESTS_UNIT_KEYSTORE_H

#include <openssl/evp.h>

#include "openssl/key.h"

#define KEYSTORE_URI     "azkv://myvault.vault.azure.net/keys/" /* then "rsa" or "ec" */
#define KEYSTORE_VERSION "0123456789abcdef0123456789abcdef"

/* By kind. */
struct keystore {
	OSSL_LIB_CTX *ctx;
	EVP_PKEY *keys[2]; /* loaded from the store */
	EVP_PKEY *kept[2]; /* both halves of them, with OpenSSL alone: the vault's side */
};
extern struct keystore keystore;

/* Runs a test twice: with azkv before the default provider, and after it. */
void keystore_each_order(void (*run)(void));
void keystore_end(void);
/* Another one: of 1024 bits, of P-384 as the kept one is. */
EVP_PKEY *keystore_new_key(OSSL_LIB_CTX *ctx, enum key_kind kind);

#endif
