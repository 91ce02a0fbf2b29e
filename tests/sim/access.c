/* The scenario's "access": who may do what in an account, a namespace, a store.
 * SPDX-License-Identifier: MIT */
#include "access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Why a place refuses everybody, and what its service makes of it is the service's own. */
static const char *const reasons[] = { "network", "private", "perimeter", "acl",
	"disabled" };

static const struct {
	const char *name;
	enum json_type type;
} members[] = {
	{ "readers", json_type_array },
	{ "only", json_type_array },
	{ "has", json_type_array },
	{ "rights", json_type_array },
	{ "roles", json_type_array },
	{ "pending", json_type_int },
	{ "tenant", json_type_string },
	{ "audience", json_type_string },
	{ "deny", json_type_string },
};

/* An account that the older "accounts" lists has readers alone; one that it does not list
 * has none. */
static struct json_object *find_account(const struct world *w, const char *name)
{
	struct json_object *accounts = scenario_get(w, NULL, "accounts");

	return accounts ? json_member(accounts, name) : NULL;
}

bool access_find(const struct world *w, const struct request *rq, struct access *ret)
{
	struct json_object *all = scenario_get(w, NULL, "access");

	*ret = (struct access){ 0 };
	if (!azure_host(rq, ret->host))
		return false;
	(void)snprintf(ret->name, sizeof(ret->name), "%.*s", (int)strcspn(ret->host, "."),
		ret->host);
	ret->place = json_member(all, ret->host);
	if (!ret->place)
		ret->place = json_member(all, ret->name);
	return true;
}

const char *access_tenant(const struct world *w, const struct access *a)
{
	const char *tenant = json_text(a->place, "tenant");

	return tenant ? tenant : scenario_tenant(w);
}

const char *access_deny(const struct access *a)
{
	return json_text(a->place, "deny");
}

static bool below(const char *path, const char *top)
{
	size_t len = strlen(top);

	len -= len && top[len - 1] == '/';
	return strncasecmp(path, top, len) == 0 && (!path[len] || path[len] == '/');
}

/* The array has a path that this one is below. */
static bool is_inside(struct json_object *tops, const char *path)
{
	for (size_t i = 0; i < json_object_array_length(tops); i++)
		if (below(path,
			    json_object_get_string(json_object_array_get_idx(tops, i))))
			return true;
	return false;
}

/* The role was assigned, and is not known everywhere yet. */
static bool is_pending(struct world *w, const struct access *a)
{
	int64_t pending = json_object_get_int64(json_member(a->place, "pending"));
	AUTO_TEXT counter = { 0 };

	text_addf(&counter, "%s-pending", a->host);
	if (count_of_named(w, text_peek(&counter)) >= pending)
		return false;
	count_named(w, a->host, "pending");
	return true;
}

static bool is_storage(const struct access *a)
{
	return strstr(a->host, ".core.") != NULL;
}

bool access_may(
	struct world *w, const struct access *a, const char *oid, const char *path)
{
	struct json_object *only = json_member(a->place, "only");

	if (!a->place && is_storage(a) && scenario_get(w, NULL, "accounts"))
		return find_account(w, a->name) &&
			azure_lists(find_account(w, a->name), oid);
	return azure_lists(json_member(a->place, "readers"), oid) &&
		(!only || is_inside(only, path)) && !is_pending(w, a);
}

bool access_includes(const struct access *a, const char *right)
{
	return azure_lists(json_member(a->place, "rights"), right);
}

bool access_has(const struct access *a, const char *path)
{
	struct json_object *has = json_member(a->place, "has");

	for (size_t i = 0; has && i < json_object_array_length(has); i++)
		if (below(json_object_get_string(json_object_array_get_idx(has, i)),
			    path))
			return true;
	return !has || strcmp(path, "/") == 0;
}

static const char *wrong_member(struct json_object *place)
{
	for (struct json_walk m = json_walk(place); json_next(&m);) {
		size_t i = 0, count = sizeof(members) / sizeof(*members);

		while (i < count &&
			(strcmp(members[i].name, m.name) != 0 ||
				!json_object_is_type(m.value, members[i].type)))
			i++;
		if (i == count)
			return m.name;
	}
	return NULL;
}

static bool is_reason(const char *word)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strcmp(reasons[i], word) == 0)
			return true;
	return false;
}

bool access_check(struct json_object *all, char *why, size_t why_size)
{
	if (all && !json_object_is_type(all, json_type_object)) {
		(void)snprintf(why, why_size, "'access' is no JSON object");
		return false;
	}
	for (struct json_walk m = json_walk(all); json_next(&m);) {
		const char *wrong = wrong_member(m.value);
		const char *deny = json_text(m.value, "deny");

		if (!wrong && deny && !is_reason(deny))
			wrong = deny;
		if (!wrong && json_object_is_type(m.value, json_type_object))
			continue;
		(void)snprintf(why, why_size, "'access' of '%s' has no '%s'", m.name,
			wrong ? wrong : "members");
		return false;
	}
	return true;
}
