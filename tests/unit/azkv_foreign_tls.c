/* TLS handshakes with foreign keys, where azkv comes before OpenSSL's own provider: what is
 * agreed on is what is agreed on without it. SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "foreign.h"
#include "pki.h"
#include "test.h"

struct row {
	const char *key;     /* the server's */
	const char *client;  /* the client's, or NULL: it shows no certificate */
	int version;         /* the only one */
	const char *groups;  /* of both, or NULL: as OpenSSL has them */
	const char *ciphers; /* up to TLS 1.2, or NULL */

	/* What must come of it. */
	const char *cipher;
	int group; /* or 0: none, or what is usual */
};

// clang-format off
static const struct row rows[] = {
	{ "RSA:2048", NULL,       TLS1_3_VERSION, NULL,     NULL, "TLS_AES_256_GCM_SHA384", 0 },
	{ "EC:P-256", NULL,       TLS1_3_VERSION, NULL,     NULL, "TLS_AES_256_GCM_SHA384", 0 },
	{ "RSA:2048", "EC:P-256", TLS1_3_VERSION, "P-256",  NULL, "TLS_AES_256_GCM_SHA384", NID_X9_62_prime256v1 },
	{ "EC:P-256", "RSA:2048", TLS1_3_VERSION, "P-256",  NULL, "TLS_AES_256_GCM_SHA384", NID_X9_62_prime256v1 },
	{ "EC:P-384", "EC:P-521", TLS1_3_VERSION, "P-384",  NULL, "TLS_AES_256_GCM_SHA384", NID_secp384r1 },
	{ "EC:P-521", NULL,       TLS1_3_VERSION, "P-521",  NULL, "TLS_AES_256_GCM_SHA384", NID_secp521r1 },
	{ "EC:P-256", NULL,       TLS1_3_VERSION, "X25519", NULL, "TLS_AES_256_GCM_SHA384", NID_X25519 },
	{ "RSA:2048", NULL,       TLS1_3_VERSION, "X448:P-256", NULL, "TLS_AES_256_GCM_SHA384", NID_X448 },
	{ "RSA:2048", NULL,       TLS1_3_VERSION, "ffdhe2048", NULL, "TLS_AES_256_GCM_SHA384", NID_ffdhe2048 },
	{ "RSA:2048", NULL,       TLS1_2_VERSION, "P-256",  "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", NID_X9_62_prime256v1 },
	{ "RSA:3072", "RSA:2048", TLS1_2_VERSION, "P-384",  "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", NID_secp384r1 },
	{ "RSA:2048", NULL,       TLS1_2_VERSION, "X25519", "ECDHE", "ECDHE-RSA-AES256-GCM-SHA384", NID_X25519 },
	{ "EC:P-256", "EC:P-384", TLS1_2_VERSION, "P-256:P-384", "ECDHE", "ECDHE-ECDSA-AES256-GCM-SHA384", NID_X9_62_prime256v1 },
	{ "EC:P-384", "RSA:2048", TLS1_2_VERSION, "P-384",  "ECDHE", "ECDHE-ECDSA-AES256-GCM-SHA384", NID_secp384r1 },
	{ "RSA:2048", "EC:P-256", TLS1_2_VERSION, "P-256",  "AES128-SHA", "AES128-SHA", 0 },
	{ "RSA:2048", NULL,       TLS1_2_VERSION, "P-256",  "kRSA+AESGCM", "AES256-GCM-SHA384", 0 },
	{ "RSA:2048", NULL,       TLS1_2_VERSION, "P-256",  "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", 0 },
};
// clang-format on

/* The macros of libssl cast a const away. */
static bool set_groups(SSL_CTX *tls, const char *names)
{
	return SSL_CTX_set1_groups_list(tls, (uintptr_t)names) == 1;
}

static SSL_CTX *context(OSSL_LIB_CTX *ctx, const struct row *row, const struct pki *pki)
{
	SSL_CTX *tls = SSL_CTX_new_ex(ctx, NULL, TLS_method());

	CHECK_ROW(row->key, tls != NULL);
	CHECK_ROW(row->key, SSL_CTX_set_min_proto_version(tls, row->version) == 1);
	CHECK_ROW(row->key, SSL_CTX_set_max_proto_version(tls, row->version) == 1);
	CHECK_ROW(row->groups, !row->groups || set_groups(tls, row->groups));
	CHECK_ROW(row->ciphers,
		!row->ciphers || SSL_CTX_set_cipher_list(tls, row->ciphers));
	CHECK_ROW(row->key, SSL_CTX_set_dh_auto(tls, 1));
	if (pki) {
		CHECK_ROW(row->key, SSL_CTX_use_certificate(tls, pki->leaf) == 1);
		CHECK_ROW(row->key, SSL_CTX_add1_chain_cert(tls, pki->issuer) == 1);
		CHECK_ROW(row->key, SSL_CTX_use_PrivateKey(tls, pki->key) == 1);
		CHECK_ROW(row->key, SSL_CTX_check_private_key(tls) == 1);
	}
	return tls;
}

static void trust(SSL_CTX *tls, const struct pki *pki)
{
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	CHECK(X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), pki->root));
}

/* Both ends take turns until neither wants more. */
static bool shake_hands(SSL *server, SSL *client)
{
	int s = 0, c = 0;

	for (int turn = 0; turn < 20 && (s != 1 || c != 1); turn++) {
		if (c != 1)
			c = SSL_do_handshake(client);
		if (c != 1 && SSL_get_error(client, c) != SSL_ERROR_WANT_READ)
			break;
		if (s != 1)
			s = SSL_do_handshake(server);
		if (s != 1 && SSL_get_error(server, s) != SSL_ERROR_WANT_READ)
			break;
	}
	return s == 1 && c == 1;
}

/* An error that a success leaves behind makes programs that poll drop the connection. */
static bool talk(SSL *server, SSL *client)
{
	char got[8] = "";

	return SSL_write(client, "there", 5) == 5 && SSL_read(server, got, 7) == 5 &&
		memcmp(got, "there", 5) == 0 && SSL_write(server, "back", 4) == 4 &&
		SSL_read(client, got, 7) == 4 && memcmp(got, "back", 4) == 0 &&
		ERR_peek_error() == 0;
}

static void check_group(const struct row *row, long group)
{
	static long usual; /* the first row, where azkv is at neither end */

	if (row->groups && row->group)
		CHECK_ROW(row->groups, group == row->group);
	if (!row->groups && !usual)
		usual = group;
	if (!row->groups)
		CHECK_ROW("usual group", group > 0 && group == usual);
}

/* One connection; session: to take up again, or NULL. */
static SSL_SESSION *connect_both(SSL_CTX *server_tls, SSL_CTX *client_tls,
	const struct row *row, SSL_SESSION *session)
{
	SSL *server = SSL_new(server_tls), *client = SSL_new(client_tls);
	SSL_SESSION *ret = NULL;
	BIO *a = NULL, *b = NULL;

	CHECK(server && client && BIO_new_bio_pair(&a, 0, &b, 0) == 1);
	SSL_set_bio(server, a, a);
	SSL_set_bio(client, b, b);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	CHECK(SSL_set_tlsext_host_name(client, (uintptr_t) "localhost") == 1);
	CHECK(SSL_set1_host(client, "localhost") == 1);
	CHECK(!session || SSL_set_session(client, session) == 1);
	CHECK_ROW(row->key, ERR_peek_error() == 0);
	CHECK_ROW(row->key, shake_hands(server, client));
	if (ERR_peek_error())
		ERR_print_errors_fp(stderr);
	CHECK_ROW(row->key, talk(server, client));
	CHECK_TEXT(SSL_get_cipher_name(client), row->cipher);
	CHECK_ROW(row->key, SSL_session_reused(client) == (session != NULL));
	if (!session)
		check_group(row, SSL_get_negotiated_group(client));
	CHECK_ROW(row->key, SSL_get_verify_result(client) == X509_V_OK);
	if (!session)
		ret = SSL_get1_session(client);
	/* Otherwise the session is not to be taken up again. */
	CHECK(SSL_shutdown(client) == 0 && SSL_shutdown(server) == 0);
	SSL_free(server);
	SSL_free(client);
	return ret;
}

static void one_row(OSSL_LIB_CTX *server, OSSL_LIB_CTX *client, const struct row *row)
{
	const char *const chain[] = { "RSA:2048", "EC:P-384", row->key };
	const char *const client_chain[] = { "EC:P-384", "RSA:2048", row->client };
	struct pki of_server, of_client = { 0 }, seen_by_client, seen_by_server = { 0 };
	SSL_CTX *server_tls, *client_tls;
	SSL_SESSION *session;

	pki_new(&of_server, server, chain);
	pki_copy(&seen_by_client, client, &of_server);
	if (row->client) {
		pki_new(&of_client, client, client_chain);
		pki_copy(&seen_by_server, server, &of_client);
	}
	server_tls = context(server, row, &of_server);
	client_tls = context(client, row, row->client ? &of_client : NULL);
	trust(client_tls, &seen_by_client);
	if (row->client)
		trust(server_tls, &seen_by_server);
	CHECK(SSL_CTX_set_session_id_context(server_tls, (const unsigned char *)"x", 1));
	session = connect_both(server_tls, client_tls, row, NULL);
	CHECK_ROW(row->key, session != NULL);
	if (session)
		(void)connect_both(server_tls, client_tls, row, session);
	SSL_SESSION_free(session);
	SSL_CTX_free(client_tls);
	SSL_CTX_free(server_tls);
	pki_free(&seen_by_server);
	pki_free(&seen_by_client);
	pki_free(&of_client);
	pki_free(&of_server);
}

static void each_row(enum foreign_world server, enum foreign_world client)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		one_row(foreign_context(server), foreign_context(client), &rows[i]);
}

static void without(void)
{
	each_row(FOREIGN_PLAIN, FOREIGN_PLAIN);
}

static void both_ends(void)
{
	each_row(FOREIGN_AZKV, FOREIGN_AZKV);
}

static void server_only(void)
{
	each_row(FOREIGN_AZKV, FOREIGN_PLAIN);
}

static void client_only(void)
{
	each_row(FOREIGN_PLAIN, FOREIGN_AZKV);
}

/* Whether both ends, which let no other group be used, come to an end with this one. */
static bool agree(SSL_CTX *server_tls, SSL_CTX *client_tls)
{
	SSL *server = SSL_new(server_tls), *client = SSL_new(client_tls);
	BIO *a = NULL, *b = NULL;
	bool agreed;

	CHECK(server && client && BIO_new_bio_pair(&a, 0, &b, 0) == 1);
	SSL_set_bio(server, a, a);
	SSL_set_bio(client, b, b);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	agreed = shake_hands(server, client) && talk(server, client);
	SSL_free(server);
	SSL_free(client);
	return agreed;
}

/* Each by itself, so that a group that is gone does not hide behind another. Not all are in
 * every OpenSSL, or for every version of TLS. */
static void groups(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static const char *const names[] = { "P-256", "P-384", "P-521", "X25519", "X448",
		"secp256k1", "secp224r1", "brainpoolP256r1", "brainpoolP512r1",
		"brainpoolP384r1tls13", "sect283k1", "ffdhe2048", "ffdhe8192", "MLKEM768",
		"X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "P-255" };
	static const char *const chain[] = { "EC:P-256", "EC:P-256", "EC:P-256" };
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct pki pki;

	pki_new(&pki, ctx, chain);
	for (size_t i = 0; i < COUNT(names) * COUNT(versions); i++) {
		const char *name = names[i / COUNT(versions)];
		struct row row = { "EC:P-256", NULL, versions[i % COUNT(versions)], NULL,
			NULL, NULL, 0 };
		SSL_CTX *server = context(ctx, &row, &pki),
			*client = context(ctx, &row, NULL);
		bool is_set = set_groups(server, name) && set_groups(client, name);

		foreign_step(trace, name, is_set);
		if (is_set)
			foreign_step(trace, "agreed", agree(server, client));
		SSL_CTX_free(server);
		SSL_CTX_free(client);
	}
	pki_free(&pki);
}

/* What a new context lets be used, of everything that depends on keys. */
static void defaults(OSSL_LIB_CTX *ctx, struct text *trace)
{
	SSL_CTX *tls = SSL_CTX_new_ex(ctx, NULL, TLS_method());
	SSL *ssl = SSL_new(tls);
	const STACK_OF(SSL_CIPHER) *ciphers = SSL_get_ciphers(ssl);
	int sign, hash;

	for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++)
		text_addf(trace, "%s\n",
			SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)));
	for (int i = 0; SSL_get_sigalgs(ssl, i, &sign, &hash, NULL, NULL, NULL) > i; i++)
		text_addf(trace, "%d %d\n", sign, hash);
	SSL_free(ssl);
	SSL_CTX_free(tls);
}

static void groups_same(void)
{
	foreign_same(groups);
}

static void defaults_same(void)
{
	foreign_same(defaults);
}

static const struct test tests[] = {
	{ "the rows are what OpenSSL does by itself", without },
	{ "handshakes are the same with azkv at both ends", both_ends },
	{ "handshakes are the same with azkv in the server", server_only },
	{ "handshakes are the same with azkv in the client", client_only },
	{ "the same groups can be chosen, and agreed on", groups_same },
	{ "the same ciphers are there by default", defaults_same },
};

int main(void)
{
	int status = test_run(tests, COUNT(tests));

	foreign_end();
	return status;
}
