/* Built-in roles (Microsoft Learn, "Azure built-in roles"), by what they are for.
 * SPDX-License-Identifier: MIT */
#include "visit.h"

// clang-format off
/* Of each family first the least that reads, then the least that writes or sends. */
static const struct {
	enum family family;
	const char *name, *guid;
} roles[] = {
	{ FAMILY_BLOB, "Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1" },
	{ FAMILY_BLOB, "Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe" },
	{ FAMILY_BLOB, "Storage Blob Data Owner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b" },
	{ FAMILY_QUEUE, "Storage Queue Data Reader", "19e7f393-937e-4f77-808e-94535e297925" },
	{ FAMILY_QUEUE, "Storage Queue Data Contributor", "974c5e8b-45b9-4653-ba55-5f855dd0fb88" },
	{ FAMILY_TABLE, "Storage Table Data Reader", "76199698-9eea-4c19-bc75-cec21354c6b6" },
	{ FAMILY_TABLE, "Storage Table Data Contributor", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3" },
	{ FAMILY_FILE, "Storage File Data Privileged Reader", "b8eda974-7b85-4f76-af95-65846b26df6d" },
	{ FAMILY_FILE, "Storage File Data Privileged Contributor", "69566ab7-960f-475b-8e7c-b3118f30c6bd" },
	{ FAMILY_SECRETS, "Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6" },
	{ FAMILY_SECRETS, "Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7" },
	{ FAMILY_SECRETS, "Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483" },
	{ FAMILY_KEYS, "Key Vault Crypto User", "12338af0-0e69-4776-bea7-57ae8d297424" },
	{ FAMILY_KEYS, "Key Vault Crypto Officer", "14b46e9e-c2b7-41b4-b07b-48a6ebf60603" },
	{ FAMILY_KEYS, "Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483" },
	{ FAMILY_CERTIFICATES, "Key Vault Certificate User", "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba" },
	{ FAMILY_CERTIFICATES, "Key Vault Certificates Officer", "a4417e6f-fecd-4de8-b567-7b0420556985" },
	{ FAMILY_CERTIFICATES, "Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483" },
	/* The HSM's own: no definitions of Azure's. */
	{ FAMILY_HSM, "Managed HSM Crypto User", "" },
	{ FAMILY_HSM, "Managed HSM Crypto Officer", "" },
	{ FAMILY_SERVICEBUS, "Azure Service Bus Data Receiver", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0" },
	{ FAMILY_SERVICEBUS, "Azure Service Bus Data Sender", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39" },
	{ FAMILY_SERVICEBUS, "Azure Service Bus Data Owner", "090c5cfd-751d-490a-894a-3ce6f1109419" },
	{ FAMILY_EVENTHUBS, "Azure Event Hubs Data Receiver", "a638d3c7-ab3a-418d-83e6-5f17a39d4fde" },
	{ FAMILY_EVENTHUBS, "Azure Event Hubs Data Sender", "2b629674-e913-4c01-ae53-ef4638d8f975" },
	{ FAMILY_EVENTHUBS, "Azure Event Hubs Data Owner", "f526a384-b230-433a-b45c-95f59c4a2dec" },
	{ FAMILY_COSMOS, "Cosmos DB Built-in Data Reader", "00000000-0000-0000-0000-000000000001" },
	{ FAMILY_COSMOS, "Cosmos DB Built-in Data Contributor", "00000000-0000-0000-0000-000000000002" },
	{ FAMILY_APPCONFIG, "App Configuration Data Reader", "516239f1-63e1-4d78-a4de-a74fb236a071" },
	{ FAMILY_APPCONFIG, "App Configuration Data Owner", "5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b" },
	{ FAMILY_REGISTRY, "AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d" },
	{ FAMILY_REGISTRY, "AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec" },
	{ FAMILY_REGISTRY, "Container Registry Repository Reader", "b93aa761-3e63-49ed-ac28-beffa264f7ac" },
	{ FAMILY_REGISTRY, "Container Registry Repository Writer", "2a1e307c-b015-4ebd-883e-5b7698a07328" },
	{ FAMILY_ARM, "Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7" },
	{ FAMILY_ARM, "Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c" },
	{ FAMILY_ARM, "Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" },
	{ FAMILY_LOGS, "Log Analytics Reader", "73c42c96-874c-492b-b04d-ab87d138a893" },
	{ FAMILY_INSIGHTS, "Monitoring Reader", "43d0d8ad-25c7-4714-9337-8ba259a9fe05" },
	{ FAMILY_SEARCH, "Search Index Data Reader", "1407120a-92aa-4202-b7e9-c0e197c71c8f" },
	{ FAMILY_SEARCH, "Search Index Data Contributor", "8ebe5a00-799e-43f5-93ac-243d3dce84a7" },
	{ FAMILY_OPENAI, "Cognitive Services OpenAI User", "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd" },
	{ FAMILY_AI, "Cognitive Services User", "a97b65f3-24c7-4388-baec-2e87135dc908" },
	{ FAMILY_METRICS, "Monitoring Metrics Publisher", "3913510d-42f4-4e42-8a64-420c390055eb" },
	{ FAMILY_CONTROL, "Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7" },
	{ FAMILY_CONTROL, "Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c" },
	{ FAMILY_CONTROL, "Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" },
	{ FAMILY_CONTROL, "User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9" },
	{ FAMILY_CONTROL, "Storage Account Contributor", "17d1049b-9a84-46fb-8f53-869881c3d3ab" },
	{ FAMILY_CONTROL, "Key Vault Contributor", "f25e0fa2-a7c8-4377-a976-54943a77a395" },
	{ FAMILY_CONTROL, "DocumentDB Account Contributor", "5bd9cd88-fe45-4216-938b-f97437e15450" },
};
// clang-format on
#define ROLES (sizeof(roles) / sizeof(*roles))

/* The n-th of a family. */
static const char *role_at(enum family f, unsigned n)
{
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].family == f && n-- == 0)
			return roles[i].name;
	return "";
}

const char *role_reader(enum family f)
{
	return role_at(f, 0);
}

const char *role_writer(enum family f)
{
	return role_at(f, 1);
}

const char *role_name(const char *guid)
{
	for (size_t i = 0; i < ROLES; i++)
		if (text_equal_nocase(roles[i].guid, guid))
			return roles[i].name;
	return NULL;
}

const char *role_of(enum family f, const char *guid)
{
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].family == f && text_equal_nocase(roles[i].guid, guid))
			return roles[i].name;
	return NULL;
}
