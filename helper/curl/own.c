/* The options of mi-token curl that stand before curl's own.
 * SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <string.h>

#include "../flags.h"
#include "curl.h"

#define PLACE(member) offsetof(struct own, member)

// clang-format off
static const struct flag rows[] = {
	{ "resource", 'R', "URI",      PLACE(resource), "token for this resource, which the one host of the URLs is to get" },
	{ "identity", 'I', "SELECTOR", PLACE(identity), "system, client-id:ID, object-id:ID, resource-id:ID or a name from /etc" },
	{ "quiet",    'Q', NULL,       PLACE(quiet),    "no warnings" },
	{ "help",     'H', NULL,       PLACE(help),     "this help; `mi-token curl -- --help` is curl's" },
	{ "version",  'W', NULL,       PLACE(version),  "the version" },
	{ NULL, 0, NULL, 0, NULL },
};
// clang-format on

/* The row whose whole name this is, with or without a value behind '='. */
static const struct flag *find(const char *arg)
{
	size_t len = strcspn(arg, "=");

	for (const struct flag *f = rows; f->name; f++)
		if (text_starts(arg, "--") && len == strlen(f->name) + 2 &&
			strncmp(arg + 2, f->name, len - 2) == 0)
			return f;
	return NULL;
}

enum mitok_code own_parse(
	int argc, char **argv, struct own *o, int *ret_count, struct mitok_err *e)
{
	int n = 1;
	char *after;
	enum mitok_code r;

	while (n < argc) {
		const struct flag *f = find(argv[n]);

		if (!f)
			break;
		n += 1 + (f->arg && !strchr(argv[n], '=') && n + 1 < argc);
	}
	after = argv[n]; /* getopt() is not to see curl's, which argv goes on with */
	argv[n] = NULL;
	r = flags_parse(rows, n, argv, o, e);
	argv[n] = after;
	if (n < argc && strcmp(argv[n], "--") == 0)
		n++;
	*ret_count = n - 1;
	return r ? err_hint(e, r, "see mi-token curl --help") : MITOK_OK;
}

void own_help(struct text *ret)
{
	text_add(ret,
		"usage: mi-token curl [OPTION...] [--] CURL-ARGUMENT...\n\n"
		"Runs curl, with a token for URLs of Azure's services.\n\n");
	flags_help(rows, NULL, NULL, ret);
	text_add(ret, "\nmi-token-curl(1) is the manual.\n");
}
