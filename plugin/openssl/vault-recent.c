/* What came of the last calls, for a second.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-recent.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct outcome {
	char *what;
	int64_t until_ms;
	struct mitok_err error; /* code MITOK_OK: it is about a key */
	OSSL_LIB_CTX *inner;
	struct vault_key key;
};

static void outcome_free(struct outcome *o)
{
	if (!o)
		return;
	vault_key_wipe(&o->key);
	free(o->what);
	free(o);
}

void vault_recent_done(struct vault_recent *r)
{
	for (size_t i = 0; i < SHELF_SLOTS; i++)
		outcome_free(vault_shelf_take(&r->shelf, i));
}

/* Clocks that went back are no reason to believe it for longer. */
static bool is_stale(const struct outcome *o, int64_t now_ms)
{
	return now_ms >= o->until_ms || now_ms < o->until_ms - VAULT_RECENT_MS;
}

/* Takes it from the shelf; put_back() it. Whatever is stale is cleared away. */
static struct outcome *find(
	struct vault_recent *r, const char *what, bool is_key, int64_t now_ms)
{
	for (size_t i = 0; i < SHELF_SLOTS; i++) {
		struct outcome *o = vault_shelf_take(&r->shelf, i);

		if (!o)
			continue;
		if (!is_stale(o, now_ms)) {
			if (is_key == !o->error.code && strcmp(o->what, what) == 0)
				return o;
			if (vault_shelf_put(&r->shelf, o))
				continue;
		}
		outcome_free(o);
	}
	return NULL;
}

static void put_back(struct vault_recent *r, struct outcome *o)
{
	if (!vault_shelf_put(&r->shelf, o))
		outcome_free(o);
}

static struct outcome *outcome_new(const char *what, int64_t now_ms)
{
	struct outcome *o = calloc(1, sizeof(*o));

	if (o)
		o->what = strdup(what);
	if (!o || !o->what) {
		outcome_free(o);
		return NULL;
	}
	o->until_ms = now_ms + VAULT_RECENT_MS;
	return o;
}

/* Any slot will do when all are taken, so long as it is not always the same. */
static void add(struct vault_recent *r, struct outcome *o)
{
	size_t slot = text_hash(o->what, strlen(o->what)) % SHELF_SLOTS;

	if (!vault_shelf_put(&r->shelf, o))
		outcome_free(vault_shelf_swap(&r->shelf, slot, o));
}

void vault_recent_add_failure(struct vault_recent *r, const char *what, int64_t now_ms,
	const struct mitok_err *e)
{
	struct outcome *o = outcome_new(what, now_ms);

	if (!o)
		return;
	o->error = *e;
	add(r, o);
}

bool vault_recent_failure(
	struct vault_recent *r, const char *what, int64_t now_ms, struct mitok_err *ret)
{
	struct outcome *o = find(r, what, false, now_ms);

	if (!o)
		return false;
	*ret = o->error;
	put_back(r, o);
	return true;
}

void vault_recent_add_key(struct vault_recent *r, const char *what, int64_t now_ms,
	OSSL_LIB_CTX *inner, const struct vault_key *k)
{
	struct outcome *o = outcome_new(what, now_ms);

	if (!o || !EVP_PKEY_up_ref(k->public_key)) {
		outcome_free(o);
		return;
	}
	o->inner = inner;
	o->key = *k;
	add(r, o);
}

bool vault_recent_key(struct vault_recent *r, const char *what, int64_t now_ms,
	OSSL_LIB_CTX *inner, struct vault_key *ret)
{
	struct outcome *o = find(r, what, true, now_ms);
	bool found = o && o->inner == inner && EVP_PKEY_up_ref(o->key.public_key);

	if (found)
		*ret = o->key;
	if (o)
		put_back(r, o);
	return found;
}
