/* mi-token cache: list or remove the tokens that are kept, never showing one.
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cmd.h"

struct listing {
	struct text out;
	bool json;
	unsigned count;
};

static void add_token(void *arg, const struct mitok_token *t, const char *identity)
{
	long long expires = mitok_token_time(t, MITOK_TIME_EXPIRES);
	const char *resource = mitok_token_text(t, MITOK_TEXT_RESOURCE);
	const char *source = mitok_token_text(t, MITOK_TEXT_SOURCE);
	struct listing *l = arg;

	l->count++;
	if (!l->json) {
		text_addf(&l->out, "%s\n  for %s from %s, expires ", resource, identity,
			source);
		clock_add_span(&l->out, expires - (long long)time(NULL));
		text_add(&l->out, "\n");
		return;
	}
	text_add(&l->out,
		l->count > 1 ? ",\n    {\"resource\": " : "\n    {\"resource\": ");
	text_add_json(&l->out, resource);
	text_add(&l->out, ", \"identity\": ");
	text_add_json(&l->out, identity);
	text_add(&l->out, ", \"source\": ");
	text_add_json(&l->out, source);
	text_addf(&l->out, ", \"expires_on\": %lld}", expires);
}

static enum mitok_code list(struct listing *l, struct mitok *m, struct mitok_err *e)
{
	const char *dir = NULL;
	AUTO_TEXT rows = { 0 };
	enum mitok_code r = mitok_cache_each(m, add_token, l, &dir, e);

	if (r)
		return r;
	rows = l->out;
	l->out = (struct text){ 0 };
	if (l->json) {
		text_add(&l->out, "{\n  \"directory\": ");
		text_add_json(&l->out, dir ? dir : "");
		text_addf(&l->out, ",\n  \"tokens\": [%s%s]\n}\n", text_peek(&rows),
			l->count ? "\n  " : "");
	} else if (dir) {
		text_addf(&l->out, "%s: %u token%s\n%s", dir, l->count,
			l->count == 1 ? "" : "s", text_peek(&rows));
	} else {
		text_add(&l->out,
			"no cache: no private directory on tmpfs (see FILES in "
			"mi-token(1))\n");
	}
	return print_text(&l->out, e);
}

static enum mitok_code clear(struct listing *l, struct mitok *m, struct mitok_err *e)
{
	unsigned count;
	enum mitok_code r = mitok_cache_clear(m, &count, e);

	if (r)
		return r;
	if (l->json)
		text_addf(&l->out, "{\"removed\": %u}\n", count);
	else
		text_addf(&l->out, "%u token%s removed\n", count, count == 1 ? "" : "s");
	return print_text(&l->out, e);
}

static const struct {
	const char *name;
	enum mitok_code (*run)(struct listing *l, struct mitok *m, struct mitok_err *e);
} actions[] = { { "list", list }, { "clear", clear } };

static enum mitok_code run(const struct options *o, struct mitok *m, struct mitok_err *e)
{
	const char *name = o->args[0] ? o->args[0] : "list";
	struct listing l = { .count = 0 };
	enum mitok_code r = is_json(o, &l.json, e);

	if (r)
		return r;
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(actions[i].name, name) == 0) {
			r = actions[i].run(&l, m, e);
			text_free(&l.out);
			return r;
		}
	return err_hint(e, err_set(e, MITOK_E_ARG, "cache takes list or clear"),
		"see mi-token cache --help");
}

const struct cmd cmd_cache = {
	"cache",
	"[list | clear] [-o text|json]",
	"list or remove the tokens that are kept, never showing one",
	"o",
	"text or json",
	1,
	true,
	run,
};
