/* Reference files: read by every way that OpenSSL has, and written.
 * SPDX-License-Identifier: MIT */
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "fakevault.h"
#include "openssl/reference.h"
#include "test.h"

/* A key that is no vault's. */
static EVP_PKEY *foreign(void)
{
	static EVP_PKEY *k;

	if (!k)
		k = EVP_EC_gen("P-384");
	return k;
}

static void add_bio(struct text *t, BIO *b)
{
	char *p;
	long len = BIO_get_mem_data(b, &p);

	text_add_bytes(t, p, (size_t)len);
	BIO_free(b);
}

static void add_block(struct text *t, const char *label, const void *der, size_t len)
{
	BIO *b = BIO_new(BIO_s_mem());

	CHECK(PEM_write_bio(b, label, "", der, (long)len) > 0);
	add_bio(t, b);
}

static void add_reference(struct text *t, const char *uri, EVP_PKEY *public_key)
{
	unsigned char *der = NULL;
	struct uri u;
	size_t len = 0;

	CHECK(uri_parse(uri, &u, NULL) == MITOK_OK);
	CHECK(reference_format(&u, public_key, &der, &len, NULL) == MITOK_OK);
	add_block(t, REFERENCE_LABEL, der, len);
	OPENSSL_free(der);
}

/* The pieces of a file, a letter for each. */
static void add_piece(struct text *t, char piece)
{
	struct fakevault *v = fakevault();
	BIO *b = BIO_new(BIO_s_mem());

	switch (piece) {
	case 'R':
		add_reference(t, FAKE_KEY("rsa"), v->rsa);
		break;
	case 'E':
		add_reference(t, FAKE_KEY("ec"), v->ec);
		break;
	case 'r': /* the vault is asked for the rest */
		add_reference(t, "azkv://" FAKE_HOST "/keys/rsa", v->rsa);
		break;
	case 'e':
		add_reference(t, FAKE_KEY("ec"), NULL);
		break;
	case 'C':
		CHECK(PEM_write_bio_X509(b, v->rsa_leaf));
		break;
	case 'K':
		CHECK(PEM_write_bio_PKCS8PrivateKey(
			b, foreign(), NULL, NULL, 0, NULL, NULL));
		break;
	case 'P':
		CHECK(PEM_write_bio_PUBKEY(b, foreign()));
		break;
	case 'U':
		add_block(t, "SOMETHING ELSE", "12345", 5);
		break;
	case 'T':
		text_add(t,
			"Bag Attributes\n    friendlyName: www\n\n-----BEGIN to read\n");
		text_addf(t, "%0300d-----BEGIN NOTHING-----\n", 0);
		break;
	case 'B':
		text_add(t, "\xef\xbb\xbf");
		break;
	default:
		CHECK(false);
	}
	add_bio(t, b);
}

static void add_file(struct text *t, const char *pieces)
{
	for (; *pieces; pieces++)
		add_piece(t, *pieces);
}

static unsigned asked; /* for a password */

static int no_password(char *buf, int size, int writes, void *arg)
{
	(void)buf, (void)size, (void)writes, (void)arg;
	asked++;
	return -1;
}

static EVP_PKEY *read_text(OSSL_LIB_CTX *ctx, const char *text)
{
	BIO *b = BIO_new_mem_buf(text, -1);
	EVP_PKEY *k = PEM_read_bio_PrivateKey_ex(b, NULL, no_password, NULL, ctx, NULL);

	BIO_free(b);
	return k;
}

/* Which one it is, as the piece that it came from. */
static char which(EVP_PKEY *k)
{
	struct fakevault *v = fakevault();
	bool ours;

	if (!k)
		return '-';
	ours = strcmp(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(k)), "azkv") == 0;
	if (ours && EVP_PKEY_eq(k, v->rsa) == 1)
		return 'R';
	if (ours && EVP_PKEY_eq(k, v->ec) == 1)
		return 'E';
	return EVP_PKEY_eq(k, foreign()) == 1 ? 'K' : '?';
}

static const struct file {
	const char *pieces;
	char key;          /* the first private key in it */
	const char *store; /* what a store finds, a letter for each object */
	unsigned requests;
} files[] = {
	{ "R", 'R', "K", 0 },
	{ "E", 'E', "K", 0 },
	{ "CR", 'R', "CK", 0 },
	{ "RC", 'R', "KC", 0 },
	{ "RCC", 'R', "KCC", 0 },
	{ "CCR", 'R', "CCK", 0 },
	{ "TR", 'R', "K", 0 },
	{ "TCTE", 'E', "CK", 0 },
	{ "BR", 'R', "K", 0 },
	{ "BTE", 'E', "K", 0 },
	{ "UR", 'R', "K", 0 },
	{ "UTUECU", 'E', "KC", 0 },
	{ "ER", 'E', "KK", 0 },
	{ "RE", 'R', "KK", 0 },
	{ "KR", 'K', "KK", 0 },
	{ "RK", 'R', "KK", 0 },
	{ "PR", 'R', "PK", 0 },
	{ "CK", 'K', "CK", 0 },
	{ "K", 'K', "K", 0 },
	{ "C", '-', "C", 0 },
	{ "U", '-', "", 0 },
	{ "r", 'R', "K", 1 },
	{ "e", 'E', "K", 1 },
	{ "Ce", 'E', "CK", 1 },
	{ "eC", 'E', "KC", 1 },
};

static void read_files(bool azkv_first, bool crlf)
{
	OSSL_LIB_CTX *ctx = fakevault_context(azkv_first);

	for (size_t i = 0; i < COUNT(files); i++) {
		AUTO_TEXT t = { 0 }, with_cr = { 0 };
		EVP_PKEY *k;

		(void)fakevault_reset();
		add_file(&t, files[i].pieces);
		for (const char *p = text_peek(&t); *p; p++) {
			if (*p == '\n' && crlf)
				text_add(&with_cr, "\r");
			text_add_bytes(&with_cr, p, 1);
		}
		asked = 0;
		k = read_text(ctx, text_peek(&with_cr));
		CHECK_ROW(files[i].pieces, !k || ERR_peek_error() == 0);
		CHECK_ROW(files[i].pieces,
			which(k) == files[i].key ||
				(azkv_first && files[i].key == 'K' && which(k) == '?'));
		CHECK_ROW(files[i].pieces, asked == 0);
		CHECK_ROW(files[i].pieces, fakevault_requests() == files[i].requests);
		EVP_PKEY_free(k);
	}
	fakevault_context_free(ctx);
}

static void read_as_pem(void)
{
	read_files(false, false);
	read_files(true, false);
	read_files(false, true);
}

/* A file that goes away. */
static char path[] = "/tmp/azkv-pem-XXXXXX";

static void write_file(const char *text)
{
	FILE *f;

	if (strchr(path, 'X'))
		close(mkstemp(path));
	f = fopen(path, "w");
	CHECK(f && fputs(text, f) >= 0);
	fclose(f);
}

static const char *read_store(OSSL_LIB_CTX *ctx, int expect)
{
	static char got[16];
	OSSL_STORE_CTX *s =
		OSSL_STORE_open_ex(path, ctx, NULL, NULL, NULL, NULL, NULL, NULL);
	size_t n = 0;

	CHECK(s && (!expect || OSSL_STORE_expect(s, expect)));
	while (n < sizeof(got) - 1 && !OSSL_STORE_eof(s)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(s);

		if (info)
			got[n++] = " NAPKC"[OSSL_STORE_INFO_get_type(info)];
		OSSL_STORE_INFO_free(info);
	}
	got[n] = '\0';
	OSSL_STORE_close(s);
	return got;
}

/* What of `all` is one of `kind`. */
static const char *only(const char *all, char kind)
{
	static char text[16];
	size_t n = 0;

	for (; *all; all++)
		if (*all == kind)
			text[n++] = kind;
	text[n] = '\0';
	return text;
}

static void read_as_store(void)
{
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(files); i++) {
		AUTO_TEXT t = { 0 };

		(void)fakevault_reset();
		add_file(&t, files[i].pieces);
		write_file(text_peek(&t));
		CHECK_TEXT(read_store(ctx, 0), files[i].store);
		CHECK_ROW(files[i].pieces, fakevault_requests() == files[i].requests);
		CHECK_TEXT(
			read_store(ctx, OSSL_STORE_INFO_PKEY), only(files[i].store, 'K'));
		CHECK_TEXT(
			read_store(ctx, OSSL_STORE_INFO_CERT), only(files[i].store, 'C'));
		CHECK_TEXT(read_store(ctx, OSSL_STORE_INFO_PUBKEY),
			only(files[i].store, 'P'));
	}
	unlink(path);
	fakevault_context_free(ctx);
}

/* SEQUENCE { version, uri }, for what reference_format() does not write. */
static void add_der(struct text *t, char version, const char *uri)
{
	AUTO_TEXT der = { 0 };
	size_t len = strlen(uri);

	text_addf(&der, "\x30%c\x02\x01%c\x0c%c%s", (char)(len + 5), version, (char)len,
		uri);
	add_block(t, REFERENCE_LABEL, text_peek(&der), der.len);
}

/* Damages a text in place. */
static void replace(struct text *t, const char *what, const char *with)
{
	char *at = strstr(t->p, what);

	CHECK(at && strlen(what) == strlen(with));
	memcpy(at, with, strlen(with));
}

static void damage_base64(struct text *t)
{
	add_file(t, "R");
	replace(t, "-----\nM", "-----\n*");
}

static void damage_end(struct text *t)
{
	add_file(t, "R");
	replace(t, "END AZURE", "END AZUR!");
}

static void damage_cut(struct text *t)
{
	add_file(t, "R");
	t->p[t->len / 2] = '\0';
}

static void damage_der(struct text *t)
{
	add_block(t, REFERENCE_LABEL, "\x30\x05\x02\x01\x01\x0c\x7f", 7);
}

static void damage_version(struct text *t)
{
	add_der(t, 2, FAKE_KEY("rsa"));
}

static void damage_uri(struct text *t)
{
	add_der(t, 1, "https://" FAKE_HOST "/keys/rsa");
}

static void damage_list(struct text *t)
{
	add_der(t, 1, "azkv://" FAKE_HOST "/");
}

static void damage_kind(struct text *t)
{
	add_der(t, 1, "azkv://" FAKE_HOST "/certificates/rsa");
}

static void damage_size(struct text *t)
{
	static char large[REFERENCE_MAX + 1];

	add_block(t, REFERENCE_LABEL, large, sizeof(large));
}

static void damage_header(struct text *t)
{
	text_add(t,
		"-----BEGIN " REFERENCE_LABEL "-----\nX-Any: thing\n\nMAAA\n"
		"-----END " REFERENCE_LABEL "-----\n");
}

static void damage_empty(struct text *t)
{
	text_add(t,
		"-----BEGIN " REFERENCE_LABEL "-----\n"
		"-----END " REFERENCE_LABEL "-----\n");
}

static void damage_host(struct text *t)
{
	add_der(t, 1, "azkv://vault.evil.example/keys/rsa");
}

static void damage_gone(struct text *t)
{
	add_der(t, 1, "azkv://" FAKE_HOST "/keys/gone");
}

static const struct damage {
	const char *what;
	void (*make)(struct text *t);
	const char *reason;
	unsigned requests;
} damages[] = {
	{ "base64", damage_base64, "3", 0 },
	{ "the last line", damage_end, "3", 0 },
	{ "cut", damage_cut, "3", 0 },
	{ "DER", damage_der, "3", 0 },
	{ "another version", damage_version, "3", 0 },
	{ "another scheme", damage_uri, "3", 0 },
	{ "a list", damage_list, "3", 0 },
	{ "a certificate", damage_kind, "3", 0 },
	{ "too large", damage_size, "3", 0 },
	{ "headers", damage_header, "3", 0 },
	{ "empty", damage_empty, "3", 0 },
	{ "no vault's host", damage_host, "9", 0 },
	{ "no such key", damage_gone, "9", 1 },
};

/* The reason is what programs show first, and it is there when a store reads the file. */
static void damaged(void)
{
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(damages); i++) {
		const struct damage *d = &damages[i];
		AUTO_TEXT t = { 0 };

		d->make(&t);
		(void)fakevault_reset();
		asked = 0;
		CHECK_ROW(d->what, read_text(ctx, text_peek(&t)) == NULL);
		CHECK_TEXT(fakevault_reasons(), d->reason);
		CHECK_ROW(d->what, asked == 0 && fakevault_requests() == d->requests);

		write_file(text_peek(&t));
		(void)fakevault_reset();
		CHECK_TEXT(read_store(ctx, OSSL_STORE_INFO_PKEY), "");
		CHECK_TEXT(fakevault_reasons(), d->reason);
		CHECK_ROW(d->what, fakevault_requests() == d->requests);
	}
	unlink(path);
	fakevault_context_free(ctx);
}

static EVP_PKEY *read_der(OSSL_LIB_CTX *ctx, const char *uri, EVP_PKEY *public_key)
{
	OSSL_DECODER_CTX *d;
	EVP_PKEY *k = NULL;
	unsigned char *der = NULL;
	const unsigned char *p;
	struct uri u;
	size_t len = 0;

	CHECK(uri_parse(uri, &u, NULL) == MITOK_OK);
	CHECK(reference_format(&u, public_key, &der, &len, NULL) == MITOK_OK);
	p = der;
	d = OSSL_DECODER_CTX_new_for_pkey(&k, "DER", NULL, NULL, 0, ctx, NULL);
	(void)OSSL_DECODER_from_data(d, &p, &len);
	OSSL_DECODER_CTX_free(d);
	OPENSSL_free(der);
	return k;
}

static void read_as_der(void)
{
	struct fakevault *v = fakevault_reset();
	OSSL_LIB_CTX *ctx = fakevault_context(false);
	EVP_PKEY *k = read_der(ctx, FAKE_KEY("ec"), v->ec);

	CHECK(which(k) == 'E');
	EVP_PKEY_free(k);
	CHECK(read_der(ctx, FAKE_KEY("ec"), NULL) == NULL);
	CHECK(read_der(ctx, "azkv://" FAKE_HOST "/keys/rsa", v->rsa) == NULL);
	CHECK(read_der(ctx, "azkv://vault.evil.example/keys/rsa/" FAKE_VERSION, v->rsa) ==
		NULL);
	CHECK(fakevault_requests() == 0);
	fakevault_context_free(ctx);
}

/* As with a private key's file. */
static void no_public_key(void)
{
	static const char *const all[] = { "R", "e" };
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(all); i++) {
		AUTO_TEXT t = { 0 };
		BIO *b;

		(void)fakevault_reset();
		add_file(&t, all[i]);
		b = BIO_new_mem_buf(text_peek(&t), -1);
		CHECK(PEM_read_bio_PUBKEY_ex(b, NULL, NULL, NULL, ctx, NULL) == NULL);
		BIO_free(b);
		CHECK(fakevault_requests() == 0);
	}
	fakevault_context_free(ctx);
}

static void servers_files(void)
{
	static const char *const all[] = { "CR", "RC" };
	OSSL_LIB_CTX *ctx = fakevault_context(false);

	for (size_t i = 0; i < COUNT(all); i++) {
		SSL_CTX *ssl = SSL_CTX_new_ex(ctx, NULL, TLS_server_method());
		AUTO_TEXT t = { 0 };

		(void)fakevault_reset();
		add_file(&t, all[i]);
		write_file(text_peek(&t));
		CHECK_ROW(all[i], SSL_CTX_use_certificate_chain_file(ssl, path) == 1);
		CHECK_ROW(all[i],
			SSL_CTX_use_PrivateKey_file(ssl, path, SSL_FILETYPE_PEM) == 1);
		CHECK_ROW(all[i], SSL_CTX_check_private_key(ssl) == 1);
		CHECK_ROW(all[i], fakevault_requests() == 0 && ERR_peek_error() == 0);
		SSL_CTX_free(ssl);
	}
	unlink(path);
	fakevault_context_free(ctx);
}

static const struct test tests[] = {
	{ "a reference is found wherever it stands, and other keys are too",
		read_as_pem },
	{ "a store finds in a file what there is", read_as_store },
	{ "a damaged reference is named, and no password is asked for", damaged },
	{ "DER is a key when it is complete, and makes no request", read_as_der },
	{ "a reference is no public key's file", no_public_key },
	{ "TLS takes certificate and reference from one file", servers_files },
};

TEST_MAIN(tests)
