/* Client assertions: what is in them, which files can be used, and what is left behind.
 * SPDX-License-Identifier: MIT */
#include "io/assertion.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "io/json.h"

#include "test.h"

#define AUDIENCE "https://login.microsoftonline.com/t/oauth2/v2.0/token"

/* A key with its certificate, and a stranger's. */
struct pair {
	EVP_PKEY *key;
	X509 *cert;
};

static struct pair pair_new(EVP_PKEY *key)
{
	struct pair p = { key, X509_new() };

	CHECK(key && p.cert && X509_set_version(p.cert, 2));
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(p.cert), 7));
	CHECK(X509_gmtime_adj(X509_getm_notBefore(p.cert), -60) != NULL);
	CHECK(X509_gmtime_adj(X509_getm_notAfter(p.cert), 3600) != NULL);
	CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(p.cert), "CN",
		MBSTRING_ASC, (const unsigned char *)"app", -1, -1, 0));
	CHECK(X509_set_issuer_name(p.cert, X509_get_subject_name(p.cert)));
	CHECK(X509_set_pubkey(p.cert, key) && X509_sign(p.cert, key, EVP_sha256()));
	return p;
}

static void pair_free(struct pair *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
}

static void take(BIO *b, struct secret *ret)
{
	char *bytes;
	long len = BIO_get_mem_data(b, &bytes);

	secret_wipe(ret);
	CHECK(len > 0 && secret_add(ret, bytes, (size_t)len));
	BIO_free(b);
}

/* The parts as PEM, in that order; NULL: left out. */
static void make_pem(EVP_PKEY *key, const char *password, X509 *first, X509 *second,
	struct secret *ret)
{
	BIO *b = BIO_new(BIO_s_mem());

	if (first)
		CHECK(PEM_write_bio_X509(b, first));
	if (key)
		CHECK(PEM_write_bio_PKCS8PrivateKey(b, key,
			password ? EVP_aes_256_cbc() : NULL, password,
			password ? (int)strlen(password) : 0, NULL, NULL));
	if (second)
		CHECK(PEM_write_bio_X509(b, second));
	take(b, ret);
}

static void make_pkcs12(const struct pair *p, const char *password, struct secret *ret)
{
	BIO *b = BIO_new(BIO_s_mem());
	PKCS12 *p12 =
		PKCS12_create(password, "app", p->key, p->cert, NULL, 0, 0, 0, 0, 0);

	CHECK(p12 && i2d_PKCS12_bio(b, p12));
	PKCS12_free(p12);
	take(b, ret);
}

static enum mitok_code make(const struct secret *file, const char *password, bool chain,
	struct secret *ret, struct mitok_err *e)
{
	const struct assertion_ask ask = { .file = file,
		.password = password,
		.client_id = "app\"1",
		.audience = AUDIENCE,
		.now_s = 1727193299,
		.has_chain = chain };

	return assertion_make(&ask, ret, e);
}

/* The n-th part as JSON. */
static struct json *part(const struct secret *jwt, int n)
{
	const char *at = secret_peek(jwt);
	struct json *j = NULL;
	AUTO_TEXT bytes = { 0 };

	while (n-- > 0)
		at = strchr(at, '.') + 1;
	CHECK(text_base64url(at, strcspn(at, "."), &bytes));
	CHECK(json_parse(text_peek(&bytes), bytes.len, &j, NULL) == MITOK_OK);
	return j;
}

static bool is_signed(const struct secret *jwt, EVP_PKEY *key)
{
	const char *text = secret_peek(jwt), *dot = strrchr(text, '.');
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey = NULL;
	AUTO_TEXT sig = { 0 };
	bool good = dot && text_base64url(dot + 1, strlen(dot + 1), &sig) &&
		EVP_DigestVerifyInit(ctx, &pkey, EVP_sha256(), NULL, key) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, 32) == 1 &&
		EVP_DigestVerify(ctx, (const unsigned char *)text_peek(&sig), sig.len,
			(const unsigned char *)text, (size_t)(dot - text)) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

static int64_t number(const struct json *j, const char *name)
{
	int64_t n = -1;

	(void)!json_to_number(json_member(j, name), 0, INT64_MAX, &n);
	return n;
}

/* The name of a certificate in x5t#S256. */
static void thumbprint(X509 *cert, char ret[64])
{
	unsigned char digest[32], base64[64];

	CHECK(X509_digest(cert, EVP_sha256(), digest, NULL));
	(void)EVP_EncodeBlock(base64, digest, sizeof(digest));
	(void)snprintf(ret, 64, "%s", (char *)base64);
	ret[strcspn(ret, "=")] = '\0';
	for (char *p = ret; *p; p++)
		*p = (char)(*p == '+' ? '-' : *p == '/' ? '_' : *p);
}

static void check_assertion(const struct secret *jwt, const struct pair *p, int chain)
{
	AUTO_JSON header = part(jwt, 0);
	AUTO_JSON claims = part(jwt, 1);
	const struct json *x5c = json_member(header, "x5c");
	char name[64];
	int count = 0;

	thumbprint(p->cert, name);
	CHECK_TEXT(json_text(json_member(header, "alg")), "PS256");
	CHECK_TEXT(json_text(json_member(header, "typ")), "JWT");
	CHECK_TEXT(json_text(json_member(header, "x5t#S256")), name);
	for (const struct json *one = x5c ? x5c->child : NULL; one; one = one->next)
		count++;
	CHECK(count == chain);
	CHECK_TEXT(json_text(json_member(claims, "aud")), AUDIENCE);
	CHECK_TEXT(json_text(json_member(claims, "iss")), "app\"1");
	CHECK_TEXT(json_text(json_member(claims, "sub")), "app\"1");
	CHECK(text_is_guid(json_text(json_member(claims, "jti"))));
	CHECK(number(claims, "nbf") == 1727193299 && number(claims, "iat") == 1727193299);
	CHECK(number(claims, "exp") == 1727193899);
	CHECK(is_signed(jwt, p->key));
}

static void every_form(void)
{
	struct pair own = pair_new(EVP_RSA_gen(2048)),
		    other = pair_new(EVP_RSA_gen(2048));
	AUTO_SECRET file = { 0 };
	AUTO_SECRET jwt = { 0 };
	struct mitok_err e = { 0 };

	make_pem(own.key, NULL, own.cert, NULL, &file);
	CHECK(make(&file, NULL, false, &jwt, &e) == MITOK_OK);
	check_assertion(&jwt, &own, 0);
	secret_wipe(&jwt);
	CHECK(make(&file, NULL, true, &jwt, &e) == MITOK_OK);
	check_assertion(&jwt, &own, 1);
	secret_wipe(&jwt);
	/* The key's own certificate is found, wherever it stands. */
	make_pem(own.key, "pw", other.cert, own.cert, &file);
	CHECK(make(&file, "pw", true, &jwt, &e) == MITOK_OK);
	check_assertion(&jwt, &own, 2);
	secret_wipe(&jwt);
	make_pkcs12(&own, "pw", &file);
	CHECK(make(&file, "pw", false, &jwt, &e) == MITOK_OK);
	check_assertion(&jwt, &own, 0);
	secret_wipe(&jwt);
	make_pkcs12(&own, "", &file);
	CHECK(make(&file, NULL, true, &jwt, &e) == MITOK_OK);
	check_assertion(&jwt, &own, 1);
	pair_free(&own);
	pair_free(&other);
}

static void never_twice(void)
{
	struct pair own = pair_new(EVP_RSA_gen(2048));
	AUTO_SECRET file = { 0 };
	AUTO_SECRET a = { 0 };
	AUTO_SECRET b = { 0 };

	make_pem(own.key, NULL, own.cert, NULL, &file);
	CHECK(make(&file, NULL, false, &a, NULL) == MITOK_OK);
	CHECK(make(&file, NULL, false, &b, NULL) == MITOK_OK);
	AUTO_JSON one = part(&a, 1);
	AUTO_JSON two = part(&b, 1);
	CHECK(strcmp(json_text(json_member(one, "jti")),
		      json_text(json_member(two, "jti"))) != 0);
	pair_free(&own);
}

static void refuse(const struct secret *file, const char *password, const char *says)
{
	struct mitok_err e = { 0 };
	AUTO_SECRET jwt = { 0 };

	CHECK_ROW(says, make(file, password, false, &jwt, &e) == MITOK_E_CONF);
	CHECK_TEXT(e.message, says);
	CHECK_ROW(says, jwt.len == 0);
	CHECK(make(file, password, false, &jwt, NULL) == MITOK_E_CONF);
}

static void refusals(void)
{
	struct pair own = pair_new(EVP_RSA_gen(2048)),
		    other = pair_new(EVP_RSA_gen(2048));
	struct pair curve = pair_new(EVP_EC_gen("P-256"));
	AUTO_SECRET file = { 0 };

	CHECK(secret_add_text(&file, "root:x:0:0:\n"));
	refuse(&file, NULL, "neither PEM nor PKCS#12");
	make_pem(NULL, NULL, own.cert, NULL, &file);
	refuse(&file, NULL, "no private key that can be read");
	make_pem(own.key, NULL, NULL, NULL, &file);
	refuse(&file, NULL, "no certificate");
	make_pem(own.key, NULL, other.cert, NULL, &file);
	refuse(&file, NULL, "no certificate of its private key");
	make_pem(curve.key, NULL, curve.cert, NULL, &file);
	refuse(&file, NULL, "a key that is not RSA, which Entra does not take");
	make_pem(own.key, "pw", own.cert, NULL, &file);
	refuse(&file, NULL, "the private key is encrypted, and there is no password");
	refuse(&file, "no", "the private key is encrypted with another password");
	make_pkcs12(&own, "pw", &file);
	refuse(&file, NULL, "encrypted, and there is no password");
	refuse(&file, "no", "encrypted with another password");
	pair_free(&own);
	pair_free(&other);
	pair_free(&curve);
}

/* The caller's errors stay, and ours do not: a guest. */
static void queue(void)
{
	struct pair own = pair_new(EVP_RSA_gen(2048));
	AUTO_SECRET file = { 0 };
	AUTO_SECRET jwt = { 0 };

	ERR_clear_error();
	ERR_raise(ERR_LIB_USER, 42);
	make_pem(own.key, "pw", own.cert, NULL, &file);
	CHECK(make(&file, "pw", false, &jwt, NULL) == MITOK_OK);
	CHECK(make(&file, "no", false, &jwt, NULL) == MITOK_E_CONF);
	CHECK(ERR_GET_REASON(ERR_get_error()) == 42 && ERR_get_error() == 0);
	pair_free(&own);
}

/* Each allocation of ours fails once. */
static void without_memory(void)
{
	struct pair own = pair_new(EVP_RSA_gen(2048));
	AUTO_SECRET file = { 0 };
	unsigned count;

	make_pem(own.key, NULL, own.cert, NULL, &file);
	for (unsigned n = 0;; n++) {
		AUTO_SECRET jwt = { 0 };
		enum mitok_code r;

		spy_fail(n);
		r = make(&file, NULL, true, &jwt, NULL);
		count = spy_allocations;
		spy_fail(0);
		CHECK((r == MITOK_OK) == (jwt.len > 0));
		CHECK(n != 0 || r == MITOK_OK);
		if (n && n > count)
			break;
	}
	pair_free(&own);
}

static const struct test tests[] = {
	{ "PEM and PKCS#12, with and without password, sign as is documented",
		every_form },
	{ "no two assertions are the same", never_twice },
	{ "what cannot be used is named", refusals },
	{ "OpenSSL's error queue is the caller's", queue },
	{ "no memory is an error and no leak", without_memory },
};
TEST_MAIN(tests)
