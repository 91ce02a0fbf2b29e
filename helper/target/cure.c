/* What to do about an answer: explain's cures with the names filled in, and what only a URL
 * and a token let one say.
 * SPDX-License-Identifier: MIT */
#include "cure.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

const char *cure_object_id(const struct visit *v)
{
	const char *id = visit_text(v, MITOK_TEXT_OBJECT_ID);

	return text_is_guid(id) ? id : "OBJECT-ID";
}

const char *cure_of(const char *code)
{
	for (const struct cause *row = cause_rows; row->code; row++)
		if (strcmp(row->code, code) == 0)
			return row->cure;
	return "";
}

/* "RESOURCE-GROUP" of the resource's id, or "". */
static void find_group(const struct visit *v, char *ret, size_t size)
{
	static const char name[] = "/resourceGroups/";
	const char *at = strcasestr(v->arm_id, name);
	size_t len;

	*ret = '\0';
	if (!at)
		return;
	at += strlen(name);
	len = strcspn(at, "/");
	if (len < size) {
		memcpy(ret, at, len);
		ret[len] = '\0';
	}
}

static bool is_letter(char c)
{
	return text_is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'z') ||
		c == '-' || c == '_';
}

/* The value of the word at p, NULL when it stays as it is. */
static const char *value_of(
	const struct visit *v, const char *p, size_t len, const char *group)
{
	bool is_object = v->service->zone || v->service->grant == GRANT_HSM;
	const char *object = v->at.parts > 1 ? v->at.part[1] : "";
	const struct {
		const char *word, *value;
	} words[] = {
		{ "OBJECT-ID", visit_text(v, MITOK_TEXT_OBJECT_ID) },
		{ "TARGET-ID", v->ret->scope },
		{ "VAULT", v->at.name },
		{ "ACCOUNT", v->at.name },
		{ "NAMESPACE", v->at.name },
		{ "REGISTRY", v->at.name },
		{ "STORE", v->at.name },
		{ "RG", group },
		{ "TARGET", v->url },
		{ "ROLE", v->ret->role },
		{ "NAME", is_object && place_is_plain(object) ? object : "" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].word) == len && strncmp(words[i].word, p, len) == 0)
			return *words[i].value ? words[i].value : NULL;
	return NULL;
}

void cure_fill(const struct visit *v, const char *cure, struct text *out)
{
	char group[96];
	const char *value;
	size_t len;

	find_group(v, group, sizeof(group));
	while (*cure) {
		len = 0;
		while (is_letter(cure[len]))
			len++;
		value = len ? value_of(v, cure, len, group) : NULL;
		if (value)
			text_add_word(out, value);
		else
			text_add_bytes(out, cure, len ? len : 1);
		cure += len ? len : 1;
	}
}

void scope_write(const struct visit *v, struct text *ret)
{
	const char *type = v->service->type;

	if (v->service->grant == GRANT_HSM) {
		text_add(ret, "/keys");
		if (place_is_plain(place_part(&v->at, 1)))
			text_addf(ret, "/%s", v->at.part[1]);
		return;
	}
	if (v->family == FAMILY_EVENTHUBS)
		type = "Microsoft.EventHub/namespaces";
	if (v->arm_id[0])
		text_add(ret, v->arm_id);
	else if (type)
		text_addf(ret,
			"/subscriptions/SUBSCRIPTION-ID/resourceGroups/RESOURCE-GROUP/"
			"providers/%s/%s",
			type, v->at.name);
	else if (v->family == FAMILY_ARM)
		text_addf(ret, "/subscriptions/%s",
			text_is_guid(place_part(&v->at, 1)) ? v->at.part[1]
							    : "SUBSCRIPTION-ID");
	if ((type || v->arm_id[0]) && v->service->below && v->at.parts)
		v->service->below(v, ret);
}

static void add_policy(const struct visit *v, struct text *out)
{
	const char *line = cure_of("ForbiddenByPolicy"); /* of secrets */

	if (v->family == FAMILY_KEYS)
		line = "az keyvault set-policy --name VAULT --object-id OBJECT-ID "
		       "--key-permissions get list";
	else if (v->family == FAMILY_CERTIFICATES)
		line = "az keyvault set-policy --name VAULT --object-id OBJECT-ID "
		       "--certificate-permissions get list";
	cure_fill(v, line, out);
	cure_fill(v,
		"\nor let it go by roles, which ends all its access policies at once, "
		"other people's too: az keyvault update --name VAULT "
		"--enable-rbac-authorization true",
		out);
}

/* The zone of its private names (Microsoft Learn, "Azure Private Endpoint private DNS zone
 * values"): vaults have another in the public cloud, and this rule in all others. */
static void write_zone(const struct visit *v, struct text *ret)
{
	static const char vault[] = ".vault.";
	const char *rest = strchr(v->at.host, '.');

	text_add(ret, "privatelink");
	if (v->service->zone && text_starts(rest, vault))
		text_addf(ret, ".%s.%s", v->service->zone, rest + strlen(vault));
	else
		text_add(ret, rest);
}

/* A name that leads to a public address goes round the private endpoint. */
static void add_address(const struct visit *v, struct text *out)
{
	char address[ADDRESS_SIZE];
	AUTO_TEXT zone = { 0 };
	enum address kind = address_find(v->at.host, address);

	if (!v->service->type || !strchr(v->at.host, '.'))
		return;
	write_zone(v, &zone);
	if (kind == ADDRESS_NONE)
		text_addf(out,
			"check the name: it may not exist, or its private DNS zone (%s) "
			"is not linked to this network\n",
			text_peek(&zone));
	else if (kind == ADDRESS_PUBLIC)
		text_addf(out,
			"%s is %s from here, a public address: for a private endpoint "
			"the zone %s must be linked to this network\n",
			v->at.host, address, text_peek(&zone));
	else if (kind == ADDRESS_PRIVATE)
		text_addf(out,
			"%s is %s from here, a private endpoint's address: routes, "
			"peering "
			"and security groups lead there\n",
			v->at.host, address);
}

static void add_fault(const struct visit *v, struct text *out)
{
	static const char *const texts[] = {
		[HTTP_CONNECT] = "a firewall on the way, or a proxy that is not set "
				 "(HTTPS_PROXY)",
		[HTTP_TIMEOUT] = "a firewall on the way, or a proxy that is not set "
				 "(HTTPS_PROXY)",
		[HTTP_RESET] = "a firewall or a proxy on the way cuts it",
		[HTTP_TLS] =
			"a proxy that opens TLS needs its root certificate among the "
			"system's; look at the clock too: timedatectl",
		[HTTP_RESOLVE] = "getent hosts asks for the name as programs do; "
				 "/etc/resolv.conf says who answers",
		[HTTP_FORBIDDEN] = "the address is not one that may be asked",
		[HTTP_NONSENSE] = "a proxy or a captive portal answers in its place",
	};

	if (v->reply.status == 407) {
		text_addf(out, "%s may be taken out of proxying: NO_PROXY=%s", v->at.host,
			v->at.host);
		return;
	}
	if (proxy_variable(v->at.host) && v->reply.fault != HTTP_TLS) {
		text_addf(out,
			"curl -v https://%s/ shows whether it is the right proxy; "
			"NO_PROXY=%s goes around it",
			v->at.host, v->at.host);
		return;
	}
	if (v->reply.fault != HTTP_TLS && v->reply.fault != HTTP_NONSENSE)
		add_address(v, out);
	if ((size_t)v->reply.fault < sizeof(texts) / sizeof(*texts) &&
		texts[v->reply.fault])
		text_add(out, texts[v->reply.fault]);
}

static void add_spelling(const struct visit *v, struct text *out)
{
	const char *aud = v->resource;
	size_t len = strlen(aud);

	if (v->spelling[0]) {
		text_add(out, "ask for the spelling that is taken: mi-token --resource ");
		text_add_word(out, v->spelling);
		return;
	}
	if (visit_is_foreign(v)) {
		text_add(out, "ask for what its tokens are for: mi-token --resource ");
		text_add_word(out, v->own);
		return;
	}
	if (v->found.cure)
		cure_fill(v, v->found.cure, out);
	if (strstr(aud, "://"))
		text_addf(out,
			"\nwith and without a slash at its end are two: '%s' and "
			"'%.*s%s'",
			aud, (int)(aud[len - 1] == '/' ? len - 1 : len), aud,
			aud[len - 1] == '/' ? "" : "/");
}

/* Of a vault's object that is there. */
static const char *attributes_line(const struct visit *v)
{
	if (v->service->grant == GRANT_HSM)
		return "az keyvault key set-attributes --hsm-name VAULT --name NAME";
	if (v->family == FAMILY_SECRETS)
		return "az keyvault secret set-attributes --vault-name VAULT --name NAME";
	if (v->family == FAMILY_CERTIFICATES)
		return "az keyvault certificate set-attributes --vault-name VAULT --name "
		       "NAME";
	return "az keyvault key set-attributes --vault-name VAULT --name NAME";
}

/* Of a vault's object that is there: when, in az's form. A certificate has its dates from the
 * one who issued it. */
static void add_disabled(const struct visit *v, struct text *out)
{
	const char *what = v->ret->code;
	char when[CLOCK_TEXT_SIZE];
	bool expired = strcmp(what, "expired") == 0;
	bool early = strcmp(what, "not yet valid") == 0;

	if (!v->service->zone && v->service->grant != GRANT_HSM) {
		cure_fill(v, v->found.cure ? v->found.cure : "", out);
		return;
	}
	clock_format(clock_now().real_s + (expired ? 365 * 86400 : -60), when);
	if (v->family == FAMILY_CERTIFICATES && (expired || early)) {
		text_add(out, "have a new version of the certificate issued");
		return;
	}
	cure_fill(v, attributes_line(v), out);
	if (expired)
		text_addf(out, " --expires %s", when);
	else if (early)
		text_addf(out, " --not-before %s", when);
	else
		text_add(out, " --enabled true");
}

static void add_cure(const struct visit *v, struct text *out)
{
	switch (v->ret->outcome) {
	case TARGET_GRANTED:
	case TARGET_NOT_FOUND:
	case TARGET_NO_TOKEN:
		return;
	case TARGET_TOKEN_ONLY:
		text_add(out, v->service->note ? v->service->note : "");
		return;
	case TARGET_UNREACHABLE:
		add_fault(v, out);
		return;
	case TARGET_AUDIENCE:
		add_spelling(v, out);
		return;
	case TARGET_TENANT:
		cure_fill(v, cure_of("InvalidAuthenticationTokenTenant"), out);
		return;
	case TARGET_ACCESS_POLICY:
		add_policy(v, out);
		return;
	case TARGET_NO_ROLE:
	case TARGET_NOT_MEMBER:
		grant_add(v, out);
		return;
	case TARGET_DISABLED:
		add_disabled(v, out);
		return;
	case TARGET_NETWORK:
		add_address(v, out);
		break;
	default:
		break;
	}
	if (v->found.cure)
		cure_fill(v, v->found.cure, out);
	else
		cure_fill(v, "the whole answer tells more: mi-token curl -i TARGET", out);
}

/* The least role: of what was wanted when the refusal says it, else of reading. */
static void choose_role(struct visit *v)
{
	struct target_answer *ret = v->ret;
	const char *role = role_reader(v->family);

	if (ret->outcome != TARGET_NO_ROLE || v->service->grant == GRANT_APP_ROLE)
		return;
	if (strstr(ret->code, "(Send)"))
		role = role_writer(v->family);
	(void)!TEXT_COPY(ret->role, role);
}

enum mitok_code cure_write(struct visit *v, struct mitok_err *e)
{
	AUTO_TEXT scope = { 0 }, cure = { 0 };
	struct target_answer *ret = v->ret;
	bool wants_scope = ret->outcome == TARGET_NO_ROLE ||
		ret->outcome == TARGET_ACCESS_POLICY || ret->outcome == TARGET_NETWORK;
	enum mitok_code r = ret->outcome == TARGET_NO_TOKEN ? MITOK_OK : tell_write(v, e);

	if (r)
		return r;
	choose_role(v);
	if (wants_scope)
		scope_write(v, &scope);
	(void)!TEXT_COPY(ret->scope, text_peek(&scope));
	add_cure(v, &cure);
	if (cure.failed || scope.failed)
		return err_memory(e);
	while (cure.len && cure.p[cure.len - 1] == '\n')
		cure.p[--cure.len] = '\0';
	(void)snprintf(ret->cure, sizeof(ret->cure), "%s", text_peek(&cure));
	return MITOK_OK;
}
