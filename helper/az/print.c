/* What a command found, to stdout.
 * SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "../process.h"
#include "az.h"
#include "home.h"

/* az colours when a person reads both. */
static bool has_colour(void)
{
	return !home_env("AZURE_CORE_NO_COLOR") && isatty(STDOUT_FILENO) &&
		isatty(STDERR_FILENO);
}

static enum mitok_code query(struct az *az, const struct value **v, struct mitok_err *e)
{
	struct mitok_err why = { 0 };
	enum mitok_code r = jmespath_search(&az->arena, az->query, *v, v, &why);

	if (!r)
		return r;
	if (r == MITOK_E_CONF) {
		text_add(&az->tail, AZ_QUERY_HELP);
		return err_set(e, MITOK_E_DENIED,
			"Invalid jmespath query supplied for `--query`: %s", why.message);
	}
	*e = why;
	return r;
}

enum mitok_code az_print(struct az *az, const struct value *v, struct mitok_err *e)
{
	const struct output o = {
		.format = az->format,
		.color = has_colour(),
		.is_queried = az->query,
		.columns = az->query ? NULL : az->command->columns,
	};
	enum mitok_code r = MITOK_OK;
	const char *text;
	size_t len;

	if (az->query)
		r = query(az, &v, e);
	if (r)
		return r;
	if (!v || !output_format(&az->arena, &o, v, &text, &len))
		return err_memory(e);
	return len ? process_print(text, len, e) : MITOK_OK;
}
