/* Which role assignments there are (Azure Resource Manager, "Role Assignments - List For
 * Scope", 2022-04-01; "Subscriptions - List", 2022-12-01). SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "roles.h"

#define ASSIGNMENTS \
	"/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"

/* A command that is cut off is another command. */
#define HINT_SCOPE_MAX 320

/* What is read at the moment. */
struct reading {
	struct roles *r;
	unsigned place;
};

/* Room for one row more; arrays have room for a power of two of them. */
static bool make_room(void **array, size_t count, size_t size)
{
	size_t room = count < 32 ? 32 : 2 * count;
	void *p;

	if (count && (count < 32 || count & (count - 1)))
		return true;
	p = realloc(*array, room * size);
	if (p)
		*array = p;
	return p != NULL;
}

const char *roles_keep(struct roles *r, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	char *p = arena_take(&r->arena, len + 1);

	if (!p)
		return NULL;
	if (text)
		memcpy(p, text, len);
	for (char *at = p; *at; at++)
		if (strchr("\t\n\v\f\r", *at))
			*at = ' ';
	text_clean(p);
	return p;
}

static enum mitok_code add_place(
	struct roles *r, const char *scope, const char *name, struct mitok_err *e)
{
	const char *kept = roles_keep(r, scope), *kept_name = roles_keep(r, name);

	if (!kept || !kept_name ||
		!make_room((void **)&r->places, r->place_count, sizeof(*r->places)))
		return err_memory(e);
	r->places[r->place_count++] = (struct place){ .scope = kept, .name = kept_name };
	return MITOK_OK;
}

/* A subscription's description. */
static bool is_foreign(const struct roles *r, const struct json *subscription)
{
	const char *tenant = json_text(json_member(subscription, "tenantId"));

	return r->tenant_id[0] && tenant && !text_equal_nocase(tenant, r->tenant_id);
}

/* A page of subscriptions; of deleted ones nothing can be read. */
static enum mitok_code take_subscriptions(
	void *arg, const struct json *values, struct mitok_err *e)
{
	struct roles *r = arg;

	for (const struct json *v = values->child; v; v = v->next) {
		const char *id = json_text(json_member(v, "subscriptionId"));
		const char *state = json_text(json_member(v, "state"));
		AUTO_TEXT scope = { 0 };
		enum mitok_code code;

		if (!id || (state && text_equal_nocase(state, "Deleted")))
			continue;
		text_addf(&scope, "/subscriptions/%s", id);
		if (!text_ok(&scope))
			return err_memory(e);
		code = add_place(r, scope.p, json_text(json_member(v, "displayName")), e);
		if (code)
			return code;
		r->places[r->place_count - 1].is_foreign = is_foreign(r, v);
	}
	return MITOK_OK;
}

/* Whose the only place is, where the directory will be asked for principals: one of another
 * tenant does not know them, and they would pass for orphans. */
static enum mitok_code find_tenant(struct roles *r, struct mitok_err *e)
{
	struct client_request rq = { .method = "GET", .resource = r->arm };
	struct mitok_err why = { 0 };
	struct scope s;
	AUTO_TEXT url = { 0 };
	AUTO_JSON j = NULL;
	enum mitok_code code;

	if (!(r->q.all || r->q.scope || r->q.principal) || !r->tenant_id[0] ||
		!scope_read(r->places[0].scope, &s) || !s.subscription[0])
		return MITOK_OK;
	text_addf(&url, "%ssubscriptions/", r->arm);
	text_add_url(&url, s.subscription);
	text_add(&url, "?api-version=2022-12-01");
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = url.p;
	code = client_json(r->c, &rq, &j, &why);
	r->places[0].is_foreign = code || is_foreign(r, j);
	return code == MITOK_E_BUG ? err_memory(e) : MITOK_OK;
}

/* The subscription of the machine or its identity, for the line that would mend it. */
static void add_own_subscription(const struct roles *r, struct text *ret)
{
	struct scope s = { 0 };

	for (size_t i = 0; i < 2 && !s.subscription[0]; i++)
		if (r->own[i] && !scope_read(r->own[i], &s))
			s.subscription[0] = '\0';
	text_addf(ret, "/subscriptions/%s",
		s.subscription[0] ? s.subscription : "SUBSCRIPTION-ID");
}

/* The line that would let it read. A scope that has no room in it is in the message. */
static enum mitok_code hint_reader(const struct roles *r, const char *scope,
	enum mitok_code code, struct mitok_err *e)
{
	AUTO_TEXT word = { 0 };

	text_add_word(&word, scope);
	return err_hint(e, code,
		"az role assignment create --assignee-object-id %s "
		"--assignee-principal-type ServicePrincipal --role Reader --scope %s",
		r->object_id, word.len && word.len < HINT_SCOPE_MAX ? word.p : "SCOPE");
}

static enum mitok_code list_subscriptions(struct roles *r, struct mitok_err *e)
{
	AUTO_TEXT url = { 0 }, scope = { 0 };
	struct client_request rq = { .resource = r->arm };
	enum mitok_code code;

	text_addf(&url, "%ssubscriptions?api-version=2022-12-01", r->arm);
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = url.p;
	code = client_each_page(r->c, &rq, take_subscriptions, r, e);
	if (code)
		return err_within(e, code, "the list of subscriptions");
	if (r->place_count)
		return MITOK_OK;
	(void)err_set(e, MITOK_E_DENIED,
		"the identity %s sees no subscription: it has no role in any, or none "
		"but on data",
		r->object_id);
	add_own_subscription(r, &scope);
	return hint_reader(r, text_peek(&scope), MITOK_E_DENIED, e);
}

static enum mitok_code find_places(struct roles *r, struct mitok_err *e)
{
	AUTO_TEXT scope = { 0 };
	enum mitok_code code;

	if (!r->q.scope && !r->q.subscription)
		return list_subscriptions(r, e);
	if (r->q.scope)
		text_add(&scope, r->q.scope);
	else
		text_addf(&scope, "/subscriptions/%s", r->q.subscription);
	if (!text_ok(&scope))
		return err_memory(e);
	code = add_place(r, scope.p, NULL, e);
	return code ? code : find_tenant(r, e);
}

/* The principal's number, a new one when it was not met before. */
static bool find_principal(
	struct roles *r, const char *id, const char *type, unsigned *ret)
{
	uint64_t hash = index_hash(INDEX_START, id, strlen(id));
	size_t at = 0, row;
	struct principal p = { .name = "" };

	while (index_next(&r->by_principal, hash, &at, &row))
		if (text_equal_nocase(r->principals[row].id, id)) {
			*ret = (unsigned)row;
			return true;
		}
	p.id = roles_keep(r, id);
	p.type = roles_keep(r, type);
	row = r->principal_count;
	if (!p.id || !p.type ||
		!make_room((void **)&r->principals, row, sizeof(*r->principals)) ||
		!index_add(&r->by_principal, hash, row))
		return false;
	r->principals[r->principal_count++] = p;
	*ret = (unsigned)row;
	return true;
}

/* Assignments of management groups are met in each of their subscriptions. */
static bool is_known(const struct roles *r, const char *id, uint64_t hash, size_t *ret)
{
	size_t at = 0;

	while (index_next(&r->by_id, hash, &at, ret))
		if (text_equal_nocase(r->assignments[*ret].id, id))
			return true;
	return false;
}

/* What comes from above the place that is read, so that judges find it. */
static bool note_above(struct roles *r, unsigned place, size_t row)
{
	const struct assignment *a = &r->assignments[row];

	return scope_contains(r->places[place].scope, a->scope) ||
		index_add(&r->by_above, roles_hash_above(a, place), row);
}

static enum mitok_code store(
	struct roles *r, struct assignment *a, uint64_t hash, struct mitok_err *e)
{
	size_t row = r->assignment_count;

	if (!a->id || !a->scope || !a->condition || !a->created || !a->role_id ||
		!make_room((void **)&r->assignments, row, sizeof(*r->assignments)) ||
		!index_add(&r->by_id, hash, row))
		return err_memory(e);
	a->role = role_built_in(a->role_id);
	a->is_inherited = !scope_contains(r->places[a->read_in].scope, a->scope);
	r->assignments[r->assignment_count++] = *a;
	return note_above(r, a->read_in, row) ? MITOK_OK : err_memory(e);
}

static void note_owner(const struct reading *x, unsigned principal)
{
	x->r->principals[principal].is_ours |= !x->r->places[x->place].is_foreign;
}

/* One that is not understood is no reason to leave it out in silence. */
static enum mitok_code take_one(
	const struct reading *x, const struct json *v, struct mitok_err *e)
{
	const struct json *p = json_member(v, "properties");
	const char *id = json_text(json_member(v, "id"));
	const char *scope = json_text(json_member(p, "scope"));
	const char *role = json_text(json_member(p, "roleDefinitionId"));
	const char *principal = json_text(json_member(p, "principalId"));
	const char *slash = role ? strrchr(role, '/') : NULL;
	struct assignment a = { .read_in = x->place };
	uint64_t hash;
	size_t row;

	if (!id || !scope || !principal || !slash)
		return err_set(e, MITOK_E_REPLY,
			"a role assignment without id, scope, role or principal");
	hash = index_hash(INDEX_START, id, strlen(id));
	if (is_known(x->r, id, hash, &row)) {
		note_owner(x, x->r->assignments[row].principal);
		return note_above(x->r, x->place, row) ? MITOK_OK : err_memory(e);
	}
	if (!find_principal(x->r, principal, json_text(json_member(p, "principalType")),
		    &a.principal))
		return err_memory(e);
	note_owner(x, a.principal);
	a.id = roles_keep(x->r, id);
	a.scope = roles_keep(x->r, *scope ? scope : "/");
	a.role_id = roles_keep(x->r, slash + 1);
	a.condition = roles_keep(x->r, json_text(json_member(p, "condition")));
	a.created = roles_keep(x->r, json_text(json_member(p, "createdOn")));
	return store(x->r, &a, hash, e);
}

static enum mitok_code take_assignments(
	void *arg, const struct json *values, struct mitok_err *e)
{
	const struct reading *x = arg;
	const struct roles *r = x->r;
	enum mitok_code code = MITOK_OK;

	for (const struct json *v = values->child; v && !code; v = v->next)
		code = take_one(x, v, e);
	progress_tell(r->progress, "role assignments: %zu, scope %u of %zu",
		r->assignment_count, x->place + 1, r->place_count);
	return code;
}

static enum mitok_code read_with(
	struct roles *r, unsigned place, const char *filter, struct mitok_err *e)
{
	struct reading x = { r, place };
	struct client_request rq = { .resource = r->arm };
	AUTO_TEXT url = { 0 };

	text_add(&url, r->arm);
	scope_add_path(&url, r->places[place].scope);
	text_add(&url, &ASSIGNMENTS[strcmp(r->places[place].scope, "/") == 0]);
	if (filter) {
		text_add(&url, "&$filter=");
		text_add_url(&url, filter);
	}
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = url.p;
	return client_each_page(r->c, &rq, take_assignments, &x, e);
}

/* With those of groups, where the service can tell; it cannot for groups themselves. */
static enum mitok_code read_of_principal(
	struct roles *r, unsigned place, struct mitok_err *e)
{
	const char *id = r->q.principal ? r->q.principal : r->object_id;
	AUTO_TEXT filter = { 0 };
	enum mitok_code code;

	text_addf(&filter, "assignedTo('%s')", id);
	code = read_with(r, place, text_peek(&filter), e);
	/* Without a role that reads assignments the other filter is refused, too. */
	if (code != MITOK_E_DENIED || !e || !e->http_status || e->http_status == 404 ||
		text_starts(e->message, "(AuthorizationFailed)"))
		return code;
	text_free(&filter);
	text_addf(&filter, "principalId eq '%s'", id);
	code = read_with(r, place, text_peek(&filter), e);
	r->places[place].without_groups = !code;
	return code;
}

static enum mitok_code read_place(struct roles *r, unsigned place, struct mitok_err *e)
{
	if (r->q.scope)
		return read_with(r, place, "atScope()", e);
	return r->q.all ? read_with(r, place, NULL, e) : read_of_principal(r, place, e);
}

enum mitok_code roles_read(struct roles *r, struct mitok_err *e)
{
	enum mitok_code code = find_places(r, e);
	size_t refused = 0;

	for (unsigned i = 0; !code && i < r->place_count; i++) {
		struct place *at = &r->places[i];
		struct mitok_err why = { 0 };

		code = read_place(r, i, &why);
		if (code == MITOK_E_BUG || code == MITOK_E_CONF ||
			code == MITOK_E_NOIDENTITY) {
			*e = why;
			return code;
		}
		if (code == MITOK_E_DENIED)
			(void)hint_reader(r, at->scope, code, &why);
		at->err = why;
		at->err.code = code;
		if (code)
			(void)err_within(&at->err, code, "%s", at->scope);
		refused += code != MITOK_OK;
		code = MITOK_OK;
	}
	r->gave_up = !code && refused == r->place_count && !r->assignment_count;
	return code;
}
