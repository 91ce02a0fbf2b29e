/* The repository itself, asked by git with our helper alone.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "check.h"
#include "helper.h"

#define PROBE_S 20

static const char spelling[] = "mind the spelling; without permission to read it a "
			       "repository is not found either";
static const char silent[] = "is there a firewall, or a proxy that git must be told of? "
			     "(http.proxy, HTTPS_PROXY)";
static const char page[] = "the organisation does not take the token for a user's: it "
			   "must be connected to the identity's tenant, and have the "
			   "identity's object id among its users";

/* What git says, what it means, and what can be done when our helper does not say. */
static const struct meaning {
	const char *said;
	enum mitok_code code;
	const char *message, *hint;
} meanings[] = {
	{ "not found", MITOK_E_DENIED, "the repository is not found", spelling },
	{ "TF401019", MITOK_E_DENIED, "the repository is not found", spelling },
	{ "Authentication failed", MITOK_E_DENIED, "the repository is refused",
		"the identity's object id must be a user of the organisation, with a "
		"Basic licence" },
	{ "could not read Username", MITOK_E_DENIED,
		"the repository is refused: the helper gave no token",
		"`GIT_TRACE=1 git ls-remote URL` shows what git asks the helper" },
	{ "error: 403", MITOK_E_DENIED, "the repository is refused",
		"the identity lacks a permission" },
	{ "not valid: is this a git repository", MITOK_E_DENIED,
		"the repository is refused: the server sent a page to sign in", page },
	{ "update url base from redirection", MITOK_E_DENIED,
		"the repository is refused: the server sends git to a page to sign in",
		page },
	{ "timed out", MITOK_E_LATER, "the repository is not reachable", silent },
	{ "", MITOK_E_LATER, "the repository is not reachable", "" },
};

static const struct meaning *find_meaning(const char *said)
{
	const struct meaning *m = meanings;

	while (!strstr(said, m->said))
		m++;
	return m;
}

/* The lines that one of these words begins; false: there are none. */
static bool add_lines(struct check *c, const struct run *r, const char *const *begins)
{
	const char *line = text_peek(&r->err);
	bool found = false;

	for (size_t len; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		for (size_t i = 0; begins[i]; i++)
			if (text_starts(line, begins[i])) {
				report_advice(&c->rep, "%.*s", (int)len, line);
				found = true;
			}
	}
	return found;
}

/* Our helper knows more than git, and git more than we do. */
static void report_refusal(struct check *c, const struct run *r)
{
	static const char *const ours[] = { "mi-token: ", HELPER_PROGRAM ": ", NULL };
	static const char *const git[] = { "fatal: ", NULL };
	const struct meaning *m = find_meaning(text_peek(&r->err));
	struct mitok_err e = { .code = MITOK_OK };

	(void)err_set(&e, m->code, "%s", m->message);
	report_fail(&c->rep, "probe", &e);
	if (add_lines(c, r, ours))
		return;
	if (*m->hint)
		report_advice(&c->rep, "%s", m->hint);
	(void)add_lines(c, r, git);
}

static void report_silence(struct check *c)
{
	struct mitok_err e = { .code = MITOK_OK };

	(void)err_set(
		&e, MITOK_E_LATER, "the server does not answer within %d s", PROBE_S);
	(void)err_hint(&e, MITOK_E_LATER, "%s", silent);
	report_fail(&c->rep, "probe", &e);
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
	AUTO_RUN r = { .timeout_ms = PROBE_S * 1000 };
	enum mitok_code code = helper_write_path(identity, &ours, e);

	text_addf(&helper, "credential.helper=%s --diagnose", text_peek(&ours));
	if (code || !text_ok(&helper))
		return code ? code : err_memory(e);
	/* Not in the current folder, which may be a repository with lines of its own. */
	code = git_run(&c->git,
		(const char *const[]){ "-C", "/", "-c", "credential.helper=", "-c",
			text_peek(&helper), "-c", "core.askPass=", "-c",
			"http.extraHeader=", "ls-remote", "--", c->url.text, NULL },
		&r, e);
	if (code == MITOK_E_LATER)
		report_silence(c);
	if (code)
		return code == MITOK_E_LATER ? MITOK_OK : code;
	if (r.status == 0) {
		report_ok(&c->rep, "probe",
			"the repository answers; it has %zu references",
			count_lines(&r.out));
		return MITOK_OK;
	}
	report_refusal(c, &r);
	return MITOK_OK;
}
