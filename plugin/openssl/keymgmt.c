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

bool keymgmt_has_public(const struct key *k)
{
	if (k->kind == KEY_RSA)
		return has_part(
			k->inner, OSSL_PKEY_PARAM_RSA_N, OSSL_PARAM_UNSIGNED_INTEGER, 0);
	return has_part(k->inner, OSSL_PKEY_PARAM_PUB_KEY, OSSL_PARAM_OCTET_STRING, 0);
}

bool keymgmt_has_private(const struct key *k)
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
	return (!(selection & PUBLIC) || keymgmt_has_public(k)) &&
		(!(selection & PRIVATE) || keymgmt_has_private(k)) &&
		(!(selection & DOMAIN) || k->kind == KEY_RSA || k->inner);
}

/* OpenSSL compares the exponents of RSA keys, whatever is asked for. */
static bool match_parameters(const struct key *a, const struct key *b, int selection)
{
	if (a->kind == KEY_RSA && !keymgmt_has_public(a) && !keymgmt_has_public(b))
		return true;
	if (a->kind == KEY_EC && !(selection & DOMAIN))
		return true;
	return a->inner && b->inner && EVP_PKEY_parameters_eq(a->inner, b->inner) == 1;
}

/* Equal public halves are equal keys, wherever the private ones are. */
static int keymgmt_match(const void *key, const void *other, int selection)
{
	const struct key *a = key, *b = other;

	if (!(selection & KEYPAIR))
		return match_parameters(a, b, selection);
	if (!(selection & PUBLIC && keymgmt_has_public(a) && keymgmt_has_public(b)) &&
		!(selection & PRIVATE && keymgmt_has_private(a) &&
			keymgmt_has_private(b)))
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

	/* Of how a key would be written, and OpenSSL's programs set it before they ask. */
	if (key_is_vaults(k) && params && !params[1].key &&
		OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC))
		return 1;
	if (key_is_vaults(k))
		return raise_reason(k->provider, REASON_KEY,
			"a key that is in a vault cannot be changed");
	return k->inner &&
		EVP_PKEY_set_params(
			k->inner, (OSSL_PARAM *)(uintptr_t)params) /* only read */;
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
