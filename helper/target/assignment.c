/* Where the resource lies and which roles the identity has, as far as Resource Manager lets
 * it see: whoever has no role may mostly not see that either, and nothing is said then.
 * Microsoft Learn, "List Azure role assignments using the REST API", "Resources - List".
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "visit.h"

#define SUBSCRIPTIONS_MAX 8
#define LOOK_MS           INT64_C(5000)
#define VERSION           "2022-04-01"
#define BUS_TYPE          "Microsoft.ServiceBus/namespaces"
#define HUBS_TYPE         "Microsoft.EventHub/namespaces"

struct look {
	struct visit *v;
	struct client c; /* who asks Resource Manager: the same identity, in less time */
	char arm[128];
	char subscription[SUBSCRIPTIONS_MAX][40];
	unsigned count;
	bool of_client; /* the assignments are those of the client id */
	bool is_over;   /* no more is asked */
};

static enum mitok_code take_subscriptions(
	void *arg, const struct json *values, struct mitok_err *e)
{
	struct look *l = arg;

	(void)e;
	for (const struct json *j = values->child; j; j = j->next) {
		const char *id = json_text(json_member(j, "subscriptionId"));

		if (id && text_is_guid(id) && l->count < SUBSCRIPTIONS_MAX)
			l->count += TEXT_COPY(l->subscription[l->count], id);
	}
	return MITOK_OK;
}

static bool is_type(const struct visit *v, const char *type)
{
	return text_equal_nocase(type, v->service->type) ||
		(strcmp(v->service->type, BUS_TYPE) == 0 &&
			text_equal_nocase(type, HUBS_TYPE));
}

/* Ids go into command lines. */
static bool is_id(const char *id)
{
	return text_starts_nocase(id, "/subscriptions/") &&
		strspn(id,
			"/._()-0123456789abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(id);
}

static enum mitok_code take_resources(
	void *arg, const struct json *values, struct mitok_err *e)
{
	struct visit *v = ((struct look *)arg)->v;

	(void)e;
	for (const struct json *j = values->child; j; j = j->next) {
		const char *id = json_text(json_member(j, "id"));
		const char *name = json_text(json_member(j, "name"));
		const char *type = json_text(json_member(j, "type"));

		if (!id || !name || !type || !is_id(id) || !is_type(v, type) ||
			!text_equal_nocase(name, v->at.name))
			continue;
		(void)!TEXT_COPY(v->arm_id, id);
		if (text_equal_nocase(type, HUBS_TYPE))
			v->family = FAMILY_EVENTHUBS;
	}
	return MITOK_OK;
}

static bool pages(struct look *l, const char *path_query,
	enum mitok_code (*each)(
		void *arg, const struct json *values, struct mitok_err *e))
{
	struct mitok_err quiet = { .code = MITOK_OK };
	AUTO_TEXT url = { 0 };
	struct client_request first = { .resource = l->arm };
	enum mitok_code r;

	text_addf(&url, "%s%s", l->arm, path_query);
	first.url = text_peek(&url);
	if (!text_ok(&url) || l->is_over || clock_now().boot_ms >= l->c.deadline_ms)
		return false;
	r = client_each_page(&l->c, &first, each, l, &quiet);
	/* It is busy, or not reachable: that is not the matter. */
	l->is_over = r == MITOK_E_LATER;
	return r == MITOK_OK;
}

static void find_resource(struct look *l)
{
	for (unsigned i = 0; i < l->count && !l->v->arm_id[0]; i++) {
		AUTO_TEXT wanted = { 0 };

		text_addf(&wanted,
			"subscriptions/%s/"
			"resources?api-version=2021-04-01&$filter=name%%20eq"
			"%%20'%s'",
			l->subscription[i], l->v->at.name);
		if (text_ok(&wanted))
			(void)pages(l, wanted.p, take_resources);
	}
}

/* prefix is all of text, or ends in front of a slash. */
static bool covers(const char *prefix, const char *text)
{
	size_t len = strlen(prefix);

	return text_starts_nocase(text, prefix) && (!text[len] || text[len] == '/');
}

enum assigned assignment_relation(const struct visit *v, const char *scope)
{
	AUTO_TEXT target = { 0 }, account = { 0 };
	const char *at;

	if (strcmp(scope, "/") == 0 ||
		text_starts_nocase(scope, "/providers/Microsoft.Management/"))
		return ASSIGNED_THERE;
	scope_write(v, &target);
	if (!text_ok(&target))
		return ASSIGNED_UNKNOWN;
	if (v->arm_id[0])
		return covers(scope, target.p) ? ASSIGNED_THERE : ASSIGNED_ELSEWHERE;
	if (!v->service->type)
		return ASSIGNED_UNKNOWN;
	text_addf(&account, "/providers/%s/%s", v->service->type, v->at.name);
	at = strcasestr(scope, text_peek(&account));
	if (at && strcasestr(target.p, text_peek(&account)))
		return covers(at, strcasestr(target.p, text_peek(&account)))
			? ASSIGNED_THERE
			: ASSIGNED_ELSEWHERE;
	return strcasestr(scope, "/providers/") ? ASSIGNED_ELSEWHERE : ASSIGNED_UNKNOWN;
}

static void keep(struct visit *v, enum assigned what, const char *role, const char *scope)
{
	if (v->assigned != ASSIGNED_UNKNOWN && v->assigned <= what)
		return;
	v->assigned = what;
	(void)!TEXT_COPY(v->assigned_role, role);
	(void)!TEXT_COPY(v->assigned_scope, is_id(scope) ? scope : "");
}

static void judge_assignment(struct look *l, const struct json *properties)
{
	struct visit *v = l->v;
	const char *role = json_text(json_member(properties, "roleDefinitionId"));
	const char *scope = json_text(json_member(properties, "scope"));
	const char *guid = role ? strrchr(role, '/') : NULL;
	const char *condition = json_text(json_member(properties, "condition"));
	enum assigned where = scope ? assignment_relation(v, scope) : ASSIGNED_UNKNOWN;
	const char *name;

	if (!guid || where == ASSIGNED_UNKNOWN)
		return;
	name = role_of(v->family, guid + 1);
	if (name && l->of_client)
		keep(v, ASSIGNED_CLIENT, name, scope);
	else if (name && where == ASSIGNED_THERE && condition && *condition)
		keep(v, ASSIGNED_CONDITION, name, scope);
	else if (name)
		keep(v, where, name, scope);
	else if (where == ASSIGNED_THERE && v->family != FAMILY_ARM && !l->of_client &&
		(name = role_of(FAMILY_CONTROL, guid + 1)))
		keep(v, ASSIGNED_CONTROL, name, scope);
	else if (where == ASSIGNED_THERE && v->family != FAMILY_ARM && !l->of_client)
		keep(v, role_name(guid + 1) ? ASSIGNED_OTHER : ASSIGNED_STRANGE,
			role_name(guid + 1)              ? role_name(guid + 1)
				: text_is_guid(guid + 1) ? guid + 1
							 : "ROLE",
			scope);
}

static enum mitok_code take_assignments(
	void *arg, const struct json *values, struct mitok_err *e)
{
	(void)e;
	for (const struct json *j = values->child; j; j = j->next)
		judge_assignment(arg, json_member(j, "properties"));
	return MITOK_OK;
}

static bool list_filtered(
	struct look *l, const char *subscription, const char *filter, const char *id)
{
	AUTO_TEXT wanted = { 0 };

	text_addf(&wanted,
		"subscriptions/%s/providers/Microsoft.Authorization/roleAssignments"
		"?api-version=" VERSION "&$filter=%s'%s'%s",
		subscription, filter, id, strchr(filter, '(') ? ")" : "");
	return text_ok(&wanted) && pages(l, wanted.p, take_assignments);
}

/* Where groups cannot be looked into, its own alone. */
static bool list_assignments(struct look *l, const char *subscription)
{
	static const char exactly[] = "principalId%20eq%20", also[] = "assignedTo(";
	const char *id = visit_text(l->v, MITOK_TEXT_OBJECT_ID);

	if (l->of_client)
		return list_filtered(
			l, subscription, exactly, visit_text(l->v, MITOK_TEXT_CLIENT_ID));
	return list_filtered(l, subscription, also, id) ||
		list_filtered(l, subscription, exactly, id);
}

/* Who has the role there instead: people take one id for another. */
static enum mitok_code take_others(
	void *arg, const struct json *values, struct mitok_err *e)
{
	struct visit *v = ((struct look *)arg)->v;

	(void)e;
	for (const struct json *j = values->child; j; j = j->next) {
		const struct json *properties = json_member(j, "properties");
		const char *role = json_text(json_member(properties, "roleDefinitionId"));
		const char *who = json_text(json_member(properties, "principalId"));
		const char *guid = role ? strrchr(role, '/') : NULL;
		size_t len;

		if (!guid || !who || !text_is_guid(who) ||
			!role_of(v->family, guid + 1) ||
			strlen(v->others) > sizeof(v->others) - 40)
			continue;
		len = strlen(v->others);
		(void)snprintf(v->others + len, sizeof(v->others) - len, "%s%s",
			len ? " " : "", who);
	}
	return MITOK_OK;
}

static void find_others(struct look *l)
{
	AUTO_TEXT wanted = { 0 };

	text_addf(&wanted,
		"%s/providers/Microsoft.Authorization/"
		"roleAssignments?api-version=" VERSION "&$filter=atScope()",
		l->v->arm_id + 1);
	if (text_ok(&wanted))
		(void)pages(l, wanted.p, take_others);
}

/* What it may do there instead of what was refused. */
static enum mitok_code take_permissions(
	void *arg, const struct json *values, struct mitok_err *e)
{
	struct visit *v = ((struct look *)arg)->v;

	(void)e;
	for (const struct json *j = values->child; j; j = j->next) {
		const struct json *actions = json_member(j, "actions");

		for (const struct json *a = actions ? actions->child : NULL; a;
			a = a->next) {
			const char *action = json_text(a);
			size_t len = strlen(v->others);

			if (action && len + strlen(action) + 2 < sizeof(v->others))
				(void)snprintf(v->others + len, sizeof(v->others) - len,
					"%s%s", len ? " " : "", action);
		}
	}
	return MITOK_OK;
}

static void find_permissions(struct look *l)
{
	AUTO_TEXT wanted = { 0 };

	if (!strcasestr(l->v->arm_id, "/resourceGroups/"))
		return; /* there is no such list above */
	text_addf(&wanted,
		"%s/providers/Microsoft.Authorization/permissions?api-version=" VERSION,
		l->v->arm_id + 1);
	if (text_ok(&wanted) && pages(l, wanted.p, take_permissions))
		text_clean(l->v->others);
}

static void list_all(struct look *l)
{
	for (unsigned i = 0; i < l->count; i++)
		if (list_assignments(l, l->subscription[i]) && l->v->arm_id[0] &&
			l->v->assigned == ASSIGNED_UNKNOWN)
			l->v->assigned = ASSIGNED_NONE;
}

/* Only that one counts, once it is known. */
static void narrow(struct look *l)
{
	static const char prefix[] = "/subscriptions/";
	const char *id = l->v->arm_id + strlen(prefix);
	size_t len;

	if (!l->v->arm_id[0])
		return;
	len = strcspn(id, "/");
	if (len >= sizeof(*l->subscription))
		return;
	memcpy(l->subscription[0], id, len);
	l->subscription[0][len] = '\0';
	l->count = 1;
}

void assignment_look(struct visit *v)
{
	struct mitok_err quiet = { .code = MITOK_OK };
	struct look l = { .v = v, .c = *v->c };

	if (v->identity[0])
		l.c.identity = v->identity;
	l.c.timeout_ms = LOOK_MS;
	l.c.deadline_ms = clock_now().boot_ms +
		(v->c->deadline_ms && visit_left_ms(v) < LOOK_MS ? visit_left_ms(v)
								 : LOOK_MS);
	if ((!v->service->type && v->family != FAMILY_ARM) ||
		!place_is_plain(v->at.name) ||
		client_endpoint(&l.c, "arm", l.arm, sizeof(l.arm), &quiet))
		return;
	if (!v->arm_id[0]) {
		if (!pages(&l, "subscriptions?api-version=2022-12-01",
			    take_subscriptions))
			return;
		if (v->service->type)
			find_resource(&l);
	}
	narrow(&l);
	list_all(&l);
	if (v->assigned != ASSIGNED_UNKNOWN && v->assigned < ASSIGNED_OTHER)
		return;
	l.of_client = text_is_guid(visit_text(v, MITOK_TEXT_CLIENT_ID));
	if (l.of_client)
		list_all(&l);
	if (v->family == FAMILY_ARM)
		find_permissions(&l);
	else if (v->assigned == ASSIGNED_NONE)
		find_others(&l);
}
