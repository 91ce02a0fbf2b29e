/* The git that runs us: what it can do, and what its configuration says.
 * SPDX-License-Identifier: MIT */
#include "caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git.h"

#define BEARER_FROM GIT_VERSION(2, 54)

/* It tells its helpers where its programs are. */
static bool find(struct git *ret)
{
	const char *folder = secure_getenv("GIT_EXEC_PATH");
	int size = (int)sizeof(ret->path);

	if (folder && *folder == '/' &&
		snprintf(ret->path, sizeof(ret->path), "%s/git", folder) < size &&
		access(ret->path, X_OK) == 0)
		return true;
	return run_find("git", ret->path);
}

/* The note's name: another git, or the same after an update, is asked anew. */
static bool name_note(const struct git *git, char *ret, size_t size)
{
	struct stat st;

	return stat(git->path, &st) == 0 &&
		snprintf(ret, size, "git-version|%llu|%llu|%lld|%lld",
			(unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
			(long long)st.st_mtim.tv_sec,
			(long long)st.st_mtim.tv_nsec) < (int)size;
}

bool caller_sends_bearer(struct mitok *m, int timeout_ms)
{
	const char *const args[] = { "version", NULL };
	struct git git = { .number = 0 };
	AUTO_RUN run = { .timeout_ms = timeout_ms };
	char note[128], line[128];

	if (!find(&git) || !name_note(&git, note, sizeof(note)))
		return false;
	if (!mitok_note_read(m, note, line, sizeof(line))) {
		if (git_run(&git, args, &run, NULL) || run.status != 0)
			return false;
		(void)snprintf(line, sizeof(line), "%.*s",
			(int)strcspn(text_peek(&run.out), "\n"), text_peek(&run.out));
		mitok_note_write(m, note, line);
	}
	return git_parse_version(line, &git) && git.number >= BEARER_FROM;
}

/* git decodes the path before it tells it. */
static void add_path(struct text *t, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");
		char segment[sizeof(((struct credential *)0)->path)];

		(void)snprintf(segment, sizeof(segment), "%.*s", (int)len, path);
		text_add_url(t, segment);
		path += len;
		if (*path == '/') {
			text_add(t, "/");
			path++;
		}
	}
}

/* By which git would be in the repository, wherever it is run. */
static const struct {
	const char *name;
} environment[] = {
	{ "GIT_DIR" },
	{ "GIT_WORK_TREE" },
	{ "GIT_COMMON_DIR" },
	{ "GIT_CONFIG" },
};

static void leave_repository(void)
{
	for (size_t i = 0; i < sizeof(environment) / sizeof(*environment); i++)
		(void)unsetenv(environment[i].name);
}

enum mitok_code caller_gcm_setting(const struct credential *asked, int timeout_ms,
	char ret[600], struct mitok_err *e)
{
	struct git git = { .number = 0 };
	AUTO_TEXT url = { 0 };
	AUTO_RUN run = { .timeout_ms = timeout_ms };
	enum mitok_code r;

	*ret = '\0';
	text_addf(&url, "https://%s/", asked->host);
	add_path(&url, asked->path);
	if (!text_ok(&url))
		return err_memory(e);
	if (!find(&git))
		return err_set(e, MITOK_E_CONF, "there is no git in the folders of PATH");
	leave_repository();
	r = git_run(&git,
		(const char *const[]){ "-C", "/", "config", "--null", "--get-urlmatch",
			"credential.azreposManagedIdentity", text_peek(&url), NULL },
		&run, e);
	if (r || run.status == 1) /* not set */
		return r;
	if (run.status != 0 || !text_copy(ret, 600, text_peek(&run.out)))
		return err_set(e, MITOK_E_CONF,
			"git cannot tell credential.azreposManagedIdentity");
	return MITOK_OK;
}
