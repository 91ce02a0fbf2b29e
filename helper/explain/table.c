/* What this machine and the services say, in sentences for people.
 * Sources: Microsoft Learn, "How to use managed identities on a VM to acquire an access
 * token", "Azure Instance Metadata Service", the REST references' lists of error codes
 * (Storage, Key Vault, Resource Manager, Cosmos DB, Service Bus, Azure DevOps), and the
 * sources of the Guest Proxy Agent.
 * SPDX-License-Identifier: MIT */
#include "explain.h"

#define ROLE(role) EXPLAIN_ASSIGN(role)
#define PROPAGATES \
	"a new assignment takes up to 10 minutes; mi-token whoami shows the OBJECT-ID"
#define ATTACH                                                                        \
	"az vm identity assign --resource-group RG --name VM (--identities ID for a " \
	"user-assigned one; scale set: az vmss)\nwhat is assigned: az vm identity "   \
	"show --resource-group RG --name VM"
#define HAND_WRITTEN \
	"let mi-token ask (mi-token whoami), or correct the hand-written request"
#define AUDIENCE                                                            \
	"mi-token decode <TOKEN-FILE shows aud; ask for the target's own: " \
	"mi-token --resource RESOURCE"
#define OTHER_TENANT                                                                \
	"managed identities do not cross tenants: use an identity of the target's " \
	"tenant, or give an application there a federated credential"
#define MEMBER                                                                      \
	"add it by its object id, with Basic access: Organization settings, Users " \
	"(mi-token git check URL tells the rest)"
#define GPA_LOG                                                                   \
	"try again; its log is in /var/log/azure-proxy-agent (systemctl restart " \
	"azure-proxy-agent)"
#define NOT_AZURE                                                                  \
	"take 169.254.169.254 out of proxying (NO_PROXY); mi-token sources tells " \
	"what this machine has"
#define VAULT_ROLE                                                                \
	ROLE("'Key Vault Secrets User'")                                          \
	"\n(keys: 'Key Vault Crypto User', certificates: 'Key Vault Certificate " \
	"User'); " PROPAGATES
#define STORAGE_NET                                                                 \
	"az storage account show --name ACCOUNT --query "                           \
	"'[publicNetworkAccess, networkRuleSet]'\naz storage account network-rule " \
	"add --account-name ACCOUNT --subnet SUBNET-ID"
#define VAULT_NET                                                           \
	"az keyvault network-rule add --name VAULT --subnet SUBNET-ID (or " \
	"--ip-address ADDRESS), or reach the vault through a private endpoint"
#define COSMOS_ROLE                                                                    \
	"az cosmosdb sql role assignment create --account-name ACCOUNT "               \
	"--resource-group RG --principal-id OBJECT-ID --scope / --role-definition-id " \
	"00000000-0000-0000-0000-000000000001\n(ending in 2 to write as well)"
#define HOST       "169.254.169.254"

#define VAULT_RBAC "the vault goes by roles, and the identity has none that allows this"
#define VAULT_POLICY                                                                   \
	"the vault goes by access policies, and none is for the identity: roles have " \
	"no effect there"
#define NO_HEADER       "the request for a token came without the header Metadata: true"
#define NO_TOKEN        "the request came without a token, or with one that cannot be read"
#define COGNITIVE_NONE  "the identity has no role for the data of the AI service"
#define COSMOS_AUDIENCE "the token is for another audience than the Cosmos DB account"
#define COSMOS_NONE \
	"the identity has no role of Cosmos DB's own (Azure's roles do not count)"
#define BUS_SEND   "the identity may not send to this queue, topic or hub"
#define BUS_LISTEN "the identity may not receive from this queue, subscription or hub"
#define BUS_MANAGE \
	"the identity may not manage entities: Sender and Receiver do not include it"
#define REFUSED_401                                                                  \
	"the target did not accept the token: expired, for another audience, or of " \
	"another tenant"
#define REFUSED_403                                                               \
	"the target knows the identity, and refuses it: a role or a rule of the " \
	"network is missing"
#define BUSY    "too many requests"
#define NOT_NOW "a passing failure of the service"

// clang-format off
#define E RANK_EXACT
#define G RANK_GENERAL
#define S RANK_STATUS
#define M LAYER_MACHINE, CAUSE_OTHER
#define A LAYER_ENTRA, CAUSE_OTHER
#define T(kind) LAYER_TARGET, CAUSE_##kind
const struct cause cause_rows[] = {
	/* the metadata service of the machine */
	{ WHERE_PHRASE, E, M, "Identity not found", NULL, NULL,
		"the machine has no identity, or not the one that was asked for", ATTACH },
	{ WHERE_PHRASE, E, M, "Multiple user assigned identities exist", NULL, NULL,
		"the machine has several user-assigned identities and none was named",
		"name one: --identity client-id:CLIENT-ID, or identity in /etc/mi-token/mi-token.conf (AZURE_CLIENT_ID for SDKs)" },
	{ WHERE_WORD, E, M, "bad_request_102", NULL, NULL, NO_HEADER, HAND_WRITTEN },
	{ WHERE_PHRASE, E, M, "Required metadata header not specified", NULL, NULL, NO_HEADER, HAND_WRITTEN },
	{ WHERE_PHRASE, E, M, "api-version is invalid", "api-version is invalid or was not specified", NULL,
		"the request to the metadata service has no api-version that it knows", HAND_WRITTEN },
	{ WHERE_WORD, E, M, "unknown_source", NULL, NULL,
		"what answers does not serve this address (the old extension at localhost:50342)",
		"ask http://" HOST "/metadata/identity/oauth2/token: mi-token --source imds" },
	{ WHERE_CODE, E, M, "unauthorized_client", NULL, NULL,
		"managed identity is not enabled on the machine, or not for this caller", ATTACH },
	{ WHERE_PHRASE, E, M, "Failed to retrieve token from the Active directory", NULL, NULL,
		"the host of the machine cannot reach Entra", "try again in some seconds; when it stays, look at Azure's status page" },
	{ WHERE_PHRASE, E, M, "Network is unreachable", NULL, HOST,
		"there is no route to the metadata service: a container, or not Azure", "mi-token sources tells what this machine has; ip route get " HOST },
	{ WHERE_PHRASE, E, M, "No route to host", NULL, HOST,
		"there is no route to the metadata service: a container, or a rule of a firewall", "mi-token sources tells what this machine has; ip route get " HOST },
	{ WHERE_PHRASE, E, M, "Connection refused", NULL, HOST,
		"nothing listens at the metadata service's address: not Azure, or a container of its own network", "mi-token sources tells what this machine has" },
	{ WHERE_PHRASE, E, M, "timed out", NULL, HOST,
		"the metadata service does not answer: not Azure, a firewall, or a second network card", "mi-token sources tells what this machine has; ip route get " HOST },
	{ WHERE_PHRASE, E, M, "Permission denied", NULL, HOST,
		"a rule of this machine keeps the user from the metadata service", "ask who keeps the machine's firewall (nft list ruleset), or use a user that may" },
	{ WHERE_PHRASE, E, M, "unreachable", NULL, "403",
		"a proxy of Docker Desktop answers, there is no metadata service", "this is not a machine of Azure: give the container an identity in another way" },
	{ WHERE_PHRASE, E, M, "HTML from " HOST, "<html", HOST,
		"a proxy, a captive portal or another cloud answers at the metadata service's address", NOT_AZURE },
	{ WHERE_STATUS, E, M, "302", NULL, HOST,
		"a redirect from the metadata service's address: a proxy, a captive portal or another cloud answers", NOT_AZURE },
	{ WHERE_STATUS, G, M, "429", NULL, HOST,
		"this machine asks its metadata service too often (20 requests a second, 5 at once)", "find who asks, and let it share a cache: mi-token serve, mi-token exec" },
	{ WHERE_CLOSED, E, M, "403", NULL, NULL,
		"the Guest Proxy Agent refuses this user or program (or a path with ..)",
		"the owner of the machine must add them to the allow list of its metadata service (inVMAccessControlProfile)" },
	{ WHERE_CLOSED, E, M, "421", NULL, NULL, "the Guest Proxy Agent could not tell whose connection it is", GPA_LOG },
	{ WHERE_CLOSED, E, M, "500", NULL, NULL, "the Guest Proxy Agent failed", GPA_LOG },
	{ WHERE_CLOSED, E, M, "502", NULL, NULL, "the Guest Proxy Agent could not pass the request on", GPA_LOG },

	/* Storage */
	{ WHERE_PHRASE, E, T(AUDIENCE), "Audience validation failed", NULL, NULL,
		"the token is for another audience than the storage account", "ask for https://storage.azure.com/ with its slash: mi-token storage" },
	{ WHERE_PHRASE, E, T(TENANT), "Issuer validation failed", NULL, NULL,
		"the token is of another tenant than the storage account", OTHER_TENANT },
	{ WHERE_PHRASE, E, T(TOKEN), "Lifetime validation failed", NULL, NULL,
		"the token has expired, or the machine's clock is wrong", "get a new one (mi-token --refresh storage), and look at timedatectl" },
	{ WHERE_WORD, E, T(TOKEN), "NoAuthenticationInformation", NULL, NULL,
		"the request has no Authorization header", "curl -K <(mi-token -o curl storage) URL sends one" },
	{ WHERE_PHRASE, E, T(TOKEN), "AuthenticationFailed", "Bearer is not supported in this version", NULL,
		"the header x-ms-version is missing or older than 2017-11-09, before which Storage knew no tokens", "send x-ms-version: 2023-11-03" },
	{ WHERE_WORD, E, T(ROLE), "AuthorizationPermissionMismatch", NULL, NULL,
		"the identity has no role for the data of the account, or not yet (Owner and Contributor do not include it)",
		ROLE("'Storage Blob Data Reader'") "\n(or Contributor; Queue, Table, File: their own); " PROPAGATES },
	{ WHERE_WORD, E, T(NETWORK), "AuthorizationFailure", NULL, NULL,
		"the account's network rules, or an ACL of its file system, refuse the request", STORAGE_NET },
	{ WHERE_WORD, E, T(NETWORK), "AuthorizationSourceIPMismatch", NULL, NULL,
		"a shared access signature is used from an address that it does not admit", "use a token instead: mi-token storage" },
	{ WHERE_WORD, E, T(OTHER), "AuthorizationProtocolMismatch", NULL, NULL,
		"a shared access signature is used over a protocol that it does not admit", "use https, and a token instead: mi-token storage" },
	{ WHERE_WORD, E, T(TOKEN), "KeyBasedAuthenticationNotPermitted", NULL, NULL,
		"the request is signed with the account's key, which is switched off", "use a token: mi-token storage" },
	{ WHERE_PHRASE, E, T(OTHER), "MissingRequiredHeader", "x-ms-file-request-intent", NULL, "files are asked for with a token, and without the header that says that it may pass over their access lists", "send x-ms-file-request-intent: backup, with a role such as 'Storage File Data Privileged Reader'" },
	{ WHERE_WORD, E, T(TOKEN), "PublicAccessNotPermitted", NULL, NULL,
		"the request is anonymous, and the account admits none of these", "send a token: curl -K <(mi-token -o curl storage) URL" },
	{ WHERE_WORD, E, T(DISABLED), "AccountIsDisabled", NULL, NULL,
		"the storage account is disabled", "its owner must enable it, or look at the subscription's state: az account show --subscription SUBSCRIPTION-ID" },
	{ WHERE_WORD, G, T(TOKEN), "InvalidAuthenticationInfo", NULL, NULL,
		"Storage did not accept the token: expired, or for another audience or tenant", "ask for https://storage.azure.com/ with its slash: mi-token --refresh storage" },

	/* Key Vault and Managed HSM */
	{ WHERE_WORD, E, T(AUDIENCE), "AKV10022", NULL, NULL, "the token is for another audience than the vault", "ask for https://vault.azure.net without a slash (mi-token vault), for a Managed HSM https://managedhsm.azure.net (mi-token hsm)" },
	{ WHERE_WORD, E, T(TENANT), "AKV10032", NULL, NULL, "the token is of another tenant than the vault", OTHER_TENANT },
	{ WHERE_WORD, E, T(TOKEN), "AKV10000", NULL, NULL, "the request came without a token", "send one: curl -K <(mi-token -o curl vault) URL" },
	{ WHERE_WORD, E, T(TOKEN), "AKV10001", NULL, NULL, "the vault did not accept the token: it may have expired", "get a new one: mi-token --refresh vault" },
	{ WHERE_WORD, E, T(ROLE), "ForbiddenByRbac", NULL, NULL, VAULT_RBAC, VAULT_ROLE },
	{ WHERE_WORD, E, T(ROLE), "DeniedWithNoValidRBAC", NULL, NULL, VAULT_RBAC, VAULT_ROLE },
	{ WHERE_WORD, E, T(POLICY), "ForbiddenByPolicy", NULL, NULL, VAULT_POLICY,
		"az keyvault set-policy --name VAULT --object-id OBJECT-ID --secret-permissions get list" },
	{ WHERE_CODE, E, T(POLICY), "AccessDenied", NULL, "innererror", VAULT_POLICY,
		"az keyvault set-policy --name VAULT --object-id OBJECT-ID --secret-permissions get list" },
	{ WHERE_PHRASE, E, T(POLICY), "ForbiddenByPolicy", "permission on key vault", NULL, VAULT_POLICY,
		"az keyvault set-policy --name VAULT --object-id OBJECT-ID --secret-permissions get list" },
	{ WHERE_WORD, E, T(NETWORK), "ForbiddenByFirewall", NULL, NULL, "the vault's firewall does not admit this address", VAULT_NET },
	{ WHERE_PHRASE, E, T(NETWORK), "ForbiddenByFirewall", "Client address is not authorized and caller is not a trusted service", NULL,
		"the vault's firewall does not admit this address", VAULT_NET },
	{ WHERE_WORD, E, T(NETWORK), "ForbiddenByConnection", NULL, NULL, "the vault is open to private endpoints only", VAULT_NET },
	{ WHERE_PHRASE, E, T(NETWORK), "ForbiddenByConnection", "Public network access is disabled and request is not from", NULL,
		"the vault is open to private endpoints only", VAULT_NET },
	{ WHERE_WORD, E, T(DISABLED), "SecretDisabled", NULL, NULL, "the secret is disabled", "az keyvault secret set-attributes --vault-name VAULT --name NAME --enabled true" },
	{ WHERE_WORD, E, T(DISABLED), "KeyDisabled", NULL, NULL, "the key is disabled", "az keyvault key set-attributes --vault-name VAULT --name NAME --enabled true" },
	{ WHERE_WORD, E, T(DISABLED), "CertificateDisabled", NULL, NULL, "the certificate is disabled", "az keyvault certificate set-attributes --vault-name VAULT --name NAME --enabled true" },
	{ WHERE_PHRASE, E, T(DISABLED), "expired", "is not allowed on an expired", NULL, "it has expired: its expiry date is over", "az keyvault key set-attributes --vault-name VAULT --name NAME --expires 2099-12-31T00:00:00Z, or a new version of it" },
	{ WHERE_PHRASE, E, T(DISABLED), "not yet valid", "is not allowed on a not yet valid", NULL, "it is not valid yet: its activation date is to come", "az keyvault key set-attributes --vault-name VAULT --name NAME --not-before 2024-01-01T00:00:00Z" },
	{ WHERE_WORD, E, T(MISSING), "SecretNotFound", NULL, NULL, "the identity may read, and there is no secret of this name", "az keyvault secret list --vault-name VAULT" },
	{ WHERE_WORD, E, T(MISSING), "KeyNotFound", NULL, NULL, "the identity may read, and there is no key of this name", "az keyvault key list --vault-name VAULT" },
	{ WHERE_WORD, E, T(MISSING), "CertificateNotFound", NULL, NULL, "the identity may read, and there is no certificate of this name", "az keyvault certificate list --vault-name VAULT" },
	{ WHERE_CODE, E, T(BUSY), "Throttled", NULL, NULL, "the vault is asked too often", "wait as long as Retry-After says; keep what was read" },

	/* Resource Manager */
	{ WHERE_WORD, E, T(TENANT), "InvalidAuthenticationTokenTenant", NULL, NULL, "the token is of another tenant than the subscription", OTHER_TENANT },
	{ WHERE_WORD, E, T(AUDIENCE), "InvalidAuthenticationTokenAudience", NULL, NULL, "the token is for another audience than Resource Manager", "ask for https://management.azure.com/: mi-token arm" },
	{ WHERE_WORD, E, T(TOKEN), "ExpiredAuthenticationToken", NULL, NULL, "the token has expired", "get a new one for each run (mi-token arm); for long jobs mi-token keep-fresh" },
	{ WHERE_WORD, G, T(TOKEN), "InvalidAuthenticationToken", NULL, NULL, "the token is malformed: cut, quoted or with a line end in it", "mi-token decode <TOKEN-FILE reads it; send it as Authorization: Bearer TOKEN" },
	{ WHERE_WORD, E, T(TOKEN), "insufficient_claims", NULL, NULL, "the token was revoked, or the target wants claims that it lacks", "get a new one: mi-token --refresh TARGET" },
	{ WHERE_WORD, E, T(OTHER), "RequestDisallowedByPolicy", NULL, NULL, "a policy of the subscription, or above it, forbids what was asked for; roles do not help against it", "the answer names the assignment; its owner can make an exemption: az policy exemption create --name NAME --policy-assignment ASSIGNMENT-ID --exemption-category Waiver --scope TARGET-ID" },
	{ WHERE_WORD, E, T(OTHER), "DenyAssignmentAuthorizationFailed", NULL, NULL, "a deny assignment stands against the identity's role", "the answer names it; it belongs to a managed application or a deployment stack, and is changed there" },
	{ WHERE_WORD, E, T(ROLE), "AuthorizationFailed", NULL, NULL, "the identity has no role that allows this action at this scope, or not yet", ROLE("ROLE") "\n" PROPAGATES },
	{ WHERE_WORD, E, T(ROLE), "SubscriptionNotFound", NULL, NULL, "the subscription is another one, or the identity has no role in it at all", "az account list --all --output table; " ROLE("Reader") },
	{ WHERE_PHRASE, E, T(TOKEN), "AuthenticationFailed", "'Authorization' header", "missing", NO_TOKEN, "send one: curl -K <(mi-token -o curl arm) URL" },
	{ WHERE_WORD, G, T(TOKEN), "AuthenticationFailed", NULL, NULL, REFUSED_401, AUDIENCE },

	/* Graph */
	{ WHERE_PHRASE, E, T(AUDIENCE), "InvalidAuthenticationToken", "Access token validation failure. Invalid audience", NULL, "the token is for another audience than Graph", "ask for https://graph.microsoft.com/: mi-token graph" },
	{ WHERE_WORD, E, T(ROLE), "Authorization_RequestDenied", NULL, NULL, "the identity lacks an application permission (app role) of Graph's; roles of Azure do not count there", "an administrator of the tenant must grant it, one of: az ad sp show --id 00000003-0000-0000-c000-000000000000 --query appRoles\ntokens that exist lack it, and the platform keeps them up to 24 hours" },

	/* Service Bus and Event Hubs */
	{ WHERE_PHRASE, E, T(ROLE), "unauthorized-access (Send)", "'Send' claim", NULL, BUS_SEND, ROLE("'Azure Service Bus Data Sender'") "\n(Event Hubs: 'Azure Event Hubs Data Sender')" },
	{ WHERE_PHRASE, E, T(ROLE), "SubCode=40100 (Send)", "'Send' operation", NULL, BUS_SEND, ROLE("'Azure Service Bus Data Sender'") "\n(Event Hubs: 'Azure Event Hubs Data Sender')" },
	{ WHERE_PHRASE, E, T(ROLE), "unauthorized-access (Listen)", "'Listen' claim", NULL, BUS_LISTEN, ROLE("'Azure Service Bus Data Receiver'") "\n(Event Hubs: 'Azure Event Hubs Data Receiver')" },
	{ WHERE_PHRASE, E, T(ROLE), "SubCode=40100 (Listen)", "'Listen' operation", NULL, BUS_LISTEN, ROLE("'Azure Service Bus Data Receiver'") "\n(Event Hubs: 'Azure Event Hubs Data Receiver')" },
	{ WHERE_PHRASE, E, T(ROLE), "unauthorized-access (Manage)", "'Manage' claim", NULL, BUS_MANAGE, ROLE("'Azure Service Bus Data Owner'") "\n(Event Hubs: 'Azure Event Hubs Data Owner')" },
	{ WHERE_PHRASE, E, T(ROLE), "SubCode=40100 (Manage)", "'Manage' operation", NULL, BUS_MANAGE, ROLE("'Azure Service Bus Data Owner'") "\n(Event Hubs: 'Azure Event Hubs Data Owner')" },
	{ WHERE_PHRASE, E, T(ROLE), "EntityRead", "EntityRead claims required", NULL, "the identity may not read what the queue, topic or hub is like: it has no role for the data", ROLE("'Azure Service Bus Data Receiver'") "\n(or Sender; Event Hubs: 'Azure Event Hubs Data Receiver'); " PROPAGATES },
	{ WHERE_PHRASE, E, T(AUDIENCE), "40103", "Invalid authorization token signature", NULL, "the token is for another audience or of another tenant than the namespace", "ask for https://servicebus.azure.net: mi-token servicebus" },
	{ WHERE_PHRASE, E, T(AUDIENCE), "40103", "SubCode=40103", NULL, "the token is for another audience or of another tenant than the namespace", "ask for https://servicebus.azure.net: mi-token servicebus" },
	{ WHERE_PHRASE, E, T(AUDIENCE), "40103", "claim is empty or token is invalid", NULL, "the token is for another audience or of another tenant than the namespace", "ask for https://servicebus.azure.net: mi-token servicebus" },
	{ WHERE_WORD, E, T(AUDIENCE), "InvalidAudience", NULL, NULL, "the token is for another audience than the namespace", "ask for https://servicebus.azure.net: mi-token servicebus" },
	{ WHERE_WORD, E, T(TOKEN), "ExpiredToken", NULL, NULL, "the token has expired", "get a new one (mi-token --refresh servicebus), and look at timedatectl" },
	{ WHERE_PHRASE, E, T(DISABLED), "40301", "namespace is disabled", NULL, "the namespace is disabled", "its owner must enable it: az servicebus namespace show --name NAMESPACE --resource-group RG --query status" },
	{ WHERE_PHRASE, E, T(NETWORK), "40300", "Ip has been prevented to connect", NULL, "the firewall of the namespace does not admit this address", "az servicebus namespace network-rule-set ip-rule add --namespace-name NAMESPACE --resource-group RG --ip-rule ip-address=ADDRESS action=Allow" },
	{ WHERE_PHRASE, E, T(NETWORK), "40300", "SubCode=40300", NULL, "the firewall of the namespace does not admit this address", "az servicebus namespace network-rule-set ip-rule add --namespace-name NAMESPACE --resource-group RG --ip-rule ip-address=ADDRESS action=Allow" },
	{ WHERE_PHRASE, G, T(ROLE), "SubCode=40100", NULL, NULL, "the namespace did not accept the identity: it has no role for the data", ROLE("'Azure Service Bus Data Sender'") "\n(or Receiver; Event Hubs: 'Azure Event Hubs Data Sender')" },
	{ WHERE_PHRASE, G, T(ROLE), "amqp:unauthorized-access", NULL, NULL, "the namespace did not accept the identity: it has no role for the data", ROLE("'Azure Service Bus Data Sender'") "\n(or Receiver; Event Hubs: 'Azure Event Hubs Data Sender')" },

	/* Cosmos DB */
	{ WHERE_SUBSTATUS, E, T(AUDIENCE), "5008", NULL, NULL, COSMOS_AUDIENCE, "ask for https://cosmos.azure.com without a slash: mi-token cosmos" },
	{ WHERE_PHRASE, E, T(AUDIENCE), "5008", "accepts tokens intended for", NULL, COSMOS_AUDIENCE, "ask for https://cosmos.azure.com without a slash: mi-token cosmos" },
	{ WHERE_SUBSTATUS, E, T(TENANT), "5007", NULL, NULL, "the token is of another tenant than the Cosmos DB account", OTHER_TENANT },
	{ WHERE_PHRASE, E, T(TENANT), "5007", "is not trusted by this database account", NULL, "the token is of another tenant than the Cosmos DB account", OTHER_TENANT },
	{ WHERE_PHRASE, E, T(TOKEN), "AAD token has expired", "AAD token has expired", NULL, "the token has expired", "get a new one (mi-token --refresh cosmos), and look at timedatectl" },
	{ WHERE_SUBSTATUS, E, T(OTHER), "5300", NULL, NULL, "databases and containers are not managed with a token of Entra, whatever the role", "az cosmosdb sql database create --account-name ACCOUNT --resource-group RG --name NAME" },
	{ WHERE_PHRASE, E, T(OTHER), "5300", "cannot be authorized by AAD token in data plane", NULL, "databases and containers are not managed with a token of Entra, whatever the role", "az cosmosdb sql database create --account-name ACCOUNT --resource-group RG --name NAME" },
	{ WHERE_SUBSTATUS, E, T(ROLE), "5301", NULL, NULL, COSMOS_NONE, COSMOS_ROLE },
	{ WHERE_PHRASE, E, T(ROLE), "5301", "does not have required RBAC permissions to perform action", NULL, COSMOS_NONE, COSMOS_ROLE },
	{ WHERE_SUBSTATUS, E, T(ROLE), "5302", NULL, NULL, "the identity's role of Cosmos DB does not allow this action on this data", COSMOS_ROLE },
	{ WHERE_SUBSTATUS, E, T(ROLE), "5303", NULL, NULL, "the identity's role of Cosmos DB does not allow this action on this data", COSMOS_ROLE },
	{ WHERE_SUBSTATUS, E, T(ROLE), "5304", NULL, NULL, "the identity's role of Cosmos DB does not allow this request", COSMOS_ROLE },
	{ WHERE_SUBSTATUS, E, T(ROLE), "5305", NULL, NULL, "the identity's role of Cosmos DB does not allow this request", COSMOS_ROLE },
	{ WHERE_SUBSTATUS, E, T(ROLE), "5306", NULL, NULL, "the identity's role of Cosmos DB does not allow this request", COSMOS_ROLE },
	{ WHERE_SUBSTATUS, E, T(NETWORK), "5307", NULL, NULL, "the network security perimeter of the account does not admit the request", "the owner of the perimeter must admit this network: az network perimeter profile access-rule list --perimeter-name PERIMETER --profile-name PROFILE --resource-group RG" },
	{ WHERE_SUBSTATUS, E, T(BUSY), "5350", NULL, NULL, "Cosmos DB cannot read the identity's groups at the moment", "try again, with growing pauses" },
	{ WHERE_SUBSTATUS, E, T(BUSY), "5351", NULL, NULL, "Cosmos DB cannot read the identity's groups at the moment", "try again, with growing pauses" },
	{ WHERE_SUBSTATUS, E, T(BUSY), "5360", NULL, NULL, "Cosmos DB cannot read the token at the moment", "try again, with growing pauses" },
	{ WHERE_SUBSTATUS, E, T(ROLE), "5400", NULL, NULL, "the roles of Cosmos DB do not allow this request", COSMOS_ROLE },
	{ WHERE_PHRASE, E, T(TOKEN), "Local Authorization is disabled", NULL, NULL, "the request is signed with the account's key, which is switched off", "use a token: mi-token cosmos" },
	{ WHERE_PHRASE, E, T(NETWORK), "Cosmos DB firewall", "blocked by your Cosmos DB account firewall", NULL, "the firewall of the account does not admit this address", "the new list takes the place of the old: az cosmosdb show --name ACCOUNT --resource-group RG --query ipRules\naz cosmosdb update --name ACCOUNT --resource-group RG --ip-range-filter ADDRESS, with all of the old ones behind it" },

	/* App Configuration */
	{ WHERE_WORD, E, T(NETWORK), "ip-address-rejected", NULL, NULL, "the store does not admit this address", "reach it through a private endpoint (private DNS zone)\nor open it to all networks: az appconfig update --name STORE --resource-group RG --enable-public-network true" },

	/* AI services, Log Analytics, registries */
	{ WHERE_PHRASE, E, T(ROLE), "PermissionDenied", "lacks the required data action", NULL, COGNITIVE_NONE, ROLE("'Cognitive Services User'") "\n(Azure OpenAI: 'Cognitive Services OpenAI User'); " PROPAGATES },
	{ WHERE_PHRASE, E, T(ROLE), "PermissionDenied", "Principal does not have access to API/Operation", NULL, COGNITIVE_NONE, ROLE("'Cognitive Services User'") "\n(Azure OpenAI: 'Cognitive Services OpenAI User'); " PROPAGATES },
	{ WHERE_PHRASE, E, T(NETWORK), "firewall of AI services", "Access denied due to Virtual Network/Firewall rules", NULL, "the network rules of the account refuse this address", "az cognitiveservices account network-rule add --name ACCOUNT --resource-group RG --subnet SUBNET-ID" },
	{ WHERE_PHRASE, E, T(NETWORK), "public access is disabled", "Public access is disabled. Please configure private endpoint", NULL, "the account is open to private endpoints only", "reach it through its private endpoint: its name must resolve to that address on this machine (private DNS zone)" },
	{ WHERE_WORD, E, T(ROLE), "InsufficientAccessError", NULL, NULL, "the identity has no role that lets it query this workspace", ROLE("'Log Analytics Reader'") "\n" PROPAGATES },
	{ WHERE_WORD, E, T(ROLE), "insufficient_scope", NULL, NULL, "the identity has no role that lets it do this in the registry", ROLE("AcrPull") "\n(registries that assign by repository: 'Container Registry Repository Reader'); " PROPAGATES },
	{ WHERE_PHRASE, E, T(ROLE), "unauthorized (registry)", "unauthorized: authentication required", NULL, "the registry does not admit who asks: nobody is logged in, or the identity has no role on it", "have docker-credential-mi-token log in: \"credHelpers\": { \"REGISTRY.azurecr.io\": \"mi-token\" } in ~/.docker/config.json\n" ROLE("AcrPull") },
	{ WHERE_PHRASE, E, T(NETWORK), "firewall of the registry", "aka.ms/acr/firewall", NULL, "the registry's firewall does not admit this address", "az acr network-rule add --name REGISTRY --ip-address ADDRESS, or reach it through a private endpoint" },

	/* Azure SQL, to whoever shows a token */
	{ WHERE_PHRASE, E, T(MEMBER), "token-identified principal", "<token-identified principal>", NULL, "the token is good, and the database has no user for the identity", "as the server's Entra administrator, in this database: CREATE USER [NAME] FROM EXTERNAL PROVIDER, and ALTER ROLE db_datareader ADD MEMBER [NAME]\n(NAME is that of the identity, or of the machine where it is system-assigned)" },

	/* APIs of one's own, in the words of ASP.NET */
	{ WHERE_PHRASE, E, T(AUDIENCE), "invalid_token (audience)", "The audience '", "is invalid", "the token is for another audience than the API", AUDIENCE },
	{ WHERE_PHRASE, E, T(TENANT), "invalid_token (issuer)", "The issuer '", "is invalid", "the API does not take tokens of this issuer: another tenant, or v1 where v2 is expected", "mi-token decode <TOKEN-FILE shows iss and ver; the API's registration says accessTokenAcceptedVersion" },
	{ WHERE_PHRASE, E, T(TOKEN), "invalid_token (time)", "The token expired at '", NULL, "the token has expired, or a clock is wrong", "get a new one (mi-token --refresh TARGET), and look at timedatectl" },

	/* Azure DevOps */
	{ WHERE_WORD, E, T(MEMBER), "TF401444", NULL, NULL, "the identity is no member of the organisation, or has never been added to it", MEMBER },
	{ WHERE_WORD, E, T(MEMBER), "TF400813", NULL, NULL, "the identity is no member of the organisation, or has no licence in it", MEMBER },
	{ WHERE_WORD, E, T(ROLE), "TF401019", NULL, NULL, "there is no such repository, or the identity may not read it", "give it Read on the repository: Project settings, Repositories, Security" },
	{ WHERE_WORD, E, T(ROLE), "VS800075", NULL, NULL, "there is no such project, or the identity may not see it", "add it to the project: Project settings, Permissions, Readers" },

	/* git's own words say less than those of the service do */
	{ WHERE_PHRASE, G, T(OTHER), "Authentication failed (git)", "Authentication failed for 'https://dev.azure.com/", NULL, "Azure DevOps did not accept what git sent, or git asked nobody", "mi-token git check --probe URL tells which" },

	/* codes that say little */
	{ WHERE_WORD, G, A, "invalid_resource", NULL, NULL, "the resource that the token is for is not known", "check its spelling, the slash at the end included; --resource takes no /.default" },
	{ WHERE_WORD, G, A, "invalid_scope", NULL, NULL, "the scope is not valid", "ask for exactly one RESOURCE/.default" },
	{ WHERE_WORD, G, A, "unsupported_response_type", NULL, NULL, "this kind of answer is not given", HAND_WRITTEN },
	{ WHERE_CODE, G, A, "access_denied", NULL, NULL, "Entra denied access to the identity", "trying again does not help: ask an administrator of the tenant" },
	{ WHERE_CODE, G, A, "invalid_client", NULL, NULL, "Entra did not accept the application's secret or assertion", "the AADSTS number in the answer tells the reason; unset AZURE_CLIENT_SECRET where the managed identity is meant" },
	{ WHERE_CODE, G, A, "invalid_grant", NULL, NULL, "Entra did not accept what was presented for a token", "the AADSTS number in the answer tells the reason" },
	{ WHERE_CODE, G, T(TOKEN), "invalid_token", NULL, NULL, REFUSED_401, AUDIENCE },
	{ WHERE_CODE, G, T(MISSING), "ResourceNotFound", NULL, NULL, "there is no such resource, or the request came without a token", "check the URL; curl -K <(mi-token -o curl TARGET) URL sends a token" },
	{ WHERE_CODE, G, T(TOKEN), "Unauthorized", NULL, NULL, REFUSED_401, AUDIENCE },
	{ WHERE_CODE, G, T(OTHER), "Forbidden", NULL, NULL, REFUSED_403, ROLE("ROLE") },
	{ WHERE_CODE, G, M, "Not Found", NULL, NULL, "the metadata service does not know this path, or is being updated", "try again in a minute; " HAND_WRITTEN },
	{ WHERE_CODE, G, M, "Not found", NULL, NULL, "the metadata service does not know this path, or is being updated", "try again in a minute; " HAND_WRITTEN },

	{ WHERE_PHRASE, G, M, "ManagedIdentityCredential", "ManagedIdentityCredential authentication unavailable", NULL, "the SDK found no managed identity endpoint that answers here", "mi-token sources tells what this machine has, mi-token whoami what is wrong with it" },
	{ WHERE_PHRASE, G, M, "ManagedIdentityCredential", "no managed identity endpoint found", NULL, "the SDK found no managed identity endpoint that answers here", "mi-token sources tells what this machine has, mi-token whoami what is wrong with it" },
	{ WHERE_PHRASE, G, M, "DefaultAzureCredential", "DefaultAzureCredential failed to retrieve a token", NULL, "no credential of the SDK's chain has worked here", "mi-token whoami tells what is wrong with the identity; unset AZURE_CLIENT_SECRET and its like where it is meant" },

	/* statuses alone */
	{ WHERE_STATUS, S, T(MEMBER), "203", NULL, NULL, "Azure DevOps answers with its page to sign in: the token was not accepted, or the identity is no member", MEMBER },
	{ WHERE_STATUS, S, T(TOKEN), "401", NULL, NULL, REFUSED_401, AUDIENCE },
	{ WHERE_PHRASE, S, T(TOKEN), "WWW-Authenticate", "WWW-Authenticate: Bearer", NULL, REFUSED_401, AUDIENCE },
	{ WHERE_STATUS, S, T(OTHER), "403", NULL, NULL, REFUSED_403, ROLE("ROLE") },
	{ WHERE_STATUS, S, M, "405", NULL, NULL, "the method is not one that is served; the metadata service takes GET alone", HAND_WRITTEN },
	{ WHERE_STATUS, S, M, "410", NULL, NULL, "the metadata service is being updated, and comes back within 70 seconds", "try again for at least 70 seconds: mi-token --timeout 80s TARGET" },
	{ WHERE_STATUS, S, M, "421", NULL, NULL, "the Guest Proxy Agent could not tell whose connection it is", GPA_LOG },
	{ WHERE_STATUS, S, T(BUSY), "429", NULL, NULL, BUSY, "wait as long as Retry-After says, and keep tokens (the metadata service admits 20 requests a second)" },
	{ WHERE_STATUS, S, T(BUSY), "500", NULL, NULL, NOT_NOW, "try again, with growing pauses" },
	{ WHERE_STATUS, S, M, "502", NULL, NULL, "a proxy or gateway on the way failed", "check HTTPS_PROXY, and that NO_PROXY has " HOST },
	{ WHERE_STATUS, S, T(BUSY), "503", NULL, NULL, NOT_NOW, "try again, with growing pauses" },
	{ WHERE_STATUS, S, M, "504", NULL, NULL, "a proxy or gateway on the way failed", "check HTTPS_PROXY, and that NO_PROXY has " HOST },
	{ WHERE_WORD, E, T(OTHER), NULL, NULL, NULL, NULL, NULL },
};
// clang-format on
