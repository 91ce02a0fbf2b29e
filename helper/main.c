/* mi-token: tokens for the managed identity of this machine, on the command line.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "options.h"

const struct cmd *const cmds[] = { &cmd_get, &cmd_whoami, &cmd_decode, &cmd_sources,
	&cmd_config, &cmd_cache, NULL };

/* Before anything secret comes near: no descriptor of ours can be taken for 0-2, nothing
 * is dumped, nobody may attach, files are ours alone, a closed pipe is an error to read.
 */
static void harden(void)
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
}

static void add_json_member(struct text *t, const char *name, const char *value)
{
	text_addf(t, ", \"%s\": ", name);
	text_add_json(t, value);
}

static void print_error(const struct options *o, const struct mitok_err *e)
{
	AUTO_TEXT line = { 0 };

	if (o->error_format && strcmp(o->error_format, "json") == 0) {
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

void warn(const struct options *o, const char *fmt, ...)
{
	va_list ap;

	struct mitok_err e = { .code = MITOK_OK };

	if (o->quiet)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(e.message, sizeof(e.message), fmt, ap);
	va_end(ap);
	print_error(o, &e);
}

static void log_line(void *arg, const char *line)
{
	(void)arg;
	(void)fprintf(stderr, "mi-token: %s\n", line);
}

static enum mitok_code print_bytes(const char *p, size_t len, struct mitok_err *e)
{
	if (file_write_all(STDOUT_FILENO, p, len))
		return MITOK_OK;
	return err_set(e, MITOK_E_BUG, "cannot write to stdout: %s", strerror(errno));
}

enum mitok_code print_secret(const struct secret *s, struct mitok_err *e)
{
	return print_bytes(secret_peek(s), s->len, e);
}

enum mitok_code print_text(const struct text *t, struct mitok_err *e)
{
	return text_ok(t) ? print_bytes(t->p, t->len, e) : err_memory(e);
}

static enum mitok_code run(
	const struct cmd *c, const struct options *o, struct mitok_err *e)
{
	const struct mitok_options settings = {
		.size = sizeof(settings),
		.log = o->verbose ? log_line : NULL,
		.own_process = 1,
	};
	struct mitok *m = NULL;
	enum mitok_code r = MITOK_OK;

	if (c->needs_context)
		r = mitok_new(&settings, &m, e);
	if (!r)
		r = c->run(o, m, e);
	mitok_free(m);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct mitok_err e = { 0 };
	const struct cmd *c = NULL;
	AUTO_TEXT help = { 0 };
	enum mitok_code r;

	harden();
	r = options_parse(argc, argv, &o, &c, &e);
	if (o.help && (!r || r == MITOK_E_ARG)) {
		options_help(o.topic, &help);
		r = print_text(&help, &e);
	} else if (o.version && !r) {
		text_add(&help, "mi-token " MI_TOKEN_VERSION "\n");
		r = print_text(&help, &e);
	} else if (!r) {
		r = run(c, &o, &e);
	}
	if (r)
		print_error(&o, &e);
	return (int)r;
}
