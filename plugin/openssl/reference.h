/* The reference file: where a private key is, in PEM, so that every program that reads a
 * key from a file can use one that is in a vault. SPDX-License-Identifier: MIT
 *
 * PEM (RFC 7468) with the label below around the DER of
 *
 *   KeyVaultReference ::= SEQUENCE {
 *       version  INTEGER { v1(1) },
 *       uri      UTF8String,             -- azkv://..., as uri.h
 *       spki     SubjectPublicKeyInfo OPTIONAL }   -- RFC 5280, 4.1.2.7
 *
 * With a version in the URI and spki, loading it needs no network. */
#ifndef MI_TOKEN_OPENSSL_REFERENCE_H
#define MI_TOKEN_OPENSSL_REFERENCE_H

#include <openssl/types.h>

#include "openssl/vault.h"

#define REFERENCE_LABEL "AZURE KEY VAULT PRIVATE KEY"
#define REFERENCE_MAX   ((size_t)16 * 1024) /* bytes of DER */

/* Reads all of len bytes of DER. The host is complete, the public key made in `inner`;
 * unlike other struct vault_keys, version may be "" and the public key NULL, where the file
 * has none. MITOK_E_ARG for what is no reference, of a later version, or has a key of
 * another kind than RSA (2048 to 4096 bits) and EC (P-256, P-384, P-521, secp256k1).
 * OpenSSL's error queue is left as it was. */
enum mitok_code reference_parse(const unsigned char *der, size_t len, OSSL_LIB_CTX *inner,
	struct vault_key *ret, struct mitok_err *e) MUST_CHECK;

/* The DER, for the caller to OPENSSL_free(), always the same for the same key. public_key
 * may be NULL. MITOK_E_ARG: u has no complete host, or names no key. */
enum mitok_code reference_format(const struct uri *u, EVP_PKEY *public_key,
	unsigned char **ret, size_t *ret_len, struct mitok_err *e) MUST_CHECK;

#endif
