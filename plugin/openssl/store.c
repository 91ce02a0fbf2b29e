/* Keys and certificates by URI, and what there is in a vault (provider-storemgmt(7)).
 * SPDX-License-Identifier: MIT
 *
 * Opening makes no request. The first load asks for the certificates, or for the names; the
 * last one for the key, whose version is the key's from then on. After a failure it is over:
 * programs load until the end is said to be reached. */
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "openssl/inner.h"
#include "openssl/key.h"
#include "openssl/raise.h"

/* A certificate's DER, or a name as a text, that waits to be loaded. */
struct piece {
	struct piece *next;
	enum uri_kind kind; /* of what a name names */
	size_t len;
	unsigned char data[];
};

struct store {
	struct provider *provider;
	struct uri uri;
	int expect;         /* OSSL_STORE_INFO_..., 0: all */
	X509_NAME *subject; /* certificates of this one alone; NULL: all */
	bool wants_pieces, wants_key;

	struct piece *pieces, **end;
	bool is_out_of_memory;
};

static void drop_first(struct store *s)
{
	struct piece *first = s->pieces;

	s->pieces = first->next;
	if (!s->pieces)
		s->end = &s->pieces;
	free(first);
}

static bool add_piece(
	struct store *s, enum uri_kind kind, const unsigned char *data, size_t len)
{
	struct piece *piece = malloc(sizeof(*piece) + len);

	if (!piece) {
		s->is_out_of_memory = true;
		return false;
	}
	piece->next = NULL;
	piece->kind = kind;
	piece->len = len;
	memcpy(piece->data, data, len);
	*s->end = piece;
	s->end = &piece->next;
	return true;
}

/* What of it will be loaded, as far as is known before the first load. A key has no subject;
 * and OpenSSL's search for issuers gives up when it meets one. */
static void plan(struct store *s)
{
	int expect = s->expect;
	bool takes_key = !s->subject &&
		(!expect || expect == OSSL_STORE_INFO_PKEY ||
			expect == OSSL_STORE_INFO_PUBKEY);
	bool takes_cert = !expect || expect == OSSL_STORE_INFO_CERT;

	s->wants_key = s->uri.kind != URI_LIST && takes_key;
	s->wants_pieces = s->uri.kind == URI_LIST
		? takes_key || takes_cert || expect == OSSL_STORE_INFO_NAME
		: s->uri.kind == URI_CERTIFICATE && takes_cert;
}

static void *store_open(void *provider, const char *text)
{
	struct provider *p = provider;
	struct mitok_err e = { .code = MITOK_OK };
	struct store *s = calloc(1, sizeof(*s));

	if (!s) {
		(void)raise_reason(p, REASON_FAILED, "out of memory");
		return NULL;
	}
	s->provider = p;
	s->end = &s->pieces;
	if (uri_parse(text, &s->uri, &e) || vault_resolve(p->vault, &s->uri, &e)) {
		(void)raise_error(p, &e);
		free(s);
		return NULL;
	}
	plan(s);
	return s;
}

/* Without it OpenSSL 3.0 crashes when a program reads azkv from a stream. */
static void *store_attach(void *provider, OSSL_CORE_BIO *in)
{
	(void)in;
	(void)raise_reason(provider, REASON_URI, "a vault is not read from a stream");
	return NULL;
}

static const OSSL_PARAM *store_settable(void *provider)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, NULL),
		OSSL_PARAM_octet_string(OSSL_STORE_PARAM_SUBJECT, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_STORE_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provider;
	return params;
}

static bool set_subject(struct store *s, const OSSL_PARAM *param)
{
	const unsigned char *der = param->data;

	if (param->data_type != OSSL_PARAM_OCTET_STRING || !der)
		return false;
	X509_NAME_free(s->subject);
	s->subject = d2i_X509_NAME(NULL, &der, (long)param->data_size);
	return s->subject != NULL;
}

static int store_set(void *self, const OSSL_PARAM params[])
{
	struct store *s = self;
	const OSSL_PARAM *expect =
		OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_EXPECT);
	const OSSL_PARAM *subject =
		OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_SUBJECT);

	if (expect && !OSSL_PARAM_get_int(expect, &s->expect))
		return raise_reason(s->provider, REASON_FAILED, "expect is no number");
	if (subject && !set_subject(s, subject))
		return raise_reason(s->provider, REASON_FAILED, "subject is no name");
	plan(s);
	return 1;
}

/* What is no certificate passes: OpenSSL refuses it with a reason. */
static bool is_wanted(const struct store *s, const unsigned char *der, size_t len)
{
	bool is_wanted;
	X509 *cert;

	if (!s->subject)
		return true;
	cert = d2i_X509(NULL, &der, (long)len);
	is_wanted = !cert || X509_NAME_cmp(X509_get_subject_name(cert), s->subject) == 0;
	X509_free(cert);
	return is_wanted;
}

static bool each_certificate(void *arg, const unsigned char *der, size_t len)
{
	struct store *s = arg;

	return !is_wanted(s, der, len) || add_piece(s, URI_CERTIFICATE, der, len);
}

/* A name is the URI that loads it, by the same identity. */
static bool each_name(void *arg, const struct uri *id)
{
	struct store *s = arg;
	bool wants_all = !s->expect || s->expect == OSSL_STORE_INFO_NAME;
	bool wants_certs = s->expect == OSSL_STORE_INFO_CERT || s->subject;
	struct uri u = *id;
	AUTO_TEXT text = { 0 };

	if ((!wants_all || s->subject) && wants_certs != (id->kind == URI_CERTIFICATE))
		return true;
	memcpy(u.identity, s->uri.identity, sizeof(u.identity));
	uri_format(&u, &text);
	if (!text_ok(&text)) {
		s->is_out_of_memory = true;
		return false;
	}
	return add_piece(
		s, id->kind, (const unsigned char *)text_peek(&text), text.len + 1);
}

static int fetch_pieces(struct store *s)
{
	struct mitok_err e = { .code = MITOK_OK };
	struct vault *v = s->provider->vault;
	enum mitok_code r = s->uri.kind == URI_LIST
		? vault_list(v, &s->uri, each_name, s, &e)
		: vault_get_certificates(v, &s->uri, each_certificate, s, &e);

	if (s->is_out_of_memory)
		return raise_reason(s->provider, REASON_FAILED, "out of memory");
	return !r || raise_error(s->provider, &e);
}

static int give_name(const struct piece *piece, OSSL_CALLBACK *give, void *arg)
{
	int type = OSSL_OBJECT_NAME;
	char *name = (char *)(uintptr_t)piece->data; /* only read */
	char key[] = "key", certificate[] = "certificate and its key";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA, name, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DESC,
			piece->kind == URI_KEY ? key : certificate, 0),
		OSSL_PARAM_construct_end(),
	};

	return give(params, arg);
}

static int give_certificate(const struct piece *piece, OSSL_CALLBACK *give, void *arg)
{
	int type = OSSL_OBJECT_CERT;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA,
			(void *)(uintptr_t)piece->data, piece->len),
		OSSL_PARAM_construct_end(),
	};

	return give(params, arg);
}

/* By value, so that it becomes a key of OpenSSL's own, which needs no vault. */
static int give_public(const struct vault_key *k, OSSL_CALLBACK *give, void *arg)
{
	int type = OSSL_OBJECT_PKEY, given;
	bool is_ec = EVP_PKEY_is_a(k->public_key, "EC");
	char *kind = (char *)(uintptr_t)key_kind_name(is_ec ? KEY_EC : KEY_RSA);
	char structure[] = "SubjectPublicKeyInfo";
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(k->public_key, &der);

	if (len <= 0)
		return 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, kind, 0),
		OSSL_PARAM_construct_utf8_string(
			OSSL_OBJECT_PARAM_DATA_STRUCTURE, structure, 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_OBJECT_PARAM_DATA, der, (size_t)len),
		OSSL_PARAM_construct_end(),
	};
	given = give(params, arg);
	OPENSSL_free(der);
	return given;
}

static int load_key(struct store *s, OSSL_CALLBACK *give, void *arg)
{
	struct provider *p = s->provider;
	OSSL_LIB_CTX *inner = inner_context(p);
	struct mitok_err e = { .code = MITOK_OK };
	struct vault_key found = { 0 };
	struct key *k;
	int given;

	if (!inner)
		return 0;
	if (vault_get_key(p->vault, &s->uri, inner, &found, &e))
		return raise_error(p, &e);
	if (s->expect == OSSL_STORE_INFO_PUBKEY) {
		given = give_public(&found, give, arg);
		vault_key_wipe(&found);
		return given;
	}
	k = key_of_vault(p, &found);
	return k && key_give(k, give, arg);
}

static int load_next(struct store *s, OSSL_CALLBACK *give, void *arg)
{
	int given;

	if (s->wants_pieces) {
		s->wants_pieces = false;
		if (!fetch_pieces(s))
			return 0;
	}
	if (s->pieces) {
		given = s->uri.kind == URI_LIST ? give_name(s->pieces, give, arg)
						: give_certificate(s->pieces, give, arg);
		drop_first(s);
		return given;
	}
	if (!s->wants_key)
		return 1; /* nothing was there */
	s->wants_key = false;
	return load_key(s, give, arg);
}

static int store_load(void *self, OSSL_CALLBACK *give, void *arg,
	OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	struct store *s = self;

	(void)ask, (void)ask_arg;
	/* OpenSSL 3.5 leaves an error behind for each name that it takes. */
	ERR_set_mark();
	if (load_next(s, give, arg)) {
		ERR_pop_to_mark();
		return 1;
	}
	ERR_clear_last_mark();
	while (s->pieces)
		drop_first(s);
	s->wants_key = false;
	return 0;
}

static int store_eof(void *self)
{
	const struct store *s = self;

	return !s->wants_pieces && !s->pieces && !s->wants_key;
}

static int store_close(void *self)
{
	struct store *s = self;

	if (!s)
		return 1;
	while (s->pieces)
		drop_first(s);
	X509_NAME_free(s->subject);
	free(s);
	return 1;
}

const OSSL_DISPATCH store_loader[] = {
	{ OSSL_FUNC_STORE_OPEN, (void (*)(void))store_open },
	{ OSSL_FUNC_STORE_ATTACH, (void (*)(void))store_attach },
	{ OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, (void (*)(void))store_settable },
	{ OSSL_FUNC_STORE_SET_CTX_PARAMS, (void (*)(void))store_set },
	{ OSSL_FUNC_STORE_LOAD, (void (*)(void))store_load },
	{ OSSL_FUNC_STORE_EOF, (void (*)(void))store_eof },
	{ OSSL_FUNC_STORE_CLOSE, (void (*)(void))store_close },
	{ 0, NULL },
};
