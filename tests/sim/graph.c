/* Microsoft Graph (Microsoft Learn, "Get servicePrincipal", "Microsoft Graph error
 * responses"): the identities of the scenario. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arm.h"

#define SELF "00000003-0000-0000-c000-000000000000" /* Graph's own application */

/* Who asks for what. */
struct call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	struct json_object *claims;
	char path[2048]; /* decoded, behind the version */
	struct params params;
};

static void fail(const struct call *c, int status, const char *code, const char *message)
{
	char stamp[64], id[GUID_SIZE];
	time_t now = (time_t)now_s();
	struct tm tm;
	AUTO_TEXT body = { 0 };

	make_guid(c->w, "graph", id);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now, &tm));
	text_addf(&body, "{\"error\":{\"code\":\"%s\",\"message\":", code);
	text_add_json(&body, message);
	text_addf(&body,
		",\"innerError\":{\"date\":\"%s\",\"request-id\":\"%s\","
		"\"client-request-id\":\"%s\"}}}",
		stamp, id, id);
	reply_json(c->rp, status, "%s", text_peek(&body));
}

static void refuse(const struct call *c, enum trust trust)
{
	static const char *const messages[TRUST_KINDS] = {
		[TRUST_MISSING] = "Access token is empty.",
		[TRUST_BROKEN] = "Signature is invalid.",
		[TRUST_EXPIRED] = "Lifetime validation failed, the token is expired.",
		[TRUST_AUDIENCE] = "Access token validation failure. Invalid audience.",
	};

	reply_header(c->rp, "WWW-Authenticate",
		"Bearer realm=\"\", "
		"authorization_uri=\"https://login.microsoftonline.com/"
		"common/oauth2/authorize\", client_id=\"" SELF "\"");
	fail(c, 401, "InvalidAuthenticationToken", messages[trust]);
}

/* What a portal shows: the last segment of the resource. */
static const char *name_of(const struct identity *id)
{
	const char *slash = strrchr(id->resource_id, '/');

	return slash ? slash + 1 : id->resource_id;
}

static struct json_object *describe(const struct identity *id)
{
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "id", id->object_id },
		{ "appId", id->client_id },
		{ "appOwnerOrganizationId", id->tenant },
		{ "displayName", name_of(id) },
		{ "servicePrincipalType", "ManagedIdentity" },
	};
	struct json_object *o = json_object_new_object(),
			   *names = json_object_new_array();

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		(void)json_object_object_add(
			o, rows[i].name, json_object_new_string(rows[i].value));
	(void)json_object_object_add(o, "accountEnabled", json_object_new_boolean(true));
	(void)json_object_array_add(names,
		json_object_new_string(
			id->user_assigned ? "isExplicit=True" : "isExplicit=False"));
	(void)json_object_array_add(names, json_object_new_string(id->resource_id));
	(void)json_object_object_add(o, "alternativeNames", names);
	return o;
}

/* The next identity after `at`, NULL at the end. */
static const struct identity *each(const struct world *w, unsigned at)
{
	if (at < w->user_count)
		return &w->users[at];
	return at == w->user_count && w->system.client_id ? &w->system : NULL;
}

static const struct identity *find(
	const struct world *w, const char *property, const char *value)
{
	for (unsigned i = 0; each(w, i); i++) {
		const struct identity *id = each(w, i);
		const char *have = strcmp(property, "id") == 0 ? id->object_id
			: strcmp(property, "appId") == 0       ? id->client_id
			: strcmp(property, "displayName") == 0 ? name_of(id)
							       : "";

		if (text_equal_nocase(have, value))
			return id;
	}
	return NULL;
}

static void context(const struct call *c, const char *what, struct json_object *o)
{
	AUTO_TEXT text = { 0 };
	char host[256] = "";

	(void)azure_host(c->rq, host);
	text_addf(&text, "https://%s/v1.0/$metadata#servicePrincipals%s", host, what);
	(void)json_object_object_add(
		o, "@odata.context", json_object_new_string(text_peek(&text)));
}

/* $filter is PROPERTY eq 'VALUE', and nothing else. */
static void list(const struct call *c)
{
	const char *filter = params_get(&c->params, "$filter");
	struct json_object *o = json_object_new_object(),
			   *value = json_object_new_array();
	const struct identity *id = NULL;
	char property[64], text[256];
	int end = 0;

	if (filter &&
		(sscanf(filter, "%63[A-Za-z] eq '%255[^']'%n", property, text, &end) !=
				2 ||
			filter[end])) {
		json_object_put(o);
		json_object_put(value);
		return fail(c, 400, "Request_UnsupportedQuery",
			"Unsupported or invalid query filter clause specified for "
			"property of "
			"resource 'ServicePrincipal'.");
	}
	context(c, "", o);
	for (unsigned i = 0; !filter && each(c->w, i); i++)
		(void)json_object_array_add(value, describe(each(c->w, i)));
	if (filter)
		id = find(c->w, property, text);
	if (id)
		(void)json_object_array_add(value, describe(id));
	(void)json_object_object_add(o, "value", value);
	reply_object(c->rp, 200, o);
}

/* .../ID or ...(appId='ID') */
static void answer_one(const struct call *c, const char *rest)
{
	char client[256] = "";
	const struct identity *id;
	struct json_object *o;
	AUTO_TEXT message = { 0 };

	id = *rest == '/' ? find(c->w, "id", rest + 1)
		: sscanf(rest, "(appId='%255[^']')", client) == 1
		? find(c->w, "appId", client)
		: NULL;
	if (!id) {
		text_addf(&message,
			"Resource '%s' does not exist or one of its queried "
			"reference-property objects are not present.",
			*rest == '/' ? rest + 1 : client);
		return fail(c, 404, "Request_ResourceNotFound", text_peek(&message));
	}
	o = describe(id);
	context(c, "/$entity", o);
	reply_object(c->rp, 200, o);
}

/* What is no identity of the machine: the scenario's "objects", and principals that "arm"
 * makes assignments for. NULL: there is no such thing. The caller puts it. */
static struct json_object *find_object(const struct call *c, const char *id)
{
	struct json_object *objects = scenario_get(c->w, "graph", "objects");
	const struct identity *known = find(c->w, "id", id);
	size_t made = arm_generated(c->w);
	char last[64];

	if (known)
		return describe(known);
	for (size_t i = 0; objects && i < json_object_array_length(objects); i++) {
		struct json_object *o = json_object_array_get_idx(objects, i);

		if (text_equal_nocase(json_text(o, "id"), id))
			return json_object_get(o);
	}
	if (!made || !text_starts(id, "9e4e0000-"))
		return NULL;
	arm_generated_principal(made - 1, last, sizeof(last));
	if (strcmp(id, last) > 0)
		return NULL;
	objects = json_object_new_object();
	arm_add_text(objects, "id", id);
	arm_add_text(objects, "displayName", id + 24);
	return objects;
}

/* "@odata.type" of an object, behind its last dot. */
static const char *type_of(struct json_object *o)
{
	const char *type = json_text(o, "type");

	return type ? type : "servicePrincipal";
}

static void add_object(const struct call *c, struct json_object *value,
	struct json_object *types, const char *id)
{
	struct json_object *o = find_object(c, id), *shown;
	AUTO_TEXT type = { 0 };

	if (o && azure_lists(types, type_of(o))) {
		shown = json_object_new_object();
		text_addf(&type, "#microsoft.graph.%s", type_of(o));
		arm_add_text(shown, "@odata.type", text_peek(&type));
		for (struct json_walk m = json_walk(o); json_next(&m);)
			if (strcmp(m.name, "type") != 0)
				(void)json_object_object_add(
					shown, m.name, json_object_get(m.value));
		(void)json_object_array_add(value, shown);
	}
	json_object_put(o);
}

/* POST /directoryObjects/getByIds {"ids": [...], "types": [...]}: what is not there is left
 * out. */
static void get_by_ids(const struct call *c)
{
	const char *type = request_header(c->rq, "Content-Type");
	struct json_object *body =
		c->rq->body_len ? json_tokener_parse(c->rq->body) : NULL;
	struct json_object *ids = json_member(body, "ids"), *o, *value;

	if (!type || !text_starts_nocase(type, "application/json") ||
		!json_object_is_type(ids, json_type_array)) {
		fail(c, 400, "BadRequest",
			"The request has no JSON with a collection of ids.");
	} else if (json_object_array_length(ids) > 1000) {
		fail(c, 400, "Request_BadRequest",
			"The number of ids is over the limit of 1000.");
	} else {
		o = json_object_new_object();
		value = json_object_new_array();
		arm_add_text(o, "@odata.context",
			"https://graph.microsoft.com/v1.0/$metadata#directoryObjects");
		for (size_t i = 0; i < json_object_array_length(ids); i++)
			add_object(c, value, json_member(body, "types"),
				json_object_get_string(
					json_object_array_get_idx(ids, i)));
		(void)json_object_object_add(o, "value", value);
		reply_object(c->rp, 200, o);
	}
	json_object_put(body);
}

static void answer(const struct call *c)
{
	bool by_ids = text_equal_nocase(c->path, "/directoryObjects/getByIds");
	static const char principals[] = "/servicePrincipals";
	const char *rest = c->path + strlen(principals);

	if (strcmp(c->rq->method, by_ids ? "POST" : "GET") != 0)
		return reply_status(c->rp, 405);
	if (text_equal_nocase(c->path, "/me") || text_starts_nocase(c->path, "/me/"))
		return fail(c, 400, "BadRequest",
			"/me request is only valid with delegated authentication flow.");
	if (!by_ids && !text_starts_nocase(c->path, principals))
		return fail(c, 400, "BadRequest",
			"Resource not found for the segment of this address.");
	if (!azure_lists(
		    scenario_get(c->w, "graph", "readers"), json_text(c->claims, "oid")))
		return fail(c, 403, "Authorization_RequestDenied",
			"Insufficient privileges to complete the operation.");
	if (by_ids)
		get_by_ids(c);
	else if (!*rest)
		list(c);
	else
		answer_one(c, rest);
}

void graph_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	static const char *const audiences[] = { "https://graph.microsoft.com",
		"https://graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn",
		SELF, NULL };
	struct call c = { .w = w, .rq = rq, .rp = rp };
	const struct taker taker = { .audiences = audiences };
	const char *path = text_starts(rq->path, "/v1.0/") ? rq->path + strlen("/v1.0")
		: text_starts(rq->path, "/beta/")          ? rq->path + strlen("/beta")
							   : NULL;
	enum trust trust = azure_bearer(w, rq, &taker, &c.claims);

	params_parse(&c.params, rq->query);
	if (!path || !TEXT_COPY(c.path, path) || !percent_decode(c.path, false) ||
		c.params.broken)
		fail(&c, 400, "BadRequest", "Invalid version.");
	else if (trust != TRUST_GOOD)
		refuse(&c, trust);
	else
		answer(&c);
	json_object_put(c.claims);
	params_free(&c.params);
}
