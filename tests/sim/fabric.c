/* Service Fabric (Microsoft Learn, "How to leverage a Service Fabric application's
 * managed identity to access Azure services"): TLS with a certificate known by its
 * thumbprint. SPDX-License-Identifier: MIT */
#include <string.h>

#include "oauth.h"

static void refuse(struct world *w, struct reply *rp, int status, const char *code,
	const char *message)
{
	char id[GUID_SIZE];

	make_guid(w, "correlation", id);
	reply_json(rp, status,
		"{\"error\":{\"correlationId\":\"%s\",\"code\":\"%s\",\"message\":\"%s\"}"
		"}",
		id, code, message);
}

static void give(struct world *w, const char *resource, struct reply *rp)
{
	const struct identity *id = w->system.client_id ? &w->system
		: w->user_count                         ? &w->users[0]
							: NULL;
	const struct token *t = id ? token_issue(w, TOKEN_MANAGED, id, resource) : NULL;
	AUTO_TEXT body = { 0 };

	if (!t)
		return refuse(w, rp, 404, "ManagedIdentityNotFound",
			"Managed identity not found for application.");
	text_addf(&body, "{\"token_type\":\"Bearer\",\"access_token\":\"%s\"", t->text);
	oauth_add_expires_on(w, "fabric", "number", t->expires_on, &body);
	text_add(&body, ",\"resource\":");
	text_add_json(&body, resource);
	text_add(&body, "}");
	reply_json(rp, 200, "%s", text_peek(&body));
}

static bool is_version(const char *version)
{
	return version &&
		(strcmp(version, "2019-07-01-preview") == 0 ||
			strcmp(version, "2020-05-01") == 0);
}

void fabric_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	const char *secret = request_header(rq, "Secret"), *resource;
	AUTO_PARAMS p = { 0 };

	params_parse(&p, rq->query);
	resource = params_get(&p, "resource");
	if (!text_equal_nocase(rq->path, "/metadata/identity/oauth2/token"))
		return reply_status(rp, 404);
	if (strcmp(rq->method, "GET") != 0)
		return reply_status(rp, 405);
	if (!secret)
		return refuse(w, rp, 400, "SecretHeaderNotFound",
			"Secret is not found in the request headers.");
	if (strcmp(secret, scenario_text(w, "fabric", "secret", "sim-identity-secret")) !=
		0)
		return refuse(w, rp, 404, "ManagedIdentityNotFound",
			"The secret belongs to no application.");
	if (p.broken || p.repeated || !is_version(params_get(&p, "api-version")))
		return refuse(w, rp, 400, "InvalidApiVersion",
			"The api-version is missing or not supported.");
	if (!resource || !*resource)
		return refuse(
			w, rp, 400, "ArgumentNullOrEmpty", "resource is null or empty.");
	if (!scenario_knows_resource(w, resource))
		return refuse(
			w, rp, 500, "InternalServerError", "Failed to get the token.");
	give(w, resource, rp);
}
