/* What is to be said of role assignments: each is looked at alone and beside those of the same
 * principal. SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "roles.h"

/* What a judge looks up. */
struct court {
	struct roles *r;
	struct index by_scope;  /* principal, role and scope */
	struct index by_data;   /* principal and scope of roles on data */
	struct index over_data; /* principal, and each scope above such a role */
};

static void court_free(struct court *c)
{
	index_free(&c->by_scope);
	index_free(&c->by_data);
	index_free(&c->over_data);
}

static uint64_t hash_number(uint64_t from, unsigned n)
{
	return index_hash(from, (const char *)&n, sizeof(n));
}

uint64_t roles_hash_above(const struct assignment *a, unsigned place)
{
	uint64_t hash = hash_number(hash_number(INDEX_START, a->principal), place);

	return index_hash(hash, a->role_id, strlen(a->role_id));
}

static uint64_t hash_scope(const struct assignment *a, const char *scope, size_t len)
{
	uint64_t hash = hash_number(INDEX_START, a->principal);

	hash = index_hash(hash, a->role_id, strlen(a->role_id));
	return index_hash(hash, scope, len);
}

static uint64_t hash_data(const struct assignment *a, const char *scope, size_t len)
{
	return index_hash(hash_number(INDEX_START, a->principal), scope, len);
}

static bool has(const struct assignment *a, unsigned flags)
{
	return a->role && (a->role->flags & flags);
}

/* The next scope above, as a length; 0 after the last. */
static size_t next_above(const char *scope, size_t len)
{
	while (len && scope[len - 1] != '/')
		len--;
	return len ? len - 1 : 0;
}

/* Notes that a lies below these scopes; where another of the principal does, all that is
 * above is noted, too. */
static bool note_over(struct court *c, const struct assignment *a, size_t row)
{
	for (size_t len = strlen(a->scope); len; len = next_above(a->scope, len)) {
		uint64_t hash = hash_data(a, a->scope, len);
		size_t at = 0, other;

		while (index_next(&c->over_data, hash, &at, &other)) {
			const struct assignment *b = &c->r->assignments[other];

			if (b->principal == a->principal &&
				strncasecmp(a->scope, b->scope, len) == 0)
				return true;
		}
		if (!index_add(&c->over_data, hash, row))
			return false;
	}
	return true;
}

static bool register_one(struct court *c, size_t row)
{
	const struct assignment *a = &c->r->assignments[row];
	size_t len = strlen(a->scope);

	if (!index_add(&c->by_scope, hash_scope(a, a->scope, len), row))
		return false;
	if (!has(a, ROLE_DATA))
		return true;
	return index_add(&c->by_data, hash_data(a, a->scope, len), row) &&
		note_over(c, a, row);
}

static bool is_at(const struct assignment *a, const char *scope, size_t len)
{
	return text_starts_nocase(scope, a->scope) && strlen(a->scope) == len;
}

static bool is_same_role(const struct assignment *a, const struct assignment *b)
{
	return a != b && a->principal == b->principal &&
		text_equal_nocase(a->role_id, b->role_id) &&
		(!a->condition[0] || strcmp(a->condition, b->condition) == 0);
}

/* An assignment of the same role to the same principal at this very scope, with no condition
 * that b has not; NULL: there is none. */
static const struct assignment *find_same(
	const struct court *c, const struct assignment *b, const char *scope, size_t len)
{
	uint64_t hash = hash_scope(b, scope, len);
	size_t at = 0, row;

	while (index_next(&c->by_scope, hash, &at, &row)) {
		const struct assignment *a = &c->r->assignments[row];

		if (is_at(a, scope, len) && is_same_role(a, b))
			return a;
	}
	return NULL;
}

/* Which management groups are above a subscription its id does not say. */
static const struct assignment *find_inherited(
	const struct court *c, const struct assignment *b)
{
	uint64_t hash = roles_hash_above(b, b->read_in);
	size_t at = 0, row;

	while (!b->is_inherited && index_next(&c->r->by_above, hash, &at, &row))
		if (is_same_role(&c->r->assignments[row], b))
			return &c->r->assignments[row];
	return NULL;
}

static bool is_duplicate(const struct court *c, struct assignment *b)
{
	const struct assignment *a = find_inherited(c, b);
	size_t len = next_above(b->scope, strlen(b->scope));

	if (!a && strcmp(b->scope, "/") != 0)
		a = find_same(c, b, "/", 1);
	for (; !a && len; len = next_above(b->scope, len))
		a = find_same(c, b, b->scope, len);
	b->above = a ? a->scope : NULL;
	return a != NULL;
}

/* The same principal may do something with the data of this scope, with all or some of it. */
static bool has_data_role(const struct court *c, const struct assignment *b)
{
	size_t len = strlen(b->scope), at = 0, row;
	uint64_t hash = hash_data(b, b->scope, len);

	while (index_next(&c->over_data, hash, &at, &row))
		if (c->r->assignments[row].principal == b->principal &&
			scope_contains(b->scope, c->r->assignments[row].scope))
			return true;
	for (; len; len = next_above(b->scope, len)) {
		hash = hash_data(b, b->scope, len);
		at = 0;
		while (index_next(&c->by_data, hash, &at, &row)) {
			const struct assignment *a = &c->r->assignments[row];

			if (a->principal == b->principal && is_at(a, b->scope, len))
				return true;
		}
	}
	return false;
}

static bool is_program(const struct roles *r, const struct assignment *a)
{
	return text_equal_nocase(r->principals[a->principal].type, "ServicePrincipal");
}

/* To read role assignments takes a role such as Reader at the subscription: that one is no
 * finding when it is ours. */
static bool is_broad(
	const struct roles *r, const struct assignment *a, const struct scope *s)
{
	if (s->kind >= SCOPE_RESOURCE)
		return false;
	return !(has(a, ROLE_READS) && roles_is_own(r, a) &&
		s->kind >= SCOPE_SUBSCRIPTION);
}

static bool is_control_plane(
	const struct court *c, const struct assignment *a, const struct scope *s)
{
	return s->kind == SCOPE_RESOURCE && s->service && s->service->has_plane &&
		is_program(c->r, a) && has(a, ROLE_ALL | ROLE_READS | ROLE_CONTROL) &&
		!has(a, ROLE_DATA) && !has_data_role(c, a);
}

/* Roles on machines are for those who log in, start or manage them, and roles on identities
 * for those who attach them. */
static bool is_on_itself(
	const struct roles *r, const struct assignment *a, const struct scope *s)
{
	if (!a->role || has(a, ROLE_LOGIN) ||
		text_starts_nocase(a->role->name, "Virtual Machine") ||
		text_starts_nocase(a->role->name, "Managed Identity"))
		return false;
	for (size_t i = 0; i < 2 && roles_is_own(r, a); i++)
		if (r->own[i] && text_equal_nocase(r->own[i], a->scope))
			return true;
	return s->service && s->service->is_machine && has(a, ROLE_DATA) &&
		is_program(r, a);
}

static void add(struct roles *r, struct assignment *a, enum finding f)
{
	a->findings |= 1u << f;
	r->found[f]++;
	r->by_severity[finding_severity(r, a, f)]++;
}

static void judge_one(struct court *c, struct assignment *a)
{
	struct roles *r = c->r;
	struct scope s;

	if (!scope_read(a->scope, &s))
		s = (struct scope){ .kind = SCOPE_RESOURCE };
	/* Nobody has it: there is no more to be said. */
	if (r->principals[a->principal].state == PRINCIPAL_ORPHANED) {
		add(r, a, FINDING_ORPHANED);
		return;
	}
	if (is_broad(r, a, &s))
		add(r, a, FINDING_BROAD_SCOPE);
	if (has(a, ROLE_ALL | ROLE_GRANTS | ROLE_DATA_WILD))
		add(r, a, FINDING_OVER_PRIVILEGED);
	if (is_control_plane(c, a, &s))
		add(r, a, FINDING_CONTROL_PLANE);
	if (is_on_itself(r, a, &s))
		add(r, a, FINDING_ON_ITSELF);
	if (is_duplicate(c, a))
		add(r, a, FINDING_DUPLICATE);
}

enum mitok_code roles_judge(struct roles *r, struct mitok_err *e)
{
	__attribute__((cleanup(court_free))) struct court c = { .r = r };

	for (size_t i = 0; i < r->assignment_count; i++)
		if (!register_one(&c, i))
			return err_memory(e);
	for (size_t i = 0; i < r->assignment_count; i++)
		judge_one(&c, &r->assignments[i]);
	return MITOK_OK;
}
