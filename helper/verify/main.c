/* mi-token verify: whether an access token that somebody brought is good.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "base/file.h"
#include "gate.h"
#include "options.h"
#include "print.h"

/* What may stand around the token, besides itself. */
#define INPUT_MAX (TOKEN_MAX + 256)

/* Pipes are as good as files: FILE may be <(command). */
static enum mitok_code read_all(
	int fd, const char *name, struct secret *ret, struct mitok_err *e)
{
	while (ret->len <= INPUT_MAX) {
		char *room = secret_room(ret, 4096);
		ssize_t n = room ? read(fd, room, 4096) : 0;

		if (!room)
			return err_memory(e);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, MITOK_E_ARG, "cannot read %s: %s", name,
				strerror(errno));
		if (n == 0)
			break;
		secret_grow(ret, (size_t)n);
	}
	if (ret->len > INPUT_MAX) {
		(void)reason_refuse(
			e, REASON_LARGE, "there are more than %zu bytes", INPUT_MAX);
		return MITOK_E_DENIED;
	}
	return MITOK_OK;
}

static enum mitok_code read_input(
	const char *file, struct secret *ret, struct mitok_err *e)
{
	AUTO_FD fd = -1;

	if (!file || strcmp(file, "-") == 0)
		return read_all(STDIN_FILENO, "stdin", ret, e);
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_set(
			e, MITOK_E_ARG, "cannot open '%s': %s", file, strerror(errno));
	return read_all(fd, file, ret, e);
}

/* The token alone, where people paste the header that it came in. */
static bool strip(const struct secret *input, struct secret *ret)
{
	static const char *const before[] = { "Authorization:", "Bearer " };
	const char *p = secret_peek(input);

	p += strspn(p, " \t\r\n");
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
		if (text_starts_nocase(p, before[i])) {
			p += strlen(before[i]);
			p += strspn(p, " ");
		}
	if (!secret_add(ret, p, input->len - (size_t)(p - secret_peek(input))))
		return false;
	secret_trim(ret);
	return true;
}

static enum mitok_code verify(
	struct verifier *v, const struct options *o, struct mitok_err *e)
{
	AUTO_SECRET input = { 0 };
	AUTO_SECRET text = { 0 };
	AUTO_TOKEN_PARTS t;
	AUTO_TEXT out = { 0 };
	struct claims c;
	enum mitok_code r = read_input(o->file, &input, e);

	token_begin(&t);
	if (r)
		return r;
	if (!strip(&input, &text))
		return err_memory(e);
	switch (verifier_check(v, &text, &t, &c, e)) {
	case REASON_NONE:
		break;
	case REASON_KEYS: /* never as if it were good, whatever has been forgotten */
		return e->code ? e->code : MITOK_E_BUG;
	default:
		return MITOK_E_DENIED;
	}
	print_claims(&t, o->output && strcmp(o->output, "text") == 0, &out);
	return text_ok(&out) ? process_print(out.p, out.len, e) : err_memory(e);
}

static enum mitok_code serve(struct gate *g, const struct options *o, struct mitok_err *e)
{
	struct listener l = { .fd = -1 };
	enum mitok_code r = gate_listen(o->listen, &l, e);

	g->verbose = o->verbose;
	if (!r)
		r = gate_run(g, &l, e);
	listen_close(&l);
	return r;
}

static enum mitok_code run(struct gate *g, const struct options *o, struct mitok_err *e)
{
	struct verifier *v = g->verifier;
	enum mitok_code r;

	v->ring.fetcher = fetcher_real;
	r = verifier_start(v, o->cache, e);
	if (!r && o->jwks)
		r = verifier_use_file(v, o->jwks, e);
	if (!r)
		r = o->serve ? serve(g, o, e) : verify(v, o, e);
	if (!g->is_busy)
		verifier_stop(v);
	return r;
}

int main(int argc, char **argv)
{
	struct verifier v = { .given = NULL };
	struct gate g = { .verifier = &v };
	struct options o = { .file = NULL };
	struct mitok_err e = { .code = MITOK_OK };
	enum mitok_code r;

	process_harden();
	r = options_parse(argc, argv, &o, &v, &e);
	if (!r && o.help)
		r = options_help(&e);
	else if (!r && o.version)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = run(&g, &o, &e);
	if (r)
		process_print_error(flags_wants_json(o.error_format), &e);
	if (g.is_busy)
		_exit((int)r);
	return (int)r;
}
