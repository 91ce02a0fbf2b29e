/* mi-token explain: what a failure that somebody pasted means, and the cure; offline.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../flags.h"
#include "../process.h"
#include "base/file.h"
#include "explain.h"

/* What the command line said; NULL and false where it did not. */
struct options {
	const char *error_format, *file;
	bool json, help, version;
};
#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "json",         'J', NULL,     PLACE(json),         "an array of objects" },
	{ "error-format", 'E', "FORMAT", PLACE(error_format), "text or json" },
	{ "help",         'h', NULL,     PLACE(help),         "this help" },
	{ "version",      'V', NULL,     PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

static enum mitok_code parse_options(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	if (!r && argc - optind > 1)
		r = err_set(e, MITOK_E_ARG, "more than one file");
	if (r)
		return err_hint(e, r, "see mi-token explain --help");
	o->file = argv[optind];
	return MITOK_OK;
}

static enum mitok_code print_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token explain [OPTION...] [FILE]\n\n"
		"Tell what a failure means that is in FILE, or pasted to standard "
		"input: an\n"
		"HTTP answer, an error's JSON, a log with codes of Azure. No network is "
		"used.\n\n");
	flags_help(rows, NULL, NULL, &help);
	text_add(&help, "\nmi-token(1) is the manual.\n");
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}

/* Pipes are as good as files: FILE may be <(command). What is pasted may hold a token. */
static enum mitok_code read_all(
	int fd, const char *name, struct secret *ret, struct mitok_err *e)
{
	char rest = 0; /* what is one too many */

	for (;;) {
		size_t left = SECRET_MAX - ret->len;
		size_t len = left < (size_t)64 * 1024 ? left : (size_t)64 * 1024;
		char *room = len ? secret_room(ret, len) : &rest;
		ssize_t n;

		if (!room)
			return err_memory(e);
		n = read(fd, room, len ? len : 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, MITOK_E_ARG, "cannot read %s: %s", name,
				strerror(errno));
		if (n == 0)
			return MITOK_OK;
		if (!len)
			return err_set(e, MITOK_E_ARG, "%s: more than %zu bytes", name,
				SECRET_MAX);
		secret_grow(ret, (size_t)n);
	}
}

static enum mitok_code read_input(
	const char *file, struct secret *ret, struct mitok_err *e)
{
	static const char prompt[] = "Paste what failed, then press Return and Ctrl-D.\n";
	AUTO_FD fd = -1;

	if (!file || strcmp(file, "-") == 0) {
		if (isatty(STDIN_FILENO))
			(void)!write(STDERR_FILENO, prompt, strlen(prompt));
		return read_all(STDIN_FILENO, "stdin", ret, e);
	}
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_hint(e,
			err_set(e, MITOK_E_ARG, "cannot open '%s': %s", file,
				strerror(errno)),
			"what is to be explained is pasted to standard input, or stands "
			"in a file");
	return read_all(fd, file, ret, e);
}

static enum mitok_code explain(const struct options *o, struct mitok_err *e)
{
	AUTO_SECRET input = { 0 };
	AUTO_TEXT out = { 0 };
	struct findings found;
	enum mitok_code r = read_input(o->file, &input, e);

	if (!r)
		r = explain_scan(secret_peek(&input), input.len, &found, e);
	if (r)
		return r;
	explain_print(&found, o->json, &out);
	if (!text_ok(&out))
		return err_memory(e);
	if (out.len)
		r = process_print(out.p, out.len, e);
	if (r || found.count)
		return r;
	r = err_set(
		e, MITOK_E_REPLY, "no code or answer of Azure's that is known is in it");
	return err_hint(e, r,
		"give the whole answer with its headers (curl -i), or the error's whole "
		"text");
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct mitok_err e = { 0 };
	enum mitok_code r;

	process_harden();
	r = parse_options(argc, argv, &o, &e);
	if (!r && o.help)
		r = print_help(&e);
	else if (!r && o.version)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = explain(&o, &e);
	if (r)
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
