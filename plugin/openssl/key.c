/* A key as OpenSSL holds it, shared by everybody who uses it.
 * SPDX-License-Identifier: MIT */
#include "openssl/key.h"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openssl/raise.h"
#include "openssl/verifier.h"

static const char *const names[] = { [KEY_RSA] = "RSA", [KEY_EC] = "EC" };

const char *key_kind_name(enum key_kind kind)
{
	return names[kind];
}

struct key *key_new(struct provider *p, enum key_kind kind)
{
	struct key *k = calloc(1, sizeof(*k));

	if (!k) {
		(void)raise_reason(p, REASON_FAILED, "out of memory");
		return NULL;
	}
	k->provider = p;
	k->kind = kind;
	atomic_init(&k->refs, 1);
	return k;
}

struct key *key_of_vault(struct provider *p, struct vault_key *found)
{
	enum key_kind kind = EVP_PKEY_is_a(found->public_key, "EC") ? KEY_EC : KEY_RSA;
	struct key *k = key_new(p, kind);

	if (k) {
		k->vault = malloc(sizeof(*k->vault));
		if (!k->vault) {
			(void)raise_reason(p, REASON_FAILED, "out of memory");
			key_free(k);
			k = NULL;
		}
	}
	if (k) {
		*k->vault = found->uri;
		k->inner = found->public_key;
		found->public_key = NULL;
	}
	vault_key_wipe(found);
	return k;
}

struct key *key_ref(struct key *k)
{
	(void)atomic_fetch_add(&k->refs, 1);
	return k;
}

void key_free(struct key *k)
{
	if (!k || atomic_fetch_sub(&k->refs, 1) > 1)
		return;
	verifier_free(atomic_load(&k->verifier));
	EVP_PKEY_free(k->inner);
	free(k->vault);
	free(k);
}

int key_refuse_answer(const struct key *k, const char *verb, const char *fmt, ...)
{
	struct uri u = *k->vault;
	AUTO_TEXT name = { 0 };
	char why[400];
	va_list args;

	u.identity[0] = '\0';
	uri_format(&u, &name);
	va_start(args, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return raise_reason(k->provider, REASON_ANSWER, "cannot %s %s: %s", verb,
		text_peek(&name), why);
}

int key_give(struct key *k, OSSL_CALLBACK *callback, void *arg)
{
	int type = OSSL_OBJECT_PKEY, given;
	char *kind = (char *)(uintptr_t)key_kind_name(k->kind); /* only read */
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, kind, 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_OBJECT_PARAM_REFERENCE, &k, sizeof(void *)),
		OSSL_PARAM_construct_end(),
	};

	given = callback(params, arg);
	key_free(k); /* NULL when it was taken */
	return given;
}

/* The reference is the place of the pointer, which is emptied. */
struct key *key_take(const void *reference, size_t size, enum key_kind kind)
{
	struct key *k = NULL;

	if (!reference || size != sizeof(void *))
		return NULL;
	memcpy(&k, reference, sizeof(void *));
	if (!k || k->kind != kind)
		return NULL;
	memset((void *)(uintptr_t)reference, 0, sizeof(void *));
	return k;
}
