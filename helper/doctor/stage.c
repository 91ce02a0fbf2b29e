/* Where the way to a token ended: which rung a failure belongs to.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "doctor.h"

/* The first row that fits counts; 0 and NULL: any. */
static const struct {
	const char *source;
	int first, last; /* statuses */
	enum mitok_code code;
	int azure; /* 1: the service has proved to be Azure's, 0: it has not, -1: either */
	enum stage stage;
} stages[] = {
	/* nobody answered */
	{ NULL, 0, 0, MITOK_E_ARG, -1, STAGE_CONFIGURATION },
	{ NULL, 0, 0, MITOK_E_REPLY, -1, STAGE_SERVICE },
	{ "arc", 401, 401, MITOK_E_DENIED, -1, STAGE_KEY },
	{ NULL, 0, 0, MITOK_OK, -1, STAGE_CONNECTION },
	/* a token came, and is not handed out */
	{ NULL, 200, 200, MITOK_E_DENIED, -1, STAGE_PINS },
	/* it answers, and does not do its work, or is somebody else */
	{ NULL, 1, 999, MITOK_E_LATER, -1, STAGE_SERVICE },
	{ NULL, 1, 999, MITOK_E_REPLY, -1, STAGE_SERVICE },
	{ "imds", 403, 403, MITOK_E_NOIDENTITY, 0, STAGE_SERVICE }, /* Docker Desktop's */
	{ "imds", 403, 403, MITOK_E_DENIED, 0, STAGE_SERVICE }, /* Guest Proxy Agent */
	{ NULL, 401, 401, MITOK_E_DENIED, -1, STAGE_SERVICE }, /* the platform's secret */
	/* it does */
	{ NULL, 1, 999, MITOK_E_NOIDENTITY, -1, STAGE_IDENTITY },
	{ NULL, 1, 999, MITOK_OK, -1, STAGE_TOKEN },
};

enum stage stage_of(const struct mitok_err *e, bool is_azure)
{
	if (e->aadsts)
		return STAGE_TOKEN;
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++)
		if ((!stages[i].source || strcmp(stages[i].source, e->source) == 0) &&
			e->http_status >= stages[i].first &&
			e->http_status <= stages[i].last &&
			(!stages[i].code || stages[i].code == e->code) &&
			(stages[i].azure < 0 || stages[i].azure == is_azure))
			return stages[i].stage;
	return STAGE_TOKEN;
}
