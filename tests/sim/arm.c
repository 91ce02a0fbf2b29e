/* Azure Resource Manager (Microsoft Learn, "Subscriptions - List", "Tenants - List", and
 * resources as the scenario has them). SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arm.h"
#include "arm-rules.h"
#include "azure.h"

#define LOGIN "https://login.windows.net/"

/* The array "subscriptions" of the scenario's "arm"; without it there is one. The caller
 * puts it. */
static struct json_object *subscriptions(const struct world *w)
{
	struct json_object *list = scenario_get(w, "arm", "subscriptions");

	return list
		? json_object_get(list)
		: json_tokener_parse("[{\"id\":\"11110000-0000-4000-8000-000000000001\","
				     "\"name\":\"Contoso Demo\"}]");
}

static const char *tenant_of(const struct world *w, struct json_object *subscription)
{
	const char *tenant = json_text(subscription, "tenant");

	return tenant ? tenant : scenario_tenant(w);
}

/* Of its own tenant, or delegated to it (Azure Lighthouse). */
static bool is_admitted(const struct arm_call *c, struct json_object *subscription)
{
	const char *tid = json_text(c->claims, "tid");
	struct json_object *list = json_member(subscription, "managedByTenants");

	if (text_equal_nocase(tenant_of(c->w, subscription), tid))
		return true;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		const char *id =
			json_text(json_object_array_get_idx(list, i), "tenantId");

		if (id && text_equal_nocase(id, tid))
			return true;
	}
	return false;
}

/* Only who has a role somewhere in a subscription knows that it exists. */
static bool can_see(const struct arm_call *c, struct json_object *subscription)
{
	return is_admitted(c, subscription) &&
		azure_lists(json_member(subscription, "readers"),
			json_text(c->claims, "oid"));
}

void arm_add_text(struct json_object *o, const char *name, const char *value)
{
	(void)json_object_object_add(o, name, json_object_new_string(value));
}

static struct json_object *describe(const struct arm_call *c, struct json_object *s)
{
	const char *state = json_text(s, "state"), *id = json_text(s, "id");
	struct json_object *o = json_object_new_object(), *managed, *policies;
	AUTO_TEXT path = { 0 };

	text_addf(&path, "/subscriptions/%s", id);
	policies = json_tokener_parse("{\"locationPlacementId\":\"Public_2014-09-01\","
				      "\"quotaId\":\"PayAsYouGo_2014-09-01\","
				      "\"spendingLimit\":\"Off\"}");
	managed = json_member(s, "managedByTenants");
	arm_add_text(o, "id", text_peek(&path));
	arm_add_text(o, "authorizationSource", "RoleBased");
	(void)json_object_object_add(o, "managedByTenants",
		managed ? json_object_get(managed) : json_object_new_array());
	arm_add_text(o, "subscriptionId", id);
	arm_add_text(o, "tenantId", tenant_of(c->w, s));
	arm_add_text(o, "displayName", json_text(s, "name"));
	arm_add_text(o, "state", state ? state : "Enabled");
	(void)json_object_object_add(o, "subscriptionPolicies", policies);
	return o;
}

/* The link that leads on after so many; links are followed as they are. */
static void add_next_link(const struct arm_call *c, struct json_object *o, size_t after)
{
	char host[256];
	AUTO_TEXT link = { 0 };

	if (!azure_host(c->rq, host))
		return;
	text_addf(&link, "https://%s/subscriptions?api-version=%s&%%24skiptoken=%zu",
		host, params_get(&c->params, "api-version"), after);
	arm_add_text(o, "nextLink", text_peek(&link));
}

static void list_subscriptions(const struct arm_call *c)
{
	struct json_object *list = subscriptions(c->w), *value = json_object_new_array();
	struct json_object *o = json_object_new_object();
	const char *token = params_get(&c->params, "$skiptoken");
	size_t page = (size_t)scenario_number(c->w, "arm", "page", 100), seen = 0;
	size_t from = token ? strtoul(token, NULL, 10) : 0;

	(void)json_object_object_add(o, "value", value);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		if (!can_see(c, one))
			continue;
		if (seen >= from && seen < from + page)
			(void)json_object_array_add(value, describe(c, one));
		seen++;
	}
	if (seen > from + page)
		add_next_link(c, o, from + page);
	(void)json_object_object_add(o, "count", json_object_new_object());
	arm_add_text(json_member(o, "count"), "type", "Total");
	(void)json_object_object_add(json_member(o, "count"), "value",
		json_object_new_int64((int64_t)json_object_array_length(value)));
	json_object_put(list);
	reply_object(c->rp, 200, o);
}

static void list_tenants(const struct arm_call *c)
{
	const char *tid = json_text(c->claims, "tid");

	reply_json(c->rp, 200,
		"{\"value\":[{\"id\":\"/tenants/%s\",\"tenantId\":\"%s\",\"countryCode\":"
		"\"DE\",\"displayName\":\"Contoso\",\"domains\":[\"contoso.example\"],"
		"\"tenantCategory\":\"Home\",\"defaultDomain\":\"contoso.example\","
		"\"tenantType\":\"AAD\"}]}",
		tid, tid);
}

void arm_fail(const struct arm_call *c, int status, const char *code, const char *message)
{
	azure_fail(
		c->rp, status, &(struct azure_error){ .code = code, .message = message });
}

static void fail_unknown(const struct arm_call *c, const char *id)
{
	AUTO_TEXT message = { 0 };

	text_addf(&message, "The subscription '%s' could not be found.", id);
	arm_fail(c, 404, "SubscriptionNotFound", text_peek(&message));
}

static void fail_tenant(const struct arm_call *c, const char *tenant)
{
	AUTO_TEXT message = { 0 }, challenge = { 0 };

	text_addf(&challenge,
		"Bearer authorization_uri=\"" LOGIN "%s\", error=\"invalid_token\", "
		"error_description=\"The access token is from the wrong issuer. It must "
		"match the tenant associated with this subscription. Please use correct "
		"authority to get the token.\"",
		tenant);
	reply_header(c->rp, "WWW-Authenticate", text_peek(&challenge));
	text_addf(&message,
		"The access token is from the wrong issuer "
		"'https://sts.windows.net/%s/'. "
		"It must match the tenant 'https://sts.windows.net/%s/' associated with "
		"this subscription. Please use the authority (URL) '" LOGIN
		"%s' to get the token. Note, if the subscription is transferred to "
		"another "
		"tenant there is no impact to the services, but information about new "
		"tenant could take time to propagate (up to an hour). If you just "
		"transferred your subscription and see this error message, please try "
		"back later.",
		json_text(c->claims, "tid"), tenant, tenant);
	arm_fail(c, 401, "InvalidAuthenticationTokenTenant", text_peek(&message));
}

void arm_fail_role(const struct arm_call *c, const char *action, const char *scope)
{
	const char *oid = json_text(c->claims, "oid");
	AUTO_TEXT message = { 0 };

	text_addf(&message,
		"The client '%s' with object id '%s' does not have authorization to "
		"perform action '%s' over scope '%s' or the scope is invalid. If access "
		"was recently granted, please refresh your credentials.",
		oid, oid, action, scope);
	arm_fail(c, 403, "AuthorizationFailed", text_peek(&message));
}

/* What is sent must be JSON; it comes back as it is. */
static void echo(const struct arm_call *c)
{
	struct json_object *o = c->rq->body_len ? json_tokener_parse(c->rq->body)
						: json_object_new_object();

	if (o)
		reply_object(c->rp, 200, o);
	else
		arm_fail(c, 400, "InvalidRequestContent",
			"The request content was invalid and could not be deserialized: "
			"'Unexpected character encountered while parsing value'.");
}

/* The scenario's "resources" of "arm": paths, and what they answer. Lists of them are
 * empty where it does not say otherwise. */
static void answer_resource(const struct arm_call *c)
{
	struct json_object *o = NULL;
	const struct arm_asked asked = { c->w, c->rp, c->rq->method, c->path,
		json_text(c->claims, "oid"), params_get(&c->params, "$filter") };
	AUTO_TEXT message = { 0 };

	if (arm_rules(&asked))
		return;
	for (struct json_walk m = json_walk(scenario_get(c->w, "arm", "resources"));
		!o && json_next(&m);)
		o = text_equal_nocase(m.name, c->path) ? m.value : NULL;
	if (!o && text_ends_nocase(c->path, "/resourcegroups"))
		return reply_json(c->rp, 200, "{\"value\":[]}");
	if (!o) {
		text_addf(&message,
			"The Resource '%s' under resource group was not found. "
			"For more details please go to "
			"https://aka.ms/ARMResourceNotFoundFix",
			c->path);
		return arm_fail(c, 404, "ResourceNotFound", text_peek(&message));
	}
	if (strcmp(c->rq->method, "GET") == 0)
		reply_object(c->rp, 200, json_object_get(o));
	else if (strcmp(c->rq->method, "HEAD") == 0 ||
		strcmp(c->rq->method, "DELETE") == 0)
		reply_status(c->rp, 204);
	else
		echo(c);
}

/* /subscriptions/ID and what is below. */
static void answer_subscription(const struct arm_call *c)
{
	const char *id = c->path + strlen("/subscriptions/");
	size_t len = strcspn(id, "/");
	struct json_object *list = subscriptions(c->w), *s = NULL;
	AUTO_FREE char *name = strndup(id, len);

	for (size_t i = 0; name && i < json_object_array_length(list) && !s; i++) {
		s = json_object_array_get_idx(list, i);
		if (!text_equal_nocase(json_text(s, "id"), name))
			s = NULL;
	}
	if (!s)
		fail_unknown(c, name ? name : "");
	else if (!is_admitted(c, s))
		fail_tenant(c, tenant_of(c->w, s));
	else if (!can_see(c, s))
		arm_fail_role(c, "Microsoft.Resources/subscriptions/read", c->path);
	else if (!id[len])
		reply_object(c->rp, 200, describe(c, s));
	else if (!arm_authorization(c, s))
		answer_resource(c);
	json_object_put(list);
}

static void answer(const struct arm_call *c)
{
	const char *version = params_get(&c->params, "api-version");
	AUTO_TEXT message = { 0 };

	if (!version)
		return arm_fail(c, 400, "MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is required for "
			"all "
			"requests.");
	if (!azure_is_version(version)) {
		text_addf(&message,
			"The api-version '%s' is invalid. The supported versions are "
			"'2024-11-01,2022-12-01,2020-01-01,2016-06-01'.",
			version);
		return arm_fail(
			c, 400, "InvalidApiVersionParameter", text_peek(&message));
	}
	if (text_equal_nocase(c->path, "/subscriptions"))
		return list_subscriptions(c);
	if (text_equal_nocase(c->path, "/tenants"))
		return list_tenants(c);
	if (text_starts_nocase(c->path, "/subscriptions/"))
		return answer_subscription(c);
	if (!arm_authorization(c, NULL))
		answer_resource(c);
}

static void refuse(const struct arm_call *c, enum trust trust)
{
	// clang-format off
	static const struct { const char *code, *message, *why; } rows[TRUST_KINDS] = {
		[TRUST_MISSING] = { "AuthenticationFailed",
			"Authentication failed. The 'Authorization' header is missing.",
			"The authentication failed because of missing 'Authorization' header." },
		[TRUST_BROKEN] = { "InvalidAuthenticationToken",
			"The access token is invalid.",
			"Could not find identity for access token." },
		[TRUST_EXPIRED] = { "ExpiredAuthenticationToken",
			"The access token expiry UTC time is earlier than current UTC time.",
			"The access token expiry UTC time is earlier than current UTC time." },
		[TRUST_AUDIENCE] = { "InvalidAuthenticationTokenAudience",
			"The access token has been obtained for wrong audience or resource. It should exactly match "
			"with one of the allowed audiences 'https://management.core.windows.net/',"
			"'https://management.core.windows.net','https://management.azure.com/',"
			"'https://management.azure.com'.",
			"The access token has been obtained from wrong audience or resource." },
	};
	// clang-format on
	AUTO_TEXT challenge = { 0 };

	text_addf(&challenge,
		"Bearer authorization_uri=\"" LOGIN
		"%s\", error=\"invalid_token\", error_description=\"%s\"",
		trust == TRUST_MISSING ? "" : scenario_tenant(c->w), rows[trust].why);
	reply_header(c->rp, "WWW-Authenticate", text_peek(&challenge));
	arm_fail(c, 401, rows[trust].code, rows[trust].message);
}

/* Without slashes at the end, which do not matter. */
static bool read_path(struct arm_call *c)
{
	size_t len;

	if (!TEXT_COPY(c->path, c->rq->path) || !percent_decode(c->path, false) ||
		text_has_control(c->path))
		return false;
	for (len = strlen(c->path); len > 1 && c->path[len - 1] == '/'; len--)
		c->path[len - 1] = '\0';
	return true;
}

void arm_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	static const char *const audiences[] = { "https://management.core.windows.net",
		"https://management.azure.com",
		"https://management.core.usgovcloudapi.net",
		"https://management.usgovcloudapi.net",
		"https://management.core.chinacloudapi.cn",
		"https://management.chinacloudapi.cn", NULL };
	struct arm_call c = { .w = w, .rq = rq, .rp = rp };
	const struct taker taker = { .audiences = audiences };
	char id[GUID_SIZE];
	enum trust trust;

	make_guid(w, "arm", id);
	reply_header(rp, "Cache-Control", "no-cache");
	reply_header(rp, "x-ms-request-id", id);
	reply_header(rp, "x-ms-correlation-request-id", id);
	params_parse(&c.params, rq->query);
	trust = azure_bearer(w, rq, &taker, &c.claims);
	if (!read_path(&c) || c.params.broken)
		reply_status(rp, 400);
	else if (trust != TRUST_GOOD)
		refuse(&c, trust);
	else
		answer(&c);
	json_object_put(c.claims);
	params_free(&c.params);
}
