/* The source asked for a token, and the metadata service for the machine: once, for all
 * rungs that tell of it. SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/clock.h"
#include "doctor.h"

/* The metadata service answers within milliseconds; more than this, and half of all time at
 * least, is left to the token. */
#define PROBE_MS 1500

/* As the library: a variable that pods have replaces the address, but not the path. */
static void probe_url(struct text *ret)
{
	const char *origin = facts_env("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	const char *host = origin ? strstr(origin, "://") : NULL;

	if (!host)
		text_add(ret, "http://169.254.169.254");
	else
		text_add_bytes(ret, origin,
			(size_t)(host - origin) + 3 + strcspn(host + 3, "/?#"));
	text_add(ret, "/metadata/instance/compute?api-version=2021-02-01");
}

/* Microsoft Learn, "Azure Instance Metadata Service", Access. What it says of the machine
 * is JSON that names it; anything else is no machine of Azure's. */
static void probe(struct facts *f)
{
	AUTO_TEXT url = { 0 };
	int64_t left = facts_left_ms(f);
	struct http_request rq = {
		.method = "GET",
		.headers = { { .name = "Metadata", .value = "true" } },
		.timeout_ms = left / 2 < PROBE_MS ? left / 2 : PROBE_MS,
	};

	probe_url(&url);
	if (!text_ok(&url) || rq.timeout_ms <= 0)
		return;
	rq.url = text_peek(&url);
	rq.flags = text_starts_nocase(rq.url, "http://") ? HTTP_LOCAL : 0;
	rq.flags |= HTTP_OWN_PROCESS;
	f->was_probed = http_exchange(NULL, &rq, &f->probe, NULL) == MITOK_OK;
	f->probe_s = clock_now().real_s;
	if (!f->was_probed || f->probe.fault || f->probe.status != 200)
		return;
	if (json_parse(secret_peek(&f->probe.body), f->probe.body.len, &f->machine, NULL))
		f->machine = NULL;
	if (!json_text(json_member(f->machine, "vmId"))) {
		json_free(f->machine);
		f->machine = NULL;
	}
}

void ask_source(struct facts *f)
{
	struct mitok_request rq;
	enum mitok_code r;

	f->err = (struct mitok_err){ 0 };
	if (facts_is_source(f, "imds"))
		probe(f);
	rq = facts_request(f);
	rq.flags = MITOK_REFRESH; /* what is kept says nothing of the source */
	if (!rq.timeout_ms)
		rq.timeout_ms = 1; /* for the sentence */
	r = mitok_get(f->m, &rq, &f->token, &f->err);
	f->stage = r ? stage_of(&f->err, f->machine) : STAGE_DONE;
	if (!r) {
		f->warning = f->err;
		f->err = (struct mitok_err){ 0 };
	}
}
