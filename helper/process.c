/* What our programs have in common: how they begin, how they tell, where they lie.
 * SPDX-License-Identifier: MIT */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

void process_harden(void)
{
	const struct rlimit none = { 0, 0 };

	/* What was closed is opened the wrong way round, so that using it fails. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)umask(077);
	(void)unsetenv("POSIXLY_CORRECT"); /* options may stand anywhere */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, it would hide how a child ended */
}

/* Never by argv[0], which is what the caller likes; and a set-uid program may lie behind
 * anybody's hard link. */
bool process_folder(char ret[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", ret, PATH_MAX - 1);

	ret[n > 0 ? n : 0] = '\0';
	if (ret[0] != '/' || getauxval(AT_SECURE))
		return false;
	*strrchr(ret, '/') = '\0';
	return true;
}

void process_log(void *arg, const char *line)
{
	(void)arg;
	(void)fprintf(stderr, "mi-token: %s\n", line);
}

void process_free_token(struct mitok_token **t)
{
	mitok_token_free(*t);
	*t = NULL;
}

enum mitok_code process_print(const char *p, size_t len, struct mitok_err *e)
{
	if (file_write_all(STDOUT_FILENO, p, len))
		return MITOK_OK;
	return err_set(e, MITOK_E_BUG, "cannot write to stdout: %s", strerror(errno));
}

enum mitok_code process_print_version(const char *name, struct mitok_err *e)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "%s " MI_TOKEN_VERSION "\n", name);

	return process_print(line, (size_t)len, e);
}

static void add_json_member(struct text *t, const char *name, const char *value)
{
	text_addf(t, ", \"%s\": ", name);
	text_add_json(t, value);
}

void process_print_error(bool as_json, const struct mitok_err *e)
{
	AUTO_TEXT line = { 0 };

	if (as_json) {
		text_add(&line, "{\"code\": ");
		text_add_json(&line, mitok_code_name(e->code));
		add_json_member(&line, "message", e->message);
		add_json_member(&line, "hint", e->hint);
		add_json_member(&line, "source", e->source);
		text_addf(&line, ", \"http_status\": %d, \"aadsts\": %d", e->http_status,
			e->aadsts);
		add_json_member(&line, "correlation_id", e->correlation_id);
		text_add(&line, "}\n");
	} else {
		text_addf(&line, "mi-token: %s%s%s\n", e->message, e->hint[0] ? "; " : "",
			e->hint);
	}
	(void)!file_write_all(STDERR_FILENO, text_peek(&line), line.len);
}
