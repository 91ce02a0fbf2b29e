/* Azure's built-in roles that identities are given (Microsoft Learn, "Azure built-in roles"):
 * their GUIDs never change. SPDX-License-Identifier: MIT */
#include "role.h"

#include <stddef.h>

#define A      ROLE_ALL
#define G      ROLE_GRANTS
#define D      ROLE_DATA
#define W      (ROLE_DATA | ROLE_DATA_WILD)
#define R      ROLE_READS
#define L      (ROLE_DATA | ROLE_LOGIN)
#define C      ROLE_CONTROL
#define UNLESS "a role with the actions it really uses"

// clang-format off
static const struct role rows[] = {
	{ "Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", A | G, NULL, false },
	{ "Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", A, NULL, false },
	{ "Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", R, NULL, false },
	{ "User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", G, NULL, false },
	{ "Role Based Access Control Administrator", "f58310d9-a9f6-439a-9e8d-f62e7b41a168", G, NULL, false },
	{ "Managed Identity Operator", "f1a07417-d97a-45cb-824c-7a7467783830", 0, NULL, false },
	{ "Managed Identity Contributor", "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", 0, NULL, false },

	{ "Storage Blob Data Owner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", W, "Storage Blob Data Contributor", false },
	{ "Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", D, NULL, false },
	{ "Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", D, NULL, false },
	{ "Storage Blob Delegator", "db58b8e5-c6ad-4a2a-8342-4190687cbf4a", D, NULL, false },
	{ "Storage Queue Data Contributor", "974c5e8b-45b9-4653-ba55-5f855dd0fb88", D, NULL, false },
	{ "Storage Queue Data Reader", "19e7f393-937e-4f77-808e-94535e297925", D, NULL, false },
	{ "Storage Queue Data Message Processor", "8a0f0c08-91a1-4084-bc3d-661d67233fed", D, NULL, false },
	{ "Storage Queue Data Message Sender", "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a", D, NULL, false },
	{ "Storage Queue Delegator", "7ee386e9-84f0-448e-80a6-f185f6533131", D, NULL, false },
	{ "Storage Table Data Contributor", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", D, NULL, false },
	{ "Storage Table Data Reader", "76199698-9eea-4c19-bc75-cec21354c6b6", D, NULL, false },
	{ "Storage Table Delegator", "965033a5-c8eb-4f35-b82f-fef460a3606d", D, NULL, false },
	{ "Storage File Data Privileged Contributor", "69566ab7-960f-475b-8e7c-b3118f30c6bd", D, NULL, false },
	{ "Storage File Data Privileged Reader", "b8eda974-7b85-4f76-af95-65846b26df6d", D, NULL, false },
	{ "Storage File Data SMB Share Contributor", "0c867c2a-1d8c-454a-a3db-ab2ea1bdc8bb", D, NULL, false },
	{ "Storage File Data SMB Share Reader", "aba4ae5f-2193-4029-9191-0cb91df5e314", D, NULL, false },
	{ "Storage File Data SMB Share Elevated Contributor", "a7264617-510b-434b-a828-9731dc254ea7", D, NULL, false },
	{ "Storage File Data SMB MI Admin", "a235d3ee-5935-4cfb-8cc5-a3303ad5995e", D, NULL, false },
	{ "Storage File Delegator", "765a04e0-5de8-4bb2-9bf6-b2a30bc03e91", D, NULL, false },
	{ "Storage Account Contributor", "17d1049b-9a84-46fb-8f53-869881c3d3ab", C, NULL, false },
	{ "Storage Account Key Operator Service Role", "81a9662b-bebf-436f-a333-f67b29880f12", 0, NULL, false },
	{ "Reader and Data Access", "c12c1c16-33a1-487b-954d-41c89c60f349", 0, NULL, false },

	{ "Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483", W, "Key Vault Secrets User, Key Vault Crypto User or Key Vault Certificate User", false },
	{ "Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6", D, NULL, false },
	{ "Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", W, "Key Vault Secrets User", false },
	{ "Key Vault Crypto User", "12338af0-0e69-4776-bea7-57ae8d297424", D, NULL, false },
	{ "Key Vault Crypto Officer", "14b46e9e-c2b7-41b4-b07b-48a6ebf60603", W, "Key Vault Crypto User", false },
	{ "Key Vault Crypto Service Encryption User", "e147488a-f6f5-4113-8e2d-b22465e65bf6", D, NULL, false },
	{ "Key Vault Crypto Service Release User", "08bbd89e-9f13-488c-ac41-acfcb10c90ab", D, NULL, false },
	{ "Key Vault Certificate User", "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", D, NULL, false },
	{ "Key Vault Certificates Officer", "a4417e6f-fecd-4de8-b567-7b0420556985", W, "Key Vault Certificate User", false },
	{ "Key Vault Reader", "21090545-7ca7-4776-b22c-e363652d74d2", D, NULL, false },
	{ "Key Vault Contributor", "f25e0fa2-a7c8-4377-a976-54943a77a395", C, NULL, false },
	{ "Key Vault Data Access Administrator", "8b54135c-b56d-4d72-a534-26097cfdc8d8", G, NULL, false },
	{ "Managed HSM contributor", "18500a29-7fe2-46b2-a342-b16a415e101d", C, NULL, false },

	{ "Azure Service Bus Data Owner", "090c5cfd-751d-490a-894a-3ce6f1109419", W, "Azure Service Bus Data Receiver or Azure Service Bus Data Sender", false },
	{ "Azure Service Bus Data Receiver", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0", D, NULL, false },
	{ "Azure Service Bus Data Sender", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", D, NULL, false },
	{ "Azure Event Hubs Data Owner", "f526a384-b230-433a-b45c-95f59c4a2dec", W, "Azure Event Hubs Data Receiver or Azure Event Hubs Data Sender", false },
	{ "Azure Event Hubs Data Receiver", "a638d3c7-ab3a-418d-83e6-5f17a39d4fde", D, NULL, false },
	{ "Azure Event Hubs Data Sender", "2b629674-e913-4c01-ae53-ef4638d8f975", D, NULL, false },
	{ "Schema Registry Contributor", "5dffeca3-4936-4216-b2bc-10343a5abb25", W, "Schema Registry Reader", false },
	{ "Schema Registry Reader", "2c56ea50-c6b3-40a6-83c0-9d98858bc7d2", D, NULL, false },
	{ "EventGrid Data Sender", "d5a91429-5739-47e2-a06b-3470a27159e7", D, NULL, false },
	{ "Azure Relay Owner", "2787bf04-f1f5-4bfe-8383-c8a24483ee38", W, "Azure Relay Listener or Azure Relay Sender", false },
	{ "Azure Relay Listener", "26e0b698-aa6d-4085-9386-aadae190014d", D, NULL, false },
	{ "Azure Relay Sender", "26baccc8-eea7-41f1-98f4-1762cc7f685d", D, NULL, false },

	{ "App Configuration Data Owner", "5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b", W, "App Configuration Data Reader", false },
	{ "App Configuration Data Reader", "516239f1-63e1-4d78-a4de-a74fb236a071", D, NULL, false },
	{ "AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d", 0, NULL, false },
	{ "AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec", 0, NULL, false },
	{ "AcrDelete", "c2f4ef07-c644-48eb-af81-4b1b4947fb11", 0, NULL, false },
	{ "Container Registry Repository Reader", "b93aa761-3e63-49ed-ac28-beffa264f7ac", D, NULL, false },
	{ "Container Registry Repository Writer", "2a1e307c-b015-4ebd-883e-5b7698a07328", D, NULL, false },
	{ "Container Registry Repository Contributor", "2efddaa5-3f1f-4df3-97df-af3f13818f4c", D, NULL, false },
	{ "Container Registry Repository Catalog Lister", "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7", D, NULL, false },

	{ "Cosmos DB Account Reader Role", "fbdf93bf-df7d-467e-a4d2-9458aa1360c8", C, NULL, false },
	{ "Cosmos DB Operator", "230815da-be43-4aae-9cb4-875f7bd000aa", 0, NULL, false },
	{ "DocumentDB Account Contributor", "5bd9cd88-fe45-4216-938b-f97437e15450", C, NULL, false },
	{ "Cognitive Services User", "a97b65f3-24c7-4388-baec-2e87135dc908", W, "Cognitive Services OpenAI User", false },
	{ "Cognitive Services OpenAI User", "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", D, NULL, false },
	{ "Search Index Data Reader", "1407120a-92aa-4202-b7e9-c0e197c71c8f", D, NULL, false },
	{ "Search Index Data Contributor", "8ebe5a00-799e-43f5-93ac-243d3dce84a7", D, NULL, false },
	{ "SignalR App Server", "420fcaa2-552c-430f-98ca-3264be4806c7", D, NULL, false },
	{ "SignalR Service Owner", "7e4f1700-ea5a-4f59-8f37-079cfe29dce3", W, "SignalR App Server", false },
	{ "Web PubSub Service Owner", "12cf5a90-567b-43ae-8102-96cf46c7d9b4", W, UNLESS, false },
	{ "Azure Maps Data Reader", "423170ca-a8f6-4b0f-8487-9e4eb8f49bfa", D, NULL, false },
	{ "FHIR Data Reader", "4c8d0bbc-75d3-4935-991f-5f3c56d81508", D, NULL, false },
	{ "FHIR Data Contributor", "5a1fc7df-4bf1-4951-a576-89034ee01acd", W, "FHIR Data Reader", false },
	{ "Monitoring Metrics Publisher", "3913510d-42f4-4e42-8a64-420c390055eb", D, NULL, false },
	{ "Monitoring Reader", "43d0d8ad-25c7-4714-9337-8ba259a9fe05", R, NULL, false },
	{ "Log Analytics Reader", "73c42c96-874c-492b-b04d-ab87d138a893", 0, NULL, false },
	{ "Azure Batch Data Contributor", "6aaa78f1-f7de-44ca-8722-c64a23943cae", D, NULL, false },
	{ "Azure Digital Twins Data Owner", "bcd981a7-7f74-457b-83e1-cceb9e632ffe", W, UNLESS, false },
	{ "Virtual Machine Administrator Login", "1c0163c0-47e6-4577-8991-ea5c82e286e4", L, NULL, false },
	{ "Virtual Machine User Login", "fb879df8-f326-4884-b1cf-06f3ad86be52", L, NULL, false },
	{ "Desktop Virtualization User", "1d18fff3-a72a-46b5-b4a9-0b38a3cd7e63", L, NULL, false },
};
// clang-format on

const struct role *role_built_in(const char *id)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_equal_nocase(rows[i].id, id))
			return &rows[i];
	return NULL;
}
