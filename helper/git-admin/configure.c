/* mi-token git configure, unconfigure: our lines in git's configuration, and no others.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../process.h"
#include "admin.h"
#include "helper.h"
#include "section.h"

/* One that has options is somebody's decision; it stays unless another is made. */
static bool is_wanted(const struct work *w, const struct lines *l)
{
	if (l->ours != 1 || !l->at || *l->values[l->at - 1])
		return false;
	return strcmp(l->values[l->at], text_peek(&w->want)) == 0 ||
		(!w->o->identity && strchr(l->values[l->at], ' '));
}

/* Whether git asks ours, and what takes that back. */
struct effect {
	bool is;
	struct text line, cure;
};

static void free_effect(struct effect *f)
{
	text_free(&f->line);
	text_free(&f->cure);
}
#define AUTO_EFFECT __attribute__((cleanup(free_effect))) struct effect

static enum mitok_code write_lines(
	struct work *w, const char *key, const struct lines *l, struct mitok_err *e)
{
	const char *want = text_peek(&w->want);
	enum mitok_code r;

	if (is_wanted(w, l))
		return MITOK_OK;
	if (l->ours == 1 && l->at && !*l->values[l->at - 1])
		return CONFIG(w, e, "--fixed-value", "--replace-all", key, want,
			l->values[l->at]);
	r = remove_lines(w, key, l, e);
	if (!r)
		r = CONFIG(w, e, "--add", key, "");
	return r ? r : CONFIG(w, e, "--add", key, want);
}

/* Whether git asks ours, as far as the lines of one scope go, or of all. */
static enum mitok_code in_effect(struct work *w, const struct section *s,
	const char *scope, struct effect *ret, struct mitok_err *e)
{
	const struct git_key key = { "credential", "helper", s->example };
	const struct git_entry *reset = NULL;
	AUTO_LIST list = { .count = 0 };
	enum mitok_code r = git_values(&w->git, &key, &list, e);

	if (r)
		return r;
	ret->is = helper_in_effect(&list, scope, &reset);
	if (reset) {
		text_addf(&ret->line, "'%s'", reset->key);
		helper_place(reset, &ret->line);
		helper_removal(reset, &ret->cure);
	}
	return MITOK_OK;
}

/* git adds to a section where it is, so the section must go before it can be the last. What
 * others have in it goes along; what is not about helpers keeps the section in its place. */
static enum mitok_code move_section(
	struct work *w, const struct section *s, const char *key, struct mitok_err *e)
{
	AUTO_TEXT path_key = { 0 };
	AUTO_TEXT path = { 0 };
	AUTO_TEXT same = { 0 };
	AUTO_LINES l = { { 0 }, { 0 }, 0, 0, 0 };
	enum mitok_code r = section_read(w, s, &same, &l, e);

	text_addf(&path_key, "credential.%s.useHttpPath", s->url);
	if (!r && !text_ok(&path_key))
		r = err_memory(e);
	if (!r)
		r = config(w,
			(const char *const[]){
				"--null", "--get", text_peek(&path_key), NULL },
			&path, e);
	if (!r)
		r = CONFIG(w, e, "--unset-all", key);
	if (!r && path.len)
		r = CONFIG(w, e, "--unset-all", text_peek(&path_key));
	for (size_t i = 0; i < l.count && !r; i++)
		r = CONFIG(w, e, "--add", key, l.values[i]);
	if (!r && path.len)
		r = CONFIG(w, e, "--add", text_peek(&path_key), path.p);
	return r;
}

/* A line behind ours may take ours back. */
static enum mitok_code write_helper(struct work *w, const struct section *s,
	const char *key, const struct lines *l, struct mitok_err *e)
{
	const char *scope = w->scope + strlen("--");
	AUTO_EFFECT before = { 0 };
	AUTO_EFFECT after = { 0 };
	enum mitok_code r = write_lines(w, key, l, e);

	if (!r)
		r = in_effect(w, s, scope, &before, e);
	if (r || before.is)
		return r;
	r = move_section(w, s, key, e);
	if (!r)
		r = in_effect(w, s, scope, &after, e);
	if (r || after.is)
		return r;
	(void)err_set(e, MITOK_E_CONF,
		"git still does not ask mi-token for %s: an empty line %s stands behind "
		"[credential \"%s\"], which other lines hold in its place",
		s->example, text_peek(&after.line), s->url);
	return err_hint(e, MITOK_E_CONF, "%s", text_peek(&after.cure));
}

static enum mitok_code write_path(
	struct work *w, const struct section *s, const char *key, struct mitok_err *e)
{
	const char *const args[] = { "--null", "--get", key, NULL };
	AUTO_TEXT value = { 0 };
	enum mitok_code r = config(w, args, &value, e);

	if (r)
		return r;
	if (!value.len)
		return CONFIG(w, e, key, "true");
	if (!text_equal_nocase(value.p, "true"))
		warn(w->o,
			"useHttpPath of [credential \"%s\"] is kept as it is; with true, "
			"git-lfs can tell organisations apart",
			s->url);
	return MITOK_OK;
}

/* Ours are right; another scope may still take them back. */
static enum mitok_code warn_effect(
	struct work *w, const struct section *s, struct mitok_err *e)
{
	AUTO_EFFECT all = { 0 };
	enum mitok_code r = in_effect(w, s, NULL, &all, e);

	if (!r && !all.is)
		warn(w->o, "an empty line %s takes [credential \"%s\"] back; %s",
			text_peek(&all.line), s->url, text_peek(&all.cure));
	return r;
}

static enum mitok_code write_section(
	struct work *w, const struct section *s, struct mitok_err *e)
{
	AUTO_TEXT key = { 0 };
	AUTO_TEXT path = { 0 };
	AUTO_LINES l = { { 0 }, { 0 }, 0, 0, 0 };
	enum mitok_code r = section_read(w, s, &key, &l, e);
	bool changed = w->changed;

	w->changed = false;
	text_addf(&path, "credential.%s.useHttpPath", s->url);
	if (!r)
		r = write_helper(w, s, text_peek(&key), &l, e);
	if (!r && s->has_path)
		r = text_ok(&path) ? write_path(w, s, text_peek(&path), e)
				   : err_memory(e);
	if (r)
		return r;
	text_addf(&w->out, "%s [credential \"%s\"] helper = %s\n",
		w->changed ? "written:" : "kept:   ", s->url,
		is_wanted(w, &l) ? l.values[l.at] : text_peek(&w->want));
	w->changed = w->changed || changed;
	name_foreign(w, s, &l);
	return warn_effect(w, s, e);
}

/* git-credential-manager's settings are honoured by our helper when it is told to. */
static enum mitok_code find_gcm(struct work *w, bool *ret, struct mitok_err *e)
{
	AUTO_RUN r = { 0 };
	enum mitok_code code = git_run(&w->git,
		(const char *const[]){ "config", "--name-only", "--get-regexp",
			"^credential\\.(.*\\.)?azreposmanagedidentity$", NULL },
		&r, e);

	*ret = !code && r.status == 0;
	return code;
}

/* The name is for every program that reads the line, such as those with libgit2; but they
 * have not all our PATH. */
static void note_folder(struct work *w)
{
	static const char *const usual[] = { "/usr/bin", "/bin" };
	char path[PATH_MAX];

	if (*text_peek(&w->want) == '/' || !run_find(HELPER_PROGRAM, path))
		return;
	*strrchr(path, '/') = '\0';
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (strcmp(path, usual[i]) == 0)
			return;
	text_addf(&w->out,
		"note: the helper is in %s; where PATH lacks that, as in cron's jobs "
		"(PATH=/usr/bin:/bin), git will not find it\n",
		path);
}

/* What `store` is given stays on disk; before ours came behind it, it may have been. */
static enum mitok_code warn_store(struct work *w, struct mitok_err *e)
{
	const struct git_key key = { "credential", "helper", sections[0].example };
	AUTO_LIST list = { .count = 0 };
	enum mitok_code r = MITOK_OK;

	if (w->git.number < GIT_VERSION(2, 54))
		r = git_values(&w->git, &key, &list, e);
	for (size_t i = list.first; i < list.count && !r; i++) {
		AUTO_TEXT place = { 0 };
		char name[64];

		helper_name(list.rows[i].value ? list.rows[i].value : "", name);
		if (strcmp(name, "store") != 0)
			continue;
		helper_place(&list.rows[i], &place);
		warn(w->o,
			"store%s is asked as well: before git 2.54 it writes the token "
			"into ~/.git-credentials; take its line away, and look there for "
			"a token that it has already",
			text_peek(&place));
	}
	return r;
}

static void ignore_choice(
	void *arg, const char *name, const char *value, const char *origin)
{
	(void)arg;
	(void)name;
	(void)value;
	(void)origin;
}

/* A selector is judged by who will read it. */
static enum mitok_code judge_identity(const char *identity, struct mitok_err *e)
{
	const struct mitok_request rq = {
		.size = sizeof(rq), .target = sections[0].url, .identity = identity
	};
	struct mitok *m = NULL;
	enum mitok_code r = mitok_new(NULL, &m, e);

	if (!r)
		r = mitok_choice_each(m, &rq, ignore_choice, NULL, e);
	mitok_free(m);
	return r;
}

/* The machine's configuration is for everybody to read; git makes files by the umask. */
static enum mitok_code begin(const struct options *o, struct work *w, struct mitok_err *e)
{
	*w = (struct work){ .o = o, .scope = o->system ? "--system" : "--global" };
	(void)umask(o->system ? 022 : o->umask);
	return git_find(&w->git, e);
}

static enum mitok_code end(struct work *w, struct mitok_err *e)
{
	if (!text_ok(&w->out))
		return err_memory(e);
	return process_print(w->out.p, w->out.len, e);
}

enum mitok_code configure(const struct options *o, struct mitok_err *e)
{
	AUTO_WORK w = { .o = o };
	bool gcm = false;
	enum mitok_code r = begin(o, &w, e);

	if (!r && o->identity)
		r = judge_identity(o->identity, e);
	if (!r)
		r = find_gcm(&w, &gcm, e);
	if (!r)
		r = helper_write(o->identity, gcm, &w.want, e);
	for (size_t i = 0; sections[i].url && !r; i++)
		r = write_section(&w, &sections[i], e);
	if (!r)
		r = warn_store(&w, e);
	if (r)
		return r;
	note_folder(&w);
	if (gcm)
		text_addf(&w.out,
			"git-credential-manager's azreposManagedIdentity is %s\n",
			o->identity ? "not used: --identity goes first"
				    : "honoured (--gcm)");
	text_addf(&w.out,
		"%s in git's configuration (%s); `mi-token git check` tests it\n",
		w.changed ? "done" : "nothing to change", w.scope);
	return end(&w, e);
}

/* git-credential-manager writes the same line, and cannot do without it. */
static enum mitok_code find_manager(struct work *w, bool *ret, struct mitok_err *e)
{
	AUTO_RUN r = { 0 };
	enum mitok_code code = git_run(&w->git,
		(const char *const[]){ "config", "--get-regexp",
			"^credential\\.(.*\\.)?helper$", "manager", NULL },
		&r, e);

	*ret = !code && r.status == 0;
	return code;
}

/* The line may be another helper's as well. */
static enum mitok_code is_shared(
	struct work *w, const struct lines *l, bool *ret, struct mitok_err *e)
{
	enum mitok_code r = find_manager(w, ret, e);

	for (size_t i = 0; i < l->count && !r; i++)
		*ret = *ret || is_foreign(l, i);
	return r;
}

static enum mitok_code remove_path(struct work *w, const struct section *s,
	const struct lines *l, struct mitok_err *e)
{
	AUTO_TEXT key = { 0 };
	AUTO_TEXT value = { 0 };
	bool shared;
	enum mitok_code r = is_shared(w, l, &shared, e);

	text_addf(&key, "credential.%s.useHttpPath", s->url);
	if (r || !text_ok(&key))
		return r ? r : err_memory(e);
	if (!shared)
		return CONFIG(
			w, e, "--fixed-value", "--unset-all", text_peek(&key), "true");
	r = config(w, (const char *const[]){ "--null", "--get", text_peek(&key), NULL },
		&value, e);
	if (!r && value.len)
		text_addf(&w->out,
			"kept:    [credential \"%s\"] useHttpPath = %s, which another "
			"helper may need; to remove it: git config %s --unset-all %s\n",
			s->url, value.p, w->scope, text_peek(&key));
	return r;
}

static enum mitok_code remove_section(
	struct work *w, const struct section *s, struct mitok_err *e)
{
	AUTO_TEXT key = { 0 };
	AUTO_LINES l = { { 0 }, { 0 }, 0, 0, 0 };
	enum mitok_code r = section_read(w, s, &key, &l, e);

	if (!r && l.ours) {
		r = remove_lines(w, text_peek(&key), &l, e);
		if (!r && s->has_path)
			r = remove_path(w, s, &l, e);
		text_addf(&w->out, "removed: [credential \"%s\"] helper = %s\n", s->url,
			l.values[l.at]);
	}
	if (!r)
		name_foreign(w, s, &l);
	return r;
}

enum mitok_code unconfigure(const struct options *o, struct mitok_err *e)
{
	AUTO_WORK w = { .o = o };
	enum mitok_code r = begin(o, &w, e);

	for (size_t i = 0; sections[i].url && !r; i++)
		r = remove_section(&w, &sections[i], e);
	if (r)
		return r;
	text_addf(&w.out, "%s in git's configuration (%s)\n",
		w.changed ? "done" : "nothing to change", w.scope);
	return end(&w, e);
}
