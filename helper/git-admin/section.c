/* A section of git's configuration that is ours, and git's own command that changes it.
 * SPDX-License-Identifier: MIT */
#include "section.h"

#include <string.h>

#include "helper.h"

const struct section sections[] = {
	{ "https://dev.azure.com", "https://dev.azure.com", true },
	{ "https://*.visualstudio.com", "https://organisation.visualstudio.com", false },
	{ NULL, NULL, false },
};

void work_free(struct work *w)
{
	text_free(&w->want);
	text_free(&w->out);
}

void lines_free(struct lines *l)
{
	text_free(&l->bytes);
}

/* What git says when it cannot write, and what can be done. */
static const struct trouble {
	const char *said;
	const char *global, *system; /* hints */
} troubles[] = {
	{ "File exists", NULL, NULL },
	{ "Permission denied",
		"the file, its folder or a .lock beside it belongs to somebody else",
		"run it as root" },
	{ "Read-only file system",
		"GIT_CONFIG_GLOBAL names another file to git, in a place that can be "
		"written",
		"write it into the machine's image, or use --global" },
	{ "$HOME not set", "set HOME, or use --system", "set HOME" },
	{ "No space left", "make room on that file system",
		"make room on that file system" },
	{ "bad config", "mend that line with an editor",
		"mend that line with an editor" },
};

static enum mitok_code explain(const struct work *w, const char *why, struct mitok_err *e)
{
	static const char before[] = "could not lock config file ";
	const char *file = text_starts(why, before) ? why + strlen(before) : why;

	(void)err_set(e, MITOK_E_CONF, "git config %s: %s", w->scope, why);
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++) {
		const struct trouble *t = &troubles[i];

		if (!strstr(why, t->said))
			continue;
		if (!t->global)
			return err_hint(e, MITOK_E_CONF,
				"when no other git is at work, one that was ended left "
				"it: rm '%.*s.lock'",
				(int)strcspn(file, ":"), file);
		return err_hint(
			e, MITOK_E_CONF, "%s", w->o->system ? t->system : t->global);
	}
	return MITOK_E_CONF;
}

/* 1 and 5 say that there is no such line. */
enum mitok_code config(
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
	return explain(w, why, e);
}

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

bool is_foreign(const struct lines *l, size_t i)
{
	return !helper_is_ours(l->values[i]) && !is_reset(l, i);
}

/* Lines are told apart by their values; so where a foreign line is empty too, all are
 * taken away and the foreign ones are put back. */
enum mitok_code remove_lines(
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

void name_foreign(struct work *w, const struct section *s, const struct lines *l)
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

enum mitok_code section_read(struct work *w, const struct section *s,
	struct text *ret_key, struct lines *ret, struct mitok_err *e)
{
	text_addf(ret_key, "credential.%s.helper", s->url);
	if (!text_ok(ret_key))
		return err_memory(e);
	return read_lines(w, text_peek(ret_key), ret, e);
}
