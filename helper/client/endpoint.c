/* Where the services lie that have one address for a whole cloud.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "client.h"

struct find {
	char *ret;
	size_t size;
	bool found;
};

/* The resource of these services is their address. */
static void take(void *arg, const char *name, const char *value, const char *origin)
{
	struct find *f = arg;

	(void)origin;
	if (strcmp(name, "resource") == 0)
		f->found = text_starts(value, "https://") &&
			text_ends_nocase(value, "/") && text_copy(f->ret, f->size, value);
}

enum mitok_code client_endpoint(const struct client *c, const char *alias, char *ret,
	size_t size, struct mitok_err *e)
{
	const struct mitok_request rq = {
		.size = sizeof(rq),
		.target = alias,
		.identity = c->identity,
		.source = c->source,
	};
	struct find f = { .ret = ret, .size = size };
	enum mitok_code r = mitok_choice_each(c->m, &rq, take, &f, e);

	if (!r && !f.found)
		r = err_set(e, MITOK_E_ARG,
			"'%s' has no address of its own in this cloud", alias);
	return r;
}
