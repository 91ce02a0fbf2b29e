/* What a vault cannot do is refused before anything is sent, what it did wrong is found
 * out, and what is told about a signature is what it is. SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "azkv/program.h"

#define PAD  OSSL_SIGNATURE_PARAM_PAD_MODE
#define SALT OSSL_SIGNATURE_PARAM_PSS_SALTLEN
#define MGF1 OSSL_SIGNATURE_PARAM_MGF1_DIGEST

// clang-format off
/* A salt that is a text, or with NULL a number; NONE: it is not set. */
#define NONE 1000
static const struct {
	const char *digest, *pad, *salt;
	int salt_number;
	const char *mgf1, *algorithm; /* NULL: refused */
} paddings[] = {
	{ "SHA256", "pkcs1", NULL,             NONE, NULL,       "RS256" },
	{ "SHA256", "pss",   NULL,             NONE, NULL,       "PS256" },
	{ "SHA256", "pss",   "digest",         0,    NULL,       "PS256" },
	{ "SHA256", "pss",   "auto",           0,    NULL,       "PS256" },
	{ "SHA256", "pss",   "auto-digestmax", 0,    NULL,       "PS256" },
	{ "SHA256", "pss",   "32",             0,    NULL,       "PS256" },
	{ "SHA256", "pss",   NULL,             32,   NULL,       "PS256" },
	{ "SHA256", "pss",   NULL,             -1,   NULL,       "PS256" },
	{ "SHA256", "pss",   NULL,             -2,   NULL,       "PS256" },
	{ "SHA256", "pss",   "digest",         0,    "SHA256",   "PS256" },
	{ "SHA256", "pss",   "digest",         0,    "SHA2-256", "PS256" },
	{ "SHA384", "pss",   "auto",           0,    NULL,       "PS384" },
	{ "SHA384", "pss",   NULL,             48,   "SHA384",   "PS384" },
	{ "SHA512", "pss",   "auto",           0,    NULL,       "PS512" },
	{ "SHA512", "pss",   NULL,             64,   NULL,       "PS512" },
	{ "SHA256", "pss",   "max",            0,    NULL,       NULL },
	{ "SHA256", "pss",   NULL,             -3,   NULL,       NULL },
	{ "SHA256", "pss",   "20",             0,    NULL,       NULL },
	{ "SHA256", "pss",   NULL,             0,    NULL,       NULL },
	{ "SHA256", "pss",   NULL,             48,   NULL,       NULL },
	{ "SHA384", "pss",   NULL,             32,   NULL,       NULL },
	{ "SHA256", "pss",   "digest",         0,    "SHA1",     NULL },
	{ "SHA256", "pss",   "digest",         0,    "SHA384",   NULL },
	{ "SHA1",   "pss",   "digest",         0,    NULL,       NULL },
	{ "SHA224", "pss",   "digest",         0,    "SHA256",   NULL },
	{ "SHA256", "x931",  NULL,             NONE, NULL,       NULL },
};
// clang-format on

static bool set_row(EVP_PKEY_CTX *ctx, size_t i)
{
	bool ok = program_set(ctx, PAD, paddings[i].pad);

	if (ok && paddings[i].salt)
		ok = program_set(ctx, SALT, paddings[i].salt);
	else if (ok && paddings[i].salt_number != NONE)
		ok = program_set_int(ctx, SALT, paddings[i].salt_number);
	return ok && (!paddings[i].mgf1 || program_set(ctx, MGF1, paddings[i].mgf1));
}

/* A stream refuses when it is told; and also when nobody cared that it had. */
static void streams_refuse_paddings(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");

	for (size_t i = 0; i < COUNT(paddings); i++) {
		struct program_signature s;
		EVP_PKEY_CTX *ctx;
		EVP_MD_CTX *stream;
		char row[16];
		bool ok;

		(void)snprintf(row, sizeof(row), "paddings[%zu]", i);
		fake_reset(FAKE_GOOD);
		stream = program_begin(key, paddings[i].digest, &ctx);
		ok = set_row(ctx, i);
		CHECK_ROW(row, ok == (paddings[i].algorithm != NULL));
		CHECK_ROW(row, ok ? fake_is_quiet() : fake_reason() == REASON_ALGORITHM);
		CHECK_ROW(row, program_finish(stream, &s) == ok);
		CHECK_TEXT(fake_seen().algorithm, ok ? paddings[i].algorithm : "");
		EVP_MD_CTX_free(stream);
	}
	EVP_PKEY_free(key);
}

/* Whoever brings a digest may set things in any order: it is refused in the end. */
static void ready_digests_refuse_paddings(void)
{
	static const unsigned char digest[64] = { 1, 2, 3 };
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");

	for (size_t i = 0; i < COUNT(paddings); i++) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(fake_program, key, NULL);
		EVP_MD *md = EVP_MD_fetch(fake_plain, paddings[i].digest, NULL);
		unsigned char sig[256];
		size_t len = sizeof(sig), size = 0;
		char row[16];
		bool ok = paddings[i].algorithm != NULL;

		(void)snprintf(row, sizeof(row), "paddings[%zu]", i);
		fake_reset(FAKE_GOOD);
		CHECK_ROW(row, EVP_PKEY_sign_init(ctx) > 0);
		if (strcmp(paddings[i].pad, "x931") == 0) /* OpenSSL wants it first */
			CHECK_ROW(row, program_set(ctx, "digest", paddings[i].digest));
		CHECK_ROW(row, set_row(ctx, i));
		CHECK_ROW(row, program_set(ctx, "digest", paddings[i].digest));
		CHECK_ROW(row, fake_is_quiet());
		CHECK_ROW(row, (EVP_PKEY_sign(ctx, NULL, &size, digest, 1) > 0) == ok);
		CHECK_ROW(row, fake_seen().requests == 0);
		ERR_clear_error();
		CHECK_ROW(row,
			(EVP_PKEY_sign(ctx, sig, &len, digest,
				 (size_t)EVP_MD_get_size(md)) > 0) == ok);
		CHECK_ROW(row, ok ? fake_is_quiet() : fake_reason() == REASON_ALGORITHM);
		CHECK_ROW(row, fake_seen().requests == (ok ? 1 : 0));
		EVP_MD_free(md);
		EVP_PKEY_CTX_free(ctx);
	}
	EVP_PKEY_free(key);
}

static void bytes_without_a_digest(void)
{
	static const char *const pads[] = { "none", "pss", "x931" };
	static const unsigned char bytes[256] = { 0, 1 };
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");

	for (size_t i = 0; i < COUNT(pads); i++) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(fake_program, key, NULL);
		unsigned char sig[256];
		size_t len = sizeof(sig);

		fake_reset(FAKE_GOOD);
		CHECK(EVP_PKEY_sign_init(ctx) > 0);
		(void)program_set(ctx, PAD, pads[i]); /* OpenSSL itself may refuse */
		CHECK_ROW(pads[i],
			EVP_PKEY_sign(ctx, sig, &len, bytes, 20) <= 0 ||
				strcmp(fake_seen().algorithm, "RSNULL") == 0);
		len = sizeof(sig);
		CHECK_ROW(pads[i], EVP_PKEY_sign(ctx, sig, &len, bytes, 256) <= 0);
		EVP_PKEY_CTX_free(ctx);
	}
	EVP_PKEY_free(key);
}

/* libssl asks so what a key can do, before each handshake. */

// clang-format off
static const struct {
	const char *host, *key, *digest;
	bool can;
} probes[] = {
	{ FAKE_VAULT, "rsa2048", "SHA256",    true },
	{ FAKE_VAULT, "rsa2048", "SHA1",      true },
	{ FAKE_VAULT, "rsa2048", "SHA224",    true },
	{ FAKE_VAULT, "rsa2048", "MD5-SHA1",  true },
	{ FAKE_VAULT, "rsa2048", "SHAKE256",  false },
	{ FAKE_VAULT, "rsa2048", "BLAKE2b512", false },
	{ FAKE_VAULT, "rsa2048", "nonsense",  false },
	{ FAKE_HSM,   "rsa2048", "SHA256",    true },
	{ FAKE_HSM,   "rsa2048", "SHA512",    true },
	{ FAKE_HSM,   "rsa2048", "SHA1",      false },
	{ FAKE_HSM,   "rsa2048", "SHA224",    false },
	{ FAKE_HSM,   "rsa2048", "MD5-SHA1",  false },
	{ FAKE_HSM,   "rsa2048", "SHA3-256",  false },
	{ FAKE_VAULT, "p256",    "SHA256",    true },
	{ FAKE_VAULT, "p384",    "SHA256",    true },
	{ FAKE_HSM,   "p521",    "SHA1",      true },
	{ FAKE_VAULT, "p256",    "SHAKE128",  false },
	{ FAKE_VAULT, "p256k",   "nonsense",  false },
};
// clang-format on

static void probes_cost_nothing(void)
{
	for (size_t i = 0; i < COUNT(probes); i++) {
		EVP_PKEY *key = fake_key(probes[i].host, probes[i].key);

		fake_reset(FAKE_UNREACHABLE);
		CHECK_ROW(probes[i].digest,
			(EVP_PKEY_digestsign_supports_digest(key, fake_program,
				 probes[i].digest, NULL) > 0) == probes[i].can);
		CHECK_ROW(probes[i].digest, fake_is_quiet());
		CHECK_ROW(probes[i].digest, fake_seen().requests == 0);
		EVP_PKEY_free(key);
	}
}

/* What comes back wrong. */

// clang-format off
static const struct {
	enum fake_fault fault;
	const char *key, *pad;
	int reason; /* 0: it is good after all */
} faults[] = {
	{ FAKE_NOISY,       "rsa2048", "pkcs1", 0 },
	{ FAKE_NOISY,       "rsa2048", "pss",   0 },
	{ FAKE_NOISY,       "p256",    NULL,    0 },
	{ FAKE_SHORT,       "rsa2048", "pkcs1", REASON_ANSWER },
	{ FAKE_LONG,        "rsa2048", "pkcs1", REASON_ANSWER },
	{ FAKE_EMPTY,       "rsa2048", "pkcs1", REASON_ANSWER },
	{ FAKE_FLIPPED,     "rsa2048", "pkcs1", REASON_ANSWER },
	{ FAKE_FLIPPED,     "rsa2048", "pss",   REASON_ANSWER },
	{ FAKE_OTHER_KEY,   "rsa2048", "pkcs1", REASON_ANSWER },
	{ FAKE_OTHER_KEY,   "rsa2048", "pss",   REASON_ANSWER },
	{ FAKE_OTHER_SALT,  "rsa2048", "pss",   REASON_ANSWER },
	{ FAKE_SHORT,       "p256",    NULL,    REASON_ANSWER },
	{ FAKE_LONG,        "p256",    NULL,    REASON_ANSWER },
	{ FAKE_EMPTY,       "p256",    NULL,    REASON_ANSWER },
	{ FAKE_FLIPPED,     "p256k",   NULL,    REASON_ANSWER },
	{ FAKE_ZERO_R,      "p384",    NULL,    REASON_ANSWER },
	{ FAKE_ZERO_S,      "p384",    NULL,    REASON_ANSWER },
	{ FAKE_ORDER,       "p256",    NULL,    REASON_ANSWER },
	{ FAKE_ORDER,       "p521",    NULL,    REASON_ANSWER },
	{ FAKE_OTHER_KEY,   "p521",    NULL,    REASON_ANSWER },
	{ FAKE_REFUSED,     "rsa2048", "pkcs1", REASON_REFUSED },
	{ FAKE_BAD,         "p256",    NULL,    REASON_REFUSED },
	{ FAKE_ROTATED,     "p256",    NULL,    REASON_ROTATED },
	{ FAKE_UNREACHABLE, "p256",    NULL,    REASON_UNREACHABLE },
};
// clang-format on

/* The last error names operation and key. */
static bool is_told_whole(void)
{
	const char *data = "";

	(void)ERR_peek_last_error_all(NULL, NULL, NULL, &data, NULL);
	return strncmp(data, "cannot sign with azkv://", 24) == 0;
}

static void wrong_answers_are_found_out(void)
{
	for (size_t i = 0; i < COUNT(faults); i++) {
		EVP_PKEY *key = fake_key(FAKE_VAULT, faults[i].key);
		struct program_signature s;
		EVP_PKEY_CTX *ctx;
		EVP_MD_CTX *stream;
		unsigned given = 0;
		char row[16];

		(void)snprintf(row, sizeof(row), "faults[%zu]", i);
		memset(&s, 0, sizeof(s));
		fake_reset(faults[i].fault);
		stream = program_begin(key, "SHA256", &ctx);
		CHECK(!faults[i].pad || program_set(ctx, PAD, faults[i].pad));
		CHECK_ROW(row, program_finish(stream, &s) == (faults[i].reason == 0));
		CHECK_ROW(row, faults[i].reason != REASON_ANSWER || is_told_whole());
		CHECK_ROW(row,
			faults[i].reason ? fake_reason() == faults[i].reason
					 : fake_is_quiet());
		CHECK_ROW(row, fake_seen().requests == 1);
		for (size_t j = 0; j < sizeof(s.p); j++)
			given |= s.p[j];
		CHECK_ROW(row, (given == 0) == (faults[i].reason != 0));
		EVP_MD_CTX_free(stream);
		EVP_PKEY_free(key);
	}
}

/* What was on the queue before stays there. */
static void older_errors_stay(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "p256");
	struct program_signature s;
	EVP_MD_CTX *stream = program_begin(key, "SHA256", NULL);

	fake_reset(FAKE_NOISY);
	ERR_raise(ERR_LIB_SYS, 77);
	CHECK(program_finish(stream, &s));
	CHECK(ERR_GET_REASON(ERR_get_error()) == 77);
	CHECK(fake_is_quiet());
	EVP_MD_CTX_free(stream);
	EVP_PKEY_free(key);
}

/* AlgorithmIdentifiers: RFC 4055, 3.1 and 5 (RSA), RFC 5758, 3.2 (ECDSA). */

// clang-format off
#define HASHED(n) "300d06096086480165030402" n "0500"
#define PSS(n, salt) "304106092a864886f70d01010a3034a00f" HASHED(n) \
	"a11c301a06092a864886f70d010108" HASHED(n) "a2030201" salt
static const struct {
	const char *key, *digest, *pad, *salt, *der;
} identifiers[] = {
	{ "rsa2048", "SHA1",     "pkcs1", NULL,     "300d06092a864886f70d0101050500" },
	{ "rsa2048", "SHA224",   "pkcs1", NULL,     "300d06092a864886f70d01010e0500" },
	{ "rsa2048", "SHA256",   "pkcs1", NULL,     "300d06092a864886f70d01010b0500" },
	{ "rsa2048", "SHA384",   "pkcs1", NULL,     "300d06092a864886f70d01010c0500" },
	{ "rsa2048", "SHA512",   "pkcs1", NULL,     "300d06092a864886f70d01010d0500" },
	{ "rsa2048", "SHA3-256", "pkcs1", NULL,     "300d060960864801650304030e0500" },
	{ "rsa2048", "SHA256",   "pss",   NULL,     PSS("01", "20") },
	{ "rsa2048", "SHA384",   "pss",   "auto",   PSS("02", "30") },
	{ "rsa2048", "SHA512",   "pss",   "digest", PSS("03", "40") },
	{ "rsa2048", "SHA256",   "pss",   "32",     PSS("01", "20") },
	{ "p256",    "SHA1",     NULL,    NULL,     "300906072a8648ce3d0401" },
	{ "p256",    "SHA224",   NULL,    NULL,     "300a06082a8648ce3d040301" },
	{ "p256",    "SHA256",   NULL,    NULL,     "300a06082a8648ce3d040302" },
	{ "p384",    "SHA256",   NULL,    NULL,     "300a06082a8648ce3d040302" },
	{ "p384",    "SHA384",   NULL,    NULL,     "300a06082a8648ce3d040303" },
	{ "p521",    "SHA512",   NULL,    NULL,     "300a06082a8648ce3d040304" },
	{ "p256k",   "SHA3-256", NULL,    NULL,     "300b060960864801650304030a" },
};
// clang-format on

static void to_hex(const unsigned char *p, size_t len, char *ret)
{
	for (size_t i = 0; i < len; i++)
		(void)sprintf(ret + 2 * i, "%02x", p[i]);
	ret[2 * len] = '\0';
}

static void identifiers_are_exact(void)
{
	for (size_t i = 0; i < COUNT(identifiers); i++) {
		EVP_PKEY *key = fake_key(FAKE_VAULT, identifiers[i].key);
		unsigned char der[128];
		char hex[2 * sizeof(der) + 1];
		OSSL_PARAM params[] = {
			OSSL_PARAM_octet_string("algorithm-id", der, sizeof(der)),
			OSSL_PARAM_END,
		};
		EVP_PKEY_CTX *ctx;
		EVP_MD_CTX *stream;

		fake_reset(FAKE_GOOD);
		stream = program_begin(key, identifiers[i].digest, &ctx);
		CHECK(!identifiers[i].pad || program_set(ctx, PAD, identifiers[i].pad));
		CHECK(!identifiers[i].salt ||
			program_set(ctx, SALT, identifiers[i].salt));
		CHECK(EVP_PKEY_CTX_get_params(ctx, params) > 0);
		to_hex(der, params[0].return_size, hex);
		CHECK_TEXT(hex, identifiers[i].der);
		CHECK(fake_is_quiet());
		EVP_MD_CTX_free(stream);
		EVP_PKEY_free(key);
	}
}

static void the_salt_is_told(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	int number = 0;
	char text[32] = "";
	OSSL_PARAM params[] = {
		OSSL_PARAM_int(SALT, &number),
		OSSL_PARAM_utf8_string(SALT, text, sizeof(text)),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx;
	EVP_MD_CTX *stream;

	fake_reset(FAKE_GOOD);
	stream = program_begin(key, "SHA256", &ctx);
	CHECK(program_set(ctx, PAD, "pss"));
	CHECK(EVP_PKEY_CTX_get_params(ctx, params) > 0);
	CHECK(number == RSA_PSS_SALTLEN_DIGEST);
	CHECK(program_set(ctx, SALT, "auto"));
	CHECK(EVP_PKEY_CTX_get_params(ctx, params + 1) > 0);
	CHECK_TEXT(text, "digest");
	CHECK(program_set_int(ctx, SALT, 32));
	CHECK(EVP_PKEY_CTX_get_params(ctx, params) > 0);
	CHECK(number == 32);
	EVP_MD_CTX_free(stream);
	EVP_PKEY_free(key);
}

static void a_digest_is_kept(void)
{
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	struct program_signature s;
	EVP_PKEY_CTX *ctx;
	EVP_MD_CTX *stream;

	fake_reset(FAKE_GOOD);
	stream = program_begin(key, "SHA256", &ctx);
	CHECK(program_set(ctx, "digest", "SHA2-256"));
	CHECK(fake_is_quiet());
	CHECK(!program_set(ctx, "digest", "SHA384"));
	CHECK(fake_reason() == REASON_ALGORITHM);
	CHECK(program_finish(stream, &s) &&
		program_verifies("rsa2048", "SHA256", false, &s));
	EVP_MD_CTX_free(stream);
	EVP_PKEY_free(key);
}

/* A key remembers what the first signature had made, so each try has a new one. */
static void memory_may_run_out(void)
{
	static const char *const names[] = { "rsa2048", "p256" };

	for (size_t i = 0; i < COUNT(names); i++) {
		unsigned failed = 0;
		bool ok = false;

		for (unsigned nth = 1; nth <= 12; nth++) {
			EVP_PKEY *key = fake_key(FAKE_VAULT, names[i]);
			struct program_signature s;
			EVP_MD_CTX *stream;

			fake_reset(FAKE_GOOD);
			spy_fail(nth);
			stream = program_begin(key, "SHA256", NULL);
			ok = program_finish(stream, &s);
			spy_fail(0);
			EVP_MD_CTX_free(stream);
			CHECK(ok ? fake_is_quiet() : ERR_peek_error() != 0);
			CHECK(!ok || program_verifies(names[i], "SHA256", false, &s));
			failed += !ok;
			EVP_PKEY_free(key);
		}
		CHECK(ok && failed >= 2);
	}
}

/* The same key again and again, also with a digest that it did not begin with, and with
 * parameters that are not to stay. */
static void a_key_goes_on(void)
{
	static const struct {
		const char *digest, *padding;
	} rows[] = { { "SHA256", NULL }, { "SHA256", "pss" }, { "SHA256", NULL },
		{ "SHA384", NULL }, { "SHA2-256", NULL }, { "SHA512", "pss" },
		{ "SHA256", NULL }, { "SHA1", NULL }, { "SHA256", "pss" } };
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool is_pss = rows[i].padding;
		struct program_signature s;
		EVP_PKEY_CTX *ctx;
		EVP_MD_CTX *stream;

		fake_reset(FAKE_GOOD);
		stream = program_begin(key, rows[i].digest, &ctx);
		CHECK_ROW(rows[i].digest, stream != NULL);
		CHECK(!is_pss || program_set(ctx, PAD, rows[i].padding));
		CHECK_ROW(rows[i].digest,
			program_finish(stream, &s) &&
				program_verifies("rsa2048", rows[i].digest, is_pss, &s));
		CHECK(fake_is_quiet());
		EVP_MD_CTX_free(stream);
	}
	EVP_PKEY_free(key);
}

static const struct test tests[] = {
	{ "when memory runs out, that is an error", memory_may_run_out },
	{ "a stream refuses paddings that a vault does not do", streams_refuse_paddings },
	{ "so does what signs ready digests, in the end", ready_digests_refuse_paddings },
	{ "bytes without a digest are signed with PKCS#1 v1.5 alone",
		bytes_without_a_digest },
	{ "a probe costs no request and leaves no error", probes_cost_nothing },
	{ "a wrong answer is found out and not given away", wrong_answers_are_found_out },
	{ "a success leaves older errors where they are", older_errors_stay },
	{ "algorithm identifiers are right byte for byte", identifiers_are_exact },
	{ "the length of the salt is told as it will be", the_salt_is_told },
	{ "a stream keeps its digest", a_digest_is_kept },
	{ "a key signs again with what it was begun with, and with else", a_key_goes_on },
};

int main(void)
{
	int status;

	fake_start();
	status = test_run(tests, COUNT(tests));
	fake_end();
	return status;
}
