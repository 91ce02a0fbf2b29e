/* Entra's error numbers, in sentences for people.
 * Source: Microsoft Learn, "Microsoft Entra authentication and authorization error codes".
 * SPDX-License-Identifier: MIT */
#include "explain.h"

#define RESOURCE                                                            \
	"check its spelling, the slash at the end and the cloud included: " \
	"https://storage.azure.com/ has one, https://vault.azure.net has none"
#define TENANT                                                                     \
	"check AZURE_TENANT_ID, and that AZURE_AUTHORITY_HOST is the cloud's own " \
	"(az account show --query tenantId)"
#define CLOUD                                                                         \
	"set AZURE_AUTHORITY_HOST to the cloud of the tenant (az cloud show --query " \
	"endpoints.activeDirectory)"
#define PERSON                                                                    \
	"this belongs to the sign-in of a person, no managed identity meets it: " \
	"find out which program signs in as a user, and give it the identity"
#define FEDERATED                                                                      \
	"compare: az identity federated-credential list --identity-name NAME "         \
	"--resource-group RG\nmi-token decode <TOKEN-FILE shows what is presented; a " \
	"new credential takes some minutes"
#define ASSERTION                                                         \
	"look at the token with mi-token decode <TOKEN-FILE, and at the " \
	"machine's clock (timedatectl); read the file anew for each request"
#define SECRET                                                                       \
	"unset AZURE_CLIENT_SECRET where the managed identity is meant\notherwise: " \
	"az ad app credential reset --id APP-ID --append"
#define AGAIN "try again in a minute, with growing pauses"

const struct entra_cause entra_unknown = {
	0,
	"Entra refused, for a reason that mi-token has no words for",
	"look the number up: https://login.microsoftonline.com/error?code=NUMBER\ngive "
	"support the trace id, correlation id and timestamp of the answer",
};

const struct entra_cause entra_rows[] = {
	/* what the token is for */
	{ 500011, "the resource that the token is for is not known in this tenant",
		RESOURCE },
	{ 50001, "the resource that the token is for does not exist or is disabled",
		RESOURCE },
	{ 650057, "the resource is not in the list that the application may ask for",
		"add it to the application's API permissions: az ad app permission add "
		"--id APP-ID --api API-ID --api-permissions PERMISSION=Role" },
	{ 70011, "the scope is not valid", "ask for exactly one RESOURCE/.default" },
	{ 700022, "the scope names several resources",
		"ask for one resource in each request" },
	{ 901002, "the endpoint of version 2 does not take the parameter resource",
		"send scope=RESOURCE/.default instead" },

	/* who asks, and where */
	{ 700016, "no application with this client id is in this tenant",
		"check AZURE_CLIENT_ID (a client id, not an object id) and the tenant; "
		"what "
		"was deleted and made again has a new one\naz identity show --name NAME "
		"--resource-group RG --query clientId" },
	{ 7000112, "the application is disabled in this tenant",
		"an administrator must enable it: az ad sp update --id APP-ID --set "
		"accountEnabled=true" },
	{ 90002, "the tenant was not found", TENANT },
	{ 900023, "the tenant id is neither a GUID nor a domain name",
		"a placeholder may have stayed in the configuration; " TENANT },
	{ 900382, "the request went to the authority of another cloud", CLOUD },
	{ 900432, "the request went to the authority of another cloud", CLOUD },
	{ 90038, "the tenant belongs to another, a national cloud", CLOUD },
	{ 100007, "only a regional endpoint may be asked",
		"set the region in the program that asks, or AZURE_AUTHORITY_HOST to the "
		"region's endpoint" },
	{ 50020, "the account is of another tenant: identities do not cross tenants",
		"have the resource and the identity in one tenant, or give an "
		"application "
		"of the other tenant a federated credential for the identity" },
	{ 50034, "the user account does not exist in this tenant", PERSON },
	{ 500341, "the user account was deleted from this tenant", PERSON },
	{ 50076, "a second factor is required", PERSON },
	{ 50079, "a second factor must be registered", PERSON },

	/* policies */
	{ 53003, "Conditional Access blocks the identity",
		"the owner of the policy must admit it or its network (Conditional "
		"Access "
		"for workload identities, named locations)" },
	{ 500021, "a proxy on the way restricts tenants, and this one is not admitted",
		"the owner of the proxy must admit the tenant, or take "
		"login.microsoftonline.com out of its rules" },

	/* federated credentials and assertions */
	{ 70021, "no federated credential matches the token that was presented",
		FEDERATED },
	{ 700211, "no federated credential has the issuer of the token presented",
		"it must be equal to the last slash, and for a managed identity that of "
		"version 2\n" FEDERATED },
	{ 700212, "no federated credential has the audience of the token presented",
		"it is api://AzureADTokenExchange, or the cloud's own with a "
		"suffix\n" FEDERATED },
	{ 700213, "no federated credential has the subject of the token presented",
		"it is system:serviceaccount:NAMESPACE:NAME, or the object id, not the "
		"client id, of an identity\n" FEDERATED },
	{ 7002138, "a federated credential matches but for upper and lower case",
		"write issuer, subject and audience as the token has them\n" FEDERATED },
	{ 700229, "only a token of an application can be exchanged, not a person's",
		"present the token of a managed identity (mi-token token-exchange)" },
	{ 90061, "Entra cannot reach the issuer of the token presented",
		"ISSUER/.well-known/openid-configuration and its keys must be public" },
	{ 700024, "the assertion presented has expired or is not valid yet", ASSERTION },
	{ 700027, "the assertion's signature is wrong or its certificate not registered",
		"register it: az ad app credential reset --id APP-ID --append --cert "
		"@CERTIFICATE.pem\n" ASSERTION },
	{ 50012, "the assertion presented could not be authenticated", ASSERTION },
	{ 50013, "the assertion presented is not valid", ASSERTION },
	{ 500133, "the assertion presented is outside its time of validity", ASSERTION },
	{ 50027, "the token presented is malformed", ASSERTION },

	/* secrets that come before the identity in the SDKs' chains */
	{ 7000215,
		"the client secret is wrong: its id instead of its value, or another's",
		SECRET },
	{ 7000222,
		"the client secret has expired; one that was left behind comes before "
		"the managed identity",
		SECRET },
	{ 7000218, "the request has neither a secret nor an assertion",
		"AZURE_CLIENT_SECRET may be empty\n" SECRET },

	/* passing conditions */
	{ 50196, "the program asks for the same token in a loop",
		"keep tokens until they expire (mi-token does)" },
	{ 90055, "the tenant sends too many requests", AGAIN },
	{ 90015, "the request's URL is too long, perhaps by its claims",
		"send the request as a POST" },
	{ 50033, "a passing error of Entra", AGAIN },
	{ 50087, "a passing error of Entra", AGAIN },
	{ 90006, "a passing error of Entra", AGAIN },
	{ 90012, "a passing error of Entra", AGAIN },
	{ 90024, "a passing error of Entra", AGAIN },
	{ 90033, "a passing error of Entra", AGAIN },
	{ 90090, "a passing error of Entra", AGAIN },
	{ 0, NULL, NULL },
};
