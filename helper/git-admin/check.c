/* mi-token git check: what git and mi-token will do for a URL, and what is in the way.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <string.h>

#include "../git/host.h"
#include "../process.h"

static const char default_url[] = "https://dev.azure.com";

static void free_check(struct check *c)
{
	report_free(&c->rep);
	text_free(&c->identity);
}
#define AUTO_CHECK __attribute__((cleanup(free_check))) struct check

static enum mitok_code report_git(struct check *c, struct mitok_err *e)
{
	enum mitok_code r;

	report_ok(&c->rep, "git", "%s, version %s", c->git.path, c->git.version);
	if (c->is_origin)
		report_ok(&c->rep, "url", "of this repository's remote 'origin'");
	r = check_chain(c, e);
	if (r)
		return r;
	if (c->o->identity) {
		text_free(&c->identity);
		text_add(&c->identity, c->o->identity);
		c->identity_origin = "--identity";
	}
	return check_settings(c, e);
}

/* The repository that we stand in, when it is one of Azure DevOps. git has applied its
 * url.*.insteadOf. */
static bool find_origin(struct check *c)
{
	AUTO_RUN r = { 0 };
	struct mitok_err e;

	if (git_run(&c->git,
		    (const char *const[]){ "ls-remote", "--get-url", "origin", NULL }, &r,
		    &e) ||
		r.status != 0 || !r.out.len)
		return false;
	r.out.p[strcspn(r.out.p, "\n")] = '\0';
	return url_parse(r.out.p, &c->url, &e) == MITOK_OK &&
		host_kind(c->url.host) != HOST_FOREIGN;
}

static enum mitok_code judge_url(struct check *c, bool has_git, struct mitok_err *e)
{
	const char *named = c->o->args[0];
	enum mitok_code r = MITOK_OK;

	c->is_origin = !named && has_git && find_origin(c);
	if (!c->is_origin)
		r = url_parse(named ? named : default_url, &c->url, e);
	if (!r && c->o->probe && !strstr(c->url.path, "_git/"))
		r = err_hint(e,
			err_set(e, MITOK_E_ARG, "--probe wants the URL of a repository"),
			"as in https://dev.azure.com/ORG/PROJECT/_git/REPOSITORY");
	return r;
}

enum mitok_code check(const struct options *o, struct mitok_err *e)
{
	AUTO_CHECK c = { .o = o, .rep = { .json = o->json }, .tells_path = true };
	struct mitok_err why = { .code = MITOK_OK };
	bool has_git = git_find(&c.git, &why) == MITOK_OK;
	enum mitok_code r = judge_url(&c, has_git, e);

	if (r)
		return r;
	report_begin(&c.rep, c.url.text);
	has_git = has_git && !report_git(&c, &why);
	if (!has_git)
		report_fail(&c.rep, "git", &why);
	if (check_token(&c) && has_git && o->probe && check_probe(&c, &why))
		report_fail(&c.rep, "probe", &why);
	report_end(&c.rep);
	if (!text_ok(&c.rep.out) || !text_ok(&c.identity))
		return err_memory(e);
	r = process_print(c.rep.out.p, c.rep.out.len, e);
	return r ? r : c.rep.first;
}
