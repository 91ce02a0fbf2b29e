/* Azure Resource Manager: what keeps a caller from something, and lists of resources
 * (Microsoft Learn, "RequestDisallowedByPolicy error", "Understand Azure deny assignments",
 * "Resources - List"). SPDX-License-Identifier: MIT */
#include "arm-rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return strncasecmp(path, top, len) == 0 && (!path[len] || path[len] == '/');
}

/* Microsoft.X/kind/kind: the names between left out. */
static void add_type(const char *path, struct text *ret)
{
	const char *at = strstr(path, "/providers/");
	bool kind = true;

	if (!at) {
		text_add(ret,
			strstr(path, "/resourceGroups/")
				? "Microsoft.Resources/subscriptions/resourceGroups"
				: "Microsoft.Resources/subscriptions");
		return;
	}
	at += strlen("/providers/");
	text_add_bytes(ret, at, strcspn(at, "/"));
	for (at += strcspn(at, "/"); *at; kind = !kind) {
		size_t len = 1 + strcspn(at + 1, "/");

		if (kind)
			text_add_bytes(ret, at, len);
		at += len;
	}
}

static const char *action_of(const struct arm_asked *a)
{
	const char *method = a->method;

	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? "read"
		: strcmp(method, "DELETE") == 0                          ? "delete"
		: strcmp(method, "POST") == 0                            ? "action"
									 : "write";
}

static bool lists_path(struct json_object *tops, const char *path)
{
	for (size_t i = 0; tops && i < json_object_array_length(tops); i++)
		if (below(path,
			    json_object_get_string(json_object_array_get_idx(tops, i))))
			return true;
	return false;
}

static void fail(const struct arm_asked *a, const char *code, const char *message)
{
	azure_fail(a->rp, 403, &(struct azure_error){ .code = code, .message = message });
}

static void refuse_role(const struct arm_asked *a, const char *action)
{
	AUTO_TEXT message = { 0 };

	text_addf(&message,
		"The client '%s' with object id '%s' does not have authorization to "
		"perform action '%s' over scope '%s' or the scope is invalid. If access "
		"was recently granted, please refresh your credentials.",
		a->oid, a->oid, action, a->path);
	fail(a, "AuthorizationFailed", text_peek(&message));
}

static void refuse_by_policy(const struct arm_asked *a)
{
	AUTO_TEXT message = { 0 };

	text_addf(&message,
		"Resource '%s' was disallowed by policy. Policy identifiers: "
		"'[{\"policyAssignment\":{\"name\":\"No identities\",\"id\":"
		"\"/subscriptions/11110000-0000-4000-8000-000000000001/providers/"
		"Microsoft.Authorization/policyAssignments/no-identities\"},"
		"\"policyDefinition\":{\"name\":\"Deny identities\",\"id\":"
		"\"/providers/Microsoft.Authorization/policyDefinitions/deny\"}}]'.",
		strrchr(a->path, '/') + 1);
	fail(a, "RequestDisallowedByPolicy", text_peek(&message));
}

static void refuse_by_deny(const struct arm_asked *a, const char *action)
{
	AUTO_TEXT message = { 0 };

	text_addf(&message,
		"The client '%s' with object id '%s' has permission to perform action "
		"'%s' on scope '%s'; however, the access is denied because of the deny "
		"assignment with name 'managed by the application' and Id "
		"'dddd00000000400080000000000000d1' at scope '%s'.",
		a->oid, a->oid, action, a->path, a->path);
	fail(a, "DenyAssignmentAuthorizationFailed", text_peek(&message));
}

static bool forbids(const struct arm_asked *a)
{
	const char *verb = action_of(a);
	AUTO_TEXT action = { 0 };

	add_type(a->path, &action);
	text_addf(&action, "/%s", verb);
	if (lists_path(scenario_get(a->w, "arm", "unassigned"), a->path))
		refuse_role(a, text_peek(&action));
	else if (lists_path(scenario_get(a->w, "arm", "deny"), a->path))
		refuse_by_deny(a, text_peek(&action));
	else if (strcmp(verb, "write") == 0 &&
		lists_path(scenario_get(a->w, "arm", "policies"), a->path))
		refuse_by_policy(a);
	else
		return false;
	return true;
}

/* resourceType eq 'X' and name eq 'Y', either alone as well; a name may be asked for with
 * substringof('Y', name) too. */
static bool fits(struct json_object *resource, const char *filter)
{
	static const struct {
		const char *start, *member;
	} rows[] = { { "resourceType eq '", "type" }, { "name eq '", "name" } };

	for (size_t i = 0; filter && i < sizeof(rows) / sizeof(*rows); i++) {
		const char *at = strcasestr(filter, rows[i].start);
		const char *have = json_text(resource, rows[i].member);
		size_t len;

		if (!at)
			continue;
		at += strlen(rows[i].start);
		len = strcspn(at, "'");
		if (!have || strlen(have) != len || strncasecmp(have, at, len) != 0)
			return false;
	}
	return true;
}

/* Adds the resources of this list that fit. */
static void add_list(
	struct json_object *value, struct json_object *list, const char *filter)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		if (fits(one, filter))
			(void)json_object_array_add(value, json_object_get(one));
	}
}

/* What the scenario has as this very list, else those of its resources that are below. */
static bool list_resources(const struct arm_asked *a)
{
	struct json_object *all = scenario_get(a->w, "arm", "resources"), *o, *value;
	const char *filter = a->filter;
	size_t top = strlen(a->path) - strlen("/resources");
	bool own = false;

	if (!text_ends_nocase(a->path, "/resources") ||
		strcasestr(a->path, "/providers/"))
		return false;
	value = json_object_new_array();
	for (struct json_walk m = json_walk(all); json_next(&m);)
		if (text_equal_nocase(m.name, a->path)) {
			add_list(value, json_member(m.value, "value"), filter);
			own = true;
		}
	for (struct json_walk m = json_walk(all); !own && json_next(&m);)
		if (strncasecmp(m.name, a->path, top) == 0 &&
			json_text(m.value, "type") && strstr(m.name, "/providers/") &&
			fits(m.value, filter))
			(void)json_object_array_add(value, json_object_get(m.value));
	o = json_object_new_object();
	(void)json_object_object_add(o, "value", value);
	reply_object(a->rp, 200, o);
	return true;
}

bool arm_rules(const struct arm_asked *a)
{
	return forbids(a) || list_resources(a);
}
