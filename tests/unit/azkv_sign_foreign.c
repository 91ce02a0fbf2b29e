/* Keys that are no vault's, and the public half of a vault's: whatever OpenSSL does with
 * them, it does the same through us. SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include "azkv/program.h"

#define PAD  OSSL_SIGNATURE_PARAM_PAD_MODE
#define SALT OSSL_SIGNATURE_PARAM_PSS_SALTLEN
#define MGF1 OSSL_SIGNATURE_PARAM_MGF1_DIGEST
#define OURS "?provider=azkv"

/* One side of a comparison: through azkv, or without it. */
struct side {
	OSSL_LIB_CTX *context;
	const char *properties;
	EVP_PKEY *key;
};

static struct side ours(EVP_PKEY *key)
{
	return (struct side){ fake_program, OURS, key };
}

static struct side theirs(const char *name)
{
	return (struct side){ fake_plain, NULL, fake_whole(name) };
}

static EVP_PKEY_CTX *single(const struct side *side)
{
	return EVP_PKEY_CTX_new_from_pkey(side->context, side->key, side->properties);
}

/* Settings as "name=value name=value". */
static bool set_all(EVP_PKEY_CTX *ctx, const char *settings)
{
	char copy[200], *rest = copy, *word;

	(void)snprintf(copy, sizeof(copy), "%s", settings);
	while ((word = strsep(&rest, " ")) != NULL) {
		char *value = strchr(word, '=');

		if (!value)
			continue;
		*value++ = '\0';
		if (!program_set(ctx, word, value))
			return false;
	}
	return true;
}

// clang-format off
/* What is set, and whether two signatures of the same text are equal. */
static const struct {
	const char *key, *digest, *settings;
	bool is_fixed;
} streams[] = {
	{ "rsa2048", "SHA256",   "",                                       true },
	{ "rsa2048", "SHA1",     "pad-mode=pkcs1",                         true },
	{ "rsa2048", "SHA3-384", "",                                       true },
	{ "rsa2048", "MD5-SHA1", "",                                       true },
	{ "rsa2048", "SHA512",   "pad-mode=x931",                          true },
	{ "rsa2048", "SHA1",     "pad-mode=x931",                          true },
	{ "rsa2048", "SHA256",   "pad-mode=pss saltlen=0",                 true },
	{ "rsa2048", "SHA256",   "pad-mode=pss",                           false },
	{ "rsa2048", "SHA1",     "pad-mode=pss saltlen=digest",            false },
	{ "rsa3072", "SHA256",   "pad-mode=pss saltlen=max",               false },
	{ "rsa2048", "SHA384",   "pad-mode=pss saltlen=auto mgf1-digest=SHA1", false },
	{ "rsa2048", "SHA224",   "pad-mode=pss saltlen=17",                false },
	{ "rsa2048", NULL,       "",                                       true },
	{ "p256",    "SHA256",   "",                                       false },
	{ "p256k",   "SHA1",     "",                                       false },
	{ "p384",    "SHA3-512", "",                                       false },
	{ "p521",    "SHA512",   "",                                       false },
	{ "p384",    NULL,       "",                                       false },
	/* What OpenSSL refuses. */
	{ "rsa2048", "SHA256",   "pad-mode=oaep",                          true },
	{ "rsa2048", "SHA256",   "pad-mode=none",                          true },
	{ "rsa2048", "SHA256",   "saltlen=20",                             true },
	{ "rsa2048", "SHA256",   "digest=SHA384",                          true },
	{ "rsa2048", "SHA256",   "pad-mode=pss mgf1-digest=nonsense",      true },
	{ "rsa2048", "SHAKE256", "",                                       true },
	{ "rsa2048", "nonsense", "",                                       true },
	{ "p256",    "nonsense", "",                                       true },
	{ "p256",    "SHA256",   "digest=SHA384",                          true },
};
// clang-format on

static bool sign_stream(const struct side *side, size_t i, struct program_signature *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool ok = EVP_DigestSignInit_ex(ctx, &pctx, streams[i].digest, side->context,
			  side->properties, side->key, NULL) > 0 &&
		set_all(pctx, streams[i].settings);

	ret->len = sizeof(ret->p);
	ok = ok && EVP_DigestSignUpdate(ctx, PROGRAM_TEXT, 7) > 0 &&
		EVP_DigestSignUpdate(ctx, &PROGRAM_TEXT[7], PROGRAM_LEN - 7) > 0 &&
		EVP_DigestSignFinal(ctx, ret->p, &ret->len) > 0;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static int verify_stream(
	const struct side *side, size_t i, const struct program_signature *s)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	int verified = -7;

	if (EVP_DigestVerifyInit_ex(ctx, &pctx, streams[i].digest, side->context,
		    side->properties, side->key, NULL) > 0 &&
		set_all(pctx, streams[i].settings))
		verified = EVP_DigestVerify(ctx, s->p, s->len,
			(const unsigned char *)PROGRAM_TEXT, PROGRAM_LEN);
	EVP_MD_CTX_free(ctx);
	return verified;
}

static void compare_stream(size_t i)
{
	struct side a = ours(fake_foreign(streams[i].key)), b = theirs(streams[i].key);
	struct side vaults = ours(fake_key(FAKE_VAULT, streams[i].key));
	struct program_signature s = { .len = 0 }, t = { .len = 0 };
	bool ok = sign_stream(&b, i, &t);
	char row[32];

	(void)snprintf(row, sizeof(row), "streams[%zu]", i);
	ERR_clear_error();
	CHECK_ROW(row, sign_stream(&a, i, &s) == ok);
	CHECK_ROW(row, !ok || fake_is_quiet());
	if (ok && streams[i].is_fixed)
		CHECK_ROW(row, s.len == t.len && memcmp(s.p, t.p, s.len) == 0);
	for (int damaged = 0; damaged < 2; damaged++) {
		int want = verify_stream(&b, i, &s);

		CHECK_ROW(row, !ok || want == (damaged ? 0 : 1));
		CHECK_ROW(row, verify_stream(&a, i, &s) == want);
		CHECK_ROW(row, verify_stream(&vaults, i, &s) == want);
		CHECK_ROW(row, verify_stream(&vaults, i, &t) == verify_stream(&b, i, &t));
		s.p[s.len - 1] ^= 1; /* within a number, in DER as well */
	}
	EVP_PKEY_free(a.key);
	EVP_PKEY_free(b.key);
	EVP_PKEY_free(vaults.key);
}

static void streams_are_the_same(void)
{
	fake_reset(FAKE_GOOD);
	for (size_t i = 0; i < COUNT(streams); i++)
		compare_stream(i);
	CHECK(fake_seen().requests == 0);
}

// clang-format off
static const struct {
	const char *key, *settings;
	size_t len;     /* of what is signed */
	bool is_fixed, recovers;
} singles[] = {
	{ "rsa2048", "",                                  50,  true,  true },
	{ "rsa2048", "",                                  245, true,  true },
	{ "rsa2048", "",                                  246, true,  true },
	{ "rsa2048", "pad-mode=none",                     256, true,  true },
	{ "rsa2048", "pad-mode=none",                     255, true,  true },
	{ "rsa2048", "digest=SHA256",                     32,  true,  true },
	{ "rsa2048", "digest=SHA256",                     31,  true,  true },
	{ "rsa2048", "digest=SHA1 pad-mode=x931",         20,  true,  true },
	{ "rsa2048", "pad-mode=pss digest=SHA256",        32,  false, false },
	{ "rsa2048", "pad-mode=pss",                      20,  false, false },
	{ "rsa2048", "pad-mode=pss digest=SHA256 saltlen=max mgf1-digest=SHA512", 32, false, false },
	{ "p256",    "",                                  20,  false, false },
	{ "p384",    "",                                  70,  false, false },
	{ "p521",    "digest=SHA512",                     64,  false, false },
	{ "p521",    "digest=SHA512",                     60,  false, false },
	{ "p256k",   "digest=SHA3-256",                   32,  false, false },
};
// clang-format on

static unsigned char bytes[256]; /* below every modulus */

static bool sign_single(const struct side *side, size_t i, struct program_signature *ret)
{
	EVP_PKEY_CTX *ctx = single(side), *copy = NULL;
	size_t size = 0;
	bool ok = EVP_PKEY_sign_init(ctx) > 0 && set_all(ctx, singles[i].settings);

	ret->len = sizeof(ret->p);
	copy = ok ? EVP_PKEY_CTX_dup(ctx) : NULL;
	EVP_PKEY_CTX_free(ctx);
	ok = copy && EVP_PKEY_sign(copy, NULL, &size, bytes, singles[i].len) > 0 &&
		size == (size_t)EVP_PKEY_get_size(side->key) &&
		EVP_PKEY_sign(copy, ret->p, &ret->len, bytes, singles[i].len) > 0;
	EVP_PKEY_CTX_free(copy);
	return ok;
}

static int verify_single(
	const struct side *side, size_t i, const struct program_signature *s)
{
	EVP_PKEY_CTX *ctx = single(side);
	int verified = -7;

	if (EVP_PKEY_verify_init(ctx) > 0 && set_all(ctx, singles[i].settings))
		verified = EVP_PKEY_verify(ctx, s->p, s->len, bytes, singles[i].len);
	EVP_PKEY_CTX_free(ctx);
	return verified;
}

/* How many bytes are recovered: those that were signed. -1: none. */
static int recover_single(
	const struct side *side, size_t i, const struct program_signature *s)
{
	EVP_PKEY_CTX *ctx = single(side);
	unsigned char out[600];
	size_t len = sizeof(out), size = 0;
	int got = -1;

	if (EVP_PKEY_verify_recover_init(ctx) > 0 && set_all(ctx, singles[i].settings) &&
		EVP_PKEY_verify_recover(ctx, NULL, &size, s->p, s->len) > 0 &&
		EVP_PKEY_verify_recover(ctx, out, &len, s->p, s->len) > 0 &&
		size >= len && memcmp(out, bytes, len) == 0)
		got = (int)len;
	EVP_PKEY_CTX_free(ctx);
	return got;
}

static void compare_single(size_t i)
{
	struct side a = ours(fake_foreign(singles[i].key)), b = theirs(singles[i].key);
	struct side vaults = ours(fake_key(FAKE_VAULT, singles[i].key));
	struct program_signature s = { .len = 0 }, t = { .len = 0 };
	bool ok = sign_single(&b, i, &t);
	char row[32];

	(void)snprintf(row, sizeof(row), "singles[%zu]", i);
	ERR_clear_error();
	CHECK_ROW(row, sign_single(&a, i, &s) == ok);
	CHECK_ROW(row, !ok || fake_is_quiet());
	if (ok && singles[i].is_fixed)
		CHECK_ROW(row, s.len == t.len && memcmp(s.p, t.p, s.len) == 0);
	for (int damaged = 0; ok && damaged < 2; damaged++) {
		CHECK_ROW(row, (verify_single(&b, i, &s) == 1) == !damaged);
		CHECK_ROW(row, verify_single(&a, i, &s) == verify_single(&b, i, &s));
		CHECK_ROW(row, verify_single(&vaults, i, &s) == verify_single(&b, i, &s));
		if (singles[i].recovers) {
			int want = recover_single(&b, i, &s);

			CHECK_ROW(row, damaged || want == (int)singles[i].len);
			CHECK_ROW(row, recover_single(&a, i, &s) == want);
			CHECK_ROW(row, recover_single(&vaults, i, &s) == want);
		}
		s.p[s.len - 1] ^= 1; /* within a number, in DER as well */
	}
	EVP_PKEY_free(a.key);
	EVP_PKEY_free(b.key);
	EVP_PKEY_free(vaults.key);
}

static void single_ones_are_the_same(void)
{
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	fake_reset(FAKE_GOOD);
	for (size_t i = 0; i < COUNT(singles); i++)
		compare_single(i);
	CHECK(fake_seen().requests == 0);
}

/* What is told about a signature, as one line. */
static void tell(const struct side *side, size_t i, char *ret, size_t size)
{
	static const char *const texts[] = { PAD, SALT, "digest", MGF1 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	int pad = -9, salt = -9;
	size_t digest_size = 0, used = 0;
	unsigned char der[200];
	OSSL_PARAM numbers[] = {
		OSSL_PARAM_int(PAD, &pad),
		OSSL_PARAM_int(SALT, &salt),
		OSSL_PARAM_size_t("digest-size", &digest_size),
		OSSL_PARAM_octet_string("algorithm-id", der, sizeof(der)),
		OSSL_PARAM_END,
	};

	ret[0] = '\0';
	if (EVP_DigestSignInit_ex(ctx, &pctx, streams[i].digest, side->context,
		    side->properties, side->key, NULL) <= 0 ||
		!set_all(pctx, streams[i].settings)) {
		EVP_MD_CTX_free(ctx);
		return;
	}
	for (size_t j = 0; j < COUNT(texts); j++) {
		char text[64] = "";
		OSSL_PARAM params[] = {
			OSSL_PARAM_utf8_string(texts[j], text, sizeof(text)),
			OSSL_PARAM_END,
		};
		int got = EVP_PKEY_CTX_get_params(pctx, params);

		used += (size_t)snprintf(ret + used, size - used, "%s %d ", text, got);
	}
	used += (size_t)snprintf(
		ret + used, size - used, "%d ", EVP_PKEY_CTX_get_params(pctx, numbers));
	used += (size_t)snprintf(
		ret + used, size - used, "%d %d %zu ", pad, salt, digest_size);
	for (size_t j = 0; j < numbers[3].return_size && j < sizeof(der); j++)
		used += (size_t)snprintf(ret + used, size - used, "%02x", der[j]);
	EVP_MD_CTX_free(ctx);
}

static void what_is_told_is_the_same(void)
{
	for (size_t i = 0; i < COUNT(streams); i++) {
		struct side a = ours(fake_foreign(streams[i].key)),
			    b = theirs(streams[i].key);
		char got[1000], want[1000];

		tell(&a, i, got, sizeof(got));
		tell(&b, i, want, sizeof(want));
		CHECK_TEXT(got, want);
		EVP_PKEY_free(a.key);
		EVP_PKEY_free(b.key);
	}
	ERR_clear_error();
}

/* The names in a list of parameters. */
static void names_of(const OSSL_PARAM *list, char *ret, size_t size)
{
	size_t used = 0;

	ret[0] = '\0';
	for (; list && list->key; list++)
		used += (size_t)snprintf(
			ret + used, size - used, "%s:%u ", list->key, list->data_type);
}

static void what_can_be_set_is_the_same(void)
{
	for (size_t i = 0; i < FAKE_NAMES; i++) {
		struct side sides[] = { ours(fake_foreign(fake_names[i])),
			theirs(fake_names[i]) };
		char settable[2][1000], gettable[2][1000];

		for (size_t j = 0; j < 2; j++) {
			EVP_PKEY_CTX *ctx = single(&sides[j]);

			CHECK(EVP_PKEY_sign_init(ctx) > 0);
			names_of(EVP_PKEY_CTX_settable_params(ctx), settable[j], 1000);
			names_of(EVP_PKEY_CTX_gettable_params(ctx), gettable[j], 1000);
			EVP_PKEY_CTX_free(ctx);
			EVP_PKEY_free(sides[j].key);
		}
		CHECK_TEXT(settable[0], settable[1]);
		CHECK_TEXT(gettable[0], gettable[1]);
	}
}

/* Before a key has come, too. */
static void lists_are_there_without_a_key(void)
{
	static const char *const names[] = { "RSA", "ECDSA" };

	for (size_t i = 0; i < COUNT(names); i++) {
		EVP_SIGNATURE *a =
			EVP_SIGNATURE_fetch(fake_program, names[i], "provider=azkv");
		char text[1000];

		CHECK(a != NULL);
		names_of(EVP_SIGNATURE_settable_ctx_params(a), text, sizeof(text));
		CHECK(strstr(text, "digest:") != NULL);
		CHECK((strstr(text, "pad-mode:") != NULL) == (i == 0));
		names_of(EVP_SIGNATURE_gettable_ctx_params(a), text, sizeof(text));
		CHECK(strstr(text, "algorithm-id:") != NULL);
		CHECK((strstr(text, "pad-mode:") != NULL) == (i == 0));
		EVP_SIGNATURE_free(a);
	}
}

/* The comparisons above compare nothing unless it is azkv that is asked. */
static void azkv_is_asked(void)
{
	struct side side = ours(fake_foreign("rsa2048"));
	EVP_PKEY_CTX *ctx = single(&side);

	CHECK(EVP_PKEY_sign_init(ctx) > 0);
	CHECK_TEXT(OSSL_PROVIDER_get0_name(EVP_PKEY_CTX_get0_provider(ctx)), "azkv");
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(side.key);
}

/* Of the digest in a stream: SHA-1 can be told something, SHA-256 cannot. */
static void tell_digest(
	const struct side *side, const char *digest, char *ret, size_t size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string("no such thing", NULL, 0),
		OSSL_PARAM_END,
	};
	char settable[200], gettable[200];

	CHECK(EVP_DigestSignInit_ex(ctx, NULL, digest, side->context, side->properties,
		      side->key, NULL) > 0);
	names_of(EVP_MD_CTX_settable_params(ctx), settable, sizeof(settable));
	names_of(EVP_MD_CTX_gettable_params(ctx), gettable, sizeof(gettable));
	(void)snprintf(ret, size, "%d %d %s %s", EVP_MD_CTX_get_params(ctx, params),
		EVP_MD_CTX_set_params(ctx, params), settable, gettable);
	EVP_MD_CTX_free(ctx);
}

static void a_digest_can_be_asked(void)
{
	static const char *const digests[] = { "SHA256", "SHA1", "MD5-SHA1" };
	struct side sides[] = { theirs("rsa2048"), ours(fake_foreign("rsa2048")),
		ours(fake_key(FAKE_VAULT, "rsa2048")) };
	char text[COUNT(sides)][500];

	for (size_t i = 0; i < COUNT(digests); i++) {
		for (size_t j = 0; j < COUNT(sides); j++)
			tell_digest(&sides[j], digests[i], text[j], sizeof(text[j]));
		CHECK_TEXT(text[1], text[0]);
		CHECK_TEXT(text[2], text[0]);
		CHECK(i == 0 || strstr(text[0], "ssl3-ms") != NULL);
	}
	for (size_t j = 0; j < COUNT(sides); j++)
		EVP_PKEY_free(sides[j].key);
	ERR_clear_error();
}

static const struct test tests[] = {
	{ "azkv is asked", azkv_is_asked },
	{ "streams are signed and verified as OpenSSL does it", streams_are_the_same },
	{ "so are single digests and bytes", single_ones_are_the_same },
	{ "what is told about a signature is the same", what_is_told_is_the_same },
	{ "what can be set and got is the same", what_can_be_set_is_the_same },
	{ "it can be asked before a key has come", lists_are_there_without_a_key },
	{ "the digest in a stream can be asked", a_digest_can_be_asked },
};

int main(void)
{
	int status;

	fake_start();
	status = test_run(tests, COUNT(tests));
	fake_end();
	return status;
}
