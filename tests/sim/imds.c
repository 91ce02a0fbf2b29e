/* The Instance Metadata Service of a virtual machine (Microsoft Learn, "Azure Instance
 * Metadata Service" and "How to use managed identities on an Azure VM to acquire a
 * token"). SPDX-License-Identifier: MIT */
#include <string.h>

#include "oauth.h"

// clang-format off
static const char *const versions[] = {
	"2017-03-01", "2017-04-02", "2017-08-01", "2017-10-01", "2017-12-01", "2018-02-01",
	"2018-04-02", "2018-10-01", "2019-02-01", "2019-03-11", "2019-04-30", "2019-06-01",
	"2019-06-04", "2019-08-01", "2019-08-15", "2019-11-01", "2020-06-01", "2020-07-15",
	"2020-09-01", "2020-10-01", "2020-12-01", "2021-01-01", "2021-02-01", "2021-03-01",
	"2021-05-01", "2021-10-01", "2021-11-01", "2021-11-15", "2021-12-13", "2023-07-01",
	"2023-11-15", "2024-03-15", "2024-07-17", "2025-04-07",
};
// clang-format on
#define VERSION_COUNT (sizeof(versions) / sizeof(*versions))

static bool version_is_known(const char *version, const char *oldest)
{
	for (size_t i = 0; version && i < VERSION_COUNT; i++)
		if (strcmp(versions[i], version) == 0)
			return strcmp(version, oldest) >= 0;
	return false;
}

static void refuse_version(struct reply *rp)
{
	reply_json(rp, 400,
		"{\"error\":\"Bad request. api-version is invalid or was not specified "
		"in the "
		"request. For more information refer to "
		"aka.ms/azureimds\",\"newest-versions\":"
		"[\"%s\",\"%s\",\"%s\"]}",
		versions[VERSION_COUNT - 1], versions[VERSION_COUNT - 2],
		versions[VERSION_COUNT - 3]);
}

/* The machine's default: its own identity, else the only one assigned. */
static const struct identity *choose(
	struct world *w, const struct params *p, struct reply *rp)
{
	struct selector s = { params_get(p, "client_id"), params_get(p, "object_id"),
		params_get(p, "msi_res_id") };
	const struct identity *id;

	if (!!s.client_id + !!s.object_id + !!s.resource_id > 1) {
		oauth_error(rp, 400, "invalid_request",
			"Only one of client_id, object_id and msi_res_id may be "
			"specified");
		return NULL;
	}
	if (s.client_id || s.object_id || s.resource_id)
		id = scenario_select(w, &s);
	else if (w->system.client_id || w->user_count <= 1)
		id = w->system.client_id ? &w->system
			: w->user_count  ? &w->users[0]
					 : NULL;
	else {
		oauth_error(rp, 400, "invalid_request",
			"Multiple user assigned identities exist, please specify the "
			"clientId / "
			"resourceId of the identity in the token request");
		return NULL;
	}
	if (!id)
		oauth_error(rp, 400, "invalid_request", "Identity not found");
	return id;
}

/* Selectors come back as they were asked for. */
static void add_echo(struct text *body, const struct params *p, const char *name)
{
	const char *value = params_get(p, name);

	if (!value)
		return;
	text_addf(body, ",\"%s\":", name);
	text_add_json(body, value);
}

static void give(struct world *w, const struct identity *id, const struct params *p,
	struct reply *rp)
{
	const char *resource = params_get(p, "resource");
	const struct token *t = token_issue(w, TOKEN_MANAGED, id, resource);
	long long left;
	AUTO_TEXT body = { 0 };

	if (!t)
		return reply_status(rp, 500);
	left = (long long)(t->expires_on - now_s() - 1);
	text_addf(&body, "{\"access_token\":\"%s\",\"client_id\":\"%s\"", t->text,
		id->client_id);
	text_addf(&body, ",\"expires_in\":\"%lld\",\"expires_on\":\"%lld\"", left,
		(long long)t->expires_on);
	text_addf(&body,
		",\"ext_expires_in\":\"%lld\",\"not_before\":\"%lld\",\"resource\":",
		left, (long long)t->not_before);
	text_add_json(&body, resource);
	text_add(&body, ",\"token_type\":\"Bearer\"");
	add_echo(&body, p, "object_id");
	add_echo(&body, p, "msi_res_id");
	text_add(&body, "}");
	reply_json(rp, 200, "%s", text_peek(&body));
}

static void token(struct world *w, const struct params *p, struct reply *rp)
{
	const char *resource = params_get(p, "resource");
	const struct identity *id;

	if (!version_is_known(params_get(p, "api-version"), "2018-02-01"))
		return refuse_version(rp);
	if (!resource || !*resource)
		return oauth_error(rp, 400, "invalid_request",
			"Required audience parameter not specified");
	id = choose(w, p, rp);
	if (!id)
		return;
	if (!scenario_knows_resource(w, resource))
		return oauth_unknown_resource(w, rp, resource);
	give(w, id, p, rp);
}

static void list_versions(struct world *w, const struct params *p, struct reply *rp)
{
	AUTO_TEXT body = { 0 };

	(void)w;
	(void)p;
	for (size_t i = 0; i < VERSION_COUNT; i++)
		text_addf(&body, "%s\"%s\"", i ? "," : "{\"apiVersions\":[", versions[i]);
	reply_json(rp, 200, "%s]}", text_peek(&body));
}

static void info(struct world *w, const struct params *p, struct reply *rp)
{
	if (!version_is_known(params_get(p, "api-version"), "2018-02-01"))
		return refuse_version(rp);
	reply_json(rp, 200, "{\"tenantId\":\"%s\"}", scenario_tenant(w));
}

/* The scenario's "machine", over a small one that is always there. */
static struct json_object *compute_object(const struct world *w)
{
	struct json_object *o = json_tokener_parse(
		"{\"azEnvironment\":\"\",\"location\":\"westeurope\",\"name\":\"vm1\","
		"\"osType\":\"Linux\",\"resourceGroupName\":\"demo\",\"resourceId\":"
		"\"/subscriptions/11110000-0000-4000-8000-000000000001/resourceGroups/"
		"demo/"
		"providers/Microsoft.Compute/virtualMachines/vm1\",\"subscriptionId\":"
		"\"11110000-0000-4000-8000-000000000001\",\"tags\":\"\",\"tagsList\":[],"
		"\"vmId\":\"22220000-0000-4000-8000-000000000002\",\"vmScaleSetName\":"
		"\"\","
		"\"vmSize\":\"Standard_B2s\",\"zone\":\"1\"}");
	struct json_object *machine = NULL;

	(void)json_object_object_add(o, "azEnvironment",
		json_object_new_string(
			scenario_text(w, NULL, "cloud", "AzurePublicCloud")));
	(void)json_object_object_get_ex(w->scenario, "machine", &machine);
	if (json_object_is_type(machine, json_type_object))
		for (struct json_walk m = json_walk(machine); json_next(&m);)
			(void)json_object_object_add(o, m.name, json_object_get(m.value));
	return o;
}

static void compute(
	struct world *w, const char *leaf, const struct params *p, struct reply *rp)
{
	const char *format = params_get(p, "format");
	struct json_object *o, *value;
	bool found;

	if (!version_is_known(params_get(p, "api-version"), "2017-03-01"))
		return refuse_version(rp);
	o = compute_object(w);
	value = o;
	found = !*leaf || json_object_object_get_ex(o, leaf + 1, &value);
	if (!found || (*leaf && !(format && strcmp(format, "text") == 0)))
		reply_json(rp, 404, "{ \"error\": \"Not found\" }");
	else if (*leaf)
		reply_with(rp, 200, "text/plain; charset=utf-8", "%s",
			json_object_get_string(value));
	else
		reply_json(rp, 200, "%s",
			json_object_to_json_string_ext(o,
				JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void not_found(const char *path, struct reply *rp)
{
	if (text_starts_nocase(path, "/metadata/instance"))
		reply_json(rp, 404, "{ \"error\": \"Not found\" }");
	else
		reply_json(rp, 404, "{\"error\":\"Not Found\"}");
}

static void route(struct world *w, const struct request *rq, const struct params *p,
	struct reply *rp)
{
	static const struct {
		const char *path;
		void (*handle)(struct world *, const struct params *, struct reply *);
	} rows[] = {
		{ "/metadata/identity/oauth2/token", token },
		{ "/metadata/identity/info", info },
		{ "/metadata/versions", list_versions },
	};
	static const char under[] = "/metadata/instance/compute";

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_equal_nocase(rq->path, rows[i].path))
			return rows[i].handle(w, p, rp);
	if (text_starts_nocase(rq->path, under) &&
		strchr("/", rq->path[sizeof(under) - 1]))
		return compute(w, rq->path + sizeof(under) - 1, p, rp);
	not_found(rq->path, rp);
}

void imds_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	const char *metadata = request_header(rq, "Metadata");
	AUTO_PARAMS p = { 0 };

	reply_header(rp, "Server", "IMDS/150.870.65.512");
	if (strcmp(rq->method, "GET") != 0)
		return reply_status(rp, 405);
	if (request_header(rq,
		    "X-Forwarded-For")) /* that it is refused is documented, how is not */
		return oauth_error(rp, 400, "invalid_request",
			"Requests with an X-Forwarded-For header are refused");
	if (!metadata || strcmp(metadata, "true") != 0)
		return oauth_error(rp, 400, "invalid_request",
			"Required metadata header not specified");
	params_parse(&p, rq->query);
	if (p.broken || p.repeated)
		return oauth_error(rp, 400, "invalid_request",
			"A query parameter is repeated or not well formed");
	route(w, rq, &p, rp);
}
