/* Signatures of OpenSSL 3.4 and later, whose algorithm has the digest in its name and which
 * take the message itself (provider-signature(7), "Message Signing Functions").
 * SPDX-License-Identifier: MIT
 *
 * The numbers are not in the headers of earlier versions, which pass over what they do not
 * know; so one azkv.so does for all. */
#include "openssl/signature-message.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdint.h>

#include "openssl/raise.h"
#include "openssl/signature.h"

enum {
	QUERY_KEY_TYPES = 26, /* OSSL_FUNC_SIGNATURE_QUERY_KEY_TYPES, and so on */
	SIGN_MESSAGE_INIT = 27,
	SIGN_MESSAGE_UPDATE = 28,
	SIGN_MESSAGE_FINAL = 29,
	VERIFY_MESSAGE_INIT = 30,
	VERIFY_MESSAGE_UPDATE = 31,
	VERIFY_MESSAGE_FINAL = 32,
};

/* OSSL_SIGNATURE_PARAM_SIGNATURE */
#define PARAM_SIGNATURE "signature"

static void *message_new(void *provider, const char *digest)
{
	struct signature *s = signature_new(provider, NULL);

	if (s)
		s->digest = digest;
	return s;
}

/* Digest and padding stand in the name; what a message is compared with alone can be set. */
static int message_set(void *self, const OSSL_PARAM params[])
{
	struct signature *s = self;
	const OSSL_PARAM *p;
	void *copy = NULL;

	if (!params || !params->key)
		return 1;
	if (!s->is_message || !s->is_verifying)
		return raise_reason(s->provider, REASON_ALGORITHM,
			"what stands in the algorithm's name cannot be changed");
	p = OSSL_PARAM_locate_const(params, PARAM_SIGNATURE);
	if (!p)
		return 1;
	OPENSSL_free(s->expected);
	s->expected = NULL;
	if (!OSSL_PARAM_get_octet_string(p, &copy, 0, &s->expected_len))
		return 0;
	s->expected = copy;
	return 1;
}

static const OSSL_PARAM *message_settable(void *self, void *provider)
{
	static const OSSL_PARAM list[] = {
		OSSL_PARAM_octet_string(PARAM_SIGNATURE, NULL, 0),
		OSSL_PARAM_END,
	};
	const struct signature *s = self;

	(void)provider;
	return s && s->is_message && s->is_verifying ? list : NULL;
}

static void expect(struct signature *s, bool is_message, bool is_verifying)
{
	s->is_message = is_message;
	s->is_verifying = is_verifying;
}

/* Digests come ready: only their length is known to be the name's. */
static int name_digest(struct signature *s, const OSSL_PARAM params[])
{
	const struct signing signing = { .key = s->key, .verifier = s->single };
	const OSSL_PARAM named[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
			(char *)(uintptr_t)s->digest, 0), /* only read */
		OSSL_PARAM_construct_end(),
	};

	return EVP_PKEY_CTX_set_params(s->single, named) > 0 && message_set(s, params) &&
		(!s->is_remote || signing_is_possible(&signing));
}

static int message_sign_init(void *self, void *key, const OSSL_PARAM params[])
{
	expect(self, false, false);
	return signature_sign_init(self, key, NULL) && name_digest(self, params);
}

static int message_verify_init(void *self, void *key, const OSSL_PARAM params[])
{
	expect(self, false, true);
	return signature_verify_init(self, key, NULL) && name_digest(self, params);
}

static int message_recover_init(void *self, void *key, const OSSL_PARAM params[])
{
	expect(self, false, true);
	return signature_recover_init(self, key, NULL) && name_digest(self, params);
}

static int message_sign_message_init(void *self, void *key, const OSSL_PARAM params[])
{
	struct signature *s = self;

	expect(s, true, false);
	return signature_digest_sign_init(s, s->digest, key, NULL) &&
		message_set(s, params);
}

static int message_verify_message_init(void *self, void *key, const OSSL_PARAM params[])
{
	struct signature *s = self;

	expect(s, true, true);
	return signature_digest_verify_init(s, s->digest, key, NULL) &&
		message_set(s, params);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int message_sign(void *self, unsigned char *sig, size_t *ret_len, size_t size,
	const unsigned char *tbs, size_t tbs_len)
{
	const struct signature *s = self;

	return s->is_message
		? signature_digest_sign(self, sig, ret_len, size, tbs, tbs_len)
		: signature_sign(self, sig, ret_len, size, tbs, tbs_len);
}

static int message_verify(void *self, const unsigned char *sig, size_t len,
	const unsigned char *tbs, size_t tbs_len)
{
	const struct signature *s = self;

	return s->is_message ? signature_digest_verify(self, sig, len, tbs, tbs_len)
			     : signature_verify(self, sig, len, tbs, tbs_len);
}

static int message_verify_final(void *self)
{
	const struct signature *s = self;

	if (!s->expected)
		return raise_reason(s->provider, REASON_FAILED,
			"the signature to compare with was not set");
	return signature_digest_verify_final(self, s->expected, s->expected_len);
}

static const char **message_of_rsa(void)
{
	static const char *types[] = { "RSA", NULL };

	return types;
}

static const char **message_of_ec(void)
{
	static const char *types[] = { "EC", NULL };

	return types;
}

// clang-format off
#define ROW(number, function) { number, (void (*)(void))(function) }
#define COMMON                                                         \
	ROW(OSSL_FUNC_SIGNATURE_FREECTX, signature_free),              \
	ROW(OSSL_FUNC_SIGNATURE_DUPCTX, signature_dup),                \
	ROW(OSSL_FUNC_SIGNATURE_SIGN_INIT, message_sign_init),         \
	ROW(OSSL_FUNC_SIGNATURE_SIGN, message_sign),                   \
	ROW(OSSL_FUNC_SIGNATURE_VERIFY_INIT, message_verify_init),     \
	ROW(OSSL_FUNC_SIGNATURE_VERIFY, message_verify),               \
	ROW(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, signature_get),        \
	ROW(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, message_set),          \
	ROW(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, message_settable), \
	ROW(SIGN_MESSAGE_INIT, message_sign_message_init),             \
	ROW(SIGN_MESSAGE_UPDATE, signature_update),                    \
	ROW(SIGN_MESSAGE_FINAL, signature_digest_sign_final),          \
	ROW(VERIFY_MESSAGE_INIT, message_verify_message_init),         \
	ROW(VERIFY_MESSAGE_UPDATE, signature_update),                  \
	ROW(VERIFY_MESSAGE_FINAL, message_verify_final)

#define ROWS_rsa                                                         \
	ROW(OSSL_FUNC_SIGNATURE_VERIFY_RECOVER_INIT, message_recover_init), \
	ROW(OSSL_FUNC_SIGNATURE_VERIFY_RECOVER, signature_recover),    \
	ROW(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, signature_gettable_rsa), \
	ROW(QUERY_KEY_TYPES, message_of_rsa)
#define ROWS_ecdsa                                                       \
	ROW(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, signature_gettable_ec), \
	ROW(QUERY_KEY_TYPES, message_of_ec)

/* A table's newctx is all that knows the digest. */
#define TABLE(kind, name, digest_name)                                 \
	static void *new_##kind##_##name(void *provider, const char *properties) \
	{                                                              \
		(void)properties;                                      \
		return message_new(provider, digest_name);             \
	}                                                              \
	const OSSL_DISPATCH signature_##kind##_##name[] = {            \
		ROW(OSSL_FUNC_SIGNATURE_NEWCTX, new_##kind##_##name),  \
		COMMON,                                                \
		ROWS_##kind,                                           \
		{ 0, NULL },                                           \
	};
#define BOTH(name, digest_name)                                        \
	TABLE(rsa, name, digest_name)                                  \
	TABLE(ecdsa, name, digest_name)

BOTH(sha1, "SHA1")
BOTH(sha224, "SHA2-224")
BOTH(sha256, "SHA2-256")
BOTH(sha384, "SHA2-384")
BOTH(sha512, "SHA2-512")
BOTH(sha3_224, "SHA3-224")
BOTH(sha3_256, "SHA3-256")
BOTH(sha3_384, "SHA3-384")
BOTH(sha3_512, "SHA3-512")
TABLE(rsa, sha512_224, "SHA2-512/224")
TABLE(rsa, sha512_256, "SHA2-512/256")
TABLE(rsa, ripemd160, "RIPEMD160")
// clang-format on
