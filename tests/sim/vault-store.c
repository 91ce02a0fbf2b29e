/* The keys themselves: made or read at first use, then used by any number of threads.
 * SPDX-License-Identifier: MIT */
#include "vault.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls.h"

const struct vault_curve vault_curves[] = {
	{ "P-256", "prime256v1", 32 },
	{ "P-384", "secp384r1", 48 },
	{ "P-521", "secp521r1", 66 },
	{ "P-256K", "secp256k1", 32 },
	{ NULL, NULL, 0 },
};

static const struct vault_curve *curve_find(const char *name)
{
	const struct vault_curve *v = vault_curves;

	while (v->crv && strcmp(v->crv, name) != 0 && strcmp(v->group, name) != 0)
		v++;
	return v->crv ? v : NULL;
}

static const char *text_of(const struct vault_item *item, const char *name)
{
	struct json_object *o = vault_item_member(item, name);

	return o ? json_object_get_string(o) : NULL;
}

static char *copy(const char *text)
{
	char *made = text ? strdup(text) : NULL;

	if (text && !made)
		abort();
	return made;
}

/* The names of a certificate as OpenSSL's extensions are written. */
static void add_alt(const struct vault_item *item, struct text *ret)
{
	struct json_object *sans = vault_item_member(item, "sans");
	size_t count = sans ? json_object_array_length(sans) : 0;

	if (!count)
		text_addf(ret, "DNS:%s", item->name);
	for (size_t i = 0; i < count; i++) {
		const char *name =
			json_object_get_string(json_object_array_get_idx(sans, i));
		bool address = strspn(name, "0123456789.") == strlen(name);

		text_addf(ret, "%s%s:%s", i ? "," : "", address ? "IP" : "DNS", name);
	}
}

/* Kind and size: of a file's key the file tells. */
static void set_kind(const struct vault_item *item, struct vault_key *key)
{
	const char *crv = text_of(item, "crv"), *kty = text_of(item, "kty");
	struct json_object *size = vault_item_member(item, "size");

	if (crv || (kty && text_starts(kty, "EC"))) {
		key->curve = curve_find(crv ? crv : "P-256");
		key->size = key->curve->size;
	} else {
		key->size = size ? (size_t)json_object_get_int(size) / 8 : 256;
	}
}

static struct vault_key *key_new(const struct vault_item *item)
{
	struct vault_key *key = calloc(1, sizeof(*key));
	const char *subject = text_of(item, "subject");
	AUTO_TEXT alt = { 0 };

	if (!key || pthread_mutex_init(&key->making, NULL) != 0)
		abort();
	set_kind(item, key);
	key->pem = copy(text_of(item, "pem"));
	if (!item->certificate)
		return key;
	add_alt(item, &alt);
	key->alt = text_move(&alt);
	key->subject = copy(subject ? subject : item->name);
	return key;
}

static void key_free(struct vault_key *key)
{
	free(key->id);
	free(key->pem);
	free(key->subject);
	free(key->alt);
	(void)pthread_mutex_destroy(&key->making);
	free(key);
}

/* A scenario that says the same again gets the same key again: RSA keys take long. */
struct vault_key *vault_store_find(
	const struct vault_call *c, const struct vault_item *item)
{
	struct vault_key *key = key_new(item);
	AUTO_TEXT id = { 0 };

	text_addf(&id, "%s/%s/%s %s %zu %s %s %s", c->host, item->name, item->version,
		key->curve ? key->curve->crv : "RSA", key->size, key->pem ? key->pem : "",
		key->subject ? key->subject : "", key->alt ? key->alt : "");
	for (struct vault_key *k = c->w->vault_keys; k; k = k->next) {
		if (strcmp(k->id, text_peek(&id)) != 0)
			continue;
		key_free(key);
		return k;
	}
	key->id = text_move(&id);
	key->next = c->w->vault_keys;
	c->w->vault_keys = key;
	return key;
}

/* What the file has must be a key that a vault can have. */
static bool read_pem(struct vault_key *key)
{
	FILE *f = fopen(key->pem, "re");
	char group[64] = "";

	if (!f)
		return false;
	key->pkey = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	(void)fclose(f);
	if (!key->pkey)
		return false;
	key->curve = NULL;
	key->size = (size_t)EVP_PKEY_get_size(key->pkey);
	if (EVP_PKEY_is_a(key->pkey, "RSA"))
		return key->size == 256 || key->size == 384 || key->size == 512;
	if (!EVP_PKEY_get_group_name(key->pkey, group, sizeof(group), NULL))
		return false;
	key->curve = curve_find(group);
	key->size = key->curve ? key->curve->size : 0;
	return key->curve != NULL;
}

static bool make(const struct world *w, struct vault_key *key)
{
	bool good = true;

	if (key->pem)
		good = read_pem(key);
	else
		key->pkey = key->curve ? EVP_EC_gen(key->curve->group)
				       : EVP_RSA_gen((unsigned)key->size * 8);
	if (good && key->pkey && key->alt)
		key->cert = tls_issue(w, key->pkey, key->subject, key->alt);
	if (good && key->pkey && (!key->alt || key->cert))
		return true;
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
	return false;
}

bool vault_store_make(const struct world *w, struct vault_key *key)
{
	if (atomic_load_explicit(&key->made, memory_order_acquire))
		return true;
	pthread_mutex_lock(&key->making);
	if (!key->made && make(w, key))
		atomic_store_explicit(&key->made, true, memory_order_release);
	pthread_mutex_unlock(&key->making);
	return key->made;
}

struct json_object *vault_base64url(const unsigned char *data, size_t len)
{
	AUTO_TEXT text = { 0 };

	text_add_base64url(&text, data, len);
	return json_object_new_string(text_peek(&text));
}

/* As many bytes as size tells, or (0) as the number has. */
static void add_number(const struct vault_key *key, const char *param, size_t size,
	struct json_object *to, const char *name)
{
	unsigned char bytes[512];
	BIGNUM *n = NULL;

	if (EVP_PKEY_get_bn_param(key->pkey, param, &n) != 1)
		abort();
	size = size ? size : (size_t)BN_num_bytes(n);
	if (size > sizeof(bytes) || BN_bn2binpad(n, bytes, (int)size) < 0)
		abort();
	BN_free(n);
	(void)json_object_object_add(to, name, vault_base64url(bytes, size));
}

void vault_store_add_jwk(const struct vault_key *key, struct json_object *jwk)
{
	if (!key->curve) {
		add_number(key, OSSL_PKEY_PARAM_RSA_N, key->size, jwk, "n");
		add_number(key, OSSL_PKEY_PARAM_RSA_E, 0, jwk, "e");
		return;
	}
	(void)json_object_object_add(jwk, "crv", json_object_new_string(key->curve->crv));
	add_number(key, OSSL_PKEY_PARAM_EC_PUB_X, key->size, jwk, "x");
	add_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, key->size, jwk, "y");
}
