/* The tables of signatures that have the digest in the algorithm's name.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_SIGNATURE_MESSAGE_H
#define MI_TOKEN_OPENSSL_SIGNATURE_MESSAGE_H

#include <openssl/core.h>

extern const OSSL_DISPATCH signature_rsa_sha1[], signature_rsa_ripemd160[];
extern const OSSL_DISPATCH signature_rsa_sha224[], signature_rsa_sha256[];
extern const OSSL_DISPATCH signature_rsa_sha384[], signature_rsa_sha512[];
extern const OSSL_DISPATCH signature_rsa_sha512_224[], signature_rsa_sha512_256[];
extern const OSSL_DISPATCH signature_rsa_sha3_224[], signature_rsa_sha3_256[];
extern const OSSL_DISPATCH signature_rsa_sha3_384[], signature_rsa_sha3_512[];
extern const OSSL_DISPATCH signature_ecdsa_sha1[];
extern const OSSL_DISPATCH signature_ecdsa_sha224[], signature_ecdsa_sha256[];
extern const OSSL_DISPATCH signature_ecdsa_sha384[], signature_ecdsa_sha512[];
extern const OSSL_DISPATCH signature_ecdsa_sha3_224[], signature_ecdsa_sha3_256[];
extern const OSSL_DISPATCH signature_ecdsa_sha3_384[], signature_ecdsa_sha3_512[];

#endif
