/* The reference file: where a private key is. SPDX-License-Identifier: MIT */
#include "openssl/reference.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "openssl/auto.h"
#include "openssl/public.h"

/* The public key stays as it is: OpenSSL's type for it would make a key of it at once, in
 * the context of the application. */
struct reference {
	ASN1_INTEGER *version;
	ASN1_UTF8STRING *uri;
	ASN1_TYPE *spki;
};
typedef struct reference REFERENCE;

ASN1_SEQUENCE(REFERENCE) = {
	ASN1_SIMPLE(REFERENCE, version, ASN1_INTEGER),
	ASN1_SIMPLE(REFERENCE, uri, ASN1_UTF8STRING),
	ASN1_OPT(REFERENCE, spki, ASN1_ANY),
	// cppcheck-suppress unknownMacro
} static_ASN1_SEQUENCE_END(REFERENCE)

static void free_reference(REFERENCE **f)
{
	ASN1_item_free((ASN1_VALUE *)*f, ASN1_ITEM_rptr(REFERENCE));
}
#define AUTO_REFERENCE __attribute__((cleanup(free_reference))) REFERENCE *

static enum mitok_code check_version(const ASN1_INTEGER *version, struct mitok_err *e)
{
	int64_t n;

	if (ASN1_INTEGER_get_int64(&n, version) && n == 1)
		return MITOK_OK;
	return err_hint(e,
		err_set(e, MITOK_E_ARG,
			"a reference to a vault's key of another version"),
		"it was written by a newer mi-token: install that, or write it anew");
}

/* A key whose vault everybody knows by that name. */
static enum mitok_code check_uri(const struct uri *u, struct mitok_err *e)
{
	if (u->kind != URI_KEY || !u->name[0])
		return err_set(
			e, MITOK_E_ARG, "a reference to something else than a key");
	if (!strchr(u->host, '.'))
		return err_set(e, MITOK_E_ARG,
			"a reference to a key whose vault's host is not whole");
	return MITOK_OK;
}

static enum mitok_code read_uri(
	const ASN1_UTF8STRING *s, struct uri *ret, struct mitok_err *e)
{
	const char *bytes = (const char *)ASN1_STRING_get0_data(s);
	size_t len = (size_t)ASN1_STRING_length(s);
	AUTO_TEXT text = { 0 };
	struct uri u = { .name = "" };
	enum mitok_code r;

	if (len > URI_MAX || (len && memchr(bytes, '\0', len)) ||
		!text_is_utf8(bytes, len))
		return err_set(e, MITOK_E_ARG,
			"a reference to a vault's key whose name is no text");
	text_add_bytes(&text, bytes, len);
	if (!text_ok(&text))
		return err_memory(e);
	r = uri_parse(text_peek(&text), &u, e);
	if (r)
		return err_within(e, r, "a reference to a vault's key");
	r = check_uri(&u, e);
	if (!r)
		*ret = u;
	return r;
}

/* MITOK_E_ARG whatever is wrong with it: it is the caller's file. */
static enum mitok_code read_public(
	const ASN1_TYPE *spki, OSSL_LIB_CTX *inner, EVP_PKEY **ret, struct mitok_err *e)
{
	AUTO_PKEY k = NULL;
	const ASN1_STRING *s;
	const unsigned char *at;
	enum mitok_code r;

	if (!spki)
		return MITOK_OK;
	if (spki->type != V_ASN1_SEQUENCE)
		return err_set(e, MITOK_E_ARG,
			"a reference to a vault's key with something else than a public "
			"key");
	s = spki->value.sequence;
	at = s->data;
	k = d2i_PUBKEY_ex(NULL, &at, s->length, inner, NULL);
	if (!k || at != s->data + s->length)
		return err_set(e, MITOK_E_ARG,
			"a reference to a vault's key with a public key that cannot be "
			"read");
	r = public_check(k, inner, e);
	if (r == MITOK_E_ARG || r == MITOK_E_REPLY)
		return err_within(e, MITOK_E_ARG, "a reference to a vault's key");
	if (!r) {
		*ret = k;
		k = NULL;
	}
	return r;
}

static enum mitok_code parse(const unsigned char *der, size_t len, OSSL_LIB_CTX *inner,
	struct vault_key *ret, struct mitok_err *e)
{
	struct vault_key found = { .public_key = NULL };
	const unsigned char *end = der;
	AUTO_REFERENCE f = NULL;
	enum mitok_code r;

	if (len > REFERENCE_MAX)
		return err_set(e, MITOK_E_ARG,
			"no reference to a vault's key: more than %zu bytes",
			REFERENCE_MAX);
	f = (REFERENCE *)ASN1_item_d2i(NULL, &end, (long)len, ASN1_ITEM_rptr(REFERENCE));
	if (!f || end != der + len)
		return err_set(
			e, MITOK_E_ARG, "no reference to a vault's key, or damaged");
	r = check_version(f->version, e);
	if (!r)
		r = read_uri(f->uri, &found.uri, e);
	if (!r)
		r = read_public(f->spki, inner, &found.public_key, e);
	if (!r)
		*ret = found;
	return r;
}

enum mitok_code reference_parse(const unsigned char *der, size_t len, OSSL_LIB_CTX *inner,
	struct vault_key *ret, struct mitok_err *e)
{
	enum mitok_code r;

	(void)ERR_set_mark();
	r = parse(der, len, inner, ret, e);
	(void)ERR_pop_to_mark();
	return r;
}

static enum mitok_code add_public(EVP_PKEY *public_key, REFERENCE *f, struct mitok_err *e)
{
	unsigned char *der = NULL;
	size_t len = 0;
	ASN1_STRING *s;
	enum mitok_code r;

	if (!public_key)
		return MITOK_OK;
	r = public_format(public_key, &der, &len, e);
	if (r == MITOK_E_ARG || r == MITOK_E_REPLY)
		return err_within(e, MITOK_E_ARG, "a reference to a vault's key");
	if (r)
		return r;
	s = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
	f->spki = s ? ASN1_TYPE_new() : NULL;
	if (!f->spki) {
		ASN1_STRING_free(s);
		OPENSSL_free(der);
		return err_memory(e);
	}
	ASN1_STRING_set0(s, der, (int)len);
	ASN1_TYPE_set(f->spki, V_ASN1_SEQUENCE, s);
	return MITOK_OK;
}

static enum mitok_code format(const struct uri *u, EVP_PKEY *public_key,
	unsigned char **ret, size_t *ret_len, struct mitok_err *e)
{
	AUTO_REFERENCE f = NULL;
	AUTO_TEXT text = { 0 };
	unsigned char *der = NULL;
	enum mitok_code r = check_uri(u, e);
	int len;

	if (r)
		return r;
	f = (REFERENCE *)ASN1_item_new(ASN1_ITEM_rptr(REFERENCE));
	uri_format(u, &text);
	if (!f || !text_ok(&text) || !ASN1_INTEGER_set_int64(f->version, 1) ||
		!ASN1_STRING_set(f->uri, text_peek(&text), (int)text.len))
		return err_memory(e);
	r = add_public(public_key, f, e);
	if (r)
		return r;
	len = ASN1_item_i2d((const ASN1_VALUE *)f, &der, ASN1_ITEM_rptr(REFERENCE));
	if (len <= 0)
		return err_memory(e);
	*ret = der;
	*ret_len = (size_t)len;
	return MITOK_OK;
}

enum mitok_code reference_format(const struct uri *u, EVP_PKEY *public_key,
	unsigned char **ret, size_t *ret_len, struct mitok_err *e)
{
	enum mitok_code r;

	(void)ERR_set_mark();
	r = format(u, public_key, ret, ret_len, e);
	(void)ERR_pop_to_mark();
	return r;
}
