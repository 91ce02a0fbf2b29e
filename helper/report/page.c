/* The page's frame, the machine, and role assignments.
 * SPDX-License-Identifier: MIT */
#include "page.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"

void page_missing(struct page *p, const struct mitok_err *e)
{
	text_add(&p->out.text, "Not read: ");
	print_add_markdown(&p->out.text, e->message);
	text_add(&p->out.text, ".\n");
	if (e->hint[0] && text_starts(e->hint, "az ")) {
		text_addf(&p->out.text, "\n    %s\n", e->hint);
	} else if (e->hint[0]) {
		print_add_markdown(&p->out.text, e->hint);
		text_add(&p->out.text, ".\n");
	}
	text_add(&p->out.text, "\n");
	if (!p->first.code)
		p->first = *e;
}

void page_row(struct page *p, const char *name, const char *value)
{
	if (!value[0])
		return;
	text_addf(&p->out.text, "| %s | ", name);
	print_add_markdown(&p->out.text, value);
	text_add(&p->out.text, " |\n");
}

static const char *host_name(struct utsname *u)
{
	return uname(u) == 0 ? u->nodename : "";
}

void page_head(struct page *p)
{
	struct utsname u;
	char date[CLOCK_TEXT_SIZE];
	const char *name = p->self.machine.name[0] ? p->self.machine.name : host_name(&u);

	clock_format(clock_now().real_s, date);
	text_add(&p->out.text, "# Managed identity of ");
	print_add_markdown(&p->out.text, name);
	text_addf(&p->out.text, "\n\nWritten on %s by mi-token %s.\n\n", date,
		MI_TOKEN_VERSION);
}

void page_machine(struct page *p)
{
	const struct machine *m = &p->self.machine;
	struct utsname u;

	text_add(&p->out.text, "## Machine\n\n| | |\n| --- | --- |\n");
	page_row(p, "host name", host_name(&u));
	page_row(p, "name", m->name);
	page_row(p, "scale set", m->scale_set);
	page_row(p, "resource id", m->resource_id);
	page_row(p, "resource group", m->group);
	page_row(p, "subscription", m->subscription);
	page_row(p, "region", m->location);
	page_row(p, "zone", m->zone);
	page_row(p, "size", m->size);
	page_row(p, "cloud", m->cloud);
	page_row(p, "VM id", m->vm_id);
	text_add(&p->out.text, "\n");
	if (p->self.machine_err.code)
		page_missing(p, &p->self.machine_err);
	else if (p->has_token && !m->name[0])
		text_addf(&p->out.text,
			"Its tokens come from the source `%s`, which says nothing of the "
			"machine.\n\n",
			p->self.source);
}

/* What is beside the table, as mi-token roles tells it on stderr. */
static void add_gaps(struct page *p, const struct roles *r)
{
	struct mitok_err e = { 0 };

	for (size_t i = 0; i < r->place_count; i++) {
		if (r->places[i].err.code)
			page_missing(p, &r->places[i].err);
		else if (r->places[i].without_groups)
			text_addf(&p->out.text,
				"Roles that come through groups are not among those of "
				"%s: Azure does not tell.\n\n",
				r->places[i].scope);
	}
	if (r->roles_err.code && roles_failure(r, &e) && !p->first.code)
		page_missing(p, &e);
}

void page_roles(struct page *p)
{
	AUTO_ROLES r = { .c = p->c,
		.q = { .subscription = p->subscription },
		.progress = p->progress,
		.own = { p->self.machine.resource_id[0] ? p->self.machine.resource_id
							: NULL,
			p->self.resource_id[0] ? p->self.resource_id : NULL } };
	struct mitok_err e = { 0 };

	text_add(&p->out.text, "## Role assignments\n\n");
	if (!p->has_token) {
		text_add(&p->out.text, "Not asked for, without a token.\n\n");
		return;
	}
	memcpy(r.object_id, p->self.object_id, sizeof(r.object_id));
	if (roles_ask(&r, &e)) {
		page_missing(p, &e);
		return;
	}
	if (!r.gave_up) {
		print_markdown(&p->out, &r);
		text_add(&p->out.text, "\n");
	}
	add_gaps(p, &r);
}

void page_end(struct page *p)
{
	static const char *const commands[] = { "report", "roles", "doctor", "whoami" };
	AUTO_TEXT option = { 0 };

	if (p->c->identity && p->c->identity[0]) {
		text_add(&option, " --identity ");
		text_add_word(&option, p->c->identity);
	}
	text_add(&p->out.text, "## Again\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		text_addf(&p->out.text, "    mi-token %s%s\n", commands[i],
			text_peek(&option));
	text_add(&p->out.text, "    mi-token config\n");
}
