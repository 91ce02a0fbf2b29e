/* A library that uses OpenSSL for itself, and is closed again: nothing of it may be called
 * afterwards. SPDX-License-Identifier: MIT */
#include "azkv-plugin.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <stdlib.h>

static bool sign(OSSL_LIB_CTX *context, EVP_PKEY *key)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char signature[1024];
	size_t len = sizeof(signature);
	bool is_signed;

	is_signed = EVP_DigestSignInit_ex(md, NULL, "SHA256", context, NULL, key, NULL) ==
			1 &&
		EVP_DigestSign(md, signature, &len, (const unsigned char *)"plugin", 6) ==
			1;
	EVP_MD_CTX_free(md);
	return is_signed;
}

__attribute__((visibility("default"))) bool plugin_sign(const char *path)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
	EVP_PKEY *key = NULL;
	bool is_signed = false;
	BIO *file;

	if (OSSL_LIB_CTX_load_config(context, getenv("OPENSSL_CONF"))) {
		file = BIO_new_file(path, "r");
		key = PEM_read_bio_PrivateKey_ex(file, NULL, NULL, NULL, context, NULL);
		BIO_free(file);
	}
	if (key)
		is_signed = sign(context, key);
	EVP_PKEY_free(key);
	OSSL_LIB_CTX_free(context);
	return is_signed;
}
