/* Role assignments of a machine's identity, or of everybody, and what is to be said of them.
 * SPDX-License-Identifier: MIT */
#include "roles.h"

#include <stdlib.h>
#include <string.h>

bool roles_is_own(const struct roles *r, const struct assignment *a)
{
	return !(r->q.all || r->q.scope || r->q.principal) ||
		text_equal_nocase(r->principals[a->principal].id, r->object_id);
}

enum mitok_code roles_ask(struct roles *r, struct mitok_err *e)
{
	enum mitok_code code = client_endpoint(r->c, "arm", r->arm, sizeof(r->arm), e);

	if (!code)
		code = roles_read(r, e);
	if (!code && r->assignment_count)
		code = roles_name(r, e);
	if (!code && r->assignment_count)
		code = roles_identify(r, e);
	if (!code)
		code = roles_judge(r, e);
	progress_end(r->progress);
	return code;
}

enum mitok_code roles_failure(const struct roles *r, struct mitok_err *e)
{
	size_t unread = 0;
	const struct mitok_err *first = NULL;

	for (size_t i = r->place_count; i; i--)
		if (r->places[i - 1].err.code) {
			first = &r->places[i - 1].err;
			unread++;
		}
	if (!first && r->roles_err.code) {
		*e = r->roles_err;
		return err_within(e, e->code,
			"%zu role assignments have a role whose "
			"definition cannot be read",
			r->unknown_roles);
	}
	if (!first)
		return MITOK_OK;
	if (r->place_count > 1)
		return err_set(e, first->code,
			"the result is not whole: %zu of %zu subscriptions could not be "
			"read",
			unread, r->place_count);
	*e = *first;
	return e->code;
}

void roles_free(struct roles *r)
{
	free(r->places);
	free(r->assignments);
	free(r->principals);
	free(r->roles);
	index_free(&r->by_id);
	index_free(&r->by_principal);
	index_free(&r->by_above);
	arena_free(&r->arena);
	*r = (struct roles){ 0 };
}

void roles_add_role(const struct assignment *a, struct text *ret)
{
	text_add(ret, a->role ? a->role->name : a->role_id);
}

/* A subscription's own name says more than its id. */
void roles_add_scope(const struct roles *r, const char *scope, struct text *ret)
{
	struct scope s;
	const char *name = NULL;

	if (!scope_read(scope, &s)) {
		text_add(ret, scope);
		return;
	}
	for (size_t i = 0; s.kind == SCOPE_SUBSCRIPTION && i < r->place_count; i++)
		if (text_equal_nocase(r->places[i].scope, scope))
			name = r->places[i].name;
	scope_format(&s, name, ret);
}

void roles_add_principal(
	const struct roles *r, const struct assignment *a, struct text *ret)
{
	const struct principal *p = &r->principals[a->principal];

	if (text_equal_nocase(p->id, r->object_id))
		text_add(ret, "this identity");
	else if (p->state == PRINCIPAL_ORPHANED)
		text_addf(ret, "%s (not found)", p->id);
	else
		text_add(ret, p->name[0] ? p->name : p->id);
}
