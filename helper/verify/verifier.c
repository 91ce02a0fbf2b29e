/* A token is verified: all that has to hold, in one call.
 * SPDX-License-Identifier: MIT */
#include "verifier.h"

#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "shelf.h"

#define JWKS_MAX ((size_t)256 * 1024)

static int64_t now_s(void)
{
	return clock_now().real_s;
}

enum mitok_code verifier_start(struct verifier *v, const char *cache, struct mitok_err *e)
{
	enum mitok_code r;

	v->policy.trust = &v->trust;
	v->ring.crypto = &v->crypto;
	v->ring.trust = &v->trust;
	v->ring.shelf = -1;
	v->ring.now_s = now_s;
	keyring_start(&v->ring);
	r = crypto_start(&v->crypto, e);
	return r ? r : shelf_open(cache, &v->ring.shelf, e);
}

enum mitok_code verifier_use_file(
	struct verifier *v, const char *path, struct mitok_err *e)
{
	const struct file_ask ask = { .path = path,
		.rules = FILE_ROOT_OR_US | FILE_NO_WRITERS,
		.limit = JWKS_MAX };
	AUTO_SECRET bytes = { 0 };
	AUTO_JSON document = NULL;
	enum mitok_code r = file_read(AT_FDCWD, &ask, &bytes, e);

	if (r)
		return r;
	r = json_parse(secret_peek(&bytes), bytes.len, &document, e);
	if (!r)
		r = keyset_read(&v->crypto, document, &v->given, e);
	if (r)
		return err_within(e, r, "'%s'", path);
	memcpy(v->given->tenant, v->trust.tenant, GUID_SIZE);
	return MITOK_OK;
}

void verifier_stop(struct verifier *v)
{
	keyset_free(v->given);
	v->given = NULL;
	keyring_stop(&v->ring);
	file_close(&v->ring.shelf);
	crypto_stop(&v->crypto);
}

static void free_keyset(struct keyset **s)
{
	keyset_free(*s);
}

static enum reason check_signature(struct verifier *v, const struct token *t,
	const struct claims *c, struct mitok_err *e)
{
	__attribute__((cleanup(free_keyset))) struct keyset *keys = NULL;
	enum reason why = REASON_NONE;
	struct jwk *k;

	if (v->given)
		keys = keyset_share(v->given);
	else
		why = reason_of(keyring_get(&v->ring, c->version, t->kid, &keys, e));
	if (why)
		return why;
	/* Known now, if the tenant is a domain. */
	if (strcmp(keys->tenant, c->tenant) != 0)
		return reason_refuse(e, REASON_TENANT,
			"it is from the tenant '%s', not from '%s'", c->tenant,
			keys->tenant);
	k = keyset_find(keys, t->kid, c->issuer, &why, e);
	return k ? jwk_verify(&v->crypto, k, t, e) : why;
}

enum reason verifier_check(struct verifier *v, const struct secret *text,
	struct token *ret, struct claims *ret_claims, struct mitok_err *e)
{
	enum reason r = token_read(secret_peek(text), text->len, ret, e);

	if (!r)
		r = policy_read(&v->policy, ret, v->ring.now_s(), ret_claims, e);
	if (!r)
		r = check_signature(v, ret, ret_claims, e);
	return r ? r : policy_admit(&v->policy, ret, ret_claims, e);
}
