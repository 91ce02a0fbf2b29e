/* The reference file: what is written is read, and nothing else is.
 * SPDX-License-Identifier: MIT */
#include "openssl/reference.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>

#include "crypto.h"
#include "openssl/auto.h"
#include "test.h"

#define V    "0123456789abcdef0123456789abcdef"
#define HOST "myvault.vault.azure.net"
#define KEY  "azkv://" HOST "/keys/k/" V

static OSSL_LIB_CTX *inner;

/* Tags of DER. */
enum {
	INTEGER = 0x02,
	BIT_STRING = 0x03,
	OCTET_STRING = 0x04,
	NOTHING = 0x05,
	OID = 0x06,
	UTF8 = 0x0c,
	PRINTABLE = 0x13,
	SEQUENCE = 0x30,
};

static void tlv(struct text *ret, int tag, const void *bytes, size_t len)
{
	char head[4] = { (char)tag, (char)0x82, (char)(len >> 8), (char)len };

	if (len < 128) {
		head[1] = (char)len;
		text_add_bytes(ret, head, 2);
	} else if (len < 256) {
		head[1] = (char)0x81;
		head[2] = (char)len;
		text_add_bytes(ret, head, 3);
	} else {
		text_add_bytes(ret, head, 4);
	}
	text_add_bytes(ret, bytes, len);
}

static void wrap(struct text *ret, int tag, const struct text *inside)
{
	tlv(ret, tag, text_peek(inside), inside->len);
}

/* SubjectPublicKeyInfo of these parts; key without the bits that are not used. */
static void spki(struct text *ret, const char *oid, const struct text *parameters,
	const struct text *key)
{
	AUTO_TEXT algorithm = { 0 };
	AUTO_TEXT bits = { 0 };
	AUTO_TEXT both = { 0 };

	tlv(&algorithm, OID, oid, strlen(oid));
	text_add_bytes(&algorithm, text_peek(parameters), parameters->len);
	text_add_bytes(&bits, "", 1);
	text_add_bytes(&bits, text_peek(key), key->len);
	wrap(&both, SEQUENCE, &algorithm);
	wrap(&both, BIT_STRING, &bits);
	wrap(ret, SEQUENCE, &both);
}

#define OID_RSA     "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_PSS     "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define OID_EC      "\x2a\x86\x48\xce\x3d\x02\x01"
#define OID_ED25519 "\x2b\x65\x70"
#define OID_P256    "\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define OID_P384    "\x2b\x81\x04\x00\x22"
#define OID_P521    "\x2b\x81\x04\x00\x23"
#define OID_P256K   "\x2b\x81\x04\x00\x0a"
#define OID_P224    "\x2b\x81\x04\x00\x21"

static void rsa_spki(
	struct text *ret, const char *oid, int bits, const char *exponent, bool is_odd)
{
	unsigned char n[1025] = { 0 };
	size_t len = crypto_modulus(bits, n + 1);
	AUTO_TEXT parameters = { 0 };
	AUTO_TEXT numbers = { 0 };
	AUTO_TEXT key = { 0 };

	n[len] = (unsigned char)(is_odd ? 1 : 2);
	tlv(&parameters, NOTHING, "", 0);
	tlv(&numbers, INTEGER, bits % 8 ? n + 1 : n, bits % 8 ? len : len + 1);
	tlv(&numbers, INTEGER, exponent, strlen(exponent));
	wrap(&key, SEQUENCE, &numbers);
	spki(ret, oid, &parameters, &key);
}

static void ec_spki(
	struct text *ret, const char *oid, size_t oid_len, const void *point, size_t len)
{
	AUTO_TEXT parameters = { 0 };
	AUTO_TEXT key = { 0 };

	tlv(&parameters, OID, oid, oid_len);
	text_add_bytes(&key, point, len);
	spki(ret, OID_EC, &parameters, &key);
}

/* 4, x, y; or with is_short 2 or 3, x. */
static size_t make_point(const char *curve, bool is_short, unsigned char ret[133])
{
	unsigned char x[66], y[66];
	size_t len = crypto_point(curve, 7, x, y);

	ret[0] = (unsigned char)(is_short ? 2 + (y[len - 1] & 1) : 4);
	memcpy(ret + 1, x, len);
	memcpy(ret + 1 + len, y, len);
	return 1 + len * (is_short ? 1 : 2);
}

/* The whole: version, name, and what follows. */
static void reference(
	struct text *ret, const char *version, const char *uri, const struct text *more)
{
	AUTO_TEXT inside = { 0 };

	tlv(&inside, INTEGER, version, 1);
	tlv(&inside, UTF8, uri, strlen(uri));
	if (more)
		text_add_bytes(&inside, text_peek(more), more->len);
	wrap(ret, SEQUENCE, &inside);
}

static enum mitok_code parse(
	const struct text *der, struct vault_key *ret, struct mitok_err *e)
{
	enum mitok_code r;

	crypto_queue_set();
	r = reference_parse(
		(const unsigned char *)text_peek(der), der->len, inner, ret, e);
	CHECK(crypto_queue_is_set());
	return r;
}

/* That DER is read as KEY and, in one way, written again. */
static void check_good(const char *what, const struct text *der, const struct text *want)
{
	struct vault_key k = { .public_key = NULL };
	struct mitok_err e = { 0 };
	unsigned char *again = NULL;
	size_t len = 0;

	if (!test_check(parse(der, &k, &e) == MITOK_OK, __FILE__, __LINE__, "the code",
		    what)) {
		fprintf(stderr, "  got: %s\n", e.message);
		return;
	}
	CHECK_ROW(what, k.public_key != NULL);
	CHECK_TEXT(k.uri.host, HOST);
	CHECK_TEXT(k.uri.name, "k");
	CHECK_TEXT(k.uri.version, V);
	crypto_queue_set();
	CHECK_ROW(what,
		reference_format(&k.uri, k.public_key, &again, &len, &e) == MITOK_OK);
	CHECK_ROW(what, crypto_queue_is_set());
	CHECK_ROW(what, len == want->len && again && memcmp(again, want->p, len) == 0);
	OPENSSL_free(again);
	EVP_PKEY_free(k.public_key);
}

static const struct {
	const char *curve, *oid;
	size_t oid_len;
} curves[] = {
	{ "prime256v1", OID_P256, 8 },
	{ "secp384r1", OID_P384, 5 },
	{ "secp521r1", OID_P521, 5 },
	{ "secp256k1", OID_P256K, 5 },
};

static void ec(void)
{
	for (size_t i = 0; i < COUNT(curves); i++) {
		AUTO_TEXT public_key = { 0 };
		AUTO_TEXT shorter = { 0 };
		AUTO_TEXT der = { 0 };
		AUTO_TEXT short_der = { 0 };
		unsigned char point[133];
		size_t len = make_point(curves[i].curve, false, point);

		ec_spki(&public_key, curves[i].oid, curves[i].oid_len, point, len);
		reference(&der, "\1", KEY, &public_key);
		check_good(curves[i].curve, &der, &der);

		/* a point that is written shorter comes out as all others */
		len = make_point(curves[i].curve, true, point);
		ec_spki(&shorter, curves[i].oid, curves[i].oid_len, point, len);
		reference(&short_der, "\1", KEY, &shorter);
		check_good(curves[i].curve, &short_der, &der);
	}
}

static void rsa(void)
{
	static const struct {
		int bits;
		const char *exponent;
	} rows[] = { { 2048, "\1\2\1" }, { 3072, "\1\2\1" }, { 4096, "\1\2\1" },
		{ 2048, "\3" }, { 3000, "\1\2\3\4\5\6\7" } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT public_key = { 0 };
		AUTO_TEXT der = { 0 };

		rsa_spki(&public_key, OID_RSA, rows[i].bits, rows[i].exponent, true);
		reference(&der, "\1", KEY, &public_key);
		check_good(rows[i].exponent, &der, &der);
	}
}

/* As in the comment of reference.h, byte for byte. */
static void bytes(void)
{
	static const char want[] = "\x30\x24\x02\x01\x01\x0c\x1f"
				   "azkv://v.vault.azure.net/keys/k";
	struct uri u = { .kind = URI_KEY, .host = "v.vault.azure.net", .name = "k" };
	struct vault_key k = { .public_key = NULL };
	AUTO_TEXT text = { 0 };
	unsigned char *der = NULL;
	size_t len = 0;

	CHECK(reference_format(&u, NULL, &der, &len, NULL) == MITOK_OK);
	CHECK(len == sizeof(want) - 1 && memcmp(der, want, len) == 0);
	text_add_bytes(&text, want, sizeof(want) - 1);
	CHECK(parse(&text, &k, NULL) == MITOK_OK && !k.public_key);
	CHECK_TEXT(k.uri.host, "v.vault.azure.net");
	CHECK_TEXT(k.uri.version, "");
	OPENSSL_free(der);
}

/* What is short of one byte anywhere, or has one more, is none. */
static void whole(void)
{
	AUTO_TEXT public_key = { 0 };
	AUTO_TEXT der = { 0 };
	unsigned char point[133];
	struct vault_key k = { .public_key = NULL };
	size_t len = make_point("prime256v1", false, point);

	ec_spki(&public_key, OID_P256, 8, point, len);
	reference(&der, "\1", KEY, &public_key);
	len = der.len;
	for (der.len = 0; der.len < len; der.len++)
		CHECK(parse(&der, &k, NULL) == MITOK_E_ARG);
	text_add_bytes(&der, "", 1);
	CHECK(parse(&der, &k, NULL) == MITOK_E_ARG);
	der.len = len;
	CHECK(parse(&der, &k, NULL) == MITOK_OK);
	EVP_PKEY_free(k.public_key);
}

static void refuse(const char *what, const struct text *der, const char *says)
{
	struct vault_key k = { .uri = { .name = "before" } };
	struct mitok_err e = { 0 };

	CHECK_ROW(what, parse(der, &k, &e) == MITOK_E_ARG);
	CHECK_ROW(what, !k.public_key && strcmp(k.uri.name, "before") == 0);
	if (!test_check(strstr(e.message, says) != NULL, __FILE__, __LINE__, "the words",
		    what))
		fprintf(stderr, "  got: %s\n", e.message);
}

static void names(void)
{
	static const struct {
		const char *version, *uri, *says;
	} rows[] = {
		{ "\2", KEY, "another version" },
		{ "", KEY, "another version" },
		{ "\xff", KEY, "another version" },
		{ "\1", "azkv://" HOST "/certificates/k", "something else than a key" },
		{ "\1", "azkv://" HOST "/", "something else than a key" },
		{ "\1", "azkv://myvault/keys/k", "not whole" },
		{ "\1", "managedhsm:myhsm:k", "not whole" },
		{ "\1", "azkv://" HOST "/secrets/k", "names a secret" },
		{ "\1", "azkv://user@" HOST "/keys/k", "user name" },
		{ "\1", "", "azkv://" },
		{ "\1", "azkv://" HOST "/keys/\xff", "no text" },
		{ "\1", "azkv://" HOST "/keys/\xc3\xa4", "not ASCII" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT der = { 0 };

		reference(&der, rows[i].version, rows[i].uri, NULL);
		refuse(rows[i].uri, &der, rows[i].says);
	}
}

static void shapes(void)
{
	AUTO_TEXT uri = { 0 };
	AUTO_TEXT der = { 0 };
	AUTO_TEXT more = { 0 };

	/* a NUL within the name */
	tlv(&uri, INTEGER, "\1", 1);
	tlv(&uri, UTF8, KEY "\0x", sizeof(KEY) + 1);
	wrap(&der, SEQUENCE, &uri);
	refuse("NUL", &der, "no text");

	text_free(&uri);
	text_free(&der);
	tlv(&uri, INTEGER, "\1", 1);
	tlv(&uri, PRINTABLE, KEY, strlen(KEY));
	wrap(&der, SEQUENCE, &uri);
	refuse("another type of text", &der, "or damaged");

	text_free(&der);
	tlv(&more, INTEGER, "\1", 1);
	reference(&der, "\1", KEY, &more);
	refuse("a number instead of a key", &der, "something else than a public key");

	text_free(&der);
	text_free(&more);
	tlv(&more, SEQUENCE, "", 0);
	reference(&der, "\1", KEY, &more);
	refuse("an empty key", &der, "cannot be read");

	text_free(&der);
	text_free(&uri);
	while (uri.len <= URI_MAX)
		text_add(&uri, "azkv://");
	reference(&der, "\1", text_peek(&uri), NULL);
	refuse("a long name", &der, "no text");

	while (der.len <= REFERENCE_MAX)
		text_add_bytes(&der, "", 1);
	refuse("more than 16 KiB", &der, "16384 bytes");
}

/* One of the keys that are not a vault's. */
static void refuse_key(const char *what, const struct text *public_key, const char *says)
{
	AUTO_TEXT der = { 0 };

	reference(&der, "\1", KEY, public_key);
	refuse(what, &der, says);
}

static void rsa_keys(void)
{
	static const struct {
		const char *what, *oid;
		int bits;
		const char *exponent;
		bool is_odd;
		const char *says;
	} rows[] = {
		{ "1024 bits", OID_RSA, 1024, "\3", true, "1024 bits" },
		{ "2047 bits", OID_RSA, 2047, "\3", true, "2047 bits" },
		{ "4104 bits", OID_RSA, 4104, "\3", true, "4104 bits" },
		{ "an even modulus", OID_RSA, 2048, "\3", false, "modulus" },
		{ "an even exponent", OID_RSA, 2048, "\4", true, "exponent" },
		{ "exponent 1", OID_RSA, 2048, "\1", true, "exponent" },
		{ "for PSS alone", OID_PSS, 2048, "\3", true, "" },
	};
	AUTO_TEXT more = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT public_key = { 0 };

		rsa_spki(&public_key, rows[i].oid, rows[i].bits, rows[i].exponent,
			rows[i].is_odd);
		refuse_key(rows[i].what, &public_key, rows[i].says);
	}
	rsa_spki(&more, OID_RSA, 2048, "\3", true);
	tlv(&more, NOTHING, "", 0);
	refuse_key("something behind the key", &more, "or damaged");
}

/* P-256 with its numbers instead of its name. */
static void explicit_curve(struct text *ret)
{
	char group[] = "P-256", how[] = "explicit";
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, how, 0),
		OSSL_PARAM_END,
	};
	AUTO_PKEY_CTX ctx = EVP_PKEY_CTX_new_from_name(inner, "EC", NULL);
	AUTO_PKEY k = NULL;
	unsigned char *der = NULL;
	int len = -1;

	if (ctx && EVP_PKEY_keygen_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_params(ctx, params) && EVP_PKEY_generate(ctx, &k) == 1)
		len = i2d_PUBKEY(k, &der);
	CHECK(len > 200);
	text_add_bytes(ret, (const char *)der, len > 0 ? (size_t)len : 0);
	OPENSSL_free(der);
}

static void ec_keys(void)
{
	unsigned char point[133], other[133] = { 0 };
	struct text k[8] = { { 0 } };
	AUTO_TEXT none = { 0 };
	AUTO_TEXT raw = { 0 };
	size_t len = make_point("prime256v1", false, point);

	ec_spki(&k[0], OID_P224, 5, other, 57);
	refuse_key("another curve", &k[0], "");
	memcpy(other, point, len);
	other[len - 1] ^= 1;
	ec_spki(&k[1], OID_P256, 8, other, len);
	refuse_key("beside the curve", &k[1], "cannot be read");
	ec_spki(&k[2], OID_P256, 8, "", 1);
	refuse_key("infinity", &k[2], "");
	ec_spki(&k[3], OID_P256, 8, point, len - 1);
	refuse_key("too short", &k[3], "cannot be read");
	ec_spki(&k[4], OID_P256K, 5, point, len);
	refuse_key("of another curve", &k[4], "cannot be read");
	make_point("secp224r1", false, other);
	ec_spki(&k[5], OID_P224, 5, other, 57);
	refuse_key("P-224", &k[5], "secp224r1");
	explicit_curve(&k[6]);
	refuse_key("without a name", &k[6], "");
	text_add_bytes(&raw, (const char *)point + 1, 32);
	spki(&k[7], OID_ED25519, &none, &raw);
	refuse_key("Ed25519", &k[7], "neither RSA nor EC");
	for (size_t i = 0; i < COUNT(k); i++)
		text_free(&k[i]);
}

static void not_written(void)
{
	static const struct uri rows[] = {
		{ .kind = URI_CERTIFICATE, .host = HOST, .name = "c" },
		{ .kind = URI_LIST, .host = HOST },
		{ .kind = URI_KEY, .host = HOST },
		{ .kind = URI_KEY, .host = "myvault", .name = "k" },
		{ .kind = URI_KEY, .is_hsm = true, .host = "myhsm", .name = "k" },
	};
	static const struct uri good = { .kind = URI_KEY, .host = HOST, .name = "k" };
	unsigned char *der = NULL;
	size_t len = 5;
	AUTO_PKEY other = EVP_PKEY_Q_keygen(inner, NULL, "ED25519");
	AUTO_PKEY curve = EVP_PKEY_Q_keygen(inner, NULL, "EC", "P-224");
	AUTO_PKEY private_key = EVP_PKEY_Q_keygen(inner, NULL, "EC", "P-256");

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].host,
			reference_format(&rows[i], NULL, &der, &len, NULL) ==
				MITOK_E_ARG);
	CHECK(reference_format(&good, other, &der, &len, NULL) == MITOK_E_ARG);
	CHECK(reference_format(&good, curve, &der, &len, NULL) == MITOK_E_ARG);
	CHECK(!der && len == 5);

	/* never the private half */
	CHECK(reference_format(&good, private_key, &der, &len, NULL) == MITOK_OK);
	CHECK(len == 2 + 3 + 2 + strlen("azkv://" HOST "/keys/k") + 91 + 1);
	OPENSSL_free(der);
}

static void identity(void)
{
	AUTO_TEXT der = { 0 };
	struct vault_key k = { .public_key = NULL };

	reference(&der, "\1", KEY "?identity=client-id:a%20b", NULL);
	CHECK(parse(&der, &k, NULL) == MITOK_OK);
	CHECK_TEXT(k.uri.identity, "client-id:a b");
}

/* Ours and OpenSSL's allocations, one after the other; OpenSSL does without some. */
static void sweep(const struct text *der)
{
	enum mitok_code r = MITOK_E_BUG;
	unsigned n = 0;

	do {
		struct vault_key k = { .public_key = NULL };
		struct mitok_err e = { 0 };
		unsigned char *again = NULL;
		size_t len;

		spy_fail(++n);
		r = parse(der, &k, &e);
		CHECK((r == MITOK_OK) == !e.message[0]);
		if (!r)
			r = reference_format(&k.uri, k.public_key, &again, &len, &e);
		CHECK((r == MITOK_OK) == (again != NULL));
		OPENSSL_free(again);
		EVP_PKEY_free(k.public_key);
	} while (spy_allocations >= n);
	spy_fail(0);
	CHECK(r == MITOK_OK && n > 50);
}

static void memory(void)
{
	struct text keys[2] = { { 0 } };
	unsigned char point[133];
	size_t len = make_point("prime256v1", false, point);

	ec_spki(&keys[0], OID_P256, 8, point, len);
	rsa_spki(&keys[1], OID_RSA, 2048, "\3", true);
	for (size_t i = 0; i < COUNT(keys); i++) {
		AUTO_TEXT der = { 0 };

		reference(&der, "\1", KEY, &keys[i]);
		sweep(&der);
		text_free(&keys[i]);
	}
}

static const struct test tests[] = {
	{ "EC keys on the four curves are read, and written without compression", ec },
	{ "RSA keys of 2048 to 4096 bits are read and written", rsa },
	{ "the file is as documented, byte for byte", bytes },
	{ "a byte less or more is refused", whole },
	{ "names of other things than keys on whole hosts are refused", names },
	{ "other shapes are refused", shapes },
	{ "RSA keys that no vault has are refused", rsa_keys },
	{ "EC keys that no vault has, and other kinds, are refused", ec_keys },
	{ "what could not be read is not written", not_written },
	{ "an identity is kept", identity },
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
