/* A vault in the test's own memory, and OpenSSL's contexts with azkv in them.
 * SPDX-License-Identifier: MIT */
#include "fakevault.h"

#include <openssl/core.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "openssl/vault.h"
#include "test.h"

OSSL_provider_init_fn OSSL_provider_init;

static struct fakevault only;

static X509 *make_certificate(
	const char *name, EVP_PKEY *key, const char *issuer, EVP_PKEY *by)
{
	X509 *c = X509_new();
	X509_NAME *n = X509_get_subject_name(c), *i = X509_NAME_new();

	CHECK(X509_NAME_add_entry_by_txt(
		n, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0));
	CHECK(X509_NAME_add_entry_by_txt(
		i, "CN", MBSTRING_ASC, (const unsigned char *)issuer, -1, -1, 0));
	CHECK(X509_set_version(c, X509_VERSION_3));
	CHECK(X509_set_issuer_name(c, i));
	X509_NAME_free(i);
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(c), 1));
	CHECK(X509_gmtime_adj(X509_getm_notBefore(c), -60) != NULL);
	CHECK(X509_gmtime_adj(X509_getm_notAfter(c), 3600) != NULL);
	CHECK(X509_set_pubkey(c, key));
	CHECK(X509_sign(c, by, EVP_sha256()) > 0);
	return c;
}

struct fakevault *fakevault(void)
{
	EVP_PKEY *ca;

	if (only.rsa)
		return &only;
	only.rsa = EVP_RSA_gen(2048);
	only.ec = EVP_EC_gen("P-256");
	ca = EVP_EC_gen("P-256");
	only.issuer = make_certificate("issuer", ca, "issuer", ca);
	only.rsa_leaf = make_certificate("rsa", only.rsa, "issuer", ca);
	only.ec_leaf = make_certificate("ec", only.ec, "issuer", ca);
	EVP_PKEY_free(ca);
	return &only;
}

struct fakevault *fakevault_reset(void)
{
	struct fakevault *v = fakevault();

	v->gets = v->certificates = v->lists = 0;
	v->fails = MITOK_OK;
	v->identity[0] = '\0';
	ERR_clear_error();
	return v;
}

unsigned fakevault_requests(void)
{
	return only.gets + only.certificates + only.lists;
}

OSSL_LIB_CTX *fakevault_context(bool azkv_first)
{
	OSSL_LIB_CTX *ctx = OSSL_LIB_CTX_new();

	CHECK(OSSL_PROVIDER_add_builtin(ctx, "azkv", OSSL_provider_init));
	CHECK(OSSL_PROVIDER_load(ctx, azkv_first ? "azkv" : "default") != NULL);
	CHECK(OSSL_PROVIDER_load(ctx, azkv_first ? "default" : "azkv") != NULL);
	return ctx;
}

#define LOADED_MAX 4
struct loaded {
	OSSL_PROVIDER *all[LOADED_MAX];
	size_t count;
};

static int note_loaded(OSSL_PROVIDER *p, void *arg)
{
	struct loaded *loaded = arg;

	loaded->all[loaded->count++] = p;
	return loaded->count < LOADED_MAX;
}

void fakevault_context_free(OSSL_LIB_CTX *ctx)
{
	struct loaded loaded = { .count = 0 };

	CHECK(OSSL_PROVIDER_do_all(ctx, note_loaded, &loaded));
	for (size_t i = 0; i < loaded.count; i++)
		CHECK(OSSL_PROVIDER_unload(loaded.all[i]));
	OSSL_LIB_CTX_free(ctx);
}

const char *fakevault_reasons(void)
{
	static char text[256];
	const char *data;
	unsigned long code;
	int flags;

	text[0] = '\0';
	while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
		const char *lib = ERR_lib_error_string(code);
		size_t len = strlen(text);

		/* A provider's errors have a library number of their own. */
		if (lib && strcmp(lib, "azkv") == 0)
			snprintf(text + len, sizeof(text) - len, "%s%d", len ? " " : "",
				ERR_GET_REASON(code));
	}
	return text;
}

/* The client that the provider is linked with. */
struct vault *vault_new(const struct vault_settings *s)
{
	(void)s;
	return malloc(1);
}

void vault_free(struct vault *v)
{
	free(v);
}

void vault_key_wipe(struct vault_key *k)
{
	EVP_PKEY_free(k->public_key);
	memset(k, 0, sizeof(*k));
}

enum mitok_code vault_resolve(struct vault *v, struct uri *u, struct mitok_err *e)
{
	(void)v;
	if (!strchr(u->host, '.'))
		CHECK(snprintf(u->host + strlen(u->host),
			      sizeof(u->host) - strlen(u->host), ".vault.azure.net") > 0);
	if (!text_ends_nocase(u->host, ".vault.azure.net"))
		return err_set(e, MITOK_E_DENIED, "'%s' is no vault", u->host);
	return MITOK_OK;
}

static enum mitok_code ask(unsigned *count, const struct uri *u, struct mitok_err *e)
{
	(*count)++;
	CHECK(TEXT_COPY(only.identity, u->identity));
	if (only.fails)
		return err_set(e, only.fails, "the vault is as the test wants it");
	if (u->kind != URI_LIST && strcmp(u->name, "rsa") != 0 &&
		strcmp(u->name, "ec") != 0)
		return err_set(e, MITOK_E_DENIED, "there is no '%s'", u->name);
	return MITOK_OK;
}

enum mitok_code vault_get_key(struct vault *v, const struct uri *u, OSSL_LIB_CTX *inner,
	struct vault_key *ret, struct mitok_err *e)
{
	enum mitok_code r = ask(&only.gets, u, e);
	unsigned char *der = NULL;
	const unsigned char *p;
	int len;

	(void)v;
	if (r)
		return r;
	len = i2d_PUBKEY(strcmp(u->name, "rsa") == 0 ? only.rsa : only.ec, &der);
	p = der;
	ret->uri = *u;
	ret->uri.kind = URI_KEY;
	ret->uri.with_chain = false;
	if (!u->version[0])
		CHECK(TEXT_COPY(ret->uri.version, FAKE_VERSION));
	ret->public_key = d2i_PUBKEY_ex(NULL, &p, len, inner, NULL);
	OPENSSL_free(der);
	return ret->public_key ? MITOK_OK : err_memory(e);
}

enum mitok_code vault_get_certificates(struct vault *v, const struct uri *u,
	bool (*each)(void *arg, const unsigned char *der, size_t len), void *arg,
	struct mitok_err *e)
{
	enum mitok_code r = ask(&only.certificates, u, e);
	X509 *chain[] = { strcmp(u->name, "rsa") == 0 ? only.rsa_leaf : only.ec_leaf,
		only.issuer };

	(void)v;
	for (int i = 0; !r && i <= u->with_chain; i++) {
		unsigned char *der = NULL;
		int len = i2d_X509(chain[i], &der);
		bool more = each(arg, der, (size_t)len);

		OPENSSL_free(der);
		if (!more)
			break;
	}
	return r;
}

enum mitok_code vault_list(struct vault *v, const struct uri *u,
	bool (*each)(void *arg, const struct uri *id), void *arg, struct mitok_err *e)
{
	static const struct {
		enum uri_kind kind;
		const char *name;
	} all[] = { { URI_KEY, "rsa" }, { URI_KEY, "ec" }, { URI_CERTIFICATE, "rsa" } };
	enum mitok_code r = ask(&only.lists, u, e);

	(void)v;
	for (size_t i = 0; !r && i < COUNT(all); i++) {
		struct uri id = { .kind = all[i].kind };

		CHECK(TEXT_COPY(id.host, u->host) && TEXT_COPY(id.name, all[i].name));
		if (!each(arg, &id))
			break;
	}
	return r;
}

/* The tests of signatures have another. */
enum mitok_code vault_do(struct vault *v, const struct vault_job *job, struct secret *ret,
	struct mitok_err *e)
{
	(void)v, (void)job, (void)ret;
	return err_set(e, MITOK_E_BUG, "no operation is wanted here");
}

bool vault_is_hsm(const struct uri *u)
{
	(void)u;
	return false;
}
