/* Key Vault's secrets (Microsoft Learn, "Get Secret", "Get Secrets", "Authentication,
 * requests and responses", "REST API error codes"). SPDX-License-Identifier: MIT */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure.h"

#define VERSION_SIZE 33

/* Who asks for what. */
struct call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	struct json_object *claims;
	char host[256], name[256];   /* of the vault */
	struct json_object *vault;   /* the scenario's, may be NULL */
	struct json_object *secrets; /* put at the end */
	struct params params;
};

static void fail(const struct call *c, int status, const struct azure_error *e)
{
	azure_fail(c->rp, status, e);
}

/* The audience of the cloud that the host's name is of. */
static void add_audience(const char *host, struct text *ret)
{
	text_addf(ret, "https://%s", strchr(host, '.') + 1);
}

static const char *tenant_of(const struct call *c)
{
	const char *tenant = json_text(c->vault, "tenant");

	return tenant ? tenant : scenario_tenant(c->w);
}

static void challenge(const struct call *c)
{
	AUTO_TEXT value = { 0 }, audience = { 0 };

	add_audience(c->host, &audience);
	text_addf(&value,
		"Bearer authorization=\"https://login.microsoftonline.com/%s\", "
		"resource=\"%s\"",
		tenant_of(c), text_peek(&audience));
	reply_header(c->rp, "WWW-Authenticate", text_peek(&value));
}

static void refuse(const struct call *c, enum trust trust)
{
	AUTO_TEXT message = { 0 }, audience = { 0 };

	challenge(c);
	add_audience(c->host, &audience);
	switch (trust) {
	case TRUST_MISSING:
		text_add(&message, "AKV10000: Request is missing a Bearer or PoP token.");
		break;
	case TRUST_EXPIRED:
		text_add(&message,
			"AKV10001: Error validating token: token is expired or not "
			"valid yet.");
		break;
	case TRUST_AUDIENCE:
		text_addf(&message, "AKV10022: Invalid audience. Expected %s, found: %s.",
			text_peek(&audience), json_text(c->claims, "aud"));
		break;
	case TRUST_TENANT:
		text_addf(&message,
			"AKV10032: Invalid issuer. Expected one of "
			"https://sts.windows.net/%s/, found %s.",
			tenant_of(c), json_text(c->claims, "iss"));
		break;
	default:
		text_add(&message,
			"AKV10001: Error validating token: signature is invalid.");
	}
	fail(c, 401,
		&(struct azure_error){
			.code = "Unauthorized", .message = text_peek(&message) });
}

/* What the sentence of ForbiddenByRbac has. */
static void add_rbac(const struct call *c, const char *action, const char *secret,
	const char *caller, struct text *ret)
{
	text_addf(ret,
		"Caller is not authorized to perform action on resource.\r\nIf role "
		"assignments, deny assignments or role definitions were changed "
		"recently, please observe propagation time.\r\nCaller: %s\r\nAction: "
		"'%s'\r\nResource: "
		"'/subscriptions/11110000-0000-4000-8000-000000000001/resourcegroups/"
		"demo/providers/microsoft.keyvault/vaults/%s%s%s'\r\nAssignment: (not "
		"found)\r\nDenyAssignmentId: null\r\nDecisionReason: "
		"'DeniedWithNoValidRBAC' \r\nVault: %s;location=westeurope\r\n",
		caller, action, c->name, secret ? "/secrets/" : "", secret ? secret : "",
		c->name);
}

/* "deny" of the vault says why: ForbiddenByRbac (the default), ForbiddenByPolicy,
 * ForbiddenByFirewall, ForbiddenByConnection. secret NULL: all of them. */
static void forbid(const struct call *c, const char *action, const char *secret)
{
	const char *inner = json_text(c->vault, "deny");
	AUTO_TEXT caller = { 0 }, message = { 0 };

	inner = inner ? inner : "ForbiddenByRbac";
	text_addf(&caller, "appid=%s;oid=%s;iss=%s", json_text(c->claims, "appid"),
		json_text(c->claims, "oid"), json_text(c->claims, "iss"));
	if (strcmp(inner, "ForbiddenByPolicy") == 0)
		text_addf(&message,
			"The user, group or application '%s' does not have secrets %s "
			"permission on key vault '%s;location=westeurope'. For help "
			"resolving this issue, please see "
			"https://go.microsoft.com/fwlink/?linkid=2125287",
			text_peek(&caller), secret ? "get" : "list", c->name);
	else if (strcmp(inner, "ForbiddenByFirewall") == 0)
		text_addf(&message,
			"Client address is not authorized and caller is not a trusted "
			"service.\r\nClient address: 127.0.0.1\r\nCaller: %s\r\nVault: "
			"%s;location=westeurope",
			text_peek(&caller), c->name);
	else if (strcmp(inner, "ForbiddenByConnection") == 0)
		text_addf(&message,
			"Public network access is disabled and request is not from a "
			"trusted service nor via an approved private link.\r\nCaller: %s",
			text_peek(&caller));
	else
		add_rbac(c, action, secret, text_peek(&caller), &message);
	fail(c, 403,
		&(struct azure_error){ .code = "Forbidden",
			.inner = inner,
			.message = text_peek(&message) });
}

static bool may_read(const struct call *c)
{
	return !json_text(c->vault, "deny") &&
		azure_lists(
			json_member(c->vault, "readers"), json_text(c->claims, "oid"));
}

/* A secret is a text, an array of texts (the newest is the last one), or an object with
 * "value" (either), "contentType", "enabled" and "tags". */
static struct json_object *values_of(struct json_object *secret)
{
	return json_object_is_type(secret, json_type_object)
		? json_member(secret, "value")
		: secret;
}

static size_t count_of(struct json_object *secret)
{
	struct json_object *values = values_of(secret);

	return json_object_is_type(values, json_type_array)
		? json_object_array_length(values)
		: 1;
}

static const char *value_of(struct json_object *secret, size_t at)
{
	struct json_object *values = values_of(secret);

	return json_object_get_string(json_object_is_type(values, json_type_array)
			? json_object_array_get_idx(values, at)
			: values);
}

/* The same in each run. */
static void version_of(
	const struct call *c, const char *secret, size_t at, char ret[VERSION_SIZE])
{
	unsigned char d[SHA256_DIGEST_LENGTH];
	AUTO_TEXT text = { 0 };

	text_addf(&text, "%s/%s/%zu", c->host, secret, at);
	(void)SHA256((const unsigned char *)text_peek(&text), text.len, d);
	for (size_t i = 0; i < VERSION_SIZE / 2; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", d[i]);
}

static bool is_enabled(struct json_object *secret)
{
	struct json_object *enabled = json_member(secret, "enabled");

	return !enabled || json_object_get_boolean(enabled);
}

/* Adds "id", "attributes", "tags" and "contentType" to the object, and gives it back;
 * version NULL: of the secret as such. */
static struct json_object *describe(const struct call *c, const struct json_walk *m,
	const char *version, struct json_object *o)
{
	struct json_object *attributes, *tags;
	const char *type = json_text(m->value, "contentType");
	AUTO_TEXT id = { 0 };

	text_addf(&id, "https://%s/secrets/%s%s%s", c->host, m->name, version ? "/" : "",
		version ? version : "");
	attributes = json_tokener_parse(
		"{\"enabled\":true,\"created\":1700000000,\"updated\":1700000000,"
		"\"recoveryLevel\":\"Recoverable+Purgeable\",\"recoverableDays\":90}");
	(void)json_object_object_add(
		attributes, "enabled", json_object_new_boolean(is_enabled(m->value)));
	tags = json_member(m->value, "tags");
	if (type)
		(void)json_object_object_add(
			o, "contentType", json_object_new_string(type));
	(void)json_object_object_add(o, "id", json_object_new_string(text_peek(&id)));
	(void)json_object_object_add(o, "attributes", attributes);
	(void)json_object_object_add(
		o, "tags", tags ? json_object_get(tags) : json_object_new_object());
	return o;
}

static void fail_unknown(const struct call *c, const char *name, const char *version)
{
	AUTO_TEXT message = { 0 };

	text_addf(&message,
		"A secret with (name/id) %s%s%s was not found in this key vault. If you "
		"recently deleted this secret you may be able to recover it using the "
		"correct recovery command. For help resolving this issue, please see "
		"https://go.microsoft.com/fwlink/?linkid=2125182",
		name, version ? "/" : "", version ? version : "");
	fail(c, 404,
		&(struct azure_error){
			.code = "SecretNotFound", .message = text_peek(&message) });
}

static void get_secret(
	const struct call *c, const struct json_walk *m, const char *version)
{
	size_t at = count_of(m->value);
	char id[VERSION_SIZE] = "";
	struct json_object *o;

	while (at-- > 0) {
		version_of(c, m->name, at, id);
		if (!version || text_equal_nocase(id, version))
			break;
	}
	if (at == SIZE_MAX)
		return fail_unknown(c, m->name, version);
	if (!is_enabled(m->value))
		return fail(c, 403,
			&(struct azure_error){ .code = "Forbidden",
				.inner = "SecretDisabled",
				.message = "Operation get is not allowed on a disabled "
					   "secret." });
	o = json_object_new_object();
	(void)json_object_object_add(
		o, "value", json_object_new_string(value_of(m->value, at)));
	reply_object(c->rp, 200, describe(c, m, id, o));
}

/* A page of what `add` puts into the array. */
static void give_list(const struct call *c, struct json_object *all)
{
	const char *max = params_get(&c->params, "maxresults");
	const char *token = params_get(&c->params, "$skiptoken");
	size_t page = max ? strtoul(max, NULL, 10) : 25;
	size_t from = token ? strtoul(token, NULL, 10) : 0, i = from;
	struct json_object *o = json_object_new_object(),
			   *value = json_object_new_array();
	AUTO_TEXT link = { 0 };

	for (; i < json_object_array_length(all) && i < from + page; i++)
		(void)json_object_array_add(
			value, json_object_get(json_object_array_get_idx(all, i)));
	(void)json_object_object_add(o, "value", value);
	text_addf(&link, "https://%s%s?api-version=%s&$skiptoken=%zu&maxresults=%zu",
		c->host, c->rq->path, params_get(&c->params, "api-version"), i, page);
	(void)json_object_object_add(o, "nextLink",
		i < json_object_array_length(all)
			? json_object_new_string(text_peek(&link))
			: NULL);
	json_object_put(all);
	reply_object(c->rp, 200, o);
}

static void list_secrets(const struct call *c)
{
	struct json_object *all = json_object_new_array();

	for (struct json_walk m = json_walk(c->secrets); json_next(&m);)
		(void)json_object_array_add(
			all, describe(c, &m, NULL, json_object_new_object()));
	give_list(c, all);
}

static void list_versions(const struct call *c, const struct json_walk *m)
{
	struct json_object *all = json_object_new_array();
	char id[VERSION_SIZE];

	for (size_t i = 0; i < count_of(m->value); i++) {
		version_of(c, m->name, i, id);
		(void)json_object_array_add(
			all, describe(c, m, id, json_object_new_object()));
	}
	give_list(c, all);
}

/* NAME, NAME/, NAME/VERSION, NAME/versions. */
static void answer_secret(const struct call *c, char *path)
{
	char *version = strchr(path, '/');
	struct json_walk m = json_walk(c->secrets);
	bool found = false;

	if (version)
		*version++ = '\0';
	version = version && *version ? version : NULL;
	if (!may_read(c))
		return forbid(
			c, "Microsoft.KeyVault/vaults/secrets/getSecret/action", path);
	while (!found && json_next(&m))
		found = text_equal_nocase(m.name, path);
	if (!found)
		fail_unknown(c, path, version);
	else if (version && text_equal_nocase(version, "versions"))
		list_versions(c, &m);
	else
		get_secret(c, &m, version);
}

static bool has_version(const struct call *c)
{
	static const char *const known[] = { "2015-06-01", "2016-10-01", "7.0", "7.1",
		"7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01" };
	const char *version = params_get(&c->params, "api-version");

	for (size_t i = 0; version && i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(version, known[i]) == 0)
			return true;
	return false;
}

static void answer(const struct call *c)
{
	static const char prefix[] = "/secrets";
	char path[2048];

	if (!has_version(c))
		return fail(c, 400,
			&(struct azure_error){ .code = "BadParameter",
				.message = "api-version is missing, or is no version of "
					   "this service." });
	if (!TEXT_COPY(path, c->rq->path) || !percent_decode(path, false))
		return reply_status(c->rp, 400);
	if (strcmp(c->rq->method, "GET") != 0)
		return reply_status(c->rp, 405);
	if (!text_starts_nocase(path, prefix))
		return reply_status(c->rp, 404);
	if (path[strlen(prefix)] == '/' && path[strlen(prefix) + 1])
		return answer_secret(c, path + strlen(prefix) + 1);
	if (path[strlen(prefix)] && path[strlen(prefix)] != '/')
		return reply_status(c->rp, 404);
	if (!may_read(c))
		return forbid(
			c, "Microsoft.KeyVault/vaults/secrets/readMetadata/action", NULL);
	list_secrets(c);
}

/* The vault of that name; where the scenario has no "vaults", each name is one, with one
 * secret. */
static bool find_vault(struct call *c)
{
	struct json_object *vaults = scenario_get(c->w, NULL, "vaults");
	AUTO_TEXT value = { 0 };

	(void)snprintf(
		c->name, sizeof(c->name), "%.*s", (int)strcspn(c->host, "."), c->host);
	c->vault = json_member(vaults, c->name);
	if (vaults) {
		c->secrets = json_object_get(json_member(c->vault, "secrets"));
		return c->vault != NULL;
	}
	text_addf(&value, "hello from %s", c->name);
	c->secrets = json_object_new_object();
	(void)json_object_object_add(
		c->secrets, "hello", json_object_new_string(text_peek(&value)));
	return true;
}

static void admit(struct call *c)
{
	AUTO_TEXT audience = { 0 };
	const char *audiences[] = { NULL, NULL };
	struct taker taker = { .audiences = audiences, .tenant = tenant_of(c) };
	enum trust trust;

	add_audience(c->host, &audience);
	audiences[0] = text_peek(&audience);
	trust = azure_bearer(c->w, c->rq, &taker, &c->claims);
	if (trust == TRUST_GOOD)
		answer(c);
	else
		refuse(c, trust);
}

void vault_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	struct call c = { .w = w, .rq = rq, .rp = rp };
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
	else
		admit(&c);
	json_object_put(c.secrets);
	json_object_put(c.claims);
	params_free(&c.params);
}
