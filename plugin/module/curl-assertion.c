/* Client assertions: a certificate's key signs who the application is (RFC 7515; RFC 7518,
 * section 3.5; Microsoft Learn, "Certificate credentials for application authentication").
 * OpenSSL works in a context of its own: what the host program has configured, azkv among
 * it, has no say.
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "io/assertion.h"

#define LIFE_S        600
/* The longest key that anybody has is 16384 bits. */
#define SIGNATURE_MAX 2048
#define CHAIN_MAX     8

/* A file's content, taken apart. */
struct credential {
	OSSL_LIB_CTX *ctx;
	EVP_PKEY *key;
	X509 *certificates[CHAIN_MAX]; /* that of the key first */
	int count;
};

static void done_credential(struct credential *c)
{
	EVP_PKEY_free(c->key);
	while (c->count > 0)
		X509_free(c->certificates[--c->count]);
	OSSL_LIB_CTX_free(c->ctx);
}

static void done_bio(BIO **b)
{
	(void)BIO_free(*b);
}
#define AUTO_BIO __attribute__((cleanup(done_bio))) BIO *

static void done_md(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

/* OpenSSL's own would ask at the terminal. */
static int give_password(char *buf, int size, int writing, void *arg)
{
	const struct assertion_ask *a = arg;
	size_t len = a->password ? strlen(a->password) : 0;

	(void)writing;
	if (!len || len > (size_t)size)
		return -1;
	memcpy(buf, a->password, len);
	return (int)len;
}

static BIO *open_file(const struct assertion_ask *a)
{
	return BIO_new_mem_buf(secret_peek(a->file), (int)a->file->len);
}

static enum mitok_code wrong_key(const struct assertion_ask *a, struct mitok_err *e)
{
	bool locked = strstr(secret_peek(a->file), "ENCRYPTED") != NULL;

	if (locked && !a->password)
		return err_set(e, MITOK_E_CONF,
			"the private key is encrypted, and there is no password");
	if (locked)
		return err_set(e, MITOK_E_CONF,
			"the private key is encrypted with another password");
	return err_set(e, MITOK_E_CONF, "no private key that can be read");
}

static enum mitok_code read_pem(
	const struct assertion_ask *a, struct credential *c, struct mitok_err *e)
{
	AUTO_BIO keys = open_file(a);
	AUTO_BIO certificates = open_file(a);
	X509 *found;

	if (!keys || !certificates)
		return err_memory(e);
	c->key = PEM_read_bio_PrivateKey_ex(
		keys, NULL, give_password, (void *)(uintptr_t)a, c->ctx, NULL);
	if (!c->key)
		return wrong_key(a, e);
	while (c->count < CHAIN_MAX &&
		(found = PEM_read_bio_X509(
			 certificates, NULL, give_password, (void *)(uintptr_t)a)))
		c->certificates[c->count++] = found;
	return MITOK_OK;
}

static enum mitok_code unlock(const struct assertion_ask *a, PKCS12 *p12,
	struct credential *c, struct mitok_err *e)
{
	const char *password = a->password ? a->password : "";
	STACK_OF(X509) *others = NULL;
	X509 *own = NULL;

	if (PKCS12_mac_present(p12) && !PKCS12_verify_mac(p12, password, -1) &&
		(a->password || !PKCS12_verify_mac(p12, NULL, 0)))
		return err_set(e, MITOK_E_CONF,
			a->password ? "encrypted with another password"
				    : "encrypted, and there is no password");
	if (!PKCS12_parse(p12, password, &c->key, &own, &others))
		return err_hint(e,
			err_set(e, MITOK_E_CONF, "PKCS#12 that cannot be decrypted"),
			"old files have ciphers that OpenSSL no longer takes: openssl "
			"pkcs12 -legacy -in FILE -nodes, then use the PEM");
	if (own)
		c->certificates[c->count++] = own;
	for (int i = 0; i < sk_X509_num(others) && c->count < CHAIN_MAX; i++) {
		X509 *one = sk_X509_value(others, i);

		if (X509_up_ref(one))
			c->certificates[c->count++] = one;
	}
	sk_X509_pop_free(others, X509_free);
	return c->key ? MITOK_OK : err_set(e, MITOK_E_CONF, "no private key");
}

static enum mitok_code read_pkcs12(
	const struct assertion_ask *a, struct credential *c, struct mitok_err *e)
{
	PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, c->ctx, NULL);
	AUTO_BIO bytes = open_file(a);
	enum mitok_code r;

	if (!p12 || !bytes) {
		PKCS12_free(p12);
		return err_memory(e);
	}
	if (d2i_PKCS12_bio(bytes, &p12))
		r = unlock(a, p12, c, e);
	else
		r = err_set(e, MITOK_E_CONF, "neither PEM nor PKCS#12");
	PKCS12_free(p12); /* NULL where reading it has freed it already */
	return r;
}

/* Puts the key's own certificate first. */
static enum mitok_code find_own(struct credential *c, struct mitok_err *e)
{
	if (!c->count)
		return err_set(e, MITOK_E_CONF, "no certificate");
	if (!EVP_PKEY_is_a(c->key, "RSA"))
		return err_set(e, MITOK_E_CONF,
			"a key that is not RSA, which Entra does not take");
	for (int i = 0; i < c->count; i++) {
		X509 *own = c->certificates[i];
		EVP_PKEY *public = X509_get0_pubkey(own);

		if (!public || EVP_PKEY_eq(public, c->key) != 1)
			continue;
		for (; i > 0; i--)
			c->certificates[i] = c->certificates[i - 1];
		c->certificates[0] = own;
		return MITOK_OK;
	}
	return err_set(e, MITOK_E_CONF, "no certificate of its private key");
}

static enum mitok_code read_credential(
	const struct assertion_ask *a, struct credential *c, struct mitok_err *e)
{
	enum mitok_code r;

	c->ctx = OSSL_LIB_CTX_new();
	if (!c->ctx)
		return err_memory(e);
	if (strstr(secret_peek(a->file), "-----BEGIN "))
		r = read_pem(a, c, e);
	else
		r = read_pkcs12(a, c, e);
	return r ? r : find_own(c, e);
}

static bool add_base64(struct text *t, const unsigned char *data, size_t len)
{
	unsigned char quad[5];

	for (size_t i = 0; i < len; i += 3) {
		int n = EVP_EncodeBlock(quad, data + i, len - i < 3 ? (int)(len - i) : 3);

		text_add_bytes(t, (const char *)quad, (size_t)n);
	}
	return text_ok(t);
}

/* RFC 7515, section 2: no padding. */
static bool add_base64url(struct text *t, const unsigned char *data, size_t len)
{
	size_t start = t->len;

	if (!add_base64(t, data, len))
		return false;
	while (t->len > start && t->p[t->len - 1] == '=')
		t->p[--t->len] = '\0';
	for (char *p = t->p + start; len && *p; p++)
		*p = (char)(*p == '+' ? '-' : *p == '/' ? '_' : *p);
	return true;
}

static bool add_chain(const struct credential *c, struct text *t)
{
	text_add(t, ",\"x5c\":[");
	for (int i = 0; i < c->count; i++) {
		unsigned char *der = NULL;
		int len = i2d_X509(c->certificates[i], &der);

		if (len <= 0)
			return false;
		text_add(t, i ? ",\"" : "\"");
		(void)add_base64(t, der, (size_t)len);
		text_add(t, "\"");
		OPENSSL_free(der);
	}
	text_add(t, "]");
	return text_ok(t);
}

static bool make_header(
	const struct assertion_ask *a, const struct credential *c, struct text *ret)
{
	unsigned char digest[32];
	unsigned len = 0;

	if (!X509_digest(c->certificates[0], EVP_sha256(), digest, &len) ||
		len != sizeof(digest))
		return false;
	text_add(ret, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"");
	if (!add_base64url(ret, digest, sizeof(digest)))
		return false;
	text_add(ret, "\"");
	if (a->has_chain && !add_chain(c, ret))
		return false;
	text_add(ret, "}");
	return text_ok(ret);
}

static bool make_claims(
	const struct assertion_ask *a, const struct credential *c, struct text *ret)
{
	unsigned char id[16];
	long long now = a->now_s;

	if (RAND_bytes_ex(c->ctx, id, sizeof(id), 0) != 1)
		return false;
	id[6] = (unsigned char)((id[6] & 15) | 64); /* RFC 9562, version 4 */
	id[8] = (unsigned char)((id[8] & 63) | 128);
	text_add(ret, "{\"aud\":");
	text_add_json(ret, a->audience);
	text_add(ret, ",\"iss\":");
	text_add_json(ret, a->client_id);
	text_add(ret, ",\"sub\":");
	text_add_json(ret, a->client_id);
	text_add(ret, ",\"jti\":\"");
	for (size_t i = 0; i < sizeof(id); i++)
		text_addf(ret, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			id[i]);
	text_addf(ret, "\",\"nbf\":%lld,\"iat\":%lld,\"exp\":%lld}", now, now,
		now + LIFE_S);
	return text_ok(ret);
}

/* PS256: RSASSA-PSS with SHA-256, MGF1 with SHA-256 and 32 bytes of salt. */
static bool sign_text(const struct credential *c, const struct text *t, struct text *ret)
{
	__attribute__((cleanup(done_md))) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);
	EVP_PKEY_CTX *pkey = NULL;
	bool ok = ctx &&
		EVP_DigestSignInit_ex(ctx, &pkey, "SHA256", c->ctx, NULL, c->key, NULL) ==
			1 &&
		EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md_name(pkey, "SHA256", NULL) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, RSA_PSS_SALTLEN_DIGEST) == 1 &&
		EVP_PKEY_get_size(c->key) <= SIGNATURE_MAX &&
		EVP_DigestSign(
			ctx, signature, &len, (const unsigned char *)t->p, t->len) == 1 &&
		add_base64url(ret, signature, len);

	explicit_bzero(signature, sizeof(signature));
	return ok;
}

static void done_signature(struct text *t)
{
	if (t->p)
		explicit_bzero(t->p, t->cap);
	text_free(t);
}

static enum mitok_code make(
	const struct assertion_ask *a, struct secret *ret, struct mitok_err *e)
{
	__attribute__((cleanup(done_credential))) struct credential c = { .count = 0 };
	AUTO_TEXT header = { 0 };
	AUTO_TEXT claims = { 0 };
	AUTO_TEXT jwt = { 0 };
	__attribute__((cleanup(done_signature))) struct text signature = { 0 };
	enum mitok_code r = read_credential(a, &c, e);

	if (r)
		return r;
	if (!make_header(a, &c, &header) || !make_claims(a, &c, &claims) ||
		!add_base64url(&jwt, (const unsigned char *)header.p, header.len))
		return err_memory(e);
	text_add(&jwt, ".");
	if (!add_base64url(&jwt, (const unsigned char *)claims.p, claims.len))
		return err_memory(e);
	if (!sign_text(&c, &jwt, &signature))
		return err_set(e, MITOK_E_CONF, "a key that OpenSSL cannot sign with");
	/* Up to here nothing was secret: without the signature it proves nothing. */
	if (!secret_add(ret, jwt.p, jwt.len) || !secret_add_text(ret, ".") ||
		!secret_add(ret, signature.p, signature.len))
		return err_memory(e);
	return MITOK_OK;
}

enum mitok_code assertion_sign(
	const struct assertion_ask *a, struct secret *ret, struct mitok_err *e)
{
	CURLcode started = exchange_start(a->flags & HTTP_OWN_PROCESS);
	AUTO_SECRET made = { 0 };
	struct guest guest;
	enum mitok_code r;

	if (started)
		return err_set(e, MITOK_E_CONF, "libcurl does not start: %s",
			curl_easy_strerror(started));
	guest_begin(&guest, a->flags & HTTP_OWN_PROCESS);
	r = make(a, &made, e);
	ERR_clear_error();
	guest_end(&guest);
	if (!r)
		*ret = secret_move(&made);
	return r;
}
