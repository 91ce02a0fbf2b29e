/* Signatures by a vault: one request, and what came back is checked.
 * SPDX-License-Identifier: MIT */
#include "openssl/signing.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <string.h>

#include "base/secret.h"
#include "openssl/raise.h"
#include "openssl/signing-plan.h"
#include "openssl/signing-value.h"

/* What PKCS#1 v1.5 adds at least (RFC 8017, 9.2). */
#define PKCS1_OVERHEAD 11

size_t signing_size(const struct key *k)
{
	return (size_t)EVP_PKEY_get_size(k->inner);
}

bool signing_is_possible(const struct signing *s)
{
	AUTO_PLAN plan = { 0 };

	return signing_plan(s, &plan);
}

/* Where the caller names no digest, the bytes may still be a DigestInfo, which Managed HSM
 * signs by the digest in it, as it has no RSNULL. */
static int value_of_bytes(
	const struct signing *s, struct signing_plan *plan, struct signing_value *ret)
{
	size_t room = signing_size(s->key) - PKCS1_OVERHEAD, digest = 0;

	if (s->tbs_len == 0 || s->tbs_len > room ||
		!signing_value_copy(s->tbs, s->tbs_len, ret))
		return raise_reason(s->key->provider, REASON_SIZE,
			"%zu bytes cannot be signed: this key takes 1 to %zu", s->tbs_len,
			room);
	if (!vault_is_hsm(s->key->vault))
		return 1;
	plan->algorithm = signing_plan_of_info(s->tbs, s->tbs_len, &digest);
	if (plan->algorithm &&
		signing_value_copy(s->tbs + s->tbs_len - digest, digest, ret))
		return 1;
	return raise_reason(s->key->provider, REASON_ALGORITHM,
		"Managed HSM signs no raw bytes but digests of SHA-256, SHA-384 and "
		"SHA-512");
}

static int value_of_rsa(
	const struct signing *s, struct signing_plan *plan, struct signing_value *ret)
{
	bool is_raw = strcmp(plan->algorithm, "RSNULL") == 0, ok;
	int nid;

	if (!plan->md)
		return value_of_bytes(s, plan, ret);
	nid = EVP_MD_get_type(plan->md);
	/* TLS 1.0 and 1.1 sign MD5 and SHA-1 as they are (RFC 4346, 4.7). */
	ok = is_raw && nid != NID_md5_sha1
		? signing_value_info(nid, s->tbs, s->tbs_len, ret)
		: signing_value_copy(s->tbs, s->tbs_len, ret);
	return ok ? 1
		  : raise_reason(s->key->provider, REASON_ALGORITHM,
			    "no RSA signature with %s can be made",
			    EVP_MD_get0_name(plan->md));
}

static int value_of_ec(const struct signing *s, const struct signing_plan *plan,
	struct signing_value *ret)
{
	size_t order = (size_t)EVP_PKEY_get_bits(s->key->inner);

	if (signing_value_fit(s->tbs, s->tbs_len, plan->value_len, order, ret))
		return 1;
	return raise_reason(s->key->provider, REASON_SIZE,
		"a vault signs digests of at most %zu bytes with %s, not of %zu",
		plan->value_len, plan->algorithm, s->tbs_len);
}

static int make_value(
	const struct signing *s, struct signing_plan *plan, struct signing_value *ret)
{
	if (plan->tbs_len && plan->tbs_len != s->tbs_len)
		return raise_reason(s->key->provider, REASON_SIZE,
			"a digest of %zu bytes was to be signed, and there are %zu",
			plan->tbs_len, s->tbs_len);
	return s->key->kind == KEY_RSA ? value_of_rsa(s, plan, ret)
				       : value_of_ec(s, plan, ret);
}

static int ask(const struct signing *s, const struct signing_plan *plan,
	const struct signing_value *value, struct secret *ret)
{
	struct mitok_err e = { 0 };
	struct vault_job job = {
		.key = s->key->vault,
		.operation = "sign",
		.algorithm = plan->algorithm,
		.in = value->p,
		.in_len = value->len,
	};

	if (vault_do(s->key->provider->vault, &job, ret, &e))
		return raise_error(s->key->provider, &e);
	return 1;
}

/* Fields of r and s are as wide as the curve's, so that P-521's have 66 bytes. */
static size_t answer_size(const struct key *k)
{
	return k->kind == KEY_RSA ? signing_size(k)
				  : 2 * (((size_t)EVP_PKEY_get_bits(k->inner) + 7) / 8);
}

static int take_answer(const struct signing *s, const struct secret *answer,
	unsigned char *sig, size_t *ret)
{
	const unsigned char *bytes = (const unsigned char *)secret_peek(answer);

	if (answer->len != answer_size(s->key))
		return key_refuse_answer(s->key, "sign with",
			"the signature has %zu bytes instead of %zu", answer->len,
			answer_size(s->key));
	if (s->key->kind == KEY_EC) {
		if (!signing_value_to_der(
			    bytes, answer->len, sig, signing_size(s->key), ret))
			return key_refuse_answer(s->key, "sign with",
				"the signature is no two numbers of the curve's size");
	} else {
		memcpy(sig, bytes, answer->len);
		*ret = answer->len;
	}
	return 1;
}

/* Also what finds an r or s that is zero or not below the order. */
static int check_answer(const struct signing *s, unsigned char *sig, size_t len)
{
	int verified;

	(void)ERR_set_mark();
	verified = EVP_PKEY_verify(s->verifier, sig, len, s->tbs, s->tbs_len);
	(void)ERR_pop_to_mark();
	if (verified == 1)
		return 1;
	memset(sig, 0, len);
	return key_refuse_answer(s->key, "sign with",
		"the signature is not one of that key and version: the key file or the "
		"answer is damaged, or is another key's");
}

static int sign(const struct signing *s, unsigned char *sig, size_t *ret_len)
{
	AUTO_PLAN plan = { 0 };
	AUTO_SECRET answer = { 0 };
	struct signing_value value;
	size_t len = 0;

	if (!signing_plan(s, &plan) || !make_value(s, &plan, &value) ||
		!ask(s, &plan, &value, &answer) || !take_answer(s, &answer, sig, &len) ||
		!check_answer(s, sig, len))
		return 0;
	*ret_len = len;
	return 1;
}

/* An error that a success leaves behind would be taken for one of the connection that is
 * being served (SSL_get_error(3)). */
int signing_do(const struct signing *s, unsigned char *sig, size_t *ret_len)
{
	(void)ERR_set_mark();
	if (!sign(s, sig, ret_len)) {
		(void)ERR_clear_last_mark();
		return 0;
	}
	(void)ERR_pop_to_mark();
	return 1;
}
