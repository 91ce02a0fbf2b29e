/* Role assignments and findings as JSON; mi-token-roles(1) describes the members.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "print.h"

/* ,"name": "value", or null where there is none. */
static void add_member(struct text *t, const char *name, const char *value)
{
	text_addf(t, ", \"%s\": ", name);
	if (value && *value)
		text_add_json(t, value);
	else
		text_add(t, "null");
}

static void add_bool(struct text *t, const char *name, bool value)
{
	text_addf(t, ", \"%s\": %s", name, value ? "true" : "false");
}

static void add_finding(
	const struct roles *r, const struct assignment *a, enum finding f, struct text *t)
{
	AUTO_TEXT message = { 0 }, cure = { 0 };

	finding_message(r, a, f, &message);
	finding_cure(r, a, f, &cure);
	text_addf(t, "{\"finding\": \"%s\", \"severity\": \"%s\"", finding_name(f),
		severity_name(finding_severity(r, a, f)));
	add_member(t, "message", text_peek(&message));
	add_member(t, "cure", text_peek(&cure));
	text_add(t, "}");
}

static const char *state_name(enum principal_state state)
{
	static const char *const names[] = {
		[PRINCIPAL_UNKNOWN] = "unknown",
		[PRINCIPAL_EXISTS] = "exists",
		[PRINCIPAL_ORPHANED] = "orphaned",
	};

	return names[state];
}

static void add_assignment(
	const struct roles *r, const struct assignment *a, struct text *t)
{
	const struct principal *p = &r->principals[a->principal];
	const char *comma = "";
	struct scope s;
	bool known = scope_read(a->scope, &s);

	text_add(t, "    {\"id\": ");
	text_add_json(t, a->id);
	add_member(t, "role", a->role ? a->role->name : NULL);
	add_member(t, "role_id", a->role_id);
	text_add(t, ", \"custom\": ");
	text_add(t, !a->role ? "null" : a->role->is_custom ? "true" : "false");
	add_member(t, "scope", a->scope);
	add_member(t, "scope_kind", known ? scope_kind_name(s.kind) : "unknown");
	add_member(t, "condition", a->condition);
	add_bool(t, "inherited", a->is_inherited);
	add_member(t, "principal_id", p->id);
	add_member(t, "principal_type", p->type);
	add_member(t, "principal_name", p->name);
	add_member(t, "principal_state", state_name(p->state));
	add_member(t, "created", a->created);
	text_add(t, ", \"findings\": [");
	for (unsigned f = 0; f < FINDINGS; f++) {
		if (!(a->findings & 1u << f))
			continue;
		text_add(t, comma);
		add_finding(r, a, f, t);
		comma = ", ";
	}
	text_add(t, "]}");
}

static void add_unread(const struct roles *r, struct text *t)
{
	const char *comma = "";

	text_add(t, "  \"unread\": [");
	for (size_t i = 0; i < r->place_count; i++) {
		const struct mitok_err *e = &r->places[i].err;

		if (!e->code)
			continue;
		text_addf(t, "%s\n    {\"scope\": ", comma);
		text_add_json(t, r->places[i].scope);
		add_member(t, "code", mitok_code_name(e->code));
		add_member(t, "message", e->message);
		add_member(t, "cure", e->hint);
		text_add(t, "}");
		comma = ",";
	}
	text_add(t, *comma ? "\n  ],\n" : "],\n");
}

static bool has_groups(const struct roles *r)
{
	for (size_t i = 0; i < r->place_count; i++)
		if (r->places[i].without_groups)
			return false;
	return true;
}

void print_json(struct print *p, const struct roles *r)
{
	static const char *const directory[] = {
		[DIRECTORY_NOT_ASKED] = "not-asked",
		[DIRECTORY_ANSWERED] = "answered",
		[DIRECTORY_REFUSED] = "refused",
	};
	struct mitok_err e;

	text_add(&p->text, "{\n  \"object_id\": ");
	text_add_json(&p->text, r->object_id);
	text_addf(&p->text,
		",\n  \"complete\": %s,\n  \"groups\": %s,\n  \"directory\": \"%s\",\n",
		roles_failure(r, &e) ? "false" : "true", has_groups(r) ? "true" : "false",
		directory[r->directory]);
	add_unread(r, &p->text);
	text_add(&p->text, "  \"assignments\": [");
	for (size_t i = 0; i < r->assignment_count; i++) {
		text_add(&p->text, i ? ",\n" : "\n");
		add_assignment(r, &r->assignments[i], &p->text);
		print_flush(p);
	}
	text_add(&p->text, r->assignment_count ? "\n  ],\n" : "],\n");
	text_add(&p->text, "  \"findings\": {");
	for (unsigned f = 0; f < FINDINGS; f++)
		text_addf(&p->text, "%s\"%s\": %zu", f ? ", " : "", finding_name(f),
			r->found[f]);
	text_add(&p->text, "}\n}\n");
}
