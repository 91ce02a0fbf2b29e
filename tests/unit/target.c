/* What Storage, vaults and Resource Manager answer, and what it means; and what is no
 * answer of a service.
 * SPDX-License-Identifier: MIT */
#include "target_world.h"

#define BLOB      "https://mystorage.blob.core.windows.net"
#define APPCONFIG "https://demo.azconfig.io"
#define HTML      "Content-Type: text/html; charset=utf-8\n"
#define STORAGE_SCOPE                                                             \
	"/subscriptions/SUBSCRIPTION-ID/resourceGroups/RESOURCE-GROUP/providers/" \
	"Microsoft.Storage/storageAccounts/mystorage"
#define XML(code, message, rest)                                                      \
	"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" code    \
	"</Code><Message>" message                                                    \
	"\nRequestId:5bbd4a2f-001e-0000-0000-000000000000\nTime:2024-01-01T00:00:00." \
	"0000000Z</Message>" rest "</Error>"
#define STORAGE_401(detail)                                                              \
	{                                                                                \
		.status = 401,                                                           \
		.headers = "WWW-Authenticate: Bearer "                                   \
			   "authorization_uri=https://login.microsoftonline.com/" TENANT \
			   "/oauth2/authorize resource_id=https://storage.azure.com\n",  \
		.body = XML("InvalidAuthenticationInfo",                                 \
			"Server failed to authenticate the request. Please refer to "    \
			"the "                                                           \
			"information in the www-authenticate header.",                   \
			"<AuthenticationErrorDetail>" detail                             \
			"</AuthenticationErrorDetail>")                                  \
	}
#define NO_PERMISSION                                                               \
	{                                                                           \
		.status = 403,                                                      \
		.headers = "x-ms-error-code: AuthorizationPermissionMismatch\n",    \
		.body = XML("AuthorizationPermissionMismatch",                      \
			"This request is not authorized to perform this operation " \
			"using "                                                    \
			"this permission.",                                         \
			"")                                                         \
	}

static const struct target_row storage_rows[] = {
	{ "a container is listed", BLOB "/docs", .answers = { { 200 } },
		.wire = "GET " BLOB "/docs?restype=container&comp=list&maxresults=1\n",
		.outcome = TARGET_GRANTED,
		.says = { "mystorage.blob.core.windows.net lets the identity in "
			  "(object id " OBJECT ")" } },
	{ "an account", BLOB, .answers = { { 200 } },
		.wire = "GET " BLOB "/?comp=list&maxresults=1\n",
		.outcome = TARGET_GRANTED },
	{ "a blob's metadata", BLOB "/docs/a/b.txt?sv=x&sig=y",
		.answers = { { 404,
			XML("BlobNotFound", "The specified blob does not exist.", "") } },
		.wire = "GET " BLOB "/docs/a/b.txt?comp=metadata\n",
		.outcome = TARGET_NOT_FOUND, .says = { "has nothing at /docs/a/b.txt" } },
	{ "no role", BLOB "/docs", .answers = { NO_PERMISSION },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "AuthorizationPermissionMismatch",
		.role = "Storage Blob Data Reader",
		.scope = STORAGE_SCOPE "/blobServices/default/containers/docs",
		.says = { "no role for the data of the account" },
		.cure = { ASSIGN("'Storage Blob Data Reader'",
				  STORAGE_SCOPE) "/blobServices/default/"
						 "containers/docs\n",
			"'Storage Blob Data Contributor'",
			"mi-token wait --for role " BLOB "/docs" } },
	{ "no role, and all that HEAD tells",
		"https://mystorage.dfs.core.windows.net/fs/a/b.txt",
		.answers = { { 403,
			.headers = "x-ms-error-code: "
				   "AuthorizationPermissionMismatch\n" } },
		.wire = "HEAD "
			"https://mystorage.dfs.core.windows.net/fs/a/b.txt\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "AuthorizationPermissionMismatch",
		.role = "Storage Blob Data Reader",
		.scope = STORAGE_SCOPE "/blobServices/default/containers/fs" },
	{ "a signature in the URL is not printed", BLOB "/docs/a?sv=1&sig=secret",
		.answers = { NO_PERMISSION }, .outcome = TARGET_NO_ROLE,
		.code = MITOK_E_DENIED, .word = "AuthorizationPermissionMismatch",
		.role = "Storage Blob Data Reader",
		.scope = STORAGE_SCOPE "/blobServices/default/containers/docs",
		.cure = { "wait --for role " BLOB "/docs/a" } },
	{ "the name of a container is not one for a command line", BLOB "/do%27cs;x",
		.answers = { NO_PERMISSION }, .outcome = TARGET_NO_ROLE,
		.code = MITOK_E_DENIED, .word = "AuthorizationPermissionMismatch",
		.role = "Storage Blob Data Reader", .scope = STORAGE_SCOPE,
		.cure = { "wait --for role '" BLOB "/do%27cs;x'" } },
	{ "network", BLOB "/docs",
		.answers = { { 403,
			XML("AuthorizationFailure",
				"This request is not authorized to perform this "
				"operation.",
				"") } },
		.address = ADDRESS_PUBLIC, .outcome = TARGET_NETWORK,
		.code = MITOK_E_DENIED, .word = "AuthorizationFailure",
		.says = { "network rules" },
		.cure = { "is 20.60.1.2 from here, a public address: for a "
			  "private "
			  "endpoint the zone privatelink.blob.core.windows.net",
			"az storage account show --name mystorage --query",
			"network-rule add --account-name mystorage" } },
	{ "audience", BLOB "/docs",
		.answers = { STORAGE_401(
			"Audience validation failed. Audience did not match.") },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED,
		.word = "Audience validation failed",
		.says = { "its audience is 'https://storage.azure.com/'" },
		.cure = { "'https://storage.azure.com/' and "
			  "'https://storage.azure.com'" } },
	{ "issuer", BLOB "/docs",
		.answers = { { 401,
			.headers = "WWW-Authenticate: Bearer authorization_uri="
				   "https://login.microsoftonline.com/" FOREIGN
				   "/oauth2/authorize "
				   "resource_id=https://storage.azure.com\n",
			.body = XML("InvalidAuthenticationInfo", "Server failed.",
				"<AuthenticationErrorDetail>Issuer validation "
				"failed. "
				"Issuer did not "
				"match.</AuthenticationErrorDetail>") } },
		.outcome = TARGET_TENANT, .code = MITOK_E_DENIED,
		.word = "Issuer validation failed",
		.says = { "its tenant is " TENANT ", the target's " FOREIGN },
		.cure = { "managed identities do not cross tenants" } },
	{ "lifetime", BLOB "/docs",
		.answers = { STORAGE_401(
			"Lifetime validation failed. The token is expired.") },
		.outcome = TARGET_TOKEN_REFUSED, .code = MITOK_E_DENIED,
		.word = "Lifetime validation failed", .says = { "has expired" },
		.cure = { "timedatectl" } },
	{ "switched off", BLOB "/docs",
		.answers = { { 403,
			XML("AccountIsDisabled", "The specified account is disabled.",
				"") } },
		.outcome = TARGET_DISABLED, .code = MITOK_E_DENIED,
		.word = "AccountIsDisabled", .says = { "disabled" } },
	{ "busy", BLOB "/docs", .answers = { { 503, .headers = "Retry-After: 7\n" } },
		.outcome = TARGET_BUSY, .code = MITOK_E_LATER },
	{ "a queue", "https://mystorage.queue.core.windows.net/orders/messages",
		.answers = { NO_PERMISSION },
		.wire = "GET "
			"https://mystorage.queue.core.windows.net/orders/messages"
			"?peekonly=true&numofmessages=1\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "AuthorizationPermissionMismatch",
		.role = "Storage Queue Data Reader",
		.scope = STORAGE_SCOPE "/queueServices/default/queues/orders" },
	{ "a table, in the words of OData",
		"https://mystorage.table.core.windows.net/"
		"people(PartitionKey='a')",
		.answers = { { 403,
			"{\"odata.error\":{\"code\":"
			"\"AuthorizationPermissionMismatch\",\"message\":{"
			"\"lang\":\"en-US\",\"value\":\"This request is not "
			"authorized to perform this operation using this "
			"permission.\"}}}" } },
		.wire = "GET https://mystorage.table.core.windows.net/people()"
			"?$top=1&$select=PartitionKey\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "AuthorizationPermissionMismatch",
		.role = "Storage Table Data Reader",
		.scope = STORAGE_SCOPE "/tableServices/default/tables/people" },
	{ "a share", "https://mystorage.file.core.windows.net/home",
		.answers = { NO_PERMISSION },
		.wire = "GET https://mystorage.file.core.windows.net/home"
			"?restype=directory&comp=list&maxresults=1\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "AuthorizationPermissionMismatch",
		.role = "Storage File Data Privileged Reader",
		.scope = STORAGE_SCOPE "/fileServices/default/fileshares/home" },
	{ "no share is named", "https://mystorage.file.core.windows.net/", .wire = "",
		.outcome = TARGET_TOKEN_ONLY,
		.says = { "there is a token for https://storage.azure.com/" },
		.cure = { "name a share" } },
};

static void storage(void)
{
	target_run(storage_rows, COUNT(storage_rows));
}

#define LISTED STORAGE_SCOPE_REAL "/blobServices/default/containers"
#define STORAGE_SCOPE_REAL                                    \
	"/subscriptions/" SUB "/resourceGroups/rg/providers/" \
	"Microsoft.Storage/storageAccounts/mystorage"
#define RESOURCES                                                 \
	{                                                         \
		"/resources?",                                    \
			"[{\"id\":\"" STORAGE_SCOPE_REAL          \
			"\",\"name\":\"mystorage\",\"type\":"     \
			"\"Microsoft.Storage/storageAccounts\"}]" \
	}
#define BLOB_READER "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
#define CONTRIBUTOR "b24988ac-6180-42a0-ab88-20f7382dd24c"
#define NOT_THERE(...)                                                        \
	BLOB "/docs", .answers = { NO_PERMISSION }, .lists = { __VA_ARGS__ }, \
		      .outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,      \
		      .word = "AuthorizationPermissionMismatch",              \
		      .role = "Storage Blob Data Reader"

static const struct target_row assignments_rows[] = {
	{ "the resource is found", NOT_THERE(SUBSCRIPTIONS, RESOURCES),
		.scope = LISTED "/docs",
		.cure = { ASSIGN("'Storage Blob Data Reader'", LISTED "/docs") } },
	{ "no assignment at all",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES, { "assignedTo('" OBJECT "')", "[]" }),
		.scope = LISTED "/docs", .says = { "no role at all is assigned" } },
	{ "no assignment, but somebody else has one",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES, { "assignedTo(", "[]" },
			{ "atScope()",
				"[{\"properties\":{\"roleDefinitionId\":\"/x/" BLOB_READER
				"\",\"principalId\":\"" FOREIGN
				"\",\"scope\":\"/\"}}]" }),
		.says = { "no role at all is assigned" },
		.cure = { "there it is assigned to " FOREIGN
			  ": is that who was meant? this identity is " OBJECT } },
	{ "where groups cannot be looked into",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS("'" OBJECT "'", BLOB_READER, STORAGE_SCOPE_REAL, "")),
		.says = { "not in force yet" } },
	{ "the role is there",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS("assignedTo(", BLOB_READER, STORAGE_SCOPE_REAL, "")),
		.says = { "'Storage Blob Data Reader' is assigned to it there: "
			  "it is "
			  "not in force yet" },
		.cure = { "wait for it: mi-token wait --for role " BLOB "/docs" } },
	{ "on the subscription",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS(
				"assignedTo(", BLOB_READER, "/subscriptions/" SUB, "")),
		.says = { "not in force yet" } },
	{ "with a condition",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS("assignedTo(", BLOB_READER, STORAGE_SCOPE_REAL,
				",\"condition\":\"(x)\"")),
		.says = { "with a condition that does not allow this" },
		.cure = { "az role assignment list --assignee " OBJECT } },
	{ "a role of one's own",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS("assignedTo(", "c0570000-0000-4000-8000-000000000007",
				STORAGE_SCOPE_REAL, "")),
		.says = { "role c0570000-0000-4000-8000-000000000007 is assigned to it "
			  "there: it does not allow this, or is not in force yet" } },
	{ "on the machine",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS("assignedTo(", BLOB_READER,
				"/subscriptions/" SUB "/resourceGroups/rg/providers/"
				"Microsoft.Compute/virtualMachines/vm",
				"")),
		.says = { "on something else than the target" },
		.cure = { "'Storage Blob Data Reader' is assigned at "
			  "/subscriptions/" SUB
			  "/resourceGroups/rg/providers/Microsoft.Compute/"
			  "virtualMachines/vm\n",
			ASSIGN("'Storage Blob Data Reader'", LISTED "/docs") } },
	{ "on another container",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS("assignedTo(", BLOB_READER, LISTED "/docs2", "")),
		.says = { "on something else than the target" } },
	{ "on another container, of a resource that cannot be seen",
		NOT_THERE(SUBSCRIPTIONS,
			ASSIGNED_AS("assignedTo(", BLOB_READER, LISTED "/other", "")),
		.scope = STORAGE_SCOPE "/blobServices/default/containers/docs",
		.says = { "on something else than the target" } },
	{ "for the account only",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS(
				"assignedTo(", CONTRIBUTOR, "/subscriptions/" SUB, "")),
		.says = { "'Contributor' is assigned to it, which is about the "
			  "resource, and not about the data in it" } },
	{ "to the client id",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES, { "assignedTo(", "[]" },
			ASSIGNED_AS("'" CLIENT "'", BLOB_READER, STORAGE_SCOPE_REAL, "")),
		.says = { "is assigned to its client id, which is not its object "
			  "id" } },
	{ "what comes as a scope may be anything",
		NOT_THERE(SUBSCRIPTIONS, RESOURCES,
			ASSIGNED_AS("assignedTo(", BLOB_READER,
				"/subscriptions/$(reboot)/providers/x", "")),
		.says = { "on something else" } },
};

static void assignments(void)
{
	target_run(assignments_rows, COUNT(assignments_rows));
}

#define VAULT  "https://myvault.vault.azure.net"
#define CALLER "appid=" CLIENT ";oid=" OBJECT ";iss=https://sts.windows.net/" TENANT "/"
#define VAULT_ERROR(code, message, inner)                          \
	"{\"error\":{\"code\":\"" code "\",\"message\":\"" message \
	"\",\"innererror\":{\"code\":\"" inner "\"}}}"
#define VAULT_ID              \
	"/subscriptions/" SUB \
	"/resourcegroups/rg/providers/microsoft.keyvault/vaults/myvault"
#define NO_RBAC(action, path)                                                            \
	{                                                                                \
		403,                                                                     \
			VAULT_ERROR("Forbidden",                                         \
				"Caller is not authorized to perform action on "         \
				"resource.\\r\\nIf role "                                \
				"assignments, deny assignments or role definitions "     \
				"were changed "                                          \
				"recently, please observe propagation "                  \
				"time.\\r\\nCaller: " CALLER                             \
				"\\r\\nAction: 'Microsoft.KeyVault/vaults/" action       \
				"'\\r\\nResource: '" VAULT_ID path                       \
				"'\\r\\nAssignment: (not found)\\r\\nDenyAssignmentId: " \
				"null\\r\\nDecisionReason: 'DeniedWithNoValidRBAC' "     \
				"\\r\\nVault: "                                          \
				"myvault;location=westeurope\\r\\n",                     \
				"ForbiddenByRbac")                                       \
	}
#define NO_VERSION "/00000000000000000000000000000000?api-version=7.4"
#define VAULT_NOT_FOUND                                                            \
	{                                                                          \
		404, "{\"error\":{\"code\":\"SecretNotFound\",\"message\":\"x\"}}" \
	}

static const struct target_row vault_rows[] = {
	{ "a secret is there, and its value is not asked for", VAULT "/secrets/db",
		.answers = { VAULT_NOT_FOUND,
			{ 200,
				"{\"value\":[{\"id\":\"" VAULT "/secrets/db/1\","
				"\"attributes\":{\"enabled\":true,\"created\":1}}"
				"],"
				"\"nextLink\":null}" } },
		.wire = "GET " VAULT "/secrets/db" NO_VERSION "\nGET " VAULT
			"/secrets/db/versions?maxresults=25&api-version=7.4\n",
		.outcome = TARGET_GRANTED, .says = { "it may get the secret" } },
	{ "a secret that may be read and not listed", VAULT "/secrets/db",
		.answers = { VAULT_NOT_FOUND,
			NO_RBAC("secrets/readMetadata/action", "/secrets/db") },
		.outcome = TARGET_GRANTED,
		.says = { "it may get the secret", "cannot be seen" } },
	{ "no such secret", VAULT "/secrets/db",
		.answers = { VAULT_NOT_FOUND,
			{ 200, "{\"value\":[],\"nextLink\":null}" } },
		.outcome = TARGET_NOT_FOUND, .says = { "nothing at /secrets/db" } },
	{ "the newest version is disabled", VAULT "/secrets/db",
		.answers = { VAULT_NOT_FOUND,
			{ 200,
				"{\"value\":[{\"id\":\"a/"
				"1\",\"attributes\":{\"enabled\":"
				"false,\"created\":9}},{\"id\":\"a/"
				"2\",\"attributes\":{"
				"\"enabled\":true,\"created\":1}}]}" } },
		.outcome = TARGET_DISABLED, .code = MITOK_E_DENIED,
		.word = "SecretDisabled", .says = { "the secret is disabled" },
		.cure = { "az keyvault secret set-attributes --vault-name "
			  "myvault --name "
			  "db --enabled true" } },
	{ "a key out of its time", VAULT "/keys/k/1",
		.answers = { { 200,
			"{\"key\":{\"kid\":\"x\"},\"attributes\":{"
			"\"enabled\":true,\"exp\":1600000000}}" } },
		.wire = "GET " VAULT "/keys/k/1?api-version=7.4\n",
		.outcome = TARGET_DISABLED, .code = MITOK_E_DENIED, .word = "expired",
		.says = { "it has expired" },
		.cure = { "az keyvault key set-attributes --vault-name myvault "
			  "--name k "
			  "--expires 2" } },
	{ "a certificate out of its time", VAULT "/certificates/c/1",
		.answers = { { 200,
			"{\"id\":\"x\",\"attributes\":{"
			"\"enabled\":true,\"exp\":1600000000}}" } },
		.outcome = TARGET_DISABLED, .code = MITOK_E_DENIED, .word = "expired",
		.cure = { "have a new version of the certificate issued" } },
	{ "a key before its time", VAULT "/keys/k",
		.answers = { { 200,
			"{\"attributes\":{\"enabled\":true,"
			"\"nbf\":9999999999}}" } },
		.outcome = TARGET_DISABLED, .code = MITOK_E_DENIED,
		.word = "not yet valid", .says = { "not valid yet" },
		.cure = { "--not-before 2" } },
	{ "no role for a secret", VAULT "/secrets/db",
		.answers = { NO_RBAC("secrets/getSecret/action", "/secrets/db") },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "ForbiddenByRbac", .role = "Key Vault Secrets User",
		.scope = VAULT_ID,
		.says = { "goes by roles",
			"Microsoft.KeyVault/vaults/secrets/getSecret/action" },
		.cure = { ASSIGN("'Key Vault Secrets User'", VAULT_ID "\n"),
			"mi-token wait --for role " VAULT "/secrets/db" } },
	{ "no role for a key", VAULT "/keys/k",
		.answers = { NO_RBAC("keys/read", "/keys/k") }, .outcome = TARGET_NO_ROLE,
		.code = MITOK_E_DENIED, .word = "ForbiddenByRbac",
		.role = "Key Vault Crypto User", .scope = VAULT_ID },
	{ "no role for a certificate", VAULT "/certificates/c",
		.answers = { NO_RBAC("certificates/read", "/certificates/c") },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "ForbiddenByRbac", .role = "Key Vault Certificate User",
		.scope = VAULT_ID },
	{ "who may see keys alone gets in", VAULT,
		.answers = { NO_RBAC("secrets/readMetadata/action", ""), { 200, "{}" } },
		.wire = "GET " VAULT "/secrets?maxresults=1&api-version=7.4\nGET " VAULT
			"/keys?maxresults=1&api-version=7.4\n",
		.outcome = TARGET_GRANTED, .says = { "it may list keys" } },
	{ "access policies", VAULT "/secrets",
		.answers = { { 403,
			VAULT_ERROR("Forbidden",
				"The user, group or application 'appid=" CLIENT
				";oid=" OBJECT
				";numgroups=2;iss=https://sts.windows.net/" TENANT
				"/' does not have secrets list permission on key "
				"vault "
				"'myvault;location=westeurope'. For help "
				"resolving this "
				"issue, please see "
				"https://go.microsoft.com/fwlink/?linkid=2125287",
				"ForbiddenByPolicy") } },
		.outcome = TARGET_ACCESS_POLICY, .code = MITOK_E_DENIED,
		.word = "ForbiddenByPolicy",
		.says = { "goes by access policies", "(secrets list)" },
		.cure = { "az keyvault set-policy --name myvault "
			  "--object-id " OBJECT " --secret-permissions get list",
			"az keyvault update --name myvault "
			"--enable-rbac-authorization true" } },
	{ "the older word for it", VAULT "/keys/k",
		.answers = { { 403, VAULT_ERROR("Forbidden", "x", "AccessDenied") } },
		.outcome = TARGET_ACCESS_POLICY, .code = MITOK_E_DENIED,
		.word = "AccessDenied", .cure = { "--key-permissions get list" } },
	{ "firewall", VAULT "/secrets",
		.answers = { { 403,
			VAULT_ERROR("Forbidden",
				"Client address is not authorized and caller is "
				"not a "
				"trusted service.\\r\\nClient address: "
				"1.2.3.4\\r\\nCaller: " CALLER
				"\\r\\nVault: myvault;location=westeurope",
				"ForbiddenByFirewall") } },
		.outcome = TARGET_NETWORK, .code = MITOK_E_DENIED,
		.word = "ForbiddenByFirewall", .says = { "firewall" },
		.cure = { "az keyvault network-rule add --name myvault" } },
	{ "private endpoint", VAULT "/secrets",
		.answers = { { 403,
			VAULT_ERROR("Forbidden",
				"Public network access is disabled and request "
				"is not from a "
				"trusted service nor via an approved private "
				"link.\\r\\nCaller: " CALLER,
				"ForbiddenByConnection") } },
		.address = ADDRESS_PUBLIC, .outcome = TARGET_NETWORK,
		.code = MITOK_E_DENIED, .word = "ForbiddenByConnection",
		.says = { "private endpoints only" },
		.cure = { "privatelink.vaultcore.azure.net must be linked" } },
	{ "audience", VAULT "/secrets",
		.answers = { { 401,
			"{\"error\":{\"code\":\"Unauthorized\",\"message\":"
			"\"AKV10022: Invalid "
			"audience. Expected https://vault.azure.net, found: "
			"https://management.azure.com/.\"}}" } },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED, .word = "AKV10022",
		.says = { "its audience is 'https://vault.azure.net'" } },
	{ "tenant", VAULT "/secrets",
		.answers = { { 401,
			"{\"error\":{\"code\":\"Unauthorized\",\"message\":"
			"\"AKV10032: Invalid "
			"issuer. Expected one of https://sts.windows.net/" FOREIGN
			"/, found https://sts.windows.net/" TENANT "/.\"}}",
			"WWW-Authenticate: Bearer authorization=\"https://login."
			"microsoftonline.com/" FOREIGN "\", "
			"resource=\"https://vault.azure.net\"\n" } },
		.outcome = TARGET_TENANT, .code = MITOK_E_DENIED, .word = "AKV10032",
		.says = { "its tenant is " TENANT ", the target's " FOREIGN } },
	{ "busy", VAULT "/secrets",
		.answers = { { 429,
			"{\"error\":{\"code\":\"Throttled\",\"message\":\"x\"}}",
			"Retry-After: 5\n" } },
		.outcome = TARGET_BUSY, .code = MITOK_E_LATER, .word = "Throttled" },
	{ "an HSM has roles of its own", "https://myhsm.managedhsm.azure.net/keys/k",
		.answers = { { 403, VAULT_ERROR("Forbidden", "x", "ForbiddenByRbac") } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "ForbiddenByRbac", .role = "Managed HSM Crypto User",
		.scope = "/keys/k",
		.cure = { "az keyvault role assignment create --hsm-name myhsm "
			  "--assignee-object-id " OBJECT
			  " --assignee-principal-type ServicePrincipal --role "
			  "'Managed "
			  "HSM Crypto User' --scope /keys/k" } },
};

static void vault(void)
{
	target_run(vault_rows, COUNT(vault_rows));
}

#define ARM "https://management.azure.com"

static const struct target_row arm_rows[] = {
	{ "a resource, in a version that its provider knows",
		ARM "/subscriptions/" SUB "/resourceGroups/rg/providers/"
		    "Microsoft.Compute/virtualMachines/vm",
		.answers = { { 400,
				     ARM_ERROR("NoRegisteredProviderFound",
					     "No registered resource provider "
					     "found for location 'x' and API "
					     "version '2021-04-01' for type "
					     "'virtualMachines'. The supported "
					     "api-versions are '2023-03-01, "
					     "2025-01-01-preview, "
					     "2024-07-01'.") },
			{ 200, "{}" } },
		.wire = "GET " ARM "/subscriptions/" SUB
			"/resourceGroups/rg/providers/Microsoft.Compute/"
			"virtualMachines/"
			"vm?api-version=2021-04-01\nGET " ARM "/subscriptions/" SUB
			"/resourceGroups/rg/providers/"
			"Microsoft.Compute/virtualMachines/"
			"vm?api-version=2024-07-01\n",
		.outcome = TARGET_GRANTED },
	{ "no role", ARM "/subscriptions/" SUB "/resourceGroups/rg",
		.answers = { { 403,
			ARM_ERROR("AuthorizationFailed",
				"The client '" OBJECT "' with object id '" OBJECT
				"' does not have authorization to perform action "
				"'Microsoft.Resources/subscriptions/"
				"resourceGroups/read' over scope "
				"'/subscriptions/" SUB
				"/resourceGroups/rg' or the scope is invalid. "
				"If access was recently granted, please refresh "
				"your credentials.") } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "AuthorizationFailed", .role = "Reader",
		.scope = "/subscriptions/" SUB "/resourceGroups/rg",
		.says = { "Microsoft.Resources/subscriptions/resourceGroups/"
			  "read" },
		.cure = { ASSIGN(
			"Reader", "/subscriptions/" SUB "/resourceGroups/rg") } },
	{ "no role, and what it may do", ARM "/subscriptions/" SUB "/resourceGroups/rg",
		.answers = { { 403,
			ARM_ERROR("AuthorizationFailed",
				"... to perform action "
				"'Microsoft.Resources/subscriptions/"
				"resourceGroups/read' over scope '/subscriptions/" SUB
				"/resourceGroups/rg' or the scope is invalid.") } },
		.lists = { { "/resourceGroups/rg/providers/Microsoft.Authorization/"
			     "permissions?",
			"[{\"actions\":[\"Microsoft.Compute/virtualMachines/start/"
			"action\"]}]" } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "AuthorizationFailed", .role = "Reader",
		.cure = { "what it may do there: "
			  "Microsoft.Compute/virtualMachines/start/action" } },
	{ "no subscription is seen", ARM "/", .answers = { { 200, "{\"value\":[]}" } },
		.wire = "GET " ARM "/subscriptions?api-version=2022-12-01\n",
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED, .role = "Reader",
		.scope = "/subscriptions/SUBSCRIPTION-ID" },
	{ "no such subscription, or none for it", ARM "/subscriptions/" SUB,
		.answers = { { 404,
			ARM_ERROR("SubscriptionNotFound",
				"The subscription '" SUB "' could not be found.") } },
		.outcome = TARGET_NO_ROLE, .code = MITOK_E_DENIED,
		.word = "SubscriptionNotFound", .role = "Reader",
		.scope = "/subscriptions/" SUB },
	{ "not there", ARM "/subscriptions/" SUB "/resourceGroups/rg",
		.answers = { { 404, ARM_ERROR("ResourceGroupNotFound", "x") } },
		.outcome = TARGET_NOT_FOUND },
	{ "tenant", ARM "/subscriptions/" SUB,
		.answers = { { 401,
			ARM_ERROR("InvalidAuthenticationTokenTenant",
				"The access token is from the wrong issuer "
				"'https://sts.windows.net/" TENANT
				"/'. It must match the tenant "
				"'https://sts.windows.net/" FOREIGN
				"/' associated with this "
				"subscription.") } },
		.outcome = TARGET_TENANT, .code = MITOK_E_DENIED,
		.word = "InvalidAuthenticationTokenTenant",
		.says = { "its tenant is " TENANT ", the target's " FOREIGN } },
	{ "audience", ARM "/subscriptions/" SUB,
		.answers = { { 401,
			ARM_ERROR("InvalidAuthenticationTokenAudience",
				"The access token has been obtained for wrong "
				"audience.") } },
		.outcome = TARGET_AUDIENCE, .code = MITOK_E_DENIED,
		.word = "InvalidAuthenticationTokenAudience" },
	{ "revoked", ARM "/subscriptions/" SUB,
		.answers = { { 401, ARM_ERROR("InvalidAuthenticationToken", "x"),
			"WWW-Authenticate: Bearer "
			"authorization_uri=\"https://login.windows.net/\", "
			"error=\"insufficient_claims\", "
			"claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"\n" } },
		.outcome = TARGET_TOKEN_REFUSED, .code = MITOK_E_DENIED,
		.word = "insufficient_claims",
		.cure = { "mi-token --refresh " ARM "/subscriptions/" SUB } },
	{ "expired", ARM "/subscriptions/" SUB,
		.answers = { { 401, ARM_ERROR("ExpiredAuthenticationToken", "x") } },
		.outcome = TARGET_TOKEN_REFUSED, .code = MITOK_E_DENIED,
		.word = "ExpiredAuthenticationToken" },
};

static void arm(void)
{
	target_run(arm_rows, COUNT(arm_rows));
}

static const struct target_row network_rows[] = {
	{ "no such name", VAULT, .answers = { { .fault = HTTP_RESOLVE } },
		.outcome = TARGET_UNREACHABLE, .code = MITOK_E_LATER,
		.says = { "myvault.vault.azure.net: the line is dead" },
		.cure = { "privatelink.vaultcore.azure.net", "getent hosts" } },
	{ "a private endpoint without a way", BLOB,
		.answers = { { .fault = HTTP_TIMEOUT } }, .address = ADDRESS_PRIVATE,
		.outcome = TARGET_UNREACHABLE, .code = MITOK_E_LATER,
		.cure = { "10.1.2.3 from here, a private endpoint's address" } },
	{ "the zones of a vault in another cloud",
		"https://myvault.vault.usgovcloudapi.net/keys",
		.answers = { { .fault = HTTP_RESOLVE } }, .outcome = TARGET_UNREACHABLE,
		.code = MITOK_E_LATER,
		.cure = { "(privatelink.vaultcore.usgovcloudapi.net)" } },
	{ "refused", BLOB, .answers = { { .fault = HTTP_CONNECT, .sys_errno = 111 } },
		.address = ADDRESS_PUBLIC, .outcome = TARGET_UNREACHABLE,
		.code = MITOK_E_LATER, .cure = { "HTTPS_PROXY" } },
	{ "TLS", BLOB, .answers = { { .fault = HTTP_TLS } },
		.outcome = TARGET_UNREACHABLE, .code = MITOK_E_REPLY,
		.cure = { "root certificate", "timedatectl" } },
	{ "no HTTP", BLOB, .answers = { { .fault = HTTP_NONSENSE } },
		.outcome = TARGET_UNREACHABLE, .code = MITOK_E_REPLY,
		.cure = { "captive portal" } },
	{ "a proxy", BLOB, .answers = { { 407, "<html>" } },
		.outcome = TARGET_UNREACHABLE, .code = MITOK_E_CONF,
		.says = { "a proxy on the way" },
		.cure = { "NO_PROXY=mystorage.blob.core.windows.net" } },
	{ "a redirect", BLOB, .answers = { { 302, .headers = "Location: https://x/\n" } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_REPLY,
		.says = { "leads elsewhere" } },
	{ "a gateway's page is no refusal of the service's", APPCONFIG,
		.answers = { { 403, "<html>Blocked", .headers = HTML } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_DENIED,
		.says = { "a page for people answers in place of the service" } },
	{ "nor does it let in", VAULT "/secrets/db",
		.answers = { { 404, "<html>Not Found", .headers = HTML } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_DENIED,
		.says = { "a page for people answers" } },
	{ "the service's words count on a page, too", VAULT "/keys",
		.answers = { { 403, "<html>ForbiddenByFirewall", .headers = HTML } },
		.outcome = TARGET_NETWORK, .code = MITOK_E_DENIED,
		.word = "ForbiddenByFirewall" },
	{ "a gateway that fails", VAULT "/keys", .answers = { { 502, "<html>" } },
		.outcome = TARGET_BUSY, .code = MITOK_E_LATER,
		.says = { "it does not do its work just now" } },
	{ "words that nobody knows", VAULT "/keys",
		.answers = { { 418, "{\"error\":{\"message\":\"a \\u001b[2Jtea\"}}" } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_DENIED,
		.says = { "(HTTP status 418): 'a ?[2Jtea'" } },
	{ "a token in an answer", VAULT "/keys",
		.answers = { { 403,
			ARM_ERROR("Forbidden", SPY_MARK "' Action: '" SPY_MARK) } },
		.outcome = TARGET_UNKNOWN, .code = MITOK_E_DENIED, .word = "Forbidden" },
};

static void network(void)
{
	static const struct target_row none = { "no token", VAULT,
		.outcome = TARGET_NO_TOKEN, .code = MITOK_E_NOIDENTITY,
		.says = { "the test refuses" } };

	target_run(network_rows, COUNT(network_rows));
	target_run_refused(&none, MITOK_E_NOIDENTITY);
}

static void nonsense(void)
{
	static const struct {
		const char *url, *resource;
	} rows[] = {
		{ "http://myvault.vault.azure.net", NULL },
		{ "https://example.org/", NULL },
		{ "https://example.org/", "https://management.azure.com/" },
		{ "https://example.org.evil.example/", "https://example.org" },
		{ VAULT "/keys/../secrets", NULL },
		{ VAULT "/1/2/3/4/5/6/7/8/9/10/11/12/13", NULL },
		{ "https://user@myvault.vault.azure.net/", NULL },
		{ "https://me:secret@api.contoso.example/", "api://contoso-api" },
		{ "https://api.contoso.example:8443/", "api://contoso-api" },
		{ "https://api.contoso.example:443@other.example/", "api://contoso-api" },
		{ "https://example.org:8443/", "https://example.org" },
		{ "https://example.org:4431/", "api://x" },
		{ "https://user@example.org/", "api://x" },
		/* Graph, Azure DevOps, and what impersonates an application. */
		{ "https://example.org/", "00000003-0000-0000-c000-000000000000" },
		{ "https://example.org/", "499b84ac-1321-427f-aa17-267ca6975798" },
		{ "https://example.org/", "api://AzureADTokenExchange" },
		{ "frobnicate", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_ROW(rows[i].url,
			target_refuses(rows[i].url, rows[i].resource) == MITOK_E_ARG);
}

static const struct target_row poverty_rows[] = {
	{ "no role", BLOB "/docs", .answers = { NO_PERMISSION },
		.lists = { SUBSCRIPTIONS, RESOURCES } },
	{ "a secret", VAULT "/secrets/db",
		.answers = { VAULT_NOT_FOUND, { 200, "{}" } } },
};

static void poverty(void)
{
	for (size_t i = 0; i < COUNT(poverty_rows); i++)
		target_run_poor(&poverty_rows[i]);
}

static const struct test tests[] = {
	{ "Storage", storage },
	{ "role assignments tell why there is still no access", assignments },
	{ "Key Vault and Managed HSM", vault },
	{ "Resource Manager", arm },
	{ "what is not an answer of the service", network },
	{ "URLs that cannot be asked", nonsense },
	{ "without memory there is an error, or an answer", poverty },
};
TEST_MAIN(tests)
