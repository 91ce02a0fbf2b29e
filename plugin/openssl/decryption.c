/* Decryption by a vault.
 * SPDX-License-Identifier: MIT */
#include "openssl/decryption.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/secret.h"
#include "openssl/inner.h"
#include "openssl/raise.h"

/* The premaster secret of TLS (RFC 5246, 7.4.7.1): two bytes of version, 46 of chance. */
#define PREMASTER      ((size_t)48)
/* What PKCS#1 v1.5 adds at least, and OAEP adds more (RFC 8017, 7.1 and 7.2). */
#define PKCS1_OVERHEAD 11

/* What the encrypter says about itself. */
struct parameters {
	int padding;
	char digest[64], mgf1[64];
	void *label; /* lent */
	size_t label_len;
	unsigned client_version, negotiated_version;
};

static int read_parameters(const struct decryption *d, struct parameters *ret)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, &ret->padding),
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST,
			ret->digest, sizeof(ret->digest)),
		OSSL_PARAM_construct_utf8_string(
			OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, ret->mgf1, sizeof(ret->mgf1)),
		OSSL_PARAM_construct_octet_ptr(
			OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, &ret->label, 0),
		OSSL_PARAM_construct_uint(
			OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, &ret->client_version),
		OSSL_PARAM_construct_uint(OSSL_ASYM_CIPHER_PARAM_TLS_NEGOTIATED_VERSION,
			&ret->negotiated_version),
		OSSL_PARAM_construct_end(),
	};

	memset(ret, 0, sizeof(*ret));
	if (EVP_PKEY_CTX_get_params(d->encrypter, params) <= 0)
		return raise_reason(d->key->provider, REASON_FAILED,
			"cannot read what is to be decrypted with");
	ret->label_len = ret->label ? params[3].return_size : 0;
	return 1;
}

// clang-format off
/* OAEP with one digest for everything and no label. */
static const struct {
	const char *digest, *algorithm;
} oaep[] = {
	{ "SHA1",     "RSA-OAEP" },
	{ "SHA2-256", "RSA-OAEP-256" },
};
// clang-format on

/* A digest has several names. */
static bool is_same(const struct decryption *d, const char *name, const char *other)
{
	EVP_MD *md = EVP_MD_fetch(inner_context(d->key->provider), name, NULL);
	bool same = md && EVP_MD_is_a(md, other);

	EVP_MD_free(md);
	return same;
}

static int plan_oaep(
	const struct decryption *d, const struct parameters *p, const char **ret)
{
	if (p->label_len > 0)
		return raise_reason(d->key->provider, REASON_ALGORITHM,
			"a vault's OAEP has no label");
	for (size_t i = 0; i < sizeof(oaep) / sizeof(*oaep); i++)
		if (is_same(d, oaep[i].digest, p->digest) &&
			is_same(d, oaep[i].digest, p->mgf1)) {
			*ret = oaep[i].algorithm;
			return 1;
		}
	return raise_reason(d->key->provider, REASON_ALGORITHM,
		"a vault's OAEP has SHA-1 or SHA-256, the same in MGF1, and not %s with "
		"%s",
		p->digest, p->mgf1);
}

/* A server that answers quickly or slowly, or not at all, depending on the padding tells
 * everybody the plaintext, bit by bit; over a network that can hardly be avoided. */
static int plan_tls(const struct decryption *d, const struct parameters *p)
{
	if (!d->key->provider->allows_tls_rsa)
		return raise_reason(d->key->provider, REASON_ALGORITHM,
			"TLS with RSA key exchange is off for keys in a vault; leave its "
			"cipher suites out, or set tls-rsa = yes in openssl.cnf");
	if (p->client_version == 0)
		return raise_reason(d->key->provider, REASON_ALGORITHM,
			"the version of TLS that the client wanted is not known");
	return 1;
}

static int plan(const struct decryption *d, const struct parameters *p, const char **ret)
{
	*ret = "RSA1_5";
	switch (p->padding) {
	case RSA_PKCS1_PADDING:
		return 1;
	case RSA_PKCS1_WITH_TLS_PADDING:
		return plan_tls(d, p);
	case RSA_PKCS1_OAEP_PADDING:
		return plan_oaep(d, p, ret);
	default:
		return raise_reason(d->key->provider, REASON_ALGORITHM,
			"a vault decrypts PKCS#1 v1.5 and OAEP padding, and no other");
	}
}

static size_t modulus_size(const struct decryption *d)
{
	return (size_t)EVP_PKEY_get_size(d->key->inner);
}

int decryption_size(const struct decryption *d, size_t *ret)
{
	const char *algorithm;
	struct parameters p;

	if (!read_parameters(d, &p) || !plan(d, &p, &algorithm))
		return 0;
	*ret = p.padding == RSA_PKCS1_WITH_TLS_PADDING ? PREMASTER : modulus_size(d);
	return 1;
}

/* The service wants as many bytes as the modulus has; some writers leave zeros in front
 * away, and OpenSSL's own takes that. */
struct ciphertext {
	unsigned char p[1024]; /* RSA of 8192 bits would fit */
	size_t len;
};

static int make_ciphertext(const struct decryption *d, struct ciphertext *ret)
{
	size_t size = modulus_size(d);

	if (size > sizeof(ret->p) || d->in_len > size || d->in_len == 0)
		return raise_reason(d->key->provider, REASON_SIZE,
			"%zu bytes cannot have been encrypted for a key of %zu",
			d->in_len, size);
	memset(ret->p, 0, size - d->in_len);
	memcpy(ret->p + size - d->in_len, d->in, d->in_len);
	ret->len = size;
	return 1;
}

static enum mitok_code ask(const struct decryption *d, const char *algorithm,
	const struct ciphertext *in, struct secret *ret, struct mitok_err *e)
{
	struct vault_job job = {
		.key = d->key->vault,
		.operation = "decrypt",
		.algorithm = algorithm,
		.in = in->p,
		.in_len = in->len,
	};

	return vault_do(d->key->provider->vault, &job, ret, e);
}

static int decrypt(const struct decryption *d, const char *algorithm, unsigned char *out,
	size_t *ret_len)
{
	AUTO_SECRET answer = { 0 };
	struct ciphertext in;
	struct mitok_err e = { 0 };

	if (!make_ciphertext(d, &in))
		return 0;
	if (ask(d, algorithm, &in, &answer, &e))
		return raise_error(d->key->provider, &e);
	if (answer.len > modulus_size(d) - PKCS1_OVERHEAD)
		return key_refuse_answer(d->key, "decrypt with",
			"the answer is longer than what can have been encrypted");
	memcpy(out, secret_peek(&answer), answer.len);
	*ret_len = answer.len;
	return 1;
}

/* 0xff when n is 0, else 0, without a branch. */
static unsigned char mask_of_zero(unsigned n)
{
	return (unsigned char)(((n | (0U - n)) >> (sizeof(n) * 8 - 1)) - 1U);
}

static unsigned char mask_of_version(const unsigned char *premaster, unsigned version)
{
	unsigned got = (unsigned)premaster[0] << 8 | premaster[1];

	return mask_of_zero(got ^ (version & 0xffffU));
}

/* The negotiated version is there only for programs that tolerate clients which send it
 * instead of the one they asked for (SSL_OP_TLS_ROLLBACK_BUG). Bytes that are not as many
 * as they should be are compared and mixed as if they were. */
static int take_premaster(const struct parameters *p, struct secret *answer,
	const unsigned char chance[PREMASTER], unsigned char *out)
{
	static const char zeros[PREMASTER];
	unsigned len = (unsigned)answer->len;
	const unsigned char *got;
	unsigned char good;

	if (!secret_add(answer, zeros, sizeof(zeros)))
		return 0;
	got = (const unsigned char *)secret_peek(answer);
	good = mask_of_version(got, p->client_version);
	if (p->negotiated_version != 0)
		good |= mask_of_version(got, p->negotiated_version);
	good &= mask_of_zero(len ^ PREMASTER);
	for (size_t i = 0; i < PREMASTER; i++)
		out[i] = (unsigned char)((got[i] & good) | (chance[i] & ~good));
	return 1;
}

/* That the service found no padding is not to be told; everything else it refuses for has
 * nothing to do with what was encrypted. */
static int decrypt_tls(
	const struct decryption *d, const struct parameters *p, unsigned char *out)
{
	struct provider *provider = d->key->provider;
	unsigned char chance[PREMASTER];
	AUTO_SECRET answer = { 0 };
	struct ciphertext in;
	struct mitok_err e = { 0 };
	int done;

	if (!make_ciphertext(d, &in))
		return 0;
	if (RAND_priv_bytes_ex(inner_context(provider), chance, sizeof(chance), 0) <= 0)
		return raise_reason(provider, REASON_FAILED, "no random bytes to be had");
	if (ask(d, "RSA1_5", &in, &answer, &e) && (e.source[0] || e.http_status != 400))
		return raise_error(provider, &e);
	done = take_premaster(p, &answer, chance, out);
	OPENSSL_cleanse(chance, sizeof(chance));
	return done ? 1 : raise_reason(provider, REASON_FAILED, "out of memory");
}

static int undo(const struct decryption *d, unsigned char *out, size_t *ret_len)
{
	const char *algorithm;
	struct parameters p;

	if (!read_parameters(d, &p) || !plan(d, &p, &algorithm))
		return 0;
	if (p.padding != RSA_PKCS1_WITH_TLS_PADDING)
		return decrypt(d, algorithm, out, ret_len);
	*ret_len = PREMASTER;
	return decrypt_tls(d, &p, out);
}

/* As signing_do(), it leaves no error behind when it succeeds. */
int decryption_do(const struct decryption *d, unsigned char *out, size_t *ret_len)
{
	(void)ERR_set_mark();
	if (!undo(d, out, ret_len)) {
		(void)ERR_clear_last_mark();
		return 0;
	}
	(void)ERR_pop_to_mark();
	return 1;
}
