/* The keys of an issuer (RFC 7517, section 5), shared by threads.
 * SPDX-License-Identifier: MIT */
#include "keyset.h"

#include <stdlib.h>
#include <string.h>

/* Ids may be repeated, but not for another key: which of them would it be? */
static enum mitok_code add(struct keyset *s, struct jwk *k, struct mitok_err *e)
{
	for (const struct jwk *other = s->keys; other; other = other->next)
		if (strcmp(other->kid, k->kid) == 0 && !jwk_equals(other, k)) {
			(void)err_set(
				e, MITOK_E_REPLY, "two keys have the id '%s'", k->kid);
			jwk_free(k);
			return MITOK_E_REPLY;
		}
	k->next = s->keys;
	s->keys = k;
	return MITOK_OK;
}

static enum mitok_code read_all(const struct crypto *c, const struct json *list,
	struct keyset *s, struct mitok_err *e)
{
	unsigned count = 0;

	for (const struct json *j = list->child; j; j = j->next) {
		struct jwk *k = NULL;
		enum mitok_code r = MITOK_OK;

		if (++count > KEYSET_MAX)
			return err_set(e, MITOK_E_REPLY, "more than %d keys", KEYSET_MAX);
		r = jwk_read(c, j, &k, e);
		if (!r && k)
			r = add(s, k, e);
		if (r)
			return r;
	}
	if (s->keys)
		return MITOK_OK;
	return err_set(e, MITOK_E_REPLY, "no key in it is for verifying tokens");
}

enum mitok_code keyset_read(const struct crypto *c, const struct json *document,
	struct keyset **ret, struct mitok_err *e)
{
	const struct json *list = json_member(document, "keys");
	struct keyset *s;
	enum mitok_code r;

	if (!list || list->kind != JSON_ARRAY)
		return err_set(e, MITOK_E_REPLY,
			"no set of keys: there is no array 'keys' (RFC 7517)");
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_memory(e);
	atomic_init(&s->users, 1);
	r = read_all(c, list, s, e);
	if (r)
		keyset_free(s);
	else
		*ret = s;
	return r;
}

struct keyset *keyset_share(struct keyset *s)
{
	atomic_fetch_add(&s->users, 1);
	return s;
}

void keyset_free(struct keyset *s)
{
	if (!s || atomic_fetch_sub(&s->users, 1) > 1)
		return;
	for (struct jwk *k = s->keys, *next; k; k = next) {
		next = k->next;
		jwk_free(k);
	}
	free(s);
}

bool keyset_has(const struct keyset *s, const char *kid)
{
	for (const struct jwk *k = s->keys; k; k = k->next)
		if (strcmp(k->kid, kid) == 0)
			return true;
	return false;
}

/* A GUID is written in the place of the first "{tenantid}". */
static bool is_issuer(const char *of_key, const char *tenant, const char *issuer)
{
	static const char hole[] = "{tenantid}";
	const char *at = strstr(of_key, hole);
	size_t before = at ? (size_t)(at - of_key) : 0;

	if (!at)
		return strcmp(of_key, issuer) == 0;
	return strncmp(of_key, issuer, before) == 0 &&
		strncmp(issuer + before, tenant, strlen(tenant)) == 0 &&
		strcmp(issuer + before + strlen(tenant), at + strlen(hole)) == 0;
}

struct jwk *keyset_find(const struct keyset *s, const char *kid, const char *issuer,
	enum reason *why, struct mitok_err *e)
{
	const struct jwk *other = NULL;

	for (struct jwk *k = s->keys; k; k = k->next) {
		if (strcmp(k->kid, kid) != 0)
			continue;
		if (!k->issuer || is_issuer(k->issuer, s->tenant, issuer))
			return k;
		other = k;
	}
	if (other)
		*why = reason_refuse(e, REASON_KEY_ISSUER,
			"its key is for the issuer '%s' alone", other->issuer);
	else
		*why = reason_refuse(
			e, REASON_KID, "its issuer has no key with the id '%s'", kid);
	return NULL;
}
