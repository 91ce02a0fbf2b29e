/* The issuers' certificates that the secret of a vault's certificate holds beside it.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-chain.h"

#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "openssl/answer-parts.h"

#define MAX_ISSUERS 16

/* A library context of its own: the old ciphers of PKCS #12 files are there for this alone,
 * whatever is configured for the program. */
struct chain {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *standard, *old; /* old: or NULL */
	STACK_OF(X509) * found;
};

static void chain_done(struct chain *c)
{
	sk_X509_pop_free(c->found, X509_free);
	if (c->old)
		(void)OSSL_PROVIDER_unload(c->old);
	if (c->standard)
		(void)OSSL_PROVIDER_unload(c->standard);
	OSSL_LIB_CTX_free(c->ctx);
}

static bool chain_open(struct chain *c)
{
	c->ctx = OSSL_LIB_CTX_new();
	c->found = sk_X509_new_null();
	if (!c->ctx || !c->found)
		return false;
	c->standard = OSSL_PROVIDER_load(c->ctx, "default");
	return c->standard != NULL;
}

static X509 *parse(const struct chain *c, const unsigned char *der, long len)
{
	const unsigned char *p = der;
	X509 *x = X509_new_ex(c->ctx, NULL);

	if (x && d2i_X509(&x, &p, len) && p == der + len)
		return x;
	X509_free(x);
	return NULL;
}

/* What is no certificate is passed over: it is not needed for anything yet. */
static void add(struct chain *c, const unsigned char *der, long len)
{
	X509 *x = parse(c, der, len);

	if (x && (sk_X509_num(c->found) >= MAX_ISSUERS || !sk_X509_push(c->found, x)))
		X509_free(x);
}

/* base64 with line ends between (RFC 7468, section 2). */
static bool decode(const char *text, size_t len, struct secret *ret)
{
	AUTO_SECRET flat = { 0 };

	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", text[i]) && !secret_add(&flat, text + i, 1))
			return false;
	return !answer_decode_standard(secret_peek(&flat), ret, NULL);
}

/* Only what stands between the lines of a certificate is decoded (RFC 7468). */
static bool read_pem(struct chain *c, const struct secret *value)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----",
			  end[] = "-----END CERTIFICATE-----";
	const char *at = secret_peek(value);

	while ((at = strstr(at, begin))) {
		AUTO_SECRET der = { 0 };
		const char *stop = strstr(at, end);

		at += strlen(begin);
		if (!stop || stop < at || !decode(at, (size_t)(stop - at), &der))
			return false;
		add(c, (const unsigned char *)secret_peek(&der), (long)der.len);
		at = stop;
	}
	return true;
}

static void add_bag(struct chain *c, const PKCS12_SAFEBAG *bag)
{
	unsigned char *der = NULL;
	X509 *x;
	int len;

	if (PKCS12_SAFEBAG_get_nid(bag) != NID_certBag ||
		PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
		return;
	x = PKCS12_SAFEBAG_get1_cert(bag);
	len = x ? i2d_X509(x, &der) : -1;
	if (len > 0)
		add(c, der, len);
	OPENSSL_free(der);
	X509_free(x);
}

/* One part of the file; those with private keys are bags of another kind. */
static bool add_part(struct chain *c, PKCS7 *part, const char *password)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

	if (PKCS7_type_is_data(part))
		bags = PKCS12_unpack_p7data(part);
	else if (PKCS7_type_is_encrypted(part))
		bags = PKCS12_unpack_p7encdata(part, password, 0);
	else
		return true;
	if (!bags)
		return false;
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++)
		add_bag(c, sk_PKCS12_SAFEBAG_value(bags, i));
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return true;
}

static bool add_parts(struct chain *c, PKCS12 *p12)
{
	/* No password is two things (RFC 7292, appendix B.1): nothing, or a text that is
	 * empty but for its end. */
	const char *password = PKCS12_verify_mac(p12, NULL, 0) ? NULL : "";
	STACK_OF(PKCS7) * parts;
	bool well = true;

	if (password && !PKCS12_verify_mac(p12, password, 0))
		return false;
	parts = PKCS12_unpack_authsafes(p12);
	for (int i = 0; parts && well && i < sk_PKCS7_num(parts); i++)
		well = add_part(c, sk_PKCS7_value(parts, i), password);
	sk_PKCS7_pop_free(parts, PKCS7_free);
	return parts && well;
}

static bool read_pkcs12(struct chain *c, const struct secret *value)
{
	AUTO_SECRET der = { 0 };
	const unsigned char *p;
	PKCS12 *p12;
	bool well;

	/* Older ones are encrypted with RC2 or Triple DES. */
	c->old = OSSL_PROVIDER_load(c->ctx, "legacy");
	p12 = PKCS12_init_ex(NID_pkcs7_data, c->ctx, NULL);
	if (!p12 || !decode(secret_peek(value), value->len, &der)) {
		PKCS12_free(p12);
		return false;
	}
	p = (const unsigned char *)secret_peek(&der);
	well = d2i_PKCS12(&p12, &p, (long)der.len) && add_parts(c, p12);
	PKCS12_free(p12);
	return well;
}

/* The issuer of x, or NULL; a root is its own and ends the chain. */
static X509 *find_issuer(const struct chain *c, X509 *x)
{
	for (int i = 0; i < sk_X509_num(c->found); i++) {
		X509 *issuer = sk_X509_value(c->found, i);

		if (X509_cmp(issuer, x) != 0 && X509_check_issued(issuer, x) == X509_V_OK)
			return issuer;
	}
	return NULL;
}

/* As many steps as there are certificates: a loop ends there too. */
static enum mitok_code give(const struct chain *c, const struct text *leaf,
	const struct vault_taker *taker, struct mitok_err *e)
{
	X509 *first = parse(c, (const unsigned char *)text_peek(leaf), (long)leaf->len);
	X509 *x = first;
	bool more = true;
	int len = 0;

	if (!first)
		return err_set(e, MITOK_E_REPLY, "it is no certificate");
	for (int i = 0; more && len >= 0 && i < sk_X509_num(c->found); i++) {
		unsigned char *der = NULL;

		x = find_issuer(c, x);
		if (!x)
			break;
		len = i2d_X509(x, &der);
		more = len > 0 && taker->each(taker->arg, der, (size_t)len);
		OPENSSL_free(der);
	}
	X509_free(first);
	return len < 0 ? err_memory(e) : MITOK_OK;
}

enum mitok_code vault_chain_each(const struct secret *value, const char *type,
	const struct text *leaf, const struct vault_taker *taker, struct mitok_err *e)
{
	__attribute__((cleanup(chain_done))) struct chain c = { 0 };
	bool well;

	if (!chain_open(&c))
		return err_memory(e);
	if (text_equal_nocase(type, "application/x-pem-file"))
		well = read_pem(&c, value);
	else if (text_equal_nocase(type, "application/x-pkcs12"))
		well = read_pkcs12(&c, value);
	else
		return err_set(e, MITOK_E_REPLY,
			"the secret is of the type '%s', not PEM or PKCS #12", type);
	if (!well)
		return err_set(
			e, MITOK_E_REPLY, "the secret cannot be read as '%s'", type);
	return give(&c, leaf, taker, e);
}
