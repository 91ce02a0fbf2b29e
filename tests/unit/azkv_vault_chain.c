/* Certificates in a vault: the leaf, its key, and the issuers beside it.
 * SPDX-License-Identifier: MIT */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "openssl/vault-chain.h"
#include "openssl/vault.h"
#include "test.h"
#include "vault_world.h"

#define HOST "myvault.vault.azure.net"

/* A certificate and its key, all made here. */
struct made {
	EVP_PKEY *key;
	X509 *cert;
};
static struct made root, middle, leaf, other;

static void add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	CHECK(ext && X509_add_ext(x, ext, -1));
	X509_EXTENSION_free(ext);
}

static struct made make_key(EVP_PKEY *key, const char *name, const struct made *issuer)
{
	static long serial;
	struct made m = { key, X509_new() };
	X509_NAME *subject = X509_get_subject_name(m.cert);
	const struct made *by = issuer ? issuer : &m;

	CHECK(X509_set_version(m.cert, 2));
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(m.cert), ++serial));
	CHECK(X509_gmtime_adj(X509_getm_notBefore(m.cert), -3600) != NULL);
	CHECK(X509_gmtime_adj(X509_getm_notAfter(m.cert), 86400) != NULL);
	CHECK(X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0));
	CHECK(X509_set_issuer_name(m.cert, X509_get_subject_name(by->cert)));
	CHECK(X509_set_pubkey(m.cert, m.key));
	add_extension(m.cert, by->cert, NID_subject_key_identifier, "hash");
	add_extension(m.cert, by->cert, NID_authority_key_identifier, "keyid");
	CHECK(X509_sign(m.cert, by->key, EVP_sha256()) > 0);
	return m;
}

static struct made make(const char *name, const struct made *issuer)
{
	return make_key(EVP_EC_gen("P-256"), name, issuer);
}

static void unmake(struct made *m)
{
	X509_free(m->cert);
	EVP_PKEY_free(m->key);
	*m = (struct made){ 0 };
}

/* As DER, base64 of it or PEM. */
static struct text der_of(X509 *x)
{
	struct text t = { 0 };
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);

	CHECK(len > 0);
	text_add_bytes(&t, (const char *)der, (size_t)len);
	OPENSSL_free(der);
	return t;
}

static void add_base64(struct text *t, const void *data, size_t len)
{
	char *room = malloc(len * 4 / 3 + 8);

	(void)EVP_EncodeBlock((unsigned char *)room, data, (int)len);
	text_add(t, room);
	free(room);
}

static void add_bio(struct text *t, BIO *b)
{
	char *data = NULL;
	long len = BIO_get_mem_data(b, &data);

	text_add_bytes(t, data, (size_t)len);
	BIO_free(b);
}

static void add_pem(struct text *t, const struct made *m, bool with_key)
{
	BIO *b = BIO_new(BIO_s_mem());

	if (with_key)
		CHECK(PEM_write_bio_PrivateKey(b, m->key, NULL, NULL, 0, NULL, NULL));
	CHECK(PEM_write_bio_X509(b, m->cert));
	add_bio(t, b);
}

/* How the file is made: nid_key, nid_cert, password. */
struct pkcs12_kind {
	const char *what;
	int nid;
	const char *password;
	bool legacy;
};

static void add_pkcs12(struct text *t, const struct pkcs12_kind *kind)
{
	STACK_OF(X509) *more = sk_X509_new_null();
	unsigned char *der = NULL;
	PKCS12 *p12;
	int len;

	CHECK(sk_X509_push(more, root.cert) && sk_X509_push(more, middle.cert));
	p12 = PKCS12_create(kind->password, "name", leaf.key, leaf.cert, more, kind->nid,
		kind->nid, 0, 0, 0);
	len = p12 ? i2d_PKCS12(p12, &der) : -1;
	CHECK_ROW(kind->what, len > 0);
	if (len > 0)
		add_base64(t, der, (size_t)len);
	OPENSSL_free(der);
	PKCS12_free(p12);
	sk_X509_free(more);
}

/* The names of the certificates that are given, one after the other. */
struct names {
	char text[256];
	unsigned count, most; /* 0: all */
};

static bool take(void *arg, const unsigned char *der, size_t len)
{
	const unsigned char *p = der;
	X509 *x = d2i_X509(NULL, &p, (long)len);
	struct names *n = arg;
	char name[64] = "?";

	CHECK(x && p == der + len);
	if (x)
		(void)X509_NAME_get_text_by_NID(
			X509_get_subject_name(x), NID_commonName, name, sizeof(name));
	X509_free(x);
	(void)strncat(n->text, name, sizeof(n->text) - strlen(n->text) - 2);
	(void)strncat(n->text, " ", sizeof(n->text) - strlen(n->text) - 1);
	return ++n->count != n->most;
}

static enum mitok_code chain(
	const char *value, const char *type, struct names *n, struct mitok_err *e)
{
	const struct vault_taker taker = { take, n };
	AUTO_TEXT der = der_of(leaf.cert);
	AUTO_SECRET s = { 0 };

	CHECK(secret_add_text(&s, value));
	return vault_chain_each(&s, type, &der, &taker, e);
}

#define PEM    "application/x-pem-file"
#define PKCS12 "application/x-pkcs12"

static void from_pem(void)
{
	static const struct {
		const char *what;
		const struct made *parts[5];
		const char *names;
		unsigned most;
	} rows[] = {
		{ "as the service writes it", { &leaf, &middle, &root }, "middle root ",
			0 },
		{ "in another order", { &root, &leaf, &middle }, "middle root ", 0 },
		{ "with strangers", { &other, &leaf, &other, &middle }, "middle ", 0 },
		{ "without what is between", { &leaf, &root }, "", 0 },
		{ "alone", { &leaf }, "", 0 },
		{ "twice", { &middle, &leaf, &middle, &root }, "middle root ", 0 },
		{ "enough", { &leaf, &middle, &root }, "middle ", 1 },
		{ "nothing", { NULL }, "", 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct names n = { .most = rows[i].most };
		AUTO_TEXT pem = { 0 };

		for (size_t p = 0; rows[i].parts[p]; p++)
			add_pem(&pem, rows[i].parts[p], rows[i].parts[p] == &leaf);
		CHECK_ROW(
			rows[i].what, chain(text_peek(&pem), PEM, &n, NULL) == MITOK_OK);
		CHECK_ROW(rows[i].what, strcmp(n.text, rows[i].names) == 0);
	}
}

/* Two issuers of one name: the one whose key it was. */
static void same_name(void)
{
	struct made twin = make("middle", &root);
	struct names n = { .count = 0 };
	AUTO_TEXT pem = { 0 };

	add_pem(&pem, &leaf, false);
	add_pem(&pem, &twin, false);
	add_pem(&pem, &middle, false);
	CHECK(chain(text_peek(&pem), PEM, &n, NULL) == MITOK_OK);
	CHECK_TEXT(n.text, "middle ");
	unmake(&twin);
}

static void from_pkcs12(void)
{
	static const struct pkcs12_kind rows[] = {
		{ "AES", NID_aes_256_cbc, "", false },
		{ "Triple DES", NID_pbe_WithSHA1And3_Key_TripleDES_CBC, "", false },
		{ "RC2", NID_pbe_WithSHA1And40BitRC2_CBC, "", true },
		{ "not encrypted", -1, "", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		OSSL_PROVIDER *standard = OSSL_PROVIDER_load(NULL, "default");
		OSSL_PROVIDER *old =
			rows[i].legacy ? OSSL_PROVIDER_load(NULL, "legacy") : NULL;
		struct names n = { .count = 0 };
		struct mitok_err e = { 0 };
		AUTO_TEXT value = { 0 };

		add_pkcs12(&value, &rows[i]);
		if (old)
			(void)OSSL_PROVIDER_unload(old);
		(void)OSSL_PROVIDER_unload(standard);
		CHECK_ROW(rows[i].what,
			chain(text_peek(&value), PKCS12, &n, &e) == MITOK_OK);
		CHECK_ROW(rows[i].what, strcmp(n.text, "middle root ") == 0);
		if (e.message[0])
			fprintf(stderr, "  %s\n", e.message);
	}
}

static void broken(void)
{
	static const struct {
		const char *what, *value, *type;
	} rows[] = {
		{ "another type", "x", "text/plain" },
		{ "no type", "x", "" },
		{ "half a block", "-----BEGIN CERTIFICATE-----\nAAAA\n", PEM },
		{ "no base64",
			"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
			PEM },
		{ "no base64 either", "!", PKCS12 },
		{ "nothing at all", "", PKCS12 },
		{ "no PKCS #12", "AAAA", PKCS12 },
	};
	static const struct pkcs12_kind locked = { "with a password", NID_aes_256_cbc,
		"secret", false };
	struct names n = { .count = 0 };
	AUTO_TEXT value = { 0 };
	struct mitok_err e;

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].what,
			chain(rows[i].value, rows[i].type, &n, &e) == MITOK_E_REPLY);
	add_pkcs12(&value, &locked);
	CHECK(chain(text_peek(&value), PKCS12, &n, &e) == MITOK_E_REPLY);
	CHECK(n.count == 0);
	/* What is no certificate between good ones is no reason to stop. */
	text_free(&value);
	text_add(
		&value, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	add_pem(&value, &middle, false);
	CHECK(chain(text_peek(&value), PEM, &n, &e) == MITOK_OK);
	CHECK_TEXT(n.text, "middle ");
}

/* The private key beside the chain is wiped with the answer, and is nowhere else. */
static void wiped(void)
{
	struct names n = { .count = 0 };
	AUTO_SECRET value = { 0 };
	AUTO_TEXT pem = { 0 }, der = der_of(leaf.cert);
	const struct vault_taker taker = { take, &n };

	add_pem(&pem, &middle, false);
	spy_leaks = 0;
	CHECK(secret_add_text(&value,
		"-----BEGIN PRIVATE KEY-----\n" SPY_MARK
		"\n-----END PRIVATE KEY-----\n"));
	CHECK(secret_add_text(&value, text_peek(&pem)));
	CHECK(vault_chain_each(&value, PEM, &der, &taker, NULL) == MITOK_OK);
	CHECK_TEXT(n.text, "middle ");
	secret_wipe(&value);
	CHECK(spy_leaks == 0);
}

/* Answers of the vault about the leaf. */
static void add_certificate(struct text *t, X509 *x, const char *name)
{
	AUTO_TEXT der = der_of(x);

	text_addf(t,
		"{\"id\":\"https://" HOST "/certificates/%s/" WORLD_VERSION
		"\",\"kid\":\"https://" HOST "/keys/%s/" WORLD_VERSION "\",\"cer\":\"",
		name, name);
	add_base64(t, text_peek(&der), der.len);
	text_add(t, "\"}");
}

static void add_secret(struct text *t)
{
	AUTO_TEXT pem = { 0 };

	add_pem(&pem, &leaf, true);
	add_pem(&pem, &middle, false);
	text_add(t, "{\"contentType\":\"" PEM "\",\"value\":");
	text_add_json(t, text_peek(&pem));
	text_add(t, "}");
}

static void from_a_vault(void)
{
	static const struct {
		const char *uri;
		int status; /* of the secret */
		unsigned most;
		enum mitok_code code;
		const char *names, *message, *hint;
		unsigned requests;
	} rows[] = {
		{ "azkv://" HOST "/certificates/c", 200, 0, MITOK_OK, "leaf ", "", "",
			1 },
		{ "azkv://" HOST "/certificates/c?chain=yes", 200, 0, MITOK_OK,
			"leaf middle ", "", "", 2 },
		{ "azkv://" HOST "/certificates/c?chain=yes", 200, 1, MITOK_OK, "leaf ",
			"", "", 1 },
		{ "azkv://" HOST "/certificates/c?chain=yes", 403, 0, MITOK_E_DENIED,
			"leaf ",
			"cannot read the issuers of azkv://" HOST "/certificates/c: HTTP",
			"", 2 },
		{ "azkv://" HOST "/certificates/other", 200, 0, MITOK_E_REPLY, "",
			"the answer is about another key", "", 1 },
		{ "azkv://" HOST "/keys/c", 200, 0, MITOK_E_ARG, "",
			"not the name of a certificate", "", 0 },
		{ "azkv://myhsm.managedhsm.azure.net/certificates/c", 200, 0, MITOK_E_ARG,
			"", "has no certificates", "", 0 },
	};
	AUTO_TEXT certificate = { 0 }, secret = { 0 };

	add_certificate(&certificate, leaf.cert, "c");
	add_secret(&secret);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct vault_answer answers[] = {
			{ { 200, text_peek(&certificate) } },
			{ { rows[i].status, text_peek(&secret) } }, { { 0 } }
		};
		const struct uri u = vault_world_uri(rows[i].uri);
		struct names n = { .most = rows[i].most };
		struct mitok_err e = { 0 };
		struct vault *v;

		vault_world_begin(NULL, answers);
		v = vault_world_client(NULL, 0);
		CHECK_ROW(rows[i].uri,
			vault_get_certificates(v, &u, take, &n, &e) == rows[i].code);
		CHECK_ROW(rows[i].uri, strcmp(n.text, rows[i].names) == 0);
		CHECK_ROW(rows[i].uri, strstr(e.message, rows[i].message) != NULL);
		CHECK_ROW(rows[i].uri, vault_world.requests == rows[i].requests);
		vault_free(v);
	}
}

static void what_is_asked(void)
{
	AUTO_TEXT certificate = { 0 }, secret = { 0 };
	struct names n = { .count = 0 };
	struct uri u;
	struct vault *v;

	add_certificate(&certificate, leaf.cert, "c");
	add_secret(&secret);
	const struct vault_answer answers[] = { { { 200, text_peek(&certificate) } },
		{ { 200, text_peek(&secret) } }, { { 0 } } };
	vault_world_begin(NULL, answers);
	v = vault_world_client(NULL, 0);
	u = vault_world_uri("azkv://" HOST "/certificates/c/" WORLD_VERSION "?chain=yes");
	CHECK(vault_get_certificates(v, &u, take, &n, NULL) == MITOK_OK);
	CHECK(text_starts(vault_world.wire,
		"GET https://" HOST "/certificates/c/" WORLD_VERSION
		"?api-version=7.4\n"));
	CHECK(strstr(vault_world.wire,
		"\nGET https://" HOST "/secrets/c/" WORLD_VERSION "?api-version=7.4\n"));
	vault_free(v);
}

/* One request, which needs no right to read keys. */
static void key_of_a_certificate(void)
{
	static const struct {
		const char *what;
		int bits; /* of RSA; 0: P-256 */
		enum mitok_code code;
	} rows[] = {
		{ "P-256", 0, MITOK_OK },
		{ "RSA", 2048, MITOK_OK },
		{ "RSA that no vault has", 1024, MITOK_E_ARG },
	};
	OSSL_LIB_CTX *inner = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *standard = OSSL_PROVIDER_load(inner, "default");
	const struct uri u = vault_world_uri("azkv://" HOST "/certificates/c");

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct made m =
			make_key(rows[i].bits ? EVP_RSA_gen((unsigned)rows[i].bits)
					      : EVP_EC_gen("P-256"),
				"x", &root);
		struct vault_key k = { .public_key = NULL };
		AUTO_TEXT certificate = { 0 };
		struct mitok_err e = { 0 };
		struct vault *v;

		add_certificate(&certificate, m.cert, "c");
		const struct vault_answer answers[] = {
			{ { 200, text_peek(&certificate) } }, { { 0 } }
		};
		vault_world_begin(NULL, answers);
		v = vault_world_client(NULL, 0);
		CHECK_ROW(rows[i].what,
			vault_get_key(v, &u, inner, &k, &e) == rows[i].code);
		CHECK_ROW(rows[i].what, vault_world.requests == 1);
		if (k.public_key) {
			CHECK_ROW(rows[i].what, EVP_PKEY_eq(k.public_key, m.key) == 1);
			CHECK_ROW(rows[i].what,
				EVP_PKEY_get0_provider(k.public_key) == standard);
			CHECK(k.uri.kind == URI_KEY);
			CHECK_TEXT(k.uri.name, "c");
			CHECK_TEXT(k.uri.version, WORLD_VERSION);
		}
		CHECK_ROW(rows[i].what, !!k.public_key == !rows[i].code);
		vault_key_wipe(&k);
		vault_free(v);
		unmake(&m);
	}
	(void)OSSL_PROVIDER_unload(standard);
	OSSL_LIB_CTX_free(inner);
}

static const struct test tests[] = {
	{ "issuers stand in PEM in any order", from_pem },
	{ "of two issuers with one name it is the one whose key signed", same_name },
	{ "issuers stand in PKCS #12, old and new", from_pkcs12 },
	{ "what cannot be read is an error", broken },
	{ "a private key beside them is not copied", wiped },
	{ "the leaf comes first, and its issuers on demand", from_a_vault },
	{ "the secret is asked for only then", what_is_asked },
	{ "a certificate has its key in it", key_of_a_certificate },
};

int main(void)
{
	int status;

	root = make("root", NULL);
	middle = make("middle", &root);
	leaf = make("leaf", &middle);
	other = make("other", NULL);
	status = test_run(tests, COUNT(tests));
	unmake(&root);
	unmake(&middle);
	unmake(&leaf);
	unmake(&other);
	return status;
}
