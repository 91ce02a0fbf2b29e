/* What findings are called, how bad they are, and what to do about them.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "roles.h"

const char *finding_name(enum finding f)
{
	static const char *const names[FINDINGS] = {
		[FINDING_ORPHANED] = "orphaned-principal",
		[FINDING_BROAD_SCOPE] = "broad-scope",
		[FINDING_OVER_PRIVILEGED] = "over-privileged-role",
		[FINDING_CONTROL_PLANE] = "control-plane-role",
		[FINDING_ON_ITSELF] = "assigned-on-itself",
		[FINDING_DUPLICATE] = "duplicate",
	};

	return names[f];
}

const char *severity_name(enum severity s)
{
	static const char *const names[SEVERITIES] = {
		[SEVERITY_LOW] = "low",
		[SEVERITY_MEDIUM] = "medium",
		[SEVERITY_HIGH] = "high",
	};

	return names[s];
}

static unsigned flags_of(const struct assignment *a)
{
	return a->role ? a->role->flags : 0;
}

static enum scope_kind kind_of(const struct assignment *a)
{
	struct scope s;

	return scope_read(a->scope, &s) ? s.kind : SCOPE_RESOURCE;
}

static enum severity lower(enum severity s, bool does)
{
	return does && s > SEVERITY_LOW ? s - 1 : s;
}

/* The wider, the worse; what only reads is less so. */
static enum severity of_scope(const struct assignment *a)
{
	static const enum severity by_kind[] = {
		[SCOPE_ROOT] = SEVERITY_HIGH,
		[SCOPE_MANAGEMENT_GROUP] = SEVERITY_HIGH,
		[SCOPE_SUBSCRIPTION] = SEVERITY_MEDIUM,
		[SCOPE_RESOURCE_GROUP] = SEVERITY_LOW,
		[SCOPE_RESOURCE] = SEVERITY_LOW,
	};

	return lower(by_kind[kind_of(a)], flags_of(a) & ROLE_READS);
}

/* A condition may take most of it back. */
static enum severity of_role(const struct assignment *a)
{
	enum severity s = SEVERITY_MEDIUM;

	if (flags_of(a) & ROLE_GRANTS ||
		(flags_of(a) & ROLE_ALL && kind_of(a) <= SCOPE_SUBSCRIPTION))
		s = SEVERITY_HIGH;
	return lower(s, a->condition[0] != '\0');
}

enum severity finding_severity(
	const struct roles *r, const struct assignment *a, enum finding f)
{
	(void)r;
	switch (f) {
	case FINDING_BROAD_SCOPE:
		return of_scope(a);
	case FINDING_OVER_PRIVILEGED:
		return of_role(a);
	case FINDING_ORPHANED:
	case FINDING_ON_ITSELF:
		return SEVERITY_MEDIUM;
	default:
		return SEVERITY_LOW;
	}
}

static const char *excess(const struct assignment *a)
{
	if (flags_of(a) & ROLE_ALL)
		return flags_of(a) & ROLE_GRANTS
			? "manages everything, and gives roles to anybody"
			: "manages everything";
	return flags_of(a) & ROLE_GRANTS ? "gives roles to anybody, itself included"
					 : "may do everything with the data";
}

void finding_message(const struct roles *r, const struct assignment *a, enum finding f,
	struct text *ret)
{
	roles_add_role(a, ret);
	text_add(ret, " at ");
	roles_add_scope(r, a->scope, ret);
	text_add(ret, ": ");
	switch (f) {
	case FINDING_ORPHANED:
		text_addf(ret, "the directory knows no %s any more",
			r->principals[a->principal].id);
		return;
	case FINDING_BROAD_SCOPE:
		text_add(ret, "it counts for everything below");
		return;
	case FINDING_OVER_PRIVILEGED:
		text_add(ret, excess(a));
		return;
	case FINDING_CONTROL_PLANE:
		text_add(ret, "it gets at no data there");
		return;
	case FINDING_ON_ITSELF:
		text_add(ret, "what code on it uses is not opened by that");
		return;
	default:
		text_add(ret, "it comes from ");
		roles_add_scope(r, a->above ? a->above : "/", ret);
		text_add(ret, " already");
	}
}

/* The least role that could do instead; false: that depends on what it is used for. */
static bool add_narrower(const struct assignment *a, struct text *ret)
{
	struct scope s = { 0 };
	bool known = scope_read(a->scope, &s);

	if (a->role && a->role->narrower)
		text_add(ret, a->role->narrower);
	else if (flags_of(a) & ROLE_ALL && known && s.service && s.service->least)
		text_add(ret, s.service->least);
	else
		return false;
	return true;
}

static void add_delete(const struct assignment *a, const char *before, struct text *ret)
{
	AUTO_TEXT id = { 0 };

	text_add_word(&id, a->id);
	text_add(ret, before);
	text_addf(ret, "az role assignment delete --ids %s", text_peek(&id));
}

static void add_role_cure(const struct assignment *a, struct text *ret)
{
	AUTO_TEXT narrower = { 0 };

	if (add_narrower(a, &narrower))
		text_addf(ret, "narrower: %s", text_peek(&narrower));
	else if (flags_of(a) & ROLE_ALL)
		text_add(ret,
			"narrower: Reader, or the role for the data it uses, at that "
			"resource");
	else if (flags_of(a) & ROLE_GRANTS)
		text_add(ret,
			"narrower: Role Based Access Control Administrator with a "
			"condition that names the roles it may give");
	else
		text_add(ret, "narrower: a role with the data actions it uses");
	add_delete(a, "\n", ret);
}

/* The kinds that az knows. */
static const char *type_for_az(const char *type)
{
	static const char *const types[] = { "User", "Group", "ForeignGroup" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (text_equal_nocase(type, types[i]))
			return types[i];
	return "ServicePrincipal";
}

/* Texts of the service may have anything in them that a shell takes for something. */
static void add_create(const struct roles *r, const struct assignment *a,
	const char *scope, struct text *ret)
{
	const struct principal *p = &r->principals[a->principal];
	AUTO_TEXT role = { 0 };

	text_add_word(&role, a->role ? a->role->name : a->role_id);
	text_addf(ret,
		"az role assignment create --assignee-object-id %s "
		"--assignee-principal-type %s --role %s --scope %s",
		text_is_guid(p->id) ? p->id : "OBJECT-ID", type_for_az(p->type),
		text_peek(&role), scope);
}

void finding_cure(const struct roles *r, const struct assignment *a, enum finding f,
	struct text *ret)
{
	struct scope s = { 0 };

	switch (f) {
	case FINDING_BROAD_SCOPE:
		add_create(r, a, "RESOURCE-ID", ret);
		add_delete(a, "\n", ret);
		return;
	case FINDING_OVER_PRIVILEGED:
		add_role_cure(a, ret);
		return;
	case FINDING_CONTROL_PLANE:
		(void)!scope_read(a->scope, &s);
		text_addf(ret, "if its data is meant: %s",
			s.service && s.service->least ? s.service->least
						      : "a role on its data");
		return;
	case FINDING_ON_ITSELF:
		add_create(r, a, "TARGET-ID", ret);
		add_delete(a, "\n", ret);
		return;
	case FINDING_DUPLICATE:
		if (a->above && scope_read(a->above, &s) && s.kind < SCOPE_RESOURCE)
			text_add(ret,
				"one of the two is enough: where this is, delete the "
				"broader one");
		else
			add_delete(a, "", ret);
		return;
	default:
		add_delete(a, "", ret);
	}
}
