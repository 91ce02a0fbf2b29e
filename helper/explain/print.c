/* What was found, for people and for programs.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "explain.h"

static const struct {
	const char *name, *people;
} layers[] = {
	[LAYER_MACHINE] = { "machine", "this machine" },
	[LAYER_ENTRA] = { "entra", "Entra" },
	[LAYER_TARGET] = { "target", "the target" },
};

static void add_block(const struct finding *f, struct text *out)
{
	const char *line = f->cure;

	text_addf(out, "%s (%s)\n  cause  %s\n", f->code, layers[f->layer].people,
		f->means);
	for (const char *name = "cure"; *line; name = "") {
		size_t len = strcspn(line, "\n");

		text_addf(out, "  %-5s  ", name);
		text_add_bytes(out, line, len);
		text_add(out, "\n");
		line += len + (line[len] != '\0');
	}
}

static void add_object(const struct finding *f, struct text *out)
{
	text_add(out, "  {\"layer\": ");
	text_add_json(out, layers[f->layer].name);
	text_add(out, ", \"code\": ");
	text_add_json(out, f->code);
	text_add(out, ", \"cause\": ");
	text_add_json(out, f->means);
	text_add(out, ", \"cure\": ");
	text_add_json(out, f->cure);
	text_add(out, "}");
}

void explain_print(const struct findings *f, bool as_json, struct text *out)
{
	if (as_json)
		text_add(out, f->count ? "[\n" : "[");
	for (unsigned i = 0; i < f->count; i++) {
		if (i)
			text_add(out, as_json ? ",\n" : "\n");
		if (as_json)
			add_object(&f->rows[i], out);
		else
			add_block(&f->rows[i], out);
	}
	if (as_json)
		text_add(out, f->count ? "\n]\n" : "]\n");
}
