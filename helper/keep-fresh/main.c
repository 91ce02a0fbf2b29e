/* mi-token keep-fresh: a file that always has a token with time to live.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../exec/lifeline.h"
#include "../flags.h"
#include "../process.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "token-file.h"

/* What the command line said. */
struct options {
	const char *resource, *identity, *lifeline_text, *error_format;
	bool once, verbose, help, version;

	const char *path;
	int lifeline; /* -1: none */
};

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "resource",     'r', "RESOURCE", PLACE(resource),      "what the token is for: a resource or an alias" },
	{ "identity",     'i', "SELECTOR", PLACE(identity),      "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "once",         'O', NULL,       PLACE(once),          "write it once, and leave it there" },
	{ "lifeline",     'L', "FD",       PLACE(lifeline_text), "go to the background, and end when FD can be read or is closed" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format),  "text or json" },
	{ "verbose",      'v', NULL,       PLACE(verbose),       "tell on stderr what happens; never a token" },
	{ "help",         'h', NULL,       PLACE(help),          "this help" },
	{ "version",      'V', NULL,       PLACE(version),       "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* Seconds between two tries that fail: doubled each time. Not longer is slept at once
 * either, because a machine that was suspended has to look at its clock again. */
#define RETRY_MIN_S   2
#define RETRY_MAX_S   60
/* A token in the file lives so long at least, when there is another. */
#define LIFE_MIN_S    60

struct keeper {
	const struct options *o;
	struct mitok *m;
	struct token_file file;
	int end; /* can be read when the time has come */
};

/* Writes the token, and says from when on there is a newer one. */
static enum mitok_code write_token(
	struct keeper *k, int64_t *ret_until_s, struct mitok_err *e)
{
	const char *wanted = k->o->resource;
	const bool is_alias = !strstr(wanted, "://") && !text_is_guid(wanted);
	const struct mitok_request rq = { .size = sizeof(rq),
		.resource = is_alias ? NULL : wanted,
		.target = is_alias ? wanted : NULL,
		.identity = k->o->identity };
	struct mitok_token *t = NULL;
	enum mitok_code r = mitok_get(k->m, &rq, &t, e);
	const char *value;
	size_t len;

	if (r)
		return r;
	if (e->message[0]) /* a warning */
		process_print_error(flags_wants_json(k->o->error_format), e);
	value = mitok_token_value(t, &len);
	r = token_file_write(&k->file, value, len, e);
	*ret_until_s = mitok_token_time(t, MITOK_TIME_EXPIRES) - LIFE_MIN_S;
	if (*ret_until_s > mitok_token_time(t, MITOK_TIME_REFRESH))
		*ret_until_s = mitok_token_time(t, MITOK_TIME_REFRESH);
	mitok_token_free(t);
	return r;
}

/* Sleeps until then; true: the time to end has come. */
static bool sleep_until(const struct keeper *k, int64_t until_s)
{
	int64_t left;

	while ((left = until_s - clock_now().real_s) > 0) {
		if (left > RETRY_MAX_S)
			left = RETRY_MAX_S;
		if (lifeline_wait(k->end, -1, (int)left * 1000))
			return true;
	}
	return false;
}

/* The first token is there, and is good until then. */
static void keep(struct keeper *k, int64_t until_s)
{
	int64_t pause = RETRY_MIN_S;

	for (;;) {
		struct mitok_err e = { .code = MITOK_OK };
		int64_t now = clock_now().real_s;

		if (sleep_until(k, until_s > now + RETRY_MIN_S ? until_s : now + pause))
			return;
		if (write_token(k, &until_s, &e)) {
			process_print_error(flags_wants_json(k->o->error_format), &e);
			until_s = 0;
		}
		/* What is still the old one is asked for again, too. */
		pause = until_s > clock_now().real_s ? RETRY_MIN_S : pause * 2;
		if (pause > RETRY_MAX_S)
			pause = RETRY_MAX_S;
	}
}

/* Without a life line: SIGINT, SIGTERM, and the end of who started us. */
static int watch_signals(pid_t parent)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) /* it was quicker */
		(void)raise(SIGTERM);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum mitok_code run_on(struct keeper *k, pid_t parent, struct mitok_err *e)
{
	AUTO_FD signals = k->o->lifeline < 0 && !k->o->once ? watch_signals(parent) : -1;
	int64_t until_s = 0;
	enum mitok_code r = write_token(k, &until_s, e);
	pid_t child = 0;

	if (r || k->o->once)
		return r;
	k->end = k->o->lifeline < 0 ? signals : k->o->lifeline;
	if (k->o->lifeline >= 0) {
		child = fork();
		if (child < 0) {
			token_file_remove(&k->file);
			return err_set(e, MITOK_E_LATER, "cannot start a process");
		}
		if (child == 0)
			lifeline_detach(true);
	}
	if (child == 0) {
		keep(k, until_s);
		token_file_remove(&k->file);
	}
	return MITOK_OK;
}

static enum mitok_code run(const struct options *o, pid_t parent, struct mitok_err *e)
{
	const struct mitok_options settings = { .size = sizeof(settings),
		.log = o->verbose ? process_log : NULL,
		.own_process = 1 };
	struct keeper k = { .o = o, .file = { .path = o->path } };
	enum mitok_code r;

	lifeline_close_others(o->lifeline, -1);
	r = mitok_new(&settings, &k.m, e);
	if (!r)
		r = run_on(&k, parent, e);
	mitok_free(k.m);
	return r;
}

static enum mitok_code parse(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	if (r || o->help || o->version)
		return r ? err_hint(e, r, "see mi-token keep-fresh --help") : MITOK_OK;
	r = lifeline_parse(o->lifeline_text, &o->lifeline, e);
	o->path = argv[optind];
	if (!r && (!o->path || argv[optind + 1]))
		r = err_set(e, MITOK_E_ARG, "'keep-fresh' takes one argument, a file");
	if (!r && !o->resource)
		r = err_set(e, MITOK_E_ARG, "a token for what? --resource is missing");
	if (!r && o->once && o->lifeline >= 0)
		r = err_set(e, MITOK_E_ARG, "--once and --lifeline: one of them");
	return r ? err_hint(e, r, "see mi-token keep-fresh --help") : MITOK_OK;
}

static enum mitok_code print_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token keep-fresh --resource RESOURCE [OPTION...] FILE\n\n"
		"Keeps a token in a file, and replaces it before it expires.\n\n");
	flags_help(rows, NULL, NULL, &help);
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}

int main(int argc, char **argv)
{
	struct options o = { .lifeline = -1 };
	struct mitok_err e = { .code = MITOK_OK };
	pid_t parent = getppid();
	enum mitok_code r;

	process_harden();
	r = parse(argc, argv, &o, &e);
	if (!r && o.help)
		r = print_help(&e);
	else if (!r && o.version)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = run(&o, parent, &e);
	if (r)
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
