/* Decryption: a vault's, and OpenSSL's through us.
 * SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "azkv/program.h"

#define PAD  OSSL_ASYM_CIPHER_PARAM_PAD_MODE
#define OURS "?provider=azkv"
#define TEXT "a session key " SPY_MARK

struct sealed {
	unsigned char p[600];
	size_t len;
};

/* "name=value name=value"; a label is bytes. */
static bool set_all(EVP_PKEY_CTX *ctx, const char *settings)
{
	char copy[200], *rest = copy, *word;

	(void)snprintf(copy, sizeof(copy), "%s", settings);
	while ((word = strsep(&rest, " ")) != NULL) {
		char *value = strchr(word, '=');
		bool ok;

		if (!value)
			continue;
		*value++ = '\0';
		if (strcmp(word, "oaep-label") == 0) {
			OSSL_PARAM params[] = {
				OSSL_PARAM_octet_string(word, value, strlen(value)),
				OSSL_PARAM_END,
			};
			ok = EVP_PKEY_CTX_set_params(ctx, params) > 0;
		} else {
			ok = program_set(ctx, word, value);
		}
		if (!ok)
			return false;
	}
	return true;
}

/* Encrypts with a public key in the context that does not know us. */
static struct sealed seal(
	const char *name, const char *settings, const void *text, size_t len)
{
	EVP_PKEY *key = fake_public(name);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(fake_plain, key, NULL);
	struct sealed s = { .len = sizeof(s.p) };

	CHECK(EVP_PKEY_encrypt_init(ctx) > 0 && set_all(ctx, settings));
	CHECK_ROW(settings, EVP_PKEY_encrypt(ctx, s.p, &s.len, text, len) > 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return s;
}

static EVP_PKEY_CTX *decrypter(OSSL_LIB_CTX *context, EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(
		context, key, context == fake_plain ? NULL : OURS);

	CHECK(EVP_PKEY_decrypt_init(ctx) > 0);
	return ctx;
}

// clang-format off
static const struct {
	const char *settings, *algorithm; /* NULL: refused */
} paddings[] = {
	{ "",                                                    "RSA1_5" },
	{ "pad-mode=pkcs1",                                      "RSA1_5" },
	{ "pad-mode=oaep",                                       "RSA-OAEP" },
	{ "pad-mode=oaep digest=SHA1 mgf1-digest=SHA1",          "RSA-OAEP" },
	{ "pad-mode=oaep digest=SHA256",                         "RSA-OAEP-256" },
	{ "digest=SHA2-256 pad-mode=oaep mgf1-digest=SHA-256",   "RSA-OAEP-256" },
	{ "pad-mode=oaep digest=SHA256 mgf1-digest=SHA1",        NULL },
	{ "pad-mode=oaep digest=SHA1 mgf1-digest=SHA256",        NULL },
	{ "pad-mode=oaep digest=SHA384",                         NULL },
	{ "pad-mode=oaep digest=SHA512 mgf1-digest=SHA256",      NULL },
	{ "pad-mode=oaep oaep-label=label",                      NULL },
};
// clang-format on

static void a_vault_decrypts(void)
{
	for (size_t i = 0; i < 2 * COUNT(paddings); i++) {
		const char *settings = paddings[i / 2].settings,
			   *algorithm = paddings[i / 2].algorithm;
		EVP_PKEY *key = fake_key(i % 2 ? FAKE_HSM : FAKE_VAULT, "rsa2048");
		struct sealed s = seal("rsa2048", settings, TEXT, sizeof(TEXT));
		EVP_PKEY_CTX *ctx = decrypter(fake_program, key);
		unsigned char out[256];
		size_t size = 0, len = sizeof(out);

		fake_reset(FAKE_NOISY);
		CHECK_ROW(settings, set_all(ctx, settings));
		CHECK_ROW(settings,
			(EVP_PKEY_decrypt(ctx, NULL, &size, s.p, s.len) > 0) ==
				(algorithm != NULL));
		CHECK_ROW(settings, fake_seen().requests == 0);
		if (algorithm) {
			CHECK_ROW(settings, size == 256);
			CHECK_ROW(settings,
				EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) > 0);
			CHECK_ROW(settings, fake_is_quiet());
			CHECK_ROW(settings,
				len == sizeof(TEXT) && memcmp(out, TEXT, len) == 0);
			CHECK_TEXT(fake_seen().algorithm, algorithm);
			CHECK_TEXT(fake_seen().operation, "decrypt");
		} else {
			CHECK_ROW(settings, fake_reason() == REASON_ALGORITHM);
			CHECK_ROW(settings,
				EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0);
			CHECK_ROW(settings, fake_reason() == REASON_ALGORITHM);
		}
		CHECK_ROW(settings, fake_seen().requests == (algorithm ? 1 : 0));
		EVP_PKEY_CTX_free(ctx);
		EVP_PKEY_free(key);
	}
	CHECK(spy_leaks == 0);
}

static void other_paddings_are_refused(void)
{
	static const int pads[] = { RSA_NO_PADDING, RSA_X931_PADDING,
		RSA_PKCS1_WITH_TLS_PADDING };
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	struct sealed s = seal("rsa2048", "", TEXT, sizeof(TEXT));

	for (size_t i = 0; i < COUNT(pads); i++) {
		EVP_PKEY_CTX *ctx = decrypter(fake_program, key);
		unsigned char out[256];
		size_t len = sizeof(out);

		fake_reset(FAKE_GOOD);
		CHECK(program_set_int(ctx, PAD, pads[i]));
		CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0);
		CHECK(fake_reason() == REASON_ALGORITHM && fake_seen().requests == 0);
		EVP_PKEY_CTX_free(ctx);
	}
	EVP_PKEY_free(key);
}

static void what_is_too_long_or_short(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	struct sealed s = seal("rsa2048", "", TEXT, sizeof(TEXT));
	EVP_PKEY_CTX *ctx = decrypter(fake_program, key);
	unsigned char out[300];
	size_t len = 255;

	fake_reset(FAKE_GOOD);
	CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0); /* as OpenSSL's own */
	CHECK(fake_reason() == REASON_SIZE);
	len = sizeof(out);
	CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, 257) <= 0);
	CHECK(fake_reason() == REASON_SIZE);
	CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, 0) <= 0);
	CHECK(fake_reason() == REASON_SIZE);
	CHECK(fake_seen().requests == 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}

/* A ciphertext is a number; some write it without the zeros in front. */
static void zeros_in_front_may_be_missing(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	EVP_PKEY_CTX *ctx = decrypter(fake_program, key);
	struct sealed s;
	unsigned char out[256];
	size_t len = sizeof(out);

	do
		s = seal("rsa2048", "", TEXT, sizeof(TEXT));
	while (s.p[0] != 0);
	fake_reset(FAKE_GOOD);
	CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p + 1, s.len - 1) > 0);
	CHECK(len == sizeof(TEXT) && memcmp(out, TEXT, len) == 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void short_and_long_texts(void)
{
	static const size_t sizes[] = { 0, 1, 244, 245 };
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	unsigned char text[256], out[256];

	memset(text, 't', sizeof(text));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct sealed s = seal("rsa2048", "", text, sizes[i]);
		EVP_PKEY_CTX *ctx = decrypter(fake_program, key);
		size_t len = sizeof(out);

		fake_reset(FAKE_GOOD);
		CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) > 0);
		CHECK(len == sizes[i] && memcmp(out, text, len) == 0);
		EVP_PKEY_CTX_free(ctx);
	}
	EVP_PKEY_free(key);
}

// clang-format off
static const struct {
	enum fake_fault fault;
	int reason;
} faults[] = {
	{ FAKE_HUGE,        REASON_ANSWER },
	{ FAKE_REFUSED,     REASON_REFUSED },
	{ FAKE_NO_TOKEN,    REASON_IDENTITY },
	{ FAKE_UNREACHABLE, REASON_UNREACHABLE },
	{ FAKE_ROTATED,     REASON_ROTATED },
};
// clang-format on

static void wrong_answers_are_errors(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	struct sealed s = seal("rsa2048", "", TEXT, sizeof(TEXT));

	for (size_t i = 0; i < COUNT(faults); i++) {
		EVP_PKEY_CTX *ctx = decrypter(fake_program, key);
		unsigned char out[256];
		size_t len = sizeof(out);
		const char *data = "";

		fake_reset(faults[i].fault);
		CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0);
		(void)ERR_peek_last_error_all(NULL, NULL, NULL, &data, NULL);
		CHECK(faults[i].reason != REASON_ANSWER ||
			strncmp(data, "cannot decrypt with azkv://", 27) == 0);
		CHECK(fake_reason() == faults[i].reason);
		CHECK(fake_seen().requests == 1);
		EVP_PKEY_CTX_free(ctx);
	}
	s.p[100] ^= 1; /* padding that is none, most likely */
	{
		EVP_PKEY_CTX *ctx = decrypter(fake_program, key);
		unsigned char out[256];
		size_t len = sizeof(out);

		fake_reset(FAKE_BAD);
		CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0);
		CHECK(fake_reason() == REASON_REFUSED);
		EVP_PKEY_CTX_free(ctx);
	}
	EVP_PKEY_free(key);
}

/* OpenSSL 3.2 and later answer wrong padding with a made-up text unless CMS says 0. */
static void implicit_rejection_is_not_promised(void)
{
	static const unsigned values[] = { 0, 1 };
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	EVP_PKEY_CTX *ctx = decrypter(fake_program, key);

	fake_reset(FAKE_GOOD);
	for (unsigned i = 0; i < COUNT(values); i++) {
		unsigned value = values[i], got = 0;
		OSSL_PARAM params[] = {
			OSSL_PARAM_uint("implicit-rejection", &value),
			OSSL_PARAM_END,
		};
		OSSL_PARAM read[] = {
			OSSL_PARAM_uint("implicit-rejection", &got),
			OSSL_PARAM_END,
		};

		CHECK((EVP_PKEY_CTX_set_params(ctx, params) > 0) == (value == 0));
		CHECK(fake_reason() == (value == 0 ? 0 : REASON_ALGORITHM));
		CHECK(EVP_PKEY_CTX_get_params(ctx, read) > 0 && got == 0);
	}
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void a_context_is_copied(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	struct sealed s =
		seal("rsa2048", "pad-mode=oaep digest=SHA256", TEXT, sizeof(TEXT));
	EVP_PKEY_CTX *ctx = decrypter(fake_program, key), *copy;
	unsigned char out[256];
	size_t len = sizeof(out);

	fake_reset(FAKE_GOOD);
	CHECK(set_all(ctx, "pad-mode=oaep digest=SHA256"));
	copy = EVP_PKEY_CTX_dup(ctx);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	CHECK(copy && EVP_PKEY_decrypt(copy, out, &len, s.p, s.len) > 0);
	CHECK(len == sizeof(TEXT) && memcmp(out, TEXT, len) == 0);
	EVP_PKEY_CTX_free(copy);
}

static void memory_may_run_out(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	struct sealed s = seal("rsa2048", "", TEXT, sizeof(TEXT));
	bool ok = false;
	unsigned nth = 0;

	while (!ok && nth < 100) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(fake_program, key, OURS);
		unsigned char out[256];
		size_t len = sizeof(out);

		fake_reset(FAKE_GOOD);
		spy_fail(++nth);
		ok = EVP_PKEY_decrypt_init(ctx) > 0 &&
			EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) > 0;
		spy_fail(0);
		CHECK(ok ? fake_is_quiet() : ERR_peek_error() != 0);
		EVP_PKEY_CTX_free(ctx);
	}
	CHECK(ok && nth > 1);
	CHECK(spy_leaks == 0);
	EVP_PKEY_free(key);
}

/* What OpenSSL can do, it does through us: encrypt for a vault, all with a foreign key. */

// clang-format off
static const char *const locals[] = {
	"",
	"pad-mode=oaep",
	"pad-mode=oaep digest=SHA512 mgf1-digest=SHA1 oaep-label=label",
	"pad-mode=oaep oaep-label=label",
};
// clang-format on

static bool through(EVP_PKEY *encrypts, EVP_PKEY *decrypts, OSSL_LIB_CTX *contexts[2],
	const char *settings)
{
	EVP_PKEY_CTX *a = EVP_PKEY_CTX_new_from_pkey(
		contexts[0], encrypts, contexts[0] == fake_plain ? NULL : OURS);
	EVP_PKEY_CTX *b = decrypter(contexts[1], decrypts);
	unsigned char sealed[256], out[256];
	size_t sealed_len = sizeof(sealed), len = sizeof(out), size = 0;
	bool ok;

	ok = EVP_PKEY_encrypt_init(a) > 0 && set_all(a, settings) &&
		set_all(b, settings) &&
		EVP_PKEY_encrypt(a, NULL, &size, (const unsigned char *)TEXT, 9) > 0 &&
		size == 256 &&
		EVP_PKEY_encrypt(a, sealed, &sealed_len, (const unsigned char *)TEXT, 9) >
			0 &&
		EVP_PKEY_decrypt(b, NULL, &size, sealed, sealed_len) > 0 && size == 256 &&
		EVP_PKEY_decrypt(b, out, &len, sealed, sealed_len) > 0 && len == 9 &&
		memcmp(out, TEXT, 9) == 0;
	EVP_PKEY_CTX_free(a);
	EVP_PKEY_CTX_free(b);
	return ok;
}

static void openssl_does_the_rest(void)
{
	EVP_PKEY *vaults = fake_key(FAKE_VAULT, "rsa2048");
	EVP_PKEY *foreign = fake_foreign("rsa2048"), *plain = fake_whole("rsa2048");
	OSSL_LIB_CTX *to_plain[] = { fake_program, fake_plain };
	OSSL_LIB_CTX *from_plain[] = { fake_plain, fake_program };

	fake_reset(FAKE_GOOD);
	for (size_t i = 0; i < COUNT(locals); i++) {
		CHECK_ROW(locals[i], through(vaults, plain, to_plain, locals[i]));
		CHECK_ROW(locals[i], through(foreign, plain, to_plain, locals[i]));
		CHECK_ROW(locals[i], through(plain, foreign, from_plain, locals[i]));
	}
	CHECK(fake_is_quiet() && fake_seen().requests == 0);
	EVP_PKEY_free(vaults);
	EVP_PKEY_free(foreign);
	EVP_PKEY_free(plain);
}

/* Raw RSA, and what is wrong, end alike. */
static void foreign_keys_fail_alike(void)
{
	EVP_PKEY *keys[] = { fake_foreign("rsa2048"), fake_whole("rsa2048") };
	OSSL_LIB_CTX *contexts[] = { fake_program, fake_plain };
	struct sealed s = seal("rsa2048", "pad-mode=oaep", TEXT, sizeof(TEXT));
	unsigned char out[2][256] = { { 0 } };
	int results[2][4];

	for (size_t i = 0; i < 2; i++) {
		EVP_PKEY_CTX *ctx = decrypter(contexts[i], keys[i]);
		size_t len = 256;

		CHECK(set_all(ctx, "pad-mode=none"));
		results[i][0] = EVP_PKEY_decrypt(ctx, out[i], &len, s.p, s.len);
		CHECK(len == 256);
		results[i][1] = EVP_PKEY_decrypt(ctx, out[i], &len, s.p, 257);
		len = 100;
		results[i][2] = EVP_PKEY_decrypt(ctx, out[i], &len, s.p, s.len);
		results[i][3] = program_set(ctx, PAD, "pss");
		EVP_PKEY_CTX_free(ctx);
		EVP_PKEY_free(keys[i]);
	}
	CHECK(memcmp(results[0], results[1], sizeof(results[0])) == 0);
	CHECK(results[0][0] == 1 && memcmp(out[0], out[1], 256) == 0);
	ERR_clear_error();
}

/* TLS with RSA key exchange: only where openssl.cnf has it, and nobody learns from the
 * answer whether the padding was right. */

#define VERSION "tls-client-version"
#define REAL    "tls-negotiated-version"

// clang-format off
static const struct {
	const char *premaster; /* its beginning */
	size_t len;
	unsigned client, negotiated;
	enum fake_fault fault;
	bool is_good;
} exchanges[] = {
	{ "\x03\x03", 48, 0x303, 0,     FAKE_GOOD, true },
	{ "\x03\x03", 48, 0x303, 0,     FAKE_NOISY, true },
	{ "\x03\x01", 48, 0x301, 0,     FAKE_GOOD, true },
	{ "\x03\x01", 48, 0x303, 0x301, FAKE_GOOD, true },
	{ "\x03\x01", 48, 0x303, 0,     FAKE_GOOD, false },
	{ "\x03\x02", 48, 0x303, 0x301, FAKE_GOOD, false },
	{ "\x02\x03", 48, 0x303, 0,     FAKE_GOOD, false },
	{ "\x03\x03", 47, 0x303, 0,     FAKE_GOOD, false },
	{ "\x03\x03", 49, 0x303, 0,     FAKE_GOOD, false },
	{ "\x03\x03", 2,  0x303, 0,     FAKE_GOOD, false },
	{ "\x03\x03", 0,  0x303, 0,     FAKE_GOOD, false },
	{ "\x03\x03", 48, 0x303, 0,     FAKE_BAD,  false },
	{ "\x03\x03", 48, 0x303, 0,     FAKE_HUGE, false },
};
// clang-format on

static EVP_PKEY_CTX *exchange(
	OSSL_LIB_CTX *context, EVP_PKEY *key, unsigned client, unsigned negotiated)
{
	EVP_PKEY_CTX *ctx = decrypter(context, key);
	OSSL_PARAM params[] = {
		OSSL_PARAM_uint(VERSION, &client),
		OSSL_PARAM_uint(REAL, &negotiated),
		OSSL_PARAM_END,
	};

	CHECK(program_set_int(ctx, PAD, RSA_PKCS1_WITH_TLS_PADDING));
	CHECK(EVP_PKEY_CTX_set_params(ctx, params) > 0);
	return ctx;
}

static void exchange_row(OSSL_LIB_CTX *context, EVP_PKEY *key, size_t i)
{
	unsigned char premaster[64], out[2][48];
	struct sealed s;
	char row[32];

	(void)snprintf(row, sizeof(row), "exchanges[%zu]", i);
	CHECK(RAND_bytes(premaster, sizeof(premaster)) > 0);
	memcpy(premaster, exchanges[i].premaster, 2);
	s = seal("rsa2048", "", premaster, exchanges[i].len);
	for (size_t j = 0; j < 2; j++) {
		EVP_PKEY_CTX *ctx = exchange(
			context, key, exchanges[i].client, exchanges[i].negotiated);
		size_t size = 0, len = 48;

		fake_reset(exchanges[i].fault);
		CHECK_ROW(row, EVP_PKEY_decrypt(ctx, NULL, &size, s.p, s.len) > 0);
		CHECK_ROW(row, size == 48);
		CHECK_ROW(row, EVP_PKEY_decrypt(ctx, out[j], &len, s.p, s.len) > 0);
		CHECK_ROW(row, len == 48 && fake_is_quiet());
		CHECK_ROW(row, fake_seen().requests == 1);
		CHECK_TEXT(fake_seen().algorithm, "RSA1_5");
		EVP_PKEY_CTX_free(ctx);
	}
	if (exchanges[i].is_good) {
		CHECK_ROW(row, memcmp(out[0], premaster, 48) == 0);
	} else {
		CHECK_ROW(row, memcmp(out[0] + 2, premaster + 2, 46) != 0);
		CHECK_ROW(row, memcmp(out[0], out[1], 48) != 0);
	}
}

static void tls_is_told_nothing(void)
{
	OSSL_LIB_CTX *context = fake_configured("tls-rsa = yes");
	EVP_PKEY *key = fake_key_in(context, FAKE_VAULT, "rsa2048");

	for (size_t i = 0; i < COUNT(exchanges); i++)
		exchange_row(context, key, i);
	EVP_PKEY_free(key);
	OSSL_LIB_CTX_free(context);
}

static void tls_has_its_errors(void)
{
	OSSL_LIB_CTX *context = fake_configured("tls-rsa = yes");
	EVP_PKEY *key = fake_key_in(context, FAKE_VAULT, "rsa2048");
	struct sealed s = seal("rsa2048", "", TEXT, sizeof(TEXT));
	unsigned char out[48];
	EVP_PKEY_CTX *ctx = exchange(context, key, 0x303, 0);
	size_t len = 47;

	fake_reset(FAKE_GOOD);
	CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0);
	CHECK(fake_reason() == REASON_SIZE && fake_seen().requests == 0);
	for (size_t i = 1; i < COUNT(faults); i++) {
		len = 48;
		fake_reset(faults[i].fault);
		CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0);
		CHECK(fake_reason() == faults[i].reason);
	}
	EVP_PKEY_CTX_free(ctx);
	ctx = exchange(context, key, 0, 0);
	fake_reset(FAKE_GOOD);
	CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0);
	CHECK(fake_reason() == REASON_ALGORITHM && fake_seen().requests == 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	OSSL_LIB_CTX_free(context);
}

static void tls_is_off(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	EVP_PKEY_CTX *ctx = exchange(fake_program, key, 0x303, 0);
	struct sealed s = seal("rsa2048", "", "\x03\x03", 2);
	unsigned char out[48];
	size_t len = sizeof(out);

	fake_reset(FAKE_GOOD);
	CHECK(EVP_PKEY_decrypt(ctx, NULL, &len, s.p, s.len) <= 0);
	CHECK(fake_reason() == REASON_ALGORITHM);
	len = sizeof(out);
	CHECK(EVP_PKEY_decrypt(ctx, out, &len, s.p, s.len) <= 0);
	CHECK(strstr(ERR_reason_error_string(ERR_peek_last_error()), "vault") != NULL);
	CHECK(fake_reason() == REASON_ALGORITHM && fake_seen().requests == 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static const struct test tests[] = {
	{ "a vault decrypts with the paddings it has", a_vault_decrypts },
	{ "other paddings are refused", other_paddings_are_refused },
	{ "sizes are checked before anything is sent", what_is_too_long_or_short },
	{ "zeros in front of a ciphertext may be missing",
		zeros_in_front_may_be_missing },
	{ "the shortest and the longest texts are decrypted", short_and_long_texts },
	{ "a wrong answer is an error", wrong_answers_are_errors },
	{ "implicit rejection is not promised", implicit_rejection_is_not_promised },
	{ "a context is copied with its settings", a_context_is_copied },
	{ "when memory runs out, that is an error", memory_may_run_out },
	{ "OpenSSL does everything else", openssl_does_the_rest },
	{ "a foreign key fails as it does without us", foreign_keys_fail_alike },
	{ "RSA key exchange is off", tls_is_off },
	{ "where it is on, nobody learns about the padding", tls_is_told_nothing },
	{ "what has nothing to do with the padding is an error", tls_has_its_errors },
};

int main(void)
{
	int status;

	fake_start();
	status = test_run(tests, COUNT(tests));
	fake_end();
	return status;
}
