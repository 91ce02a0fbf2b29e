/* Making keys. They never are a vault's: OpenSSL comes here for its own, those of a TLS
 * handshake for one, when azkv stands before the default provider.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "openssl/inner.h"
#include "openssl/keymgmt.h"
#include "openssl/raise.h"

/* One making of a key in our own context. */
struct keygen {
	struct provider *provider;
	enum key_kind kind;
	int selection;
	EVP_PKEY_CTX *ctx;
	OSSL_PARAM *set; /* all that was set, for another ctx */

	OSSL_CALLBACK *progress; /* with its argument, while it runs */
	void *progress_arg;
};

/* Some numbers that are set are seeds of private keys. */
static void wipe_params(OSSL_PARAM *params)
{
	for (OSSL_PARAM *p = params; p && p->key; p++)
		if (p->data)
			OPENSSL_cleanse(p->data, p->data_size);
	OSSL_PARAM_free(params);
}

void keygen_free(void *gen)
{
	struct keygen *g = gen;

	if (!g)
		return;
	EVP_PKEY_CTX_free(g->ctx);
	wipe_params(g->set);
	free(g);
}

/* Takes ctx, also when it fails. */
static bool begin(struct keygen *g, EVP_PKEY_CTX *ctx)
{
	EVP_PKEY_CTX_free(g->ctx);
	g->ctx = ctx;
	if (!ctx)
		return false;
	if (g->selection & OSSL_KEYMGMT_SELECT_KEYPAIR)
		return EVP_PKEY_keygen_init(ctx) == 1;
	return EVP_PKEY_paramgen_init(ctx) == 1;
}

static void *keygen_init(
	struct provider *p, enum key_kind kind, int selection, const OSSL_PARAM params[])
{
	OSSL_LIB_CTX *inner = inner_context(p);
	struct keygen *g;

	if (!inner)
		return NULL;
	g = calloc(1, sizeof(*g));
	if (!g) {
		(void)raise_reason(p, REASON_FAILED, "out of memory");
		return NULL;
	}
	g->provider = p;
	g->kind = kind;
	g->selection = selection;
	if (begin(g, EVP_PKEY_CTX_new_from_name(inner, key_kind_name(kind), NULL)) &&
		keygen_set_params(g, params))
		return g;
	keygen_free(g);
	return NULL;
}

void *keygen_init_rsa(void *provider, int selection, const OSSL_PARAM params[])
{
	return keygen_init(provider, KEY_RSA, selection, params);
}

void *keygen_init_ec(void *provider, int selection, const OSSL_PARAM params[])
{
	return keygen_init(provider, KEY_EC, selection, params);
}

/* Adds to what was set. */
static bool remember(struct keygen *g, const OSSL_PARAM params[])
{
	OSSL_PARAM *both = OSSL_PARAM_merge(g->set, params), *copy = NULL;

	if (both)
		copy = OSSL_PARAM_dup(both);
	OPENSSL_free(both);
	if (!copy)
		return false;
	wipe_params(g->set);
	g->set = copy;
	return true;
}

int keygen_set_params(void *gen, const OSSL_PARAM params[])
{
	struct keygen *g = gen;

	if (!params || !params->key)
		return 1;
	return EVP_PKEY_CTX_set_params(g->ctx, params) > 0 &&
		(g->kind == KEY_RSA || remember(g, params));
}

/* OpenSSL tells the template last; what it says about the group counts more than what was
 * set, and less than that where it says nothing. */
int keygen_set_template(void *gen, void *template)
{
	struct keygen *g = gen;
	const struct key *k = template;
	OSSL_LIB_CTX *inner = inner_context(g->provider);

	if (!k || !k->inner || !inner)
		return 0;
	return begin(g, EVP_PKEY_CTX_new_from_pkey(inner, k->inner, NULL)) &&
		(!g->set || EVP_PKEY_CTX_set_params(g->ctx, g->set) > 0);
}

static int tell_progress(EVP_PKEY_CTX *ctx)
{
	const struct keygen *g = EVP_PKEY_CTX_get_app_data(ctx);
	int potential = EVP_PKEY_CTX_get_keygen_info(ctx, 0);
	int iteration = EVP_PKEY_CTX_get_keygen_info(ctx, 1);
	OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_GEN_PARAM_POTENTIAL, &potential),
		OSSL_PARAM_int(OSSL_GEN_PARAM_ITERATION, &iteration),
		OSSL_PARAM_END,
	};

	return g->progress(params, g->progress_arg);
}

void *keygen_run(void *gen, OSSL_CALLBACK *progress, void *arg)
{
	struct keygen *g = gen;
	struct key *k = key_new(g->provider, g->kind);

	if (!k)
		return NULL;
	g->progress = progress;
	g->progress_arg = arg;
	EVP_PKEY_CTX_set_app_data(g->ctx, g);
	EVP_PKEY_CTX_set_cb(g->ctx, progress ? tell_progress : NULL);
	if (EVP_PKEY_generate(g->ctx, &k->inner) == 1)
		return k;
	key_free(k);
	return NULL;
}
