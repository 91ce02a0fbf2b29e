/* Azure Artifacts: package feeds, that is files behind the same sign-in as Azure Repos.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "devops.h"

static const char *type_of(const char *path)
{
	static const char *const rows[][2] = {
		{ ".json", "application/json; charset=utf-8" },
		{ ".html", "text/html; charset=utf-8" },
		{ ".tgz", "application/octet-stream" },
		{ ".whl", "application/octet-stream" },
		{ ".gz", "application/octet-stream" },
		{ ".crate", "application/octet-stream" },
		{ ".nupkg", "application/octet-stream" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_ends_nocase(path, rows[i][0]))
			return rows[i][1];
	return "text/plain; charset=utf-8";
}

/* The file of this address: a folder's is its index. */
static bool give(struct reply *rp, const char *path)
{
	static const char *const indices[] = { "", "/index.html", "/index.json" };
	char file[4096];

	for (size_t i = 0; i < sizeof(indices) / sizeof(*indices); i++)
		if (snprintf(file, sizeof(file), "%s%s", path, indices[i]) <
				(int)sizeof(file) &&
			reply_file(rp, file, type_of(file)))
			return true;
	return false;
}

/* [/PROJECT]/_packaging/FEED/REST is the file feeds/ORG/FEED/REST of the state directory.
 */
void artifacts_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	static const char mark[] = "/_packaging/";
	const char *at;
	struct place place;
	struct caller caller;
	char path[4096];

	if (!place_read(rq, &place))
		return reply_status(rp, 400);
	if (!devops_admit(w, rq, &place, rp, &caller))
		return;
	if (strcmp(rq->method, "GET") != 0)
		return reply_status(rp, 405);
	at = strstr(place.rest, mark);
	(void)snprintf(path, sizeof(path), "%s/feeds/%s/%s", w->state, place.org,
		at ? at + strlen(mark) : "");
	if (!at || !give(rp, path))
		reply_with(rp, 404, "text/plain", "The package or feed cannot be found.");
}
