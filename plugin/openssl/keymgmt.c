/* What OpenSSL does with a key besides using it: it asks, compares, moves and copies.
 * SPDX-License-Identifier: MIT
 *
 * A foreign key is one of OpenSSL's own in our own context, so all of it is passed on. A
 * vault's key is the same with the public half alone; and it says that it has a private
 * one, never gives it away, and does not change. */
#include "openssl/keymgmt.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "openssl/inner.h"
#include "openssl/raise.h"

#define PUBLIC  OSSL_KEYMGMT_SELECT_PUBLIC_KEY
#define PRIVATE OSSL_KEYMGMT_SELECT_PRIVATE_KEY
#define KEYPAIR OSSL_KEYMGMT_SELECT_KEYPAIR
#define DOMAIN  OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS
#define ALL     OSSL_KEYMGMT_SELECT_ALL

static void *keymgmt_new_rsa(void *provider)
{
	return key_new(provider, KEY_RSA);
}

static void *keymgmt_new_ec(void *provider)
{
	return key_new(provider, KEY_EC);
}

static void keymgmt_free(void *key)
{
	key_free(key);
}

static void *keymgmt_load_rsa(const void *reference, size_t size)
{
	return key_take(reference, size, KEY_RSA);
}

static void *keymgmt_load_ec(const void *reference, size_t size)
{
	return key_take(reference, size, KEY_EC);
}

/* Whether there is a part of that name. A private number of EC is only told into room, of
 * all others the size is enough. */
#define PART_ROOM 128
static bool has_part(EVP_PKEY *inner, const char *name, unsigned type, size_t room)
{
	unsigned char bytes[PART_ROOM] = { 0 };
	OSSL_PARAM params[] = {
		{ name, type, room ? bytes : NULL, room, OSSL_PARAM_UNMODIFIED },
		OSSL_PARAM_END,
	};
	bool has;

	(void)ERR_set_mark();
	has = EVP_PKEY_get_params(inner, params) && OSSL_PARAM_modified(params);
	(void)ERR_pop_to_mark();
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return has;
}

static bool has_public(const struct key *k)
{
	if (k->kind == KEY_RSA)
		return has_part(
			k->inner, OSSL_PKEY_PARAM_RSA_N, OSSL_PARAM_UNSIGNED_INTEGER, 0);
	return has_part(k->inner, OSSL_PKEY_PARAM_PUB_KEY, OSSL_PARAM_OCTET_STRING, 0);
}

static bool has_private(const struct key *k)
{
	if (key_is_vaults(k))
		return true;
	if (k->kind == KEY_RSA)
		return has_part(
			k->inner, OSSL_PKEY_PARAM_RSA_D, OSSL_PARAM_UNSIGNED_INTEGER, 0);
	return has_part(k->inner, OSSL_PKEY_PARAM_PRIV_KEY, OSSL_PARAM_UNSIGNED_INTEGER,
		PART_ROOM);
}

/* RSA has no parameters, and so never lacks them; other parameters nobody lacks. */
static int keymgmt_has(const void *key, int selection)
{
	const struct key *k = key;

	if (!k)
		return 0;
	if (!k->inner)
		return !(selection & KEYPAIR) &&
			(k->kind == KEY_RSA || !(selection & DOMAIN));
	return (!(selection & PUBLIC) || has_public(k)) &&
		(!(selection & PRIVATE) || has_private(k));
}

/* Equal public halves are equal keys, wherever the private ones are; those are looked at
 * only when a public one is missing. */
static int keymgmt_match(const void *key, const void *other, int selection)
{
	const struct key *a = key, *b = other;

	if (!a->inner || !b->inner)
		return !a->inner && !b->inner && a->kind == KEY_RSA &&
			!(selection & KEYPAIR);
	if (!(selection & KEYPAIR))
		return EVP_PKEY_parameters_eq(a->inner, b->inner) == 1;
	if (!(selection & PRIVATE) && !(has_public(a) && has_public(b)))
		return 0;
	return EVP_PKEY_eq(a->inner, b->inner) == 1;
}

/* A pair is checked as a pair, which looks at both halves. */
// clang-format off
static const struct check {
	int selection;
	int (*full)(EVP_PKEY_CTX *), (*quick)(EVP_PKEY_CTX *);
} checks[] = {
	{ DOMAIN,  EVP_PKEY_param_check,    EVP_PKEY_param_check_quick },
	{ PUBLIC,  EVP_PKEY_public_check,   EVP_PKEY_public_check_quick },
	{ PRIVATE, EVP_PKEY_private_check,  EVP_PKEY_private_check },
	{ KEYPAIR, EVP_PKEY_pairwise_check, EVP_PKEY_pairwise_check },
};
// clang-format on

static bool is_due(const struct check *check, int selection)
{
	if (check->selection & KEYPAIR)
		return check->selection == (selection & KEYPAIR);
	return selection & check->selection;
}

/* Of a vault's key only the public half can be checked: its vault answers for the other. */
static int keymgmt_validate(const void *key, int selection, int type)
{
	const struct key *k = key;
	OSSL_LIB_CTX *inner = inner_context(k->provider);
	EVP_PKEY_CTX *ctx;
	int valid = 1;

	if (!k->inner || !inner)
		return 0;
	if (key_is_vaults(k) && selection & PRIVATE)
		selection = (selection & ~KEYPAIR) | PUBLIC;
	ctx = EVP_PKEY_CTX_new_from_pkey(inner, k->inner, NULL);
	if (!ctx)
		return 0;
	for (size_t i = 0; valid && i < sizeof(checks) / sizeof(*checks); i++)
		if (is_due(&checks[i], selection))
			valid = (type == OSSL_KEYMGMT_VALIDATE_QUICK_CHECK
						? checks[i].quick
						: checks[i].full)(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	return valid;
}

/* OpenSSL's functions that want parameters writable only read them. */
static OSSL_PARAM *only_read(const OSSL_PARAM params[])
{
	return (OSSL_PARAM *)(uintptr_t)params;
}

static EVP_PKEY *make_inner(const struct key *k, int selection, const OSSL_PARAM params[])
{
	OSSL_LIB_CTX *inner = inner_context(k->provider);
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *made = NULL;

	if (inner)
		ctx = EVP_PKEY_CTX_new_from_name(inner, key_kind_name(k->kind), NULL);
	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &made, selection, only_read(params));
	EVP_PKEY_CTX_free(ctx);
	return made;
}

struct import {
	struct key *to;
	int selection;
	const OSSL_PARAM *params;
};

/* With a group that comes in goes all that described the old one; this stays. */
static const char *const apart_from_group[] = {
	OSSL_PKEY_PARAM_PUB_KEY,
	OSSL_PKEY_PARAM_PRIV_KEY,
	OSSL_PKEY_PARAM_USE_COFACTOR_ECDH,
	OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC,
	OSSL_PKEY_PARAM_EC_GROUP_CHECK_TYPE,
};
#define APART (sizeof(apart_from_group) / sizeof(*apart_from_group))

static int import_over(const OSSL_PARAM had[], void *arg)
{
	const struct import *import = arg;
	OSSL_PARAM apart[APART + 1] = { OSSL_PARAM_END }, *both;
	const OSSL_PARAM *found;
	EVP_PKEY *made = NULL;
	size_t n = 0;

	for (size_t i = 0; i < APART; i++) {
		found = OSSL_PARAM_locate_const(had, apart_from_group[i]);
		if (found)
			apart[n++] = *found;
	}
	apart[n] = OSSL_PARAM_construct_end();
	both = OSSL_PARAM_merge(import->to->kind == KEY_EC ? apart : had, import->params);
	if (both)
		made = make_inner(import->to, import->selection, both);
	OPENSSL_free(both);
	if (!made)
		return 0;
	EVP_PKEY_free(import->to->inner);
	import->to->inner = made;
	return 1;
}

/* What can be asked of a key that has no more than this. */
static int selection_of(const struct key *k)
{
	return OSSL_KEYMGMT_SELECT_ALL_PARAMETERS |
		(has_private(k)                 ? KEYPAIR
				: has_public(k) ? PUBLIC
						: 0);
}

static int keymgmt_import(void *key, int selection, const OSSL_PARAM params[])
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
	/* EC: without a group nothing is taken in. */
	if (k->kind == KEY_EC && !(selection & DOMAIN))
		return 0;
	import.selection |= selection_of(k);
	return EVP_PKEY_export(k->inner, selection_of(k), import_over, &import);
}

/* libcrypto tries this with the private half at every use of a vault's key, before it
 * comes to us for it: no error is left behind. */
static int keymgmt_export(void *key, int selection, OSSL_CALLBACK *callback, void *arg)
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

static bool copy_inner(struct key *to, const struct key *from, int selection)
{
	struct import import = { to, selection, NULL };

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
static void *keymgmt_dup(const void *key, int selection)
{
	const struct key *from = key;
	struct key *to;

	if (key_is_vaults(from) && selection & PRIVATE)
		return key_ref((struct key *)(uintptr_t)from);
	to = key_new(from->provider, from->kind);
	if (!to || !from->inner || copy_inner(to, from, selection))
		return to;
	key_free(to);
	return NULL;
}

static int get_uri(const struct key *k, OSSL_PARAM *param)
{
	AUTO_TEXT uri = { 0 };

	uri_format(k->vault, &uri);
	if (!text_ok(&uri))
		return raise_reason(k->provider, REASON_FAILED, "out of memory");
	return OSSL_PARAM_set_utf8_string(param, text_peek(&uri));
}

static int keymgmt_get_params(void *key, OSSL_PARAM params[])
{
	const struct key *k = key;
	OSSL_PARAM *uri = OSSL_PARAM_locate(params, AZKV_PARAM_URI);

	if (!k->inner || (uri && key_is_vaults(k) && !get_uri(k, uri)))
		return 0;
	return EVP_PKEY_get_params(k->inner, params);
}

static int keymgmt_set_params(void *key, const OSSL_PARAM params[])
{
	const struct key *k = key;

	if (key_is_vaults(k))
		return raise_reason(k->provider, REASON_KEY,
			"a key that is in a vault cannot be changed");
	return k->inner && EVP_PKEY_set_params(k->inner, only_read(params));
}

static const char *keymgmt_operation_rsa(int operation)
{
	(void)operation;
	return "RSA";
}

static const char *keymgmt_operation_ec(int operation)
{
	switch (operation) {
	case OSSL_OP_SIGNATURE:
		return "ECDSA";
	case OSSL_OP_KEYEXCH:
		return "ECDH";
	default:
		return "EC";
	}
}

#define ENTRY(number, function)                                        \
	{                                                              \
		OSSL_FUNC_KEYMGMT_##number, (void (*)(void))(function) \
	}

/* clang-format off */
#define COMMON \
	ENTRY(FREE,             keymgmt_free), \
	ENTRY(HAS,              keymgmt_has), \
	ENTRY(MATCH,            keymgmt_match), \
	ENTRY(VALIDATE,         keymgmt_validate), \
	ENTRY(IMPORT,           keymgmt_import), \
	ENTRY(EXPORT,           keymgmt_export), \
	ENTRY(DUP,              keymgmt_dup), \
	ENTRY(GET_PARAMS,       keymgmt_get_params), \
	ENTRY(GEN_SET_PARAMS,   keygen_set_params), \
	ENTRY(GEN,              keygen_run), \
	ENTRY(GEN_CLEANUP,      keygen_free)

/* OpenSSL's own RSA has no set_params and no templates either. */
const OSSL_DISPATCH keymgmt_rsa[] = {
	COMMON,
	ENTRY(NEW,                  keymgmt_new_rsa),
	ENTRY(LOAD,                 keymgmt_load_rsa),
	ENTRY(IMPORT_TYPES,         names_moved_rsa),
	ENTRY(EXPORT_TYPES,         names_moved_rsa),
	ENTRY(GETTABLE_PARAMS,      names_gettable_rsa),
	ENTRY(QUERY_OPERATION_NAME, keymgmt_operation_rsa),
	ENTRY(GEN_INIT,             keygen_init_rsa),
	ENTRY(GEN_SETTABLE_PARAMS,  names_gen_settable_rsa),
	{ 0, NULL },
};

const OSSL_DISPATCH keymgmt_ec[] = {
	COMMON,
	ENTRY(NEW,                  keymgmt_new_ec),
	ENTRY(LOAD,                 keymgmt_load_ec),
	ENTRY(IMPORT_TYPES,         names_moved_ec),
	ENTRY(EXPORT_TYPES,         names_moved_ec),
	ENTRY(GETTABLE_PARAMS,      names_gettable_ec),
	ENTRY(SET_PARAMS,           keymgmt_set_params),
	ENTRY(SETTABLE_PARAMS,      names_settable_ec),
	ENTRY(QUERY_OPERATION_NAME, keymgmt_operation_ec),
	ENTRY(GEN_INIT,             keygen_init_ec),
	ENTRY(GEN_SET_TEMPLATE,     keygen_set_template),
	ENTRY(GEN_SETTABLE_PARAMS,  names_gen_settable_ec),
	{ 0, NULL },
};
/* clang-format on */
