/* Keys become parameters and parameters keys; copies of keys.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "openssl/inner.h"
#include "openssl/keymgmt.h"
#include "openssl/raise.h"

#define PUBLIC  OSSL_KEYMGMT_SELECT_PUBLIC_KEY
#define PRIVATE OSSL_KEYMGMT_SELECT_PRIVATE_KEY
#define KEYPAIR OSSL_KEYMGMT_SELECT_KEYPAIR
#define DOMAIN  OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS
#define OTHER   OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS
#define ALL     OSSL_KEYMGMT_SELECT_ALL

static EVP_PKEY *make_inner(const struct key *k, int selection, const OSSL_PARAM params[])
{
	OSSL_LIB_CTX *inner = inner_context(k->provider);
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *made = NULL;

	if (inner)
		ctx = EVP_PKEY_CTX_new_from_name(inner, key_kind_name(k->kind), NULL);
	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &made, selection,
			(OSSL_PARAM *)(uintptr_t)params); /* only read */
	EVP_PKEY_CTX_free(ctx);
	return made;
}

/* What comes into a key that is not empty. */
struct import {
	struct key *to;
	int selection;
	const OSSL_PARAM *params;
};

/* Parameters and what must be selected for them; of RSA, the others are the private half, of
 * EC the group. */
static const struct part {
	enum key_kind kind;
	const char *name;
	int selection;
} parts[] = {
	{ KEY_RSA, OSSL_PKEY_PARAM_RSA_N, KEYPAIR },
	{ KEY_RSA, OSSL_PKEY_PARAM_RSA_E, KEYPAIR },
	{ KEY_EC, OSSL_PKEY_PARAM_PUB_KEY, KEYPAIR },
	{ KEY_EC, OSSL_PKEY_PARAM_PRIV_KEY, PRIVATE },
	{ KEY_EC, OSSL_PKEY_PARAM_USE_COFACTOR_ECDH, OTHER },
	{ KEY_EC, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, OTHER },
	{ KEY_EC, OSSL_PKEY_PARAM_EC_GROUP_CHECK_TYPE, OTHER },
};

static int selected_by(enum key_kind kind, const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].kind == kind && strcmp(parts[i].name, name) == 0)
			return parts[i].selection;
	return kind == KEY_RSA ? PRIVATE : DOMAIN;
}

/* The selected ones of from, at most PICKED_MAX: RSA has 32 parameters, EC fewer. */
#define PICKED_MAX 64
struct picked {
	OSSL_PARAM params[PICKED_MAX + 1];
};

static void pick(
	struct picked *to, const OSSL_PARAM from[], enum key_kind kind, int selection)
{
	size_t n = 0;

	for (; from && from->key && n < PICKED_MAX; from++)
		if (selected_by(kind, from->key) & selection)
			to->params[n++] = *from;
	to->params[n] = OSSL_PARAM_construct_end();
}

/* The parts that k has, as far as anybody may select them. */
static int selection_of(const struct key *k)
{
	int selection = OSSL_KEYMGMT_SELECT_ALL_PARAMETERS;

	if (keymgmt_has_public(k))
		selection |= PUBLIC;
	if (keymgmt_has_private(k))
		selection |= KEYPAIR;
	return selection;
}

/* With a group that comes in goes all that described the old one. */
static int import_over(const OSSL_PARAM had[], void *arg)
{
	const struct import *import = arg;
	struct key *k = import->to;
	struct picked old, new;
	OSSL_PARAM *both;
	EVP_PKEY *made;

	pick(&old, had, k->kind, k->kind == KEY_EC ? ALL & ~DOMAIN : ALL);
	pick(&new, import->params, k->kind, import->selection);
	both = OSSL_PARAM_merge(old.params, new.params);
	made = make_inner(
		k, import->selection | selection_of(k), both ? both : old.params);
	OPENSSL_free(both);
	if (!made)
		return 0;
	EVP_PKEY_free(k->inner);
	k->inner = made;
	return 1;
}

int keymgmt_import(void *key, int selection, const OSSL_PARAM params[])
{
	struct key *k = key;
	struct import import = { k, selection, params };

	if (key_is_vaults(k))
		return raise_reason(k->provider, REASON_KEY,
			"a key that is in a vault cannot be changed");
	if (!k->inner) {
		k->inner = make_inner(k, selection, params);
		return k->inner != NULL;
	}
	/* EC takes in nothing without a group. */
	if (k->kind == KEY_EC && !(selection & DOMAIN))
		return 0;
	return EVP_PKEY_export(k->inner, selection_of(k), import_over, &import);
}

/* libcrypto tries this with the private half at every use of a vault's key, before it
 * comes to us for it: no error is left behind. */
int keymgmt_export(void *key, int selection, OSSL_CALLBACK *callback, void *arg)
{
	const struct key *k = key;

	if (!k->inner || (key_is_vaults(k) && selection & PRIVATE))
		return 0;
	return EVP_PKEY_export(k->inner, selection, callback, arg);
}

static int import_copy(const OSSL_PARAM params[], void *arg)
{
	const struct import *import = arg;

	return keymgmt_import(import->to, import->selection, params);
}

/* RSA keys are not copied for their parameters, which they have none of. */
static bool copy_inner(struct key *to, const struct key *from, int selection)
{
	struct import import = { to, selection, NULL };

	if (from->kind == KEY_RSA && !(selection & KEYPAIR))
		return false;
	if (from->kind == KEY_RSA ? !keymgmt_has_public(from)
				  : !from->inner || !(selection & DOMAIN))
		return true; /* nothing that could be copied */
	if (!(selection & KEYPAIR)) {
		to->inner = EVP_PKEY_new();
		return to->inner && EVP_PKEY_copy_parameters(to->inner, from->inner) == 1;
	}
	if (key_is_vaults(from) || (selection & ALL) != ALL)
		return EVP_PKEY_export(from->inner, selection, import_copy, &import);
	to->inner = EVP_PKEY_dup(from->inner);
	return to->inner != NULL;
}

/* A vault's key with its private half is the same one; of others, what is asked for. */
void *keymgmt_dup(const void *key, int selection)
{
	const struct key *from = key;
	struct key *to;

	if (key_is_vaults(from) && selection & PRIVATE)
		return key_ref((struct key *)(uintptr_t)from);
	to = key_new(from->provider, from->kind);
	if (!to || copy_inner(to, from, selection))
		return to;
	key_free(to);
	return NULL;
}
