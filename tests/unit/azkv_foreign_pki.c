/* Certificates, chains, CMS and PKCS #12 of foreign keys, where azkv comes before OpenSSL's
 * own provider. SPDX-License-Identifier: MIT */
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "foreign.h"
#include "pki.h"
#include "test.h"

static const char *const names[] = { "RSA:2048", "EC:P-256", "EC:P-384" };

static void requests(OSSL_LIB_CTX *ctx, struct text *trace)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		EVP_PKEY *key = foreign_key(ctx, names[i]), *found;
		X509_REQ *req = X509_REQ_new_ex(ctx, NULL), *read;
		unsigned char *der = NULL;
		const unsigned char *p;
		int len;

		foreign_step(trace, "version", X509_REQ_set_version(req, 0));
		foreign_step(trace, "public half", X509_REQ_set_pubkey(req, key));
		foreign_step(trace, "sign", X509_REQ_sign(req, key, EVP_sha256()) > 0);
		len = i2d_X509_REQ(req, &der);
		CHECK(len > 0);
		p = der;
		read = X509_REQ_new_ex(ctx, NULL);
		foreign_step(trace, "read", d2i_X509_REQ(&read, &p, len) != NULL);
		found = X509_REQ_get_pubkey(read);
		foreign_step(trace, "verify", X509_REQ_verify_ex(read, found, ctx, NULL));
		foreign_step(
			trace, "with the key", X509_REQ_verify_ex(read, key, ctx, NULL));
		foreign_step(trace, "equal", EVP_PKEY_eq(key, found));
		foreign_step(trace, "the key's", X509_REQ_check_private_key(read, key));
		foreign_step(trace, "algorithm", X509_REQ_get_signature_nid(read));
		EVP_PKEY_free(found);
		X509_REQ_free(read);
		X509_REQ_free(req);
		OPENSSL_free(der);
		EVP_PKEY_free(key);
	}
}

static int count_errors(int ok, X509_STORE_CTX *store)
{
	unsigned *failed = X509_STORE_CTX_get_app_data(store);

	*failed += !ok;
	return ok;
}

static void verify(
	OSSL_LIB_CTX *ctx, struct text *trace, const struct pki *pki, X509 *leaf)
{
	X509_STORE_CTX *op = X509_STORE_CTX_new_ex(ctx, NULL);
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *between = sk_X509_new_null();
	unsigned failed = 0;

	CHECK(op && store && between);
	CHECK(X509_STORE_add_cert(store, pki->root) &&
		sk_X509_push(between, pki->issuer));
	CHECK(X509_STORE_CTX_init(op, store, leaf, between) == 1);
	X509_STORE_CTX_set_app_data(op, &failed);
	X509_STORE_CTX_set_verify_cb(op, count_errors);
	foreign_step(trace, "chain", X509_verify_cert(op));
	foreign_step(trace, "error", X509_STORE_CTX_get_error(op));
	foreign_step(trace, "failures", (long)failed);
	X509_STORE_CTX_free(op);
	X509_STORE_free(store);
	sk_X509_free(between);
}

static void chains(OSSL_LIB_CTX *ctx, struct text *trace)
{
	/* Root, issuer, leaf. */
	static const char *const rows[][3] = {
		{ "RSA:3072", "RSA:2048", "RSA:2048" },
		{ "EC:P-384", "EC:P-256", "EC:P-256" },
		{ "RSA:2048", "EC:P-256", "RSA:2048" },
		{ "EC:P-521", "RSA:2048", "EC:secp256k1" },
		{ "RSA:4096", "RSA:1024", "EC:P-224" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pki pki, other;

		text_addf(trace, "%s\n", rows[i][0]);
		pki_new(&pki, ctx, rows[i]);
		pki_new(&other, ctx, rows[(i + 1) % COUNT(rows)]);
		verify(ctx, trace, &pki, pki.leaf);
		verify(ctx, trace, &pki, other.leaf);
		foreign_step(trace, "key", X509_check_private_key(pki.leaf, pki.key));
		foreign_step(trace, "no key", X509_check_private_key(pki.root, pki.key));
		foreign_step(trace, "signer",
			X509_verify(pki.leaf, X509_get0_pubkey(pki.issuer)));
		foreign_step(trace, "no signer",
			X509_verify(pki.leaf, X509_get0_pubkey(pki.root)));
		foreign_step(trace, "algorithm", X509_get_signature_nid(pki.leaf));
		pki_free(&other);
		pki_free(&pki);
	}
}

#define MESSAGE "what was said"

static void signed_message(
	OSSL_LIB_CTX *ctx, struct text *trace, const struct pki *pki, unsigned flags)
{
	BIO *in = BIO_new_mem_buf(MESSAGE, -1), *out = BIO_new(BIO_s_mem());
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *between = sk_X509_new_null();
	char said[64] = "";
	CMS_ContentInfo *cms;

	CHECK(in && out && store && between);
	CHECK(X509_STORE_add_cert(store, pki->root) &&
		sk_X509_push(between, pki->issuer));
	(void)X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
	cms = CMS_sign_ex(
		pki->leaf, pki->key, between, in, CMS_BINARY | flags, ctx, NULL);
	foreign_step(trace, "signed", cms != NULL);
	foreign_step(trace, "verified",
		cms && CMS_verify(cms, between, store, NULL, out, CMS_BINARY));
	foreign_step(trace, "read", BIO_read(out, said, sizeof(said) - 1));
	text_addf(trace, "%s\n", said);
	CMS_ContentInfo_free(cms);
	X509_STORE_free(store);
	sk_X509_free(between);
	BIO_free(out);
	BIO_free(in);
}

/* To RSA by its own encryption, to EC by a key that is made for it and agreed with. */
static void sealed_message(OSSL_LIB_CTX *ctx, struct text *trace, const struct pki *pki)
{
	BIO *in = BIO_new_mem_buf(MESSAGE, -1), *out = BIO_new(BIO_s_mem());
	STACK_OF(X509) *to = sk_X509_new_null();
	char said[64] = "";
	CMS_ContentInfo *cms;

	CHECK(in && out && to && sk_X509_push(to, pki->leaf));
	cms = CMS_encrypt_ex(to, in, EVP_aes_256_cbc(), CMS_BINARY, ctx, NULL);
	foreign_step(trace, "sealed", cms != NULL);
	foreign_step(trace, "opened",
		cms && CMS_decrypt(cms, pki->key, pki->leaf, NULL, out, CMS_BINARY));
	foreign_step(trace, "read", BIO_read(out, said, sizeof(said) - 1));
	text_addf(trace, "%s\n", said);
	CMS_ContentInfo_free(cms);
	sk_X509_free(to);
	BIO_free(out);
	BIO_free(in);
}

static void messages(OSSL_LIB_CTX *ctx, struct text *trace)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *const chain[] = { "RSA:2048", "EC:P-256", names[i] };
		struct pki pki;

		pki_new(&pki, ctx, chain);
		signed_message(ctx, trace, &pki, 0);
		if (i == 0)
			signed_message(ctx, trace, &pki, CMS_KEY_PARAM);
		sealed_message(ctx, trace, &pki);
		pki_free(&pki);
	}
}

static void bundles(OSSL_LIB_CTX *ctx, struct text *trace)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *const chain[] = { "RSA:2048", "EC:P-256", names[i] };
		EVP_PKEY *key = NULL;
		X509 *cert = NULL;
		PKCS12 *bundle;
		struct pki pki;

		pki_new(&pki, ctx, chain);
		bundle = PKCS12_create_ex("secret", "name", pki.key, pki.leaf, NULL, 0, 0,
			0, 0, 0, ctx, NULL);
		foreign_step(trace, "made", bundle != NULL);
		foreign_step(trace, "parsed",
			bundle && PKCS12_parse(bundle, "secret", &key, &cert, NULL));
		foreign_step(trace, "equal", key ? EVP_PKEY_eq(pki.key, key) : -9);
		foreign_step(
			trace, "certificate", cert && X509_check_private_key(cert, key));
		PKCS12_free(bundle);
		X509_free(cert);
		EVP_PKEY_free(key);
		pki_free(&pki);
	}
}

struct padding {
	int padding;
	const char *md, *mgf1;
	int salt;
};

/* Signed in one context, verified in the other, which must agree on both counts. */
static void sign_and_verify(OSSL_LIB_CTX *one, OSSL_LIB_CTX *other, const char *name,
	const struct padding *with)
{
	EVP_PKEY *key = foreign_key(one, name), *same = foreign_key(other, name);
	EVP_MD_CTX *op = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	unsigned char signature[512];
	size_t len = sizeof(signature);

	for (int verifying = 0; verifying < 2; verifying++) {
		int (*init)(EVP_MD_CTX *, EVP_PKEY_CTX **, const char *, OSSL_LIB_CTX *,
			const char *, EVP_PKEY *, const OSSL_PARAM[]) =
			verifying ? EVP_DigestVerifyInit_ex : EVP_DigestSignInit_ex;

		CHECK_ROW(name,
			init(op, &how, with->md, verifying ? other : one, NULL,
				verifying ? same : key, NULL) == 1);
		if (with->padding)
			CHECK_ROW(name,
				EVP_PKEY_CTX_set_rsa_padding(how, with->padding) == 1);
		if (with->padding == RSA_PKCS1_PSS_PADDING)
			CHECK_ROW(name,
				EVP_PKEY_CTX_set_rsa_pss_saltlen(how, with->salt) == 1);
		if (with->mgf1)
			CHECK_ROW(name,
				EVP_PKEY_CTX_set_rsa_mgf1_md_name(
					how, with->mgf1, NULL) == 1);
		if (!verifying)
			CHECK_ROW(name,
				EVP_DigestSign(op, signature, &len,
					(const unsigned char *)MESSAGE,
					strlen(MESSAGE)) == 1);
		else
			CHECK_ROW(name,
				EVP_DigestVerify(op, signature, len,
					(const unsigned char *)MESSAGE,
					strlen(MESSAGE)) == 1);
		CHECK_ROW(name, ERR_peek_error() == 0);
		EVP_MD_CTX_reset(op);
	}
	EVP_MD_CTX_free(op);
	EVP_PKEY_free(same);
	EVP_PKEY_free(key);
}

static void signatures(void)
{
	// clang-format off
	static const struct { const char *name; struct padding with; } rows[] = {
		{ "RSA:2048", { 0, "SHA256", NULL, 0 } },
		{ "RSA:2048", { RSA_PKCS1_PADDING, "SHA1", NULL, 0 } },
		{ "RSA:3072", { RSA_PKCS1_PADDING, "SHA3-256", NULL, 0 } },
		{ "RSA:1024", { RSA_PKCS1_PADDING, "SHA512", NULL, 0 } },
		{ "RSA:2048", { RSA_PKCS1_PSS_PADDING, "SHA256", NULL, RSA_PSS_SALTLEN_DIGEST } },
		{ "RSA:2048", { RSA_PKCS1_PSS_PADDING, "SHA384", NULL, RSA_PSS_SALTLEN_MAX } },
		{ "RSA:2048", { RSA_PKCS1_PSS_PADDING, "SHA512", "SHA256", 11 } },
		{ "RSA:2048", { RSA_X931_PADDING, "SHA256", NULL, 0 } },
		{ "EC:P-256", { 0, "SHA256", NULL, 0 } },
		{ "EC:P-256", { 0, "SHA512", NULL, 0 } },
		{ "EC:P-384", { 0, "SHA1", NULL, 0 } },
		{ "EC:P-521", { 0, "SHA3-512", NULL, 0 } },
		{ "EC:secp256k1", { 0, "SHA256", NULL, 0 } },
		{ "EC:brainpoolP320r1", { 0, "SHA384", NULL, 0 } },
	};
	// clang-format on
	OSSL_LIB_CTX *azkv = foreign_context(FOREIGN_AZKV);
	OSSL_LIB_CTX *plain = foreign_context(FOREIGN_PLAIN);

	for (size_t i = 0; i < COUNT(rows); i++) {
		sign_and_verify(azkv, plain, rows[i].name, &rows[i].with);
		sign_and_verify(plain, azkv, rows[i].name, &rows[i].with);
	}
}

#define SAME(name)                    \
	static void name##_same(void) \
	{                             \
		foreign_same(name);   \
	}
SAME(requests)
SAME(chains)
SAME(messages)
SAME(bundles)

static const struct test tests[] = {
	{ "requests are signed and verified as without azkv", requests_same },
	{ "chains of three hold and break as without azkv", chains_same },
	{ "CMS signs, verifies, seals and opens", messages_same },
	{ "PKCS #12 takes keys and gives them back", bundles_same },
	{ "signatures are good in both contexts, wherever they were made", signatures },
};

int main(void)
{
	int status = test_run(tests, COUNT(tests));

	foreign_end();
	return status;
}
