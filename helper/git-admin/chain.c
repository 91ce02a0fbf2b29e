/* The helpers that git asks for a URL, and what is wrong with their order.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "../git/host.h"
#include "helper.h"
#include "section.h"

/* One helper that git will ask. */
struct link {
	const struct git_entry *entry;
	char name[64];
	size_t number;
	bool is_ours, is_front, is_behind; /* of ours */
};

/* What is told about a helper by its name. */
static const struct kind {
	const char *name;
	int harmless_from; /* version of git; 0: never */
	bool bearer_helps; /* harmless as well when the token is no password */
	const char *harm, *harmless;
} kinds[] = {
	{ "store", 0, true,
		"it writes the token into ~/.git-credentials in clear, where one may be "
		"already",
		"it is not given what mi-token answers to this git" },
	{ "libsecret", GIT_VERSION(2, 41), true,
		"that of git before 2.41 breaks a token into lines, and shows a piece of "
		"it",
		"it does not take what mi-token answers" },
	{ "cache", 1, true, "", "it keeps a password in memory for a while at most" },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* A helper that is not ours: what it does with our token, and before us. */
static void report_other(struct check *c, const struct link *l)
{
	const struct kind *k = find_kind(l->name);
	bool harms = k && !(k->harmless_from && c->git.number >= k->harmless_from) &&
		!(k->bearer_helps && c->bearer);
	bool answers = l->is_front && !(k && !*k->harm);
	AUTO_TEXT t = { 0 };

	text_addf(&t, "%zu. ", l->number);
	helper_show(l->entry->value, &t);
	helper_place(l->entry, &t);
	if (harms)
		text_addf(&t, ": %s", k->harm);
	else if (k)
		text_addf(&t, ": %s", k->harmless);
	if (answers)
		text_add(&t,
			"; it is in front of mi-token, and what it has is used first");
	if (!harms && !answers) {
		report_ok(&c->rep, "helper", "%s", text_peek(&t));
		return;
	}
	report_warn(&c->rep, "helper", "%s", text_peek(&t));
	if (l->is_behind)
		report_advice(&c->rep,
			"take it away, or put mi-token's lines behind it: `mi-token git "
			"unconfigure`, then `mi-token git configure`, in the same file");
	else
		report_advice(&c->rep,
			"`mi-token git configure` has git forget the helpers before it");
}

static bool is_runnable(const struct check *c, const char *value)
{
	char path[PATH_MAX];
	AUTO_RUN r = { 0 };
	struct mitok_err e;
	size_t len = strcspn(value, " ");
	int n;

	if (*value == '/') /* with a backslash in it, only a shell can tell */
		n = snprintf(path, sizeof(path), "%.*s", (int)len, value);
	else if (run_find(HELPER_PROGRAM, path))
		return true;
	else if (git_run(&c->git, (const char *const[]){ "--exec-path", NULL }, &r, &e))
		return false;
	else
		n = snprintf(path, sizeof(path), "%.*s/" HELPER_PROGRAM,
			(int)strcspn(text_peek(&r.out), "\n"), text_peek(&r.out));
	return n > 0 && n < (int)sizeof(path) &&
		(strchr(path, '\\') || access(path, X_OK) == 0);
}

static void report_ours(struct check *c, const struct link *l)
{
	const char *value = l->entry->value;
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_LINE line = { .args = { .auth = AUTH_AUTO } };
	AUTO_TEXT t = { 0 };

	text_addf(&t, "%zu. ", l->number);
	helper_show(value, &t);
	helper_place(l->entry, &t);
	if (helper_parse(value, &line, &e)) {
		(void)err_within(&e, e.code, "%s", text_peek(&t));
		e.code = MITOK_E_CONF; /* the line is the configuration's */
		report_fail(&c->rep, "helper", &e);
		return;
	}
	if (is_runnable(c, value)) {
		report_ok(&c->rep, "helper", "%s", text_peek(&t));
		return;
	}
	(void)err_set(
		&e, MITOK_E_CONF, "%s: git will not find " HELPER_PROGRAM, text_peek(&t));
	(void)err_hint(&e, MITOK_E_CONF,
		"install it into a folder of PATH, or let `mi-token git unconfigure` and "
		"`mi-token git configure` write where it is");
	report_fail(&c->rep, "helper", &e);
}

/* How our helper answers this git, which has a say in who else sees the token. */
static void report_mode(struct check *c, enum auth auth)
{
	static const char heals[] =
		"a token that is refused is replaced within the command";
	static const char fails[] =
		"a token that is refused costs a command that fails; git 2.46 and later "
		"try again";
	bool can_heal = c->git.number >= GIT_VERSION(2, 46);
	bool asked = auth == AUTH_BEARER;
	bool fixed = c->git.number >= GIT_VERSION(2, 54);

	c->bearer = can_heal && auth != AUTH_BASIC && (asked || fixed);
	if (c->bearer && !fixed) {
		report_warn(&c->rep, "mode",
			"Bearer; before git 2.54 a push of more than "
			"http.postBuffer fails with it; %s",
			heals);
		report_advice(&c->rep, "take --auth=bearer away from the helper's line");
	} else if (c->bearer) {
		report_ok(&c->rep, "mode", "Bearer, where git offers it; %s", heals);
	} else {
		report_ok(&c->rep, "mode", "Basic%s; %s",
			fixed ? ", as --auth=basic says"
			      : ": before git 2.54 the token is git's password",
			can_heal ? heals : fails);
	}
}

/* The options of the helper that will answer. */
static void read_ours(struct check *c, const struct git_list *list)
{
	AUTO_LINE line = { .args = { .auth = AUTH_AUTO } };

	for (size_t i = list->first; i < list->count && !c->has_ours; i++) {
		const char *value = list->rows[i].value;

		if (!value || !helper_is_ours(value))
			continue;
		c->has_ours = true;
		if (helper_parse(value, &line, NULL)) /* report_ours() tells */
			continue;
		if (line.args.identity) {
			text_add(&c->identity, line.args.identity);
			c->identity_origin = "the helper's line";
		}
		c->gcm = line.args.gcm;
	}
	report_mode(c, line.args.auth);
}

/* Whether `mi-token git configure` would write behind that line: it looks at the user's own
 * configuration, and at no single organisation. */
static bool is_curable(const struct check *c, const struct git_entry *reset)
{
	const bool is_first = text_starts_nocase(c->url.host, "dev.azure.com");
	const struct git_key key = { "credential", "helper",
		sections[is_first ? 0 : 1].example };
	const struct git_entry *other;
	AUTO_LIST list = { .count = 0 };

	if (host_kind(c->url.host) != HOST_REPOS ||
		(strcmp(reset->scope, "system") != 0 &&
			strcmp(reset->scope, "global") != 0))
		return false;
	return git_values(&c->git, &key, &list, NULL) == MITOK_OK &&
		!helper_in_effect(&list, "global", &other);
}

static void report_reset(struct check *c, const struct git_entry *reset)
{
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_TEXT place = { 0 };
	AUTO_TEXT cure = { 0 };

	helper_place(reset, &place);
	helper_removal(reset, &cure);
	(void)err_set(&e, MITOK_E_CONF,
		"git does not ask mi-token for this URL: an empty line '%s'%s takes back "
		"what stands before it",
		reset->key, text_peek(&place));
	if (is_curable(c, reset))
		(void)err_hint(&e, MITOK_E_CONF,
			"run `mi-token git configure`, which writes behind it");
	else
		(void)err_hint(&e, MITOK_E_CONF,
			"`mi-token git configure` cannot help; %s", text_peek(&cure));
	report_fail(&c->rep, "helper", &e);
}

static void report_missing(struct check *c, const struct git_list *list)
{
	static const char said[] = "git does not ask mi-token for this URL";
	enum host_kind kind = host_kind(c->url.host);
	const struct git_entry *reset;
	struct mitok_err e = { .code = MITOK_OK };

	if (helper_in_effect(list, NULL, &reset))
		return;
	if (kind == HOST_FOREIGN) {
		report_ok(&c->rep, "helper", "%s", said);
		return;
	}
	if (reset) {
		report_reset(c, reset);
		return;
	}
	(void)err_set(&e, MITOK_E_CONF, "%s", said);
	if (kind == HOST_GRANTED)
		(void)err_hint(&e, MITOK_E_CONF,
			"run `git config --global credential.https://%s.helper mi-token`",
			c->url.host);
	else
		(void)err_hint(&e, MITOK_E_CONF, "run `mi-token git configure`");
	report_fail(&c->rep, "helper", &e);
}

enum mitok_code check_chain(struct check *c, struct mitok_err *e)
{
	const struct git_key key = { "credential", "helper", c->url.text };
	AUTO_LIST list = { .count = 0 };
	bool found = false;
	enum mitok_code r = git_values(&c->git, &key, &list, e);

	if (r)
		return r;
	read_ours(c, &list);
	for (size_t i = list.first; i < list.count; i++) {
		struct link l = { .entry = &list.rows[i], .number = i - list.first + 1 };

		if (!l.entry->value)
			return err_set(e, MITOK_E_CONF,
				"git: %s has a helper without value", l.entry->origin);
		helper_name(l.entry->value, l.name);
		l.is_ours = helper_is_ours(l.entry->value);
		l.is_front = c->has_ours && !found;
		l.is_behind = found;
		found = found || l.is_ours;
		if (l.is_ours)
			report_ours(c, &l);
		else
			report_other(c, &l);
	}
	report_missing(c, &list);
	return MITOK_OK;
}
