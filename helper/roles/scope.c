/* Scopes of Azure Resource Manager: what an id names, in words.
 * SPDX-License-Identifier: MIT */
#include "scope.h"

#include <stdio.h>
#include <string.h>

#define GROUPS "/providers/Microsoft.Management/managementGroups/"

// clang-format off
/* Roles as in Microsoft Learn, "Azure built-in roles"; Cosmos DB and Managed HSM have roles of
 * their own. What is longer stands before what it begins with. */
static const struct service services[] = {
	{ "Microsoft.Storage/storageAccounts/blobServices/containers", "blob container", "Storage Blob Data Reader", true, false },
	{ "Microsoft.Storage/storageAccounts/queueServices/queues", "storage queue", "Storage Queue Data Reader", true, false },
	{ "Microsoft.Storage/storageAccounts/tableServices/tables", "storage table", "Storage Table Data Reader", true, false },
	{ "Microsoft.Storage/storageAccounts", "storage account", "Storage Blob Data Reader", true, false },
	{ "Microsoft.KeyVault/vaults/secrets", "secret", "Key Vault Secrets User", true, false },
	{ "Microsoft.KeyVault/vaults/keys", "key", "Key Vault Crypto User", true, false },
	{ "Microsoft.KeyVault/vaults", "key vault", "Key Vault Secrets User", true, false },
	{ "Microsoft.KeyVault/managedHSMs", "managed HSM", "Managed HSM Crypto User, which is a role in the HSM itself", true, false },
	{ "Microsoft.ServiceBus/namespaces", "Service Bus namespace", "Azure Service Bus Data Receiver or Azure Service Bus Data Sender", true, false },
	{ "Microsoft.EventHub/namespaces", "Event Hubs namespace", "Azure Event Hubs Data Receiver or Azure Event Hubs Data Sender", true, false },
	{ "Microsoft.AppConfiguration/configurationStores", "App Configuration store", "App Configuration Data Reader", true, false },
	{ "Microsoft.DocumentDB/databaseAccounts", "Cosmos DB account", "Cosmos DB Built-in Data Reader, which is a role in the account itself", true, false },
	{ "Microsoft.CognitiveServices/accounts", "Azure AI account", "Cognitive Services OpenAI User", true, false },
	{ "Microsoft.Search/searchServices", "search service", "Search Index Data Reader", true, false },
	{ "Microsoft.ContainerRegistry/registries", "container registry", "AcrPull", false, false },
	{ "Microsoft.ManagedIdentity/userAssignedIdentities", "managed identity", "Managed Identity Operator", false, false },
	{ "Microsoft.Compute/virtualMachines", "virtual machine", NULL, false, true },
	{ "Microsoft.Compute/virtualMachineScaleSets", "scale set", NULL, false, true },
	{ "Microsoft.HybridCompute/machines", "Arc machine", NULL, false, true },
	{ "Microsoft.Web/sites", "App Service", NULL, false, true },
	{ "Microsoft.App/containerApps", "container app", NULL, false, true },
	{ "Microsoft.ContainerInstance/containerGroups", "container group", NULL, false, true },
};
// clang-format on

const char *scope_kind_name(enum scope_kind kind)
{
	static const char *const names[] = {
		[SCOPE_ROOT] = "root",
		[SCOPE_MANAGEMENT_GROUP] = "management-group",
		[SCOPE_SUBSCRIPTION] = "subscription",
		[SCOPE_RESOURCE_GROUP] = "resource-group",
		[SCOPE_RESOURCE] = "resource",
	};

	return names[kind];
}

/* a, or a/..., without case. */
static bool begins(const char *text, const char *a)
{
	size_t len = strlen(a);

	return text_starts_nocase(text, a) && (!text[len] || text[len] == '/');
}

static const struct service *find_service(const char *type)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (begins(type, services[i].type))
			return &services[i];
	return NULL;
}

bool scope_contains(const char *outer, const char *inner)
{
	return strcmp(outer, "/") == 0 || begins(inner, outer);
}

/* Takes one segment and its slash; false at the end, or when it is empty or too long. */
static bool take(const char **at, char *ret, size_t size)
{
	size_t len = **at == '/' ? strcspn(*at + 1, "/") : 0;

	if (!len || len >= size)
		return false;
	memcpy(ret, *at + 1, len);
	ret[len] = '\0';
	*at += len + 1;
	return true;
}

static bool append(char *to, size_t size, const char *segment)
{
	size_t len = strlen(to), more = strlen(segment) + (len != 0);

	if (len + more >= size)
		return false;
	(void)snprintf(to + len, size - len, "%s%s", len ? "/" : "", segment);
	return true;
}

/* /NAMESPACE/TYPE/NAME[/TYPE/NAME...]; what extends a resource follows another "providers".
 * Names that say nothing ("default") are left out. */
static bool read_resource(const char *at, struct scope *ret)
{
	char type[128], name[256];

	ret->kind = SCOPE_RESOURCE;
	if (!take(&at, type, sizeof(type)) || !append(ret->type, sizeof(ret->type), type))
		return false;
	while (*at) {
		if (!take(&at, type, sizeof(type)))
			return false;
		if (text_equal_nocase(type, "providers")) {
			ret->type[0] = '\0';
			if (!take(&at, type, sizeof(type)) ||
				!append(ret->type, sizeof(ret->type), type))
				return false;
			continue;
		}
		if (!append(ret->type, sizeof(ret->type), type) ||
			!take(&at, name, sizeof(name)))
			return false;
		if (strcmp(name, "default") != 0 &&
			!append(ret->name, sizeof(ret->name), name))
			return false;
	}
	ret->service = find_service(ret->type);
	return ret->name[0] != '\0';
}

/* What follows /subscriptions/. */
static bool read_subscription(const char *at, struct scope *ret)
{
	char word[64];

	if (!take(&at, ret->subscription, sizeof(ret->subscription)) ||
		!TEXT_COPY(ret->name, ret->subscription))
		return false;
	ret->kind = SCOPE_SUBSCRIPTION;
	if (!*at)
		return true;
	ret->name[0] = '\0';
	if (!take(&at, word, sizeof(word)))
		return false;
	if (text_equal_nocase(word, "providers"))
		return read_resource(at, ret);
	if (!text_equal_nocase(word, "resourceGroups") ||
		!take(&at, ret->name, sizeof(ret->name)))
		return false;
	ret->kind = SCOPE_RESOURCE_GROUP;
	if (!*at)
		return true;
	ret->name[0] = '\0';
	return take(&at, word, sizeof(word)) && text_equal_nocase(word, "providers") &&
		read_resource(at, ret);
}

bool scope_read(const char *id, struct scope *ret)
{
	static const char subscriptions[] = "/subscriptions", providers[] = "/providers";

	*ret = (struct scope){ 0 };
	if (strcmp(id, "/") == 0)
		return TEXT_COPY(ret->name, "/");
	if (begins(id, subscriptions))
		return read_subscription(id + strlen(subscriptions), ret);
	if (text_starts_nocase(id, GROUPS) && id[strlen(GROUPS)] &&
		!strchr(id + strlen(GROUPS), '/')) {
		ret->kind = SCOPE_MANAGEMENT_GROUP;
		return TEXT_COPY(ret->name, id + strlen(GROUPS));
	}
	return begins(id, providers) && read_resource(id + strlen(providers), ret);
}

void scope_format(const struct scope *s, const char *name, struct text *ret)
{
	static const char *const words[] = {
		[SCOPE_ROOT] = "the whole directory",
		[SCOPE_MANAGEMENT_GROUP] = "management group",
		[SCOPE_SUBSCRIPTION] = "subscription",
		[SCOPE_RESOURCE_GROUP] = "resource group",
	};

	if (s->kind == SCOPE_RESOURCE)
		text_add(ret, s->service ? s->service->words : s->type);
	else
		text_add(ret, words[s->kind]);
	if (s->kind != SCOPE_ROOT)
		text_addf(ret, " %s", name && *name ? name : s->name);
}

void scope_add_path(struct text *t, const char *id)
{
	while (*id == '/') {
		size_t len = strcspn(id + 1, "/");
		char segment[300];

		(void)snprintf(segment, sizeof(segment), "%.*s",
			(int)(len < sizeof(segment) ? len : sizeof(segment) - 1), id + 1);
		text_add_url(t, segment);
		id += len + 1;
		text_add(t, *id ? "/" : "");
	}
}
