/* What it means when a vault refuses, or does not answer, and what to do then.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-error.h"

#include <stdio.h>
#include <string.h>

#include "openssl/answer.h"
#include "openssl/vault.h"

/* A failure, read. */
struct facts {
	const struct vault_failure *f;
	struct answer_error said;
	char vault[64];  /* the first label of the host */
	const char *who; /* object id of the identity */
	bool is_hsm;
};

static const struct vault_call *call_of(const struct facts *x)
{
	return x->f->call;
}

static bool is_about(const struct facts *x, const char *collection)
{
	return strcmp(call_of(x)->verb->collection, collection) == 0;
}

/* What belongs to a certificate, as its secret and its key, is named by the certificate. */
static bool is_key(const struct facts *x)
{
	return call_of(x)->object->kind == URI_KEY;
}

/* The object's own identifier, as az takes it. */
static void add_id(const struct facts *x, struct text *ret)
{
	const struct uri *u = call_of(x)->object;

	text_addf(ret, "https://%s/%s/%s%s%s", u->host,
		is_key(x) ? "keys" : "certificates", u->name, u->version[0] ? "/" : "",
		u->version);
}

/* The least of the built-in roles (Microsoft Learn, "Azure built-in roles for Key Vault
 * data plane operations", "Local RBAC built-in roles for Managed HSM"). */
static void hint_role(const struct facts *x, struct text *ret)
{
	const char *role = is_about(x, "keys") ? "Key Vault Crypto User"
					       : "Key Vault Certificate User";

	if (x->is_hsm) {
		text_addf(ret,
			"grant the role 'Managed HSM Crypto User' to the object id %s: "
			"az keyvault role assignment create --hsm-name %s "
			"--assignee-object-id %s --assignee-principal-type "
			"ServicePrincipal --role 'Managed HSM Crypto User' --scope "
			"/keys%s%s",
			x->who, x->vault, x->who, call_of(x)->object->name[0] ? "/" : "",
			call_of(x)->object->name);
		return;
	}
	text_addf(ret,
		"grant the role '%s' to the object id %s: az role assignment create "
		"--assignee-object-id %s --assignee-principal-type ServicePrincipal "
		"--role '%s' --scope \"$(az keyvault show --name %s --query id --output "
		"tsv)\" (it takes some minutes)",
		role, x->who, x->who, role, x->vault);
}

static void hint_policy(const struct facts *x, struct text *ret)
{
	const char *kind = is_about(x, "keys") ? "key"
		: is_about(x, "certificates")  ? "certificate"
					       : "secret";
	const char *permission = call_of(x)->verb->permission;

	if (x->is_hsm) {
		hint_role(x, ret);
		return;
	}
	text_addf(ret,
		"add to the vault's access policies: az keyvault set-policy --name %s "
		"--object-id %s --%s-permissions get%s%s",
		x->vault, x->who, kind, strcmp(permission, "get") == 0 ? "" : " ",
		strcmp(permission, "get") == 0 ? "" : permission);
}

static void hint_firewall(const struct facts *x, struct text *ret)
{
	text_addf(ret,
		x->is_hsm ? "let this machine through the firewall: az keyvault "
			    "network-rule add --hsm-name %s --ip-address ADDRESS, or "
			    "give it a "
			    "private endpoint"
			  : "let this machine through the firewall: az keyvault "
			    "network-rule add --name %s --vnet-name VNET --subnet SUBNET "
			    "(or "
			    "--ip-address ADDRESS), or give it a private endpoint",
		x->vault);
}

static void hint_private(const struct facts *x, struct text *ret)
{
	text_addf(ret,
		"it answers private endpoints alone: on this machine '%s' must resolve "
		"to the address of one (private DNS zone)",
		call_of(x)->object->host);
}

static void hint_enable(const struct facts *x, struct text *ret)
{
	AUTO_TEXT id = { 0 };

	add_id(x, &id);
	text_addf(ret,
		is_key(x) ? "enable it: az keyvault key set-attributes --id %s --enabled "
			    "true"
			  : "enable it: az keyvault certificate set-attributes --id %s "
			    "--enabled true",
		text_peek(&id));
}

static void hint_dates(const struct facts *x, struct text *ret)
{
	AUTO_TEXT id = { 0 };

	add_id(x, &id);
	if (is_key(x))
		text_addf(ret,
			"it is used before or after the time it is for; that can be "
			"moved: "
			"az keyvault key set-attributes --id %s --not-before TIME "
			"--expires "
			"TIME",
			text_peek(&id));
	else
		text_addf(ret,
			"%s is used before or after the time it is for: have a new "
			"version "
			"of the certificate issued",
			text_peek(&id));
}

static void hint_operations(const struct facts *x, struct text *ret)
{
	const char *verb = call_of(x)->verb->permission;
	AUTO_TEXT id = { 0 };

	add_id(x, &id);
	if (is_key(x))
		text_addf(ret,
			"the key's own list of operations lacks '%s': az keyvault key "
			"set-attributes --id %s --ops %s ... (the whole list)",
			verb, text_peek(&id), verb);
	else
		text_addf(ret,
			"the policy of %s does not let its key '%s': a new version with "
			"another policy is needed",
			text_peek(&id), verb);
}

static void hint_names(const struct facts *x, struct text *ret)
{
	const struct uri *u = call_of(x)->object;
	const char *kind = u->kind == URI_CERTIFICATE ? "certificate" : "key";

	if (x->is_hsm && u->version[0])
		text_addf(ret,
			"what there is: az keyvault key list-versions --hsm-name %s "
			"--name "
			"%s",
			x->vault, u->name);
	else if (x->is_hsm)
		text_addf(ret, "what there is: az keyvault key list --hsm-name %s",
			x->vault);
	else if (u->version[0])
		text_addf(ret,
			"what there is: az keyvault %s list-versions --vault-name %s "
			"--name %s",
			kind, x->vault, u->name);
	else
		text_addf(ret, "what there is: az keyvault %s list --vault-name %s", kind,
			x->vault);
}

/* A vault trusts one tenant; managed identities live in one. */
static void hint_tenant(const struct facts *x, struct text *ret)
{
	const char *ours = mitok_token_text(x->f->token, MITOK_TEXT_TENANT_ID);
	const char *its = x->f->challenge->tenant;

	if (its[0] && ours[0] && !text_equal_nocase(its, ours))
		text_addf(ret,
			"the vault is of the tenant %s, the identity of the tenant %s: "
			"managed identities do not cross; move one of them",
			its, ours);
	else
		text_add(ret,
			"a new token did not help either; check this machine's clock, "
			"and with `mi-token whoami` the identity's tenant");
}

/* What an answer says, and what it means; the first row that fits counts. Documents:
 * Microsoft Learn, "Key Vault REST API error codes", "Key Vault throttling guidance",
 * "Authentication, requests and responses". */
struct row {
	int first, last;  /* statuses */
	const char *word; /* code, inner code, or in the message; NULL: any */
	enum mitok_code code;
	const char *text; /* the hint, or */
	void (*hint)(const struct facts *x, struct text *ret);
};

#define INPUT                                                                       \
	"the key's type, size or curve does not go with what was asked of it; the " \
	"service's own words say more"
#define LIMIT                                                                   \
	"the vault's limit of operations in 10 s is reached: let TLS sessions " \
	"resume, spread keys over vaults, or take smaller keys"
#define DOWN  "try again; https://azure.status.microsoft tells of outages"
#define PROXY "a proxy or a captive device answers in the vault's place"

static const struct row rows[] = {
	{ 300, 399, NULL, MITOK_E_REPLY, PROXY, NULL },
	{ 400, 400, NULL, MITOK_E_ARG, INPUT, NULL },
	{ 401, 401, NULL, MITOK_E_DENIED, NULL, hint_tenant },
	{ 403, 403, "ForbiddenByRbac", MITOK_E_DENIED, NULL, hint_role },
	{ 403, 403, "ForbiddenByPolicy", MITOK_E_DENIED, NULL, hint_policy },
	{ 403, 403, "AccessDenied", MITOK_E_DENIED, NULL, hint_policy },
	{ 403, 403, "ForbiddenByFirewall", MITOK_E_DENIED, NULL, hint_firewall },
	{ 403, 403, "ForbiddenByConnection", MITOK_E_DENIED, NULL, hint_private },
	{ 403, 403, "KeyDisabled", MITOK_E_DENIED, NULL, hint_enable },
	{ 403, 403, "SecretDisabled", MITOK_E_DENIED, NULL, hint_enable },
	{ 403, 403, "CertificateDisabled", MITOK_E_DENIED, NULL, hint_enable },
	{ 403, 403, "KeyOperationForbidden", MITOK_E_DENIED, NULL, hint_operations },
	{ 403, 403, "expired", MITOK_E_DENIED, NULL, hint_dates },
	{ 403, 403, "not yet valid", MITOK_E_DENIED, NULL, hint_dates },
	{ 403, 403, "Forbidden", MITOK_E_DENIED, NULL, hint_role },
	/* Without a code it is not the service's. */
	{ 403, 403, NULL, MITOK_E_DENIED, PROXY ", or keeps this machine away", NULL },
	{ 404, 404, NULL, MITOK_E_ARG, NULL, hint_names },
	{ 407, 407, NULL, MITOK_E_CONF, PROXY, NULL },
	{ 409, 409, NULL, MITOK_E_LATER, "it is being changed, deleted or recovered",
		NULL },
	{ 429, 429, NULL, MITOK_E_LATER, LIMIT, NULL },
	{ 408, 408, NULL, MITOK_E_LATER, DOWN, NULL },
	{ 500, 599, NULL, MITOK_E_LATER, DOWN, NULL },
	{ 0, 999, NULL, MITOK_E_REPLY, "it does not answer as Key Vault does", NULL },
};

/* Why there was no answer. */
static const struct {
	enum http_fault fault;
	enum mitok_code code;
	const char *why, *hint;
} faults[] = {
	{ HTTP_CONNECT, MITOK_E_LATER, "no connection",
		"check routes, firewalls and proxies from here to the vault, port 443" },
	{ HTTP_TIMEOUT, MITOK_E_LATER, "no answer in time",
		"check routes, firewalls and proxies from here to the vault, port 443" },
	{ HTTP_RESET, MITOK_E_LATER, "the connection broke off",
		"a firewall or proxy on the way may cut it" },
	{ HTTP_RESOLVE, MITOK_E_LATER, "its name cannot be resolved",
		"check the vault's name, and DNS (resolv.conf, private DNS zone)" },
	{ HTTP_TLS, MITOK_E_REPLY, "no TLS connection that can be trusted",
		"a proxy that opens TLS needs its root certificate among the system's; "
		"check the clock too" },
	{ HTTP_NONSENSE, MITOK_E_REPLY, "what answers is not Key Vault", PROXY },
};

static const char *status_words(int status)
{
	static const struct {
		int status;
		const char *words;
	} known[] = {
		{ 400, " Bad Request" },
		{ 401, " Unauthorized" },
		{ 403, " Forbidden" },
		{ 404, " Not Found" },
		{ 409, " Conflict" },
		{ 429, " Too Many Requests" },
		{ 500, " Internal Server Error" },
		{ 502, " Bad Gateway" },
		{ 503, " Service Unavailable" },
		{ 504, " Gateway Timeout" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].status == status)
			return known[i].words;
	return "";
}

static enum mitok_code no_answer(const struct vault_failure *f, struct mitok_err *e)
{
	const struct http_reply *rp = f->reply;

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		AUTO_TEXT tries = { 0 };

		if (faults[i].fault != rp->fault)
			continue;
		if (f->tries > 1)
			text_addf(&tries, ", after %u tries", f->tries);
		(void)err_set(e, faults[i].code, "%s (%s)%s", faults[i].why, rp->detail,
			text_peek(&tries));
		return err_hint(e, faults[i].code, "%s", faults[i].hint);
	}
	return err_set(
		e, MITOK_E_BUG, "unknown failure %d (%s)", (int)rp->fault, rp->detail);
}

static const struct row *find_row(const struct facts *x)
{
	const struct row *row = rows;
	int status = x->f->reply->status;

	while (status < row->first || status > row->last ||
		(row->word && strcmp(x->said.inner, row->word) != 0 &&
			strcmp(x->said.code, row->word) != 0 &&
			!strstr(x->said.message, row->word)))
		row++;
	return row;
}

static void read_facts(const struct vault_failure *f, struct facts *ret)
{
	const struct uri *u = f->call->object;

	*ret = (struct facts){ .f = f, .is_hsm = vault_is_hsm(u) };
	answer_error(&f->reply->body, &ret->said);
	/* Ours goes on behind it. */
	while (text_ends_nocase(ret->said.message, ".") ||
		text_ends_nocase(ret->said.message, " "))
		ret->said.message[strlen(ret->said.message) - 1] = '\0';
	(void)snprintf(ret->vault, sizeof(ret->vault), "%.*s", (int)strcspn(u->host, "."),
		u->host);
	ret->who = f->token ? mitok_token_text(f->token, MITOK_TEXT_OBJECT_ID) : "";
	if (!ret->who[0])
		ret->who = "OBJECT-ID";
}

/* " (ForbiddenByRbac)", the inner code being the better one; the id that Microsoft's
 * support wants to know; what the service said. */
static void describe(const struct facts *x, struct mitok_err *e, enum mitok_code code)
{
	const struct http_reply *rp = x->f->reply;
	const char *word = x->said.inner[0] ? x->said.inner : x->said.code;
	char id[sizeof(e->correlation_id)];

	if (!http_header_value(rp, "x-ms-request-id", 0, id, sizeof(id)) || !id[0])
		(void)!TEXT_COPY(id, x->f->request_id);
	text_clean(id);
	(void)err_set(e, code, "HTTP status %d%s%s%s%s%s%s, request id %s", rp->status,
		status_words(rp->status), word[0] ? " (" : "", word, word[0] ? ")" : "",
		x->said.message[0] ? ": " : "", x->said.message, id);
	e->http_status = rp->status;
	(void)!TEXT_COPY(e->correlation_id, id);
}

enum mitok_code vault_error_set(const struct vault_failure *f, struct mitok_err *e)
{
	const struct row *row;
	AUTO_TEXT hint = { 0 };
	struct facts x;
	enum mitok_code r;

	if (f->reply->fault) {
		r = no_answer(f, e);
		return vault_call_within(f->call, r, e);
	}
	read_facts(f, &x);
	row = find_row(&x);
	describe(&x, e, row->code);
	r = vault_call_within(f->call, row->code, e);
	if (row->hint)
		row->hint(&x, &hint);
	return err_hint(e, r, "%s", row->text ? row->text : text_peek(&hint));
}
