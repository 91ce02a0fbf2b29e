/* What a role definition allows (Microsoft Learn, "Understand Azure role definitions").
 * SPDX-License-Identifier: MIT */
#include "role.h"

#include <string.h>

static bool has_text(const struct json *list, bool (*fits)(const char *action))
{
	const struct json *at = list && list->kind == JSON_ARRAY ? list->child : NULL;

	for (; at; at = at->next)
		if (json_text(at) && fits(json_text(at)))
			return true;
	return false;
}

static bool is_any(const char *action)
{
	return *action != '\0';
}

static bool is_all(const char *action)
{
	return strcmp(action, "*") == 0;
}

/* `*` stands for any characters, slashes too; without case. */
static bool matches(const char *pattern, const char *action)
{
	const char *star = NULL, *from = NULL;

	while (*action) {
		if (*pattern == '*') {
			star = pattern++;
			from = action;
		} else if (text_lower(*pattern) == text_lower(*action)) {
			pattern++;
			action++;
		} else if (star) {
			pattern = star + 1;
			action = ++from;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static bool is_matched(const struct json *list, const char *action)
{
	const struct json *at = list && list->kind == JSON_ARRAY ? list->child : NULL;

	for (; at; at = at->next)
		if (json_text(at) && matches(json_text(at), action))
			return true;
	return false;
}

/* Whoever may write role definitions widens a role that it has. */
static bool grants(const struct json *actions, const struct json *denied)
{
	static const char *const writes[] = {
		"Microsoft.Authorization/roleAssignments/write",
		"Microsoft.Authorization/roleDefinitions/write",
	};

	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++)
		if (is_matched(actions, writes[i]) && !is_matched(denied, writes[i]))
			return true;
	return false;
}

/* Everything that can be done, with all data or with what is below some name. */
static bool is_wild(const char *action)
{
	size_t len = strlen(action);

	return len && action[len - 1] == '*';
}

static bool is_no_read(const char *action)
{
	return !text_ends_nocase(action, "/read");
}

static unsigned flags_of(const struct json *permission)
{
	const struct json *actions = json_member(permission, "actions"),
			  *data = json_member(permission, "dataActions");
	unsigned flags = 0;

	if (has_text(actions, is_all))
		flags |= ROLE_ALL;
	if (grants(actions, json_member(permission, "notActions")))
		flags |= ROLE_GRANTS;
	if (has_text(data, is_any))
		flags |= ROLE_DATA;
	if (has_text(data, is_wild))
		flags |= ROLE_DATA_WILD;
	if (has_text(actions, is_no_read) || flags & ROLE_DATA)
		return flags;
	return flags | ROLE_READS;
}

bool role_read(const struct json *properties, const char *id, struct role *ret)
{
	const struct json *list = json_member(properties, "permissions");
	const char *name = json_text(json_member(properties, "roleName"));
	const char *type = json_text(json_member(properties, "type"));
	unsigned flags = 0, reads = ROLE_READS;

	if (!name || !list || list->kind != JSON_ARRAY)
		return false;
	for (const struct json *at = list->child; at; at = at->next) {
		flags |= flags_of(at);
		reads &= flags_of(at);
	}
	flags = (flags & ~(unsigned)ROLE_READS) | reads;
	if (text_starts_nocase(name, "Virtual Machine"))
		flags |= ROLE_LOGIN;
	*ret = (struct role){ .name = name,
		.id = id,
		.flags = flags,
		.is_custom = !type || !text_equal_nocase(type, "BuiltInRole") };
	return true;
}
