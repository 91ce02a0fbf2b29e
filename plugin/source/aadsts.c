/* Entra's error numbers: what they mean to the owner of a managed identity, and the cure.
 * SPDX-License-Identifier: MIT */
#include "source/aadsts.h"

#include <string.h>

#include "base/text.h"

#define AUTHORITY "use the cloud's own authority in AZURE_AUTHORITY_HOST"
#define AGAIN     "try again in a minute"
#define USER_FLOW \
	"this belongs to the sign-in of a person: no identity of a machine gets it"
#define FEDERATED                                                                       \
	"compare it character by character with the federated credential (az identity " \
	"federated-credential list --identity-name NAME -g RG); a new one takes some "  \
	"minutes to work"
#define ASSERTION                                                                       \
	"look at the token in AZURE_FEDERATED_TOKEN_FILE (mi-token decode) and at the " \
	"machine's clock"
#define SECRET                                                    \
	"a client secret is not what this machine needs: remove " \
	"AZURE_CLIENT_SECRET and use the managed identity"

const struct aadsts aadsts_rows[] = {
	/* what the token is for */
	{ 500011, MITOK_E_DENIED, "the resource is not known in this tenant",
		"check its spelling, slashes included, and its cloud; --resource "
		"takes no /.default, that is for --scope" },
	{ 50001, MITOK_E_DENIED, "the resource does not exist or is disabled",
		"check its spelling, slashes included, and its cloud; --resource "
		"takes no /.default, that is for --scope" },
	{ 650057, MITOK_E_DENIED, "the application may not ask for this resource",
		"add the resource to the application's API permissions" },
	{ 70011, MITOK_E_DENIED, "the scope is not valid",
		"ask for exactly one <resource>/.default" },
	{ 700022, MITOK_E_DENIED, "the scope names several resources",
		"ask for one resource at a time" },
	{ 901002, MITOK_E_DENIED, "the parameter 'resource' is not taken here",
		"the v2 endpoint wants a scope: check AZURE_AUTHORITY_HOST" },

	/* who asks, and where */
	{ 700016, MITOK_E_DENIED, "the application is not in this tenant",
		"check client id (not an object id) and tenant; an identity that was "
		"deleted and made again has a new client id" },
	{ 7000112, MITOK_E_DENIED, "the application is disabled in this tenant",
		"an administrator must enable it (Enterprise applications, Properties)" },
	{ 90002, MITOK_E_DENIED, "the tenant was not found",
		"check AZURE_TENANT_ID; " AUTHORITY },
	{ 900023, MITOK_E_DENIED, "the tenant id is neither a GUID nor a domain name",
		"check AZURE_TENANT_ID: a placeholder may have stayed in it" },
	{ 900382, MITOK_E_DENIED, "the authority belongs to another cloud", AUTHORITY },
	{ 900432, MITOK_E_DENIED, "the authority belongs to another cloud", AUTHORITY },
	{ 90038, MITOK_E_DENIED, "the tenant belongs to another cloud", AUTHORITY },
	{ 100007, MITOK_E_DENIED, "only a regional endpoint may be asked for this tenant",
		"set AZURE_AUTHORITY_HOST to the region's endpoint" },

	/* policies */
	{ 53003, MITOK_E_DENIED, "Conditional Access blocks this identity",
		"the owner of the policy must admit it or its network (Conditional "
		"Access for workload identities)" },
	{ 500021, MITOK_E_DENIED, "tenant restrictions of a proxy deny access",
		"the proxy's owner must admit the tenant" },
	{ 50020, MITOK_E_DENIED, "the account is of another tenant",
		"identities do not cross tenants: federate an application, or move the "
		"resource" },
	{ 50034, MITOK_E_DENIED, "the account does not exist in this tenant", USER_FLOW },
	{ 500341, MITOK_E_DENIED, "the account was deleted", USER_FLOW },
	{ 50076, MITOK_E_DENIED, "a second factor is required", USER_FLOW },
	{ 50079, MITOK_E_DENIED, "a second factor must be registered", USER_FLOW },

	/* federated credentials and assertions */
	{ 70021, MITOK_E_DENIED, "no federated credential matches the presented token",
		FEDERATED },
	{ 700211, MITOK_E_DENIED, "no federated credential has the token's issuer",
		"the issuer must be equal to the last slash; " FEDERATED },
	{ 700212, MITOK_E_DENIED, "no federated credential has the token's audience",
		"the audience is api://AzureADTokenExchange (other clouds: with a "
		"suffix); " FEDERATED },
	{ 700213, MITOK_E_DENIED, "no federated credential has the token's subject",
		"system:serviceaccount:NAMESPACE:NAME, or the object id (not client id) "
		"of a managed identity; " FEDERATED },
	{ 7002138, MITOK_E_DENIED,
		"a federated credential matches but for upper and lower case",
		"write it exactly as the token has it; " FEDERATED },
	{ 700229, MITOK_E_DENIED,
		"only tokens of applications can be exchanged, and this is a person's",
		"present a managed identity's token" },
	{ 700024, MITOK_E_DENIED, "the presented token has expired or is not valid yet",
		ASSERTION },
	{ 700027, MITOK_E_DENIED, "the signature of the presented token is not valid",
		ASSERTION },
	{ 50012, MITOK_E_DENIED, "the presented token was not accepted", ASSERTION },
	{ 50013, MITOK_E_DENIED, "the presented token is not valid", ASSERTION },
	{ 500133, MITOK_E_DENIED, "the presented token is outside its time of validity",
		ASSERTION },
	{ 50027, MITOK_E_DENIED, "the presented token is malformed", ASSERTION },
	{ 90061, MITOK_E_DENIED, "Entra cannot reach the issuer's keys",
		"the issuer's /.well-known/openid-configuration must be public" },

	/* secrets that shadow the identity */
	{ 7000215, MITOK_E_DENIED, "the client secret is wrong", SECRET },
	{ 7000222, MITOK_E_DENIED, "the client secret has expired", SECRET },
	{ 7000218, MITOK_E_DENIED, "the request has neither secret nor assertion",
		SECRET },

	/* passing conditions */
	{ 50196, MITOK_E_LATER, "too many equal requests (a loop)",
		"keep tokens until they expire" },
	{ 90055, MITOK_E_LATER, "the tenant sends too many requests", AGAIN },
	{ 90015, MITOK_E_DENIED, "the request is too long",
		"ask for a shorter resource" },
	{ 50033, MITOK_E_LATER, "a passing error of Entra", AGAIN },
	{ 50087, MITOK_E_LATER, "a passing error of Entra", AGAIN },
	{ 90006, MITOK_E_LATER, "a passing error of Entra", AGAIN },
	{ 90012, MITOK_E_LATER, "a passing error of Entra", AGAIN },
	{ 90024, MITOK_E_LATER, "a passing error of Entra", AGAIN },
	{ 90033, MITOK_E_LATER, "a passing error of Entra", AGAIN },
	{ 90090, MITOK_E_LATER, "a passing error of Entra", AGAIN },
	{ 0, MITOK_OK, NULL, NULL },
};

const struct aadsts *aadsts_find(int number)
{
	for (const struct aadsts *row = aadsts_rows; row->number; row++)
		if (row->number == number)
			return row;
	return NULL;
}

int aadsts_number(const char *text)
{
	const char *at = strstr(text, "AADSTS");
	char digits[12] = "";
	size_t len;
	int64_t n;

	if (!at)
		return 0;
	at += strlen("AADSTS");
	len = strspn(at, "0123456789");
	if (len >= sizeof(digits))
		return 0;
	memcpy(digits, at, len);
	return text_to_number(digits, 1, INT32_MAX, &n) ? (int)n : 0;
}
