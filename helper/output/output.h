/* Values as az prints them: json, jsonc, yaml, yamlc, table, tsv and none.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_OUTPUT_OUTPUT_H
#define MI_TOKEN_HELPER_OUTPUT_OUTPUT_H

#include "../query/value.h"

enum output_format {
	OUTPUT_JSON,
	OUTPUT_JSONC,
	OUTPUT_YAML,
	OUTPUT_YAMLC,
	OUTPUT_TABLE,
	OUTPUT_TSV,
	OUTPUT_NONE,
};

/* By az's name, in any case; false: there is no such format. */
bool output_find(const char *name, enum output_format *ret) MUST_CHECK;
/* The names, in az's order, for error messages: "json, jsonc, yaml, yamlc, table, tsv, none". */
const char *output_names(void);

/* A table's columns where az gives a command its own: from which key, under which head. */
struct output_column {
	const char *head, *key; /* key may be a path like user.name */
};

struct output {
	enum output_format format;
	bool color;      /* jsonc and yamlc: both ends are terminals */
	bool is_queried; /* the value came from --query: az prints nothing for its null */
	const struct output_column
		*columns; /* ended by head NULL; NULL: az's automatic ones */
};

/* What az would print, newline included; the bytes live in the arena, which wipes them, since
 * a value may hold a token. false: out of memory. */
bool output_format(struct arena *a, const struct output *o, const struct value *v,
	const char **ret, size_t *ret_len) MUST_CHECK;

#endif
