/* The configuration: what was read, and which identity comes of it.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../process.h"
#include "base/log.h"
#include "doctor.h"
#include "io/conf.h"

/* Any resource, to learn what is decided without asking anybody for the cloud. */
static const char any_resource[] = "https://management.azure.com/";

static void report_files(struct facts *f)
{
	const struct log quiet = { NULL, NULL };
	const struct host_settings settings = { .log = &quiet };
	const struct host host = host_real(&settings);
	AUTO_TEXT files = { 0 };
	AUTO_TEXT names = { 0 };
	struct conf_file file;
	size_t at = 0;

	if (conf_collect(&host, &files, NULL))
		return; /* mitok_new() has told */
	while (conf_file_next(&files, &at, &file))
		text_addf(&names, "%s%s", names.len ? ", " : "", file.path);
	report_ok(&f->rep, "configuration", "%s",
		names.len ? text_peek(&names) : "no file says anything: the defaults");
}

static void take_choice(
	void *arg, const char *name, const char *value, const char *origin)
{
	struct facts *f = arg;

	if (strcmp(name, "identity") == 0) {
		(void)!TEXT_COPY(f->identity, value);
		(void)!TEXT_COPY(f->identity_origin, origin);
	} else if (strcmp(name, "source") == 0) {
		(void)!TEXT_COPY(f->source, value);
		(void)!TEXT_COPY(f->source_origin, origin);
	}
}

/* The host and path of the URL, for rules, when the resource is named beside it. */
static void split_url(struct facts *f)
{
	const char *host = f->o->url + strlen("https://");
	size_t len = strcspn(host, "/?#");

	(void)snprintf(f->host, sizeof(f->host), "%.*s", (int)len, host);
	(void)snprintf(f->path, sizeof(f->path), "%.*s", (int)strcspn(host + len, "?#"),
		host + len);
}

struct mitok_request facts_request(const struct facts *f)
{
	struct mitok_request rq = {
		.size = sizeof(rq),
		.identity = f->o->identity,
		.source = f->o->source,
		.resource = f->o->resource,
		.timeout_ms = (long)facts_left_ms(f),
	};

	if (f->o->url && (rq.resource || !f->knows_host)) {
		rq.host = f->host;
		rq.path = f->path;
	}
	if (!rq.resource)
		rq.target = f->knows_host ? f->o->url : "arm";
	return rq;
}

/* Decides as mitok_get() will. A host that the library does not know is the target's affair:
 * its resource must be named. */
static enum mitok_code choose(struct facts *f, struct mitok_err *e)
{
	struct mitok_request rq;
	enum mitok_code r;

	if (f->o->url)
		split_url(f);
	f->knows_host = f->o->url && !f->o->resource;
	rq = facts_request(f);
	rq.timeout_ms = 0;
	if (!f->knows_host && !rq.resource) {
		rq.target = NULL;
		rq.resource = any_resource;
	}
	r = mitok_choice_each(f->m, &rq, take_choice, f, e);
	if (r != MITOK_E_ARG || !f->knows_host)
		return r;
	f->knows_host = false;
	rq = facts_request(f);
	rq.timeout_ms = 0;
	rq.target = NULL;
	rq.resource = any_resource;
	return mitok_choice_each(f->m, &rq, take_choice, f, e);
}

void climb_configuration(struct facts *f)
{
	const struct mitok_options settings = {
		.size = sizeof(settings),
		.log = f->o->verbose ? process_log : NULL,
		.own_process = 1,
		.read_only = 1,
	};
	struct mitok_err e = { 0 };
	enum mitok_code r = mitok_new(&settings, &f->m, &e);

	if (r) {
		report_fail(&f->rep, "configuration", &e);
		return;
	}
	report_files(f);
	r = choose(f, &e);
	f->err = e; /* for climb_sources() */
	if (r && r != MITOK_E_NOIDENTITY) {
		report_fail(&f->rep, "configuration", &e);
		return;
	}
	if (!r && facts_is_default(f))
		report_ok(&f->rep, "configuration",
			"no identity is named: whichever the platform gives");
	else if (!r)
		report_ok(&f->rep, "configuration", "identity %s, by %s", f->identity,
			f->identity_origin);
	f->known |= KNOWS_CONFIGURATION;
}
