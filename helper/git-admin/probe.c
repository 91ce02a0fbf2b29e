/* The repository itself, asked by git with our helper alone.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "check.h"
#include "helper.h"

#define PROBE_MS 60000

/* What git says, and what it means. */
static const struct meaning {
	const char *said;
	enum mitok_code code;
	const char *message, *hint;
} meanings[] = {
	{ "not found", MITOK_E_DENIED, "not found",
		"mind the spelling; without permission to read it a repository is not "
		"found either" },
	{ "TF401019", MITOK_E_DENIED, "not found",
		"mind the spelling; without permission to read it a repository is not "
		"found either" },
	{ "Authentication failed", MITOK_E_DENIED, "refused",
		"the object id above must be a user of the organisation, with a Basic "
		"licence" },
	{ "could not read Username", MITOK_E_DENIED, "refused: the helper gave no token",
		"see above" },
	{ "error: 403", MITOK_E_DENIED, "refused", "the identity lacks a permission" },
	{ "not valid: is this a git repository", MITOK_E_DENIED,
		"refused: the server sent a page to sign in", "see above" },
	{ "", MITOK_E_LATER, "not reachable", "see what git says" },
};

static const struct meaning *find_meaning(const char *said)
{
	const struct meaning *m = meanings;

	while (!strstr(said, m->said))
		m++;
	return m;
}

/* The lines of our helper, which knows more than git. */
static void add_diagnosis(struct check *c, const struct run *r)
{
	const char *line = text_peek(&r->err);

	for (size_t len; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		if (text_starts(line, "mi-token: ") || text_starts(line, "fatal: ") ||
			text_starts(line, HELPER_PROGRAM ": "))
			report_advice(&c->rep, "%.*s", (int)len, line);
	}
}

static size_t count_lines(const struct text *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->len; i++)
		n += t->p[i] == '\n';
	return n;
}

enum mitok_code check_probe(struct check *c, struct mitok_err *e)
{
	const char *identity = c->identity.len ? c->identity.p : NULL;
	AUTO_TEXT ours = { 0 };
	AUTO_TEXT helper = { 0 };
	AUTO_RUN r = { .timeout_ms = PROBE_MS };
	const struct meaning *m;
	struct mitok_err why;
	enum mitok_code code = helper_write_path(identity, &ours, e);

	text_addf(&helper, "credential.helper=%s", text_peek(&ours));
	if (code || !text_ok(&helper))
		return code ? code : err_memory(e);
	/* Not in the current folder, which may be a repository with lines of its own. */
	code = git_run(&c->git,
		(const char *const[]){ "-C", "/", "-c", "credential.helper=", "-c",
			text_peek(&helper), "-c", "core.askPass=", "-c",
			"http.extraHeader=", "ls-remote", "--", c->url.text, NULL },
		&r, e);
	if (code)
		return code;
	if (r.status == 0) {
		report_ok(&c->rep, "probe",
			"the repository answers; it has %zu references",
			count_lines(&r.out));
		return MITOK_OK;
	}
	m = find_meaning(text_peek(&r.err));
	(void)err_set(&why, m->code, "the repository is %s", m->message);
	(void)err_hint(&why, m->code, "%s", m->hint);
	report_fail(&c->rep, "probe", &why);
	add_diagnosis(c, &r);
	return MITOK_OK;
}
