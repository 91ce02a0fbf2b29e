/* Whether this user may read the keys of the Azure Arc agent.
 * SPDX-License-Identifier: MIT */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

/* The groups of this very process, which are those of its login. */
static bool has_group(gid_t gid)
{
	gid_t groups[256];
	int count = getgroups(sizeof(groups) / sizeof(*groups), groups);

	for (int i = 0; i < count; i++)
		if (groups[i] == gid)
			return true;
	return getegid() == gid;
}

static bool is_member(const struct group *g, const char *user)
{
	for (char *const *m = g->gr_mem; *m; m++)
		if (strcmp(*m, user) == 0)
			return true;
	return false;
}

static void fail(struct facts *f, const char *user)
{
	const struct group *g = getgrnam("himds");
	struct mitok_err e = f->err;
	AUTO_TEXT word = { 0 };

	/* A key that was read and not accepted is another story. */
	if (!strstr(e.hint, "himds")) {
		report_fail(&f->rep, "himds group", &e);
		return;
	}
	e.hint[0] = '\0';
	if (g && is_member(g, user) && !has_group(g->gr_gid)) {
		(void)err_within(&e, e.code,
			"%s is in group himds, but was not when this session began",
			user);
		(void)err_hint(&e, e.code,
			"log in again; a service needs a restart, or "
			"SupplementaryGroups=himds");
	} else {
		(void)err_within(&e, e.code, "%s is not in group himds", user);
		text_add_word(&word, user); /* those of a domain have a backslash */
		(void)err_hint(&e, e.code,
			"sudo usermod -aG himds %s, then log in again (a service: "
			"SupplementaryGroups=himds)",
			text_peek(&word));
	}
	report_fail(&f->rep, "himds group", &e);
}

void climb_key(struct facts *f)
{
	const struct passwd *p = getpwuid(geteuid());
	char user[64] = "USER";

	if (p)
		(void)!TEXT_COPY(user, p->pw_name);
	if (f->stage == STAGE_KEY) {
		fail(f, user);
		return;
	}
	if (f->stage > STAGE_KEY)
		report_ok(&f->rep, "himds group", "%s may read the agent's keys", user);
	else
		report_skip(&f->rep, "himds group", "not tried: it gave no key");
}
