/* az account: the subscriptions, and which of them is chosen.
 * SPDX-License-Identifier: MIT */
#include "account.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arm.h"
#include "cloud.h"
#include "context.h"
#include "subscription.h"

#define NO_SUBSCRIPTION "N/A(tenant level account)"

static const struct value *user_value(struct build *b, const struct state *s)
{
	bool is_own = strcmp(s->info, "MSI") == 0;
	const struct build_member rows[] = {
		{ "name",
			build_text(b,
				is_own ? "systemAssignedIdentity"
				       : "userAssignedIdentity") },
		{ "type", build_text(b, "servicePrincipal") },
		{ "assignedIdentityInfo", build_text(b, s->info) },
	};

	return build_object(b, rows, sizeof(rows) / sizeof(*rows));
}

static const struct value *managers_value(struct build *b, const char *managed_by)
{
	const struct value *items[64];
	size_t count = 0;

	for (const char *p = managed_by; *p && count < 64; count++) {
		char id[64];
		struct build_member row = { "tenantId", NULL };

		(void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(p, ","), p);
		row.value = build_text(b, build_copy(b, id));
		items[count] = build_object(b, &row, 1);
		p += strcspn(p, ",");
		p += *p == ',';
	}
	return build_array(b, items, count);
}

/* In az's own order, which shows in what keys() and values() make of it. */
const struct value *account_value(
	struct az *az, struct build *b, const struct account *a, const char *cloud_key)
{
	bool is_tenant = strcmp(a->name, NO_SUBSCRIPTION) == 0;
	const struct build_member rows[] = {
		{ "id", build_text(b, a->id) },
		{ "name", build_text(b, a->name) },
		{ "state", build_text(b, a->state) },
		{ "user", user_value(b, &az->state) },
		{ "isDefault",
			build_bool(b, text_equal_nocase(a->id, az->state.subscription)) },
		{ "tenantId", build_text(b, a->tenant) },
		{ cloud_key, build_text(b, cloud_name_of(cloud_active(az))) },
		{ "homeTenantId", is_tenant ? NULL : build_text(b, a->home_tenant) },
		{ "managedByTenants",
			is_tenant ? NULL : managers_value(b, a->managed_by) },
	};

	return build_object(b, rows, sizeof(rows) / sizeof(*rows));
}

void account_of_tenant(const char *tenant, struct account *ret)
{
	*ret = (struct account){ tenant, NO_SUBSCRIPTION, "Enabled", tenant, tenant, "" };
}

/* The machine's subscription, whose name only Azure Resource Manager knows. */
static bool stand_in(struct az *az, const struct mitok_token *t, const char *tenant)
{
	struct account *a = arena_take(&az->arena, sizeof(*a));
	struct build b = { .arena = &az->arena };
	char id[SUBSCRIPTION_SIZE];

	if (!a)
		return false;
	subscription_default(az, t, id);
	if (text_equal_nocase(id, tenant))
		account_of_tenant(tenant, a);
	else
		*a = (struct account){ build_copy(&b, id), "", "Enabled", tenant, tenant,
			"" };
	if (!a->name[0])
		a->name = a->id;
	az->state.accounts = a;
	az->state.count = 1;
	az->state.subscription = a->id;
	return !b.failed;
}

enum mitok_code account_load(struct az *az, struct mitok_err *e)
{
	const struct context_ask ask = { .resource =
						 cloud_arm_resource(cloud_active(az)) };
	struct build b = { .arena = &az->arena };
	AUTO_TOKEN t = NULL;
	const char *tenant;
	enum mitok_code r = context_open(az, e);

	if (r || az->state.count)
		return r;
	r = context_token(az, &ask, &t, e);
	if (r)
		return r;
	tenant = build_copy(&b, mitok_token_text(t, MITOK_TEXT_TENANT_ID));
	if (arm_subscriptions(az, tenant, &az->state, NULL) == MITOK_OK &&
		az->state.count)
		return MITOK_OK;
	return stand_in(az, t, tenant) && !b.failed ? MITOK_OK : err_memory(e);
}

static enum mitok_code not_found(const char *wanted, struct mitok_err *e)
{
	return err_set(e, MITOK_E_DENIED,
		"Subscription '%s' not found. Check the spelling and casing and try "
		"again.",
		wanted);
}

enum mitok_code account_choose(struct az *az, const struct mitok_token *t, char *ret,
	size_t size, struct mitok_err *e)
{
	const char *wanted = az->args.subscription;
	const struct account *a;
	enum mitok_code r;

	subscription_default(az, t, ret);
	if (!wanted || !*wanted || text_equal_nocase(wanted, ret))
		return MITOK_OK;
	r = account_load(az, e);
	if (r)
		return r;
	a = state_find(&az->state, wanted);
	return a && text_copy(ret, size, a->id) ? MITOK_OK : not_found(wanted, e);
}

enum mitok_code az_account_show(struct az *az, struct mitok_err *e)
{
	const char *wanted = az->args.subscription;
	struct build b = { .arena = &az->arena };
	enum mitok_code r = account_load(az, e);
	const struct account *a;
	const struct value *v;

	if (r)
		return r;
	a = state_find(&az->state, wanted && *wanted ? wanted : az->state.subscription);
	if (!a)
		return not_found(wanted ? wanted : az->state.subscription, e);
	v = account_value(az, &b, a, "environmentName");
	return b.failed ? err_memory(e) : az_print(az, v, e);
}

/* No identity is no failure: there are no subscriptions then, and scripts look for []. */
static enum mitok_code list_none(struct az *az, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };
	const struct value *v = build_array(&b, NULL, 0);

	if (!az->args.only_show_errors)
		(void)dprintf(STDERR_FILENO,
			"WARNING: Please run \"az login\" to access your accounts.\n");
	return v ? az_print(az, v, e) : err_memory(e);
}

enum mitok_code az_account_list(struct az *az, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };
	const struct value **items, *v;
	enum mitok_code r = account_load(az, e);
	size_t count = 0;

	if (r)
		return r == MITOK_E_NOIDENTITY ? list_none(az, e) : r;
	items = arena_take(&az->arena, (az->state.count + 1) * sizeof(struct value *));
	for (size_t i = 0; items && i < az->state.count; i++) {
		const struct account *a = &az->state.accounts[i];

		if (az->args.all || text_equal_nocase(a->state, "Enabled"))
			items[count++] = account_value(az, &b, a, "cloudName");
	}
	v = items ? build_array(&b, items, count) : NULL;
	return b.failed || !v ? err_memory(e) : az_print(az, v, e);
}

enum mitok_code az_account_set(struct az *az, struct mitok_err *e)
{
	enum mitok_code r = account_load(az, e);
	const struct account *a;

	if (r)
		return r;
	a = state_find(&az->state, az->args.subscription);
	if (!a)
		return err_set(e, MITOK_E_DENIED,
			"The subscription of '%s' doesn't exist in cloud '%s'.",
			az->args.subscription, cloud_name_of(cloud_active(az)));
	az->state.subscription = a->id;
	return state_write(&az->state, e);
}

enum mitok_code az_account_clear(struct az *az, struct mitok_err *e)
{
	(void)az;
	return state_forget(e);
}
