/* SIGNATURE (provider-signature(7)): a vault signs with its keys, OpenSSL does all else.
 * SPDX-License-Identifier: MIT */
#include "openssl/signature.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdint.h>
#include <stdlib.h>

#include "openssl/inner.h"
#include "openssl/raise.h"
#include "openssl/verifier.h"

EVP_PKEY_CTX *signature_parameters(const struct signature *s)
{
	if (s->single || !s->stream)
		return s->single;
	return EVP_MD_CTX_get_pkey_ctx(s->stream);
}

/* The properties are the program's choice among its own providers, which has been made by
 * now; in the inner context there is no choice. */
void *signature_new(void *provider, const char *properties)
{
	struct signature *s = calloc(1, sizeof(*s));

	(void)properties;
	if (!s) {
		(void)raise_reason(provider, REASON_FAILED, "out of memory");
		return NULL;
	}
	s->provider = provider;
	return s;
}

static void forget(struct signature *s)
{
	EVP_PKEY_CTX_free(s->single);
	EVP_MD_CTX_free(s->stream);
	key_free(s->key);
	OPENSSL_free(s->expected);
	s->single = NULL;
	s->stream = NULL;
	s->key = NULL;
	s->expected = NULL;
}

void signature_free(void *self)
{
	struct signature *s = self;

	if (!s)
		return;
	forget(s);
	free(s);
}

static bool copy_stream(struct signature *to, const struct signature *from)
{
	if (!from->stream)
		return true;
	to->stream = EVP_MD_CTX_new();
	return to->stream && EVP_MD_CTX_copy_ex(to->stream, from->stream);
}

void *signature_dup(void *self)
{
	const struct signature *from = self;
	struct signature *to = signature_new(from->provider, NULL);

	if (!to)
		return NULL;
	*to = *from;
	to->key = from->key ? key_ref(from->key) : NULL;
	to->single = from->single ? EVP_PKEY_CTX_dup(from->single) : NULL;
	to->stream = NULL;
	to->expected = from->expected ? OPENSSL_memdup(from->expected, from->expected_len)
				      : NULL;
	if ((from->single && !to->single) || (from->expected && !to->expected) ||
		!copy_stream(to, from)) {
		signature_free(to);
		return NULL;
	}
	return to;
}

/* With a key everything begins anew; without one it is the same key once more. NULL, and
 * raised: there is none to do anything with. */
static const struct key *begin(struct signature *s, struct key *k)
{
	struct key *use = k ? k : s->key;

	if (!use || !use->inner) {
		(void)raise_reason(s->provider, REASON_KEY,
			use ? "the key is empty" : "there is no key to do it with");
		return NULL;
	}
	if (k) {
		(void)key_ref(k);
		forget(s);
		s->key = k;
	}
	return use;
}

static int begin_single(struct signature *s, struct key *k,
	int (*init)(EVP_PKEY_CTX *ctx, const OSSL_PARAM params[]))
{
	OSSL_LIB_CTX *inner = inner_context(s->provider);
	const struct key *use = inner ? begin(s, k) : NULL;

	if (!use)
		return 0;
	EVP_PKEY_CTX_free(s->single);
	s->single = EVP_PKEY_CTX_new_from_pkey(inner, use->inner, NULL);
	return s->single && init(s->single, NULL) > 0;
}

/* Without a key, OpenSSL begins its own stream anew too. */
static int begin_stream(struct signature *s, struct key *k, bool signs,
	const char *digest, const OSSL_PARAM params[])
{
	OSSL_LIB_CTX *inner = inner_context(s->provider);
	EVP_PKEY *pkey = k ? k->inner : NULL;

	if (!inner || !begin(s, k))
		return 0;
	s->is_remote = false;
	if (!s->stream)
		s->stream = EVP_MD_CTX_new();
	if (!s->stream)
		return 0;
	return signs ? EVP_DigestSignInit_ex(
			       s->stream, NULL, digest, inner, NULL, pkey, params)
		     : EVP_DigestVerifyInit_ex(
			       s->stream, NULL, digest, inner, NULL, pkey, params);
}

int signature_sign_init(void *self, void *key, const OSSL_PARAM params[])
{
	struct signature *s = self;
	struct key *k = key ? key : s->key;

	s->is_remote = k && key_is_vaults(k);
	return begin_single(s, key,
		       s->is_remote ? EVP_PKEY_verify_init_ex : EVP_PKEY_sign_init_ex) &&
		signature_set(s, params);
}

int signature_verify_init(void *self, void *key, const OSSL_PARAM params[])
{
	struct signature *s = self;

	s->is_remote = false;
	return begin_single(s, key, EVP_PKEY_verify_init_ex) && signature_set(s, params);
}

int signature_recover_init(void *self, void *key, const OSSL_PARAM params[])
{
	struct signature *s = self;

	s->is_remote = false;
	return begin_single(s, key, EVP_PKEY_verify_recover_init_ex) &&
		signature_set(s, params);
}

static bool is_possible(const struct signature *s)
{
	const struct signing signing = { .key = s->key, .verifier = s->single };

	return signing_is_possible(&signing);
}

static int begin_hash(struct signature *s, const EVP_MD *md, const OSSL_PARAM params[])
{
	if (!s->stream)
		s->stream = EVP_MD_CTX_new();
	return s->stream && EVP_DigestInit_ex2(s->stream, md, params);
}

static int begin_remote(
	struct signature *s, struct key *k, const char *digest, const OSSL_PARAM params[])
{
	const OSSL_PARAM named[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
			(char *)(uintptr_t)digest, 0), /* only read */
		OSSL_PARAM_construct_end(),
	};
	EVP_MD *md;
	int ok;

	if (!begin_single(s, k, EVP_PKEY_verify_init_ex))
		return 0;
	md = EVP_MD_fetch(inner_context(s->provider), digest, NULL);
	ok = md && EVP_PKEY_CTX_set_params(s->single, named) > 0 &&
		begin_hash(s, md, params) && signature_set(s, params) && is_possible(s);
	EVP_MD_free(md);
	if (ok && !params)
		verifier_keep(s->key, digest, s->single, s->stream);
	return ok;
}

/* The same again: that it is possible was found out the first time. */
static int begin_ready(struct signature *s, struct key *k, const struct verifier *ready,
	const OSSL_PARAM params[])
{
	if (!begin(s, k))
		return 0;
	EVP_PKEY_CTX_free(s->single);
	s->single = EVP_PKEY_CTX_dup(ready->ctx);
	return s->single && begin_hash(s, ready->md, params) && signature_set(s, params);
}

/* No request and no connection: libssl asks in this way what a key can do. */
int signature_digest_sign_init(
	void *self, const char *digest, void *key, const OSSL_PARAM params[])
{
	struct signature *s = self;
	struct key *k = key ? key : s->key;
	const struct verifier *ready;

	if (!k || !key_is_vaults(k))
		return begin_stream(s, key, true, digest, params);
	if (!digest && !key && s->stream)
		digest = EVP_MD_get0_name(EVP_MD_CTX_get0_md(s->stream));
	if (!digest || !*digest)
		return raise_reason(s->provider, REASON_ALGORITHM,
			"a vault signs nothing without a digest");
	s->is_remote = true;
	ready = verifier_of(k, digest);
	return ready ? begin_ready(s, key, ready, params)
		     : begin_remote(s, key, digest, params);
}

int signature_digest_verify_init(
	void *self, const char *digest, void *key, const OSSL_PARAM params[])
{
	return begin_stream(self, key, false, digest, params);
}

static int not_begun(const struct signature *s)
{
	return raise_reason(s->provider, REASON_FAILED, "nothing was begun");
}

/* Asked for the size, what cannot be done fails already, and nothing is sent. */
static int remote_size(const struct signature *s, size_t *ret_len)
{
	if (!is_possible(s))
		return 0;
	*ret_len = signing_size(s->key);
	return 1;
}

static bool has_room(const struct signature *s, size_t size)
{
	if (size >= signing_size(s->key))
		return true;
	return raise_reason(s->provider, REASON_SIZE,
		"a signature needs %zu bytes, not %zu", signing_size(s->key), size);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
int signature_sign(void *self, unsigned char *sig, size_t *ret_len, size_t size,
	const unsigned char *tbs, size_t tbs_len)
{
	const struct signature *s = self;
	const struct signing signing = {
		.key = s->key,
		.verifier = s->single,
		.tbs = tbs,
		.tbs_len = tbs_len,
	};

	if (!s->single)
		return not_begun(s);
	if (!s->is_remote) {
		*ret_len = size;
		return EVP_PKEY_sign(s->single, sig, ret_len, tbs, tbs_len);
	}
	if (!sig)
		return remote_size(s, ret_len);
	return has_room(s, size) && signing_do(&signing, sig, ret_len);
}

int signature_verify(void *self, const unsigned char *sig, size_t len,
	const unsigned char *tbs, size_t tbs_len)
{
	const struct signature *s = self;

	return s->single ? EVP_PKEY_verify(s->single, sig, len, tbs, tbs_len)
			 : not_begun(s);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
int signature_recover(void *self, unsigned char *out, size_t *ret_len, size_t size,
	const unsigned char *sig, size_t len)
{
	const struct signature *s = self;

	if (!s->single)
		return not_begun(s);
	*ret_len = size;
	return EVP_PKEY_verify_recover(s->single, out, ret_len, sig, len);
}

/* EVP_DigestUpdate() knows what a stream was begun for. */
int signature_update(void *self, const unsigned char *data, size_t len)
{
	const struct signature *s = self;

	return s->stream ? EVP_DigestUpdate(s->stream, data, len) : not_begun(s);
}

int signature_digest_sign_final(
	void *self, unsigned char *sig, size_t *ret_len, size_t size)
{
	const struct signature *s = self;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!s->stream)
		return not_begun(s);
	if (!s->is_remote) {
		*ret_len = size;
		return EVP_DigestSignFinal(s->stream, sig, ret_len);
	}
	if (!sig)
		return remote_size(s, ret_len);
	return has_room(s, size) && EVP_DigestFinal_ex(s->stream, digest, &len) &&
		signature_sign(self, sig, ret_len, size, digest, len);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
int signature_digest_sign(void *self, unsigned char *sig, size_t *ret_len, size_t size,
	const unsigned char *tbs, size_t tbs_len)
{
	const struct signature *s = self;

	if (!s->stream)
		return not_begun(s);
	if (!s->is_remote) {
		*ret_len = size;
		return EVP_DigestSign(s->stream, sig, ret_len, tbs, tbs_len);
	}
	if (sig && (!has_room(s, size) || !EVP_DigestUpdate(s->stream, tbs, tbs_len)))
		return 0;
	return signature_digest_sign_final(self, sig, ret_len, size);
}

int signature_digest_verify_final(void *self, const unsigned char *sig, size_t len)
{
	const struct signature *s = self;

	return s->stream ? EVP_DigestVerifyFinal(s->stream, sig, len) : not_begun(s);
}

int signature_digest_verify(void *self, const unsigned char *sig, size_t len,
	const unsigned char *tbs, size_t tbs_len)
{
	const struct signature *s = self;

	return s->stream ? EVP_DigestVerify(s->stream, sig, len, tbs, tbs_len)
			 : not_begun(s);
}

// clang-format off
#define ROW(name, function) { OSSL_FUNC_SIGNATURE_##name, (void (*)(void))(function) }
#define COMMON                                                 \
	ROW(NEWCTX, signature_new),                            \
	ROW(FREECTX, signature_free),                          \
	ROW(DUPCTX, signature_dup),                            \
	ROW(SIGN_INIT, signature_sign_init),                   \
	ROW(SIGN, signature_sign),                             \
	ROW(VERIFY_INIT, signature_verify_init),               \
	ROW(VERIFY, signature_verify),                         \
	ROW(DIGEST_SIGN_INIT, signature_digest_sign_init),     \
	ROW(DIGEST_SIGN_UPDATE, signature_update),             \
	ROW(DIGEST_SIGN_FINAL, signature_digest_sign_final),   \
	ROW(DIGEST_SIGN, signature_digest_sign),               \
	ROW(DIGEST_VERIFY_INIT, signature_digest_verify_init), \
	ROW(DIGEST_VERIFY_UPDATE, signature_update),           \
	ROW(DIGEST_VERIFY_FINAL, signature_digest_verify_final), \
	ROW(DIGEST_VERIFY, signature_digest_verify),           \
	ROW(GET_CTX_PARAMS, signature_get),                    \
	ROW(SET_CTX_PARAMS, signature_set),                    \
	ROW(GET_CTX_MD_PARAMS, signature_get_md),              \
	ROW(GETTABLE_CTX_MD_PARAMS, signature_gettable_md),    \
	ROW(SET_CTX_MD_PARAMS, signature_set_md),              \
	ROW(SETTABLE_CTX_MD_PARAMS, signature_settable_md)

const OSSL_DISPATCH signature_rsa[] = {
	COMMON,
	ROW(VERIFY_RECOVER_INIT, signature_recover_init),
	ROW(VERIFY_RECOVER, signature_recover),
	ROW(GETTABLE_CTX_PARAMS, signature_gettable_rsa),
	ROW(SETTABLE_CTX_PARAMS, signature_settable_rsa),
	{ 0, NULL },
};

const OSSL_DISPATCH signature_ecdsa[] = {
	COMMON,
	ROW(GETTABLE_CTX_PARAMS, signature_gettable_ec),
	ROW(SETTABLE_CTX_PARAMS, signature_settable_ec),
	{ 0, NULL },
};
// clang-format on
