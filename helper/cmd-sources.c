/* mi-token sources: tell where tokens could come from.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd.h"

enum mitok_code is_json(const struct options *o, bool *ret, struct mitok_err *e)
{
	*ret = o->output && strcmp(o->output, "json") == 0;
	if (!o->output || *ret || strcmp(o->output, "text") == 0)
		return MITOK_OK;
	return err_set(e, MITOK_E_ARG, "the output format is text or json here, not '%s'",
		o->output);
}

struct listing {
	struct text out;
	bool json;
};

static void add_source(void *arg, const char *name, const char *about,
	const char *missing, int is_chosen)
{
	struct listing *l = arg;

	if (!l->json) {
		text_addf(&l->out, "%c %-18s %s\n", is_chosen ? '*' : ' ', name,
			missing ? missing : about);
		return;
	}
	text_add(&l->out, l->out.len ? ",\n  {\"name\": " : "[\n  {\"name\": ");
	text_add_json(&l->out, name);
	text_add(&l->out, ", \"about\": ");
	text_add_json(&l->out, about);
	text_addf(&l->out, ", \"present\": %s, \"chosen\": %s, \"missing\": ",
		missing ? "false" : "true", is_chosen ? "true" : "false");
	text_add_json(&l->out, missing ? missing : "");
	text_add(&l->out, "}");
}

static enum mitok_code run(const struct options *o, struct mitok *m, struct mitok_err *e)
{
	struct listing l = { .json = false };
	enum mitok_code r = is_json(o, &l.json, e);

	if (!r)
		r = mitok_sources_each(m, add_source, &l, e);
	if (!r && l.json)
		text_add(&l.out, "\n]\n");
	if (!r)
		r = print_text(&l.out, e);
	text_free(&l.out);
	return r;
}

const struct cmd cmd_sources = {
	"sources",
	"[-o text|json]",
	"tell where tokens could come from, in order, and why not",
	"o",
	"text or json",
	0,
	true,
	run,
};
