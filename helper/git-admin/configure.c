/* mi-token git configure, unconfigure: our lines in git's configuration, and no others.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../process.h"
#include "admin.h"
#include "../git/git.h"
#include "helper.h"

/* The sections we write. The path is told to our helper where one host has many
 * organisations; it is for those who ask git for the host alone, such as git-lfs. */
static const struct section {
	const char *url;
	bool has_path;
} sections[] = {
	{ "https://dev.azure.com", true },
	{ "https://*.visualstudio.com", false },
};
#define SECTIONS (sizeof(sections) / sizeof(*sections))
#define LINES    32

/* What is done to which file. */
struct work {
	const struct options *o;
	struct git git;
	const char *scope; /* --global or --system */
	struct text want;  /* our value */
	bool changed;
	struct text out;
};

static void free_work(struct work *w)
{
	text_free(&w->want);
	text_free(&w->out);
}
#define AUTO_WORK __attribute__((cleanup(free_work))) struct work

/* The values of a section's helper lines, in their order. */
struct lines {
	struct text bytes;
	const char *values[LINES];
	size_t count;
	size_t ours, at; /* how many are ours, and where the last is */
};

static void free_lines(struct lines *l)
{
	text_free(&l->bytes);
}
#define AUTO_LINES __attribute__((cleanup(free_lines))) struct lines

/* One call of `git config`; 1 and 5 say that there is no such line. */
static enum mitok_code config(
	struct work *w, const char *const *args, struct text *ret, struct mitok_err *e)
{
	const char *all[12] = { "config", w->scope };
	AUTO_RUN r = { 0 };
	char why[300];
	enum mitok_code code;

	for (size_t i = 0; args[i] && i + 3 < sizeof(all) / sizeof(*all); i++)
		all[i + 2] = args[i];
	code = git_run(&w->git, all, &r, e);
	if (code)
		return code;
	if (ret && (r.status == 0 || r.status == 1)) {
		*ret = r.out;
		r.out = (struct text){ 0 };
		return MITOK_OK;
	}
	w->changed = w->changed || !ret;
	if (r.status == 0 || r.status == 5)
		return MITOK_OK;
	git_complaint(&r, why, sizeof(why));
	return err_set(e, MITOK_E_CONF, "git config %s: %s", w->scope, why);
}
#define CONFIG(w, e, ...) config(w, (const char *const[]){ __VA_ARGS__, NULL }, NULL, e)

static enum mitok_code read_lines(
	struct work *w, const char *key, struct lines *ret, struct mitok_err *e)
{
	const char *const args[] = { "--null", "--get-all", key, NULL };
	enum mitok_code r = config(w, args, &ret->bytes, e);

	for (size_t at = 0; !r && at < ret->bytes.len;) {
		const char *value = ret->bytes.p + at;

		if (ret->count == LINES)
			return err_set(e, MITOK_E_CONF, "git has too many lines %s", key);
		if (helper_is_ours(value)) {
			ret->ours++;
			ret->at = ret->count;
		}
		ret->values[ret->count++] = value;
		at += strlen(value) + 1;
	}
	return r;
}

/* The empty value before our line takes back the helpers before it. */
static bool is_reset(const struct lines *l, size_t i)
{
	return !*l->values[i] && i + 1 < l->count && helper_is_ours(l->values[i + 1]);
}

static bool is_foreign(const struct lines *l, size_t i)
{
	return !helper_is_ours(l->values[i]) && !is_reset(l, i);
}

/* Lines are told apart by their values; so where a foreign line is empty too, all are
 * taken away and the foreign ones are put back. */
static enum mitok_code remove_lines(
	struct work *w, const char *key, const struct lines *l, struct mitok_err *e)
{
	bool has_empty = false;
	enum mitok_code r = MITOK_OK;

	for (size_t i = 0; i < l->count; i++)
		has_empty = has_empty || (is_foreign(l, i) && !*l->values[i]);
	if (has_empty) {
		r = CONFIG(w, e, "--unset-all", key);
		for (size_t i = 0; i < l->count && !r; i++)
			if (is_foreign(l, i))
				r = CONFIG(w, e, "--add", key, l->values[i]);
		return r;
	}
	for (size_t i = 0; i < l->count && !r; i++)
		if (!is_foreign(l, i))
			r = CONFIG(
				w, e, "--fixed-value", "--unset-all", key, l->values[i]);
	return r;
}

static void name_foreign(struct work *w, const struct section *s, const struct lines *l)
{
	for (size_t i = 0; i < l->count; i++) {
		AUTO_TEXT name = { 0 };

		if (!is_foreign(l, i) || !*l->values[i])
			continue;
		helper_show(l->values[i], &name);
		warn(w->o, "another helper of [credential \"%s\"] is kept: %s", s->url,
			text_peek(&name));
	}
}

/* One that has options is somebody's decision; it stays unless another is made. */
static bool is_wanted(const struct work *w, const struct lines *l)
{
	if (l->ours != 1 || !l->at || *l->values[l->at - 1])
		return false;
	return strcmp(l->values[l->at], text_peek(&w->want)) == 0 ||
		(!w->o->identity && strchr(l->values[l->at], ' '));
}

static enum mitok_code write_helper(
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

static enum mitok_code read_section(struct work *w, const struct section *s,
	struct text *ret_key, struct lines *ret, struct mitok_err *e)
{
	text_addf(ret_key, "credential.%s.helper", s->url);
	if (!text_ok(ret_key))
		return err_memory(e);
	return read_lines(w, text_peek(ret_key), ret, e);
}

static enum mitok_code write_section(
	struct work *w, const struct section *s, struct mitok_err *e)
{
	AUTO_TEXT key = { 0 };
	AUTO_TEXT path = { 0 };
	AUTO_LINES l = { { 0 }, { 0 }, 0, 0, 0 };
	enum mitok_code r = read_section(w, s, &key, &l, e);
	bool changed = w->changed;

	w->changed = false;
	text_addf(&path, "credential.%s.useHttpPath", s->url);
	if (!r)
		r = write_helper(w, text_peek(&key), &l, e);
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
	return MITOK_OK;
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
	for (size_t i = 0; i < SECTIONS && !r; i++)
		r = write_section(&w, &sections[i], e);
	if (r)
		return r;
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
static enum mitok_code remove_path(struct work *w, const struct section *s,
	const struct lines *l, struct mitok_err *e)
{
	AUTO_TEXT key = { 0 };
	bool managed;
	enum mitok_code r = find_manager(w, &managed, e);

	if (r || managed)
		return r;
	for (size_t i = 0; i < l->count; i++)
		if (is_foreign(l, i))
			return MITOK_OK;
	text_addf(&key, "credential.%s.useHttpPath", s->url);
	if (!text_ok(&key))
		return err_memory(e);
	return CONFIG(w, e, "--fixed-value", "--unset-all", text_peek(&key), "true");
}

static enum mitok_code remove_section(
	struct work *w, const struct section *s, struct mitok_err *e)
{
	AUTO_TEXT key = { 0 };
	AUTO_LINES l = { { 0 }, { 0 }, 0, 0, 0 };
	enum mitok_code r = read_section(w, s, &key, &l, e);

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

	for (size_t i = 0; i < SECTIONS && !r; i++)
		r = remove_section(&w, &sections[i], e);
	if (r)
		return r;
	text_addf(&w.out, "%s in git's configuration (%s)\n",
		w.changed ? "done" : "nothing to change", w.scope);
	return end(&w, e);
}
