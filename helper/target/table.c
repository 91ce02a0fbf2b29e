/* The services: how each is read without harm, and what its URLs name. From Microsoft
 * Learn's REST references of the services. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "visit.h"

/* Storage: the account's first container, queue, table; or what is in the one named; or the
 * metadata of what lies in it. Contents are never read. */

static const char *read_blob(const struct visit *v, struct text *ret)
{
	const struct place *p = &v->at;

	if (p->parts == 0)
		text_add(ret, "/?comp=list&maxresults=1");
	else if (p->parts == 1)
		text_addf(
			ret, "/%s?restype=container&comp=list&maxresults=1", p->part[0]);
	else
		text_addf(ret, "%s?comp=metadata", p->path);
	return "GET";
}

static const char *read_queue(const struct visit *v, struct text *ret)
{
	const struct place *p = &v->at;

	if (p->parts == 0)
		text_add(ret, "/?comp=list&maxresults=1");
	else if (strcmp(place_part(p, 1), "messages") == 0)
		text_addf(ret, "/%s/messages?peekonly=true&numofmessages=1", p->part[0]);
	else
		text_addf(ret, "/%s?comp=metadata", p->part[0]);
	return "GET";
}

/* /Tables, /Tables('NAME'), /NAME, /NAME(PartitionKey='a',RowKey='b') */
static size_t table_name(const struct visit *v)
{
	const char *part = place_part(&v->at, 0);
	size_t len = strcspn(part, "(%");

	return len == strlen("Tables") && strncmp(part, "Tables", len) == 0 ? 0 : len;
}

static const char *read_table(const struct visit *v, struct text *ret)
{
	size_t len = table_name(v);

	if (len)
		text_addf(ret, "/%.*s()?$top=1&$select=PartitionKey", (int)len,
			v->at.part[0]);
	else
		text_add(ret, "/Tables?$top=1");
	return "GET";
}

/* Shares are listed by Resource Manager alone. */
static const char *read_file(const struct visit *v, struct text *ret)
{
	const struct place *p = &v->at;

	if (p->parts == 0)
		return NULL;
	place_add(p, 0, p->parts, ret);
	text_add(ret,
		p->parts == 1 || p->is_folder
			? "?restype=directory&comp=list&maxresults=1"
			: "?comp=metadata");
	return "GET";
}

static const char *read_dfs(const struct visit *v, struct text *ret)
{
	const struct place *p = &v->at;

	if (p->parts == 0)
		text_add(ret, "/?resource=account&maxResults=1");
	else if (p->parts == 1)
		text_addf(ret, "/%s?resource=filesystem&recursive=false&maxResults=1",
			p->part[0]);
	else
		place_add(p, 0, p->parts, ret);
	return p->parts > 1 ? "HEAD" : "GET";
}

static void below(
	const struct visit *v, const char *collection, size_t len, struct text *ret)
{
	AUTO_TEXT name = { 0 };

	text_add_bytes(&name, place_part(&v->at, 0), len);
	if (place_is_plain(text_peek(&name)))
		text_addf(ret, "%s/%s", collection, text_peek(&name));
}

static void below_blob(const struct visit *v, struct text *ret)
{
	below(v, "/blobServices/default/containers", strlen(place_part(&v->at, 0)), ret);
}

static void below_queue(const struct visit *v, struct text *ret)
{
	below(v, "/queueServices/default/queues", strlen(place_part(&v->at, 0)), ret);
}

static void below_table(const struct visit *v, struct text *ret)
{
	below(v, "/tableServices/default/tables", table_name(v), ret);
}

static void below_file(const struct visit *v, struct text *ret)
{
	below(v, "/fileServices/default/fileshares", strlen(place_part(&v->at, 0)), ret);
}

/* Service Bus and Event Hubs: what the queue, topic, subscription or hub is like, which
 * senders and receivers may read ("Manage,EntityRead"). */

static unsigned count_entity(const struct place *p)
{
	static const char *const ends[] = { "messages", "consumergroups", "partitions",
		"publishers", "$DeadLetterQueue" };
	unsigned n = 0;

	for (; n < p->parts; n++)
		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
			if (text_equal_nocase(p->part[n], ends[i]))
				return n;
	return n;
}

static const char *read_bus(const struct visit *v, struct text *ret)
{
	unsigned count = count_entity(&v->at);

	if (count == 0)
		text_add(ret,
			v->family == FAMILY_EVENTHUBS
				? "/$Resources/EventHubs?$top=1&api-version=2017-04"
				: "/$Resources/Queues?$top=1&api-version=2017-04");
	place_add(&v->at, 0, count, ret);
	if (count)
		text_add(ret, "?api-version=2017-04");
	return "GET";
}

static void below_bus(const struct visit *v, struct text *ret)
{
	const struct place *p = &v->at;

	if (v->family == FAMILY_EVENTHUBS)
		below(v, "/eventhubs", strlen(place_part(p, 0)), ret);
	else if (text_equal_nocase(place_part(p, 1), "subscriptions") &&
		place_is_plain(p->part[0]) && place_is_plain(place_part(p, 2)))
		text_addf(ret, "/topics/%s/subscriptions/%s", p->part[0], p->part[2]);
}

/* The same key may be there once for each label, and without one. */
static void add_label(const char *query, struct text *ret)
{
	static const char name[] = "label=";

	for (const char *at = query; at; at = strchr(at, '&')) {
		at += *at == '&';
		if (!text_starts(at, name))
			continue;
		text_add(ret, "&");
		text_add_bytes(ret, at, strcspn(at, "&"));
		return;
	}
}

static const char *read_appconfig(const struct visit *v, struct text *ret)
{
	const struct place *p = &v->at;

	text_add(ret, "/kv");
	if (text_equal_nocase(place_part(p, 0), "kv"))
		place_add(p, 1, 2, ret);
	text_add(ret, "?api-version=1.0&$select=key");
	add_label(p->query, ret);
	return "GET";
}

/* Without a path: the identity's own entry. */
static const char *read_graph(const struct visit *v, struct text *ret)
{
	const struct place *p = &v->at;

	if (p->parts < 2) {
		text_addf(ret, "/v1.0/servicePrincipals/%s?$select=id",
			visit_text(v, MITOK_TEXT_OBJECT_ID));
		return "GET";
	}
	place_add(p, 0, p->parts, ret);
	text_add(ret, "?$select=id");
	return "GET";
}

/* A repository, a project, or the organisation, in both spellings of its host. */
static const char *read_devops(const struct visit *v, struct text *ret)
{
	const struct place *p = &v->at;
	bool is_new = text_ends_nocase(p->host, "dev.azure.com");
	unsigned org = is_new ? 1 : 0, git = 0;

	if (p->parts < org)
		return NULL;
	while (git < p->parts && strcmp(p->part[git], "_git") != 0)
		git++;
	if (git + 1 < p->parts) {
		place_add(p, 0, git + 2, ret);
		text_add(ret, "/info/refs?service=git-upload-pack");
		return "GET";
	}
	place_add(p, 0, org, ret);
	if (p->parts > org && p->part[org][0] != '_')
		text_addf(ret, "/_apis/projects/%s?api-version=7.1", p->part[org]);
	else
		text_add(ret, "/_apis/connectionData");
	return "GET";
}

static const char *read_databricks(const struct visit *v, struct text *ret)
{
	(void)v;
	text_add(ret, "/api/2.0/preview/scim/v2/Me");
	return "GET";
}

/* A query that asks nothing of the workspace's data: /v1/workspaces/ID, /v1/apps/ID. */
static const char *read_query(const struct visit *v, struct text *ret)
{
	if (v->at.parts < 3)
		return NULL;
	place_add(&v->at, 0, 3, ret);
	text_add(ret, "/query?query=print%201");
	return "GET";
}

/* /indexes/NAME */
static const char *read_search(const struct visit *v, struct text *ret)
{
	if (v->at.parts < 2 || strcmp(v->at.part[0], "indexes") != 0)
		return NULL;
	place_add(&v->at, 0, 2, ret);
	text_add(ret, "/docs/$count?api-version=2023-11-01");
	return "GET";
}

static const char *read_openai(const struct visit *v, struct text *ret)
{
	(void)v;
	text_add(ret, "/openai/models?api-version=2024-10-21");
	return "GET";
}

static const char *read_own(const struct visit *v, struct text *ret)
{
	text_add(ret, v->at.path);
	if (v->at.query[0])
		text_addf(ret, "?%s", v->at.query);
	return "GET";
}

#define STORAGE_HEADERS                                               \
	{                                                             \
		{                                                     \
			.name = "x-ms-version", .value = "2023-11-03" \
		}                                                     \
	}
#define TABLE_HEADERS                                                                  \
	{                                                                              \
		{ .name = "x-ms-version", .value = "2023-11-03" },                     \
		{                                                                      \
			.name = "Accept", .value = "application/json;odata=nometadata" \
		}                                                                      \
	}
/* Files know no other tokens than those that pass over the files' own access lists. */
#define FILE_HEADERS                                                          \
	{                                                                     \
		{ .name = "x-ms-version", .value = "2023-11-03" },            \
		{                                                             \
			.name = "x-ms-file-request-intent", .value = "backup" \
		}                                                             \
	}
#define JSON_HEADERS                                                  \
	{                                                             \
		{                                                     \
			.name = "Accept", .value = "application/json" \
		}                                                     \
	}
#define STORAGE_TYPE "Microsoft.Storage/storageAccounts"
#define AI_TYPE      "Microsoft.CognitiveServices/accounts"

// clang-format off
const struct service services[] = {
	{ .host = ".blob.", .name = "Storage (blobs)", .read = read_blob, .headers = STORAGE_HEADERS,
	  .family = FAMILY_BLOB, .type = STORAGE_TYPE, .below = below_blob },
	{ .host = ".dfs.", .name = "Storage (Data Lake)", .read = read_dfs, .headers = STORAGE_HEADERS,
	  .family = FAMILY_BLOB, .type = STORAGE_TYPE, .below = below_blob },
	{ .host = ".queue.", .name = "Storage (queues)", .read = read_queue, .headers = STORAGE_HEADERS,
	  .family = FAMILY_QUEUE, .type = STORAGE_TYPE, .below = below_queue },
	{ .host = ".table.", .name = "Storage (tables)", .read = read_table, .headers = TABLE_HEADERS,
	  .family = FAMILY_TABLE, .type = STORAGE_TYPE, .below = below_table },
	{ .host = ".file.", .name = "Storage (files)", .read = read_file, .headers = FILE_HEADERS,
	  .family = FAMILY_FILE, .type = STORAGE_TYPE, .below = below_file,
	  .note = "name a share, as in https://ACCOUNT.file.core.windows.net/SHARE, to have it read" },
	{ .host = ".vault.", .name = "Key Vault", .ask = vault_ask, .look = vault_look,
	  .family = FAMILY_SECRETS, .type = "Microsoft.KeyVault/vaults", .zone = "vaultcore" },
	{ .host = ".managedhsm.", .name = "Managed HSM", .ask = vault_ask, .look = vault_look,
	  .grant = GRANT_HSM, .family = FAMILY_HSM, .type = "Microsoft.KeyVault/managedHSMs",
	  .bare_403 = TARGET_NO_ROLE },
	{ .host = ".servicebus.", .name = "Service Bus or Event Hubs", .read = read_bus,
	  .family = FAMILY_SERVICEBUS, .type = "Microsoft.ServiceBus/namespaces", .below = below_bus,
	  .bare_401 = TARGET_NO_ROLE, .bare_403 = TARGET_NO_ROLE },
	{ .host = ".documents.azure.", .name = "Cosmos DB", .ask = cosmos_ask, .grant = GRANT_COSMOS,
	  .family = FAMILY_COSMOS, .type = "Microsoft.DocumentDB/databaseAccounts" },
	{ .host = ".azconfig.", .name = "App Configuration", .read = read_appconfig,
	  .family = FAMILY_APPCONFIG, .type = "Microsoft.AppConfiguration/configurationStores",
	  .bare_403 = TARGET_NO_ROLE },
	{ .host = ".azurecr.", .name = "Container Registry", .ask = registry_ask,
	  .family = FAMILY_REGISTRY, .type = "Microsoft.ContainerRegistry/registries",
	  .bare_401 = TARGET_NO_ROLE },
	{ .host = "management.", .name = "Resource Manager", .ask = arm_ask, .look = arm_look,
	  .family = FAMILY_ARM },
	{ .host = "graph.microsoft.", .name = "Microsoft Graph", .read = read_graph, .headers = JSON_HEADERS,
	  .grant = GRANT_APP_ROLE, .bare_403 = TARGET_NO_ROLE },
	{ .host = "microsoftgraph.", .name = "Microsoft Graph", .read = read_graph, .headers = JSON_HEADERS,
	  .grant = GRANT_APP_ROLE, .bare_403 = TARGET_NO_ROLE },
	{ .host = "dev.azure.com.", .name = "Azure DevOps", .read = read_devops, .grant = GRANT_MEMBER,
	  .bare_401 = TARGET_NOT_MEMBER, .bare_403 = TARGET_NO_ROLE,
	  .note = "name an organisation, as in https://dev.azure.com/ORG" },
	{ .host = ".dev.azure.com.", .name = "Azure DevOps", .read = read_devops, .grant = GRANT_MEMBER,
	  .bare_401 = TARGET_NOT_MEMBER, .bare_403 = TARGET_NO_ROLE },
	{ .host = ".visualstudio.com.", .name = "Azure DevOps", .read = read_devops, .grant = GRANT_MEMBER,
	  .bare_401 = TARGET_NOT_MEMBER, .bare_403 = TARGET_NO_ROLE },
	{ .host = ".azuredatabricks.net.", .name = "Databricks", .read = read_databricks, .grant = GRANT_MEMBER,
	  .bare_401 = TARGET_NOT_MEMBER, .bare_403 = TARGET_NOT_MEMBER },
	{ .host = ".databricks.azure.", .name = "Databricks", .read = read_databricks, .grant = GRANT_MEMBER,
	  .bare_401 = TARGET_NOT_MEMBER, .bare_403 = TARGET_NOT_MEMBER },
	{ .host = "api.loganalytics.", .name = "Log Analytics", .read = read_query, .headers = JSON_HEADERS,
	  .family = FAMILY_LOGS, .bare_403 = TARGET_NO_ROLE,
	  .note = "name a workspace, as in https://api.loganalytics.io/v1/workspaces/WORKSPACE-ID" },
	{ .host = "api.applicationinsights.", .name = "Application Insights", .read = read_query, .headers = JSON_HEADERS,
	  .family = FAMILY_INSIGHTS, .bare_403 = TARGET_NO_ROLE,
	  .note = "name an application, as in https://api.applicationinsights.io/v1/apps/APP-ID" },
	{ .host = ".ingest.monitor.azure.", .name = "Monitor (sending)", .family = FAMILY_METRICS,
	  .note = "it only takes what is sent; the role is 'Monitoring Metrics Publisher' on the data collection rule" },
	{ .host = ".metrics.monitor.azure.", .name = "Monitor (metrics)", .family = FAMILY_INSIGHTS,
	  .note = "the role is 'Monitoring Reader'" },
	{ .host = ".search.", .name = "AI Search", .read = read_search, .headers = JSON_HEADERS,
	  .family = FAMILY_SEARCH, .type = "Microsoft.Search/searchServices", .bare_403 = TARGET_NO_ROLE,
	  .note = "name an index, as in https://SERVICE.search.windows.net/indexes/INDEX" },
	{ .host = ".openai.azure.", .name = "Azure OpenAI", .read = read_openai, .headers = JSON_HEADERS,
	  .family = FAMILY_OPENAI, .type = AI_TYPE },
	{ .host = ".services.ai.azure.", .name = "Azure AI services", .read = read_openai, .headers = JSON_HEADERS,
	  .family = FAMILY_OPENAI, .type = AI_TYPE },
	{ .host = ".cognitiveservices.azure.", .name = "Azure AI services", .family = FAMILY_AI, .type = AI_TYPE,
	  .note = "the role is 'Cognitive Services User'" },
	{ .host = ".database.", .name = "a database",
	  .note = "databases take the token as a password, and keep their own list of users: CREATE USER [NAME] FROM EXTERNAL PROVIDER in SQL" },
	{ .host = ".sql.azuresynapse.", .name = "Synapse SQL",
	  .note = "databases take the token as a password, and keep their own list of users: CREATE USER [NAME] FROM EXTERNAL PROVIDER" },
	{ .host = NULL },
};
// clang-format on

const struct service service_own = { .host = "",
	.name = "the API",
	.read = read_own,
	.headers = JSON_HEADERS,
	.grant = GRANT_APP_ROLE,
	.bare_403 = TARGET_NO_ROLE };
const struct service service_nobody = { .host = "", .name = "the resource" };
static const struct service service_other = { .host = "", .name = "the service" };

/* ".blob." stands somewhere behind the first label, "dev.azure.com." is all of the host. */
const struct service *service_find(const char *host)
{
	char dotted[260];
	const char *rest;

	(void)snprintf(dotted, sizeof(dotted), "%s.", host);
	rest = strchr(dotted, '.');
	for (const struct service *s = services; s->host; s++)
		if (s->host[0] == '.' ? strstr(rest, s->host) != NULL
				      : text_starts(dotted, s->host))
			return s;
	return &service_other;
}
