/* A provider with azkv's key management and a store that needs no vault.
 * SPDX-License-Identifier: MIT */
#include "keystore.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "openssl/inner.h"
#include "test.h"

static struct provider azkv;
struct keystore keystore;

struct loading {
	enum key_kind kind;
	bool done;
};

static void *store_open(void *provider, const char *uri)
{
	struct loading *l = calloc(1, sizeof(*l));

	(void)provider;
	CHECK(l && text_starts(uri, "test://"));
	l->kind = strcmp(uri, "test://EC") == 0 ? KEY_EC : KEY_RSA;
	return l;
}

static int store_set(void *loading, const OSSL_PARAM params[])
{
	(void)loading;
	(void)params;
	return 1;
}

static const OSSL_PARAM *store_settable(void *provider)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, NULL), OSSL_PARAM_END
	};

	(void)provider;
	return params;
}

/* The public half of a kept key, as the client of the vaults gives it. */
static struct key *vault_key(enum key_kind kind)
{
	struct vault_key found = { 0 };
	const unsigned char *p;
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(keystore.kept[kind], &der);

	CHECK(len > 0);
	p = der;
	found.public_key = d2i_PUBKEY_ex(NULL, &p, len, azkv.inner, NULL);
	CHECK(found.public_key != NULL);
	OPENSSL_free(der);
	CHECK(TEXT_COPY(found.uri.host, "myvault.vault.azure.net"));
	CHECK(TEXT_COPY(found.uri.name, kind == KEY_EC ? "ec" : "rsa"));
	CHECK(TEXT_COPY(found.uri.version, KEYSTORE_VERSION));
	return key_of_vault(&azkv, &found);
}

static int store_load(void *loading, OSSL_CALLBACK *give, void *arg,
	OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	struct loading *l = loading;

	(void)ask;
	(void)ask_arg;
	l->done = true;
	return key_give(vault_key(l->kind), give, arg);
}

static int store_eof(void *loading)
{
	return ((struct loading *)loading)->done;
}

static int store_close(void *loading)
{
	free(loading);
	return 1;
}

static const OSSL_DISPATCH store[] = {
	{ OSSL_FUNC_STORE_OPEN, (void (*)(void))store_open },
	{ OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, (void (*)(void))store_settable },
	{ OSSL_FUNC_STORE_SET_CTX_PARAMS, (void (*)(void))store_set },
	{ OSSL_FUNC_STORE_LOAD, (void (*)(void))store_load },
	{ OSSL_FUNC_STORE_EOF, (void (*)(void))store_eof },
	{ OSSL_FUNC_STORE_CLOSE, (void (*)(void))store_close },
	{ 0, NULL },
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *ret_no_cache)
{
	static const OSSL_ALGORITHM keys[] = {
		{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", AZKV_PROPERTIES, keymgmt_rsa,
			"" },
		{ "EC:id-ecPublicKey:1.2.840.10045.2.1", AZKV_PROPERTIES, keymgmt_ec,
			"" },
		{ NULL, NULL, NULL, NULL },
	};
	static const OSSL_ALGORITHM stores[] = {
		{ "test", AZKV_PROPERTIES, store, "" },
		{ NULL, NULL, NULL, NULL },
	};

	(void)provider;
	*ret_no_cache = 0;
	if (operation == OSSL_OP_KEYMGMT)
		return keys;
	return operation == OSSL_OP_STORE ? stores : NULL;
}

static int start(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
	const OSSL_DISPATCH **ret, void **ret_provider)
{
	static const OSSL_DISPATCH table[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
		{ 0, NULL },
	};

	azkv.handle = handle;
	for (; in->function_id; in++) {
		if (in->function_id == OSSL_FUNC_CORE_NEW_ERROR)
			azkv.new_error = OSSL_FUNC_core_new_error(in);
		if (in->function_id == OSSL_FUNC_CORE_VSET_ERROR)
			azkv.vset_error = OSSL_FUNC_core_vset_error(in);
	}
	*ret = table;
	*ret_provider = &azkv;
	return 1;
}

static const char *const orders[][2] = { { "azkv", "default" }, { "default", "azkv" } };

/* As every program loads a key by its URI. */
static EVP_PKEY *load(const char *uri)
{
	OSSL_STORE_CTX *from =
		OSSL_STORE_open_ex(uri, keystore.ctx, NULL, NULL, NULL, NULL, NULL, NULL);
	OSSL_STORE_INFO *info = from ? OSSL_STORE_load(from) : NULL;
	EVP_PKEY *key = info ? OSSL_STORE_INFO_get1_PKEY(info) : NULL;

	CHECK_ROW(uri, key != NULL);
	CHECK(from && OSSL_STORE_close(from) == 1);
	OSSL_STORE_INFO_free(info);
	return key;
}

EVP_PKEY *keystore_new_key(OSSL_LIB_CTX *ctx, enum key_kind kind)
{
	if (kind == KEY_EC)
		return EVP_PKEY_Q_keygen(ctx, NULL, "EC", "P-384");
	return EVP_PKEY_Q_keygen(ctx, NULL, "RSA", (size_t)1024);
}

static void keep_keys(void)
{
	if (keystore.kept[KEY_RSA])
		return;
	keystore.kept[KEY_RSA] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	keystore.kept[KEY_EC] = keystore_new_key(NULL, KEY_EC);
}

void keystore_end(void)
{
	EVP_PKEY_free(keystore.kept[KEY_RSA]);
	EVP_PKEY_free(keystore.kept[KEY_EC]);
}

void keystore_each_order(void (*run)(void))
{
	OSSL_PROVIDER *providers[2];

	for (size_t i = 0; i < COUNT(orders); i++) {
		keystore.ctx = OSSL_LIB_CTX_new();
		azkv.inner = OSSL_LIB_CTX_new();
		CHECK(OSSL_PROVIDER_add_builtin(keystore.ctx, "azkv", start) == 1);
		for (size_t j = 0; j < 2; j++)
			providers[j] = OSSL_PROVIDER_load(keystore.ctx, orders[i][j]);
		keep_keys();
		keystore.keys[KEY_RSA] = load("test://RSA");
		keystore.keys[KEY_EC] = load("test://EC");
		ERR_clear_error();
		run();
		for (size_t j = 0; j < 2; j++) {
			EVP_PKEY_free(keystore.keys[j]);
			CHECK(OSSL_PROVIDER_unload(providers[j]) == 1);
		}
		OSSL_LIB_CTX_free(keystore.ctx);
		inner_free(&azkv);
	}
}
