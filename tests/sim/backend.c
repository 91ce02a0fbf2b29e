/* Git's own server behind Azure Repos: git-http-backend(1) as a CGI program (RFC 3875).
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "devops.h"

#define VARIABLES_MAX 20

/* The program's environment: nothing else gets in. */
struct environment {
	char *at[VARIABLES_MAX + 1];
	unsigned count;
};

static void set(struct environment *env, const char *name, const char *value)
{
	if (env->count == VARIABLES_MAX ||
		asprintf(&env->at[env->count], "%s=%s", name, value ? value : "") < 0)
		abort();
	env->at[++env->count] = NULL;
}

static void environment_free(struct environment *env)
{
	for (unsigned i = 0; i < env->count; i++)
		free(env->at[i]);
}

/* The only configuration git reads, so that runs are alike: nobody's repositories are
 * foreign, and nothing goes on after the answer. */
static bool write_config(const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return false;
	fputs("[safe]\n\tdirectory = *\n[receive]\n\tautogc = false\n[gc]\n\tauto = 0\n"
	      "[uploadpack]\n\tallowFilter = true\n",
		f);
	return fclose(f) == 0;
}

static bool set_all(struct world *w, const struct request *rq, const struct repo *repo,
	struct environment *env)
{
	char config[512], length[32];

	(void)snprintf(config, sizeof(config), "%s/backend.gitconfig", w->state);
	(void)snprintf(length, sizeof(length), "%zu", rq->body_len);
	set(env, "PATH", getenv("PATH"));
	set(env, "HOME", "/nonexistent");
	set(env, "LC_ALL", "C");
	set(env, "GIT_CONFIG_NOSYSTEM", "1");
	set(env, "GIT_CONFIG_GLOBAL", config);
	set(env, "GIT_PROJECT_ROOT", repo->root);
	set(env, "GIT_HTTP_EXPORT_ALL", "1");
	set(env, "GIT_PROTOCOL", request_header(rq, "Git-Protocol"));
	set(env, "PATH_INFO", repo->info);
	set(env, "REQUEST_METHOD", rq->method);
	set(env, "QUERY_STRING", rq->query);
	set(env, "CONTENT_TYPE", request_header(rq, "Content-Type"));
	set(env, "CONTENT_LENGTH", length);
	set(env, "HTTP_CONTENT_ENCODING", request_header(rq, "Content-Encoding"));
	set(env, "REMOTE_ADDR", "127.0.0.1");
	set(env, "REMOTE_USER", repo->user); /* who may push is somebody */
	return write_config(config);
}

/* Runs it from file to file: no pipe can fill up. Its exit status says less than its
 * answer. */
static void run(char *const env[], const char *log, int in, int out)
{
	static char git[] = "git", name[] = "http-backend";
	char *const argv[] = { git, name, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int status;
	pid_t pid;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	if (posix_spawn_file_actions_init(&files) || posix_spawnattr_init(&attr))
		abort();
	(void)posix_spawn_file_actions_adddup2(&files, in, 0);
	(void)posix_spawn_file_actions_adddup2(&files, out, 1);
	(void)posix_spawn_file_actions_addopen(
		&files, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &usual);
	(void)posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (posix_spawnp(&pid, "git", &files, &attr, argv, env) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
}

/* The file from its start; the caller frees. */
static char *read_all(int fd, size_t *ret_len)
{
	struct stat st;
	char *p;
	size_t have = 0;

	if (fstat(fd, &st) < 0 || !(p = calloc(1, (size_t)st.st_size + 1)))
		return NULL;
	while (have < (size_t)st.st_size) {
		ssize_t n = pread(fd, p + have, (size_t)st.st_size - have, (off_t)have);

		if (n <= 0)
			break;
		have += (size_t)n;
	}
	*ret_len = have;
	return p;
}

/* Header lines, of which "Status" is the status line's (RFC 3875, section 6). */
static void take_headers(struct reply *rp, char *head)
{
	for (char *line; (line = strsep(&head, "\n"));) {
		size_t len = strlen(line);
		int64_t status;

		if (len && line[len - 1] == '\r')
			line[--len] = '\0';
		if (text_starts_nocase(line, "Status: ") && len >= 11) {
			line[11] = '\0';
			if (text_to_number(line + 8, 200, 599, &status))
				rp->status = (int)status;
		} else if (len && !text_starts_nocase(line, "Content-Length:")) {
			text_addf(&rp->headers, "%s\r\n", line);
		}
	}
}

static bool take_answer(int out, struct reply *rp)
{
	size_t len = 0;
	AUTO_FREE char *all = read_all(out, &len);
	char *end = all ? memmem(all, len, "\r\n\r\n", 4) : NULL;

	if (!end)
		return false;
	*end = '\0';
	rp->status = 200;
	take_headers(rp, all);
	rp->large_len = len - (size_t)(end + 4 - all);
	rp->large = malloc(rp->large_len + 1);
	if (!rp->large)
		abort();
	memcpy(rp->large, end + 4, rp->large_len);
	return true;
}

void backend_run(struct world *w, const struct request *rq, const struct repo *repo,
	struct reply *rp)
{
	AUTO_FD in = memfd_create("request", MFD_CLOEXEC);
	AUTO_FD out = memfd_create("answer", MFD_CLOEXEC);
	struct environment env = { 0 };
	char log[512];
	bool good = in >= 0 && out >= 0 && set_all(w, rq, repo, &env) &&
		file_write_all(in, rq->body, rq->body_len) && lseek(in, 0, SEEK_SET) == 0;

	(void)snprintf(log, sizeof(log), "%s/backend.log", w->state);
	if (good)
		run(env.at, log, in, out);
	if (!good || !take_answer(out, rp))
		reply_with(rp, 500, "text/plain", "git http-backend gave no answer\n");
	environment_free(&env);
}
