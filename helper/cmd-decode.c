/* mi-token decode: show the claims of a token from stdin.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd.h"

#define TOKEN_MAX 65536

static enum mitok_code read_stdin(struct secret *ret, struct mitok_err *e)
{
	for (;;) {
		char *room = secret_room(ret, 4096);
		ssize_t n = room ? read(STDIN_FILENO, room, 4096) : -1;

		if (n < 0 && room && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(
				e, MITOK_E_ARG, "cannot read stdin: %s", strerror(errno));
		if (n == 0)
			return MITOK_OK;
		secret_grow(ret, (size_t)n);
		if (ret->len > TOKEN_MAX)
			return err_set(e, MITOK_E_ARG,
				"stdin: more than %d bytes are no token", TOKEN_MAX);
	}
}

static bool is_time(const char *name)
{
	static const char *const names[] = { "iat", "nbf", "exp", "auth_time",
		"xms_tcdt" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Header and payload, each on its own: either may have no members. */
struct claims {
	struct text parts[2];
	bool json;
};

static void add_line(
	struct text *out, const char *name, const char *value, bool is_string)
{
	char date[CLOCK_TEXT_SIZE];
	int64_t n;

	if (text_has_control(name)) {
		text_add_json(out, name);
		text_add(out, " ");
	} else {
		text_addf(out, "%-12s ", name);
	}
	if (!is_string && is_time(name) && text_to_number(value, 0, CLOCK_MAX_S, &n)) {
		clock_format(n, date);
		text_addf(out, "%s (%s)\n", value, date);
	} else if (is_string && text_has_control(value)) {
		text_add_json(out, value);
		text_add(out, "\n");
	} else {
		text_addf(out, "%s\n", value);
	}
}

static void add_member(
	struct text *out, const char *name, const char *value, bool is_string)
{
	text_add(out, out->len ? ",\n    " : "\n    ");
	text_add_json(out, name);
	text_add(out, ": ");
	if (is_string)
		text_add_json(out, value);
	else
		text_add(out, value);
}

static void add_claim(
	void *arg, int part, const char *name, const char *value, int is_string)
{
	struct claims *c = arg;

	(c->json ? add_member : add_line)(&c->parts[part], name, value, is_string);
}

static enum mitok_code print_claims(struct claims *c, struct mitok_err *e)
{
	AUTO_TEXT out = { 0 };

	for (int part = 0; part < 2; part++) {
		if (!text_ok(&c->parts[part]))
			return err_memory(e);
		if (c->json)
			text_add(&out,
				part ? "\n  },\n  \"payload\": {" : "{\n  \"header\": {");
		text_add(&out, text_peek(&c->parts[part]));
	}
	if (c->json)
		text_add(&out, "\n  }\n}\n");
	return print_text(&out, e);
}

static enum mitok_code run(const struct options *o, struct mitok *m, struct mitok_err *e)
{
	struct claims c = { .json = false };
	AUTO_SECRET token = { 0 };
	const char *jwt;
	size_t skip;
	enum mitok_code r = is_json(o, &c.json, e);

	(void)m;
	if (!r && o->args[0])
		r = err_hint(e,
			err_set(e, MITOK_E_ARG, "decode reads the token from stdin"),
			"a token on a command line can be read by every user of the "
			"machine");
	if (!r)
		r = read_stdin(&token, e);
	if (r)
		return r;
	secret_trim(&token);
	jwt = secret_peek(&token);
	if (!token.len)
		return err_set(e, MITOK_E_ARG, "nothing on stdin");
	skip = text_starts_nocase(jwt, "Authorization: ") ? strlen("Authorization: ") : 0;
	skip += text_starts_nocase(jwt + skip, "Bearer ") ? strlen("Bearer ") : 0;
	r = mitok_jwt_each(jwt + skip, token.len - skip, add_claim, &c, e);
	r = r ? err_within(e, r, "stdin") : print_claims(&c, e);
	text_free(&c.parts[0]);
	text_free(&c.parts[1]);
	return r;
}

const struct cmd cmd_decode = {
	"decode",
	"[-o text|json] <TOKEN",
	"show the claims of a token from stdin, never its signature",
	"o",
	"text or json",
	1,
	false,
	run,
};
