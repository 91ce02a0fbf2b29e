/* The identity: what the token says, what the configuration names, and what name and tags of
 * its resource tell. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "page.h"

bool page_read_name(const char *name, char *ret_app, char *ret_env)
{
	static const char end[] = "-identity";
	size_t len = strlen(name), env = 0;

	if (len >= PAGE_NAME_SIZE || !text_ends_nocase(name, end))
		return false;
	len -= strlen(end);
	while (env < len && name[len - env - 1] != '-')
		env++;
	if (!env || env + 1 >= len)
		return false;
	(void)snprintf(ret_app, PAGE_NAME_SIZE, "%.*s", (int)(len - env - 1), name);
	(void)snprintf(ret_env, PAGE_NAME_SIZE, "%.*s", (int)env, name + len - env);
	return true;
}

/* Without what people put between words. */
static bool is_word(const char *tag, const char *word)
{
	for (; *tag; tag++) {
		if (strchr("-_ .", *tag))
			continue;
		if (text_lower(*tag) != *word)
			return false;
		word++;
	}
	return !*word;
}

const char *page_tag_kind(const char *tag)
{
	static const struct {
		const char *word, *kind;
	} rows[] = {
		{ "owner", "owner" },
		{ "team", "owner" },
		{ "contact", "owner" },
		{ "ownerteam", "owner" },
		{ "application", "application" },
		{ "app", "application" },
		{ "appname", "application" },
		{ "applicationname", "application" },
		{ "service", "application" },
		{ "workload", "application" },
		{ "costcenter", "cost centre" },
		{ "costcentre", "cost centre" },
		{ "environment", "environment" },
		{ "env", "environment" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (is_word(tag, rows[i].word))
			return rows[i].kind;
	return NULL;
}

static void add_tags(struct page *p, const struct json *tags)
{
	static const char *const kinds[] = { "owner", "application", "environment",
		"cost centre" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		AUTO_TEXT row = { 0 }, found = { 0 };
		const struct json *t = tags ? tags->child : NULL;

		for (; t; t = t->next) {
			const char *name = secret_peek(&t->name);
			const char *kind = page_tag_kind(name);

			if (kind && strcmp(kind, kinds[i]) == 0)
				text_addf(&found, "%s%s = %s", found.len ? ", " : "",
					name, json_text(t) ? json_text(t) : "");
		}
		text_addf(&row, "tag: %s", kinds[i]);
		if (!found.len && strcmp(kinds[i], "environment") != 0)
			text_add(&found, "none");
		if (found.len && found.p)
			text_clean(found.p);
		page_row(p, text_peek(&row), text_peek(&found));
	}
}

/* Azure Resource Manager, "Tags - Get At Scope", 2021-04-01, which every resource has. */
static enum mitok_code read_tags(struct page *p, struct json **ret, struct mitok_err *e)
{
	char arm[128];
	AUTO_TEXT url = { 0 };
	struct client_request rq = { .method = "GET", .resource = arm };
	enum mitok_code r = client_endpoint(p->c, "arm", arm, sizeof(arm), e);

	if (r)
		return r;
	text_add(&url, arm);
	scope_add_path(&url, p->self.resource_id);
	text_add(&url,
		"/providers/Microsoft.Resources/tags/default?api-version=2021-04-01");
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = url.p;
	return client_json(p->c, &rq, ret, e);
}

static void add_name(struct page *p)
{
	struct scope s;
	char app[PAGE_NAME_SIZE], env[PAGE_NAME_SIZE];
	AUTO_TEXT t = { 0 };

	if (!scope_read(p->self.resource_id, &s))
		return;
	if (page_read_name(s.name, app, env))
		text_addf(&t, "%s: application %s, environment %s", s.name, app, env);
	else
		text_addf(&t, "%s: not of the form {app}-{env}-identity", s.name);
	page_row(p, "name", text_peek(&t));
}

/* The resource itself: a user-assigned identity is one, a system-assigned one has its
 * machine's. */
static void add_resource(struct page *p)
{
	struct mitok_err e = { 0 };
	AUTO_JSON j = NULL;
	AUTO_TEXT word = { 0 };
	enum mitok_code r = MITOK_OK;

	if (p->self.resource_id[0])
		r = read_tags(p, &j, &e);
	if (j)
		add_tags(p, json_member(json_member(j, "properties"), "tags"));
	text_add(&p->out.text, "\n");
	if (!p->self.resource_id[0])
		text_add(&p->out.text,
			"The token does not name its resource: name and tags are not "
			"known.\n\n");
	if (!r)
		return;
	text_add_word(&word, p->self.resource_id);
	if (e.http_status == 403)
		(void)err_hint(&e, r,
			"az role assignment create --assignee-object-id %s "
			"--assignee-principal-type ServicePrincipal --role Reader "
			"--scope %s",
			p->self.object_id,
			word.len < 320 ? text_peek(&word) : "IDENTITY-ID");
	(void)err_within(&e, r, "the tags of the identity");
	page_missing(p, &e);
}

/* What differs from the defaults. */
static void add_setting(void *arg, const char *key, const char *value, const char *origin)
{
	struct page *p = arg;

	if (strcmp(origin, "default") == 0 ||
		!(text_starts(key, "identit") || text_starts(key, "source") ||
			text_starts(key, "rules") || text_starts(key, "cloud")))
		return;
	text_add(&p->out.text, "| ");
	print_add_markdown(&p->out.text, key);
	text_add(&p->out.text, " | ");
	print_add_markdown(&p->out.text, value);
	text_add(&p->out.text, " | ");
	print_add_markdown(&p->out.text, origin);
	text_add(&p->out.text, " |\n");
}

static void add_settings(struct page *p)
{
	size_t before;
	struct mitok_err e = { 0 };

	text_add(&p->out.text, "### Configuration\n\n");
	text_add(&p->out.text, "| key | value | set by |\n| --- | --- | --- |\n");
	before = p->out.text.len;
	if (mitok_config_each(p->c->m, add_setting, p, &e)) {
		text_add(&p->out.text, "\n");
		page_missing(p, &e);
		return;
	}
	if (p->out.text.len == before)
		text_add(&p->out.text, "| | all as by default | |\n");
	text_add(&p->out.text, "\n");
}

void page_identity(struct page *p, const struct mitok_err *why)
{
	const struct self *s = &p->self;
	bool user = strcasestr(s->resource_id, "/userAssignedIdentities/") != NULL;

	text_add(&p->out.text, "## Identity\n\n");
	if (p->has_token) {
		text_add(&p->out.text, "| | |\n| --- | --- |\n");
		page_row(p, "kind",
			!s->resource_id[0] ? "not told"
				: user     ? "user-assigned"
					   : "system-assigned: it ends with its machine");
		page_row(p, "client id", s->client_id);
		page_row(p, "object id", s->object_id);
		page_row(p, "tenant", s->tenant_id);
		page_row(p, "resource id", s->resource_id);
		page_row(p, "source", s->source);
		add_name(p);
		add_resource(p);
	} else {
		page_missing(p, why);
	}
	print_flush(&p->out);
	add_settings(p);
}
