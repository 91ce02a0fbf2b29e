/* Audiences that are Microsoft's own.
 *
 * Microsoft Learn, "Verify first-party Microsoft applications in sign-in reports", and the
 * services' pages on access with Microsoft Entra ID. SPDX-License-Identifier: MIT */
#include "audience.h"

#include <string.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* By the name of the host; one that begins with '.' is all below it as well. */
static const struct {
	const char *host, *service;
} hosts[] = {
	{ "management.azure.com", "Azure Resource Manager" },
	{ "management.usgovcloudapi.net", "Azure Resource Manager" },
	{ "management.chinacloudapi.cn", "Azure Resource Manager" },
	{ "management.core.windows.net", "Azure Resource Manager" },
	{ "management.core.usgovcloudapi.net", "Azure Resource Manager" },
	{ "management.core.chinacloudapi.cn", "Azure Resource Manager" },
	{ "graph.microsoft.com", "Microsoft Graph" },
	{ "graph.microsoft.us", "Microsoft Graph" },
	{ "dod-graph.microsoft.us", "Microsoft Graph" },
	{ "microsoftgraph.chinacloudapi.cn", "Microsoft Graph" },
	{ "graph.windows.net", "Azure AD Graph" },
	{ "graph.chinacloudapi.cn", "Azure AD Graph" },
	{ "storage.azure.com", "Azure Storage" },
	{ ".core.windows.net", "Azure Storage" },
	{ ".core.usgovcloudapi.net", "Azure Storage" },
	{ ".core.chinacloudapi.cn", "Azure Storage" },
	{ ".vault.azure.net", "Key Vault" },
	{ ".vault.usgovcloudapi.net", "Key Vault" },
	{ ".vault.azure.cn", "Key Vault" },
	{ ".managedhsm.azure.net", "Managed HSM" },
	{ ".managedhsm.usgovcloudapi.net", "Managed HSM" },
	{ ".managedhsm.azure.cn", "Managed HSM" },
	{ ".database.windows.net", "Azure SQL" },
	{ ".database.usgovcloudapi.net", "Azure SQL" },
	{ ".database.chinacloudapi.cn", "Azure SQL" },
	{ "cosmos.azure.com", "Cosmos DB" },
	{ ".documents.azure.com", "Cosmos DB" },
	{ ".servicebus.azure.net", "Service Bus" },
	{ ".servicebus.usgovcloudapi.net", "Service Bus" },
	{ ".servicebus.chinacloudapi.cn", "Service Bus" },
	{ ".servicebus.windows.net", "Service Bus" },
	{ "eventhubs.azure.net", "Event Hubs" },
	{ "eventgrid.azure.net", "Event Grid" },
	{ ".azconfig.io", "App Configuration" },
	{ ".azconfig.azure.us", "App Configuration" },
	{ ".azconfig.azure.cn", "App Configuration" },
	{ "containerregistry.azure.net", "Container Registry" },
	{ ".azurecr.io", "Container Registry" },
	{ "dev.azure.com", "Azure DevOps" },
	{ "app.vssps.visualstudio.com", "Azure DevOps" },
	{ "monitor.azure.com", "Azure Monitor" },
	{ "api.loganalytics.io", "Log Analytics" },
	{ "api.applicationinsights.io", "Application Insights" },
	{ "dev.azuresynapse.net", "Synapse" },
	{ "datalake.azure.net", "Data Lake" },
	{ "cognitiveservices.azure.com", "Azure AI services" },
	{ "ai.azure.com", "Azure AI Foundry" },
	{ "ml.azure.com", "Azure Machine Learning" },
	{ "search.azure.com", "AI Search" },
	{ "redis.azure.com", "Azure Redis" },
	{ ".kusto.windows.net", "Azure Data Explorer" },
	{ "analysis.windows.net", "Power BI" },
	{ "api.fabric.microsoft.com", "Microsoft Fabric" },
	{ "azureadtokenexchange", "Entra's token exchange" },
	{ "azureadtokenexchangeusgov", "Entra's token exchange" },
	{ "azureadtokenexchangechina", "Entra's token exchange" },
};

static const struct {
	const char *id, *service;
} applications[] = {
	{ "797f4846-ba00-4fd7-ba43-dac1f8f63013", "Azure Resource Manager" },
	{ "00000003-0000-0000-c000-000000000000", "Microsoft Graph" },
	{ "00000002-0000-0000-c000-000000000000", "Azure AD Graph" },
	{ "e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage" },
	{ "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Key Vault" },
	{ "1341df96-0b28-43da-ba24-7a6ce39be816", "Managed HSM" },
	{ "022907d3-0f1b-48f7-badc-1ba6abab6d66", "Azure SQL" },
	{ "123cd850-d9df-40bd-94d5-c9f07b7fa203", "Azure Database" },
	{ "5657e26c-cc92-45d9-bc47-9da6cfdb4ed9", "Azure Database" },
	{ "80a10ef9-8168-493d-abf9-3297c4ef6e3c", "Service Bus" },
	{ "80369ed6-5f11-4dd9-bef3-692475845e77", "Event Hubs" },
	{ "35ffadb3-7fc1-497e-b61b-381d28e744cc", "App Configuration" },
	{ "6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26", "Container Registry" },
	{ "a232010e-820c-4083-83bb-3ace5fc29d0b", "Cosmos DB" },
	{ "ddbf3205-c6bd-46ae-8127-60eb93363864", "Azure Batch" },
	{ "7d312290-28c8-473c-a0ed-8e53749b6d6d", "Azure AI services" },
	{ "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5", "Log Analytics" },
	{ "f5c26e74-f226-4ae8-85f0-b4af0080ac9e", "Application Insights" },
	{ "e9f49c6b-5ce5-44c8-925d-015017e9f7ad", "Data Lake" },
	{ "2746ea77-4702-4b45-80ca-3c97e680e8b7", "Azure Data Explorer" },
	{ "6dae42f8-4368-4678-94ff-3960e28e3630", "Azure Kubernetes Service" },
	{ "499b84ac-1321-427f-aa17-267ca6975798", "Azure DevOps" },
	{ "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d", "Azure Databricks" },
	{ "880da380-985e-4198-81b9-e05b1cc53158", "AI Search" },
	{ "00000009-0000-0000-c000-000000000000", "Power BI" },
	{ "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "the Azure CLI" },
};

static bool is_host(const char *row, const char *host, size_t len)
{
	size_t row_len = strlen(row);

	if (*row == '.' && len == row_len - 1)
		row++, row_len--;
	if (len < row_len || (len > row_len && *row != '.'))
		return false;
	for (size_t i = 0; i < row_len; i++)
		if (text_lower(host[len - row_len + i]) != row[i])
			return false;
	return true;
}

const char *audience_service(const char *audience)
{
	const char *host = strstr(audience, "://");

	for (size_t i = 0; !host && i < COUNT(applications); i++)
		if (text_equal_nocase(applications[i].id, audience))
			return applications[i].service;
	for (size_t i = 0; host && i < COUNT(hosts); i++)
		if (is_host(hosts[i].host, host + 3, strcspn(host + 3, "/:?#")))
			return hosts[i].service;
	return NULL;
}
