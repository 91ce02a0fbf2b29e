/* Role assignments (Microsoft Learn, "List Azure role assignments using the REST API"): of
 * the scenario, and as many as it wants made. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arm.h"

#define PLACE   "/providers/Microsoft.Authorization/"
#define CREATED "2026-03-01T08:00:00.1234567Z"

/* Scenario's subscription when it has none. */
#define FIRST   "11110000-0000-4000-8000-000000000001"

bool arm_is_below(const char *scope, const char *a)
{
	size_t len = strlen(a);

	return text_starts_nocase(scope, a) && (!scope[len] || scope[len] == '/');
}

bool arm_is_member(const struct world *w, const char *group, const char *principal)
{
	struct json_object *members =
		json_member(scenario_get(w, "arm", "groups"), group);

	return members && azure_lists(members, principal);
}

/* "assignments": an array, or {"generate": 10000, "plant": [...]}. */
static struct json_object *planted(const struct world *w)
{
	struct json_object *all = scenario_get(w, "arm", "assignments");

	return json_object_is_type(all, json_type_array) ? all
							 : json_member(all, "plant");
}

size_t arm_generated(const struct world *w)
{
	struct json_object *all = scenario_get(w, "arm", "assignments");

	return (size_t)json_object_get_int64(json_member(all, "generate"));
}

/* Four assignments have the same principal. */
void arm_generated_principal(size_t n, char *ret, size_t size)
{
	(void)snprintf(ret, size, "9e4e0000-0000-4000-8000-%012zu", n / 4);
}

/* Each on an account of its own, and nothing to be said against it. */
static void make(const struct world *w, size_t n, struct arm_assignment *ret)
{
	struct json_object *list = scenario_get(w, "arm", "subscriptions");
	const char *subscription = json_text(json_object_is_type(list, json_type_array)
			? json_object_array_get_idx(list, 0)
			: NULL,
		"id");

	arm_generated_principal(n, ret->made_principal, sizeof(ret->made_principal));
	(void)snprintf(ret->made_scope, sizeof(ret->made_scope),
		"/subscriptions/%.36s/resourceGroups/group%zu/providers/"
		"Microsoft.Storage/storageAccounts/account%zu",
		subscription ? subscription : FIRST, n / 10, n);
	(void)snprintf(ret->made_id, sizeof(ret->made_id),
		"%s" PLACE "roleAssignments/a5510000-0000-4000-8000-%012zu",
		ret->made_scope, n);
	ret->id = ret->made_id;
	ret->principal = ret->made_principal;
	ret->scope = ret->made_scope;
	ret->type = "ServicePrincipal";
	ret->created = CREATED;
	ret->condition = NULL;
	(void)snprintf(ret->role, sizeof(ret->role), "%s",
		"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1");
}

static const char * or (const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void read_planted(const struct world *w, struct json_object *o, size_t n,
	struct arm_assignment *ret)
{
	struct json_object *role = arm_role(w, or (json_text(o, "role"), "Reader"));

	ret->scope = or (json_text(o, "scope"), "");
	ret->principal = or (json_text(o, "principal"), "");
	ret->type = or (json_text(o, "type"), "ServicePrincipal");
	ret->condition = json_text(o, "condition");
	ret->created = or (json_text(o, "created"), CREATED);
	(void)snprintf(ret->made_id, sizeof(ret->made_id),
		"%.500s" PLACE "roleAssignments/b5510000-0000-4000-8000-%012zu",
		ret->scope, n);
	ret->id = or (json_text(o, "id"), ret->made_id);
	/* What was deleted leaves its id behind. */
	(void)snprintf(ret->role, sizeof(ret->role), "%s",
		role ? json_text(role, "id") : or (json_text(o, "role"), ""));
	json_object_put(role);
}

/* What is planted stands between what is made, evenly. */
bool arm_assignment(const struct world *w, size_t n, struct arm_assignment *ret)
{
	struct json_object *list = planted(w);
	size_t made = arm_generated(w), rows = list ? json_object_array_length(list) : 0;
	size_t step = rows ? made / rows + 1 : 0;

	if (n >= made + rows)
		return false;
	if (!rows || (n % step && n / step < rows)) {
		make(w, rows ? n - n / step - 1 : n, ret);
	} else if (n / step < rows) {
		read_planted(w, json_object_array_get_idx(list, n / step), n / step, ret);
	} else {
		make(w, n - rows, ret);
	}
	return true;
}

/* What a request's filter lets through. */
struct filter {
	bool at_scope;
	char assigned_to[64], principal[64]; /* "": any */
};

/* atScope(), principalId eq 'ID', assignedTo('ID'), and the first with the third. */
static bool read_filter(const char *text, struct filter *ret)
{
	static const char at[] = "atScope()", and[] = " and ";
	int end = 0;

	*ret = (struct filter){ 0 };
	if (!text)
		return true;
	if (text_starts(text, at)) {
		ret->at_scope = true;
		text += strlen(at);
		if (!*text)
			return true;
		if (!text_starts(text, and))
			return false;
		text += strlen(and);
	} else if (sscanf(text, "principalId eq '%63[^']'%n", ret->principal, &end) ==
			1 &&
		end && !text[end]) {
		return true;
	}
	return sscanf(text, "assignedTo('%63[^']')%n", ret->assigned_to, &end) == 1 &&
		end && !text[end];
}

/* The management groups above a subscription, the nearest last, do not stand in its id. */
static bool is_above(struct json_object *subscription, const char *scope)
{
	struct json_object *groups = json_member(subscription, "managementGroups");
	static const char prefix[] = "/providers/Microsoft.Management/managementGroups/";

	return groups && text_starts_nocase(scope, prefix) &&
		azure_lists(groups, scope + strlen(prefix));
}

static bool passes(
	const struct arm_call *c, const struct filter *f, const struct arm_assignment *a)
{
	if (f->principal[0])
		return text_equal_nocase(a->principal, f->principal);
	return !f->assigned_to[0] || text_equal_nocase(a->principal, f->assigned_to) ||
		arm_is_member(c->w, a->principal, f->assigned_to);
}

static void add_assignment(struct json_object *list, const struct arm_assignment *a)
{
	struct json_object *o = json_object_new_object(), *p = json_object_new_object();
	AUTO_TEXT role = { 0 };
	const char *sub = text_starts_nocase(a->scope, "/subscriptions/") ? a->scope : "";

	text_addf(&role, "%.*s" PLACE "roleDefinitions/%s",
		*sub ? (int)(15 + strcspn(sub + 15, "/")) : 0, sub, a->role);
	arm_add_text(p, "roleDefinitionId", text_peek(&role));
	arm_add_text(p, "principalId", a->principal);
	arm_add_text(p, "principalType", a->type);
	arm_add_text(p, "scope", *a->scope ? a->scope : "/");
	(void)json_object_object_add(p, "condition",
		a->condition ? json_object_new_string(a->condition) : NULL);
	(void)json_object_object_add(p, "conditionVersion",
		a->condition ? json_object_new_string("2.0") : NULL);
	arm_add_text(p, "createdOn", a->created);
	arm_add_text(p, "updatedOn", a->created);
	arm_add_text(p, "createdBy", "");
	arm_add_text(p, "updatedBy", "");
	(void)json_object_object_add(p, "delegatedManagedIdentityResourceId", NULL);
	(void)json_object_object_add(p, "description", NULL);
	(void)json_object_object_add(o, "properties", p);
	arm_add_text(o, "id", a->id);
	arm_add_text(o, "type", "Microsoft.Authorization/roleAssignments");
	arm_add_text(o, "name", strrchr(a->id, '/') ? strrchr(a->id, '/') + 1 : a->id);
	(void)json_object_array_add(list, o);
}

static void add_next_link(const struct arm_call *c, struct json_object *o, size_t after)
{
	const char *filter = params_get(&c->params, "$filter");
	AUTO_TEXT link = { 0 };
	char host[256];

	if (!azure_host(c->rq, host))
		return;
	text_addf(&link, "https://%s%s?api-version=%s", host, c->rq->path,
		params_get(&c->params, "api-version"));
	if (filter) {
		text_add(&link, "&$filter=");
		text_add_url(&link, filter);
	}
	text_addf(&link, "&$skipToken=%zu", after);
	arm_add_text(o, "nextLink", text_peek(&link));
}

/* A page; only the lists of subscriptions have more than one. */
static void list_assignments(const struct arm_call *c, struct json_object *subscription,
	const char *scope, const struct filter *f)
{
	const char *token = params_get(&c->params, "$skipToken");
	bool has_pages = text_starts_nocase(scope, "/subscriptions/") &&
		!strchr(scope + strlen("/subscriptions/"), '/');
	size_t page =
		has_pages ? (size_t)scenario_number(c->w, "arm", "page", 100) : SIZE_MAX;
	size_t at = token ? strtoul(token, NULL, 10) : 0, count = 0;
	struct json_object *o = json_object_new_object(),
			   *value = json_object_new_array();
	struct arm_assignment a;

	for (; count <= page && arm_assignment(c->w, at, &a); at++) {
		bool above =
			arm_is_below(scope, a.scope) || is_above(subscription, a.scope);

		if (!(above || (!f->at_scope && arm_is_below(a.scope, scope))) ||
			!passes(c, f, &a))
			continue;
		if (count++ == page)
			break;
		add_assignment(value, &a);
	}
	(void)json_object_object_add(o, "value", value);
	if (count > page)
		add_next_link(c, o, at);
	reply_object(c->rp, 200, o);
}

static void answer_assignments(
	const struct arm_call *c, struct json_object *subscription, const char *scope)
{
	const char *text = params_get(&c->params, "$filter");
	struct filter f;
	AUTO_TEXT message = { 0 };

	if (!read_filter(text, &f)) {
		text_addf(&message,
			"The filter '%s' is not supported. Supported filters are either "
			"'atScope()' or 'principalId eq '{value}' or "
			"assignedTo('{value}')'.",
			text);
		return arm_fail(c, 400, "UnsupportedQuery", text_peek(&message));
	}
	/* Groups have no answer to it, and it needs a look into the directory. */
	if (f.assigned_to[0] &&
		(scenario_get(c->w, "arm", "no_assigned_to") ||
			json_member(scenario_get(c->w, "arm", "groups"), f.assigned_to)))
		return arm_fail(c, 400, "BadRequestFormat",
			"The request was incorrectly formatted.");
	list_assignments(c, subscription, scope, &f);
}

bool arm_authorization(const struct arm_call *c, struct json_object *subscription)
{
	const char *at = strcasestr(c->path, PLACE), *next;
	AUTO_FREE char *scope = NULL;
	struct json_object *readers = json_member(subscription, "roleReaders");

	while (at && (next = strcasestr(at + 1, PLACE)))
		at = next;
	if (!at || strcmp(c->rq->method, "GET") != 0)
		return false;
	scope = strndup(c->path, (size_t)(at - c->path));
	at += strlen(PLACE);
	if (!scope)
		return false;
	if (text_equal_nocase(at, "permissions")) {
		arm_permissions(c, scope);
	} else if (text_equal_nocase(at, "roleAssignments")) {
		if (azure_lists(readers, json_text(c->claims, "oid")))
			answer_assignments(c, subscription, scope);
		else
			arm_fail_role(
				c, "Microsoft.Authorization/roleAssignments/read", scope);
	} else if (text_starts_nocase(at, "roleDefinitions")) {
		at += strlen("roleDefinitions");
		arm_definitions(c, scope, *at == '/' ? at + 1 : at);
	} else {
		return false;
	}
	return true;
}
