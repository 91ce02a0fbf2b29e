/* The public half of a key as a vault gives it: which are taken, and which are none.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>

#include "crypto.h"
#include "openssl/answer.h"
#include "openssl/auto.h"
#include "test.h"

#define V    "0123456789abcdef0123456789abcdef"
#define HOST "myvault.vault.azure.net"
#define KID  "https://" HOST "/keys/MyKey/" V

static OSSL_LIB_CTX *inner;

static void fill(struct secret *body, const char *text)
{
	secret_wipe(body);
	CHECK(secret_add_text(body, text));
}

/* What it is called and made of; zeros before each number, and '=' behind them. */
struct jwk {
	const char *kid, *kty, *crv;
	const char *names[2];
	struct {
		unsigned char p[1100];
		size_t len;
	} numbers[2];
	size_t zeros;
	bool is_padded;
};

static void add_number(struct text *body, const struct jwk *k, size_t i)
{
	unsigned char bytes[1200] = { 0 };
	AUTO_TEXT digits = { 0 };

	memcpy(bytes + k->zeros, k->numbers[i].p, k->numbers[i].len);
	answer_encode(bytes, k->zeros + k->numbers[i].len, &digits);
	while (k->is_padded && digits.len % 4)
		text_add(&digits, "=");
	text_addf(body, ",\"%s\":\"%s\"", k->names[i], text_peek(&digits));
}

static void write_jwk(const struct jwk *k, struct secret *body)
{
	AUTO_TEXT text = { 0 };

	text_addf(&text, "{\"key\":{\"kid\":\"%s\",\"kty\":\"%s\",\"key_ops\":[\"sign\"]",
		k->kid ? k->kid : KID, k->kty);
	if (k->crv)
		text_addf(&text, ",\"crv\":\"%s\"", k->crv);
	add_number(&text, k, 0);
	add_number(&text, k, 1);
	text_add(&text,
		"},\"attributes\":{\"enabled\":true,\"nbf\":1493942451},\"tags\":{}}");
	fill(body, text_peek(&text));
}

static void rsa_jwk(int bits, const char *exponent, size_t exponent_len, struct jwk *ret)
{
	*ret = (struct jwk){ .kty = "RSA", .names = { "n", "e" } };
	ret->numbers[0].len = crypto_modulus(bits, ret->numbers[0].p);
	memcpy(ret->numbers[1].p, exponent, exponent_len);
	ret->numbers[1].len = exponent_len;
}

static void ec_jwk(const char *crv, const char *group, unsigned factor, struct jwk *ret)
{
	size_t len;

	*ret = (struct jwk){ .kty = "EC", .crv = crv, .names = { "x", "y" } };
	len = crypto_point(group, factor, ret->numbers[0].p, ret->numbers[1].p);
	ret->numbers[0].len = ret->numbers[1].len = len;
}

/* The key of that description, or no key, with what is left as it was. */
static void try(const char *what, const struct jwk *k, enum mitok_code want,
	const char *says, struct vault_key *ret)
{
	AUTO_SECRET body = { 0 };
	struct mitok_err e = { 0 };
	struct vault_key found = { .public_key = NULL };
	enum mitok_code got;

	write_jwk(k, &body);
	crypto_queue_set();
	got = answer_key(&body, HOST, inner, &found, &e);
	CHECK_ROW(what, crypto_queue_is_set());
	if (!test_check(got == want, __FILE__, __LINE__, "the code", what) ||
		(says && !strstr(e.message, says)))
		CHECK_TEXT(e.message, says);
	CHECK_ROW(what, (got == MITOK_OK) == (found.public_key != NULL));
	CHECK_ROW(what, (got == MITOK_OK) == !e.message[0]);
	if (ret && got == MITOK_OK)
		*ret = found;
	else
		EVP_PKEY_free(found.public_key);
}

static bool has_number(
	EVP_PKEY *k, const char *name, const unsigned char *bytes, size_t len)
{
	AUTO_BN got = NULL;
	AUTO_BN want = BN_bin2bn(bytes, (int)len, NULL);

	return want && EVP_PKEY_get_bn_param(k, name, &got) && BN_cmp(got, want) == 0;
}

// clang-format off
static const struct {
	const char *what, *kty;
	int bits;
	size_t zeros;
	bool is_padded;
} rsa_good[] = {
	{ "2048 bits", "RSA", 2048, 0, false },
	{ "3072 bits", "RSA", 3072, 0, false },
	{ "4096 bits", "RSA", 4096, 0, false },
	{ "in an HSM", "RSA-HSM", 2048, 0, false },
	{ "another case", "rsa-Hsm", 2048, 0, false },
	{ "a zero in front, as of a signed number", "RSA", 2048, 1, false },
	{ "zeros in front", "RSA", 2048, 40, false },
	{ "padding", "RSA", 2048, 0, true },
	{ "both", "RSA", 4096, 3, true },
};

static const struct {
	const char *what;
	int bits;
	const char *exponent;
	size_t exponent_len;
	enum mitok_code want;
	const char *says;
} rsa_sizes[] = {
	{ "the usual exponent", 2048, "\1\0\1", 3, MITOK_OK, NULL },
	{ "the smallest", 2048, "\3", 1, MITOK_OK, NULL },
	{ "a larger one", 2048, "\1\2\3\4\5\6\7\1", 8, MITOK_OK, NULL },
	{ "an even exponent", 2048, "\1\0\0", 3, MITOK_E_REPLY, "exponent" },
	{ "exponent 1", 2048, "\1", 1, MITOK_E_REPLY, "exponent" },
	{ "exponent 0", 2048, "\0", 1, MITOK_E_REPLY, NULL },
	{ "no exponent", 2048, "", 0, MITOK_E_REPLY, NULL },
	{ "1024 bits", 1024, "\1\0\1", 3, MITOK_E_ARG, "1024 bits" },
	{ "2047 bits", 2047, "\1\0\1", 3, MITOK_E_ARG, "2047 bits" },
	{ "4097 bits", 4097, "\1\0\1", 3, MITOK_E_ARG, "4097 bits" },
	{ "8192 bits", 8192, "\1\0\1", 3, MITOK_E_ARG, "8192 bits" },
};
// clang-format on

static void rsa(void)
{
	for (size_t i = 0; i < COUNT(rsa_good); i++) {
		struct vault_key found = { .public_key = NULL };
		struct jwk k;

		rsa_jwk(rsa_good[i].bits, "\1\0\1", 3, &k);
		k.kty = rsa_good[i].kty;
		k.zeros = rsa_good[i].zeros;
		k.is_padded = rsa_good[i].is_padded;
		try(rsa_good[i].what, &k, MITOK_OK, NULL, &found);
		if (!found.public_key)
			continue;
		CHECK_ROW(rsa_good[i].what, EVP_PKEY_is_a(found.public_key, "RSA"));
		CHECK_ROW(rsa_good[i].what,
			EVP_PKEY_get_bits(found.public_key) == rsa_good[i].bits);
		CHECK_ROW(rsa_good[i].what,
			has_number(found.public_key, OSSL_PKEY_PARAM_RSA_N,
				k.numbers[0].p, k.numbers[0].len));
		CHECK_ROW(rsa_good[i].what,
			has_number(found.public_key, OSSL_PKEY_PARAM_RSA_E,
				k.numbers[1].p, 3));
		CHECK_TEXT(found.uri.host, HOST);
		CHECK_TEXT(found.uri.name, "mykey");
		CHECK_TEXT(found.uri.version, V);
		CHECK_TEXT(found.uri.identity, "");
		CHECK(found.uri.kind == URI_KEY);
		EVP_PKEY_free(found.public_key);
	}
}

static void rsa_numbers(void)
{
	struct jwk k;

	for (size_t i = 0; i < COUNT(rsa_sizes); i++) {
		rsa_jwk(rsa_sizes[i].bits, rsa_sizes[i].exponent,
			rsa_sizes[i].exponent_len, &k);
		try(rsa_sizes[i].what, &k, rsa_sizes[i].want, rsa_sizes[i].says, NULL);
	}
	rsa_jwk(2048, "\1\0\1", 3, &k);
	k.numbers[0].p[k.numbers[0].len - 1] = 2;
	try("an even modulus", &k, MITOK_E_REPLY, "modulus is even", NULL);
	rsa_jwk(2048, "\1\0\1", 3, &k);
	k.numbers[1] = k.numbers[0];
	try("the modulus as exponent", &k, MITOK_E_REPLY, "exponent", NULL);
	memset(&k.numbers[0], 0, sizeof(k.numbers[0]));
	k.numbers[0].len = 256;
	try("a modulus of zeros", &k, MITOK_E_ARG, "0 bits", NULL);
}

// clang-format off
static const struct {
	const char *crv, *kty, *group, *name; /* name: OpenSSL's when it is asked */
} curves[] = {
	{ "P-256", "EC", "prime256v1", "prime256v1" },
	{ "P-384", "EC-HSM", "secp384r1", "secp384r1" },
	{ "P-521", "EC", "secp521r1", "secp521r1" },
	{ "P-256K", "EC-HSM", "secp256k1", "secp256k1" },
	{ "SECP256K1", "EC", "secp256k1", "secp256k1" },
	{ "secp256k1", "ec", "secp256k1", "secp256k1" },
};
// clang-format on

static void check_point(const char *what, struct vault_key *found, const struct jwk *k)
{
	EVP_PKEY *p = found->public_key;

	if (!p)
		return;
	CHECK_ROW(what, EVP_PKEY_is_a(p, "EC"));
	CHECK_ROW(what,
		has_number(
			p, OSSL_PKEY_PARAM_EC_PUB_X, k->numbers[0].p, k->numbers[0].len));
	CHECK_ROW(what,
		has_number(
			p, OSSL_PKEY_PARAM_EC_PUB_Y, k->numbers[1].p, k->numbers[1].len));
}

static void ec(void)
{
	for (size_t i = 0; i < COUNT(curves); i++) {
		struct vault_key found = { .public_key = NULL };
		char group[32] = "";
		struct jwk k;

		ec_jwk(curves[i].crv, curves[i].group, 7, &k);
		k.kty = curves[i].kty;
		k.is_padded = i % 2;
		k.zeros = i % 3;
		try(curves[i].crv, &k, MITOK_OK, NULL, &found);
		check_point(curves[i].crv, &found, &k);
		if (found.public_key)
			CHECK(EVP_PKEY_get_group_name(
				found.public_key, group, sizeof(group), NULL));
		CHECK_TEXT(group, curves[i].name);
		EVP_PKEY_free(found.public_key);
	}
}

/* Some services write numbers as short as they are. */
static void short_coordinates(void)
{
	struct vault_key found = { .public_key = NULL };
	unsigned factor = 1;
	struct jwk k;

	do
		ec_jwk("P-256", "prime256v1", factor++, &k);
	while (k.numbers[0].p[0] && k.numbers[1].p[0] && factor < 5000);
	for (size_t i = 0; i < 2; i++)
		while (k.numbers[i].p[0] == 0) {
			k.numbers[i].len--;
			memmove(k.numbers[i].p, k.numbers[i].p + 1, k.numbers[i].len);
		}
	CHECK(k.numbers[0].len < 32 || k.numbers[1].len < 32);
	try("short", &k, MITOK_OK, NULL, &found);
	check_point("short", &found, &k);
	EVP_PKEY_free(found.public_key);
}

static void no_points(void)
{
	struct jwk k;

	ec_jwk("P-256", "prime256v1", 7, &k);
	k.numbers[1].p[31] ^= 1;
	try("beside the curve", &k, MITOK_E_REPLY, "no point on P-256", NULL);
	ec_jwk("P-384", "prime256v1", 7, &k);
	try("of another curve", &k, MITOK_E_REPLY, "no point on P-384", NULL);
	ec_jwk("P-256", "secp384r1", 7, &k);
	try("too long", &k, MITOK_E_REPLY, "too long for P-256", NULL);
	ec_jwk("P-256K", "prime256v1", 7, &k);
	try("of the other curve of that size", &k, MITOK_E_REPLY, "no point on P-256K",
		NULL);
	ec_jwk("P-256", "prime256v1", 7, &k);
	memset(k.numbers, 0, sizeof(k.numbers));
	try("nothing", &k, MITOK_E_REPLY, "no point", NULL);
	k.numbers[0].len = k.numbers[1].len = 32;
	try("zeros", &k, MITOK_E_REPLY, "no point", NULL);
	memset(k.numbers[0].p, 0xff, 32);
	memset(k.numbers[1].p, 0xff, 32);
	try("above the field", &k, MITOK_E_REPLY, "no point", NULL);
	ec_jwk("P-256", "prime256v1", 7, &k);
	k.numbers[0].len = 1030;
	try("very long", &k, MITOK_E_REPLY, "too long", NULL);
	ec_jwk("P-224", "prime256v1", 7, &k);
	try("another curve", &k, MITOK_E_ARG, "P-224", NULL);
	ec_jwk(NULL, "prime256v1", 7, &k);
	try("no curve", &k, MITOK_E_REPLY, "curve", NULL);
}

/* P-256's generator. */
#define X "\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\""
#define Y "\"y\":\"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\""
#define EC(kid, more) \
	"{\"key\":{\"kid\":\"" kid "\",\"kty\":\"EC\",\"crv\":\"P-256\"" more "}}"

// clang-format off
static const struct {
	const char *what, *body;
	enum mitok_code want;
	const char *says;
} bodies[] = {
	{ "good", EC(KID, "," X "," Y), MITOK_OK, NULL },
	{ "unknown members", EC(KID, "," X "," Y ",\"z\":[1]"), MITOK_OK, NULL },
	{ "managed by a certificate", "{\"managed\":true,\"key\":{\"kid\":\"" KID "\",\"kty\":\"EC\",\"crv\":\"P-256\"," X "," Y "}}", MITOK_OK, NULL },
	{ "nothing", "", MITOK_E_REPLY, "empty" },
	{ "HTML", "<html>Sign in</html>", MITOK_E_REPLY, "JSON" },
	{ "cut off", "{\"key\":{\"kid\":\"" KID "\"", MITOK_E_REPLY, "JSON" },
	{ "a list", "[]", MITOK_E_REPLY, "no JSON object" },
	{ "no key", "{}", MITOK_E_REPLY, "without a key" },
	{ "the key is a text", "{\"key\":\"" KID "\"}", MITOK_E_REPLY, "without a key" },
	{ "a symmetric key", "{\"key\":{\"kid\":\"" KID "\",\"kty\":\"oct-HSM\"}}", MITOK_E_ARG, "oct-HSM" },
	{ "another kind", "{\"key\":{\"kid\":\"" KID "\",\"kty\":\"OKP\"," X "}}", MITOK_E_ARG, "OKP" },
	{ "no kind", "{\"key\":{\"kid\":\"" KID "\"," X "," Y "}}", MITOK_E_REPLY, "kty" },
	{ "the kind is a number", "{\"key\":{\"kid\":\"" KID "\",\"kty\":1}}", MITOK_E_REPLY, "kty" },
	{ "no name", "{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\"," X "," Y "}}", MITOK_E_REPLY, "kid" },
	{ "the name is a number", "{\"key\":{\"kid\":1,\"kty\":\"EC\",\"crv\":\"P-256\"," X "," Y "}}", MITOK_E_REPLY, "kid" },
	{ "another host", EC("https://other.vault.azure.net/keys/k/" V, "," X "," Y), MITOK_E_REPLY, "other.vault.azure.net" },
	{ "no version", EC("https://" HOST "/keys/k", "," X "," Y), MITOK_E_REPLY, "version" },
	{ "a certificate", EC("https://" HOST "/certificates/k/" V, "," X "," Y), MITOK_E_REPLY, "something else" },
	{ "a secret", EC("https://" HOST "/secrets/k/" V, "," X "," Y), MITOK_E_REPLY, "something else" },
	{ "no x", EC(KID, "," Y), MITOK_E_REPLY, "'x'" },
	{ "no y", EC(KID, "," X), MITOK_E_REPLY, "'y'" },
	{ "x is null", EC(KID, ",\"x\":null," Y), MITOK_E_REPLY, "'x'" },
	{ "x is no base64url", EC(KID, ",\"x\":\"axfR+uEs\"," Y), MITOK_E_REPLY, "'x'" },
	{ "x twice", EC(KID, "," X "," X "," Y), MITOK_E_REPLY, "JSON" },
	{ "the other way round", EC(KID, ",\"y\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\",\"x\":\"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\""), MITOK_E_REPLY, "no point" },
	{ "an RSA key with an EC key's numbers", "{\"key\":{\"kid\":\"" KID "\",\"kty\":\"RSA\"," X "," Y "}}", MITOK_E_REPLY, "'n'" },
};
// clang-format on

static void answers(void)
{
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct vault_key found = { .public_key = NULL };
		struct mitok_err e = { 0 };
		AUTO_SECRET body = { 0 };

		fill(&body, bodies[i].body);
		if (!test_check(answer_key(&body, HOST, inner, &found, &e) ==
					    bodies[i].want &&
				    (!bodies[i].says ||
					    strstr(e.message, bodies[i].says)),
			    __FILE__, __LINE__, "the answer", bodies[i].what))
			fprintf(stderr, "  got %d: %s\n", e.code, e.message);
		CHECK_ROW(bodies[i].what,
			(bodies[i].want == MITOK_OK) == (found.public_key != NULL));
		EVP_PKEY_free(found.public_key);
	}
}

/* Ours and OpenSSL's, one after the other. OpenSSL does without some. */
static void memory(void)
{
	for (int kind = 0; kind < 2; kind++) {
		enum mitok_code got = MITOK_E_BUG;
		AUTO_SECRET body = { 0 };
		unsigned n = 0;
		struct jwk k;

		if (kind)
			ec_jwk("P-256", "prime256v1", 7, &k);
		else
			rsa_jwk(2048, "\1\0\1", 3, &k);
		write_jwk(&k, &body);
		do {
			struct vault_key found = { .public_key = NULL };
			struct mitok_err e = { 0 };

			spy_fail(++n);
			got = answer_key(&body, HOST, inner, &found, &e);
			CHECK((got == MITOK_OK) == (found.public_key != NULL));
			CHECK((got == MITOK_OK) == !e.message[0]);
			EVP_PKEY_free(found.public_key);
		} while (spy_allocations >= n);
		spy_fail(0);
		CHECK(got == MITOK_OK && n > 40);
	}
}

static const struct test tests[] = {
	{ "RSA keys of 2048 to 4096 bits are read, however their numbers are written",
		rsa },
	{ "RSA keys of other sizes and numbers that are none are refused", rsa_numbers },
	{ "EC keys on the four curves are read", ec },
	{ "coordinates may be shorter than the field", short_coordinates },
	{ "what is no point on its curve is refused", no_points },
	{ "an answer must name a key of that host with its version", answers },
	{ "each allocation may fail", memory },
};

int main(void)
{
	int failed;

	inner = crypto_begin();
	failed = test_run(tests, COUNT(tests));
	crypto_end();
	return failed;
}
