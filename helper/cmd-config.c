/* mi-token config: print the configuration in effect and where each value comes from.
 * SPDX-License-Identifier: MIT */
#include "cmd.h"

struct listing {
	struct text out;
	bool json;
};

static void add_key(void *arg, const char *key, const char *value, const char *origin)
{
	struct listing *l = arg;

	if (!l->json) {
		text_addf(&l->out, "%s = %s; // %s\n", key, value, origin);
		return;
	}
	text_add(&l->out, l->out.len ? ",\n  {\"key\": " : "[\n  {\"key\": ");
	text_add_json(&l->out, key);
	text_add(&l->out, ", \"value\": ");
	text_add_json(&l->out, value);
	text_add(&l->out, ", \"origin\": ");
	text_add_json(&l->out, origin);
	text_add(&l->out, "}");
}

static enum mitok_code run(const struct options *o, struct mitok *m, struct mitok_err *e)
{
	struct listing l = { .json = false };
	enum mitok_code r = is_json(o, &l.json, e);

	/* Reading the configuration was the check. */
	if (r || o->check)
		return r;
	r = mitok_config_each(m, add_key, &l, e);
	if (!r && l.json)
		text_add(&l.out, "\n]\n");
	if (!r)
		r = print_text(&l.out, e);
	text_free(&l.out);
	return r;
}

const struct cmd cmd_config = {
	"config",
	"[--check] [-o text|json]",
	"print the configuration in effect and where each value comes from",
	"oD",
	"text or json",
	0,
	true,
	run,
};
