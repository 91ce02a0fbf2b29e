/* What a vault for tests answers, in the place of the client (vault.c).
 * SPDX-License-Identifier: MIT */
#include "fake.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdlib.h>

#include "openssl/vault.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fake_seen seen;
static enum fake_fault fault;

void fake_reset(enum fake_fault next)
{
	(void)pthread_mutex_lock(&lock);
	memset(&seen, 0, sizeof(seen));
	fault = next;
	(void)pthread_mutex_unlock(&lock);
	ERR_clear_error();
}

struct fake_seen fake_seen(void)
{
	struct fake_seen copy;

	(void)pthread_mutex_lock(&lock);
	copy = seen;
	(void)pthread_mutex_unlock(&lock);
	return copy;
}

static enum mitok_code bad(struct mitok_err *e, const struct vault_job *job)
{
	(void)err_set(e, MITOK_E_ARG, "BadParameter: %s of %zu bytes", job->algorithm,
		job->in_len);
	e->http_status = 400;
	return e->code;
}

static bool add(struct secret *ret, const unsigned char *bytes, size_t len)
{
	return secret_add(ret, (const char *)bytes, len);
}

static bool add_rs(struct secret *ret, const unsigned char *der, size_t len, int field)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	unsigned char rs[132];

	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, field) < 0 ||
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + field, field) < 0)
		abort();
	ECDSA_SIG_free(sig);
	return add(ret, rs, (size_t)field * 2);
}

// clang-format off
static const struct algorithm {
	const char *name, *key; /* key: what its name begins with */
	const char *digest;     /* RSA: NULL, the bytes are signed as they are */
	int padding;
	size_t value_len;       /* 0: any that fits */
} algorithms[] = {
	{ "RS256",  "rsa",   "SHA256", RSA_PKCS1_PADDING,     32 },
	{ "RS384",  "rsa",   "SHA384", RSA_PKCS1_PADDING,     48 },
	{ "RS512",  "rsa",   "SHA512", RSA_PKCS1_PADDING,     64 },
	{ "PS256",  "rsa",   "SHA256", RSA_PKCS1_PSS_PADDING, 32 },
	{ "PS384",  "rsa",   "SHA384", RSA_PKCS1_PSS_PADDING, 48 },
	{ "PS512",  "rsa",   "SHA512", RSA_PKCS1_PSS_PADDING, 64 },
	{ "RSNULL", "rsa",   NULL,     RSA_PKCS1_PADDING,     0 },
	{ "ES256",  "p256",  NULL,     0,                     32 },
	{ "ES256K", "p256k", NULL,     0,                     32 },
	{ "ES384",  "p384",  NULL,     0,                     48 },
	{ "ES512",  "p521",  NULL,     0,                     64 },
};
// clang-format on

static const struct algorithm *algorithm_of(const char *name, const char *key)
{
	for (size_t i = 0; i < COUNT(algorithms); i++)
		if (strcmp(algorithms[i].name, name) == 0 &&
			(fake_is_rsa(algorithms[i].key)
					? fake_is_rsa(key)
					: strcmp(algorithms[i].key, key) == 0))
			return &algorithms[i];
	return NULL;
}

static void set_up(EVP_PKEY_CTX *ctx, const struct algorithm *a)
{
	int salt = fault == FAKE_OTHER_SALT ? 20 : RSA_PSS_SALTLEN_DIGEST;

	if (!ctx || EVP_PKEY_sign_init(ctx) <= 0)
		abort();
	if (!a->padding)
		return;
	if (EVP_PKEY_CTX_set_rsa_padding(ctx, a->padding) <= 0)
		abort();
	if (a->padding == RSA_PKCS1_PSS_PADDING &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) <= 0)
		abort();
	if (a->digest &&
		EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(a->digest)) <= 0)
		abort();
}

static enum mitok_code sign(EVP_PKEY *key, const struct vault_job *job,
	struct secret *ret, struct mitok_err *e)
{
	const struct algorithm *a = algorithm_of(job->algorithm, job->key->name);
	EVP_PKEY_CTX *ctx;
	unsigned char sig[512];
	size_t len = sizeof(sig);

	if (!a || (!a->digest && a->padding && vault_is_hsm(job->key)))
		return bad(e, job);
	if (a->value_len ? job->in_len != a->value_len
			 : job->in_len + 11 > (size_t)EVP_PKEY_get_size(key))
		return bad(e, job);
	ctx = EVP_PKEY_CTX_new_from_pkey(fake_plain, key, NULL);
	set_up(ctx, a);
	if (EVP_PKEY_sign(ctx, sig, &len, job->in, job->in_len) <= 0)
		abort();
	EVP_PKEY_CTX_free(ctx);
	if (a->padding ? add(ret, sig, len)
		       : add_rs(ret, sig, len, (EVP_PKEY_get_bits(key) + 7) / 8))
		return MITOK_OK;
	return err_memory(e);
}

static enum mitok_code decrypt(EVP_PKEY *key, const struct vault_job *job,
	struct secret *ret, struct mitok_err *e)
{
	static const char *const names[] = { "RSA1_5", "RSA-OAEP", "RSA-OAEP-256" };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(fake_plain, key, NULL);
	unsigned char out[512];
	size_t len = sizeof(out), i = 0;
	bool has_room;
	int done;

	while (i < COUNT(names) && strcmp(names[i], job->algorithm) != 0)
		i++;
	if (i == COUNT(names) || job->in_len != (size_t)EVP_PKEY_get_size(key)) {
		EVP_PKEY_CTX_free(ctx);
		return bad(e, job);
	}
	(void)ERR_set_mark();
	if (!ctx || EVP_PKEY_decrypt_init(ctx) <= 0 ||
		EVP_PKEY_CTX_set_rsa_padding(
			ctx, i ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) <= 0 ||
		(i == 2 && EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) <= 0))
		abort();
	done = EVP_PKEY_decrypt(ctx, out, &len, job->in, job->in_len);
	(void)ERR_pop_to_mark();
	EVP_PKEY_CTX_free(ctx);
	if (done <= 0)
		return bad(e, job);
	has_room = add(ret, out, len);
	OPENSSL_cleanse(out, sizeof(out));
	return has_room ? MITOK_OK : err_memory(e);
}

/* Adds the order to s, which stays the same number modulo the order. */
static void add_order(unsigned char *s, size_t len, EVP_PKEY *key)
{
	BIGNUM *order = NULL, *n = BN_bin2bn(s, (int)len, NULL);

	if (!n || !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_ORDER, &order) ||
		!BN_add(n, n, order))
		abort();
	/* P-256's order is so near to 2^256 that most sums have one bit more. */
	if (BN_bn2binpad(n, s, (int)len) < 0 && BN_bn2binpad(order, s, (int)len) < 0)
		abort();
	BN_free(n);
	BN_free(order);
}

static void damage(struct secret *answer, EVP_PKEY *key)
{
	static const char zeros[256];
	unsigned char *p = (unsigned char *)answer->p;
	size_t half = answer->len / 2;

	switch (fault) {
	case FAKE_SHORT:
		answer->len--;
		break;
	case FAKE_LONG:
		if (!secret_add(answer, "", 1))
			abort();
		memmove(answer->p + 1, answer->p, answer->len - 1);
		answer->p[0] = 0;
		break;
	case FAKE_EMPTY:
		secret_wipe(answer);
		break;
	case FAKE_HUGE:
		if (!secret_add(answer, zeros, sizeof(zeros)))
			abort();
		break;
	case FAKE_FLIPPED:
		p[half + 3] ^= 1;
		break;
	case FAKE_ZERO_R:
		memset(p, 0, half);
		break;
	case FAKE_ZERO_S:
		memset(p + half, 0, half);
		break;
	case FAKE_ORDER:
		add_order(p + half, half, key);
		break;
	case FAKE_NOISY:
		ERR_raise(ERR_LIB_SYS, 1);
		break;
	default:
		break;
	}
}

static enum mitok_code refuse(const struct vault_job *job, struct mitok_err *e)
{
	switch (fault) {
	case FAKE_REFUSED:
		(void)err_set(e, MITOK_E_DENIED, "ForbiddenByRbac");
		e->http_status = 403;
		return e->code;
	case FAKE_BAD:
		return bad(e, job);
	case FAKE_NO_TOKEN:
		(void)err_set(e, MITOK_E_NOIDENTITY, "Identity not found");
		e->http_status = 400;
		(void)!TEXT_COPY(e->source, "imds");
		return e->code;
	case FAKE_UNREACHABLE:
		return err_set(e, MITOK_E_LATER, "no answer");
	case FAKE_ROTATED:
		(void)err_set(e, MITOK_E_REPLY, "the key was rotated");
		e->http_status = 200;
		return e->code;
	default:
		return MITOK_OK;
	}
}

static void see(const struct vault_job *job)
{
	(void)pthread_mutex_lock(&lock);
	seen.requests++;
	(void)snprintf(seen.operation, sizeof(seen.operation), "%s", job->operation);
	(void)snprintf(seen.algorithm, sizeof(seen.algorithm), "%s", job->algorithm);
	seen.value_len = job->in_len;
	if (job->in_len > sizeof(seen.value))
		abort();
	memcpy(seen.value, job->in, job->in_len);
	(void)pthread_mutex_unlock(&lock);
}

enum mitok_code vault_do(struct vault *v, const struct vault_job *job, struct secret *ret,
	struct mitok_err *e)
{
	size_t i = fake_index(job->key->name);
	EVP_PKEY *key = fault == FAKE_OTHER_KEY ? fake_others[i] : fake_keys[i];
	enum mitok_code r = refuse(job, e);

	if (!v || strcmp(job->key->version, FAKE_VERSION) != 0)
		abort();
	see(job);
	if (!r)
		r = strcmp(job->operation, "sign") == 0 ? sign(key, job, ret, e)
							: decrypt(key, job, ret, e);
	if (!r)
		damage(ret, fake_keys[i]);
	return r;
}

/* The rest of the client: it finds keys, and has no connection. */

struct vault *vault_new(const struct vault_settings *s)
{
	(void)s;
	return malloc(1);
}

void vault_free(struct vault *v)
{
	free(v);
}

void vault_key_wipe(struct vault_key *k)
{
	EVP_PKEY_free(k->public_key);
	memset(k, 0, sizeof(*k));
}

bool vault_is_hsm(const struct uri *u)
{
	return strcmp(u->host, FAKE_HSM) == 0;
}

enum mitok_code vault_get_key(struct vault *v, const struct uri *u, OSSL_LIB_CTX *inner,
	struct vault_key *ret, struct mitok_err *e)
{
	EVP_PKEY *key = fake_keys[fake_index(u->name)];

	(void)v;
	(void)e;
	ret->uri = *u;
	(void)snprintf(ret->uri.version, sizeof(ret->uri.version), "%s", FAKE_VERSION);
	ret->public_key = fake_copy(key, EVP_PKEY_PUBLIC_KEY, inner, NULL);
	return MITOK_OK;
}

enum mitok_code vault_resolve(struct vault *v, struct uri *u, struct mitok_err *e)
{
	(void)v;
	(void)u;
	(void)e;
	return MITOK_OK;
}

enum mitok_code vault_get_certificates(struct vault *v, const struct uri *u,
	bool (*each)(void *arg, const unsigned char *der, size_t len), void *arg,
	struct mitok_err *e)
{
	(void)v;
	(void)u;
	(void)each;
	(void)arg;
	return err_set(e, MITOK_E_DENIED, "there are no certificates here");
}

enum mitok_code vault_list(struct vault *v, const struct uri *u,
	bool (*each)(void *arg, const struct uri *id), void *arg, struct mitok_err *e)
{
	(void)v;
	(void)u;
	(void)each;
	(void)arg;
	return err_set(e, MITOK_E_DENIED, "there is no list here");
}
