/* Private keys as PEM and as text for people: of a key in a vault its reference file and its
 * name; any other key is written by OpenSSL itself. SPDX-License-Identifier: MIT
 *
 * libcrypto asks the encoder of the key's own provider, and no other when that fails
 * (encoder_process in OpenSSL's crypto/encode_decode/encoder_lib.c), so that ours cannot
 * step aside for keys that are no vault's: it does what OpenSSL does, in our own context. */
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/encoder.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "base/text.h"
#include "openssl/auto.h"
#include "openssl/key.h"
#include "openssl/raise.h"
#include "openssl/reference.h"

struct encoder {
	struct provider *provider;
	char cipher[64]; /* "": not to be encrypted */
};

static void ctx_cleanup(OSSL_ENCODER_CTX **ctx)
{
	OSSL_ENCODER_CTX_free(*ctx);
}
#define AUTO_ENCODER_CTX __attribute__((cleanup(ctx_cleanup))) OSSL_ENCODER_CTX

static void *encoder_new(void *provider)
{
	struct encoder *enc = calloc(1, sizeof(*enc));

	if (enc)
		enc->provider = provider;
	return enc;
}

static void encoder_free(void *self)
{
	free(self);
}

static const OSSL_PARAM *encoder_settable(void *provider)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_ENCODER_PARAM_CIPHER, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ENCODER_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provider;
	return params;
}

static int encoder_set(void *self, const OSSL_PARAM params[])
{
	struct encoder *enc = self;
	const OSSL_PARAM *cipher =
		OSSL_PARAM_locate_const(params, OSSL_ENCODER_PARAM_CIPHER);
	const char *name = NULL;

	if (!cipher)
		return 1;
	enc->cipher[0] = '\0';
	if (!cipher->data)
		return 1;
	return (OSSL_PARAM_get_utf8_string_ptr(cipher, &name) &&
		       TEXT_COPY(enc->cipher, name)) ||
		raise_reason(enc->provider, REASON_ALGORITHM, "not a cipher's name");
}

static int does_private(void *provider, int selection)
{
	(void)provider;
	return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

/* One key to write. */
struct job {
	const struct encoder *enc;
	const struct key *key;
	int selection;
	OSSL_PASSPHRASE_CALLBACK *ask;
	void *ask_arg;
	BIO *out;
};

static int write_by_openssl(
	const struct job *j, int selection, const char *type, const char *structure)
{
	AUTO_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(
		j->key->inner, selection, type, structure, NULL);
	const char *cipher = j->enc->cipher;

	if (!ctx || (cipher[0] && !OSSL_ENCODER_CTX_set_cipher(ctx, cipher, NULL)))
		return 0;
	return (!j->ask || OSSL_ENCODER_CTX_set_passphrase_cb(ctx, j->ask, j->ask_arg)) &&
		OSSL_ENCODER_to_bio(ctx, j->out);
}

static int write_reference(const struct job *j)
{
	const struct provider *p = j->enc->provider;
	struct mitok_err e = { .code = MITOK_OK };
	unsigned char *der = NULL;
	size_t len = 0;
	int written;

	if (j->enc->cipher[0])
		return raise_reason(p, REASON_NOT_EXPORTABLE,
			"a reference to a key in a vault is no secret and is not "
			"encrypted; write it without a cipher");
	if (reference_format(j->key->vault, j->key->inner, &der, &len, &e))
		return raise_error(p, &e);
	written = PEM_write_bio(j->out, REFERENCE_LABEL, "", der, (long)len);
	OPENSSL_free(der);
	return written > 0;
}

static int write_pem(const struct job *j)
{
	return key_is_vaults(j->key)
		? write_reference(j)
		: write_by_openssl(j, j->selection, "PEM", "PrivateKeyInfo");
}

/* As OpenSSL writes it, but that the private half is a name. */
static int write_text(const struct job *j)
{
	int selection = j->selection;
	AUTO_TEXT name = { 0 };

	if (key_is_vaults(j->key) && does_private(NULL, selection)) {
		selection &= ~OSSL_KEYMGMT_SELECT_PRIVATE_KEY;
		selection |= OSSL_KEYMGMT_SELECT_PUBLIC_KEY;
		uri_format(j->key->vault, &name);
		if (BIO_printf(j->out, "Private-Key: %s\n", text_peek(&name)) <= 0)
			return 0;
	}
	return write_by_openssl(j, selection, "TEXT", NULL);
}

static int encode(struct job *j, OSSL_CORE_BIO *core, const OSSL_PARAM abstract[],
	int (*write)(const struct job *j))
{
	const struct provider *p = j->enc->provider;
	AUTO_BIO out = BIO_new_from_core_bio(p->app, core);

	if (!out)
		return raise_reason(p, REASON_FAILED, "out of memory");
	if (!j->key || abstract || !j->key->inner)
		return raise_reason(p, REASON_KEY, "no key to write");
	j->out = out;
	return write(j);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int pem_encode(void *self, OSSL_CORE_BIO *core, const void *key,
	const OSSL_PARAM abstract[], int selection, OSSL_PASSPHRASE_CALLBACK *ask,
	void *arg)
{
	struct job j = { self, key, selection, ask, arg, NULL };

	return encode(&j, core, abstract, write_pem);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int text_encode(void *self, OSSL_CORE_BIO *core, const void *key,
	const OSSL_PARAM abstract[], int selection, OSSL_PASSPHRASE_CALLBACK *ask,
	void *arg)
{
	struct job j = { self, key, selection, ask, arg, NULL };

	return encode(&j, core, abstract, write_text);
}

// clang-format off
const OSSL_DISPATCH encoder_pem[] = {
	{ OSSL_FUNC_ENCODER_NEWCTX,              (void (*)(void))encoder_new },
	{ OSSL_FUNC_ENCODER_FREECTX,             (void (*)(void))encoder_free },
	{ OSSL_FUNC_ENCODER_SETTABLE_CTX_PARAMS, (void (*)(void))encoder_settable },
	{ OSSL_FUNC_ENCODER_SET_CTX_PARAMS,      (void (*)(void))encoder_set },
	{ OSSL_FUNC_ENCODER_DOES_SELECTION,      (void (*)(void))does_private },
	{ OSSL_FUNC_ENCODER_ENCODE,              (void (*)(void))pem_encode },
	{ 0, NULL },
};
const OSSL_DISPATCH encoder_text[] = {
	{ OSSL_FUNC_ENCODER_NEWCTX,  (void (*)(void))encoder_new },
	{ OSSL_FUNC_ENCODER_FREECTX, (void (*)(void))encoder_free },
	{ OSSL_FUNC_ENCODER_ENCODE,  (void (*)(void))text_encode },
	{ 0, NULL },
};
// clang-format on
