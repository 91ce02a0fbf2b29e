/* az login --identity: which identity, and what it can reach.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "arm.h"
#include "cloud.h"
#include "context.h"

/* How the identity is named: on the command line, to mi-token and in az's answers. */
struct way {
	const char *value, *selector, *info;
};

/* Before 2.69 one option took any of the three and the kind was found out by trying; a GUID
 * is nearly always a client id. */
static struct way find_way(const struct az_args *a)
{
	const struct way ways[] = {
		{ a->client_id, "client-id", "MSIClient" },
		{ a->object_id, "object-id", "MSIObject" },
		{ a->resource_id, "resource-id", "MSIResource" },
		{ a->username,
			a->username && *a->username == '/' ? "resource-id" : "client-id",
			a->username && *a->username == '/' ? "MSIResource"
							   : "MSIClient" },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (ways[i].value)
			return ways[i];
	return (struct way){ NULL, NULL, NULL };
}

static enum mitok_code check(const struct az_args *a, struct mitok_err *e)
{
	if (!a->identity)
		return err_hint(e,
			err_set(e, MITOK_E_DENIED,
				"mi-token signs in with the machine's managed identity "
				"only"),
			"use --identity");
	if (a->password || a->service_principal || a->tenant || a->use_device_code)
		return err_set(e, MITOK_E_DENIED,
			"usage error: '--identity' is not applicable with other "
			"arguments");
	if (!!a->client_id + !!a->object_id + !!a->resource_id + !!a->username > 1)
		return err_set(e, MITOK_E_DENIED,
			"Usage error: Provide only one of --client-id, --object-id, "
			"--resource-id.");
	return MITOK_OK;
}

static const char *join(
	struct az *az, const char *kind, const char *between, const char *id)
{
	struct build b = { .arena = &az->arena };
	AUTO_TEXT t = { 0 };

	text_addf(&t, "%s%s%s", kind, between, id);
	return build_copy(&b, text_peek(&t));
}

/* Gets the token of the identity and the list of what it reaches. */
static enum mitok_code look(struct az *az, const struct way *way, struct mitok_err *e)
{
	const struct context_ask ask = { .resource =
						 cloud_arm_resource(cloud_active(az)) };
	struct build b = { .arena = &az->arena };
	struct account *none = arena_take(&az->arena, sizeof(*none));
	AUTO_TOKEN t = NULL;
	const char *tenant;
	enum mitok_code r;

	az->state = (struct state){ "", "MSI", "", NULL, 0 };
	if (way->value && *way->value) {
		az->state.selector = join(az, way->selector, ":", way->value);
		az->state.info = join(az, way->info, "-", way->value);
	}
	if (!none)
		return err_memory(e);
	r = context_token(az, &ask, &t, e);
	if (r)
		return r;
	tenant = build_copy(&b, mitok_token_text(t, MITOK_TEXT_TENANT_ID));
	r = arm_subscriptions(az, tenant, &az->state, e);
	if (r || az->state.count)
		return r;
	if (!az->args.allow_no_subscriptions)
		return err_set(e, MITOK_E_DENIED,
			"No access was configured for the managed identity, hence no "
			"subscriptions were found. If this is expected, use "
			"'--allow-no-subscriptions' to have tenant level access.");
	account_of_tenant(tenant, none);
	az->state.accounts = none;
	az->state.count = 1;
	az->state.subscription = none->id;
	return MITOK_OK;
}

/* A GUID may have been an object id after all. */
static enum mitok_code look_twice(struct az *az, struct way way, struct mitok_err *e)
{
	enum mitok_code r = look(az, &way, e);

	if (r != MITOK_E_NOIDENTITY || !az->args.username || *az->args.username == '/')
		return r;
	way.selector = "object-id";
	way.info = "MSIObject";
	return look(az, &way, e);
}

enum mitok_code az_login(struct az *az, struct mitok_err *e)
{
	struct build b = { .arena = &az->arena };
	const struct value **items, *v;
	enum mitok_code r = check(&az->args, e);

	if (!r)
		r = context_open(az, e);
	if (!r)
		r = look_twice(az, find_way(&az->args), e);
	if (!r)
		r = state_write(&az->state, e);
	if (r)
		return r;
	items = arena_take(&az->arena, (az->state.count + 1) * sizeof(struct value *));
	for (size_t i = 0; items && i < az->state.count; i++)
		items[i] =
			account_value(az, &b, &az->state.accounts[i], "environmentName");
	v = items ? build_array(&b, items, az->state.count) : NULL;
	return b.failed || !v ? err_memory(e) : az_print(az, v, e);
}
