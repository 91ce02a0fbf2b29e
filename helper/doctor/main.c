/* mi-token doctor: finds what is in the way of a token, and of what the token is for.
 * SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "../flags.h"
#include "../process.h"
#include "doctor.h"

#define PLACE(member) offsetof(struct options, member)

// clang-format off
static const struct flag rows[] = {
	{ "identity",     'i', "SELECTOR", PLACE(identity),     "system, client-id:GUID, object-id:GUID, resource-id:/subscriptions/..., or a name from mi-token.conf" },
	{ "source",       'S', "NAME",     PLACE(source),       "ask this source only; `mi-token sources` lists them" },
	{ "resource",     'r', "URI",      PLACE(resource),     "what the token is for, byte for byte" },
	{ "timeout",      't', "TIME",     PLACE(timeout),      "how long all of it may take, like 10s" },
	{ "json",         'J', NULL,       PLACE(json),         "an object" },
	{ "markdown",     'M', NULL,       PLACE(markdown),     "a table for a ticket or a wiki" },
	{ "error-format", 'E', "FORMAT",   PLACE(error_format), "text or json" },
	{ "verbose",      'v', NULL,       PLACE(verbose),      "tell on stderr what happens; never a token" },
	{ "help",         'h', NULL,       PLACE(help),         "this help" },
	{ "version",      'V', NULL,       PLACE(version),      "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* As the library wants a URL; the report begins with it. */
static bool is_plain(const char *url)
{
	for (; *url; url++)
		if (*url <= ' ' || *url > '~' || *url == '\\')
			return false;
	return true;
}

static enum mitok_code convert(struct options *o, struct mitok_err *e)
{
	int64_t n = 0;

	if (o->timeout && !text_to_ms(o->timeout, &n))
		return err_set(e, MITOK_E_ARG,
			"--timeout wants a whole number and its unit (ms, s, m, h), at "
			"most 24h, like 5s");
	o->timeout_ms = (long)n;
	if (o->json && o->markdown)
		return err_set(e, MITOK_E_ARG, "--json and --markdown: one of them");
	if (o->url && !text_starts_nocase(o->url, "https://"))
		return err_set(e, MITOK_E_ARG, "the URL does not begin with https://");
	if (o->url && !is_plain(o->url))
		return err_set(e, MITOK_E_ARG,
			"the URL has a blank, a backslash, a control or a foreign "
			"character");
	return MITOK_OK;
}

static enum mitok_code parse_options(
	int argc, char *const *argv, struct options *o, struct mitok_err *e)
{
	enum mitok_code r = flags_parse(rows, argc, argv, o, e);

	if (!r && argc - optind > 1)
		r = err_set(e, MITOK_E_ARG, "more than one URL");
	o->url = r ? NULL : argv[optind];
	if (!r)
		r = convert(o, e);
	return r ? err_hint(e, r, "see mi-token doctor --help") : MITOK_OK;
}

static enum mitok_code print_help(struct mitok_err *e)
{
	AUTO_TEXT help = { 0 };

	text_add(&help,
		"usage: mi-token doctor [OPTION...] [URL]\n\n"
		"Tell what is in the way of a token, and of the service at URL. Nothing "
		"is changed,\nand no token is shown. The exit status is the class of the "
		"first failure.\n\n");
	flags_help(rows, NULL, NULL, &help);
	text_add(&help, "\nmi-token-doctor(1) is the manual.\n");
	return text_ok(&help) ? process_print(help.p, help.len, e) : err_memory(e);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct mitok_err e = { 0 };
	enum mitok_code r;

	process_harden();
	r = parse_options(argc, argv, &o, &e);
	if (o.help && (!r || r == MITOK_E_ARG))
		return (int)print_help(&e);
	if (!r && o.version)
		r = process_print_version("mi-token", &e);
	else if (!r)
		r = doctor(&o, &e);
	if (r && e.message[0])
		process_print_error(flags_wants_json(o.error_format), &e);
	return (int)r;
}
