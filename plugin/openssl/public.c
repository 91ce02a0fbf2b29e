/* Public keys of the kinds that a vault has. SPDX-License-Identifier: MIT */
#include "openssl/public.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/text.h"
#include "openssl/auto.h"

/* RFC 7518, section 6.2.1.1 and RFC 8812, section 3.1; Key Vault calls the last one
 * differently. The largest is the limit of a coordinate's length below. */
static const struct curve {
	const char *name, *other_name;
	const char *group; /* OpenSSL's */
	size_t len;        /* of a coordinate, in bytes */
} curves[] = {
	{ "P-256", NULL, "prime256v1", 32 },
	{ "P-384", NULL, "secp384r1", 48 },
	{ "P-521", NULL, "secp521r1", 66 },
	{ "P-256K", "SECP256K1", "secp256k1", 32 },
};
#define COORDINATE_MAX 66

static const struct curve *find_curve(const char *name)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(*curves); i++) {
		const char *other = curves[i].other_name;

		if (text_equal_nocase(curves[i].name, name) ||
			(other && text_equal_nocase(other, name)))
			return &curves[i];
	}
	return NULL;
}

static enum mitok_code other_size(int bits, struct mitok_err *e)
{
	return err_set(e, MITOK_E_ARG,
		"an RSA key of %d bits: only those of 2048 to 4096 bits can be used",
		bits);
}

/* What can be told from the numbers alone; whether n is a product of two primes only its
 * owner knows. */
static enum mitok_code check_rsa(EVP_PKEY *k, struct mitok_err *e)
{
	AUTO_BN modulus = NULL;
	AUTO_BN exponent = NULL;

	if (!EVP_PKEY_get_bn_param(k, OSSL_PKEY_PARAM_RSA_N, &modulus) ||
		!EVP_PKEY_get_bn_param(k, OSSL_PKEY_PARAM_RSA_E, &exponent))
		return err_set(e, MITOK_E_REPLY, "an RSA key without its numbers");
	if (BN_num_bits(modulus) < 2048 || BN_num_bits(modulus) > 4096)
		return other_size(BN_num_bits(modulus), e);
	if (!BN_is_odd(modulus))
		return err_set(e, MITOK_E_REPLY, "an RSA key whose modulus is even");
	if (!BN_is_odd(exponent) || BN_is_one(exponent) || BN_cmp(exponent, modulus) >= 0)
		return err_set(e, MITOK_E_REPLY,
			"an RSA key whose exponent is even, 1, or not below its modulus");
	return MITOK_OK;
}

/* The curve of an EC key, when it is one of ours. */
static enum mitok_code curve_of(
	EVP_PKEY *k, const struct curve **ret, struct mitok_err *e)
{
	int is_explicit = 0;
	char group[64];
	size_t i = 0;

	if (!EVP_PKEY_get_group_name(k, group, sizeof(group), NULL))
		return err_set(e, MITOK_E_ARG, "an EC key on a curve without a name");
	while (i < sizeof(curves) / sizeof(*curves) &&
		strcmp(curves[i].group, group) != 0)
		i++;
	if (i == sizeof(curves) / sizeof(*curves))
		return err_set(e, MITOK_E_ARG,
			"an EC key on '%s': only P-256, P-384, P-521 and secp256k1 can "
			"be "
			"used",
			group);
	/* RFC 5480, section 2.1.1: whoever writes a curve out may mean another one */
	if (EVP_PKEY_get_int_param(
		    k, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) &&
		is_explicit)
		return err_set(e, MITOK_E_ARG,
			"an EC key whose curve is written out instead of named");
	*ret = &curves[i];
	return MITOK_OK;
}

static enum mitok_code check_ec(EVP_PKEY *k, OSSL_LIB_CTX *inner, struct mitok_err *e)
{
	AUTO_PKEY_CTX ctx = NULL;
	const struct curve *c;
	enum mitok_code r = curve_of(k, &c, e);

	if (r)
		return r;
	ctx = EVP_PKEY_CTX_new_from_pkey(inner, k, NULL);
	if (!ctx)
		return err_memory(e);
	if (EVP_PKEY_public_check_quick(ctx) != 1)
		return err_set(
			e, MITOK_E_REPLY, "an EC key that is no point on %s", c->name);
	return MITOK_OK;
}

static enum mitok_code other_kind(struct mitok_err *e)
{
	return err_set(e, MITOK_E_ARG, "a key that is neither RSA nor EC");
}

enum mitok_code public_check(EVP_PKEY *k, OSSL_LIB_CTX *inner, struct mitok_err *e)
{
	if (EVP_PKEY_is_a(k, "RSA"))
		return check_rsa(k, e);
	if (EVP_PKEY_is_a(k, "EC"))
		return check_ec(k, inner, e);
	return other_kind(e);
}

/* NULL: OpenSSL does not take it, or is out of memory. */
static EVP_PKEY *make(const char *kind, OSSL_PARAM_BLD *bld, OSSL_LIB_CTX *inner)
{
	AUTO_PKEY_CTX ctx = EVP_PKEY_CTX_new_from_name(inner, kind, NULL);
	AUTO_PARAMS params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY *k = NULL;

	if (!ctx || !params || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &k, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return NULL;
	return k;
}

/* The number without the zeros in front. */
static struct public_number strip(const struct public_number *n)
{
	struct public_number s = *n;

	while (s.len && *s.p == 0) {
		s.p++;
		s.len--;
	}
	return s;
}

/* Both are much longer than any key's, and no int is to overflow. */
#define NUMBER_MAX ((size_t)4096)

enum mitok_code public_rsa(const struct public_number *n, const struct public_number *e,
	OSSL_LIB_CTX *inner, EVP_PKEY **ret, struct mitok_err *err)
{
	struct public_number modulus = strip(n), exponent = strip(e);
	AUTO_PARAM_BLD bld = OSSL_PARAM_BLD_new();
	AUTO_BN bn_n = NULL;
	AUTO_BN bn_e = NULL;
	AUTO_PKEY k = NULL;
	enum mitok_code r;

	if (modulus.len > NUMBER_MAX || exponent.len > NUMBER_MAX)
		return err_set(err, MITOK_E_REPLY, "an RSA key of more than 4 KiB");
	bn_n = BN_bin2bn(modulus.p, (int)modulus.len, NULL);
	bn_e = BN_bin2bn(exponent.p, (int)exponent.len, NULL);
	if (!bld || !bn_n || !bn_e)
		return err_memory(err);
	/* OpenSSL does not make all that are too small or too large. */
	if (BN_num_bits(bn_n) < 2048 || BN_num_bits(bn_n) > 4096)
		return other_size(BN_num_bits(bn_n), err);
	if (!OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn_n) ||
		!OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, bn_e))
		return err_memory(err);
	k = make("RSA", bld, inner);
	if (!k)
		return err_set(err, MITOK_E_REPLY, "an RSA key that OpenSSL refuses");
	r = check_rsa(k, err);
	if (r)
		return r;
	*ret = k;
	k = NULL;
	return MITOK_OK;
}

enum mitok_code public_ec(const char *curve, const struct public_number xy[2],
	OSSL_LIB_CTX *inner, EVP_PKEY **ret, struct mitok_err *e)
{
	const struct curve *c = find_curve(curve);
	/* SEC 1, section 2.3.3: uncompressed */
	unsigned char point[1 + 2 * COORDINATE_MAX] = { 4 };
	AUTO_PARAM_BLD bld = OSSL_PARAM_BLD_new();
	AUTO_PKEY k = NULL;
	enum mitok_code r;

	if (!c)
		return err_set(e, MITOK_E_ARG,
			"an EC key on '%.32s': only P-256, P-384, P-521 and P-256K can "
			"be "
			"used",
			curve);
	for (size_t i = 0; i < 2; i++) {
		struct public_number n = strip(&xy[i]);

		if (n.len > c->len)
			return err_set(e, MITOK_E_REPLY,
				"an EC key with a coordinate that is too long for %s",
				c->name);
		if (n.len)
			memcpy(point + 1 + (i + 1) * c->len - n.len, n.p, n.len);
	}
	if (!bld ||
		!OSSL_PARAM_BLD_push_utf8_string(
			bld, OSSL_PKEY_PARAM_GROUP_NAME, c->group, 0) ||
		!OSSL_PARAM_BLD_push_octet_string(
			bld, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * c->len))
		return err_memory(e);
	k = make("EC", bld, inner);
	if (!k)
		return err_set(
			e, MITOK_E_REPLY, "an EC key that is no point on %s", c->name);
	r = check_ec(k, inner, e);
	if (r)
		return r;
	*ret = k;
	k = NULL;
	return MITOK_OK;
}

/* The point as all of its bytes (RFC 5480, section 2.2), whatever form the key prefers. -1:
 * out of memory. */
static int format_ec(EVP_PKEY *k, const struct curve *c, unsigned char **ret)
{
	size_t len = 1 + 2 * c->len;
	unsigned char *point = OPENSSL_zalloc(len);
	X509_PUBKEY *spki = X509_PUBKEY_new();
	AUTO_BN x = NULL;
	AUTO_BN y = NULL;
	int der_len = -1;

	if (point && spki && EVP_PKEY_get_bn_param(k, OSSL_PKEY_PARAM_EC_PUB_X, &x) &&
		EVP_PKEY_get_bn_param(k, OSSL_PKEY_PARAM_EC_PUB_Y, &y) &&
		BN_bn2binpad(x, point + 1, (int)c->len) > 0 &&
		BN_bn2binpad(y, point + 1 + c->len, (int)c->len) > 0) {
		point[0] = 4;
		if (X509_PUBKEY_set0_param(spki, OBJ_nid2obj(NID_X9_62_id_ecPublicKey),
			    V_ASN1_OBJECT, OBJ_nid2obj(OBJ_sn2nid(c->group)), point,
			    (int)len)) {
			point = NULL;
			der_len = i2d_X509_PUBKEY(spki, ret);
		}
	}
	X509_PUBKEY_free(spki);
	OPENSSL_free(point);
	return der_len;
}

enum mitok_code public_format(
	EVP_PKEY *k, unsigned char **ret, size_t *ret_len, struct mitok_err *e)
{
	const struct curve *c = NULL;
	unsigned char *der = NULL;
	enum mitok_code r;
	int len;

	if (EVP_PKEY_is_a(k, "RSA"))
		r = check_rsa(k, e);
	else
		r = EVP_PKEY_is_a(k, "EC") ? curve_of(k, &c, e) : other_kind(e);
	if (r)
		return r;
	len = c ? format_ec(k, c, &der) : i2d_PUBKEY(k, &der);
	if (len <= 0)
		return err_memory(e);
	*ret = der;
	*ret_len = (size_t)len;
	return MITOK_OK;
}
