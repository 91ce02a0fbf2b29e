/* mi-token exec: runs a command beside an endpoint of its own.
 *
 * The command takes our place: its exit status, its terminal and its signals are nobody
 * else's business. What serves it is a process of its own session, which watches us by a
 * pidfd and so ends with the command, however that ends.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../flags.h"
#include "../process.h"
#include "../serve/variables.h"
#include "environment.h"
#include "options.h"
#include "relay.h"
#include "spawn.h"

/* As env(1) and shells have it. */
enum {
	STATUS_CANNOT_RUN = 126,
	STATUS_NOT_FOUND = 127,
};

/* What is closed must not become a socket of ours; the command finds it closed again. */
static void fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open(
				"/dev/null", (fd == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

static enum mitok_code start_server(
	const struct options *o, int lifeline, struct secret *ret, struct mitok_err *e)
{
	const char *argv[2 * FLAG_LIST_MAX + 5] = { "mi-token-serve", "--imds" };
	size_t n = 2;

	if (o->identity) {
		argv[n++] = "--identity";
		argv[n++] = o->identity;
	}
	for (unsigned i = 0; i < o->allow.count; i++) {
		argv[n++] = "--allow";
		argv[n++] = o->allow.values[i];
	}
	return spawn(argv, lifeline, ret, e);
}

/* The server outside looks at who we are, not at a secret; but programs want one. */
static enum mitok_code start_relay(
	const struct options *o, int lifeline, struct secret *ret, struct mitok_err *e)
{
	char secret[SECRET_SIZE];
	unsigned port = 0;
	enum mitok_code r = relay_start(o->via, lifeline, &port, e);

	if (r)
		return r;
	if (!variables_secret(secret) || !variables_add(port, secret, true, ret))
		return err_memory(e);
	return MITOK_OK;
}

static enum mitok_code start_keeper(
	const struct options *o, int lifeline, struct mitok_err *e)
{
	const char *argv[] = { "mi-token-keep-fresh", "--resource", o->resource,
		o->identity ? "--identity" : "--",
		o->identity ? o->identity : o->keep_fresh, o->identity ? "--" : NULL,
		o->keep_fresh, NULL };
	AUTO_SECRET said = { 0 };

	return o->keep_fresh ? spawn(argv, lifeline, &said, e) : MITOK_OK;
}

static enum mitok_code prepare(const struct options *o, struct mitok_err *e)
{
	AUTO_SECRET lines = { 0 };
	int lifeline = -1;
	enum mitok_code r = spawn_lifeline(&lifeline, e);

	if (!r)
		r = o->via ? start_relay(o, lifeline, &lines, e)
			   : start_server(o, lifeline, &lines, e);
	if (!r)
		r = start_keeper(o, lifeline, e);
	if (!r)
		r = environment_point(&lines, o->identity, e);
	if (!r && !o->no_shims)
		r = environment_add_shims(e);
	return r;
}

static int run(const struct options *o, struct mitok_err *e)
{
	enum mitok_code r = prepare(o, e);

	if (r)
		return (int)r;
	(void)execvp(o->command[0], o->command);
	(void)err_set(
		e, MITOK_E_ARG, "cannot run '%s': %s", o->command[0], strerror(errno));
	return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

int main(int argc, char **argv)
{
	struct options o = { .command = NULL };
	struct mitok_err e = { .code = MITOK_OK };
	int status;

	fill_standard_descriptors();
	status = (int)options_parse(argc, argv, &o, &e);
	if (!status && o.help)
		status = (int)options_help(&e);
	else if (!status && o.version)
		status = (int)process_print_version("mi-token", &e);
	else if (!status)
		status = run(&o, &e);
	if (status && e.message[0])
		process_print_error(flags_wants_json(o.error_format), &e);
	return status;
}
