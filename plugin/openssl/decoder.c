/* Reference files: PEM to DER, and DER to keys, as OpenSSL's programs read them.
 * SPDX-License-Identifier: MIT
 *
 * provider-decoder(7): a decoder that finds nothing of its own returns 1 and gives nothing,
 * and libcrypto asks the next; 0 ends the search, and what was raised is seen. But what the
 * DER decoders raise is dropped when a store reads the file (try_key in OpenSSL's
 * crypto/store/store_result.c). So all that can go wrong is done while the PEM is read: the
 * DER handed on is complete, and no DER, wherever it comes from, makes a request. */
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/text.h"
#include "openssl/auto.h"
#include "openssl/inner.h"
#include "openssl/key.h"
#include "openssl/raise.h"
#include "openssl/reference.h"

#define BEGIN      "-----BEGIN "
#define BEGIN_OURS BEGIN REFERENCE_LABEL "-----"

static void key_cleanup(struct vault_key *k)
{
	vault_key_wipe(k);
}
#define AUTO_VAULT_KEY __attribute__((cleanup(key_cleanup))) struct vault_key

/* Bytes that may be somebody's private key. */
struct der {
	unsigned char *p;
	size_t len;
};
static void der_cleanup(struct der *d)
{
	OPENSSL_clear_free(d->p, d->len);
}
#define AUTO_DER __attribute__((cleanup(der_cleanup))) struct der

/* PEM's own words for one block (RFC 7468, section 3). */
struct block {
	char *label, *headers;
};
static void block_cleanup(struct block *b)
{
	OPENSSL_free(b->label);
	OPENSSL_free(b->headers);
}
#define AUTO_BLOCK __attribute__((cleanup(block_cleanup))) struct block

static void *decoder_new(void *provider)
{
	return provider;
}

static void decoder_free(void *self)
{
	(void)self;
}

/* As with OpenSSL's own: what is read for a public key alone is no private key's file. 0:
 * whatever is in it. */
static int does_selection(void *provider, int selection)
{
	(void)provider;
	return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

static bool begins_block(const char *line)
{
	size_t len = strlen(line);

	while (len && line[len - 1] <= ' ')
		len--;
	return text_starts(line, BEGIN) && len >= strlen(BEGIN "-----") &&
		memcmp(line + len - 5, "-----", 5) == 0;
}

/* Where the first block begins when it is ours, else -1. Blocks of others are not read: they
 * may be private keys. */
static int find_block(BIO *in)
{
	static const char bom[] = "\xef\xbb\xbf"; /* which PEM_read_bio() passes over */
	bool is_first = true, starts = true;
	char line[256];

	for (;;) {
		const char *text = line;
		int at = (int)BIO_tell(in), len = BIO_gets(in, line, sizeof(line));

		if (len <= 0)
			return -1;
		if (is_first && text_starts(text, bom))
			text += strlen(bom);
		if (starts && begins_block(text))
			return text_starts(text, BEGIN_OURS) ? at : -1;
		starts = line[len - 1] == '\n';
		is_first = false;
	}
}

enum found {
	FOUND_NOTHING,
	FOUND_DAMAGE, /* and it is raised */
	FOUND_BLOCK,
};

static enum found read_block(const struct provider *p, BIO *in, struct der *ret)
{
	AUTO_BLOCK b = { 0 };
	int at = find_block(in), read;
	long len = 0;

	if (at < 0)
		return FOUND_NOTHING;
	(void)BIO_seek(in, at);
	ERR_set_mark();
	read = PEM_read_bio(in, &b.label, &b.headers, &ret->p, &len);
	ERR_pop_to_mark();
	ret->len = (size_t)len;
	if (read && strcmp(b.label, REFERENCE_LABEL) != 0)
		return FOUND_NOTHING;
	if (read && !b.headers[0] && ret->len <= REFERENCE_MAX)
		return FOUND_BLOCK;
	(void)raise_reason(p, REASON_REFERENCE,
		"the PEM block '%s' is %s; write it again: mi-token keyref URI",
		REFERENCE_LABEL,
		!read                  ? "damaged"
			: b.headers[0] ? "encrypted or has headers"
				       : "too large");
	return FOUND_DAMAGE;
}

static int raise_reference(const struct provider *p, const struct mitok_err *e)
{
	return raise_reason(p, REASON_REFERENCE, "the PEM block '%s': %s%s%s",
		REFERENCE_LABEL, e->message, e->hint[0] ? "; " : "", e->hint);
}

/* With the version and the public key, which a file may leave to the vault. */
static bool complete(struct provider *p, OSSL_LIB_CTX *inner, const struct der *in,
	struct vault_key *ret)
{
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_VAULT_KEY file = { 0 };

	if (reference_parse(in->p, in->len, inner, &file, &e))
		return raise_reference(p, &e);
	if (vault_resolve(p->vault, &file.uri, &e))
		return raise_error(p, &e);
	if (file.uri.version[0] && file.public_key) {
		*ret = file;
		file.public_key = NULL;
		return true;
	}
	return !vault_get_key(p->vault, &file.uri, inner, ret, &e) || raise_error(p, &e);
}

static int give_der(
	struct provider *p, const struct vault_key *k, OSSL_CALLBACK *give, void *arg)
{
	bool is_ec = EVP_PKEY_is_a(k->public_key, "EC");
	char *kind = (char *)(uintptr_t)key_kind_name(is_ec ? KEY_EC : KEY_RSA);
	char structure[] = "azkv-reference";
	int type = OSSL_OBJECT_PKEY;
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_DER der = { 0 };

	if (reference_format(&k->uri, k->public_key, &der.p, &der.len, &e))
		return raise_error(p, &e);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, kind, 0),
		OSSL_PARAM_construct_utf8_string(
			OSSL_OBJECT_PARAM_DATA_STRUCTURE, structure, 0),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der.p, der.len),
		OSSL_PARAM_construct_end(),
	};
	return give(params, arg);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int pem_decode(void *self, OSSL_CORE_BIO *core, int selection, OSSL_CALLBACK *give,
	void *arg, OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	struct provider *p = self;
	AUTO_BIO in = BIO_new_from_core_bio(p->app, core);
	AUTO_VAULT_KEY k = { 0 };
	AUTO_DER der = { 0 };
	OSSL_LIB_CTX *inner;
	enum found found;

	(void)ask, (void)ask_arg;
	if (!in)
		return raise_reason(p, REASON_FAILED, "out of memory");
	if (!does_selection(p, selection))
		return 1;
	found = read_block(p, in, &der);
	if (found != FOUND_BLOCK)
		return found == FOUND_NOTHING;
	inner = inner_context(p);
	return inner && complete(p, inner, &der, &k) && give_der(p, &k, give, arg);
}

/* All of what is there, when it is not too much for a reference. */
static bool read_der(BIO *in, struct der *ret)
{
	ret->p = OPENSSL_malloc(REFERENCE_MAX + 1);
	while (ret->p && ret->len <= REFERENCE_MAX) {
		int len = BIO_read(
			in, ret->p + ret->len, (int)(REFERENCE_MAX + 1 - ret->len));

		if (len <= 0)
			return ret->len != 0;
		ret->len += (size_t)len;
	}
	return false;
}

/* The first bytes of a reference, which no other kind of key begins with. */
static bool looks_like_reference(const struct der *d)
{
	const unsigned char *p = d->p;
	long len = 0;
	int tag = 0, class = 0;

	ERR_set_mark();
	(void)ASN1_get_object(&p, &len, &tag, &class, (long)d->len);
	ERR_pop_to_mark();
	return tag == V_ASN1_SEQUENCE && len > 4 && d->p + d->len - p > 4 &&
		memcmp(p, "\x02\x01\x01\x0c", 4) == 0;
}

/* libcrypto shows us every DER that may be a key; all but a complete reference to a key of
 * this kind is for others. */
static int der_decode(struct provider *p, enum key_kind kind, OSSL_CORE_BIO *core,
	OSSL_CALLBACK *give, void *arg)
{
	AUTO_BIO in = BIO_new_from_core_bio(p->app, core);
	AUTO_VAULT_KEY k = { 0 };
	AUTO_DER der = { 0 };
	OSSL_LIB_CTX *inner;
	struct key *key;

	if (!in)
		return raise_reason(p, REASON_FAILED, "out of memory");
	if (!read_der(in, &der) || !looks_like_reference(&der))
		return 1;
	inner = inner_context(p);
	if (!inner)
		return 0;
	if (reference_parse(der.p, der.len, inner, &k, NULL) || !k.uri.version[0] ||
		!k.public_key || !EVP_PKEY_is_a(k.public_key, key_kind_name(kind)) ||
		vault_resolve(p->vault, &k.uri, NULL))
		return 1;
	key = key_of_vault(p, &k);
	return key && key_give(key, give, arg);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int rsa_decode(void *self, OSSL_CORE_BIO *core, int selection, OSSL_CALLBACK *give,
	void *arg, OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	(void)selection, (void)ask, (void)ask_arg;
	return der_decode(self, KEY_RSA, core, give, arg);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int ec_decode(void *self, OSSL_CORE_BIO *core, int selection, OSSL_CALLBACK *give,
	void *arg, OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	(void)selection, (void)ask, (void)ask_arg;
	return der_decode(self, KEY_EC, core, give, arg);
}

/* For a keymgmt that is not ours, which OpenSSL 3.0 calls without a look whether it is
 * there. */
static int export_object(
	void *self, const void *reference, size_t size, OSSL_CALLBACK *give, void *arg)
{
	(void)reference, (void)size, (void)give, (void)arg;
	return raise_reason(self, REASON_NOT_EXPORTABLE,
		"a key in a vault works with this provider alone");
}

#define DECODER(decode)                                                              \
	{                                                                            \
		{ OSSL_FUNC_DECODER_NEWCTX, (void (*)(void))decoder_new },           \
			{ OSSL_FUNC_DECODER_FREECTX, (void (*)(void))decoder_free }, \
			{ OSSL_FUNC_DECODER_DOES_SELECTION,                          \
				(void (*)(void))does_selection },                    \
			{ OSSL_FUNC_DECODER_DECODE, (void (*)(void))(decode) },      \
			{ OSSL_FUNC_DECODER_EXPORT_OBJECT,                           \
				(void (*)(void))export_object },                     \
			{ 0, NULL },                                                 \
	}

const OSSL_DISPATCH decoder_pem[] = DECODER(pem_decode);
const OSSL_DISPATCH decoder_rsa[] = DECODER(rsa_decode);
const OSSL_DISPATCH decoder_ec[] = DECODER(ec_decode);
