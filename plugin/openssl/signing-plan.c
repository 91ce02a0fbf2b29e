/* Which of the vault's algorithms makes the signature that is wanted.
 * SPDX-License-Identifier: MIT */
#include "openssl/signing-plan.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <string.h>

#include "openssl/inner.h"
#include "openssl/raise.h"
#include "openssl/signing-value.h"
#include "openssl/verifier.h"

// clang-format off
/* The digests that the service knows by name. */
static const struct hash {
	int nid;
	size_t len;
	const char *pkcs1, *pss;
} hashes[] = {
	{ NID_sha256, 32, "RS256", "PS256" },
	{ NID_sha384, 48, "RS384", "PS384" },
	{ NID_sha512, 64, "RS512", "PS512" },
};

/* Each curve has one algorithm, named after the digest whose length it wants. */
static const struct curve {
	int nid;
	const char *algorithm;
	size_t value_len;
} curves[] = {
	{ NID_X9_62_prime256v1, "ES256",  32 },
	{ NID_secp256k1,        "ES256K", 32 },
	{ NID_secp384r1,        "ES384",  48 },
	{ NID_secp521r1,        "ES512",  64 },
};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What the verifier says about itself; "" and 0 for what it does not know. */
struct parameters {
	int padding, salt_len;
	char digest[64], mgf1[64];
	size_t digest_len;
	unsigned nonce_type;
};

static bool read_parameters(EVP_PKEY_CTX *verifier, struct parameters *ret)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PAD_MODE, &ret->padding),
		OSSL_PARAM_construct_int(
			OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &ret->salt_len),
		OSSL_PARAM_construct_utf8_string(
			OSSL_SIGNATURE_PARAM_DIGEST, ret->digest, sizeof(ret->digest)),
		OSSL_PARAM_construct_utf8_string(
			OSSL_SIGNATURE_PARAM_MGF1_DIGEST, ret->mgf1, sizeof(ret->mgf1)),
		OSSL_PARAM_construct_size_t(
			OSSL_SIGNATURE_PARAM_DIGEST_SIZE, &ret->digest_len),
		/* OSSL_SIGNATURE_PARAM_NONCE_TYPE, from OpenSSL 3.2 on */
		OSSL_PARAM_construct_uint("nonce-type", &ret->nonce_type),
		OSSL_PARAM_construct_end(),
	};

	memset(ret, 0, sizeof(*ret));
	return EVP_PKEY_CTX_get_params(verifier, params) > 0;
}

static const struct hash *hash_of(const EVP_MD *md)
{
	for (size_t i = 0; md && i < COUNT(hashes); i++)
		if (EVP_MD_get_type(md) == hashes[i].nid)
			return &hashes[i];
	return NULL;
}

static int plan_pkcs1(const struct signing *s, struct signing_plan *ret)
{
	const struct hash *hash = hash_of(ret->md);

	ret->algorithm = hash ? hash->pkcs1 : "RSNULL";
	if (!ret->md || hash || !vault_is_hsm(s->key->vault))
		return 1;
	return raise_reason(s->key->provider, REASON_ALGORITHM,
		"Managed HSM has no RSA signatures with %s but only with SHA-256, "
		"SHA-384 and SHA-512",
		EVP_MD_get0_name(ret->md));
}

/* The service takes no salt length: it is the digest's, and MGF1 uses the same digest. */
static int plan_pss(
	const struct signing *s, const struct parameters *p, struct signing_plan *ret)
{
	const struct provider *provider = s->key->provider;
	const struct hash *hash = hash_of(ret->md);

	if (!hash)
		return raise_reason(provider, REASON_ALGORITHM,
			"a vault has no PSS signatures with %s but only with SHA-256, "
			"SHA-384 and SHA-512",
			ret->md ? EVP_MD_get0_name(ret->md) : "no digest");
	if (!EVP_MD_is_a(ret->md, p->mgf1))
		return raise_reason(provider, REASON_ALGORITHM,
			"a vault's PSS signatures with %s have it in MGF1 too, not %s",
			EVP_MD_get0_name(ret->md), p->mgf1);
	if (p->salt_len != RSA_PSS_SALTLEN_DIGEST &&
		p->salt_len != EVP_MD_get_size(ret->md))
		return raise_reason(provider, REASON_ALGORITHM,
			"a vault's PSS signatures with %s have a salt of %d bytes and no "
			"other; set saltlen to digest",
			EVP_MD_get0_name(ret->md), EVP_MD_get_size(ret->md));
	ret->algorithm = hash->pss;
	return 1;
}

static int plan_rsa(
	const struct signing *s, const struct parameters *p, struct signing_plan *ret)
{
	switch (p->padding) {
	case RSA_PKCS1_PADDING:
		return plan_pkcs1(s, ret);
	case RSA_PKCS1_PSS_PADDING:
		return plan_pss(s, p, ret);
	default:
		return raise_reason(s->key->provider, REASON_ALGORITHM,
			"a vault signs with PKCS#1 v1.5 or PSS padding, and no other");
	}
}

static const struct curve *curve_of(EVP_PKEY *pkey)
{
	char name[64] = "";

	if (!EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL))
		return NULL;
	for (size_t i = 0; i < COUNT(curves); i++)
		if (OBJ_txt2nid(name) == curves[i].nid)
			return &curves[i];
	return NULL;
}

/* Any digest does, as signing_value_fit() makes its length right. */
static int plan_ec(
	const struct signing *s, const struct parameters *p, struct signing_plan *ret)
{
	const struct provider *provider = s->key->provider;
	const struct curve *curve = curve_of(s->key->inner);

	if (!curve)
		return raise_reason(
			provider, REASON_KEY, "no vault has keys on this curve");
	if (ret->md && (EVP_MD_get_flags(ret->md) & EVP_MD_FLAG_XOF))
		return raise_reason(provider, REASON_ALGORITHM,
			"%s has no length of its own to be signed with ECDSA",
			EVP_MD_get0_name(ret->md));
	if (p->nonce_type != 0)
		return raise_reason(provider, REASON_ALGORITHM,
			"a vault makes no deterministic signatures");
	ret->algorithm = curve->algorithm;
	ret->value_len = curve->value_len;
	return 1;
}

void signing_plan_wipe(struct signing_plan *p)
{
	EVP_MD_free(p->md);
	memset(p, 0, sizeof(*p));
}

static EVP_MD *md_of(const struct key *k, const char *name)
{
	const struct verifier *v = verifier_of(k, name);

	if (v && EVP_MD_up_ref(v->md))
		return v->md;
	return EVP_MD_fetch(inner_context(k->provider), name, NULL);
}

int signing_plan(const struct signing *s, struct signing_plan *ret)
{
	struct provider *provider = s->key->provider;
	struct parameters p;

	if (!read_parameters(s->verifier, &p))
		return raise_reason(
			provider, REASON_FAILED, "cannot read what is to be signed with");
	if (p.digest[0]) {
		ret->md = md_of(s->key, p.digest);
		if (!ret->md)
			return raise_reason(provider, REASON_ALGORITHM,
				"OpenSSL has no digest %s", p.digest);
		p.digest_len = (size_t)EVP_MD_get_size(ret->md);
	}
	ret->tbs_len = p.digest_len;
	return s->key->kind == KEY_RSA ? plan_rsa(s, &p, ret) : plan_ec(s, &p, ret);
}

const char *signing_plan_of_info(const unsigned char *tbs, size_t len, size_t *ret_digest)
{
	for (size_t i = 0; i < COUNT(hashes); i++) {
		const struct hash *h = &hashes[i];
		struct signing_value info;

		if (len > h->len &&
			signing_value_info(h->nid, tbs + len - h->len, h->len, &info) &&
			info.len == len && memcmp(info.p, tbs, len) == 0) {
			*ret_digest = h->len;
			return h->pkcs1;
		}
	}
	return NULL;
}
