/* Azure's clouds: their endpoints, as az cloud shows them.
 * SPDX-License-Identifier: MIT */
#include "cloud.h"

#include <string.h>

#include "build.h"
#include "config.h"
#include "context.h"

enum {
	PUBLIC,
	CHINA,
	USGOV,
	BLEU,
	COUNT
};

struct cloud {
	int column;
	const char *name;
	const char *other; /* mi-token.conf's name of it */
	const char *arm;   /* with the slash that some are shown without */
};

static const struct cloud clouds[COUNT] = {
	{ PUBLIC, "AzureCloud", "public", "https://management.azure.com/" },
	{ CHINA, "AzureChinaCloud", "china", "https://management.chinacloudapi.cn/" },
	{ USGOV, "AzureUSGovernment", "usgov", "https://management.usgovcloudapi.net/" },
	{ BLEU, "AzureBleuCloud", "", "https://management.sovcloud-api.fr/" },
};

struct row {
	const char *name;
	const char *value[COUNT]; /* NULL: the cloud has none */
};

// clang-format off
static const struct row endpoints[] = {
	{ "activeDirectory", { "https://login.microsoftonline.com", "https://login.chinacloudapi.cn", "https://login.microsoftonline.us", "https://login.sovcloud-identity.fr" } },
	{ "activeDirectoryDataLakeResourceId", { "https://datalake.azure.net/", NULL, NULL, NULL } },
	{ "activeDirectoryGraphResourceId", { "https://graph.windows.net/", "https://graph.chinacloudapi.cn/", "https://graph.microsoftazure.us/", "https://graph.svc.sovcloud.fr/" } },
	{ "activeDirectoryResourceId", { "https://management.core.windows.net/", "https://management.core.chinacloudapi.cn/", "https://management.core.usgovcloudapi.net/", "https://management.sovcloud-api.fr/" } },
	{ "appInsightsResourceId", { "https://api.applicationinsights.io", "https://api.applicationinsights.azure.cn", "https://api.applicationinsights.us", NULL } },
	{ "appInsightsTelemetryChannelResourceId", { "https://dc.applicationinsights.azure.com/v2/track", "https://dc.applicationinsights.azure.cn/v2/track", "https://dc.applicationinsights.us/v2/track", NULL } },
	{ "appServiceResourceId", { "https://appservice.azure.com", "https://management.core.chinacloudapi.cn/", "https://management.core.usgovcloudapi.net/", NULL } },
	{ "attestationResourceId", { "https://attest.azure.net", NULL, NULL, NULL } },
	{ "azmirrorStorageAccountResourceId", { NULL, NULL, NULL, NULL } },
	{ "batchResourceId", { "https://batch.core.windows.net/", "https://batch.chinacloudapi.cn/", "https://batch.core.usgovcloudapi.net/", "https://batch.sovcloud-api.fr/" } },
	{ "gallery", { "https://gallery.azure.com/", "https://gallery.chinacloudapi.cn/", "https://gallery.usgovcloudapi.net/", "https://gallery.sovcloud-api.fr/" } },
	{ "logAnalyticsResourceId", { "https://api.loganalytics.io", "https://api.loganalytics.azure.cn", "https://api.loganalytics.us", NULL } },
	{ "management", { "https://management.core.windows.net/", "https://management.core.chinacloudapi.cn/", "https://management.core.usgovcloudapi.net/", "https://management.sovcloud-api.fr/" } },
	{ "mediaResourceId", { "https://rest.media.azure.net", "https://rest.media.chinacloudapi.cn", "https://rest.media.usgovcloudapi.net", "https://rest.media.sovcloud-api.fr" } },
	{ "microsoftGraphResourceId", { "https://graph.microsoft.com/", "https://microsoftgraph.chinacloudapi.cn", "https://graph.microsoft.us/", "https://graph.svc.sovcloud.fr" } },
	{ "ossrdbmsResourceId", { "https://ossrdbms-aad.database.windows.net", "https://ossrdbms-aad.database.chinacloudapi.cn", "https://ossrdbms-aad.database.usgovcloudapi.net", "https://ossrdbms-aad.database.sovcloud-api.fr" } },
	{ "portal", { "https://portal.azure.com", "https://portal.azure.cn", "https://portal.azure.us", "https://portal.sovcloud-azure.fr" } },
	{ "resourceManager", { "https://management.azure.com/", "https://management.chinacloudapi.cn", "https://management.usgovcloudapi.net/", "https://management.sovcloud-api.fr" } },
	{ "sqlManagement", { "https://management.core.windows.net:8443/", "https://management.core.chinacloudapi.cn:8443/", "https://management.core.usgovcloudapi.net:8443/", "https://management.database.sovcloud-api.fr:8443/" } },
	{ "synapseAnalyticsResourceId", { "https://dev.azuresynapse.net", "https://dev.azuresynapse.azure.cn", "https://dev.azuresynapse.usgovcloudapi.net", NULL } },
	{ "vmImageAliasDoc", { "https://azcliprod.blob.core.windows.net/cli/vm/aliases.json", "https://azcliprod.blob.core.windows.net/cli/vm/aliases.json", "https://azcliprod.blob.core.windows.net/cli/vm/aliases.json", "https://azcliprod.blob.core.windows.net/cli/vm/aliases_master.json" } },
};

static const struct row suffixes[] = {
	{ "acrLoginServerEndpoint", { ".azurecr.io", ".azurecr.cn", ".azurecr.us", ".azurecr.sovcloud-azure.fr" } },
	{ "attestationEndpoint", { ".attest.azure.net", NULL, NULL, "attest.sovcloud-api.fr" } },
	{ "azureDatalakeAnalyticsCatalogAndJobEndpoint", { "azuredatalakeanalytics.net", NULL, NULL, NULL } },
	{ "azureDatalakeStoreFileSystemEndpoint", { "azuredatalakestore.net", NULL, NULL, NULL } },
	{ "keyvaultDns", { ".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net", ".vault.sovcloud-api.fr" } },
	{ "mariadbServerEndpoint", { ".mariadb.database.azure.com", ".mariadb.database.chinacloudapi.cn", ".mariadb.database.usgovcloudapi.net", ".mariadb.database.sovcloud-api.fr" } },
	{ "mhsmDns", { ".managedhsm.azure.net", ".managedhsm.azure.cn", ".managedhsm.usgovcloudapi.net", ".managedhsm.sovcloud-api.fr" } },
	{ "mysqlServerEndpoint", { ".mysql.database.azure.com", ".mysql.database.chinacloudapi.cn", ".mysql.database.usgovcloudapi.net", ".mysql.database.sovcloud-api.fr" } },
	{ "postgresqlServerEndpoint", { ".postgres.database.azure.com", ".postgres.database.chinacloudapi.cn", ".postgres.database.usgovcloudapi.net", ".postgres.database.sovcloud-api.fr" } },
	{ "sqlServerHostname", { ".database.windows.net", ".database.chinacloudapi.cn", ".database.usgovcloudapi.net", ".database.sovcloud-api.fr" } },
	{ "storageEndpoint", { "core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net", "core.sovcloud-api.fr" } },
	{ "storageSyncEndpoint", { "afs.azure.net", NULL, "afs.azure.us", "afs.sovcloud-api.fr" } },
	{ "synapseAnalyticsEndpoint", { ".dev.azuresynapse.net", ".dev.azuresynapse.azure.cn", ".dev.azuresynapse.usgovcloudapi.net", ".dev.azuresynapse.sovcloud-api.fr" } },
};
// clang-format on
#define ENDPOINTS (sizeof(endpoints) / sizeof(*endpoints))
#define SUFFIXES  (sizeof(suffixes) / sizeof(*suffixes))

static const struct cloud *find(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (text_equal_nocase(clouds[i].name, name) ||
			text_equal_nocase(clouds[i].other, name))
			return &clouds[i];
	return NULL;
}

static void take_configured(
	void *arg, const char *key, const char *value, const char *origin)
{
	const struct cloud **found = arg;

	(void)origin;
	if (strcmp(key, "cloud") == 0)
		*found = find(value);
}

const struct cloud *cloud_active(struct az *az)
{
	char name[64];

	if (!az->cloud && config_read("cloud", "name", name, sizeof(name)))
		az->cloud = find(name);
	if (!az->cloud && context_open(az, NULL) == MITOK_OK)
		(void)mitok_config_each(az->m, take_configured, &az->cloud, NULL);
	if (!az->cloud)
		az->cloud = &clouds[PUBLIC];
	return az->cloud;
}

const char *cloud_name_of(const struct cloud *c)
{
	return c->name;
}

static const char *value_in(
	const struct row *rows, size_t count, const struct cloud *c, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].value[c->column];
	return NULL;
}

const char *cloud_value(const struct cloud *c, const char *name)
{
	const char *value = value_in(endpoints, ENDPOINTS, c, name);

	if (!value)
		value = value_in(suffixes, SUFFIXES, c, name);
	return value ? value : "";
}

const char *cloud_arm(const struct cloud *c)
{
	return c->arm;
}

const char *cloud_arm_resource(const struct cloud *c)
{
	return cloud_value(c, "activeDirectoryResourceId");
}

const char *cloud_audience(const struct cloud *c, size_t n)
{
	for (size_t i = 0; i < ENDPOINTS; i++)
		if (text_ends_nocase(endpoints[i].name, "ResourceId") && n-- == 0)
			return endpoints[i].value[c->column]
				? endpoints[i].value[c->column]
				: "";
	return NULL;
}

static const struct value *rows_value(
	struct build *b, const struct row *rows, size_t count, const struct cloud *c)
{
	struct build_member members[ENDPOINTS];

	for (size_t i = 0; i < count; i++)
		members[i] = (struct build_member){ rows[i].name,
			build_text(b, rows[i].value[c->column]) };
	return build_object(b, members, count);
}

static const struct value *cloud_object(
	struct az *az, struct build *b, const struct cloud *c)
{
	const struct build_member rows[] = {
		{ "name", build_text(b, c->name) },
		{ "endpoints", rows_value(b, endpoints, ENDPOINTS, c) },
		{ "suffixes", rows_value(b, suffixes, SUFFIXES, c) },
		{ "profile", build_text(b, "latest") },
		{ "isActive", build_bool(b, c == cloud_active(az)) },
	};

	return build_object(b, rows, sizeof(rows) / sizeof(*rows));
}

static enum mitok_code named(struct az *az, const struct cloud **ret, struct mitok_err *e)
{
	*ret = az->args.name ? find(az->args.name) : cloud_active(az);
	if (*ret)
		return MITOK_OK;
	return err_set(
		e, MITOK_E_DENIED, "The cloud '%s' is not registered.", az->args.name);
}

enum mitok_code az_cloud_show(struct az *az, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };
	const struct cloud *c;
	enum mitok_code r = named(az, &c, e);
	const struct value *v;

	if (r)
		return r;
	v = cloud_object(az, &b, c);
	return b.failed ? err_memory(e) : az_print(az, v, e);
}

enum mitok_code az_cloud_list(struct az *az, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };
	const struct value *items[COUNT], *v;

	for (size_t i = 0; i < COUNT; i++)
		items[i] = cloud_object(az, &b, &clouds[i]);
	v = build_array(&b, items, COUNT);
	return b.failed ? err_memory(e) : az_print(az, v, e);
}

enum mitok_code az_cloud_set(struct az *az, struct mitok_err *e)
{
	const struct cloud *c;
	enum mitok_code r = named(az, &c, e);

	return r ? r : config_write("cloud", "name", c->name, e);
}
