/* Entra: the token endpoint for federated credentials (Microsoft Learn, "OAuth 2.0 client
 * credentials flow"), OpenID configuration, signing keys; and the AKS proxy before it.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "entra.h"

/* What each code comes with. */
static const struct {
	int code, status;
	const char *error;
} codes[] = {
	{ 90002, 400, "invalid_request" },
	{ 900023, 400, "invalid_request" },
	{ 900144, 400, "invalid_request" },
	{ 901002, 400, "invalid_request" },
	{ 70003, 400, "unsupported_grant_type" },
	{ 700016, 400, "unauthorized_client" },
	{ 7000218, 401, "invalid_client" },
	{ 50027, 400, "invalid_request" },
	{ 7000215, 401, "invalid_client" },
	{ 7000222, 401, "invalid_client" },
	{ 700021, 401, "invalid_client" },
	{ 700023, 401, "invalid_client" },
	{ 700024, 401, "invalid_client" },
	{ 700027, 401, "invalid_client" },
	{ 50013, 401, "invalid_client" },
	{ 70021, 400, "invalid_request" },
	{ 700211, 400, "invalid_request" },
	{ 700212, 400, "invalid_request" },
	{ 700213, 400, "invalid_request" },
	{ 7002138, 400, "invalid_request" },
	{ 70011, 400, "invalid_scope" },
	{ 500011, 400, "invalid_resource" },
};

bool entra_refuse(const struct entra_ask *a, int code, const char *fmt, ...)
{
	struct world *w = a->w;
	struct reply *rp = a->rp;
	char trace[GUID_SIZE], correlation[GUID_SIZE], stamp[32], text[1024];
	AUTO_TEXT description = { 0 };
	AUTO_TEXT body = { 0 };
	time_t now = (time_t)now_s();
	struct tm tm;
	va_list ap;
	size_t row = 0;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	while (codes[row].code != code)
		row++;
	make_guid(w, "trace", trace);
	make_guid(w, "correlation", correlation);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%SZ", gmtime_r(&now, &tm));
	text_addf(&description,
		"AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
		code, text, trace, correlation, stamp);
	text_addf(&body, "{\"error\":\"%s\",\"error_description\":", codes[row].error);
	text_add_json(&body, text_peek(&description));
	text_addf(&body,
		",\"error_codes\":[%d],\"timestamp\":\"%s\",\"trace_id\":\"%s\","
		"\"correlation_id\":\"%s\",\"error_uri\":"
		"\"https://login.microsoftonline.com/error?code=%d\"}",
		code, stamp, trace, correlation, code);
	reply_header(rp, "x-ms-request-id", trace);
	reply_json(rp, codes[row].status, "%s", text_peek(&body));
	return false;
}

static bool is(struct json_object *federation, const char *name, const char *value)
{
	const char *have = json_text(federation, name);

	return have && value && strcmp(have, value) == 0;
}

/* Says in which point the credential and the assertion differ. */
static bool refuse_mismatch(
	const struct entra_ask *a, struct json_object *f, struct json_object *claims)
{
	const char *issuer = json_text(claims, "iss"),
		   *subject = json_text(claims, "sub");
	const char *audience = json_text(claims, "aud"), *want = json_text(f, "subject");
	int code = 70021;

	if (f && !is(f, "issuer", issuer))
		code = 700211;
	else if (f && !is(f, "subject", subject))
		code = want && subject && text_equal_nocase(want, subject) ? 7002138
									   : 700213;
	else if (f && !is(f, "audience", audience))
		code = 700212;
	entra_refuse(a, code,
		"No matching federated identity record found for presented assertion. "
		"Assertion Issuer: '%s'. Assertion Subject: '%s'. Assertion Audience: "
		"'%s'. "
		"https://docs.microsoft.com/en-us/azure/active-directory/develop/"
		"workload-identity-federation",
		issuer ? issuer : "", subject ? subject : "", audience ? audience : "");
	return false;
}

static bool unknown_client(const struct entra_ask *a)
{
	return entra_refuse(a, 700016,
		"Application with identifier '%s' was not found in the directory '%s'. "
		"This can happen if the application has not been installed by the "
		"administrator of the tenant or consented to by any user in the tenant. "
		"You "
		"may have sent your authentication request to the wrong tenant.",
		a->client_id, a->tenant);
}

struct json_object *entra_find_credential(const struct entra_ask *a,
	struct json_object *list, const char *client_id, struct json_object *claims)
{
	struct json_object *last = NULL;
	size_t count = json_object_is_type(list, json_type_array)
		? json_object_array_length(list)
		: 0;
	bool known = !client_id;

	for (size_t i = 0; i < count; i++) {
		struct json_object *f = json_object_array_get_idx(list, i);
		const char *client = json_text(f, "client_id");

		if (client_id && !(client && text_equal_nocase(client, client_id)))
			continue;
		known = true;
		if (!json_text(f, "issuer"))
			continue;
		last = f;
		if (is(f, "issuer", json_text(claims, "iss")) &&
			is(f, "subject", json_text(claims, "sub")) &&
			is(f, "audience", json_text(claims, "aud")))
			return f;
	}
	(void)(known ? refuse_mismatch(a, last, claims) : unknown_client(a));
	return NULL;
}

/* The federated credential of a managed identity, or an answer and NULL. */
static struct json_object *find_federation(const struct entra_ask *a)
{
	struct json_object *claims, *found;

	if (a->secret)
		return (void)unknown_client(a), NULL;
	claims = entra_check_assertion(a);
	found = claims ? entra_find_credential(a, scenario_get(a->w, NULL, "federations"),
				 a->client_id, claims)
		       : NULL;
	json_object_put(claims);
	return found;
}

static void give(const struct entra_ask *a, struct json_object *federation)
{
	struct identity id = {
		.client_id = json_text(federation, "client_id"),
		.object_id = json_text(federation, "object_id"),
		.resource_id = json_text(federation, "resource_id"),
		.tenant = a->tenant,
		.user_assigned = true,
	};
	const struct token *t;

	if (!id.object_id)
		id.object_id = id.client_id;
	t = token_issue(
		a->w, id.resource_id ? TOKEN_MANAGED : TOKEN_APP, &id, a->resource);
	if (!t)
		return reply_status(a->rp, 500);
	reply_json(a->rp, 200,
		"{\"token_type\":\"Bearer\",\"expires_in\":%lld,\"ext_expires_in\":%lld,"
		"\"access_token\":\"%s\"}",
		(long long)(t->expires_on - now_s()),
		(long long)(t->expires_on - now_s()), t->text);
}

/* Well formed, in its time, and signed by a key we know (all are ours). */
struct json_object *entra_check_assertion(const struct entra_ask *a)
{
	struct json_object *claims = token_claims(a->assertion), *exp = NULL, *good;

	if (!claims) {
		entra_refuse(a, 50027,
			"JWT token is invalid or malformed. The client_assertion is no "
			"JWT.");
		return NULL;
	}
	(void)json_object_object_get_ex(claims, "exp", &exp);
	if (!exp || json_object_get_int64(exp) <= now_s()) {
		entra_refuse(a, 700024,
			"Client assertion is not within its valid time range. Current "
			"time: "
			"%lld, expiry time of assertion %lld.",
			(long long)now_s(), (long long)json_object_get_int64(exp));
		json_object_put(claims);
		return NULL;
	}
	json_object_put(claims);
	good = token_verify(a->w, a->assertion);
	if (!good)
		entra_refuse(a, 50013,
			"Assertion failed signature validation. [Reason - The key was "
			"not found.]");
	return good;
}

/* <resource>/.default, once (Microsoft Learn, "Scopes and permissions"). */
static bool check_scope(struct entra_ask *a, const char *scope)
{
	static const char suffix[] = "/.default";
	size_t len = scope ? strlen(scope) : 0, cut = sizeof(suffix) - 1;

	if (len <= cut || strcmp(scope + len - cut, suffix) != 0 || strchr(scope, ' ')) {
		entra_refuse(a, 70011,
			"The provided request must include a 'scope' input parameter. "
			"The "
			"provided value for the input parameter 'scope' is not valid. "
			"The scope "
			"%s is not valid.",
			scope ? scope : "");
		return false;
	}
	a->resource = strndup(scope, len - cut);
	if (scenario_knows_resource(a->w, a->resource))
		return true;
	entra_refuse(a, 500011,
		"The resource principal named %s was not found in the tenant named %s. "
		"This can "
		"happen if the application has not been installed by the administrator "
		"of the "
		"tenant or consented to by any user in the tenant. You might have sent "
		"your "
		"authentication request to the wrong tenant.",
		a->resource, a->tenant);
	return false;
}

static bool check_form(struct entra_ask *a, const struct params *p)
{
	static const char type[] =
		"urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
	const char *grant = params_get(p, "grant_type"), *given;

	if (p->broken || p->repeated)
		return entra_refuse(a, 900144, "The request body is not well formed.");
	if (!grant)
		return entra_refuse(a, 900144,
			"The request body must contain the following parameter: "
			"'grant_type'.");
	if (strcmp(grant, "client_credentials") != 0)
		return entra_refuse(
			a, 70003, "The app requested an unsupported grant type.");
	if (params_get(p, "resource"))
		return entra_refuse(
			a, 901002, "The 'resource' request parameter is not supported.");
	a->client_id = params_get(p, "client_id");
	if (!a->client_id || !*a->client_id)
		return entra_refuse(a, 900144,
			"The request body must contain the following parameter: "
			"'client_id'.");
	a->assertion = params_get(p, "client_assertion");
	a->secret = params_get(p, "client_secret");
	if (a->secret && *a->secret && !a->assertion)
		return true;
	a->secret = NULL;
	given = params_get(p, "client_assertion_type");
	if (!a->assertion || !*a->assertion || !given || strcmp(given, type) != 0)
		return entra_refuse(a, 7000218,
			"The request body must contain the following parameter: "
			"'client_assertion' or 'client_secret'.");
	return true;
}

/* Each cloud knows its own tenants. */
static bool check_tenant(struct entra_ask *a, const char *host)
{
	const char *cloud = scenario_text(a->w, NULL, "cloud", "AzurePublicCloud");
	bool china = host && strstr(host, ".cn"),
	     gov = host && strstr(host, "microsoftonline.us");
	const char *want = china ? "AzureChinaCloud"
		: gov            ? "AzureUSGovernmentCloud"
				 : "AzurePublicCloud";

	if (!text_is_guid(a->tenant) && !strchr(a->tenant, '.')) {
		entra_refuse(a, 900023,
			"Specified tenant identifier '%s' is neither a valid DNS name, "
			"nor a "
			"valid external domain.",
			a->tenant);
		return false;
	}
	if ((text_equal_nocase(a->tenant, scenario_tenant(a->w)) ||
		    app_knows_tenant(a->w, a->tenant)) &&
		(!host || text_equal_nocase(cloud, want)))
		return true;
	entra_refuse(a, 90002,
		"Tenant '%s' not found. Check to make sure you have the correct tenant "
		"ID and "
		"are signing into the correct cloud. Check with your subscription "
		"administrator, "
		"this may happen if there are no active subscriptions for the tenant.",
		a->tenant);
	return false;
}

static void token(struct entra_ask *a, const struct request *rq)
{
	const char *type = request_header(rq, "Content-Type");
	struct json_object *who = NULL;
	AUTO_PARAMS p = { 0 };

	if (strcmp(rq->method, "POST") != 0 || *rq->query || !type ||
		!text_starts_nocase(type, "application/x-www-form-urlencoded")) {
		(void)entra_refuse(a, 900144,
			"The request has to be a POST of "
			"application/x-www-form-urlencoded.");
		return;
	}
	params_parse(&p, rq->body);
	if (check_tenant(a, a->host) && check_form(a, &p)) {
		who = app_find(a->w, a->client_id);
		if (!who)
			who = find_federation(a);
		else if (!app_prove(a, who))
			who = NULL;
	}
	if (who && check_scope(a, params_get(&p, "scope")))
		give(a, who);
	free(a->resource);
}

/* "OpenID Connect Discovery 1.0", section 4: rest has "/v2.0" before the document's name, or
 * nothing. */
static void configuration(struct entra_ask *a, const char *rest, const char *host)
{
	const char *part = text_starts(rest, "/v2.0/") ? "/v2.0" : "";
	const char *tenant = a->tenant;
	AUTO_TEXT issuer = { 0 };

	if (strcmp(rest + strlen(part), "/.well-known/openid-configuration") != 0)
		return reply_status(a->rp, 404);
	if (text_is_guid(tenant) && !check_tenant(a, host))
		return;
	if (strchr(tenant, '.')) /* a domain */
		tenant = scenario_tenant(a->w);
	if (*part)
		text_addf(&issuer, "https://%s/%s/v2.0", host, tenant);
	else
		text_addf(&issuer, "https://sts.%s/%s/",
			strstr(host, ".cn") ? "chinacloudapi.cn" : "windows.net", tenant);
	reply_json(a->rp, 200,
		"{\"token_endpoint\":\"https://%s/%s/oauth2%s/token\",\"jwks_uri\":"
		"\"https://%s/%s/discovery%s/keys\",\"issuer\":\"%s\","
		"\"authorization_endpoint\":\"https://%s/%s/oauth2%s/authorize\","
		"\"response_types_supported\":[\"code\",\"id_token\"],"
		"\"subject_types_supported\":[\"pairwise\"],"
		"\"id_token_signing_alg_values_supported\":[\"RS256\"]}",
		host, tenant, part, host, tenant, part, text_peek(&issuer), host, tenant,
		part);
}

/* Which hosts are one cloud (as msal's libraries ask before anything else). */
static void instance(struct reply *rp, const char *host)
{
	reply_json(rp, 200,
		"{\"tenant_discovery_endpoint\":\"https://%s/common/.well-known/"
		"openid-configuration\",\"api-version\":\"1.1\",\"metadata\":[{"
		"\"preferred_network\":\"login.microsoftonline.com\",\"preferred_cache\":"
		"\"login.windows.net\",\"aliases\":[\"login.microsoftonline.com\","
		"\"login.windows.net\",\"login.microsoft.com\",\"sts.windows.net\"]}]}",
		host);
}

static void keys(struct world *w, struct reply *rp, const char *host, bool v2)
{
	AUTO_TEXT issuer = { 0 };
	AUTO_TEXT body = { 0 };

	text_addf(&issuer, "https://%s/{tenantid}/v2.0", host);
	token_add_jwks(w, v2 ? text_peek(&issuer) : NULL, &body);
	reply_json(rp, 200, "%s", text_peek(&body));
}

/* path is /<tenant>/<rest>. */
static void serve(struct world *w, const struct request *rq, const char *path,
	const char *host, struct reply *rp)
{
	char tenant[128];
	const char *rest = strchr(path + 1, '/');
	struct entra_ask a = { .w = w, .tenant = tenant, .host = host, .rp = rp };

	if (!rest || (size_t)(rest - path) > sizeof(tenant))
		return reply_status(rp, 404);
	memcpy(tenant, path + 1, (size_t)(rest - path - 1));
	tenant[rest - path - 1] = '\0';
	if (strcmp(rest, "/oauth2/v2.0/token") == 0)
		token(&a, rq);
	else if (host && text_ends_nocase(rest, "/.well-known/openid-configuration"))
		configuration(&a, rest, host);
	else if (host && strcmp(rest, "/discovery/instance") == 0)
		instance(rp, host);
	else if (host && strcmp(rest, "/discovery/v2.0/keys") == 0)
		keys(w, rp, host, true);
	else if (host && strcmp(rest, "/discovery/keys") == 0)
		keys(w, rp, host, false);
	else
		reply_status(rp, 404);
}

void entra_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	serve(w, rq, rq->path, request_header(rq, "Host"), rp);
}

/* The proxy of AKS identity bindings passes the token request on, and nothing else. */
void proxy_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	serve(w, rq, rq->path + strlen("/proxy"), NULL, rp);
}
