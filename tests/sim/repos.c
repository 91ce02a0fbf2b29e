/* Azure Repos: the addresses of repositories, and what is behind them.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "devops.h"

/* The folder that has all repositories. */
static const char *root_folder(const struct world *w, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s/repos", w->state);
	return scenario_text(w, "repos", "root", buf);
}

/* Finds "/_git/" where it is a segment of its own. /PROJECT/_git/REPO/TAIL and the short
 * /_git/REPO/TAIL of a project that is called like its repository. */
static bool take_apart(
	const char *rest, char project[256], char repo[256], const char **ret_tail)
{
	static const char mark[] = "/_git/";
	const char *at = strstr(rest, mark), *name = at ? at + strlen(mark) : "";
	size_t len = strcspn(name, "/"), project_len = at ? (size_t)(at - rest) : 0;

	*ret_tail = name + len;
	if (len > 4 && strncmp(name + len - 4, ".git", 4) == 0)
		len -= 4;
	if (len == 0 || len >= 256 || project_len >= 256)
		return false;
	memcpy(repo, name, len);
	repo[len] = '\0';
	memcpy(project, project_len ? rest + 1 : repo,
		project_len ? project_len - 1 : len);
	project[project_len ? project_len - 1 : len] = '\0';
	return !strchr(project, '/');
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void fail_unknown(struct reply *rp, const char *name)
{
	AUTO_TEXT sentence = { 0 };

	text_addf(&sentence,
		"TF401019: The Git repository with name or identifier %s does not exist "
		"or you do not have permissions for the operation you are attempting.",
		name);
	devops_fail(rp, 404, text_peek(&sentence));
}

void repos_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	char root[512], project[256], name[256], info[4096];
	bool is_get = strcmp(rq->method, "GET") == 0;
	struct repo repo = { .info = info };
	struct place place;
	struct caller caller;

	if (!place_read(rq, &place))
		return reply_status(rp, 400);
	place.open = is_get && scenario_number(w, "repos", "anonymous_get", 0);
	if (!devops_admit(w, rq, &place, rp, &caller))
		return;
	repo.root = root_folder(w, root, sizeof(root));
	if (devops_api(repo.root, &place, &caller, rp))
		return;
	if (!take_apart(place.rest, project, name, &repo.tail))
		return reply_with(rp, 404, "text/plain", "The resource cannot be found.");
	if (!TEXT_COPY(repo.user, caller.oid) ||
		snprintf(repo.dir, sizeof(repo.dir), "%s/%s/%s/%s", repo.root, place.org,
			project, name) >= (int)sizeof(repo.dir) ||
		!is_folder(repo.dir))
		return fail_unknown(rp, name);
	(void)snprintf(
		info, sizeof(info), "/%s/%s/%s%s", place.org, project, name, repo.tail);
	if (text_starts(repo.tail, "/info/lfs/"))
		lfs_handle(rq, &repo, rp);
	else
		backend_run(w, rq, &repo, rp);
}
