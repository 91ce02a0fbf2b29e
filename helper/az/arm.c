/* Azure Resource Manager: the subscriptions that the identity can reach.
 * SPDX-License-Identifier: MIT */
#include "arm.h"

#include <string.h>

#include "base/clock.h"
#include "build.h"
#include "cloud.h"
#include "context.h"
#include "request.h"

#define PAGES_MAX 20
#define LIST_MS   7000

static const char *text_of(const struct value *v, const char *name)
{
	const char *text = request_text(v, name);

	return text ? text : "";
}

/* The tenants that manage it, with a comma between them. */
static const char *managers(struct build *b, const struct value *row)
{
	const struct value *list = value_member(row, "managedByTenants");
	AUTO_TEXT t = { 0 };

	for (size_t i = 0; list && list->kind == VALUE_ARRAY && i < list->count; i++)
		text_addf(&t, "%s%s", i ? "," : "", text_of(list->items[i], "tenantId"));
	return build_copy(b, text_peek(&t));
}

/* Subscriptions - List (2022-12-01): one page of {"value": [...], "nextLink"}. */
static bool add_page(
	struct build *b, const struct value *page, const char *tenant, struct state *s)
{
	const struct value *list = value_member(page, "value");
	size_t more = list && list->kind == VALUE_ARRAY ? list->count : 0;
	struct account *grown =
		arena_take(b->arena, (s->count + more + 1) * sizeof(*grown));

	if (!grown)
		return false;
	if (s->count)
		memcpy(grown, s->accounts, s->count * sizeof(*grown));
	for (size_t i = 0; i < more; i++) {
		const struct value *row = list->items[i];

		if (!request_text(row, "subscriptionId"))
			continue;
		grown[s->count++] = (struct account){
			.id = text_of(row, "subscriptionId"),
			.name = text_of(row, "displayName"),
			.state = text_of(row, "state"),
			.tenant = tenant,
			.home_tenant = text_of(row, "tenantId"),
			.managed_by = managers(b, row),
		};
	}
	s->accounts = grown;
	return !b->failed;
}

static void choose(struct state *s)
{
	s->subscription = s->count ? s->accounts[0].id : "";
	for (size_t i = s->count; i; i--)
		if (text_equal_nocase(s->accounts[i - 1].state, "Enabled"))
			s->subscription = s->accounts[i - 1].id;
}

/* A page's link to the next is followed to the same place only: a token goes with it. */
enum mitok_code arm_subscriptions(
	struct az *az, const char *tenant, struct state *s, struct mitok_err *e)
{
	const char *arm = cloud_arm(cloud_active(az));
	int64_t end = clock_now().boot_ms + LIST_MS;
	struct build b = { .arena = &az->arena };
	struct request rq = { .method = "GET",
		.resource = cloud_arm_resource(cloud_active(az)) };
	const struct value *page = NULL;
	AUTO_TEXT url = { 0 };

	text_addf(&url, "%ssubscriptions?api-version=2022-12-01", arm);
	rq.url = text_peek(&url);
	for (unsigned n = 0; rq.url && n < PAGES_MAX; n++) {
		enum mitok_code r;

		rq.timeout_ms = end - clock_now().boot_ms;
		if (rq.timeout_ms <= 0 || !text_ok(&url))
			return err_set(e, MITOK_E_LATER,
				"Azure Resource Manager lists its subscriptions too "
				"slowly");
		r = request_json(az, &rq, &page, NULL, e);
		if (r)
			return r;
		if (!add_page(&b, page, tenant, s))
			return err_memory(e);
		rq.url = request_text(page, "nextLink");
		if (rq.url && !text_starts(rq.url, arm))
			rq.url = NULL;
	}
	choose(s);
	return MITOK_OK;
}
