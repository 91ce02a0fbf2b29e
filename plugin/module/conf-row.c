/* Identities and rules: lists of rows with texts in them.
 * SPDX-License-Identifier: MIT */
#include "module/conf-merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "io/conf_selector.h"

static void done_identity(struct conf_identity **i)
{
	conf_identity_free(*i);
}

static void done_rule(struct conf_rule **r)
{
	conf_rule_free(*r);
}

/* The next member of the same group, or of none; NULL: that was the last. */
static const struct conf_member *next_member(const struct conf_member *m)
{
	return m[1].name && m[1].group == m->group ? m + 1 : NULL;
}

/* The first member of that group; NULL: the row has no such group. */
static const struct conf_member *find_group(
	const struct conf_member *members, const char *name)
{
	for (; members->name; members++)
		if (members->group && strcmp(members->group, name) == 0)
			return members;
	return NULL;
}

/* One text of a row, by its name. ret_found false: the row has no such member. */
static enum mitok_code set_member(const struct merge *m, const config_setting_t *s,
	const struct conf_member *members, void *row, bool *ret_found)
{
	const char *text = NULL;
	enum mitok_code r;

	for (; members; members = next_member(members)) {
		char **place = conf_text_at(row, members->place);

		if (strcmp(conf_member_name(members), config_setting_name(s)) != 0)
			continue;
		*ret_found = true;
		r = merge_text(m, s, members->name, members->wrong, &text);
		if (r)
			return r;
		free(*place);
		*place = conf_copy(text);
		return *place ? MITOK_OK : err_memory(m->e);
	}
	*ret_found = false;
	return MITOK_OK;
}

static enum mitok_code unknown_member(const struct merge *m, const config_setting_t *s,
	const struct conf_member *members, const char *where)
{
	struct near n = { .typed = config_setting_name(s) };

	for (const struct conf_member *k = members; k; k = next_member(k))
		near_try(&n, conf_member_name(k));
	for (; !members->group && members->name; members++)
		if (members[1].name && members[1].group)
			near_try(&n, members[1].group);
	return merge_unknown(m, s, &n, where);
}

/* The members of an identity, or of a group in it. */
static enum mitok_code set_members(const struct merge *m, const config_setting_t *s,
	const struct conf_member *members, void *row, const char *where)
{
	enum mitok_code r = MITOK_OK;

	for (int n = 0; !r && n < config_setting_length(s); n++) {
		const config_setting_t *member = config_setting_get_elem(s, (unsigned)n);
		const struct conf_member *group = members->group
			? NULL
			: find_group(members, config_setting_name(member));
		bool found = true;

		if (group && config_setting_type(member) != CONFIG_TYPE_GROUP)
			return merge_fail(m, member->line,
				"%s wants { client_id = \"...\"; tenant_id = \"...\"; }",
				group->group);
		if (group)
			r = set_members(m, member, group, row, " of this group");
		else
			r = set_member(m, member, members, row, &found);
		if (!found)
			return unknown_member(m, member, members, where);
	}
	return r;
}

/* Puts a finished one in, in the place of an earlier file's of the same name. */
static enum mitok_code add_identity(
	const struct merge *m, const config_setting_t *s, struct conf_identity **i)
{
	struct conf_identity **at = &m->c->identities, *old;

	while (*at && strcmp((*at)->name, (*i)->name) != 0)
		at = &(*at)->next;
	old = *at;
	if (old && !m->root)
		return err_hint(m->e,
			merge_fail(m, s->line, "'%s' was defined by %s", old->name,
				old->origin),
			"give yours another name");
	(*i)->next = old ? old->next : NULL;
	*at = *i;
	*i = NULL;
	conf_identity_free(old);
	return MITOK_OK;
}

static enum mitok_code read_identity(const struct merge *m, const config_setting_t *s)
{
	__attribute__((cleanup(done_identity))) struct conf_identity *i =
		conf_identity_new();
	const char *why = selector_wrong_name(config_setting_name(s));
	enum mitok_code r;

	if (!i || !(i->name = conf_copy(config_setting_name(s))) ||
		!(i->origin = merge_origin(m, s)))
		return err_memory(m->e);
	if (why)
		return merge_fail(
			m, s->line, "the identity's name '%s' %s", i->name, why);
	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return merge_fail(m, s->line,
			"the identity '%s' wants { client_id = \"...\"; }", i->name);
	r = set_members(m, s, conf_identity_members, i, " of an identity");
	if (r)
		return r;
	why = conf_identity_wrong(i);
	if (why)
		return merge_fail(m, s->line, "the identity '%s' %s", i->name, why);
	return add_identity(m, s, &i);
}

enum mitok_code merge_identities(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	enum mitok_code r = MITOK_OK;

	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return merge_fail(m, s->line, "%s wants { NAME = { ... }; }", k->name);
	for (int i = 0; r == MITOK_OK && i < config_setting_length(s); i++)
		r = read_identity(m, config_setting_get_elem(s, (unsigned)i));
	return r;
}

/* A rule that could never mean anything is a mistake of the one who wrote it. */
static enum mitok_code check_rule(
	const struct merge *m, const config_setting_t *s, const struct conf_rule *rule)
{
	const char *final = conf_final(m->c, "identity");

	if (!rule->host && !rule->path && !rule->resource)
		return merge_fail(m, s->line,
			"the rule matches nothing: no host, path or resource");
	if (rule->deny && rule->identity)
		return merge_fail(m, s->line, "the rule has both deny and identity");
	if (!rule->deny && !rule->identity)
		return merge_fail(
			m, s->line, "the rule has neither identity nor deny = true");
	if (final && rule->identity && !m->root)
		return err_hint(m->e,
			merge_fail(m, s->line,
				"the rule chooses an identity, which was made final by "
				"%s",
				final),
			"remove it here, or ask the administrator");
	return MITOK_OK;
}

static enum mitok_code read_rule(const struct merge *m, const config_setting_t *s)
{
	__attribute__((cleanup(done_rule))) struct conf_rule *rule = conf_rule_new();
	struct conf_rule **at = &m->c->rules;
	enum mitok_code r = MITOK_OK;

	if (!rule || !(rule->origin = merge_origin(m, s)))
		return err_memory(m->e);
	rule->root = m->root;
	if (config_setting_type(s) != CONFIG_TYPE_GROUP)
		return merge_fail(m, s->line,
			"a rule wants { host = \"...\"; identity = \"...\"; }");
	for (int n = 0; n < config_setting_length(s); n++) {
		const config_setting_t *member = config_setting_get_elem(s, (unsigned)n);
		bool found = true,
		     deny = strcmp(config_setting_name(member), "deny") == 0;

		if (deny && config_setting_type(member) != CONFIG_TYPE_BOOL)
			return merge_fail(m, member->line, "deny wants true or false");
		if (deny)
			rule->deny = config_setting_get_bool(member);
		else
			r = set_member(m, member, conf_rule_members, rule, &found);
		if (r)
			return r;
		if (!found)
			return unknown_member(m, member, conf_rule_members, " of a rule");
	}
	r = check_rule(m, s, rule);
	if (r)
		return r;
	while (*at)
		at = &(*at)->next;
	*at = rule;
	rule = NULL;
	return MITOK_OK;
}

enum mitok_code merge_rules(
	const struct merge *m, const config_setting_t *s, const struct conf_key *k)
{
	enum mitok_code r = MITOK_OK;

	if (!merge_is_list(s))
		return merge_fail(
			m, s->line, "%s wants a list: ( { ... }, { ... } )", k->name);
	for (int i = 0; r == MITOK_OK && i < config_setting_length(s); i++)
		r = read_rule(m, config_setting_get_elem(s, (unsigned)i));
	return r;
}
