/* OpenSSL with our provider, in a context that no configuration has touched.
 * SPDX-License-Identifier: MIT */
#include "library.h"

#include <errno.h>
#include <openssl/conf.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "section.h"

/* What the reasons of azkv are for us (azkv(7), DIAGNOSTICS). */
static const struct {
	int reason;
	enum mitok_code code;
} codes[] = {
	// clang-format off
	{ 2,  MITOK_E_ARG },        /* not the name of a key in a vault */
	{ 3,  MITOK_E_ARG },        /* not a good reference file */
	{ 4,  MITOK_E_ARG },        /* not possible with this key */
	{ 5,  MITOK_E_ARG },        /* the private key stays in its vault */
	{ 6,  MITOK_E_ARG },        /* not among what a vault can do */
	{ 7,  MITOK_E_ARG },        /* wrong size */
	{ 8,  MITOK_E_NOIDENTITY }, /* no token for the vault */
	{ 9,  MITOK_E_DENIED },     /* refused by the vault */
	{ 10, MITOK_E_LATER },      /* the vault does not answer */
	{ 11, MITOK_E_REPLY },      /* not a good answer of the vault */
	{ 12, MITOK_E_REPLY },      /* the key has another version */
	{ 13, MITOK_E_CONF },       /* a mistake in the configuration */
	{ 14, MITOK_E_DENIED },     /* a token for the vault is refused */
	{ 15, MITOK_E_LATER },      /* no token for the vault now */
	{ 16, MITOK_E_NOIDENTITY }, /* the vault does not have it */
	// clang-format on
};

static enum mitok_code code_of(unsigned long error)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].reason == ERR_GET_REASON(error))
			return codes[i].code;
	return MITOK_E_BUG;
}

static bool is_ours(unsigned long error)
{
	const char *library = ERR_lib_error_string(error);

	return library && strcmp(library, "azkv") == 0;
}

enum mitok_code library_error(struct mitok_err *e, const char *what)
{
	enum mitok_code r = err_set(e, MITOK_E_BUG, "%s failed in OpenSSL", what);
	bool has_ours = false, has_words = false;
	unsigned long error;
	const char *data;
	int flags;

	while ((error = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) &&
		!has_ours) {
		const char *reason = ERR_reason_error_string(error);
		bool has_data = (flags & ERR_TXT_STRING) && *data;

		has_ours = is_ours(error) && has_data;
		if (has_ours)
			r = err_set(e, code_of(error), "%s", data);
		else if (!has_words && reason)
			r = err_set(e, MITOK_E_ARG, "%s: %s%s%s", what, reason,
				has_data ? ": " : "", has_data ? data : "");
		has_words = has_words || reason;
	}
	ERR_clear_error();
	return r;
}

static bool has_module(const char *folder, const char *below, char ret[PATH_MAX])
{
	int n = snprintf(ret, PATH_MAX, "%s%s/azkv.so", folder, below);

	return n > 0 && n < PATH_MAX && access(ret, R_OK) == 0;
}

enum mitok_code library_find(char ret[PATH_MAX], struct mitok_err *e)
{
	const char *modules = OPENSSL_info(OPENSSL_INFO_MODULES_DIR);
	char folder[PATH_MAX], path[PATH_MAX];

	if (process_folder(folder) &&
		has_module(folder, "/../../lib/ossl-modules", path) &&
		realpath(path, ret))
		return MITOK_OK;
	if (modules && has_module(modules, "", path)) {
		*ret = '\0';
		return MITOK_OK;
	}
	return err_hint(e,
		err_set(e, MITOK_E_CONF, "there is no azkv.so in %s",
			modules ? modules : "OpenSSL's folder of modules"),
		"install the part of mi-token that has it");
}

enum mitok_code library_load(struct library *ret, struct mitok_err *e)
{
	char path[PATH_MAX] = "";
	enum mitok_code r = library_find(path, e);

	if (r)
		return r;
	*ret = (struct library){ .ctx = OSSL_LIB_CTX_new() };
	if (!ret->ctx)
		return err_memory(e);
	if (path[0]) {
		*strrchr(path, '/') = '\0';
		if (!OSSL_PROVIDER_set_default_search_path(ret->ctx, path))
			return err_memory(e);
	}
	ret->theirs = OSSL_PROVIDER_load(ret->ctx, "default");
	ret->ours = ret->theirs ? OSSL_PROVIDER_load(ret->ctx, "azkv") : NULL;
	if (ret->ours)
		return MITOK_OK;
	r = library_error(e, "loading the provider azkv");
	return r == MITOK_E_ARG ? MITOK_E_CONF : r;
}

/* The name of the provider that an unqualified fetch gets; "" when nobody has it. */
static void first_for(OSSL_LIB_CTX *ctx, bool is_digest, char ret[64])
{
	EVP_MD *md = is_digest ? EVP_MD_fetch(ctx, "SHA2-256", NULL) : NULL;
	EVP_KEYMGMT *keys = is_digest ? NULL : EVP_KEYMGMT_fetch(ctx, "EC", NULL);
	const OSSL_PROVIDER *p = NULL;

	if (md)
		p = EVP_MD_get0_provider(md);
	else if (keys)
		p = EVP_KEYMGMT_get0_provider(keys);
	(void)snprintf(ret, 64, "%s", p ? OSSL_PROVIDER_get0_name(p) : "");
	EVP_MD_free(md);
	EVP_KEYMGMT_free(keys);
	ERR_clear_error();
}

enum mitok_code library_configure(struct library *ret, struct mitok_err *e)
{
	char *path = CONF_get1_default_config_file();
	struct section section;
	enum mitok_code r;

	*ret = (struct library){ .ctx = OSSL_LIB_CTX_new() };
	if (!ret->ctx || !path) {
		OPENSSL_free(path);
		return err_memory(e);
	}
	r = section_of(path, &section, e);
	if (!r) {
		(void)OSSL_LIB_CTX_load_config(ret->ctx, path);
		/* Before a provider is looked for by its name: that brings them into the
		 * order of the alphabet. */
		first_for(ret->ctx, true, ret->digests);
		first_for(ret->ctx, false, ret->keys);
	}
	if (!r && OSSL_PROVIDER_available(ret->ctx, "azkv")) {
		ret->ours = OSSL_PROVIDER_load(ret->ctx, "azkv");
		(void)!TEXT_COPY(ret->identity, section.identity);
	} else if (!r && section.is_named) {
		r = err_set(e, MITOK_E_CONF,
			"'%s' names azkv, and OpenSSL cannot load it", path);
	}
	ERR_clear_error();
	OPENSSL_free(path);
	return r;
}

enum mitok_code library_report(
	const struct library *l, struct report *rep, struct mitok_err *e)
{
	if (!l->digests[0])
		return err_hint(e,
			err_set(e, MITOK_E_CONF, "OpenSSL's own provider is not active"),
			"list `default` before azkv, with activate = 1 in its section");
	if (strcmp(l->keys, "azkv") == 0) {
		report_warn(rep, "openssl.cnf",
			"loads azkv before default: other keys take a detour");
		report_advice(rep, "list default before azkv");
	} else {
		report_ok(rep, "openssl.cnf", "loads %s, then azkv", l->keys);
	}
	return MITOK_OK;
}

const char *library_version(const struct library *l)
{
	const char *version = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, &version, 0),
		OSSL_PARAM_END,
	};

	return OSSL_PROVIDER_get_params(l->ours, params) && version ? version : "";
}

void library_free(struct library *l)
{
	if (l->ours)
		(void)OSSL_PROVIDER_unload(l->ours);
	if (l->theirs)
		(void)OSSL_PROVIDER_unload(l->theirs);
	OSSL_LIB_CTX_free(l->ctx);
	*l = (struct library){ .ctx = NULL };
}

static bool is_uri(const char *typed)
{
	static const char *const schemes[] = { "azkv:", "managedhsm:", "keyvault:" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (text_starts(typed, schemes[i]))
			return true;
	return false;
}

enum mitok_code library_name(
	const struct options *o, const char *typed, struct text *ret, struct mitok_err *e)
{
	bool is_pasted = text_starts_nocase(typed, "https://");

	if (o->identity && !is_pasted && !is_uri(typed))
		return err_set(e, MITOK_E_ARG,
			"--identity is for a URI: a reference file has its own");
	if (is_pasted)
		text_add(ret, "azkv:");
	text_add(ret, typed);
	if (o->identity) {
		text_add(ret, strchr(typed, '?') ? "&identity=" : "?identity=");
		text_add_url(ret, o->identity);
	}
	return text_ok(ret) ? MITOK_OK : err_memory(e);
}

void library_free_bio(BIO **bio)
{
	(void)BIO_free(*bio);
}

static void close_store(OSSL_STORE_CTX **store)
{
	(void)OSSL_STORE_close(*store);
}

/* Of the kind that was expected alone. */
static bool read_all(OSSL_STORE_CTX *store, const struct library_ask *ask)
{
	bool goes_on = true, found = false;

	while (goes_on && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info && OSSL_STORE_INFO_get_type(info) == ask->kind) {
			found = true;
			goes_on = ask->each(ask->arg, info);
		}
		OSSL_STORE_INFO_free(info);
	}
	return found;
}

static enum mitok_code check_file(const char *name, struct mitok_err *e)
{
	enum mitok_code r;

	if (is_uri(name) || access(name, R_OK) == 0)
		return MITOK_OK;
	r = err_set(e, MITOK_E_ARG, "cannot open '%s': %s", name, strerror(errno));
	return strchr(name, '/') == name
		? r
		: err_hint(e, r, "a key in a vault is azkv://HOST/keys/NAME");
}

/* Of a whole vault OpenSSL gives names, and no error. */
static enum mitok_code explain(const struct library_ask *ask, struct mitok_err *e)
{
	bool wants_key = ask->kind == OSSL_STORE_INFO_PKEY;

	if (ERR_peek_error())
		return library_error(e, ask->name);
	return err_hint(e,
		err_set(e, MITOK_E_ARG, "'%s' names no %s", ask->name,
			wants_key ? "key" : "certificate"),
		"write azkv://HOST/%s/NAME", wants_key ? "keys" : "certificates");
}

enum mitok_code library_read(
	struct library *l, const struct library_ask *ask, struct mitok_err *e)
{
	enum mitok_code r = check_file(ask->name, e);
	__attribute__((cleanup(close_store))) OSSL_STORE_CTX *store =
		OSSL_STORE_open_ex(ask->name, l->ctx, NULL, NULL, NULL, NULL, NULL, NULL);

	if (!r &&
		(!store || !OSSL_STORE_expect(store, ask->kind) || !read_all(store, ask)))
		r = explain(ask, e);
	ERR_clear_error();
	return r;
}

static bool take_key(void *arg, OSSL_STORE_INFO *info)
{
	EVP_PKEY **ret = arg;

	*ret = OSSL_STORE_INFO_get1_PKEY(info);
	return false;
}

enum mitok_code library_read_key(
	struct library *l, const char *name, EVP_PKEY **ret, struct mitok_err *e)
{
	EVP_PKEY *found = NULL;
	enum mitok_code r = library_read(l,
		&(struct library_ask){ name, OSSL_STORE_INFO_PKEY, take_key, &found }, e);

	if (r)
		return r;
	if (!found)
		return err_memory(e);
	*ret = found;
	return MITOK_OK;
}

bool library_key_uri(EVP_PKEY *key, char *ret, size_t size)
{
	bool done = EVP_PKEY_get_utf8_string_param(key, "azkv-uri", ret, size, NULL) == 1;

	ERR_clear_error();
	return done;
}
