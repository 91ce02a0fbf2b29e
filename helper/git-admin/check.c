/* mi-token git check: what git and mi-token will do for a URL, and what is in the way.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <string.h>

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
	enum mitok_code r = git_find(&c->git, e);

	if (r)
		return r;
	report_ok(&c->rep, "git", "%s, version %s", c->git.path, c->git.version);
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

static enum mitok_code judge_url(struct check *c, struct mitok_err *e)
{
	enum mitok_code r =
		url_parse(c->o->args[0] ? c->o->args[0] : default_url, &c->url, e);

	if (!r && c->o->probe && !strstr(c->url.path, "_git/"))
		r = err_hint(e,
			err_set(e, MITOK_E_ARG, "--probe wants the URL of a repository"),
			"as in https://dev.azure.com/ORG/PROJECT/_git/REPOSITORY");
	return r;
}

enum mitok_code check(const struct options *o, struct mitok_err *e)
{
	AUTO_CHECK c = { .o = o, .rep = { .json = o->json } };
	struct mitok_err why = { .code = MITOK_OK };
	enum mitok_code r = judge_url(&c, e);
	bool has_git;

	if (r)
		return r;
	report_begin(&c.rep, c.url.text);
	has_git = !report_git(&c, &why);
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
