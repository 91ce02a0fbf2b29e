/* The bytes that go to a vault to be signed, and those that come back.
 * SPDX-License-Identifier: MIT */
#include "openssl/signing-value.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <string.h>

bool signing_value_copy(const unsigned char *data, size_t len, struct signing_value *ret)
{
	if (len > sizeof(ret->p))
		return false;
	if (len > 0)
		memcpy(ret->p, data, len);
	ret->len = len;
	return true;
}

bool signing_value_fit(const unsigned char *digest, size_t len, size_t want,
	size_t order_bits, struct signing_value *ret)
{
	size_t gap = len < want ? want - len : 0;

	if (want > sizeof(ret->p) || (len > want && order_bits > 8 * want))
		return false;
	memset(ret->p, 0, gap);
	if (len > 0)
		memcpy(ret->p + gap, digest, want - gap);
	ret->len = want;
	return true;
}

static bool fill_info(X509_SIG *info, int nid, const unsigned char *digest, size_t len)
{
	X509_ALGOR *algorithm;
	ASN1_OCTET_STRING *octets;
	ASN1_OBJECT *object = OBJ_nid2obj(nid);

	if (!object || OBJ_length(object) == 0)
		return false;
	X509_SIG_getm(info, &algorithm, &octets);
	return X509_ALGOR_set0(algorithm, object, V_ASN1_NULL, NULL) &&
		ASN1_OCTET_STRING_set(octets, digest, (int)len);
}

bool signing_value_info(
	int nid, const unsigned char *digest, size_t len, struct signing_value *ret)
{
	X509_SIG *info = len <= EVP_MAX_MD_SIZE ? X509_SIG_new() : NULL;
	unsigned char *der = NULL;
	int size = -1;
	bool ok;

	if (info && fill_info(info, nid, digest, len))
		size = i2d_X509_SIG(info, &der);
	ok = size > 0 && signing_value_copy(der, (size_t)size, ret);
	OPENSSL_free(der);
	X509_SIG_free(info);
	return ok;
}

bool signing_value_to_der(const unsigned char *rs, size_t len, unsigned char *ret,
	size_t size, size_t *ret_len)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(rs, (int)(len / 2), NULL);
	BIGNUM *s = BN_bin2bn(rs + len / 2, (int)(len / 2), NULL);
	int der = 0;

	if (!sig || !r || !s || !ECDSA_SIG_set0(sig, r, s)) {
		BN_free(r);
		BN_free(s);
	} else {
		der = i2d_ECDSA_SIG(sig, NULL);
	}
	if (der > 0 && (size_t)der <= size)
		*ret_len = (size_t)i2d_ECDSA_SIG(sig, &ret);
	else
		der = 0;
	ECDSA_SIG_free(sig);
	return der > 0;
}
