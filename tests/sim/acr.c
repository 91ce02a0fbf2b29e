/* Azure Container Registry: the exchange of an Entra token for the registry's own ones
 * (github.com/Azure/acr, docs/AAD-OAuth.md) and the door of its API (distribution's
 * "Token Authentication Specification"). SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure.h"

#define NOBODY "00000000-0000-0000-0000-000000000000" /* with a token as its password */

/* Who asks for what. */
struct call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	char host[256];
	struct json_object *registry; /* the scenario's, may be NULL */
	struct params params;         /* of the form, or of the query */
};

static void fail(const struct call *c, int status, const char *code, const char *message)
{
	AUTO_TEXT body = { 0 };

	text_addf(&body, "{\"errors\":[{\"code\":\"%s\",\"message\":", code);
	text_add_json(&body, message);
	text_add(&body, ",\"detail\":null}]}");
	reply_json(c->rp, status, "%s\n", text_peek(&body));
}

static void fail_login(const struct call *c)
{
	fail(c, 401, "UNAUTHORIZED",
		"authentication required, visit https://aka.ms/acr/authorization for "
		"more "
		"information.");
}

/* A token of the registry's own: kind is "refresh_token" or "access_token", access a JSON
 * array or NULL. The caller frees. */
static char *sign(
	const struct call *c, const char *kind, const char *oid, const char *access)
{
	long long now = now_s(), life = access ? 4500 : 10800;
	char id[GUID_SIZE];
	AUTO_TEXT claims = { 0 };

	make_guid(c->w, kind, id);
	text_addf(&claims,
		"{\"jti\":\"%s\",\"sub\":\"%s\",\"nbf\":%lld,\"exp\":%lld,\"iat\":%lld,"
		"\"iss\":\"Azure Container Registry\",\"aud\":\"%s\",\"version\":\"1.0\","
		"\"rid\":\"%s\",\"grant_type\":\"%s\",\"oid\":\"%s\"",
		id, oid, now - 900, now + life, now - 900, c->host, id, kind, oid);
	if (access)
		text_addf(&claims, ",\"access\":%s", access);
	text_add(&claims, "}");
	return token_sign(c->w, text_peek(&claims));
}

/* Whose token of ours this is; the caller puts the claims. NULL: it is none of this kind
 * for this registry. */
static struct json_object *verify(const struct call *c, const char *jwt, const char *kind)
{
	struct json_object *claims = token_verify(c->w, jwt);
	const char *grant = json_text(claims, "grant_type"),
		   *aud = json_text(claims, "aud");

	if (grant && aud && strcmp(grant, kind) == 0 && strcmp(aud, c->host) == 0 &&
		json_object_get_int64(json_member(claims, "exp")) > now_s())
		return claims;
	json_object_put(claims);
	return NULL;
}

static bool has_service(const struct call *c)
{
	const char *service = params_get(&c->params, "service");

	return service && text_equal_nocase(service, c->host);
}

/* The tenant is the form's word: a token of another one is none for this registry. */
static void exchange(const struct call *c)
{
	static const char *const audiences[] = { "https://containerregistry.azure.net",
		"https://management.azure.com", "https://management.core.windows.net",
		"https://management.usgovcloudapi.net",
		"https://management.core.usgovcloudapi.net",
		"https://management.chinacloudapi.cn",
		"https://management.core.chinacloudapi.cn", NULL };
	const char *grant = params_get(&c->params, "grant_type");
	const char *given = params_get(&c->params, "access_token");
	const char *tenant = json_text(c->registry, "tenant");
	const struct taker taker = { .audiences = audiences,
		.tenant = tenant ? tenant : scenario_tenant(c->w) };
	struct json_object *claims = NULL;
	AUTO_FREE char *made = NULL;
	const char *named = params_get(&c->params, "tenant");

	if (!grant || strcmp(grant, "access_token") != 0)
		return fail(c, 400, "BAD_REQUEST", "grant_type must be access_token");
	if (!has_service(c) || !given || (named && !*named))
		return fail(c, 400, "BAD_REQUEST",
			"service and access_token are required, and a tenant has a name");
	if (azure_trust(c->w, given, &taker, &claims) == TRUST_GOOD &&
		(!named || text_equal_nocase(named, taker.tenant)) &&
		azure_lists(
			json_member(c->registry, "readers"), json_text(claims, "oid")))
		made = sign(c, "refresh_token", json_text(claims, "oid"), NULL);
	json_object_put(claims);
	if (made)
		reply_json(c->rp, 200, "{\"refresh_token\":\"%s\"}", made);
	else
		fail_login(c);
}

/* "repository:NAME:pull,push" as the JSON array of what a token allows. */
static bool read_scope(const char *scope, struct text *ret)
{
	const char *name = strchr(scope, ':'),
		   *actions = name ? strrchr(scope, ':') : NULL;
	AUTO_FREE char *type = NULL, *repository = NULL;

	if (!name || actions == name || text_has_control(scope))
		return false;
	type = strndup(scope, (size_t)(name - scope));
	repository = strndup(name + 1, (size_t)(actions - name - 1));
	text_add(ret, "[{\"type\":");
	text_add_json(ret, type);
	text_add(ret, ",\"name\":");
	text_add_json(ret, repository);
	text_add(ret, ",\"actions\":[");
	for (const char *at = actions + 1; *at;) {
		AUTO_FREE char *action = strndup(at, strcspn(at, ","));

		text_add(ret, at == actions + 1 ? "" : ",");
		text_add_json(ret, action);
		at += strcspn(at, ",");
		at += *at == ',';
	}
	text_add(ret, "]}]");
	return true;
}

/* A form's refresh token, or the password of NOBODY; the caller frees. */
static char *take_refresh_token(const struct call *c)
{
	const char *authorization = request_header(c->rq, "Authorization");
	const char *grant = params_get(&c->params, "grant_type");
	const char *given = params_get(&c->params, "refresh_token");
	AUTO_FREE char *pair = authorization ? azure_basic(authorization) : NULL;

	if (pair && text_starts(pair, NOBODY ":"))
		return strdup(pair + strlen(NOBODY ":"));
	return grant && strcmp(grant, "refresh_token") == 0 && given ? strdup(given)
								     : NULL;
}

static void give_token(const struct call *c)
{
	const char *scope = params_get(&c->params, "scope");
	AUTO_FREE char *given = take_refresh_token(c), *made = NULL;
	struct json_object *claims = given ? verify(c, given, "refresh_token") : NULL;
	AUTO_TEXT access = { 0 };

	if (!claims)
		return fail_login(c);
	if (!has_service(c) || (scope && !read_scope(scope, &access)))
		fail(c, 400, "BAD_REQUEST", "service or scope is not well formed");
	else {
		made = sign(c, "access_token", json_text(claims, "oid"),
			scope ? text_peek(&access) : "[]");
		reply_json(c->rp, 200, "{\"access_token\":\"%s\"}", made);
	}
	json_object_put(claims);
}

/* "repository:NAME:pull" that an address below /v2/ wants, "registry:catalog:*"; "" for /v2/
 * itself. */
static void wanted_scope(const struct call *c, char ret[512])
{
	const char *name = c->rq->path + strlen("/v2/"),
		   *end = strstr(name, "/manifests/");

	end = end ? end : strstr(name, "/blobs/");
	end = end ? end : strstr(name, "/tags/");
	*ret = '\0';
	if (strcmp(name, "_catalog") == 0)
		(void)snprintf(ret, 512, "registry:catalog:*");
	else if (end)
		(void)snprintf(ret, 512, "repository:%.*s:pull", (int)(end - name), name);
}

static bool allows(struct json_object *claims, const char *scope)
{
	AUTO_TEXT want = { 0 };
	struct json_object *access = json_member(claims, "access");
	struct json_object *first = access && json_object_array_length(access)
		? json_object_array_get_idx(access, 0)
		: NULL;

	const char *action = strrchr(scope, ':');

	if (!*scope)
		return true;
	text_addf(&want, "%s:%s%s", json_text(first, "type"), json_text(first, "name"),
		action);
	return strcmp(scope, text_peek(&want)) == 0 &&
		azure_lists(json_member(first, "actions"), action + 1);
}

/* /v2/ is there to ask whether one may come in; of an image there is an empty manifest. */
static void answer_api(const struct call *c)
{
	const char *authorization = request_header(c->rq, "Authorization");
	char scope[512];
	struct json_object *claims =
		authorization && text_starts_nocase(authorization, "Bearer ")
		? verify(c, authorization + strlen("Bearer "), "access_token")
		: NULL;
	AUTO_TEXT challenge = { 0 };

	wanted_scope(c, scope);
	reply_header(c->rp, "Docker-Distribution-Api-Version", "registry/2.0");
	if (claims && allows(claims, scope)) {
		json_object_put(claims);
		return reply_json(c->rp, 200, "%s",
			!*scope ? "{}"
				: text_starts(scope, "registry:")
				? "{\"repositories\":[\"app\"]}"
				: "{\"schemaVersion\":2}");
	}
	text_addf(&challenge, "Bearer realm=\"https://%s/oauth2/token\",service=\"%s\"",
		c->host, c->host);
	if (*scope)
		text_addf(&challenge, ",scope=\"%s\"", scope);
	if (authorization)
		text_addf(&challenge, ",error=\"%s\"",
			claims ? "insufficient_scope" : "invalid_token");
	reply_header(c->rp, "WWW-Authenticate", text_peek(&challenge));
	json_object_put(claims);
	fail_login(c);
}

/* "deny" of a registry: its rules of the network admit nobody. */
static bool is_denied(const struct call *c)
{
	if (!json_text(c->registry, "deny"))
		return false;
	fail(c, 403, "DENIED",
		"client with IP '127.0.0.1' is not allowed access. Refer "
		"https://aka.ms/acr/firewall to grant access.");
	return true;
}

static void answer(struct call *c)
{
	bool is_post = strcmp(c->rq->method, "POST") == 0;

	if (is_denied(c))
		return;
	if (text_starts(c->rq->path, "/v2/"))
		return answer_api(c);
	if (is_post)
		params_parse(&c->params, c->rq->body);
	else
		params_parse(&c->params, c->rq->query);
	if (c->params.broken || c->params.repeated)
		fail(c, 400, "BAD_REQUEST", "the form is not well formed");
	else if (strcmp(c->rq->path, "/oauth2/exchange") == 0 && is_post)
		exchange(c);
	else if (strcmp(c->rq->path, "/oauth2/token") == 0)
		give_token(c);
	else
		reply_status(c->rp, 404);
}

/* Where the scenario has no "registries", each name is one. */
void acr_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	struct json_object *registries = scenario_get(w, NULL, "registries");
	struct call c = { .w = w, .rq = rq, .rp = rp };
	char name[256], id[GUID_SIZE];

	if (!azure_host(rq, c.host))
		return reply_status(rp, 400);
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(c.host, "."), c.host);
	c.registry = json_member(registries, name);
	make_guid(w, "acr", id);
	reply_header(rp, "Server", "AzureContainerRegistry");
	reply_header(rp, "X-Ms-Correlation-Request-Id", id);
	if (registries && !c.registry)
		reply_status(rp, 404);
	else
		answer(&c);
	params_free(&c.params);
}
