/* az account get-access-token: the one command that every SDK runs.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../process.h"
#include "account.h"
#include "cloud.h"
#include "context.h"
#include "subscription.h"

/* What is printed. */
struct answer {
	const char *token, *tenant, *type;
	const char *expires;      /* in the caller's time zone */
	const char *subscription; /* NULL: left out */
	long long expires_on;
};

#define TEXT(member, nth) nth, false, offsetof(struct answer, member)

/* Its keys, sorted as az sorts them. SDKs read one expiry or the other, the first as a text,
 * the second as a number, and refuse an answer without theirs. */
static const struct {
	const char *name;
	unsigned nth; /* in the object that queries see */
	bool is_number;
	size_t place; /* const char *, or long long, in struct answer */
} rows[] = {
	{ "accessToken", TEXT(token, 1) },
	{ "expiresOn", TEXT(expires, 3) },
	{ "expires_on", 2, true, offsetof(struct answer, expires_on) },
	{ "subscription", TEXT(subscription, 5) },
	{ "tenant", TEXT(tenant, 4) },
	{ "tokenType", TEXT(type, 0) },
};
#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

static const char *row_text(const struct answer *a, size_t row)
{
	return *(const char *const *)((const char *)a + rows[row].place);
}

/* Values of --resource-type, and whose endpoint they are. */
static const struct {
	const char *name, *endpoint;
} types[] = {
	{ "oss-rdbms", "ossrdbmsResourceId" },
	{ "arm", "activeDirectoryResourceId" },
	{ "aad-graph", "activeDirectoryGraphResourceId" },
	{ "ms-graph", "microsoftGraphResourceId" },
	{ "batch", "batchResourceId" },
	{ "media", "mediaResourceId" },
	{ "data-lake", "activeDirectoryDataLakeResourceId" },
};

static bool cut(char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	if (len <= n || strcmp(s + len - n, suffix) != 0)
		return false;
	s[len - n] = '\0';
	return true;
}

/* A scope wins over a resource, and of several scopes the first is used. Behind a slash one
 * more belongs to the resource: https://x//.default is https://x/. */
static enum mitok_code choose_resource(
	struct az *az, const char **ret, struct mitok_err *e)
{
	const struct az_args *a = &az->args;
	struct build b = { .arena = &az->arena };
	char *scope;

	*ret = a->resource && *a->resource ? a->resource
					   : cloud_arm_resource(cloud_active(az));
	for (size_t i = 0; a->resource_type && i < sizeof(types) / sizeof(*types); i++)
		if (text_equal_nocase(types[i].name, a->resource_type))
			*ret = cloud_value(cloud_active(az), types[i].endpoint);
	if (!a->scope.count)
		return MITOK_OK;
	scope = arena_take(b.arena, strlen(a->scope.items[0]) + 1);
	if (!scope)
		return err_memory(e);
	memcpy(scope, a->scope.items[0], strlen(a->scope.items[0]));
	if (!cut(scope, "/.default"))
		(void)cut(scope, "/user_impersonation");
	*ret = scope;
	return MITOK_OK;
}

/* For an identity there is one tenant; az compares with case, and ours does not mind. */
static enum mitok_code check_tenant(
	const struct mitok_token *t, const char *wanted, struct mitok_err *e)
{
	const char *own = mitok_token_text(t, MITOK_TEXT_TENANT_ID);

	if (text_equal_nocase(wanted, own))
		return MITOK_OK;
	return err_set(e, MITOK_E_DENIED,
		"For managed identity account, getting access token for non-current "
		"tenants is not supported. The specified tenant must be the current "
		"tenant %s",
		own);
}

/* Without anything loaded, and in memory that is wiped. */
static enum mitok_code print_json(const struct answer *a, struct mitok_err *e)
{
	const char *before = "{\n  ";
	AUTO_SECRET out = { 0 };
	bool ok = true;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		const char *text = rows[i].is_number ? NULL : row_text(a, i);
		AUTO_TEXT value = { 0 };

		if (!rows[i].is_number && !text)
			continue;
		text_addf(&value, "%s\"%s\": ", before, rows[i].name);
		before = ",\n  ";
		if (rows[i].is_number)
			text_addf(&value, "%lld", a->expires_on);
		else if (text != a->token)
			text_add_json(&value, text);
		ok = ok && text_ok(&value) && secret_add_text(&out, text_peek(&value));
		if (text == a->token) /* it has no character that JSON minds */
			ok = ok && secret_add_text(&out, "\"") &&
				secret_add_text(&out, text) &&
				secret_add_text(&out, "\"");
	}
	if (!ok || !secret_add_text(&out, "\n}\n"))
		return err_memory(e);
	return process_print(secret_peek(&out), out.len, e);
}

static enum mitok_code print_value(
	struct az *az, const struct answer *a, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };
	struct build_member members[ROW_COUNT];
	const struct value *v;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct build_member *m = &members[rows[i].nth];

		*m = (struct build_member){ rows[i].name, NULL };
		if (rows[i].is_number)
			m->value = build_int(&b, a->expires_on);
		else if (row_text(a, i))
			m->value = build_text(&b, row_text(a, i));
	}
	v = build_object(&b, members, ROW_COUNT);
	return b.failed ? err_memory(e) : az_print(az, v, e);
}

/* The same instant as expires_on; az's fraction is always there, and 0. */
static void format_expiry(long long expires_on, char *ret, size_t size)
{
	time_t t = (time_t)expires_on;
	struct tm tm = { 0 };

	tzset();
	(void)localtime_r(&t, &tm);
	if (!strftime(ret, size, "%Y-%m-%d %H:%M:%S.000000", &tm))
		*ret = '\0';
}

enum mitok_code az_get_access_token(struct az *az, struct mitok_err *e)
{
	const struct az_args *a = &az->args;
	const char *tenant = a->tenant && *a->tenant ? a->tenant : NULL;
	struct context_ask ask = { 0 };
	char expires[48], subscription[SUBSCRIPTION_SIZE];
	AUTO_TOKEN t = NULL;
	struct answer answer = { 0 };
	enum mitok_code r;

	if (tenant && a->subscription && *a->subscription)
		return err_set(e, MITOK_E_DENIED,
			"Please specify only one of subscription and tenant, not both");
	r = choose_resource(az, &ask.resource, e);
	if (!r)
		r = context_token(az, &ask, &t, e);
	if (!r && tenant)
		r = check_tenant(t, tenant, e);
	else if (!r)
		r = account_choose(az, t, subscription, sizeof(subscription), e);
	if (r)
		return r;
	answer = (struct answer){
		.token = mitok_token_value(t, NULL),
		.tenant = mitok_token_text(t, MITOK_TEXT_TENANT_ID),
		.type = mitok_token_text(t, MITOK_TEXT_TYPE),
		.expires = expires,
		.subscription = tenant ? NULL : subscription,
		.expires_on = mitok_token_time(t, MITOK_TIME_EXPIRES),
	};
	format_expiry(answer.expires_on, expires, sizeof(expires));
	if (az->format == OUTPUT_JSON && !az->args.query)
		return print_json(&answer, e);
	return print_value(az, &answer, e);
}
