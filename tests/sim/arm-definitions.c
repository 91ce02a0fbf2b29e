/* Role definitions and what they allow (Microsoft Learn, "Azure built-in roles", "List Azure
 * role definitions"). SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "arm.h"

/* Azure's own; lists are parted by blanks. Of long lists only a part is here. */
struct built_in {
	const char *name, *id, *actions, *data_actions, *not_actions;
};

#define STORAGE "Microsoft.Storage/storageAccounts/"
#define BLOBS   STORAGE "blobServices/containers/"
#define QUEUES  STORAGE "queueServices/queues/"
#define VAULTS  "Microsoft.KeyVault/vaults/"

// clang-format off
static const struct built_in rows[] = {
	{ "Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "*", NULL, NULL },
	{ "Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", "*", NULL,
	  "Microsoft.Authorization/*/Delete Microsoft.Authorization/*/Write Microsoft.Authorization/elevateAccess/Action" },
	{ "Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "*/read", NULL, NULL },
	{ "User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "*/read Microsoft.Authorization/* Microsoft.Support/*", NULL, NULL },
	{ "Role Based Access Control Administrator", "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
	  "Microsoft.Authorization/roleAssignments/write Microsoft.Authorization/roleAssignments/delete */read Microsoft.Support/*", NULL, NULL },
	{ "Managed Identity Operator", "f1a07417-d97a-45cb-824c-7a7467783830", "Microsoft.ManagedIdentity/userAssignedIdentities/*/read Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action", NULL, NULL },
	{ "Virtual Machine Contributor", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "Microsoft.Compute/virtualMachines/*", NULL, NULL },
	{ "Storage Account Contributor", "17d1049b-9a84-46fb-8f53-869881c3d3ab", "Microsoft.Storage/storageAccounts/*", NULL, NULL },
	{ "Storage Blob Data Owner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", BLOBS "*", BLOBS "blobs/*", NULL },
	{ "Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", BLOBS "delete " BLOBS "read " BLOBS "write", BLOBS "blobs/delete " BLOBS "blobs/read " BLOBS "blobs/write", NULL },
	{ "Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", BLOBS "read", BLOBS "blobs/read", NULL },
	{ "Storage Queue Data Reader", "19e7f393-937e-4f77-808e-94535e297925", QUEUES "read", QUEUES "messages/read", NULL },
	{ "Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483", VAULTS "*/read", VAULTS "*", NULL },
	{ "Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6", "", VAULTS "secrets/getSecret/action " VAULTS "secrets/readMetadata/action", NULL },
	{ "Key Vault Contributor", "f25e0fa2-a7c8-4377-a976-54943a77a395", "Microsoft.KeyVault/*", NULL, NULL },
	{ "Azure Service Bus Data Sender", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", "Microsoft.ServiceBus/*/queues/read", "Microsoft.ServiceBus/*/send/action", NULL },
	/* Of those that few have heard of. */
	{ "Storage Actions Contributor", "0a3b2f6d-6b4c-4d0e-9c2f-5a1d7e8f9b01", "Microsoft.StorageActions/*", NULL, NULL },
	{ "Contoso Built-in Data Owner", "0a3b2f6d-6b4c-4d0e-9c2f-5a1d7e8f9b02", "", "*", NULL },
};
// clang-format on
#define ROWS    (sizeof(rows) / sizeof(*rows))

static struct json_object *words(const char *text)
{
	struct json_object *list = json_object_new_array();

	while (text && *text) {
		size_t len = strcspn(text, " ");

		(void)json_object_array_add(
			list, json_object_new_string_len(text, (int)len));
		text += len + (text[len] == ' ');
	}
	return list;
}

/* As a scenario writes one. */
static struct json_object *from_row(const struct built_in *row)
{
	struct json_object *o = json_object_new_object();

	arm_add_text(o, "name", row->name);
	arm_add_text(o, "id", row->id);
	arm_add_text(o, "type", "BuiltInRole");
	(void)json_object_object_add(o, "actions", words(row->actions));
	(void)json_object_object_add(o, "notActions", words(row->not_actions));
	(void)json_object_object_add(o, "dataActions", words(row->data_actions));
	return o;
}

static bool is_called(struct json_object *o, const char *name)
{
	return text_equal_nocase(json_text(o, "name"), name) ||
		text_equal_nocase(json_text(o, "id"), name);
}

/* The n-th of all, the scenario's own first; NULL at the end. The caller puts it. */
static struct json_object *nth(const struct world *w, size_t n)
{
	struct json_object *own = scenario_get(w, "arm", "roles");
	size_t count = own ? json_object_array_length(own) : 0;

	if (n < count)
		return json_object_get(json_object_array_get_idx(own, n));
	return n - count < ROWS ? from_row(&rows[n - count]) : NULL;
}

struct json_object *arm_role(const struct world *w, const char *name)
{
	struct json_object *o;

	for (size_t i = 0; (o = nth(w, i)); i++) {
		if (is_called(o, name))
			return o;
		json_object_put(o);
	}
	return NULL;
}

static void copy_list(struct json_object *to, struct json_object *from, const char *name)
{
	struct json_object *list = json_member(from, name);

	(void)json_object_object_add(
		to, name, list ? json_object_get(list) : json_object_new_array());
}

static struct json_object *permissions_of(struct json_object *role)
{
	static const char *const names[] = { "actions", "notActions", "dataActions",
		"notDataActions" };
	struct json_object *p = json_object_new_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		copy_list(p, role, names[i]);
	return p;
}

/* As the service writes it. */
static struct json_object *describe(struct json_object *role, const char *scope)
{
	struct json_object *o = json_object_new_object(), *p = json_object_new_object();
	struct json_object *permissions = json_object_new_array();
	const char *type = json_text(role, "type");
	AUTO_TEXT id = { 0 };

	text_addf(&id, "%s/providers/Microsoft.Authorization/roleDefinitions/%s", scope,
		json_text(role, "id"));
	arm_add_text(p, "roleName", json_text(role, "name"));
	arm_add_text(p, "type", type ? type : "CustomRole");
	arm_add_text(p, "description", "");
	(void)json_object_object_add(p, "assignableScopes", words("/"));
	(void)json_object_array_add(permissions, permissions_of(role));
	(void)json_object_object_add(p, "permissions", permissions);
	(void)json_object_object_add(o, "properties", p);
	arm_add_text(o, "id", text_peek(&id));
	arm_add_text(o, "type", "Microsoft.Authorization/roleDefinitions");
	arm_add_text(o, "name", json_text(role, "id"));
	return o;
}

/* roleName eq 'X', type eq 'BuiltInRole' or 'CustomRole', or atScopeAndBelow(). */
static bool passes(struct json_object *role, const char *filter, bool *ret_known)
{
	const char *type = json_text(role, "type");
	char value[256];
	int end = 0;

	*ret_known = true;
	if (!filter || strcmp(filter, "atScopeAndBelow()") == 0)
		return true;
	if (sscanf(filter, "roleName eq '%255[^']'%n", value, &end) == 1 && end &&
		!filter[end])
		return text_equal_nocase(json_text(role, "name"), value);
	if (sscanf(filter, "type eq '%255[^']'%n", value, &end) == 1 && end &&
		!filter[end])
		return text_equal_nocase(type ? type : "CustomRole", value);
	*ret_known = false;
	return false;
}

static void list(const struct arm_call *c, const char *scope)
{
	const char *filter = params_get(&c->params, "$filter");
	struct json_object *o = json_object_new_object(),
			   *value = json_object_new_array(), *role;
	bool known = true;

	for (size_t i = 0; known && (role = nth(c->w, i)); i++) {
		if (passes(role, filter, &known))
			(void)json_object_array_add(value, describe(role, scope));
		json_object_put(role);
	}
	(void)json_object_object_add(o, "value", value);
	if (known) {
		reply_object(c->rp, 200, o);
		return;
	}
	json_object_put(o);
	arm_fail(c, 400, "UnsupportedQuery",
		"The filter of the role definitions is not supported.");
}

void arm_definitions(const struct arm_call *c, const char *scope, const char *id)
{
	struct json_object *role;
	AUTO_TEXT message = { 0 };

	if (!*id)
		return list(c, scope);
	role = text_is_guid(id) ? arm_role(c->w, id) : NULL;
	if (role) {
		reply_object(c->rp, 200, describe(role, scope));
		json_object_put(role);
		return;
	}
	text_addf(&message, "The specified role definition with ID '%s' does not exist.",
		id);
	arm_fail(c, 404, "RoleDefinitionDoesNotExist", text_peek(&message));
}

/* Documented for resource groups and resources alone. */
void arm_permissions(const struct arm_call *c, const char *scope)
{
	const char *oid = json_text(c->claims, "oid");
	struct json_object *o, *value;
	struct arm_assignment a;

	if (!strcasestr(scope, "/resourceGroups/"))
		return arm_fail(c, 404, "InvalidResourceType",
			"The resource type could not be found in the namespace "
			"'Microsoft.Authorization' for this api version.");
	o = json_object_new_object();
	value = json_object_new_array();
	for (size_t i = 0; arm_assignment(c->w, i, &a); i++) {
		struct json_object *role;

		if (!arm_is_below(scope, a.scope) ||
			(!text_equal_nocase(a.principal, oid) &&
				!arm_is_member(c->w, a.principal, oid)))
			continue;
		role = arm_role(c->w, a.role);
		if (role)
			(void)json_object_array_add(value, permissions_of(role));
		json_object_put(role);
	}
	(void)json_object_object_add(o, "value", value);
	reply_object(c->rp, 200, o);
}
