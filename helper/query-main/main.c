/* mi-token query: JMESPath over JSON on stdin, printed as az prints.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../flags.h"
#include "../output/output.h"
#include "../process.h"
#include "../query/jmespath.h"

#define INPUT_MAX ((size_t)16 * 1024 * 1024)

/* What the command line said; NULL and false where it did not. */
struct options {
	const char *output, *error_format, *expression;
	bool help, version;
	enum output_format format;
};
#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "output",       'o', "FORMAT", PLACE(output),       "how it is printed" },
	{ "error-format", 'E', "FORMAT", PLACE(error_format), "text or json" },
	{ "help",         'h', NULL,     PLACE(help),         "this help" },
	{ "version",      'V', NULL,     PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* az takes -o=FORMAT too, and scripts have it from Terraform. */
static enum mitok_code check_formats(struct options *o, struct mitok_err *e)
{
	const char *name = o->output ? o->output : "json";

	if (!output_find(name + (*name == '='), &o->format))
		return err_set(e, MITOK_E_ARG, "--output is one of %s", output_names());
	return MITOK_OK;
}

static enum mitok_code parse_options(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	if (!r && argc - optind > 1)
		r = err_set(e, MITOK_E_ARG, "more than one expression: quote it");
	if (!r && !o->help && !o->version)
		r = check_formats(o, e);
	if (r)
		return err_hint(e, r, "see mi-token query --help");
	o->expression = argv[optind];
	return MITOK_OK;
}

static enum mitok_code print_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token query [OPTION...] [EXPRESSION]\n\n"
		"Search the JSON on standard input with a JMESPath expression, and "
		"print\n"
		"what it finds as az prints it.\n\n");
	flags_help(rows, NULL, output_names(), &help);
	text_add(&help,
		"\nmi-token(1) is the manual, https://jmespath.org the language.\n");
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}

/* The input may hold a token: it lives in the arena, which is wiped. */
struct input {
	char *p;
	size_t len, cap;
};

static bool make_room(struct arena *a, struct input *in)
{
	size_t cap = in->cap ? 2 * in->cap : (size_t)64 * 1024;
	char *p = in->len == in->cap ? arena_take(a, cap) : in->p;

	if (!p || p == in->p)
		return p != NULL;
	if (in->len)
		memcpy(p, in->p, in->len);
	in->p = p;
	in->cap = cap;
	return true;
}

static enum mitok_code read_input(struct arena *a, struct input *in, struct mitok_err *e)
{
	for (;;) {
		ssize_t n;

		if (!make_room(a, in))
			return err_memory(e);
		n = read(STDIN_FILENO, in->p + in->len, in->cap - in->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(
				e, MITOK_E_ARG, "cannot read stdin: %s", strerror(errno));
		if (n == 0)
			return MITOK_OK;
		in->len += (size_t)n;
		if (in->len > INPUT_MAX)
			return err_set(
				e, MITOK_E_ARG, "stdin: more than %zu bytes", INPUT_MAX);
	}
}

/* Files of az, such as azureProfile.json, begin with a byte order mark. */
static enum mitok_code parse_input(
	const struct input *in, struct json **ret, struct mitok_err *e)
{
	bool has_mark = in->len >= 3 && memcmp(in->p, "\xef\xbb\xbf", 3) == 0;
	size_t start = has_mark ? 3 : 0;
	enum mitok_code r = json_parse_document(in->p + start, in->len - start, ret, e);

	return r ? err_within(e, r, "stdin") : MITOK_OK;
}

/* What goes wrong while it runs is the expression's fault as well: no code of ours tells
 * the two apart. */
static enum mitok_code search(struct arena *a, const struct jmespath *query,
	const struct value *v, const struct value **ret, struct mitok_err *e)
{
	enum mitok_code r = jmespath_search(a, query, v, ret, e);

	return r == MITOK_E_CONF ? err_within(e, MITOK_E_ARG, "the query") : r;
}

static enum mitok_code print(struct arena *a, const struct options *o,
	const struct value *v, struct mitok_err *e)
{
	struct output how = { .format = o->format,
		.color = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO),
		.is_queried = o->expression != NULL };
	const char *bytes;
	size_t len;

	if (!output_format(a, &how, v, &bytes, &len))
		return err_memory(e);
	return process_print(bytes, len, e);
}

static enum mitok_code query(const struct options *o, struct mitok_err *e)
{
	const char *text = o->expression ? o->expression : "@";
	AUTO_JSON document = NULL;
	AUTO_ARENA a = { 0 };
	struct input in = { 0 };
	const struct jmespath *j;
	const struct value *v;
	enum mitok_code r = jmespath_parse(&a, text, strlen(text), &j, e);

	if (!r)
		r = read_input(&a, &in, e);
	if (!r)
		r = parse_input(&in, &document, e);
	if (r)
		return r;
	v = value_from_json(&a, document);
	if (!v)
		return err_memory(e);
	r = search(&a, j, v, &v, e);
	return r ? r : print(&a, o, v, e);
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
		r = query(&o, &e);
	if (r)
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
