/* One token for one decided request: from memory, from the cache, or from the source.
 * SPDX-License-Identifier: MIT */
#include "core/acquire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/audit.h"
#include "core/failure.h"
#include "core/federate.h"
#include "core/flight.h"
#include "core/former.h"
#include "core/key.h"
#include "core/verdict.h"

/* A cached token with less life than this is not handed out, whatever the caller said. */
#define SPARE_LIFE_S   60
/* A token at half of its life is good; getting the next one may not take longer, */
#define RENEW_MS       2000
/* and when that fails nobody tries again for so long. */
#define RENEW_PAUSE_MS 30000
/* What a 429 without Retry-After is taken to mean. */
#define THROTTLED_MS   2000

/* A request on its way: all names that files and locks have for it. */
struct errand {
	struct mitok *m;
	const struct want *w;
	struct text key;   /* this very token */
	struct text place; /* the endpoint, for back-off */
	uint64_t stamp;    /* of the files when we last looked */
	struct verdict verdict;
};

static void errand_done(struct errand *x)
{
	text_free(&x->key);
	text_free(&x->place);
}

static struct moment now_of(const struct errand *x)
{
	return x->m->host.now(x->m->host.self);
}

/* Seconds that t is still good for, 0 when it must not be handed out. */
static int64_t usable_s(const struct errand *x, const struct mitok_token *t)
{
	struct moment now = now_of(x);
	int64_t need =
		x->w->min_valid_s > SPARE_LIFE_S ? x->w->min_valid_s : SPARE_LIFE_S;
	int64_t life = token_life(t, &now, x->m->cache.boot_id);

	/* What came while we waited is the source's answer, however short it lives. */
	if (t->stored_boot_ms >= x->w->started_ms)
		return life > 0 ? life : 0;
	return !x->w->refresh && life >= need ? life : 0;
}

static bool is_due(const struct errand *x, const struct mitok_token *t)
{
	return now_of(x).real_s >= t->refresh_s;
}

/* A token that a service refused is passed over until the source was asked for another,
 * and for a while after that: it may have no other. */
static bool is_spoilt(const struct errand *x, struct mitok_token *t)
{
	struct moment now = now_of(x);

	bool named = verdict_names(&x->verdict, t);

	t->refused = named && x->verdict.sure;
	return named && !verdict_is_fresh(&x->verdict, &now);
}

/* A usable token from the disk, or NULL. */
static struct mitok_token *look_on_disk(const struct errand *x)
{
	struct mitok_token *t = token_new();

	if (t &&
		cache_read(&x->m->cache, CACHE_TOKEN, text_peek(&x->key),
			cache_token_fields, t) &&
		usable_s(x, t) && !is_spoilt(x, t))
		return t;
	mitok_token_free(t);
	return NULL;
}

/* A usable token from memory, or from the disk where another process may have put a newer
 * one; NULL when there is none. */
static struct mitok_token *look(struct errand *x)
{
	const char *key = text_peek(&x->key);
	uint64_t state = cache_state(&x->m->cache), noted;
	struct mitok_token *t = memory_get(&x->m->memory, key, &noted), *newer;

	/* Nobody has written anything since we have looked at the files. */
	if (t && state && state == noted && usable_s(x, t) && !is_due(x, t)) {
		t->cached = true;
		t->refused = false;
		return t;
	}
	verdict_read(&x->m->cache, key, &x->verdict);
	if (t && (!usable_s(x, t) || is_spoilt(x, t)))
		token_cleanup(&t);
	if (!t || is_due(x, t)) {
		newer = look_on_disk(x);
		if (newer) {
			mitok_token_free(t);
			t = newer;
			memory_put(&x->m->memory, key, t);
		}
	}
	if (t && !verdict_names(&x->verdict, t))
		memory_note(&x->m->memory, key, state);
	if (t)
		t->cached = true;
	return t;
}

/* The grant as a token, checked against what was asked for and pinned. After a failure only
 * the claims of *t say something. */
static enum mitok_code accept(const struct errand *x, struct grant *g,
	struct mitok_token *t, struct mitok_err *e)
{
	struct moment now = now_of(x);
	AUTO_TEXT who = { 0 };
	const struct identity proven = identity_proven(&x->w->identity);
	enum mitok_code r;
	bool is_jwt;

	identity_format(&x->w->identity, &who);
	if (!text_ok(&who))
		return err_memory(e);
	r = claims_read(secret_peek(&g->token), g->token.len, &t->claims, &is_jwt, e);
	if (!r)
		r = claims_verify(
			is_jwt ? &t->claims : NULL, &proven, x->w->resource.value, e);
	if (r)
		return r;
	t->value = secret_move(&g->token);
	memcpy(t->warning, g->warning, sizeof(t->warning));
	if (!TEXT_COPY(t->type, g->type) || !TEXT_COPY(t->source, x->w->source->name) ||
		!TEXT_COPY(t->identity, text_peek(&who)) ||
		!TEXT_COPY(t->resource, x->w->resource.value))
		return err_set(e, MITOK_E_BUG, "a name is longer than its place");
	token_set_times(t, g, &now, x->m->cache.boot_id);
	return MITOK_OK;
}

/* What the source gave, for everybody. */
static void keep(struct errand *x, struct mitok_token *t)
{
	const char *key = text_peek(&x->key);

	assert(t);
	former_note(x->m, text_peek(&x->place), t);
	verdict_answered(x->m, key, t, &x->verdict);
	t->refused = x->verdict.sure && verdict_names(&x->verdict, t);
	memory_put(&x->m->memory, key, t);
	cache_write(&x->m->cache, CACHE_TOKEN, key, cache_token_fields, t);
	cache_remove(&x->m->cache, CACHE_FAILURE, key);
}

/* The turn to ask: of a federated one, its last step's, while the first takes its own. */
static struct flight flight_for(const struct errand *x, int64_t deadline_ms)
{
	return (struct flight){ .m = x->m,
		.name = want_giver(x->w),
		.key = text_peek(&x->key),
		.deadline_ms = deadline_ms,
		.is_outer = x->w->identity.app_id != NULL };
}

/* Asks the source and tells everybody what came of it. */
static enum mitok_code fetch(struct errand *x, int64_t deadline_ms,
	struct mitok_token **ret, struct mitok_err *e)
{
	const struct identity *i = &x->w->identity;
	const char *const *hosts = (const char *const *)x->m->conf.allow_hosts;
	struct ask ask = { x->w->resource.value, i->kind, i->id, i->tenant_id, hosts,
		deadline_ms };
	struct moment start = now_of(x);
	AUTO_GRANT g = { 0 };
	AUTO_TOKEN t = token_new();
	struct audit_event event = { .want = x->w, .token = t };
	enum mitok_code r;

	if (!t)
		return err_memory(e);
	if (i->app_id)
		r = federate_get(x->m, x->w, deadline_ms, &g, e);
	else
		r = x->w->source->fetch(&x->m->host, &ask, &g, e);
	if (!r) {
		r = accept(x, &g, t, e);
		if (r)
			e->http_status = 200;
	}
	event.error = r ? e : NULL;
	audit_write(x->m, &event);
	log_debug(&x->m->log, "source %s: %s in %lld ms", want_giver(x->w),
		r ? mitok_code_name(r) : "a token",
		(long long)(now_of(x).boot_ms - start.boot_ms));
	if (r) {
		if (!e->source[0])
			(void)!TEXT_COPY(e->source, want_giver(x->w));
		return r;
	}
	keep(x, t);
	*ret = t;
	t = NULL;
	return MITOK_OK;
}

/* What the service said, or why nobody answered, is true for the others too; what is wrong
 * with this process, its files and its memory is not. */
static void publish(const struct errand *x, const struct mitok_err *e)
{
	struct failure_note note = { .at = now_of(x),
		.tried_ms = x->w->deadline_ms - x->w->started_ms };

	if (e->code != MITOK_E_BUG && e->code != MITOK_E_CONF)
		failure_publish(&x->m->cache, text_peek(&x->key), e, &note);
	/* What the identity that vouches met is noted at its own place. */
	if (e->http_status != 429 ||
		(x->w->identity.app_id && strcmp(e->source, want_giver(x->w)) != 0))
		return;
	note.wait_ms = e->retry_after_s ? (int64_t)e->retry_after_s * 1000 : THROTTLED_MS;
	failure_publish(&x->m->cache, text_peek(&x->place), e, &note);
}

/* How long nobody may ask under that name, as *ret says; not positive: they may. */
static int64_t back_off_ms(
	const struct errand *x, const char *name, struct mitok_err *ret)
{
	const struct failure_view anybody = { .now = now_of(x), .since_ms = INT64_MAX };

	return failure_find(&x->m->cache, name, &anybody, ret);
}

/* A good token at half of its life: try for the next, without making anybody wait for it. */
static void renew(struct errand *x, struct mitok_token **t)
{
	struct moment now = now_of(x);
	struct flight f = flight_for(x, 0);
	struct failure_note note = { .wait_ms = RENEW_PAUSE_MS };
	int64_t deadline = now.boot_ms + RENEW_MS;
	struct mitok_token *next = NULL;
	AUTO_TEXT name = { 0 };
	struct mitok_err e;

	text_add(&name, "renew|");
	text_add(&name, text_peek(&x->key));
	if (!text_ok(&name) || back_off_ms(x, text_peek(&name), &e) > 0 ||
		back_off_ms(x, text_peek(&x->place), &e) > 0)
		return;
	AUTO_TURN turn = flight_try(&f);
	if (turn.outcome != TURN_MINE)
		return;
	next = look(x); /* who had the turn before may have left it there */
	if (next && is_due(x, next))
		token_cleanup(&next);
	if (deadline > x->w->deadline_ms)
		deadline = x->w->deadline_ms;
	if (!next && fetch(x, deadline, &next, &e)) {
		log_debug(&x->m->log, "the old token is good for %lld s more",
			(long long)usable_s(x, *t));
		if (e.http_status == 429)
			publish(x, &e);
		note.at = now_of(x);
		failure_publish(&x->m->cache, text_peek(&name), &e, &note);
		return;
	}
	mitok_token_free(*t);
	*t = next;
}

/* True when a file under our key changed since the last call. */
static bool has_news(struct errand *x)
{
	uint64_t stamp = cache_stamp(&x->m->cache, CACHE_TOKEN, text_peek(&x->key)) +
		cache_stamp(&x->m->cache, CACHE_FAILURE, text_peek(&x->key)) + 1;
	bool news = stamp != x->stamp;

	x->stamp = stamp;
	return news;
}

/* While the endpoint wants no requests: waits when there is time for it. */
static enum mitok_code obey_back_off(struct errand *x, struct mitok_err *e)
{
	struct moment now = now_of(x);
	struct mitok_err asked = { 0 };
	int64_t wait_ms = back_off_ms(x, text_peek(&x->place), &asked);

	if (wait_ms <= 0)
		return MITOK_OK;
	if (now.boot_ms + wait_ms >= x->w->deadline_ms) {
		*e = asked;
		e->retry_after_s = (int)((wait_ms + 999) / 1000);
		return err_within(
			e, e->code, "not asked again for %d s", e->retry_after_s);
	}
	log_debug(
		&x->m->log, "waiting %lld ms, as the endpoint asked", (long long)wait_ms);
	x->m->host.sleep(x->m->host.self, wait_ms);
	return MITOK_OK;
}

/* No usable token: be the one who asks, or wait for whoever is. */
static enum mitok_code fly(
	struct errand *x, struct mitok_token **ret, struct mitok_err *e)
{
	struct flight f = flight_for(x, x->w->deadline_ms);
	enum mitok_code r;

	for (;;) {
		AUTO_TURN turn = flight_turn(&f);
		struct failure_view view = { .now = now_of(x),
			.since_ms = x->w->started_ms };

		view.left_ms = x->w->deadline_ms - view.now.boot_ms;
		if (turn.outcome == TURN_TIMEOUT)
			return flight_timeout(&f, e);
		if (has_news(x) || turn.outcome == TURN_MINE) {
			*ret = look(x);
			if (*ret)
				return MITOK_OK;
			if (failure_find(&x->m->cache, f.key, &view, e) >= 0)
				return e->code;
		}
		if (turn.outcome == TURN_WAIT)
			continue;
		r = obey_back_off(x, e);
		if (r)
			return r;
		r = fetch(x, x->w->deadline_ms, ret, e);
		if (r)
			publish(x, e);
		return r;
	}
}

/* The caller asked for more life than the source has to give. */
static enum mitok_code too_short(
	const struct errand *x, int64_t life_s, struct mitok_err *e)
{
	enum mitok_code r = err_set(e, MITOK_E_LATER,
		"the token has %lld s of life left, but %lld were asked for",
		(long long)life_s, (long long)x->w->min_valid_s);

	return err_hint(e, r,
		"the platform hands out the same token until it is about to expire; ask "
		"for less");
}

enum mitok_code acquire(struct mitok *m, const struct want *w, struct mitok_token **ret,
	struct mitok_err *e)
{
	__attribute__((cleanup(errand_done))) struct errand x = { .m = m, .w = w };
	AUTO_TOKEN t = NULL;
	struct moment now;
	enum mitok_code r;
	int64_t life_s;

	if (!key_format(m, w, &x.key, &x.place))
		return err_memory(e);
	t = look(&x);
	log_debug(&m->log, "cache: %s", t ? "hit" : w->refresh ? "passed over" : "miss");
	if (t && is_due(&x, t))
		renew(&x, &t);
	if (!t) {
		r = fly(&x, &t, e);
		if (r)
			return r;
	}
	now = now_of(&x);
	life_s = token_life(t, &now, m->cache.boot_id);
	if (life_s < w->min_valid_s)
		return too_short(&x, life_s, e);
	*ret = t;
	t = NULL;
	return MITOK_OK;
}
