/* What roles are that are not built in, or that few know (Azure Resource Manager, "Role
 * Definitions - List" and "- Get", 2022-04-01). SPDX-License-Identifier: MIT
 *
 * The list of all definitions has some 1 MB and is no use: most assignments have roles that
 * never change. So the custom ones are listed, and others that are in use are asked for. */
#include <stdlib.h>
#include <string.h>

#include "roles.h"

#define DEFINITIONS "/providers/Microsoft.Authorization/roleDefinitions"
#define VERSION     "api-version=2022-04-01"

static struct role *find(struct roles *r, const char *id)
{
	for (size_t i = 0; i < r->role_count; i++)
		if (text_equal_nocase(r->roles[i].id, id))
			return &r->roles[i];
	return NULL;
}

/* A row, without a name yet, for each role that has none. */
static enum mitok_code collect(struct roles *r, struct mitok_err *e)
{
	for (size_t i = 0; i < r->assignment_count; i++) {
		const struct assignment *a = &r->assignments[i];
		struct role *grown;

		if (a->role || find(r, a->role_id))
			continue;
		grown = realloc(r->roles, (r->role_count + 1) * sizeof(*grown));
		if (!grown)
			return err_memory(e);
		grown[r->role_count] = (struct role){ .id = a->role_id };
		r->roles = grown;
		r->role_count++;
	}
	return MITOK_OK;
}

static enum mitok_code take_one(
	struct roles *r, const struct json *definition, struct mitok_err *e)
{
	const char *id = json_text(json_member(definition, "name"));
	struct role *row = id ? find(r, id) : NULL, read;
	const char *name;

	if (!row || row->name ||
		!role_read(json_member(definition, "properties"), row->id, &read))
		return MITOK_OK;
	name = roles_keep(r, read.name);
	if (!name)
		return err_memory(e);
	*row = read;
	row->name = name;
	return MITOK_OK;
}

static enum mitok_code take_page(
	void *arg, const struct json *values, struct mitok_err *e)
{
	enum mitok_code code = MITOK_OK;

	for (const struct json *v = values->child; v && !code; v = v->next)
		code = take_one(arg, v, e);
	return code;
}

/* Some role that was met in this place has no name yet. */
static bool is_wanted_in(const struct roles *r, size_t place)
{
	for (size_t i = 0; i < r->assignment_count; i++) {
		const struct assignment *a = &r->assignments[i];
		struct role *row;

		if (a->role || a->read_in != place)
			continue;
		for (row = r->roles; !text_equal_nocase(row->id, a->role_id); row++)
			;
		if (!row->name)
			return true;
	}
	return false;
}

static void add_url(const struct roles *r, size_t place, struct text *ret)
{
	const char *scope = r->places[place].scope;

	text_add(ret, r->arm);
	scope_add_path(ret, scope);
	text_add(ret, &DEFINITIONS[strcmp(scope, "/") == 0]);
}

static enum mitok_code list_custom(struct roles *r, size_t place, struct mitok_err *e)
{
	struct client_request rq = { .resource = r->arm };
	AUTO_TEXT url = { 0 };

	add_url(r, place, &url);
	text_add(&url, "?" VERSION "&$filter=type%20eq%20%27CustomRole%27");
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = url.p;
	return client_each_page(r->c, &rq, take_page, r, e);
}

/* One definition, where it was met. */
static enum mitok_code ask_for(
	struct roles *r, size_t place, const char *id, struct mitok_err *e)
{
	struct client_request rq = { .method = "GET", .resource = r->arm };
	AUTO_TEXT url = { 0 };
	AUTO_JSON j = NULL;
	enum mitok_code code;

	if (!text_is_guid(id))
		return MITOK_OK;
	add_url(r, place, &url);
	text_addf(&url, "/%s?" VERSION, id);
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = url.p;
	code = client_json(r->c, &rq, &j, e);
	return code ? code : take_one(r, j, e);
}

/* What is gone has no definition: that is no failure of ours. */
static void remember(struct roles *r, enum mitok_code code, const struct mitok_err *e)
{
	if (code && e->http_status != 404 && !r->roles_err.code)
		r->roles_err = *e;
}

static void resolve(struct roles *r)
{
	for (size_t i = 0; i < r->assignment_count; i++) {
		struct assignment *a = &r->assignments[i];
		const struct role *row = a->role ? NULL : find(r, a->role_id);

		if (row && row->name)
			a->role = row;
		r->unknown_roles += !a->role;
	}
	if (!r->unknown_roles)
		r->roles_err = (struct mitok_err){ 0 };
}

enum mitok_code roles_name(struct roles *r, struct mitok_err *e)
{
	enum mitok_code code = collect(r, e);

	if (code)
		return code;
	for (size_t i = 0; r->role_count && i < r->place_count; i++) {
		struct mitok_err why = { 0 };

		if (is_wanted_in(r, i))
			remember(r, list_custom(r, i, &why), &why);
	}
	for (size_t i = 0; i < r->role_count; i++) {
		struct mitok_err why = { 0 };
		size_t n = 0;

		progress_tell(
			r->progress, "role definition %zu of %zu", i + 1, r->role_count);
		while (!r->roles[i].name && n < r->assignment_count &&
			!text_equal_nocase(r->assignments[n].role_id, r->roles[i].id))
			n++;
		if (!r->roles[i].name && n < r->assignment_count)
			remember(r,
				ask_for(r, r->assignments[n].read_in, r->roles[i].id,
					&why),
				&why);
	}
	resolve(r);
	return MITOK_OK;
}
