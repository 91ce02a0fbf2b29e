/* Scenarios: the machine, its identities and what goes wrong, from JSON.
 * SPDX-License-Identifier: MIT */
#include "scenario.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "access.h"
#include "fault.h"
#include "token.h"
#include "vault.h"

/* What every tenant knows, unless the scenario has a list of its own. */
static const char *const known[] = {
	"https://management.azure.com/",
	"https://management.core.windows.net/",
	"https://management.usgovcloudapi.net/",
	"https://management.chinacloudapi.cn/",
	"https://management.core.usgovcloudapi.net/",
	"https://management.core.chinacloudapi.cn/",
	"https://vault.azure.net",
	"https://vault.usgovcloudapi.net",
	"https://vault.azure.cn",
	"https://managedhsm.azure.net",
	"https://managedhsm.usgovcloudapi.net",
	"https://managedhsm.chinacloudapi.cn",
	"https://storage.azure.com/",
	"https://graph.microsoft.com/",
	"https://graph.microsoft.us/",
	"https://microsoftgraph.chinacloudapi.cn/",
	"https://database.windows.net/",
	"https://ossrdbms-aad.database.windows.net",
	"https://servicebus.azure.net/",
	"https://eventhubs.azure.net/",
	"https://monitor.azure.com/",
	"https://api.loganalytics.io/",
	"https://cosmos.azure.com",
	"https://appconfig.azure.com",
	"api://contoso-api",
	"https://containerregistry.azure.net",
	"https://azconfig.io",
	"499b84ac-1321-427f-aa17-267ca6975798",
	"api://AzureADTokenExchange",
	"api://AzureADTokenExchangeUSGov",
	"api://AzureADTokenExchangeChina",
};

const char *json_text(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	if (!o || !json_object_object_get_ex(o, name, &v) ||
		!json_object_is_type(v, json_type_string))
		return NULL;
	return json_object_get_string(v);
}

struct json_walk json_walk(struct json_object *o)
{
	struct json_walk m = { 0 };

	if (o) {
		m.at = json_object_iter_begin(o);
		m.end = json_object_iter_end(o);
	}
	return m;
}

bool json_next(struct json_walk *m)
{
	if (json_object_iter_equal(&m->at, &m->end))
		return false;
	m->name = json_object_iter_peek_name(&m->at);
	m->value = json_object_iter_peek_value(&m->at);
	json_object_iter_next(&m->at);
	return true;
}

struct json_object *scenario_get(
	const struct world *w, const char *part, const char *name)
{
	struct json_object *o = w->scenario, *v = NULL;

	if (part &&
		(!json_object_object_get_ex(o, part, &o) ||
			!json_object_is_type(o, json_type_object)))
		return NULL;
	return json_object_object_get_ex(o, name, &v) ? v : NULL;
}

const char *scenario_text(
	const struct world *w, const char *part, const char *name, const char *otherwise)
{
	struct json_object *v = scenario_get(w, part, name);

	return json_object_is_type(v, json_type_string) ? json_object_get_string(v)
							: otherwise;
}

int64_t scenario_number(
	const struct world *w, const char *part, const char *name, int64_t otherwise)
{
	struct json_object *v = scenario_get(w, part, name);

	if (json_object_is_type(v, json_type_boolean))
		return json_object_get_boolean(v);
	return json_object_is_type(v, json_type_int) ? json_object_get_int64(v)
						     : otherwise;
}

const char *scenario_tenant(const struct world *w)
{
	return scenario_text(w, NULL, "tenant", "91880000-0000-4000-8000-00000000a001");
}

/* The same but for one slash at the end. */
static bool resource_fits(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	a_len -= a_len && a[a_len - 1] == '/';
	b_len -= b_len && b[b_len - 1] == '/';
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* An account's own address is a resource too. */
static bool is_account(const char *resource)
{
	static const char *const ends[] = { ".blob.core.windows.net",
		".queue.core.windows.net", ".table.core.windows.net",
		".file.core.windows.net", ".dfs.core.windows.net", ".documents.azure.com",
		".azconfig.io" };
	const char *dot = strchr(resource, '.');

	for (size_t i = 0; dot && i < sizeof(ends) / sizeof(*ends); i++)
		if (text_starts(resource, "https://") && resource_fits(dot, ends[i]))
			return true;
	return false;
}

/* An API of one's own is known by what it says that it takes. */
static bool is_api(const struct world *w, const char *resource)
{
	for (struct json_walk m = json_walk(scenario_get(w, NULL, "access"));
		json_next(&m);) {
		const char *audience = json_text(m.value, "audience");

		if (audience && strcmp(audience, resource) == 0)
			return true;
	}
	return false;
}

bool scenario_knows_resource(const struct world *w, const char *resource)
{
	struct json_object *list = scenario_get(w, NULL, "resources");

	if (json_object_is_type(list, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(list); i++) {
			struct json_object *one = json_object_array_get_idx(list, i);

			if (resource_fits(json_object_get_string(one), resource))
				return true;
		}
		return false;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (resource_fits(known[i], resource))
			return true;
	return is_account(resource) || is_api(w, resource);
}

static bool id_fits(const char *have, const char *want)
{
	return !want || (have && text_equal_nocase(have, want));
}

static bool identity_fits(const struct identity *id, const struct selector *s)
{
	return id->client_id && id_fits(id->client_id, s->client_id) &&
		id_fits(id->object_id, s->object_id) &&
		id_fits(id->resource_id, s->resource_id);
}

const struct identity *scenario_select(const struct world *w, const struct selector *s)
{
	for (unsigned i = 0; i < w->user_count; i++)
		if (identity_fits(&w->users[i], s))
			return &w->users[i];
	return identity_fits(&w->system, s) ? &w->system : NULL;
}

static bool read_identity(
	struct world *w, struct json_object *o, bool user, struct identity *ret)
{
	const char *tenant = json_text(o, "tenant");
	struct json_object *roles = NULL;

	(void)json_object_object_get_ex(o, "roles", &roles);
	*ret = (struct identity){
		.client_id = json_text(o, "client_id"),
		.object_id = json_text(o, "object_id"),
		.resource_id = json_text(o, "resource_id"),
		.tenant = tenant ? tenant : scenario_tenant(w),
		.roles = roles,
		.user_assigned = user,
	};
	return ret->client_id && ret->object_id && ret->resource_id;
}

static bool read_identities(struct world *w)
{
	struct json_object *system = scenario_get(w, NULL, "system");
	struct json_object *users = scenario_get(w, NULL, "users");
	size_t count = json_object_is_type(users, json_type_array)
		? json_object_array_length(users)
		: 0;

	w->system = (struct identity){ 0 };
	w->user_count = 0;
	if (system && !read_identity(w, system, false, &w->system))
		return false;
	if (count > USERS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!read_identity(w, json_object_array_get_idx(users, i), true,
			    &w->users[w->user_count++]))
			return false;
	return true;
}

/* A misspelt member would be a test that tests nothing. */
static const char *unknown_member(struct json_object *o)
{
	static const char *const names[] = { "about", "tenant", "cloud", "machine",
		"system", "users", "resources", "federations", "accounts", "token",
		"repos", "app_service", "ml", "fabric", "arc", "cloud_shell", "faults",
		"arm", "graph", "vaults", "registries", "access", "clock",
		"applications" };

	for (struct json_walk m = json_walk(o); json_next(&m);) {
		bool found = false;

		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			found = found || strcmp(names[i], m.name) == 0;
		if (!found)
			return m.name;
	}
	return NULL;
}

bool scenario_load(struct world *w, const char *text, char *why, size_t why_size)
{
	struct json_object *o = json_tokener_parse(text), *old = w->scenario;
	struct json_object *faults = NULL, *vaults = NULL;
	const char *wrong;

	if (!json_object_is_type(o, json_type_object)) {
		(void)snprintf(why, why_size, "the scenario is no JSON object");
		json_object_put(o);
		return false;
	}
	wrong = unknown_member(o);
	if (wrong) {
		(void)snprintf(why, why_size, "a scenario has no member '%s'", wrong);
		json_object_put(o);
		return false;
	}
	w->scenario = o;
	(void)json_object_object_get_ex(o, "faults", &faults);
	(void)json_object_object_get_ex(o, "vaults", &vaults);
	if (!read_identities(w)) {
		(void)snprintf(why, why_size,
			"an identity needs client_id, object_id and resource_id");
	} else if (vault_check(vaults, why, why_size) &&
		access_check(scenario_get(w, NULL, "access"), why, why_size) &&
		faults_load(w, faults, why, why_size)) {
		token_forget(w);
		clock_set(scenario_number(w, NULL, "clock", 0));
		json_object_put(old);
		return true;
	}
	w->scenario = old;
	(void)(old && read_identities(w));
	json_object_put(o);
	return false;
}

bool scenario_load_file(struct world *w, const char *path, char *why, size_t why_size)
{
	const struct file_ask ask = { .path = path, .limit = SECRET_MAX - 1 };
	AUTO_SECRET text = { 0 };
	struct mitok_err e;

	if (file_read(AT_FDCWD, &ask, &text, &e)) {
		(void)snprintf(why, why_size, "%s", e.message);
		return false;
	}
	return scenario_load(w, secret_peek(&text), why, why_size);
}
