/* The names of parameters of keys: those that are told or moved stand here; those that can
 * be set are what this OpenSSL's own provider lets set.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "openssl/inner.h"
#include "openssl/keymgmt.h"

#define NUMBER(name) OSSL_PARAM_BN(OSSL_PKEY_PARAM_##name, NULL, 0)
#define OCTETS(name) OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_##name, NULL, 0)
#define WORD(name)   OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_##name, NULL, 0)
#define INT(name)    OSSL_PARAM_int(OSSL_PKEY_PARAM_##name, NULL)

/* clang-format off */
#define RSA_PARTS \
	NUMBER(RSA_N), NUMBER(RSA_E), NUMBER(RSA_D), \
	NUMBER(RSA_FACTOR1), NUMBER(RSA_FACTOR2), NUMBER(RSA_FACTOR3), NUMBER(RSA_FACTOR4), \
	NUMBER(RSA_FACTOR5), NUMBER(RSA_FACTOR6), NUMBER(RSA_FACTOR7), NUMBER(RSA_FACTOR8), \
	NUMBER(RSA_FACTOR9), NUMBER(RSA_FACTOR10), \
	NUMBER(RSA_EXPONENT1), NUMBER(RSA_EXPONENT2), NUMBER(RSA_EXPONENT3), \
	NUMBER(RSA_EXPONENT4), NUMBER(RSA_EXPONENT5), NUMBER(RSA_EXPONENT6), \
	NUMBER(RSA_EXPONENT7), NUMBER(RSA_EXPONENT8), NUMBER(RSA_EXPONENT9), \
	NUMBER(RSA_EXPONENT10), \
	NUMBER(RSA_COEFFICIENT1), NUMBER(RSA_COEFFICIENT2), NUMBER(RSA_COEFFICIENT3), \
	NUMBER(RSA_COEFFICIENT4), NUMBER(RSA_COEFFICIENT5), NUMBER(RSA_COEFFICIENT6), \
	NUMBER(RSA_COEFFICIENT7), NUMBER(RSA_COEFFICIENT8), NUMBER(RSA_COEFFICIENT9)
#define EC_GROUP_PARTS \
	WORD(GROUP_NAME), WORD(EC_ENCODING), WORD(EC_POINT_CONVERSION_FORMAT), \
	WORD(EC_FIELD_TYPE), NUMBER(EC_P), NUMBER(EC_A), NUMBER(EC_B), OCTETS(EC_GENERATOR), \
	NUMBER(EC_ORDER), NUMBER(EC_COFACTOR), OCTETS(EC_SEED), \
	INT(EC_DECODED_FROM_EXPLICIT_PARAMS)
#define EC_OPTIONS \
	INT(USE_COFACTOR_ECDH), INT(EC_INCLUDE_PUBLIC)
#define ANY_KEY \
	INT(BITS), INT(SECURITY_BITS), INT(MAX_SIZE), WORD(DEFAULT_DIGEST), \
	OSSL_PARAM_utf8_string(AZKV_PARAM_URI, NULL, 0)
/* clang-format on */

const OSSL_PARAM *names_moved_rsa(int selection)
{
	static const OSSL_PARAM params[] = { RSA_PARTS, OSSL_PARAM_END };

	return selection & OSSL_KEYMGMT_SELECT_KEYPAIR ? params : NULL;
}

/* The private half moves with the public one, and neither without the group. */
const OSSL_PARAM *names_moved_ec(int selection)
{
	static const OSSL_PARAM with_options[] = { NUMBER(PRIV_KEY), OCTETS(PUB_KEY),
		EC_GROUP_PARTS, EC_OPTIONS, OSSL_PARAM_END };
	static const OSSL_PARAM without[] = { NUMBER(PRIV_KEY), OCTETS(PUB_KEY),
		EC_GROUP_PARTS, OSSL_PARAM_END };
	const OSSL_PARAM *params =
		selection & OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS ? with_options : without;

	if (!(selection & OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS))
		return NULL;
	if (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY)
		return params;
	return selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY ? params + 1 : params + 2;
}

const OSSL_PARAM *names_gettable_rsa(void *provider)
{
	static const OSSL_PARAM params[] = { ANY_KEY, RSA_PARTS, OSSL_PARAM_END };

	(void)provider;
	return params;
}

const OSSL_PARAM *names_gettable_ec(void *provider)
{
	static const OSSL_PARAM params[] = { ANY_KEY, OCTETS(ENCODED_PUBLIC_KEY),
		EC_GROUP_PARTS, INT(EC_CHAR2_M), WORD(EC_CHAR2_TYPE),
		INT(EC_CHAR2_TP_BASIS), INT(EC_CHAR2_PP_K1), INT(EC_CHAR2_PP_K2),
		INT(EC_CHAR2_PP_K3), OCTETS(PUB_KEY), NUMBER(EC_PUB_X), NUMBER(EC_PUB_Y),
		NUMBER(PRIV_KEY), EC_OPTIONS, OSSL_PARAM_END };

	(void)provider;
	return params;
}

/* The lists are constants of the other provider, and outlive what asks for them. */
static const OSSL_PARAM *ask_inner(
	void *provider, enum key_kind kind, const OSSL_PARAM *(*ask)(const EVP_KEYMGMT *))
{
	OSSL_LIB_CTX *inner = inner_context(provider);
	EVP_KEYMGMT *keymgmt;
	const OSSL_PARAM *params;

	if (!inner)
		return NULL;
	keymgmt = EVP_KEYMGMT_fetch(inner, key_kind_name(kind), NULL);
	params = keymgmt ? ask(keymgmt) : NULL;
	EVP_KEYMGMT_free(keymgmt);
	return params;
}

const OSSL_PARAM *names_settable_ec(void *provider)
{
	return ask_inner(provider, KEY_EC, EVP_KEYMGMT_settable_params);
}

const OSSL_PARAM *names_gen_settable_rsa(void *gen, void *provider)
{
	(void)gen;
	return ask_inner(provider, KEY_RSA, EVP_KEYMGMT_gen_settable_params);
}

const OSSL_PARAM *names_gen_settable_ec(void *gen, void *provider)
{
	(void)gen;
	return ask_inner(provider, KEY_EC, EVP_KEYMGMT_gen_settable_params);
}
