/* What tests of the OpenSSL provider's parts share. SPDX-License-Identifier: MIT */
#include "crypto.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static OSSL_LIB_CTX *own;
static OSSL_PROVIDER *nothing;

static void *take(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(size);
}

static void *take_again(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(p, size);
}

static void give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

OSSL_LIB_CTX *crypto_begin(void)
{
	if (!CRYPTO_set_mem_functions(take, take_again, give))
		abort();
	nothing = OSSL_PROVIDER_load(NULL, "null");
	own = OSSL_LIB_CTX_new();
	if (!nothing || !own)
		abort();
	return own;
}

void crypto_end(void)
{
	OSSL_LIB_CTX_free(own);
	(void)OSSL_PROVIDER_unload(nothing);
}

size_t crypto_point(
	const char *curve, unsigned factor, unsigned char x[66], unsigned char y[66])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(own, NULL, OBJ_sn2nid(curve));
	EC_POINT *point = EC_POINT_new(group);
	BN_CTX *ctx = BN_CTX_new_ex(own);
	size_t len = ((size_t)EC_GROUP_get_degree(group) + 7) / 8;
	BIGNUM *k = BN_new(), *bn_x = BN_new(), *bn_y = BN_new();

	if (!BN_set_word(k, factor) || !EC_POINT_mul(group, point, k, NULL, NULL, ctx) ||
		!EC_POINT_get_affine_coordinates(group, point, bn_x, bn_y, ctx) ||
		BN_bn2binpad(bn_x, x, (int)len) < 0 ||
		BN_bn2binpad(bn_y, y, (int)len) < 0)
		abort();
	BN_free(k);
	BN_free(bn_x);
	BN_free(bn_y);
	BN_CTX_free(ctx);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return len;
}

size_t crypto_modulus(int bits, unsigned char ret[1024])
{
	size_t len = ((size_t)bits + 7) / 8;

	assert(len <= 1024);
	memset(ret, 0, len);
	ret[0] = (unsigned char)(1 << ((bits - 1) % 8));
	ret[len - 1] |= 1;
	return len;
}

void crypto_certificate(struct text *ret)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(own, NULL, "EC", "P-256");
	X509 *cert = X509_new_ex(own, NULL);
	X509_NAME *name = X509_get_subject_name(cert);
	unsigned char *der = NULL;
	int len;

	if (!key || !ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) ||
		!X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
			(const unsigned char *)"test", -1, -1, 0) ||
		!X509_set_issuer_name(cert, name) ||
		!X509_gmtime_adj(X509_getm_notBefore(cert), 0) ||
		!X509_gmtime_adj(X509_getm_notAfter(cert), 3600) ||
		!X509_set_pubkey(cert, key) || !X509_sign(cert, key, EVP_sha256()))
		abort();
	len = i2d_X509(cert, &der);
	if (len < 0)
		abort();
	text_add_bytes(ret, (const char *)der, (size_t)len);
	OPENSSL_free(der);
	X509_free(cert);
	EVP_PKEY_free(key);
}

void crypto_queue_set(void)
{
	ERR_clear_error();
	ERR_raise(ERR_LIB_USER, 42);
}

bool crypto_queue_is_set(void)
{
	unsigned long code = ERR_get_error();

	return ERR_GET_LIB(code) == ERR_LIB_USER && ERR_GET_REASON(code) == 42 &&
		ERR_get_error() == 0;
}
