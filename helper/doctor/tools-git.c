/* git: whether its chain of helpers leads to mi-token.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "../git-admin/check.h"
#include "../git-admin/helper.h"
#include "tools.h"

/* Any line of ours for Azure Repos, in effect or not. */
static bool is_set_up(const struct git *g)
{
	const struct git_key key = { "credential", "helper", "https://dev.azure.com" };
	AUTO_LIST list = { .count = 0 };

	if (git_values(g, &key, &list, NULL))
		return true; /* check_chain() says what is wrong */
	for (size_t i = 0; i < list.count; i++)
		if (list.rows[i].value && helper_is_ours(list.rows[i].value))
			return true;
	return false;
}

void tools_git(struct report *r, int timeout_ms)
{
	const struct options none = { .json = false };
	struct check c = { .o = &none, .tells_path = true };
	struct mitok_err e = { 0 };

	c.git.timeout_ms = timeout_ms;
	if (!run_find("git", c.git.path)) {
		report_ok(r, "git", "it is not installed");
		return;
	}
	if (git_find(&c.git, &e)) {
		report_fail(r, "git", &e);
		return;
	}
	if (!is_set_up(&c.git)) {
		report_ok(r, "git",
			"%s does not ask mi-token for Azure Repos; `mi-token git "
			"configure` sets that up",
			c.git.path);
		return;
	}
	if (url_parse("https://dev.azure.com", &c.url, &e))
		return;
	c.rep = *r;
	c.rep.prefix = "git ";
	if (check_chain(&c, &e))
		report_fail(&c.rep, "git", &e);
	*r = c.rep;
	r->prefix = NULL;
	text_free(&c.identity);
}
