/* The ladder: which rungs there are, and how it is climbed.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "../process.h"
#include "base/clock.h"
#include "doctor.h"

/* What a machine without configuration allows. */
#define TIMEOUT_MS 5000

static bool is_imds(const struct facts *f)
{
	return facts_is_source(f, "imds");
}

static bool is_arc(const struct facts *f)
{
	return facts_is_source(f, "arc");
}

static bool has_url(const struct facts *f)
{
	return f->o->url;
}

// clang-format off
const struct rung rungs[] = {
	{ "configuration", 0,                             NULL,    climb_configuration },
	{ "sources",       KNOWS_CONFIGURATION,           NULL,    climb_sources },
	{ "proxies",       0,                             NULL,    climb_proxies },
	{ "connect",       KNOWS_SOURCE,                  NULL,    climb_connect },
	{ "clock",         KNOWS_CONNECTION,              is_imds, climb_clock }, /* a wrong one fails all above */
	{ "service",       KNOWS_CONNECTION,              NULL,    climb_service },
	{ "machine",       KNOWS_SERVICE,                 NULL,    climb_machine },
	{ "himds group",   KNOWS_SERVICE,                 is_arc,  climb_key },
	{ "identity",      KNOWS_SERVICE,                 NULL,    climb_identity },
	{ "pins",          KNOWS_IDENTITY,                NULL,    climb_pins },
	{ "token",         KNOWS_IDENTITY | KNOWS_PINS,   NULL,    climb_token },
	{ "target",        KNOWS_TOKEN,                   has_url, climb_target },
	/* beside the way there */
	{ "cache",         KNOWS_CONFIGURATION,           NULL,    climb_cache },
	{ "SDKs",          KNOWS_SOURCE,                  NULL,    climb_sdks },
	{ "tools",         0,                             NULL,    climb_tools },
	{ NULL, 0, NULL, NULL },
};
// clang-format on

/* Why a rung is not tried: the lowest of what it lacks. */
static const struct {
	enum known what;
	const char *why;
} lacks[] = {
	{ KNOWS_CONFIGURATION, "the configuration is not in order" },
	{ KNOWS_SOURCE, "there is nobody to ask" },
	{ KNOWS_CONNECTION, "nobody answers" },
	{ KNOWS_SERVICE, "the service does not do its work" },
	{ KNOWS_IDENTITY, "there is no identity" },
	{ KNOWS_PINS, "the identity is not the one that is pinned" },
	{ KNOWS_TOKEN, "there is no token" },
};

static void climb(struct facts *f, const struct rung *rung)
{
	unsigned lack = rung->needs & ~f->known;

	if (rung->is_here && !rung->is_here(f))
		return;
	if (!lack) {
		rung->climb(f);
		return;
	}
	for (size_t i = 0; i < sizeof(lacks) / sizeof(*lacks); i++)
		if (!(f->known & lacks[i].what)) {
			report_skip(&f->rep, rung->name, "not tried: %s", lacks[i].why);
			return;
		}
}

int64_t facts_left_ms(const struct facts *f)
{
	int64_t left = f->deadline_ms - clock_now().boot_ms;

	return left > 0 ? left : 0;
}

bool facts_is_source(const struct facts *f, const char *name)
{
	return strcmp(f->source, name) == 0;
}

bool facts_is_default(const struct facts *f)
{
	return strcmp(f->identity, "default") == 0;
}

static void facts_done(struct facts *f)
{
	process_free_token(&f->token);
	json_free(f->machine);
	http_reply_wipe(&f->probe);
	mitok_free(f->m);
	report_free(&f->rep);
}

static void take_timeout(
	void *arg, const char *key, const char *value, const char *origin)
{
	char number[32];

	(void)origin;
	if (strcmp(key, "timeout") != 0 || !TEXT_COPY(number, value + (*value == '"')))
		return;
	number[strcspn(number, "\"")] = '\0';
	(void)!text_to_ms(number, arg);
}

static void set_deadline(struct facts *f)
{
	int64_t timeout_ms = f->o->timeout_ms;

	if (!timeout_ms &&
		(!f->m || mitok_config_each(f->m, take_timeout, &timeout_ms, NULL)))
		timeout_ms = TIMEOUT_MS;
	f->deadline_ms = clock_now().boot_ms + timeout_ms;
}

/* The last line is seen at once, however long the ladder is. */
static void add_verdict(struct report *r)
{
	if (r->json || r->markdown)
		return;
	text_add(&r->out, "\n");
	if (r->first)
		text_addf(&r->out, "it fails at: %s (status %d, %s)\n", r->failed,
			(int)r->first, mitok_code_name(r->first));
	else
		text_add(&r->out, "nothing fails (status 0)\n");
}

static enum mitok_code print(struct facts *f, struct mitok_err *e)
{
	enum mitok_code r;

	report_end(&f->rep);
	add_verdict(&f->rep);
	if (!text_ok(&f->rep.out))
		return err_memory(e);
	r = process_print(f->rep.out.p, f->rep.out.len, e);
	return r ? r : f->rep.first;
}

enum mitok_code doctor(const struct options *o, struct mitok_err *e)
{
	__attribute__((cleanup(facts_done))) struct facts f = {
		.o = o,
		.rep = { .json = o->json,
			.markdown = o->markdown,
			.item = "rung",
			.advice = "cure",
			.width = 14 },
	};
	AUTO_TEXT url = { 0 };

	if (o->url)
		text_add_shown_url(&url, o->url);
	report_begin(&f.rep, o->url ? text_peek(&url) : NULL);
	for (const struct rung *rung = rungs; rung->name; rung++) {
		climb(&f, rung);
		if (!f.deadline_ms)
			set_deadline(&f);
	}
	return print(&f, e);
}
