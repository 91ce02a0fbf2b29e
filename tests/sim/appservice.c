/* App Service, Functions and Container Apps (Microsoft Learn, "Use managed identities for
 * App Service and Azure Functions"), and Azure Machine Learning, which speaks the older
 * way. SPDX-License-Identifier: MIT */
#include <string.h>

#include "oauth.h"

/* How one api-version spells things. */
struct dialect {
	const char *version;
	const char *part; /* of the scenario */
	const char *secret_header;
	const char *client_id;
	const char *expires_on; /* the usual format */
	bool echoes_client_id;
};

// clang-format off
static const struct dialect v2019 = { "2019-08-01", "app_service", "X-IDENTITY-HEADER", "client_id", "epoch", true };
static const struct dialect v2017 = { "2017-09-01", "app_service", "secret", "clientid", "linux", false };
static const struct dialect ml =    { "2017-09-01", "ml",          "secret", "clientid", "epoch", false };
// clang-format on

static void refuse(struct world *w, struct reply *rp, int status, const char *message)
{
	char id[GUID_SIZE];

	make_guid(w, "correlation", id);
	reply_json(rp, status,
		"{\"statusCode\":%d,\"message\":\"%s\",\"correlationId\":\"%s\"}", status,
		message, id);
}

/* No id means the system-assigned identity and nothing else. */
static const struct identity *choose(
	struct world *w, const struct dialect *d, const struct params *p)
{
	struct selector s = { params_get(p, d->client_id), params_get(p, "principal_id"),
		params_get(p, "mi_res_id") };

	if (!s.object_id)
		s.object_id = params_get(p, "object_id");
	if (s.client_id && !*s.client_id)
		s.client_id = NULL;
	if (!s.client_id && !s.object_id && !s.resource_id)
		return w->system.client_id ? &w->system : NULL;
	return scenario_select(w, &s);
}

static void give(struct world *w, const struct dialect *d, const struct identity *id,
	const char *resource, struct reply *rp)
{
	const struct token *t = token_issue(w, TOKEN_MANAGED, id, resource);
	AUTO_TEXT body = { 0 };
	char upper[GUID_SIZE] = "";

	if (!t)
		return reply_status(rp, 500);
	text_addf(&body, "{\"access_token\":\"%s\"", t->text);
	oauth_add_expires_on(w, d->part, d->expires_on, t->expires_on, &body);
	text_add(&body, ",\"resource\":");
	text_add_json(&body, resource);
	text_add(&body, ",\"token_type\":\"Bearer\"");
	if (d->echoes_client_id && TEXT_COPY(upper, id->client_id)) {
		for (char *at = upper; *at; at++)
			*at = (char)(*at >= 'a' && *at <= 'f' ? *at - 'a' + 'A' : *at);
		text_addf(&body, ",\"client_id\":\"%s\"", upper);
	}
	text_add(&body, "}");
	reply_json(rp, 200, "%s", text_peek(&body));
}

static void serve(struct world *w, const struct dialect *d, const struct request *rq,
	struct reply *rp)
{
	const char *secret = request_header(rq, d->secret_header), *resource;
	const struct identity *id;
	AUTO_PARAMS p = { 0 };

	params_parse(&p, rq->query);
	resource = params_get(&p, "resource");
	if (strcmp(rq->method, "GET") != 0)
		return reply_status(rp, 405);
	if (p.broken || p.repeated)
		return refuse(
			w, rp, 400, "A query parameter is repeated or not well formed.");
	if (!secret ||
		strcmp(secret,
			scenario_text(w, d->part, "secret", "sim-identity-secret")) != 0)
		return refuse(w, rp, 401, "The identity header is missing or wrong.");
	if (!resource || !*resource)
		return refuse(w, rp, 400, "The resource parameter is missing.");
	id = choose(w, d, &p);
	if (!id)
		return refuse(w, rp, 400,
			"No managed identity was found for the specified parameters.");
	if (!scenario_knows_resource(w, resource))
		return refuse(w, rp, 500,
			"An unexpected error occured while fetching the AAD Token.");
	give(w, d, id, resource, rp);
}

static const char *version_of(const struct request *rq, char *ret, size_t size)
{
	AUTO_PARAMS p = { 0 };
	const char *version;

	params_parse(&p, rq->query);
	version = params_get(&p, "api-version");
	return version && text_copy(ret, size, version) ? ret : "";
}

void appservice_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	const char *rest = rq->path + strlen("/msi/token");
	char buffer[32];
	const char *version = version_of(rq, buffer, sizeof(buffer));

	if (*rest && strcmp(rest, "/") != 0)
		return reply_status(rp, 404);
	if (strcmp(version, v2019.version) == 0)
		serve(w, &v2019, rq, rp);
	else if (strcmp(version, v2017.version) == 0)
		serve(w, &v2017, rq, rp);
	else
		refuse(w, rp, 400, "The api-version is missing or not supported.");
}

void ml_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	char buffer[32];

	if (strcmp(version_of(rq, buffer, sizeof(buffer)), ml.version) == 0)
		serve(w, &ml, rq, rp);
	else
		refuse(w, rp, 400, "The api-version is missing or not supported.");
}
