/* The formats by name, and which of them prints a value.
 * SPDX-License-Identifier: MIT */
#include "output.h"

#include "base/text.h"
#include "format.h"

/* In az's order, which is that of its error messages. */
static const char *const names[] = {
	[OUTPUT_JSON] = "json",
	[OUTPUT_JSONC] = "jsonc",
	[OUTPUT_YAML] = "yaml",
	[OUTPUT_YAMLC] = "yamlc",
	[OUTPUT_TABLE] = "table",
	[OUTPUT_TSV] = "tsv",
	[OUTPUT_NONE] = "none",
};

bool output_find(const char *name, enum output_format *ret)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (text_equal_nocase(name, names[i])) {
			*ret = (enum output_format)i;
			return true;
		}
	}
	return false;
}

const char *output_names(void)
{
	return "json, jsonc, yaml, yamlc, table, tsv, none";
}

static void print_yaml(struct writer *w, const struct output *o, const struct value *v)
{
	struct writer plain = { .arena = w->arena };

	if (o->format == OUTPUT_YAML || !o->color) {
		format_yaml(w, v);
		return;
	}
	format_yaml(&plain, v);
	w->failed = w->failed || plain.failed;
	if (!w->failed)
		format_yaml_color(w, plain.p, plain.len);
}

bool output_format(struct arena *a, const struct output *o, const struct value *v,
	const char **ret, size_t *ret_len)
{
	struct writer w = { .arena = a };

	writer_bytes(&w, "", 0);
	/* az prints no null, whether a query made it or a service sent it. */
	if (v->kind != VALUE_NULL) {
		switch (o->format) {
		case OUTPUT_JSON:
		case OUTPUT_JSONC:
			w.color = o->format == OUTPUT_JSONC && o->color;
			format_json(&w, v);
			break;
		case OUTPUT_YAML:
		case OUTPUT_YAMLC:
			print_yaml(&w, o, v);
			break;
		case OUTPUT_TABLE:
			format_table(&w, o, v);
			break;
		case OUTPUT_TSV:
			format_tsv(&w, v);
			break;
		case OUTPUT_NONE:
			break;
		}
	}
	if (w.failed)
		return false;
	*ret = w.p;
	*ret_len = w.len;
	return true;
}
