/* What libssl, X.509 and CMS make of a vault's key: one request each, and OpenSSL without
 * us agrees. SPDX-License-Identifier: MIT */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>

#include "azkv/program.h"

static X509 *unsigned_certificate(EVP_PKEY *key, OSSL_LIB_CTX *context)
{
	X509 *cert = X509_new_ex(context, NULL);
	X509_NAME *name = X509_get_subject_name(cert);

	CHECK(X509_set_version(cert, 2));
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(cert), 7));
	CHECK(X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL);
	CHECK(X509_gmtime_adj(X509_getm_notAfter(cert), 3600) != NULL);
	CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		(const unsigned char *)"mi-token test", -1, -1, 0));
	CHECK(X509_set_issuer_name(cert, name));
	CHECK(X509_set_pubkey(cert, key));
	return cert;
}

/* Signed by the key itself, which costs one request. */
static X509 *certificate(EVP_PKEY *key, const char *digest)
{
	X509 *cert = unsigned_certificate(key, fake_program);
	EVP_MD *md = EVP_MD_fetch(fake_program, digest, NULL);

	fake_reset(FAKE_GOOD);
	CHECK(X509_sign(cert, key, md) > 0);
	EVP_MD_free(md);
	return cert;
}

/* Read anew where nobody knows us, and verified with the key in it. */
static bool is_good_certificate(X509 *cert)
{
	unsigned char *der = NULL;
	const unsigned char *at;
	int len = i2d_X509(cert, &der);
	X509 *copy = X509_new_ex(fake_plain, NULL);
	bool ok;

	at = der;
	ok = len > 0 && d2i_X509(&copy, &at, len) != NULL &&
		X509_verify(copy, X509_get0_pubkey(copy)) == 1;
	OPENSSL_free(der);
	X509_free(copy);
	return ok;
}

// clang-format off
static const struct {
	const char *key, *digest;
	bool is_pss;
	int nid; /* of the signature */
} certificates[] = {
	{ "rsa2048", "SHA256",   false, NID_sha256WithRSAEncryption },
	{ "rsa2048", "SHA1",     false, NID_sha1WithRSAEncryption },
	{ "rsa3072", "SHA512",   false, NID_sha512WithRSAEncryption },
	{ "rsa2048", "SHA3-256", false, NID_RSA_SHA3_256 },
	{ "rsa2048", "SHA256",   true,  NID_rsassaPss },
	{ "rsa3072", "SHA512",   true,  NID_rsassaPss },
	{ "p256",    "SHA256",   false, NID_ecdsa_with_SHA256 },
	{ "p256k",   "SHA256",   false, NID_ecdsa_with_SHA256 },
	{ "p384",    "SHA256",   false, NID_ecdsa_with_SHA256 },
	{ "p384",    "SHA512",   false, NID_ecdsa_with_SHA512 },
	{ "p521",    "SHA1",     false, NID_ecdsa_with_SHA1 },
};
// clang-format on

static void certificates_are_signed(void)
{
	for (size_t i = 0; i < COUNT(certificates); i++) {
		EVP_PKEY *key = fake_key(FAKE_VAULT, certificates[i].key);
		X509 *cert = unsigned_certificate(key, fake_program);
		EVP_PKEY_CTX *ctx;
		EVP_MD_CTX *stream;
		char row[32];

		(void)snprintf(row, sizeof(row), "certificates[%zu]", i);
		fake_reset(FAKE_NOISY);
		stream = program_begin(key, certificates[i].digest, &ctx);
		if (certificates[i].is_pss)
			CHECK(program_set(ctx, OSSL_SIGNATURE_PARAM_PAD_MODE, "pss"));
		CHECK_ROW(row, X509_sign_ctx(cert, stream) > 0);
		CHECK_ROW(row, fake_seen().requests == 1 && fake_is_quiet());
		CHECK_ROW(row, X509_get_signature_nid(cert) == certificates[i].nid);
		CHECK_ROW(row, is_good_certificate(cert));
		EVP_MD_CTX_free(stream);
		X509_free(cert);
		EVP_PKEY_free(key);
	}
}

static void messages_are_signed(void)
{
	for (size_t i = 0; i < FAKE_NAMES; i++) {
		EVP_PKEY *key = fake_key(FAKE_HSM, fake_names[i]);
		X509 *cert = certificate(key, "SHA256");
		BIO *in = BIO_new_mem_buf(PROGRAM_TEXT, -1);
		CMS_ContentInfo *cms;

		fake_reset(FAKE_NOISY);
		cms = CMS_sign_ex(cert, key, NULL, in, CMS_BINARY, fake_program, NULL);
		CHECK_ROW(fake_names[i], cms != NULL);
		CHECK_ROW(fake_names[i], fake_seen().requests == 1 && fake_is_quiet());
		CHECK_ROW(fake_names[i],
			CMS_verify(cms, NULL, NULL, NULL, NULL,
				CMS_NO_SIGNER_CERT_VERIFY) == 1);
		CMS_ContentInfo_free(cms);
		BIO_free(in);
		X509_free(cert);
		EVP_PKEY_free(key);
	}
}

/* Encrypted to the certificate, with or without OAEP. */
static CMS_ContentInfo *enveloped(X509 *cert, const char *pad)
{
	BIO *in = BIO_new_mem_buf(PROGRAM_TEXT, -1);
	CMS_ContentInfo *cms = CMS_encrypt_ex(NULL, in, EVP_aes_256_cbc(),
		CMS_BINARY | CMS_PARTIAL, fake_program, NULL);
	CMS_RecipientInfo *to = CMS_add1_recipient_cert(cms, cert, CMS_KEY_PARAM);

	CHECK(to &&
		program_set(CMS_RecipientInfo_get0_pkey_ctx(to),
			OSSL_ASYM_CIPHER_PARAM_PAD_MODE, pad));
	CHECK(CMS_final(cms, in, NULL, CMS_BINARY) == 1);
	BIO_free(in);
	return cms;
}

static void messages_are_decrypted(void)
{
	static const char *const pads[][2] = { { "pkcs1", "RSA1_5" },
		{ "oaep", "RSA-OAEP" } };
	EVP_PKEY *key = fake_key(FAKE_VAULT, "rsa2048");
	X509 *cert = certificate(key, "SHA256");

	for (size_t i = 0; i < COUNT(pads); i++) {
		CMS_ContentInfo *cms = enveloped(cert, pads[i][0]);
		BIO *out = BIO_new(BIO_s_mem());
		char text[100] = "";

		fake_reset(FAKE_NOISY);
		CHECK_ROW(pads[i][0], CMS_decrypt(cms, key, cert, NULL, out, 0) == 1);
		CHECK_ROW(pads[i][0], fake_seen().requests == 1 && fake_is_quiet());
		CHECK_TEXT(fake_seen().algorithm, pads[i][1]);
		CHECK(BIO_read(out, text, sizeof(text)) == (int)PROGRAM_LEN);
		CHECK_TEXT(text, PROGRAM_TEXT);
		BIO_free(out);
		CMS_ContentInfo_free(cms);
	}
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* TLS, without a network. */

struct peers {
	SSL_CTX *server_context, *client_context;
	SSL *server, *client;
	SSL_SESSION *session;
};

// clang-format off
static const struct handshake {
	const char *host, *key;
	int version;
	const char *ciphers, *sigalgs; /* of the client; NULL: as they are */
	const char *algorithm;
} handshakes[] = {
	{ FAKE_VAULT, "rsa2048", TLS1_3_VERSION, NULL, NULL,                 "PS256" },
	{ FAKE_HSM,   "rsa3072", TLS1_3_VERSION, NULL, "rsa_pss_rsae_sha512", "PS512" },
	{ FAKE_VAULT, "p256",    TLS1_3_VERSION, NULL, NULL,                 "ES256" },
	{ FAKE_VAULT, "p384",    TLS1_3_VERSION, NULL, NULL,                 "ES384" },
	{ FAKE_HSM,   "p521",    TLS1_3_VERSION, NULL, NULL,                 "ES512" },
	{ FAKE_VAULT, "rsa2048", TLS1_2_VERSION, NULL, NULL,                 "PS256" },
	{ FAKE_VAULT, "rsa2048", TLS1_2_VERSION, NULL, "RSA+SHA256",         "RS256" },
	{ FAKE_VAULT, "rsa2048", TLS1_2_VERSION, NULL, "RSA+SHA1",           "RSNULL" },
	{ FAKE_HSM,   "rsa2048", TLS1_2_VERSION, NULL, "RSA+SHA224:RSA+SHA384", "RS384" },
	{ FAKE_VAULT, "p256",    TLS1_2_VERSION, NULL, NULL,                 "ES256" },
	{ FAKE_VAULT, "p384",    TLS1_2_VERSION, NULL, NULL,                 "ES384" },
	{ FAKE_VAULT, "p384",    TLS1_2_VERSION, NULL, "ECDSA+SHA512",       "ES384" },
	{ FAKE_HSM,   "p521",    TLS1_2_VERSION, NULL, "ECDSA+SHA1",         "ES512" },
	{ FAKE_VAULT, "rsa2048", TLS1_1_VERSION, NULL, NULL,                 "RSNULL" },
	{ FAKE_VAULT, "p256",    TLS1_VERSION,   NULL, NULL,                 "ES256" },
	{ FAKE_VAULT, "rsa2048", TLS1_2_VERSION, "AES128-GCM-SHA256", NULL,  "RSA1_5" },
	{ FAKE_VAULT, "rsa2048", TLS1_1_VERSION, "AES128-SHA", NULL,         "RSA1_5" },
};
// clang-format on

static void set_versions(SSL_CTX *ctx, const struct handshake *h)
{
	SSL_CTX_set_security_level(ctx, 0);
	CHECK(SSL_CTX_set_min_proto_version(ctx, h->version));
	CHECK(SSL_CTX_set_max_proto_version(ctx, h->version));
}

static void peers_new(struct peers *p, OSSL_LIB_CTX *program, const struct handshake *h)
{
	EVP_PKEY *key = fake_key_in(program, h->host, h->key);
	X509 *cert = certificate(key, "SHA256");

	memset(p, 0, sizeof(*p));
	p->server_context = SSL_CTX_new_ex(program, NULL, TLS_method());
	p->client_context = SSL_CTX_new_ex(fake_plain, NULL, TLS_method());
	set_versions(p->server_context, h);
	set_versions(p->client_context, h);
	CHECK(SSL_CTX_set_cipher_list(p->server_context, "ALL"));
	CHECK(SSL_CTX_set_cipher_list(
		p->client_context, h->ciphers ? h->ciphers : "ECDHE:DHE"));
	if (h->sigalgs)
		CHECK_ROW(h->sigalgs,
			SSL_CTX_set1_sigalgs_list(
				p->client_context, (char *)(uintptr_t)h->sigalgs));
	CHECK(SSL_CTX_use_certificate(p->server_context, cert));
	CHECK(SSL_CTX_use_PrivateKey(p->server_context, key));
	CHECK(SSL_CTX_check_private_key(p->server_context));
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void peers_free(struct peers *p)
{
	SSL_SESSION_free(p->session);
	SSL_CTX_free(p->server_context);
	SSL_CTX_free(p->client_context);
}

/* As a server that never blocks: what SSL_get_error() says counts, and it looks at the
 * error queue. */
static bool goes_on(SSL *ssl, int (*step)(SSL *ssl), bool *ret_done)
{
	int r = step(ssl), error;

	if (r == 1) {
		*ret_done = true;
		return true;
	}
	error = SSL_get_error(ssl, r);
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static bool shake_hands(struct peers *p)
{
	BIO *a = NULL, *b = NULL;
	bool served = false, connected = false, ok = true;
	char byte = 'x';

	p->server = SSL_new(p->server_context);
	p->client = SSL_new(p->client_context);
	CHECK(BIO_new_bio_pair(&a, 0, &b, 0));
	SSL_set_bio(p->server, a, a);
	SSL_set_bio(p->client, b, b);
	if (p->session)
		CHECK(SSL_set_session(p->client, p->session));
	for (int i = 0; ok && i < 20 && !(served && connected); i++)
		ok = goes_on(p->client, SSL_connect, &connected) &&
			goes_on(p->server, SSL_accept, &served);
	/* Tickets of TLS 1.3 come with the first bytes. */
	ok = ok && served && connected && SSL_write(p->server, &byte, 1) == 1 &&
		SSL_read(p->client, &byte, 1) == 1;
	SSL_SESSION_free(p->session);
	p->session = ok ? SSL_get1_session(p->client) : NULL;
	if (ok) {
		(void)SSL_shutdown(p->server);
		(void)SSL_shutdown(p->client);
	}
	SSL_free(p->server);
	SSL_free(p->client);
	return ok;
}

static void servers_shake_hands(void)
{
	OSSL_LIB_CTX *program = fake_configured("tls-rsa = yes");

	for (size_t i = 0; i < COUNT(handshakes); i++) {
		struct peers p;
		char row[32];

		(void)snprintf(row, sizeof(row), "handshakes[%zu]", i);
		peers_new(&p, program, &handshakes[i]);
		fake_reset(FAKE_NOISY);
		CHECK_ROW(row, shake_hands(&p));
		CHECK_ROW(row, fake_is_quiet());
		CHECK_ROW(row, fake_seen().requests == 1);
		CHECK_TEXT(fake_seen().algorithm, handshakes[i].algorithm);
		fake_reset(FAKE_UNREACHABLE);
		CHECK_ROW(row, shake_hands(&p)); /* the same session */
		CHECK_ROW(row, fake_seen().requests == 0);
		peers_free(&p);
	}
	OSSL_LIB_CTX_free(program);
}

// clang-format off
static const struct {
	struct handshake handshake;
	enum fake_fault fault;
	int reason; /* 0: libssl finds nothing that both can do */
	unsigned requests;
} failures[] = {
	{ { FAKE_VAULT, "rsa2048", TLS1_3_VERSION, NULL, NULL, NULL }, FAKE_FLIPPED, REASON_ANSWER, 1 },
	{ { FAKE_VAULT, "p256",    TLS1_2_VERSION, NULL, NULL, NULL }, FAKE_REFUSED, REASON_REFUSED, 1 },
	{ { FAKE_VAULT, "rsa2048", TLS1_2_VERSION, "AES128-SHA", NULL, NULL }, FAKE_GOOD, REASON_ALGORITHM, 0 },
	{ { FAKE_HSM,   "rsa2048", TLS1_2_VERSION, NULL, "RSA+SHA224", NULL }, FAKE_GOOD, 0, 0 },
	{ { FAKE_HSM,   "rsa2048", TLS1_1_VERSION, NULL, NULL, NULL }, FAKE_GOOD, REASON_ALGORITHM, 0 },
};
// clang-format on

static void failures_say_why(void)
{
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct peers p;
		char row[32];

		(void)snprintf(row, sizeof(row), "failures[%zu]", i);
		peers_new(&p, fake_program, &failures[i].handshake);
		fake_reset(failures[i].fault);
		CHECK_ROW(row, !shake_hands(&p));
		CHECK_ROW(row, fake_reason() == failures[i].reason);
		CHECK_ROW(row, fake_seen().requests == failures[i].requests);
		peers_free(&p);
	}
}

static int take_any(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

/* A client proves who it is with a vault's key; the server has a key of its own. */
static void clients_shake_hands(void)
{
	static const struct handshake rows[] = {
		{ FAKE_VAULT, "rsa2048", TLS1_3_VERSION, NULL, NULL, "PS256" },
		{ FAKE_HSM, "p521", TLS1_3_VERSION, NULL, NULL, "ES512" },
		{ FAKE_VAULT, "p384", TLS1_2_VERSION, NULL, NULL, "ES384" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		EVP_PKEY *own = fake_whole("p256");
		X509 *cert = unsigned_certificate(own, fake_plain);
		struct peers p;
		SSL_CTX *knows_us;

		CHECK(X509_sign(cert, own, EVP_sha256()) > 0);
		peers_new(&p, fake_program, &rows[i]);
		knows_us = p.server_context;
		p.server_context = p.client_context;
		p.client_context = knows_us;
		CHECK(SSL_CTX_use_certificate(p.server_context, cert));
		CHECK(SSL_CTX_use_PrivateKey(p.server_context, own));
		SSL_CTX_set_verify(p.server_context,
			SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, take_any);
		fake_reset(FAKE_NOISY);
		CHECK(shake_hands(&p));
		CHECK(fake_seen().requests == 1 && fake_is_quiet());
		CHECK_TEXT(fake_seen().algorithm, rows[i].algorithm);
		peers_free(&p);
		X509_free(cert);
		EVP_PKEY_free(own);
	}
}

static const struct test tests[] = {
	{ "certificates are signed, with the right algorithm", certificates_are_signed },
	{ "messages are signed", messages_are_signed },
	{ "messages are decrypted", messages_are_decrypted },
	{ "a server's handshake costs one request, a resumed one none",
		servers_shake_hands },
	{ "so does a client's", clients_shake_hands },
	{ "a handshake that fails says why", failures_say_why },
};

int main(void)
{
	int status;

	fake_start();
	status = test_run(tests, COUNT(tests));
	fake_end();
	return status;
}
