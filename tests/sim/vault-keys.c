/* Key Vault's keys: which there are, and who may have what done with them (Microsoft Learn,
 * "Get Key", "Get Keys", "About keys", "REST API error codes").
 * SPDX-License-Identifier: MIT */
#include "vault.h"

#include <string.h>

/* A key, or the one that a certificate has. */
static bool find(const struct vault_call *c, struct vault_item *ret)
{
	return vault_item_find(c, false, ret) || vault_item_find(c, true, ret);
}

static void fail_unknown(const struct vault_call *c)
{
	vault_fail_unknown(c, "key", "KeyNotFound");
}

/* What may be done with it, unless the scenario says otherwise. */
static struct json_object *operations(const struct vault_item *item, bool rsa)
{
	static const char *const usual[] = { "sign", "verify", "wrapKey", "unwrapKey",
		"encrypt", "decrypt" };
	struct json_object *given = vault_item_member(item, "key_ops"), *copy = NULL;

	if (given && json_object_deep_copy(given, &copy, NULL) == 0)
		return copy;
	copy = json_object_new_array();
	for (size_t i = 0; i < (rsa ? sizeof(usual) / sizeof(*usual) : 2); i++)
		(void)json_object_array_add(copy, json_object_new_string(usual[i]));
	return copy;
}

static struct json_object *list_row(
	const struct vault_call *c, const struct vault_item *item, bool versioned)
{
	struct json_object *o = json_object_new_object();

	(void)json_object_object_add(
		o, "kid", vault_item_url(c, item, "keys", versioned));
	vault_item_describe(item, "keys", o);
	return o;
}

void vault_key_list(const struct vault_call *c)
{
	struct json_object *all = json_object_new_array();

	vault_item_add_all(c, false, list_row, all);
	vault_item_add_all(c, true, list_row, all);
	vault_give_page(c, all);
}

void vault_key_versions(const struct vault_call *c)
{
	struct json_object *all;
	struct vault_item item;

	if (!find(c, &item))
		return fail_unknown(c);
	all = json_object_new_array();
	vault_item_add_versions(c, &item, list_row, all);
	vault_give_page(c, all);
}

/* What only the key itself tells: its kind and its public half. */
static void add_public(struct vault_job *job, struct reply *rp)
{
	struct json_object *jwk = json_member(job->answer, "key");
	const char *kty = job->key->curve ? "EC" : "RSA";
	const char *given = json_text(jwk, "kty");
	bool in_hsm = job->hsm || (given && text_ends_nocase(given, "-HSM"));
	AUTO_TEXT name = { 0 };

	text_addf(&name, "%s%s", kty, in_hsm ? "-HSM" : "");
	(void)json_object_object_add(
		jwk, "kty", json_object_new_string(text_peek(&name)));
	vault_store_add_jwk(job->key, jwk);
	reply_object(rp, 200, json_object_get(job->answer));
}

void vault_key_get(const struct vault_call *c)
{
	struct json_object *o, *jwk, *kty;
	struct vault_item item;
	struct vault_job *job;

	if (!find(c, &item))
		return fail_unknown(c);
	o = json_object_new_object();
	jwk = json_object_new_object();
	kty = vault_item_member(&item, "kty");
	(void)json_object_object_add(jwk, "kid", vault_item_url(c, &item, "keys", true));
	(void)json_object_object_add(jwk, "kty",
		json_object_new_string(kty ? json_object_get_string(kty) : ""));
	(void)json_object_object_add(o, "key", jwk);
	vault_item_describe(&item, "keys", o);
	job = vault_job_start(c, &item, o, add_public);
	(void)json_object_object_add(
		jwk, "key_ops", operations(&item, job->key->curve == NULL));
}

/* false: the answer is 403. */
static bool is_permitted(const struct vault_call *c, const struct vault_item *item)
{
	struct json_object *ops = vault_item_member(item, "key_ops");
	AUTO_TEXT message = { 0 };

	if (!ops || azure_lists(ops, c->route->verb))
		return true;
	text_addf(&message, "Operation %s is not permitted on this key.",
		c->route->permission);
	vault_forbid(c, "KeyOperationForbidden", text_peek(&message));
	return false;
}

/* A disabled key still encrypts, wraps and verifies; one that is too old or too new still
 * decrypts, unwraps and verifies. */
static bool is_alive(const struct vault_call *c, const struct vault_item *item)
{
	static const char *const private[] = { "sign", "decrypt", "unwrapkey", NULL };
	static const char *const timed[] = { "sign", "encrypt", "wrapkey", NULL };
	const char *const *of_disabled = private, *const *of_timed = timed;
	struct json_object *nbf = vault_item_member(item, "nbf");
	struct json_object *exp = vault_item_member(item, "exp");
	const char *inner = NULL, *what = NULL;
	AUTO_TEXT message = { 0 };

	while (*of_disabled && strcmp(*of_disabled, c->route->verb) != 0)
		of_disabled++;
	while (*of_timed && strcmp(*of_timed, c->route->verb) != 0)
		of_timed++;
	if (*of_disabled && !vault_item_enabled(item)) {
		inner = "KeyDisabled";
		what = "a disabled";
	} else if (*of_timed && nbf && json_object_get_int64(nbf) > now_s()) {
		inner = "KeyNotYetValid";
		what = "a not yet valid";
	} else if (*of_timed && exp && json_object_get_int64(exp) <= now_s()) {
		inner = "KeyExpired";
		what = "an expired";
	}
	if (!inner)
		return true;
	text_addf(&message, "Operation %s is not allowed on %s key.",
		c->route->permission, what);
	vault_forbid(c, inner, text_peek(&message));
	return false;
}

void vault_key_operate(const struct vault_call *c)
{
	struct vault_item item;

	if (!find(c, &item))
		return fail_unknown(c);
	if (is_permitted(c, &item) && is_alive(c, &item))
		(void)vault_job_start(c, &item, NULL, vault_operate);
}
