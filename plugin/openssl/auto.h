/* OpenSSL's objects, freed on every way out. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_AUTO_H
#define MI_TOKEN_OPENSSL_AUTO_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

static inline void auto_pkey(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static inline void auto_pkey_ctx(EVP_PKEY_CTX **p)
{
	EVP_PKEY_CTX_free(*p);
}

static inline void auto_bio(BIO **p)
{
	BIO_free(*p);
}

static inline void auto_bn(BIGNUM **p)
{
	BN_clear_free(*p);
}

static inline void auto_param_bld(OSSL_PARAM_BLD **p)
{
	OSSL_PARAM_BLD_free(*p);
}

static inline void auto_params(OSSL_PARAM **p)
{
	OSSL_PARAM_free(*p);
}

/* AUTO_PKEY k = NULL; and so on */
#define AUTO_PKEY      __attribute__((cleanup(auto_pkey))) EVP_PKEY *
#define AUTO_PKEY_CTX  __attribute__((cleanup(auto_pkey_ctx))) EVP_PKEY_CTX *
#define AUTO_BIO       __attribute__((cleanup(auto_bio))) BIO *
#define AUTO_BN        __attribute__((cleanup(auto_bn))) BIGNUM *
#define AUTO_PARAM_BLD __attribute__((cleanup(auto_param_bld))) OSSL_PARAM_BLD *
#define AUTO_PARAMS    __attribute__((cleanup(auto_params))) OSSL_PARAM *

#endif
