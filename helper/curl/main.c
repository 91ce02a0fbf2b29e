/* mi-token curl, and `curl` by its own name: the machine's tokens for curl.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "../real.h"
#include "base/file.h"
#include "base/secret.h"
#include "curl.h"

/* As a shell says it. */
#define STATUS_NOT_FOUND 127

/* One run. What goes wrong is an error for mi-token curl; by the name curl, which programs
 * call that know nothing of us, it is a warning, and curl runs as without us. */
struct run {
	struct own o;
	bool is_shim;
	int argc; /* of curl's arguments, argv[0] is for its name */
	char **argv;
	struct scan scan;
	struct judge judge;
	struct surroundings around;
	int *fds;          /* for each section the pipe its token is in, or 0 */
	char (*paths)[24]; /* of those pipes, as arguments */
	bool grants;       /* one of them has one */
	char real
		[PATH_MAX]; /* the curl that does the work; sought before a token comes */
};

static void run_done(struct run *r)
{
	mitok_free(r->judge.m);
	scan_free(&r->scan);
	free(r->fds);
	free(r->paths);
}
#define AUTO_RUN __attribute__((cleanup(run_done))) struct run

static void warn(const struct run *r, const char *what, const struct mitok_err *why)
{
	struct mitok_err e = *why;

	if (r->o.quiet)
		return;
	(void)err_within(&e, e.code, "%s", what);
	process_print_error(false, &e);
}

/* The error, or MITOK_OK and a warning. */
static enum mitok_code fail(
	const struct run *r, struct mitok_err *e, enum mitok_code code)
{
	if (!r->is_shim)
		return code;
	warn(r, "curl runs without a token", e);
	return MITOK_OK;
}

/* A configuration for curl that can be read once, from a descriptor that it inherits. */
static enum mitok_code make_pipe(const struct secret *text, int *ret, struct mitok_err *e)
{
	int ends[2];
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(e, MITOK_E_BUG, "cannot make a pipe: %s", strerror(errno));
	n = fcntl(ends[1], F_SETPIPE_SZ, (int)text->len) < 0
		? -1
		: write(ends[1], secret_peek(text), text->len);
	file_close(&ends[1]);
	if (n != (ssize_t)text->len || fcntl(ends[0], F_SETFD, 0) < 0 ||
		fcntl(ends[0], F_SETFL, O_RDONLY) < 0) {
		file_close(&ends[0]);
		return err_set(e, MITOK_E_BUG, "cannot fill a pipe with the token");
	}
	*ret = ends[0];
	return MITOK_OK;
}

/* What a redirect may lead to is said as well (curl(1), "--proto-redir"). */
static enum mitok_code grant(
	struct run *r, const struct place *p, int *ret, struct mitok_err *e)
{
	char buffer[JUDGE_TARGET_SIZE];
	struct mitok_request rq = judge_request(&r->judge, p, buffer);
	AUTO_TOKEN t = NULL;
	AUTO_SECRET text = { 0 };
	enum mitok_code code = mitok_get(r->judge.m, &rq, &t, e);
	size_t len = 0;
	const char *value;

	if (code)
		return code;
	if (e->message[0])
		warn(r, "token", e);
	value = mitok_token_value(t, &len);
	if (!secret_add_text(&text, "proto-redir = \"=https\"\noauth2-bearer = \"") ||
		!secret_add(&text, value, len) || !secret_add_text(&text, "\"\n"))
		return err_memory(e);
	return make_pipe(&text, ret, e);
}

/* That no token goes there is worth a line, but not for those who never asked for one. */
static void tell_none(const struct run *r, struct ruling *ruling)
{
	if (ruling->outcome == OUTCOME_OWN)
		(void)err_set(&ruling->why, MITOK_OK,
			"the command line or ~/.curlrc has credentials of its own");
	if (!r->is_shim)
		warn(r, "curl runs without a token", &ruling->why);
}

static enum mitok_code do_sections(struct run *r, struct mitok_err *e)
{
	bool told = false;
	enum mitok_code code;

	for (size_t i = 0; i < r->scan.section_count; i++) {
		struct ruling ruling;

		judge_section(&r->judge, &r->scan, i, &ruling);
		code = MITOK_OK;
		if (ruling.outcome == OUTCOME_REFUSED) {
			*e = ruling.why;
			code = fail(r, e, e->code);
		} else if (ruling.outcome == OUTCOME_GRANTED) {
			code = grant(r, &ruling.place, &r->fds[i], e);
			if (code)
				code = fail(r, e, code);
			r->grants = r->grants || r->fds[i];
		} else if (ruling.outcome != OUTCOME_NONE && !told) {
			tell_none(r, &ruling);
			told = true;
		}
		if (code)
			return code;
	}
	return MITOK_OK;
}

static void ignore(void *arg, const char *name, const char *value, const char *origin)
{
	(void)arg;
	(void)name;
	(void)value;
	(void)origin;
}

/* Before it is taken for a fault of the URL's. */
static enum mitok_code check_identity(const struct run *r, struct mitok_err *e)
{
	struct mitok_request rq = { .size = sizeof(rq), .identity = r->o.identity };

	rq.resource = "https://management.azure.com/";
	if (!r->o.identity ||
		mitok_choice_each(r->judge.m, &rq, ignore, NULL, e) != MITOK_E_ARG)
		return MITOK_OK;
	return MITOK_E_ARG;
}

static enum mitok_code find_tokens(struct run *r, struct mitok_err *e)
{
	const struct mitok_options settings = { .size = sizeof(settings),
		.own_process = 1 };
	enum mitok_code code;

	surroundings_save(&r->around);
	process_harden();
	if (r->scan.reads_config)
		config_scan(&r->scan);
	r->judge.o = &r->o;
	r->fds = calloc(r->scan.section_count, sizeof(*r->fds));
	if (!r->fds)
		return err_memory(e);
	code = mitok_new(&settings, &r->judge.m, e);
	if (code)
		return fail(r, e, code);
	code = check_identity(r, e);
	return code ? code : do_sections(r, e);
}

/* curl's arguments, and for each section with a token an option that says where it is. */
static char **make_arguments(struct run *r)
{
	size_t sections = r->fds ? r->scan.section_count : 0, next = 0, n = 0;
	char **argv = calloc((size_t)r->argc + 2 * sections + 1, sizeof(*argv));
	static char name[] = "curl", option[] = "-K";

	r->paths = calloc(sections + 1, sizeof(*r->paths));
	for (int i = 0; argv && r->paths && i <= r->argc; i++) {
		for (; next < sections && r->scan.sections[next].at == i; next++) {
			if (!r->fds[next])
				continue;
			(void)snprintf(r->paths[next], sizeof(*r->paths), "/dev/fd/%d",
				r->fds[next]);
			argv[n++] = option;
			argv[n++] = r->paths[next];
		}
		if (i < r->argc)
			argv[n++] = i ? r->argv[i] : name;
	}
	return argv;
}

/* Nothing that is named has anything to do with a token. */
static bool is_plain(const struct run *r)
{
	return r->scan.url_count == 0 || (r->scan.flags & SCAN_NOTHING);
}

static enum mitok_code prepare(struct run *r, int argc, char **argv, struct mitok_err *e)
{
	const char *slash = strrchr(argv[0] ? argv[0] : "", '/');
	const char *self = slash ? slash + 1 : argv[0];
	int own = 0;
	enum mitok_code code = MITOK_OK;

	r->is_shim = self && strcmp(self, "curl") == 0;
	if (!r->is_shim)
		code = own_parse(argc, argv, &r->o, &own, e);
	if (code)
		return code;
	r->argc = argc - own;
	r->argv = argv + own;
	return scan_args(r->argc, r->argv, &r->scan) ? MITOK_OK : err_memory(e);
}

static enum mitok_code print(const struct own *o, struct mitok_err *e)
{
	AUTO_TEXT out = { 0 };

	if (o->help)
		own_help(&out);
	else
		text_add(&out, "mi-token " MI_TOKEN_VERSION "\n");
	return text_ok(&out) ? process_print(out.p, out.len, e) : err_memory(e);
}

/* Becomes curl. */
static int go(struct run *r)
{
	struct mitok_err e = { 0 };
	char **argv = make_arguments(r);

	if (argv && r->paths) {
		if (r->fds)
			surroundings_restore(&r->around);
		(void)execv(r->real, argv);
	}
	(void)err_set(&e, MITOK_E_CONF, "cannot run '%s': %s", r->real, strerror(errno));
	process_print_error(false, &e);
	free(argv);
	return STATUS_NOT_FOUND;
}

static enum mitok_code run(struct run *r, int *ret_status, struct mitok_err *e)
{
	enum mitok_code code = MITOK_OK;

	if (!real_find("curl", "MI_TOKEN_CURL", r->real)) {
		(void)err_set(e, MITOK_E_CONF, "there is no curl in PATH");
		(void)err_hint(
			e, MITOK_E_CONF, "install it; relative folders do not count");
		process_print_error(false, e);
		*ret_status = STATUS_NOT_FOUND;
		return MITOK_OK;
	}
	if (!is_plain(r))
		code = find_tokens(r, e);
	if (!code)
		*ret_status = go(r);
	return code;
}

int main(int argc, char **argv)
{
	AUTO_RUN r = { .fds = NULL };
	struct mitok_err e = { 0 };
	int status = 0;
	enum mitok_code code = prepare(&r, argc, argv, &e);

	if (!code && (r.o.help || r.o.version))
		code = print(&r.o, &e);
	else if (!code)
		code = run(&r, &status, &e);
	if (!code)
		return status;
	process_print_error(false, &e);
	return (int)code;
}
