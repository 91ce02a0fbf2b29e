/* The keys of a vault for tests, and the program around it.
 * SPDX-License-Identifier: MIT */
#include "fake.h"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <stdlib.h>
#include <unistd.h>

#include "openssl/azkv.h"

OSSL_LIB_CTX *fake_program, *fake_plain;
// clang-format off
const char *const fake_names[] = { "rsa2048", "rsa3072", "p256", "p256k", "p384", "p521" };
static const struct {
	size_t bits;       /* RSA */
	const char *group; /* EC */
} kinds[FAKE_NAMES] = {
	{ 2048, NULL }, { 3072, NULL },
	{ 0, "P-256" }, { 0, "secp256k1" }, { 0, "P-384" }, { 0, "P-521" },
};
// clang-format on

EVP_PKEY *fake_keys[FAKE_NAMES], *fake_others[FAKE_NAMES];
OSSL_PROVIDER *fake_azkv;
static OSSL_PROVIDER *openssls;

bool fake_is_rsa(const char *name)
{
	return name[0] == 'r';
}

size_t fake_index(const char *name)
{
	for (size_t i = 0; i < FAKE_NAMES; i++)
		if (strcmp(fake_names[i], name) == 0)
			return i;
	abort();
}

static EVP_PKEY *make_key(size_t i)
{
	const char *group = kinds[i].group;
	EVP_PKEY *key = group ? EVP_PKEY_Q_keygen(fake_plain, NULL, "EC", group)
			      : EVP_PKEY_Q_keygen(fake_plain, NULL, "RSA", kinds[i].bits);

	if (!key)
		abort();
	return key;
}

OSSL_provider_init_fn OSSL_provider_init;

void fake_start(void)
{
	fake_plain = OSSL_LIB_CTX_new();
	fake_program = OSSL_LIB_CTX_new();
	for (size_t i = 0; i < FAKE_NAMES; i++) {
		fake_keys[i] = make_key(i);
		/* Another RSA key of 3072 bits takes long to find. */
		fake_others[i] = i == 1 ? NULL : make_key(i);
	}
	if (!OSSL_PROVIDER_add_builtin(fake_program, "azkv", OSSL_provider_init))
		abort();
	openssls = OSSL_PROVIDER_load(fake_program, "default");
	fake_azkv = OSSL_PROVIDER_load(fake_program, "azkv");
	if (!openssls || !fake_azkv)
		abort();
}

OSSL_LIB_CTX *fake_configured(const char *lines)
{
	char path[] = "/tmp/mi-token-test.XXXXXX";
	OSSL_LIB_CTX *program = OSSL_LIB_CTX_new();
	FILE *f = fdopen(mkstemp(path), "w");

	if (!program || !f ||
		!OSSL_PROVIDER_add_builtin(program, "azkv", OSSL_provider_init))
		abort();
	(void)fprintf(f,
		"openssl_conf = first\n[first]\nproviders = all\n"
		"[all]\ndefault = on\nazkv = ours\n[on]\nactivate = 1\n"
		"[ours]\nactivate = 1\n%s\n",
		lines);
	(void)fclose(f);
	if (!OSSL_LIB_CTX_load_config(program, path))
		abort();
	(void)unlink(path);
	return program;
}

void fake_end(void)
{
	for (size_t i = 0; i < FAKE_NAMES; i++) {
		EVP_PKEY_free(fake_keys[i]);
		EVP_PKEY_free(fake_others[i]);
	}
	(void)OSSL_PROVIDER_unload(fake_azkv);
	(void)OSSL_PROVIDER_unload(openssls);
	OSSL_LIB_CTX_free(fake_program);
	OSSL_LIB_CTX_free(fake_plain);
}

/* The keys. */

EVP_PKEY *fake_copy(
	EVP_PKEY *from, int selection, OSSL_LIB_CTX *to, const char *properties)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(
		to, EVP_PKEY_is_a(from, "RSA") ? "RSA" : "EC", properties);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *copy = NULL;

	if (!ctx || !EVP_PKEY_todata(from, selection, &params) ||
		EVP_PKEY_fromdata_init(ctx) <= 0 ||
		EVP_PKEY_fromdata(ctx, &copy, selection, params) <= 0)
		abort();
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return copy;
}

EVP_PKEY *fake_whole(const char *name)
{
	EVP_PKEY *key = fake_keys[fake_index(name)];

	(void)EVP_PKEY_up_ref(key);
	return key;
}

EVP_PKEY *fake_public(const char *name)
{
	return fake_copy(
		fake_keys[fake_index(name)], EVP_PKEY_PUBLIC_KEY, fake_plain, NULL);
}

EVP_PKEY *fake_foreign(const char *name)
{
	return fake_copy(fake_keys[fake_index(name)], EVP_PKEY_KEYPAIR, fake_program,
		"provider=azkv");
}

EVP_PKEY *fake_key(const char *host, const char *name)
{
	return fake_key_in(fake_program, host, name);
}

EVP_PKEY *fake_key_in(OSSL_LIB_CTX *program, const char *host, const char *name)
{
	char uri[200];
	OSSL_STORE_CTX *store;
	OSSL_STORE_INFO *info;
	EVP_PKEY *key;

	(void)snprintf(uri, sizeof(uri), "azkv://%s/keys/%s", host, name);
	store = OSSL_STORE_open_ex(uri, program, NULL, NULL, NULL, NULL, NULL, NULL);
	info = store ? OSSL_STORE_load(store) : NULL;
	key = info ? OSSL_STORE_INFO_get1_PKEY(info) : NULL;
	if (!key) {
		ERR_print_errors_fp(stderr);
		abort();
	}
	OSSL_STORE_INFO_free(info);
	(void)OSSL_STORE_close(store);
	return key;
}

/* The error queue. */

int fake_reason(void)
{
	unsigned long code;
	int reason = 0;

	while ((code = ERR_get_error()) != 0)
		if (ERR_GET_LIB(code) >= ERR_LIB_USER)
			reason = ERR_GET_REASON(code);
	return reason;
}

bool fake_is_quiet(void)
{
	if (ERR_peek_error() == 0)
		return true;
	ERR_print_errors_fp(stderr);
	return false;
}
