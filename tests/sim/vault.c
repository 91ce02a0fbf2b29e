/* Key Vault and Managed HSM: what can be asked for, and which file answers (Microsoft Learn,
 * "Azure Key Vault REST API reference").
 * SPDX-License-Identifier: MIT */
#include "vault.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
static const struct vault_route routes[] = {
	{ "GET",  "secrets",      "*",         "secret-list",
	  "readMetadata/action", "list", vault_secret_list },
	{ "GET",  "secrets",      "versions",  "secret-versions",
	  "readMetadata/action", "list", vault_secret_versions },
	{ "GET",  "secrets",      "",          "secret-get",
	  "getSecret/action", "get", vault_secret_get },
	{ "GET",  "certificates", "*",         "certificate-list",
	  "read", "list", vault_certificate_list },
	{ "GET",  "certificates", "versions",  "certificate-versions",
	  "read", "list", vault_certificate_versions },
	{ "GET",  "certificates", "",          "certificate-get",
	  "read", "get", vault_certificate_get },
	{ "GET",  "keys",         "*",         "key-list",
	  "read", "list", vault_key_list },
	{ "GET",  "keys",         "versions",  "key-versions",
	  "read", "list", vault_key_versions },
	{ "GET",  "keys",         "",          "key-get",
	  "read", "get", vault_key_get },
	{ "POST", "keys",         "sign",      "sign",
	  "sign/action", "sign", vault_key_operate },
	{ "POST", "keys",         "verify",    "verify",
	  "verify/action", "verify", vault_key_operate },
	{ "POST", "keys",         "encrypt",   "encrypt",
	  "encrypt/action", "encrypt", vault_key_operate },
	{ "POST", "keys",         "decrypt",   "decrypt",
	  "decrypt/action", "decrypt", vault_key_operate },
	{ "POST", "keys",         "wrapkey",   "wrapkey",
	  "wrap/action", "wrapKey", vault_key_operate },
	{ "POST", "keys",         "unwrapkey", "unwrapkey",
	  "unwrap/action", "unwrapKey", vault_key_operate },
};
// clang-format on

/* A Managed HSM has keys only. */
static bool is_in_hsm(const struct vault_route *r)
{
	return strcmp(r->kind, "keys") == 0;
}

void vault_version(
	const struct vault_call *c, const char *name, size_t at, char ret[VERSION_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char d[SHA256_DIGEST_LENGTH];
	AUTO_TEXT text = { 0 };

	text_addf(&text, "%s/%s/%zu", c->host, name, at);
	(void)SHA256((const unsigned char *)text_peek(&text), text.len, d);
	for (size_t i = 0; i < VERSION_SIZE / 2; i++) {
		ret[2 * i] = hex[d[i] >> 4];
		ret[2 * i + 1] = hex[d[i] & 15];
	}
	ret[VERSION_SIZE - 1] = '\0';
}

void vault_fail_unknown(const struct vault_call *c, const char *kind, const char *code)
{
	AUTO_TEXT message = { 0 };

	text_addf(&message,
		"A %s with (name/id) %s%s%s was not found in this key vault. If you "
		"recently deleted this %s you may be able to recover it using the "
		"correct recovery command. For help resolving this issue, please see "
		"https://go.microsoft.com/fwlink/?linkid=2125182",
		kind, c->object, c->version ? "/" : "", c->version ? c->version : "",
		kind);
	azure_fail(c->rp, 404,
		&(struct azure_error){ .code = code, .message = text_peek(&message) });
}

bool vault_member(struct json_object *objects, const char *name, struct json_walk *ret)
{
	*ret = json_walk(objects);
	while (json_next(ret))
		if (text_equal_nocase(ret->name, name))
			return true;
	return false;
}

struct json_object *vault_attributes(bool enabled)
{
	struct json_object *o = json_object_new_object();

	(void)json_object_object_add(o, "enabled", json_object_new_boolean(enabled));
	(void)json_object_object_add(o, "created", json_object_new_int64(1700000000));
	(void)json_object_object_add(o, "updated", json_object_new_int64(1700000000));
	(void)json_object_object_add(
		o, "recoveryLevel", json_object_new_string("Recoverable+Purgeable"));
	(void)json_object_object_add(o, "recoverableDays", json_object_new_int(90));
	return o;
}

void vault_give_page(const struct vault_call *c, struct json_object *all)
{
	const char *max = params_get(&c->params, "maxresults");
	const char *token = params_get(&c->params, "$skiptoken");
	int64_t page = 25, from = 0;
	struct json_object *o, *value;
	size_t i, count = json_object_array_length(all);
	AUTO_TEXT link = { 0 };

	if ((max && !text_to_number(max, 1, 25, &page)) ||
		(token && !text_to_number(token, 0, 100000, &from))) {
		json_object_put(all);
		return azure_fail(c->rp, 400,
			&(struct azure_error){ .code = "BadParameter",
				.message = "maxresults is a number from 1 to 25." });
	}
	o = json_object_new_object();
	value = json_object_new_array();
	for (i = (size_t)from; i < count && i < (size_t)(from + page); i++)
		(void)json_object_array_add(
			value, json_object_get(json_object_array_get_idx(all, i)));
	(void)json_object_object_add(o, "value", value);
	text_addf(&link, "https://%s%s?api-version=%s&$skiptoken=%zu&maxresults=%zu",
		c->host, c->rq->path, params_get(&c->params, "api-version"), i,
		(size_t)page);
	(void)json_object_object_add(o, "nextLink",
		i < count ? json_object_new_string(text_peek(&link)) : NULL);
	json_object_put(all);
	reply_object(c->rp, 200, o);
}

static bool has_version(const struct vault_call *c)
{
	static const char *const known[] = { "2015-06-01", "2016-10-01", "7.0", "7.1",
		"7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01" };
	const char *version = params_get(&c->params, "api-version");

	for (size_t i = 0; version && i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(version, known[i]) == 0)
			return true;
	return false;
}

static bool is_verb(const char *kind, const char *word)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (*routes[i].verb && text_equal_nocase(routes[i].kind, kind) &&
			text_equal_nocase(routes[i].verb, word))
			return true;
	return false;
}

bool vault_counts(const char *counter)
{
	static const char *const kinds[] = { "vault-", "hsm-" };

	for (size_t s = 0; s < 2; s++) {
		const char *name = counter + strlen(kinds[s]);

		if (!text_starts(counter, kinds[s]))
			continue;
		for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
			if (strcmp(routes[i].counter, name) == 0 &&
				(s == 0 || is_in_hsm(&routes[i])))
				return true;
	}
	return false;
}

/* KIND, KIND/NAME, KIND/NAME/VERSION, KIND/NAME/VERB, KIND/NAME/VERSION/VERB; a slash more
 * at the end, or an empty version, does not matter. NULL: more than that. */
static const char *read_path(struct vault_call *c, char *path, const char **ret_kind)
{
	char *words[5] = { NULL };
	const char *verb = "";
	size_t count = 0;

	for (char *at = path, *word; (word = strsep(&at, "/"));) {
		if (count == 5)
			return NULL;
		words[count++] = word;
	}
	while (count && !*words[count - 1])
		count--;
	*ret_kind = count ? words[0] : "";
	if (count < 2)
		return "*";
	if (count > 4 || !*words[1])
		return NULL;
	c->object = words[1];
	if (count > 2 && is_verb(words[0], words[count - 1]))
		verb = words[--count];
	if (count > 3)
		return NULL;
	c->version = count > 2 && *words[2] ? words[2] : NULL;
	return verb;
}

/* The row for this request; NULL with the status in *ret. */
static const struct vault_route *route(struct vault_call *c, char *path, int *ret)
{
	const char *kind, *verb = read_path(c, path, &kind);

	*ret = 404;
	for (size_t i = 0; verb && i < sizeof(routes) / sizeof(*routes); i++) {
		const struct vault_route *r = &routes[i];

		if (!text_equal_nocase(r->kind, kind) ||
			!text_equal_nocase(r->verb, verb) || (c->hsm && !is_in_hsm(r)))
			continue;
		if (strcmp(r->method, c->rq->method) == 0)
			return r;
		*ret = 405;
	}
	return NULL;
}

static void answer(struct vault_call *c)
{
	char path[2048];
	int status;

	if (!has_version(c))
		return azure_fail(c->rp, 400,
			&(struct azure_error){ .code = "BadParameter",
				.message = "api-version is missing, or is no version of "
					   "this service." });
	if (!TEXT_COPY(path, c->rq->path + 1) || !percent_decode(path, false))
		return reply_status(c->rp, 400);
	c->route = route(c, path, &status);
	if (!c->route)
		return reply_status(c->rp, status);
	count_named(c->w, c->hsm ? "hsm" : "vault", c->route->counter);
	if (vault_permits(c))
		c->route->handle(c);
}

/* The vault of that name; where the scenario has no "vaults", each name is one, with one
 * secret. */
static bool find_vault(struct vault_call *c)
{
	struct json_object *vaults = scenario_get(c->w, NULL, "vaults");
	AUTO_TEXT value = { 0 };

	(void)snprintf(
		c->name, sizeof(c->name), "%.*s", (int)strcspn(c->host, "."), c->host);
	c->hsm = text_starts(c->host + strlen(c->name), ".managedhsm.");
	c->vault = json_member(vaults, c->name);
	if (vaults) {
		c->secrets = json_object_get(json_member(c->vault, "secrets"));
		return c->vault &&
			json_object_get_boolean(json_member(c->vault, "hsm")) == c->hsm;
	}
	text_addf(&value, "hello from %s", c->name);
	c->secrets = json_object_new_object();
	(void)json_object_object_add(
		c->secrets, "hello", json_object_new_string(text_peek(&value)));
	return true;
}

void vault_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	struct vault_call c = { .w = w, .rq = rq, .rp = rp };
	char id[GUID_SIZE];

	make_guid(w, "vault", id);
	reply_header(rp, "Cache-Control", "no-cache");
	reply_header(rp, "x-ms-keyvault-region", "westeurope");
	reply_header(rp, "x-ms-keyvault-service-version", "1.9.2784.1");
	reply_header(rp, "x-ms-request-id", id);
	params_parse(&c.params, rq->query);
	if (!azure_host(rq, c.host) || c.params.broken)
		reply_status(rp, 400);
	else if (!find_vault(&c))
		reply_status(rp, 404);
	else if (vault_admits(&c))
		answer(&c);
	json_object_put(c.secrets);
	json_object_put(c.claims);
	params_free(&c.params);
}
