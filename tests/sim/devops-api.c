/* Azure DevOps' REST API, as far as somebody asks whether he gets in (Microsoft Learn, "Azure
 * DevOps Services REST API reference": Connection Data, Projects - Get).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "devops.h"

/* A project is a folder of repositories. */
static bool has_project(const char *root, const struct place *p, const char *name)
{
	char path[4096];
	struct stat st;

	return snprintf(path, sizeof(path), "%s/%s/%s", root, p->org, name) <
		(int)sizeof(path) &&
		stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void give_project(
	const char *root, const struct place *p, const char *name, struct reply *rp)
{
	AUTO_TEXT text = { 0 };

	if (has_project(root, p, name)) {
		text_add_json(&text, name);
		return reply_json(rp, 200,
			"{\"id\":\"d0d00000-0000-4000-8000-0000000000d1\",\"name\":%s,"
			"\"state\":\"wellFormed\",\"visibility\":\"private\"}",
			text_peek(&text));
	}
	text_addf(&text,
		"VS800075: The project with id 'vstfs:///Classification/TeamProject/%s' "
		"does not exist, or you do not have permission to access it.",
		name);
	devops_fail(rp, 404, text_peek(&text));
}

bool devops_api(const char *root, const struct place *p, const struct caller *who,
	struct reply *rp)
{
	static const char projects[] = "/_apis/projects";
	const char *rest = p->rest;

	if (text_equal_nocase(rest, "/_apis/connectionData"))
		reply_json(rp, 200,
			"{\"authenticatedUser\":{\"id\":\"%s\",\"isActive\":true},"
			"\"instanceId\":\"d0d00000-0000-4000-8000-0000000000d0\"}",
			who->oid);
	else if (text_equal_nocase(rest, projects))
		reply_json(rp, 200, "{\"count\":0,\"value\":[]}");
	else if (text_starts_nocase(rest, projects) && rest[strlen(projects)] == '/')
		give_project(root, p, rest + strlen(projects) + 1, rp);
	else
		return false;
	return true;
}
