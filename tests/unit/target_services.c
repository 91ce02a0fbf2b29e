/* What the services besides Storage, vaults and Resource Manager answer, and what it means.
 * SPDX-License-Identifier: MIT */
#include "target_world.h"

#define BUS "https://bus.servicebus.windows.net"
#define BUS_SCOPE                                                                 \
	"/subscriptions/SUBSCRIPTION-ID/resourceGroups/RESOURCE-GROUP/providers/" \
	"Microsoft.ServiceBus/namespaces/bus"
#define BUS_ERROR(number, words) \
	"<Error><Code>" number "</Code><Detail>" words "</Detail></Error>"

static const struct target_row messaging_rows[] = {
	{ "a queue is described", BUS "/orders/messages/head", .answers = { { 200 } },
		.wire = "GET " BUS "/orders?api-version=2017-04\n",
		.outcome = TARGET_GRANTED },
	{ "the namespace", BUS,
		.answers = { { 401,
			BUS_ERROR("401",
				"Manage,EntityRead claims required for this "
				"operation. "
				"TrackingId:x_G4S2") } },
		.wire = "GET " BUS "/$Resources/Queues?$top=1&api-version=2017-04\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED, .word = "EntityRead",
		.role = "Azure Service Bus Data Receiver", .scope = BUS_SCOPE,
		.cure = { ASSIGN("'Azure Service Bus Data Receiver'", BUS_SCOPE),
			"'Azure Service Bus Data Sender'" } },
	{ "an empty 401", BUS "/orders", .answers = { { 401 } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.role = "Azure Service Bus Data Receiver", .scope = BUS_SCOPE },
	{ "a right is named", BUS "/orders",
		.answers = { { 401,
			BUS_ERROR("401",
				"SubCode=40100: Unauthorized : Unauthorized "
				"access for 'Send' "
				"operation on endpoint "
				"'sb://bus.servicebus.windows.net/orders'. "
				"Tracking Id: x_G2") } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "SubCode=40100 (Send)", .role = "Azure Service Bus Data Sender" },
	{ "a hub", BUS "/hub/consumergroups/c", .address = ADDRESS_PUBLIC,
		.answers = { { 401,
			BUS_ERROR("401",
				"SubCode=40100: Unauthorized : Unauthorized "
				"access for 'Manage' "
				"operation on endpoint "
				"'sb://bus.servicebus.windows.net/hub'. "
				"EventHub x") } },
		.wire = "GET " BUS "/hub?api-version=2017-04\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED, .word = "EntityRead",
		.role = "Azure Event Hubs Data Receiver",
		.scope = "/subscriptions/SUBSCRIPTION-ID/resourceGroups/"
			 "RESOURCE-GROUP/"
			 "providers/Microsoft.EventHub/namespaces/bus/eventhubs/"
			 "hub" },
	{ "who only sends is not refused for what it need not see", BUS "/orders",
		.answers = { { 401,
			BUS_ERROR("401",
				"Manage,EntityRead claims required for this "
				"operation.") } },
		.lists = { SUBSCRIPTIONS,
			ASSIGNED_AS("assignedTo(", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
				"/subscriptions/" SUB "/resourceGroups/rg/providers/"
				"Microsoft.ServiceBus/namespaces/bus",
				"") },
		.outcome = TARGET_TOKEN_ONLY, .word = "EntityRead",
		.says = { "'Azure Service Bus Data Sender' is assigned" } },
	{ "tenant", BUS "/orders",
		.answers = { { 401,
			BUS_ERROR("401",
				"claim is empty or token is invalid. "
				"TrackingId:x") } },
		.outcome = TARGET_TENANT, .code = MITOK_E_DENIED, .word = "40103",
		.says = { "of another tenant" } },
	{ "either, when the token is for something else", BUS "/orders",
		"https://storage.azure.com/",
		.answers = { { 401,
			BUS_ERROR("401",
				"claim is empty or token is invalid. TrackingId:x") } },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED, .word = "40103" },
	{ "audience", BUS "/orders",
		.answers = { { 401,
			BUS_ERROR("401",
				"InvalidAudience: Invalid authorization token "
				"audience.") } },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED,
		.word = "InvalidAudience" },
	{ "firewall", BUS "/orders",
		.answers = { { 403,
			BUS_ERROR("403",
				"Ip has been prevented to connect to the "
				"endpoint.") } },
		.outcome = TARGET_NETWORK, .code = MITOK_E_DENIED, .word = "40300",
		.cure = { "--namespace-name bus" } },
};

static void messaging(void)
{
	target_run(messaging_rows, COUNT(messaging_rows));
}

#define COSMOS              "https://acct.documents.azure.com"
#define COSMOS_ERROR(words) "{\"code\":\"Forbidden\",\"message\":\"" words "\"}"

static const struct target_row cosmos_rows[] = {
	{ "a container", COSMOS "/dbs/d/colls/c/docs/1", .answers = { { 200 } },
		.wire = "GET " COSMOS "/dbs/d/colls/c\n", .outcome = TARGET_GRANTED },
	{ "the account", COSMOS ":443/", .answers = { { 200 } },
		.wire = "GET " COSMOS "/\n", .outcome = TARGET_GRANTED },
	{ "no role of its own", COSMOS "/",
		.answers = { { 403,
			COSMOS_ERROR("Request blocked by Auth acct : Request is "
				     "blocked "
				     "because principal [" OBJECT "] does not have "
				     "required RBAC permissions to perform action "
				     "[Microsoft.DocumentDB/databaseAccounts/"
				     "readMetadata] "
				     "on resource [/]."),
			"x-ms-substatus: 5301\n" } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED, .word = "5301",
		.role = "Cosmos DB Built-in Data Reader",
		.says = { "Cosmos DB's own", "readMetadata" },
		.cure = { "az cosmosdb sql role assignment create --account-name "
			  "acct "
			  "--resource-group RG --principal-id " OBJECT " --scope / " } },
	{ "an action", COSMOS "/dbs/d",
		.answers = { { 403, .headers = "x-ms-substatus: 5302\n" } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED, .word = "5302",
		.role = "Cosmos DB Built-in Data Reader" },
	{ "perimeter", COSMOS "/",
		.answers = { { 403, .headers = "x-ms-substatus: 5307\n" } },
		.outcome = TARGET_NETWORK, .code = MITOK_E_DENIED, .word = "5307" },
	{ "firewall", COSMOS "/",
		.answers = { { 403,
			COSMOS_ERROR("Request originated from IP 1.2.3.4 through "
				     "public internet. This is "
				     "blocked by your Cosmos DB account firewall "
				     "settings.") } },
		.outcome = TARGET_NETWORK, .code = MITOK_E_DENIED,
		.word = "Cosmos DB firewall",
		.cure = { "az cosmosdb update --name acct" } },
	{ "not with Entra's tokens", COSMOS "/dbs/d",
		.answers = { { 403,
			COSMOS_ERROR("The given request [POST /dbs] cannot be "
				     "authorized by AAD token in "
				     "data plane. Learn more: "
				     "https://aka.ms/cosmos-native-rbac"),
			"x-ms-substatus: 5300\n" } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_DENIED, .word = "5300" },
	{ "passing", COSMOS "/",
		.answers = { { 403, .headers = "x-ms-substatus: 5350\n" } },
		.outcome = TARGET_BUSY, .code = MITOK_E_LATER, .word = "5350" },
	{ "tenant", COSMOS "/",
		.answers = { { 401,
			COSMOS_ERROR("Provided AAD token was issued by the authority "
				     "[" TENANT "] which is not trusted by this "
				     "database account. Please ensure the "
				     "token has been issued by the AAD tenant(s) "
				     "[" FOREIGN "]."),
			"x-ms-substatus: 5007\n" } },
		.outcome = TARGET_TENANT, .code = MITOK_E_DENIED, .word = "5007",
		.says = { "its tenant is " TENANT ", the target's " FOREIGN } },
};

static void cosmos(void)
{
	target_run(cosmos_rows, COUNT(cosmos_rows));
}

#define REGISTRY "https://registry.azurecr.io"
#define ACR_401(error)                                                               \
	{                                                                            \
		401,                                                                 \
			"{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":"       \
			"\"authentication "                                          \
			"required, visit https://aka.ms/acr/authorization for more " \
			"information.\"}]}",                                         \
			"Www-Authenticate: Bearer realm=\"" REGISTRY                 \
			"/oauth2/token\",service=\"registry.azurecr.io\"" error "\n" \
	}
#define SIGNED_IN                                          \
	{                                                  \
		200, "{\"refresh_token\":\"aaa.bbb.ccc\"}" \
	}
#define MAY_PULL                                          \
	{                                                 \
		200, "{\"access_token\":\"ddd.eee.fff\"}" \
	}

static const struct target_row registry_rows[] = {
	{ "signed in", REGISTRY, .answers = { SIGNED_IN },
		.wire = "POST " REGISTRY "/oauth2/exchange\n", .outcome = TARGET_GRANTED,
		.says = { "it may sign in" } },
	{ "an image", REGISTRY "/app/web:v1", .answers = { SIGNED_IN, MAY_PULL, { 200 } },
		.wire = "POST " REGISTRY "/oauth2/exchange\nPOST " REGISTRY
			"/oauth2/token\nHEAD " REGISTRY "/v2/app/web/manifests/v1\n",
		.outcome = TARGET_GRANTED, .says = { "it may pull" } },
	{ "no image", REGISTRY "/v2/app/manifests/latest",
		.answers = { SIGNED_IN, MAY_PULL, { 404 } },
		.wire = "POST " REGISTRY "/oauth2/exchange\nPOST " REGISTRY
			"/oauth2/token\nHEAD " REGISTRY "/v2/app/manifests/latest\n",
		.outcome = TARGET_NOT_FOUND },
	{ "no role", REGISTRY, .answers = { ACR_401("") }, .outcome = TARGET_NO_ROLE,
		.code = MITOK_E_DENIED, .role = "AcrPull",
		.scope = "/subscriptions/SUBSCRIPTION-ID/resourceGroups/"
			 "RESOURCE-GROUP/"
			 "providers/Microsoft.ContainerRegistry/registries/"
			 "registry" },
	{ "no role for this one", REGISTRY "/app",
		.answers = { SIGNED_IN, MAY_PULL,
			ACR_401(",error=\"insufficient_scope\"") },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "insufficient_scope", .role = "AcrPull" },
	{ "firewall", REGISTRY,
		.answers = { { 403,
			"{\"errors\":[{\"code\":\"DENIED\",\"message\":\"client "
			"with IP '1.2.3.4' is not allowed access. Refer "
			"https://aka.ms/acr/firewall to grant access.\"}]}" } },
		.outcome = TARGET_NETWORK, .code = MITOK_E_DENIED,
		.word = "firewall of the registry",
		.cure = { "az acr network-rule add --name registry" } },
};

static void registry(void)
{
	target_run(registry_rows, COUNT(registry_rows));
}

#define GRAPH  "https://graph.microsoft.com"
#define DEVOPS "https://dev.azure.com/org"
#define API    "https://api.contoso.example"

static const struct target_row people_rows[] = {
	{ "Graph: itself", GRAPH, .answers = { { 200, "{}" } },
		.wire = "GET " GRAPH "/v1.0/servicePrincipals/" OBJECT "?$select=id\n",
		.outcome = TARGET_GRANTED },
	{ "Graph: a permission", GRAPH "/v1.0/users",
		.answers = { { 403,
			ARM_ERROR("Authorization_RequestDenied",
				"Insufficient privileges to complete the "
				"operation.") } },
		.wire = "GET " GRAPH "/v1.0/users?$select=id\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "Authorization_RequestDenied", .role = "User.Read.All",
		.says = { "app role" },
		.cure = { "the token's app roles: none",
			"/servicePrincipals/" OBJECT "/appRoleAssignments",
			"df021288-bdef-4463-88db-98f22de89214" } },
	{ "Graph: audience", GRAPH "/v1.0/users",
		.answers = { { 401,
			ARM_ERROR("InvalidAuthenticationToken",
				"Access token validation failure. Invalid "
				"audience.") } },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED,
		.word = "InvalidAuthenticationToken" },
	{ "DevOps: the organisation", DEVOPS, .answers = { { 200, "{}" } },
		.wire = "GET " DEVOPS "/_apis/connectionData\n",
		.outcome = TARGET_GRANTED },
	{ "DevOps: a repository", "https://org.visualstudio.com/p/_git/r",
		.answers = { { 404,
			"TF401019: The Git repository with name or identifier "
			"r does not exist or you do not have permissions for "
			"the operation you are attempting." } },
		.wire = "GET https://org.visualstudio.com/p/_git/r/info/refs"
			"?service=git-upload-pack\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED, .word = "TF401019" },
	{ "DevOps: a project", DEVOPS "/p", .answers = { { 200, "{}" } },
		.wire = "GET " DEVOPS "/_apis/projects/p?api-version=7.1\n",
		.outcome = TARGET_GRANTED },
	{ "DevOps: no member", DEVOPS "/p/_git/r",
		.answers = { { 401, "TF401444: Please sign-in at least once as x" } },
		.outcome = TARGET_NOT_MEMBER, .code = MITOK_E_DENIED, .word = "TF401444",
		.cure = { "Basic access",
			"its object id is " OBJECT ", its client id " CLIENT } },
	{ "DevOps: no licence", DEVOPS,
		.answers = { { 401, .headers = "X-TFS-ServiceError: TF400813%3A+x\n" } },
		.outcome = TARGET_NOT_MEMBER, .code = MITOK_E_DENIED,
		.word = "TF400813" },
	{ "DevOps: the page to sign in", DEVOPS,
		.answers = { { 203, "<html>", "Content-Type: text/html\n" } },
		.outcome = TARGET_NOT_MEMBER, .code = MITOK_E_DENIED,
		.cure = { "Basic access" } },
	{ "DevOps: the way to it", DEVOPS,
		.answers = { { 302,
			.headers = "Location: "
				   "https://spsprodeus.example/_signin\n" } },
		.outcome = TARGET_NOT_MEMBER, .code = MITOK_E_DENIED },
	{ "DevOps: what was renamed", DEVOPS,
		.answers = { { 302,
			.headers = "Location: https://dev.azure.com/new/\n" } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_REPLY,
		.says = { "leads elsewhere" } },
	{ "DevOps: no such organisation", "https://dev.azure.com/nosuch",
		.answers = { { 404, "<html>", "Content-Type: text/html\n" } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_DENIED,
		.says = { "there is nothing of this name" } },
	{ "DevOps: nothing is named", "https://dev.azure.com/", .wire = "",
		.outcome = TARGET_TOKEN_ONLY, .cure = { "name an organisation" } },
	{ "Databricks", "https://adb-1.2.azuredatabricks.net",
		.answers = { { 403, "{}" } }, .outcome = TARGET_NOT_MEMBER,
		.code = MITOK_E_DENIED, .cure = { "as a service principal" } },
	{ "an API of one's own", API "/v1/x?y=z", "api://contoso-api",
		.answers = { { 200 } }, .wire = "GET " API "/v1/x?y=z\n",
		.outcome = TARGET_GRANTED },
	{ "what it does not have tells nothing of who asks", API "/v2",
		"api://contoso-api", .answers = { { 404, "{\"error\":\"no route\"}" } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_DENIED,
		.says = { "does not tell whether the identity is let in" } },
	{ "its app role", API "/v1", "api://contoso-api", .answers = { { 403 } },
		.roles = "[\"Other.Read\"]", .outcome = TARGET_NO_ROLE,
		.code = MITOK_E_DENIED, .says = { "app role" },
		.cure = { "the token's app roles: [\"Other.Read\"]", "appRoleAssignments",
			"mi-token verify --audience api://contoso-api",
			"--url https://graph.microsoft.us/v1.0/" } },
	{ "its audience", API "/v1", "api://contoso-api",
		.answers = { { 401,
			.headers = "WWW-Authenticate: Bearer "
				   "error=\"invalid_token\", "
				   "error_description=\"The audience "
				   "'api://contoso-api' is invalid\"\n" } },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED,
		.word = "invalid_token (audience)" },
	{ "the other spelling is tried, and taken", API "/v1", API "/",
		.answers = { { 401,
				     .headers = "WWW-Authenticate: Bearer "
						"error=\"invalid_token\", "
						"error_description=\"The "
						"audience 'x' is "
						"invalid\"\n" },
			{ 200 } },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED,
		.word = "invalid_token (audience)",
		.says = { "its audience is '" API "/', and '" API "' is taken" },
		.cure = { "mi-token --resource " API } },
	{ "the other spelling of a name that is no place", API "/v1",
		"api://contoso-api/",
		.answers = { { 401,
				     .headers = "WWW-Authenticate: Bearer "
						"error=\"invalid_token\", "
						"error_description=\"The audience 'x' is "
						"invalid\"\n" },
			{ 200 } },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED,
		.word = "invalid_token (audience)",
		.says = { "and 'api://contoso-api' is taken" } },
	{ "its issuer", API "/v1", "api://contoso-api",
		.answers = { { 401,
			.headers = "WWW-Authenticate: Bearer "
				   "error=\"invalid_token\", "
				   "error_description=\"The issuer "
				   "'https://sts.windows.net/" TENANT
				   "/' is invalid\"\n" } },
		.outcome = TARGET_TENANT, .code = MITOK_E_DENIED,
		.word = "invalid_token (issuer)" },
};

static void people(void)
{
	target_run(people_rows, COUNT(people_rows));
}

static const struct target_row others_rows[] = {
	{ "App Configuration", "https://store.azconfig.io", .answers = { { 200, "{}" } },
		.wire = "GET "
			"https://store.azconfig.io/"
			"kv?api-version=1.0&$select=key\n",
		.outcome = TARGET_GRANTED },
	{ "App Configuration: a label",
		"https://store.azconfig.io/kv/a?x=y&label=prod&z=1",
		.answers = { { 200, "{}" } },
		.wire = "GET https://store.azconfig.io/kv/a"
			"?api-version=1.0&$select=key&label=prod\n",
		.outcome = TARGET_GRANTED },
	{ "App Configuration: an empty 403", "https://store.azconfig.io/kv/a",
		.answers = { { 403 } },
		.wire = "GET "
			"https://store.azconfig.io/kv/"
			"a?api-version=1.0&$select=key\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.role = "App Configuration Data Reader",
		.scope = "/subscriptions/SUBSCRIPTION-ID/resourceGroups/"
			 "RESOURCE-GROUP/"
			 "providers/Microsoft.AppConfiguration/"
			 "configurationStores/store" },
	{ "App Configuration: network", "https://store.azconfig.io/kv",
		.answers = { { 403,
			"{\"type\":\"https://azconfig.io/errors/"
			"ip-address-rejected\",\"title\":\"x\",\"status\":"
			"403}" } },
		.outcome = TARGET_NETWORK, .code = MITOK_E_DENIED,
		.word = "ip-address-rejected",
		.cure = { "az appconfig update --name store" } },
	{ "Log Analytics", "https://api.loganalytics.io/v1/workspaces/w",
		.answers = { { 403,
			"{\"error\":{\"message\":\"x\",\"code\":"
			"\"InsufficientAccessError\"}}" } },
		.wire = "GET "
			"https://api.loganalytics.io/v1/workspaces/w/query?query="
			"print%201\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "InsufficientAccessError", .role = "Log Analytics Reader" },
	{ "Application Insights", "https://api.applicationinsights.io/v1/apps/a",
		.answers = { { 403 } }, .outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.role = "Monitoring Reader" },
	{ "AI Search", "https://s.search.windows.net/indexes/i", .answers = { { 403 } },
		.wire = "GET "
			"https://s.search.windows.net/indexes/i/docs/"
			"$count?api-version="
			"2023-11-01\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.role = "Search Index Data Reader" },
	{ "OpenAI", "https://o.openai.azure.com",
		.answers = { { 401,
			ARM_ERROR("PermissionDenied",
				"The principal `x` lacks the required data "
				"action "
				"`Microsoft.CognitiveServices/accounts/OpenAI/"
				"models/read` to perform "
				"`GET /openai/models` operation.") } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "PermissionDenied", .role = "Cognitive Services OpenAI User",
		.says = { "accounts/OpenAI/models/read" } },
	{ "OpenAI: network", "https://o.openai.azure.com",
		.answers = { { 403,
			ARM_ERROR("AccessDenied",
				"Access denied due to Virtual Network/Firewall "
				"rules.") } },
		.outcome = TARGET_NETWORK, .code = MITOK_E_DENIED,
		.word = "firewall of AI services" },
	{ "AI services", "https://a.cognitiveservices.azure.com", .wire = "",
		.outcome = TARGET_TOKEN_ONLY, .cure = { "'Cognitive Services User'" } },
	{ "Monitor", "https://x.ingest.monitor.azure.com", .wire = "",
		.outcome = TARGET_TOKEN_ONLY,
		.cure = { "Monitoring Metrics Publisher" } },
	{ "SQL", "https://s.database.windows.net", .wire = "",
		.outcome = TARGET_TOKEN_ONLY,
		.says = { "there is a token for "
			  "https://database.windows.net/" } },
	{ "PostgreSQL", "https://p.postgres.database.azure.com", .wire = "",
		.outcome = TARGET_TOKEN_ONLY,
		.says = { "https://ossrdbms-aad.database.windows.net " } },
	{ "Batch, of which no read is known", "https://b.westeurope.batch.azure.com",
		.wire = "", .outcome = TARGET_TOKEN_ONLY },
	{ "no URL", "api://contoso-api", .wire = "", .outcome = TARGET_TOKEN_ONLY,
		.says = { "there is a token for api://contoso-api" } },
	{ "a vault is told by more than its own name",
		"https://blob.vault.azure.net/keys", .answers = { { 200, "{}" } },
		.outcome = TARGET_GRANTED, .says = { "it may list keys" } },
};

static void others(void)
{
	target_run(others_rows, COUNT(others_rows));
}

static const struct target_row poverty_rows[] = {
	{ "an image", REGISTRY "/a", .answers = { SIGNED_IN, MAY_PULL, { 200 } } },
	{ "Graph", GRAPH, .answers = { { 403 } } },
};

static void poverty(void)
{
	for (size_t i = 0; i < COUNT(poverty_rows); i++)
		target_run_poor(&poverty_rows[i]);
}

static const struct test tests[] = {
	{ "Service Bus and Event Hubs", messaging },
	{ "Cosmos DB", cosmos },
	{ "registries", registry },
	{ "Graph, Azure DevOps, Databricks, APIs of one's own", people },
	{ "the other services", others },
	{ "without memory there is an error, or an answer", poverty },
};
TEST_MAIN(tests)
