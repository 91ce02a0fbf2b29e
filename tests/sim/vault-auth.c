/* Who comes into a vault, and what he may do there (Microsoft Learn, "Authentication,
 * requests and responses", "REST API error codes").
 * SPDX-License-Identifier: MIT */
#include "vault.h"

#include <string.h>

/* The audience of the cloud that the host's name is of. */
static void add_audience(const char *host, struct text *ret)
{
	text_addf(ret, "https://%s", strchr(host, '.') + 1);
}

static const char *tenant_of(const struct vault_call *c)
{
	const char *tenant = json_text(c->vault, "tenant");

	return tenant ? tenant : scenario_tenant(c->w);
}

static void challenge(const struct vault_call *c)
{
	AUTO_TEXT value = { 0 }, audience = { 0 };

	add_audience(c->host, &audience);
	text_addf(&value,
		"Bearer authorization=\"https://login.microsoftonline.com/%s\", "
		"resource=\"%s\"",
		tenant_of(c), text_peek(&audience));
	reply_header(c->rp, "WWW-Authenticate", text_peek(&value));
}

static void refuse(const struct vault_call *c, enum trust trust)
{
	AUTO_TEXT message = { 0 }, audience = { 0 };

	challenge(c);
	add_audience(c->host, &audience);
	switch (trust) {
	case TRUST_MISSING:
		text_add(&message, "AKV10000: Request is missing a Bearer or PoP token.");
		break;
	case TRUST_EXPIRED:
		text_add(&message,
			"AKV10001: Error validating token: token is expired or not "
			"valid yet.");
		break;
	case TRUST_AUDIENCE:
		text_addf(&message, "AKV10022: Invalid audience. Expected %s, found: %s.",
			text_peek(&audience), json_text(c->claims, "aud"));
		break;
	case TRUST_TENANT:
		text_addf(&message,
			"AKV10032: Invalid issuer. Expected one of "
			"https://sts.windows.net/%s/, found %s.",
			tenant_of(c), json_text(c->claims, "iss"));
		break;
	default:
		text_add(&message,
			"AKV10001: Error validating token: signature is invalid.");
	}
	azure_fail(c->rp, 401,
		&(struct azure_error){
			.code = "Unauthorized", .message = text_peek(&message) });
}

void vault_forbid(const struct vault_call *c, const char *inner, const char *message)
{
	azure_fail(c->rp, 403,
		&(struct azure_error){
			.code = "Forbidden", .inner = inner, .message = message });
}

/* As role assignments name it, below Microsoft.KeyVault/vaults or /managedHsm, where reading
 * a key is "keys/read/action". */
static void add_action(const struct vault_call *c, struct text *ret)
{
	text_addf(ret, "%s/%s%s", c->route->kind, c->route->action,
		c->hsm && !strchr(c->route->action, '/') ? "/action" : "");
}

/* What the sentence of ForbiddenByRbac has. */
static void add_rbac(const struct vault_call *c, const char *caller, struct text *ret)
{
	text_addf(ret,
		"Caller is not authorized to perform action on resource.\r\nIf role "
		"assignments, deny assignments or role definitions were changed "
		"recently, please observe propagation time.\r\nCaller: %s\r\nAction: "
		"'Microsoft.KeyVault/%s/",
		caller, c->hsm ? "managedHsm" : "vaults");
	add_action(c, ret);
	text_addf(ret,
		"'\r\nResource: "
		"'/subscriptions/11110000-0000-4000-8000-000000000001/resourcegroups/"
		"demo/providers/microsoft.keyvault/%s/%s",
		c->hsm ? "managedhsms" : "vaults", c->name);
	if (c->object)
		text_addf(ret, "/%s/%s", c->route->kind, c->object);
	text_addf(ret,
		"'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\n"
		"DecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: "
		"%s;location=westeurope\r\n",
		c->name);
}

/* "deny" of the vault says why: ForbiddenByRbac (the default), ForbiddenByPolicy,
 * ForbiddenByFirewall, ForbiddenByConnection. */
static void forbid(const struct vault_call *c)
{
	const char *inner = json_text(c->vault, "deny");
	AUTO_TEXT caller = { 0 }, message = { 0 };

	inner = inner ? inner : "ForbiddenByRbac";
	text_addf(&caller, "appid=%s;oid=%s;iss=%s", json_text(c->claims, "appid"),
		json_text(c->claims, "oid"), json_text(c->claims, "iss"));
	if (strcmp(inner, "ForbiddenByPolicy") == 0)
		text_addf(&message,
			"The user, group or application '%s' does not have %s %s "
			"permission on key vault '%s;location=westeurope'. For help "
			"resolving this issue, please see "
			"https://go.microsoft.com/fwlink/?linkid=2125287",
			text_peek(&caller), c->route->kind, c->route->permission,
			c->name);
	else if (strcmp(inner, "ForbiddenByFirewall") == 0)
		text_addf(&message,
			"Client address is not authorized and caller is not a trusted "
			"service.\r\nClient address: 127.0.0.1\r\nCaller: %s\r\nVault: "
			"%s;location=westeurope",
			text_peek(&caller), c->name);
	else if (strcmp(inner, "ForbiddenByConnection") == 0)
		text_addf(&message,
			"Public network access is disabled and request is not from a "
			"trusted service nor via an approved private link.\r\nCaller: %s",
			text_peek(&caller));
	else
		add_rbac(c, text_peek(&caller), &message);
	vault_forbid(c, inner, text_peek(&message));
}

/* "deny" without "actions" is about everything; with them it only names the reason. */
static bool may(const struct vault_call *c)
{
	struct json_object *actions = json_member(c->vault, "actions");
	AUTO_TEXT action = { 0 };

	add_action(c, &action);
	return (actions || !json_text(c->vault, "deny")) &&
		azure_lists(
			json_member(c->vault, "readers"), json_text(c->claims, "oid")) &&
		azure_lists(actions, text_peek(&action));
}

bool vault_permits(const struct vault_call *c)
{
	bool good = may(c);

	if (!good)
		forbid(c);
	return good;
}

bool vault_admits(struct vault_call *c)
{
	AUTO_TEXT audience = { 0 };
	const char *audiences[] = { NULL, NULL };
	struct taker taker = {
		.audiences = audiences, .exact = true, .tenant = tenant_of(c)
	};
	enum trust trust;

	add_audience(c->host, &audience);
	audiences[0] = text_peek(&audience);
	trust = azure_bearer(c->w, c->rq, &taker, &c->claims);
	if (trust == TRUST_GOOD && token_is_revoked(c->w, c->claims))
		trust = TRUST_BROKEN;
	if (trust != TRUST_GOOD)
		refuse(c, trust);
	return trust == TRUST_GOOD;
}
