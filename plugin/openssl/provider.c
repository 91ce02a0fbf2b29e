/* The map of azkv: which table does what, how the provider is loaded and unloaded.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "openssl/inner.h"
#include "openssl/raise.h"
#include "openssl/signature-message.h"
#include "openssl/vault.h"

#define RSA_NAMES "RSA:rsaEncryption:1.2.840.113549.1.1.1"
#define EC_NAMES  "EC:id-ecPublicKey:1.2.840.10045.2.1"

// clang-format off
static const OSSL_ALGORITHM stores[] = {
	{ "azkv",       AZKV_PROPERTIES, store_loader, "Azure Key Vault and Managed HSM" },
	{ "managedhsm", AZKV_PROPERTIES, store_loader, "Azure Managed HSM" },
	{ "keyvault",   AZKV_PROPERTIES, store_loader, "Azure Key Vault" },
	{ NULL, NULL, NULL, NULL },
};
static const OSSL_ALGORITHM keymgmts[] = {
	{ RSA_NAMES, AZKV_PROPERTIES, keymgmt_rsa, "RSA keys in a vault" },
	{ EC_NAMES,  AZKV_PROPERTIES, keymgmt_ec,  "EC keys in a vault" },
	{ NULL, NULL, NULL, NULL },
};
static const OSSL_ALGORITHM signatures[] = {
	{ RSA_NAMES, AZKV_PROPERTIES, signature_rsa,   "RSA signatures by a vault" },
	{ "ECDSA",   AZKV_PROPERTIES, signature_ecdsa, "ECDSA signatures by a vault" },
	/* From OpenSSL 3.4 on; its own provider tells their other names. */
	{ "RSA-SHA1",         AZKV_PROPERTIES, signature_rsa_sha1,        "RSA signatures by a vault" },
	{ "RSA-SHA2-224",     AZKV_PROPERTIES, signature_rsa_sha224,      "RSA signatures by a vault" },
	{ "RSA-SHA2-256",     AZKV_PROPERTIES, signature_rsa_sha256,      "RSA signatures by a vault" },
	{ "RSA-SHA2-384",     AZKV_PROPERTIES, signature_rsa_sha384,      "RSA signatures by a vault" },
	{ "RSA-SHA2-512",     AZKV_PROPERTIES, signature_rsa_sha512,      "RSA signatures by a vault" },
	{ "RSA-SHA2-512/224", AZKV_PROPERTIES, signature_rsa_sha512_224,  "RSA signatures by a vault" },
	{ "RSA-SHA2-512/256", AZKV_PROPERTIES, signature_rsa_sha512_256,  "RSA signatures by a vault" },
	{ "RSA-SHA3-224",     AZKV_PROPERTIES, signature_rsa_sha3_224,    "RSA signatures by a vault" },
	{ "RSA-SHA3-256",     AZKV_PROPERTIES, signature_rsa_sha3_256,    "RSA signatures by a vault" },
	{ "RSA-SHA3-384",     AZKV_PROPERTIES, signature_rsa_sha3_384,    "RSA signatures by a vault" },
	{ "RSA-SHA3-512",     AZKV_PROPERTIES, signature_rsa_sha3_512,    "RSA signatures by a vault" },
	{ "RSA-RIPEMD160",    AZKV_PROPERTIES, signature_rsa_ripemd160,   "RSA signatures by a vault" },
	{ "ECDSA-SHA1",       AZKV_PROPERTIES, signature_ecdsa_sha1,      "ECDSA signatures by a vault" },
	{ "ECDSA-SHA2-224",   AZKV_PROPERTIES, signature_ecdsa_sha224,    "ECDSA signatures by a vault" },
	{ "ECDSA-SHA2-256",   AZKV_PROPERTIES, signature_ecdsa_sha256,    "ECDSA signatures by a vault" },
	{ "ECDSA-SHA2-384",   AZKV_PROPERTIES, signature_ecdsa_sha384,    "ECDSA signatures by a vault" },
	{ "ECDSA-SHA2-512",   AZKV_PROPERTIES, signature_ecdsa_sha512,    "ECDSA signatures by a vault" },
	{ "ECDSA-SHA3-224",   AZKV_PROPERTIES, signature_ecdsa_sha3_224,  "ECDSA signatures by a vault" },
	{ "ECDSA-SHA3-256",   AZKV_PROPERTIES, signature_ecdsa_sha3_256,  "ECDSA signatures by a vault" },
	{ "ECDSA-SHA3-384",   AZKV_PROPERTIES, signature_ecdsa_sha3_384,  "ECDSA signatures by a vault" },
	{ "ECDSA-SHA3-512",   AZKV_PROPERTIES, signature_ecdsa_sha3_512,  "ECDSA signatures by a vault" },
	{ NULL, NULL, NULL, NULL },
};
static const OSSL_ALGORITHM ciphers[] = {
	{ RSA_NAMES, AZKV_PROPERTIES, cipher_rsa, "RSA decryption by a vault" },
	{ NULL, NULL, NULL, NULL },
};
/* The structure's name joins what reads PEM and what reads the DER in it. */
#define REFERENCE ",structure=azkv-reference"
static const OSSL_ALGORITHM decoders[] = {
	{ "DER",     AZKV_PROPERTIES ",input=pem",           decoder_pem, "reference files" },
	{ RSA_NAMES, AZKV_PROPERTIES ",input=der" REFERENCE, decoder_rsa, "reference files" },
	{ EC_NAMES,  AZKV_PROPERTIES ",input=der" REFERENCE, decoder_ec,  "reference files" },
	{ NULL, NULL, NULL, NULL },
};
#define AS_PEM ",output=pem,structure=PrivateKeyInfo"
static const OSSL_ALGORITHM encoders[] = {
	{ RSA_NAMES, AZKV_PROPERTIES AS_PEM,         encoder_pem,  "reference files" },
	{ EC_NAMES,  AZKV_PROPERTIES AS_PEM,         encoder_pem,  "reference files" },
	{ RSA_NAMES, AZKV_PROPERTIES ",output=text", encoder_text, "names of keys" },
	{ EC_NAMES,  AZKV_PROPERTIES ",output=text", encoder_text, "names of keys" },
	{ NULL, NULL, NULL, NULL },
};

static const struct {
	int operation;
	const OSSL_ALGORITHM *algorithms;
} map[] = {
	{ OSSL_OP_STORE,       stores },
	{ OSSL_OP_KEYMGMT,     keymgmts },
	{ OSSL_OP_SIGNATURE,   signatures },
	{ OSSL_OP_ASYM_CIPHER, ciphers },
	{ OSSL_OP_DECODER,     decoders },
	{ OSSL_OP_ENCODER,     encoders },
};
// clang-format on

static const OSSL_ALGORITHM *provider_query(void *self, int operation, int *ret_no_cache)
{
	(void)self;
	*ret_no_cache = 0;
	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		if (map[i].operation == operation)
			return map[i].algorithms;
	return NULL;
}

static const OSSL_PARAM *provider_gettable(void *self)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, NULL, 0),
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, NULL, 0),
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_BUILDINFO, NULL, 0),
		OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, NULL),
		OSSL_PARAM_END,
	};

	(void)self;
	return params;
}

static int provider_get(void *self, OSSL_PARAM params[])
{
	static const char *const texts[][2] = {
		{ OSSL_PROV_PARAM_NAME, "mi-token: keys in Azure Key Vault" },
		{ OSSL_PROV_PARAM_VERSION, MI_TOKEN_VERSION },
		{ OSSL_PROV_PARAM_BUILDINFO, "built with " OPENSSL_VERSION_TEXT },
	};
	OSSL_PARAM *param = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);

	(void)self;
	if (param && !OSSL_PARAM_set_int(param, 1))
		return 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		param = OSSL_PARAM_locate(params, texts[i][0]);
		if (param && !OSSL_PARAM_set_utf8_ptr(param, texts[i][1]))
			return 0;
	}
	return 1;
}

static const OSSL_ITEM *provider_reasons(void *self)
{
	(void)self;
	return raise_reasons;
}

/* Runs in OPENSSL_cleanup() too, when the process ends: nothing but memory and descriptors
 * is given back. */
static void provider_free(void *self)
{
	struct provider *p = self;

	vault_free(p->vault);
	inner_free(p);
	OSSL_LIB_CTX_free(p->app);
	free(p);
}

static const OSSL_DISPATCH provider_table[] = {
	{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))provider_query },
	{ OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))provider_gettable },
	{ OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))provider_get },
	{ OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, (void (*)(void))provider_reasons },
	{ OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))groups_tell },
	{ OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))provider_free },
	{ 0, NULL },
};

/* What the provider's section in openssl.cnf says; programs that read none get defaults.
 * OpenSSL itself takes `identity` there for another name of the provider. */
struct section {
	const char *identity, *timeout, *tls_rsa;
};

static bool read_section(const OSSL_CORE_HANDLE *handle,
	OSSL_FUNC_core_get_params_fn *get_params, struct section *ret)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_ptr("token-identity", &ret->identity, 0),
		OSSL_PARAM_utf8_ptr("timeout", &ret->timeout, 0),
		OSSL_PARAM_utf8_ptr("tls-rsa", &ret->tls_rsa, 0),
		OSSL_PARAM_END,
	};

	return !get_params || get_params(handle, params);
}

static int configure(struct provider *p, OSSL_FUNC_core_get_params_fn *get_params)
{
	struct section section = { 0 };
	struct vault_settings settings = { 0 };

	if (!read_section(p->handle, get_params, &section))
		return raise_reason(
			p, REASON_FAILED, "cannot read openssl.cnf's section");
	settings.identity = section.identity;
	if (section.timeout && !text_to_ms(section.timeout, &settings.timeout_ms))
		return raise_reason(p, REASON_FAILED,
			"timeout in openssl.cnf is no time span, as in 10s");
	p->allows_tls_rsa = section.tls_rsa && strcmp(section.tls_rsa, "yes") == 0;
	if (section.tls_rsa && !p->allows_tls_rsa && strcmp(section.tls_rsa, "no") != 0)
		return raise_reason(
			p, REASON_FAILED, "tls-rsa in openssl.cnf is neither yes nor no");
	p->vault = vault_new(&settings);
	return p->vault ? 1 : raise_reason(p, REASON_FAILED, "out of memory");
}

static OSSL_FUNC_core_get_params_fn *take_core(
	struct provider *p, const OSSL_DISPATCH *in)
{
	OSSL_FUNC_core_get_params_fn *get_params = NULL;

	for (; in->function_id; in++)
		switch (in->function_id) {
		case OSSL_FUNC_CORE_GET_PARAMS:
			get_params = OSSL_FUNC_core_get_params(in);
			break;
		case OSSL_FUNC_CORE_NEW_ERROR:
			p->new_error = OSSL_FUNC_core_new_error(in);
			break;
		case OSSL_FUNC_CORE_SET_ERROR_DEBUG:
			p->set_error_debug = OSSL_FUNC_core_set_error_debug(in);
			break;
		case OSSL_FUNC_CORE_VSET_ERROR:
			p->vset_error = OSSL_FUNC_core_vset_error(in);
			break;
		default:
			break;
		}
	return get_params;
}

/* The one symbol of azkv.so (provider-base(7)). */
OSSL_provider_init_fn OSSL_provider_init;

__attribute__((visibility("default"))) int OSSL_provider_init(
	const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
	const OSSL_DISPATCH **ret, void **ret_self)
{
	struct provider *p = calloc(1, sizeof(*p));
	OSSL_FUNC_core_get_params_fn *get_params;

	if (!p)
		return 0;
	p->handle = handle;
	get_params = take_core(p, in);
	p->app = OSSL_LIB_CTX_new_from_dispatch(handle, in);
	if (!p->app || !configure(p, get_params)) {
		provider_free(p);
		return 0;
	}
	*ret = provider_table;
	*ret_self = p;
	return 1;
}
