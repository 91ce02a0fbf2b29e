/* Tokens: what they claim, and the platform's cache of them.
 * SPDX-License-Identifier: MIT */
#include "token.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scenario.h"

static int64_t
	clock_ahead; /* set with the world locked, and read by answers: a test's own */

void clock_set(int64_t ahead_s)
{
	clock_ahead = ahead_s;
}

int64_t now_s(void)
{
	return (int64_t)time(NULL) + clock_ahead;
}

/* From a counter, so that runs are alike. */
void make_guid(struct world *w, const char *what, char ret[GUID_SIZE])
{
	unsigned char d[SHA256_DIGEST_LENGTH];
	char text[128];
	int len = snprintf(text, sizeof(text), "%s %u", what, w->record_count);

	(void)SHA256((unsigned char *)text, (size_t)len, d);
	(void)snprintf(ret, GUID_SIZE,
		"%02x%02x%02x%02x-%02x%02x-4%01x%02x-a%01x%02x-%02x%02x%02x%02x%02x%02x",
		d[0], d[1], d[2], d[3], d[4], d[5], d[6] & 15, d[7], d[8] & 15, d[9],
		d[10], d[11], d[12], d[13], d[14], d[15]);
}

/* The cloud's v1 issuer for managed identities' tokens; the token exchange asks for v2.
 */
static void add_issuer(
	const struct world *w, const struct identity *id, bool v2, struct text *ret)
{
	const char *cloud = scenario_text(w, NULL, "cloud", "AzurePublicCloud");
	bool china = text_equal_nocase(cloud, "AzureChinaCloud");
	bool gov = text_equal_nocase(cloud, "AzureUSGovernmentCloud");

	if (!v2)
		text_addf(ret, "https://sts.%s/%s/",
			china ? "chinacloudapi.cn" : "windows.net", id->tenant);
	else
		text_addf(ret, "https://login.%s/%s/v2.0",
			china         ? "partner.microsoftonline.cn"
				: gov ? "microsoftonline.us"
				      : "microsoftonline.com",
			id->tenant);
}

/* Opaque claims of about their real length; uti begins with the token's number. */
static void add_opaque(struct world *w, struct text *claims)
{
	char a[GUID_SIZE], b[GUID_SIZE];

	make_guid(w, "aio", a);
	make_guid(w, "uti", b);
	text_addf(claims,
		",\"aio\":\"E2BgYF%.8s%.12sAQA=\",\"rh\":\"1.AAAA%.8s%."
		"12sAAAAAAAAAAAAAABEAQAA.\""
		",\"uti\":\"%08x-%.4s_AAAA\",\"xms_ftd\":\"%.8s%.12s%.8s%.12s%.8s%."
		"12sAAAAAAAA\""
		",\"xms_idrel\":\"7 "
		"28\",\"xms_rd\":\"0.42LjYBRi%.8sAA\",\"xms_tcdt\":1578507424",
		a, a + 24, b, b + 24, w->tokens_made, b + 9, a, b + 24, b, a + 24, a,
		b + 24, b);
}

bool token_is_revoked(const struct world *w, struct json_object *claims)
{
	const char *uti = json_text(claims, "uti");

	return uti && strtoul(uti, NULL, 16) <= w->tokens_revoked;
}

/* The app roles that the identity has of this resource; without any there is no claim. */
static void add_roles(
	const struct identity *id, const char *resource, struct text *claims)
{
	struct json_object *roles = NULL;

	if (id->roles && json_object_object_get_ex(id->roles, resource, &roles))
		text_addf(claims, ",\"roles\":%s",
			json_object_to_json_string_ext(roles,
				JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* The claims of Microsoft Learn, "Access token claims reference". */
static void add_claims(struct world *w, const struct identity *id, const char *resource,
	const struct token *t, struct text *claims)
{
	bool v2 = text_starts(resource, "api://AzureADTokenExchange");
	const char *machine = scenario_text(w, "machine", "resourceId", NULL);
	AUTO_TEXT issuer = { 0 };

	add_issuer(w, id, v2, &issuer);
	text_add(claims, "{\"aud\":");
	text_add_json(claims, resource);
	text_addf(claims, ",\"iss\":\"%s\",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld",
		text_peek(&issuer), (long long)t->not_before, (long long)t->not_before,
		(long long)t->expires_on);
	add_opaque(w, claims);
	text_addf(claims, ",\"%s\":\"%s\",\"%s\":\"2\",\"idp\":\"%s\",\"idtyp\":\"%s\"",
		v2 ? "azp" : "appid", id->client_id, v2 ? "azpacr" : "appidacr",
		text_peek(&issuer), t->kind == TOKEN_USER ? "user" : "app");
	text_addf(claims, ",\"oid\":\"%s\",\"sub\":\"%s\",\"tid\":\"%s\",\"ver\":\"%s\"",
		id->object_id, id->object_id, id->tenant, v2 ? "2.0" : "1.0");
	if (t->kind == TOKEN_USER)
		text_add(claims,
			",\"scp\":\"user_impersonation\",\"upn\":\"user@contoso."
			"example\"");
	add_roles(id, resource, claims);
	if (t->kind == TOKEN_MANAGED)
		text_addf(claims, ",\"xms_mirid\":\"%s\"", id->resource_id);
	if (t->kind == TOKEN_MANAGED && id->user_assigned && machine)
		text_addf(claims, ",\"xms_az_rid\":\"%s\"", machine);
	text_add(claims, "}");
}

static struct token *find(const struct world *w, const char *key)
{
	for (struct token *t = w->tokens; t; t = t->next)
		if (strcmp(t->key, key) == 0)
			return t;
	return NULL;
}

/* iat and nbf lie five minutes back, as Entra's do. */
static struct token *make(struct world *w, enum token_kind kind,
	const struct identity *id, const char *resource)
{
	struct token *t = calloc(1, sizeof(*t));
	int64_t life =
		scenario_number(w, "token", "life", kind == TOKEN_MANAGED ? 86400 : 3599);
	int64_t age = scenario_number(w, "token", "age", 0);
	AUTO_TEXT claims = { 0 };

	if (!t)
		return NULL;
	t->kind = kind;
	t->not_before = now_s() - 300 - age;
	t->expires_on = now_s() + life - age;
	w->tokens_made++;
	add_claims(w, id, resource, t, &claims);
	t->text = token_sign(w, text_peek(&claims));
	t->next = w->tokens;
	w->tokens = t;
	w->tokens_issued++;
	return t;
}

const struct token *token_issue(struct world *w, enum token_kind kind,
	const struct identity *id, const char *resource)
{
	AUTO_TEXT key = { 0 };
	struct token *t;

	text_addf(&key, "%d %s %s %s", kind, id->client_id, id->tenant, resource);
	t = find(w, text_peek(&key));
	if (t && kind == TOKEN_MANAGED && t->expires_on > now_s() + 1)
		return t;
	if (t)
		t->key[0] = '\0'; /* too old */
	t = make(w, kind, id, resource);
	if (t)
		t->key = text_move(&key);
	return t;
}

void token_forget(struct world *w)
{
	struct token *next;

	for (struct token *t = w->tokens; t; t = next) {
		next = t->next;
		free(t->key);
		free(t->text);
		free(t);
	}
	w->tokens = NULL;
}
