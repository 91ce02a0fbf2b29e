/* Loads the keys of a test's vault; in the place of store.c, decoder.c and encoder.c.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_dispatch.h>
#include <stdlib.h>

#include "openssl/inner.h"
#include "openssl/key.h"

struct loader {
	struct provider *provider;
	struct uri uri;
	bool is_done;
};

static void *loader_open(void *provider, const char *text)
{
	struct loader *l = calloc(1, sizeof(*l));

	l->provider = provider;
	if (uri_parse(text, &l->uri, NULL))
		abort();
	return l;
}

static int loader_load(void *self, OSSL_CALLBACK *callback, void *arg,
	OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	struct loader *l = self;
	struct vault_key found = { 0 };

	(void)ask;
	(void)ask_arg;
	l->is_done = true;
	if (vault_get_key(l->provider->vault, &l->uri, inner_context(l->provider), &found,
		    NULL))
		return 0;
	return key_give(key_of_vault(l->provider, &found), callback, arg);
}

static int loader_eof(void *self)
{
	return ((struct loader *)self)->is_done;
}

static int loader_close(void *self)
{
	free(self);
	return 1;
}

const OSSL_DISPATCH store_loader[] = {
	{ OSSL_FUNC_STORE_OPEN, (void (*)(void))loader_open },
	{ OSSL_FUNC_STORE_LOAD, (void (*)(void))loader_load },
	{ OSSL_FUNC_STORE_EOF, (void (*)(void))loader_eof },
	{ OSSL_FUNC_STORE_CLOSE, (void (*)(void))loader_close },
	{ 0, NULL },
};

/* Nothing is read from files, and nothing written. */
static void *file_new(void *provider)
{
	return provider;
}

static void file_free(void *self)
{
	(void)self;
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int file_decode(void *self, OSSL_CORE_BIO *in, int selection,
	OSSL_CALLBACK *callback, void *arg, OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	(void)self;
	(void)in;
	(void)selection;
	(void)callback;
	(void)arg;
	(void)ask;
	(void)ask_arg;
	return 1;
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
static int file_encode(void *self, OSSL_CORE_BIO *out, const void *key,
	const OSSL_PARAM object[], int selection, OSSL_PASSPHRASE_CALLBACK *ask,
	void *ask_arg)
{
	(void)self;
	(void)out;
	(void)key;
	(void)object;
	(void)selection;
	(void)ask;
	(void)ask_arg;
	return 0;
}

#define DECODER                                                                    \
	{                                                                          \
		{ OSSL_FUNC_DECODER_NEWCTX, (void (*)(void))file_new },            \
			{ OSSL_FUNC_DECODER_FREECTX, (void (*)(void))file_free },  \
			{ OSSL_FUNC_DECODER_DECODE, (void (*)(void))file_decode }, \
			{ 0, NULL },                                               \
	}
#define ENCODER                                                                    \
	{                                                                          \
		{ OSSL_FUNC_ENCODER_NEWCTX, (void (*)(void))file_new },            \
			{ OSSL_FUNC_ENCODER_FREECTX, (void (*)(void))file_free },  \
			{ OSSL_FUNC_ENCODER_ENCODE, (void (*)(void))file_encode }, \
			{ 0, NULL },                                               \
	}
const OSSL_DISPATCH decoder_pem[] = DECODER, decoder_rsa[] = DECODER,
		    decoder_ec[] = DECODER;
const OSSL_DISPATCH encoder_rsa[] = ENCODER, encoder_ec[] = ENCODER;
