/* One authorised call: token, retries, and what became of it.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-call.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>

#include "openssl/challenge.h"
#include "openssl/vault-error.h"
#include "openssl/vault-pass.h"
#include "openssl/vault-token.h"

/* A vault in the region answers within milliseconds, so whoever does not accept a
 * connection in this time is not there. */
#define CONNECT_MS INT64_C(2000)
#define TRIES      3
/* A try gets at least this much of what is left, */
#define TRY_MS     INT64_C(1000)
/* and this long is waited before the second one, four times as long before the third. */
#define PAUSE_MS   INT64_C(100)

const struct vault_verb vault_verb_key = { "read", "keys", "get" };
const struct vault_verb vault_verb_keys = { "list the keys of", "keys", "list" };
const struct vault_verb vault_verb_certificate = { "read", "certificates", "get" };
const struct vault_verb vault_verb_certificates = { "list the certificates of",
	"certificates", "list" };
const struct vault_verb vault_verb_secret = { "read the issuers of", "secrets", "get" };

const struct vault_verb *vault_verb_find(const char *operation)
{
	static const struct vault_verb operations[] = {
		{ "sign with", "keys", "sign" },
		{ "decrypt with", "keys", "decrypt" },
	};

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (strcmp(operations[i].permission, operation) == 0)
			return &operations[i];
	return NULL;
}

/* A call on its way. */
struct run {
	struct vault *v;
	const struct vault_call *c;
	struct vault_target target; /* when a token had to be asked for */
	struct vault_pass *pass;
	char request_id[37];
	struct challenge challenge;
	struct text what; /* for vault_recent and vault_pass */
	struct text url;
	unsigned tries; /* that count */
	bool wants_new; /* connection */
	bool was_resent, was_challenged;
	bool is_done;
};

static void run_done(struct run *x)
{
	vault_pass_free(x->pass);
	text_free(&x->what);
	text_free(&x->url);
}

static int64_t now_ms(const struct run *x)
{
	return x->v->host.now(x->v->host.self).boot_ms;
}

static int64_t left_ms(const struct run *x)
{
	return x->c->deadline_ms - now_ms(x);
}

enum mitok_code vault_call_within(
	const struct vault_call *c, enum mitok_code code, struct mitok_err *e)
{
	struct uri u = *c->object;
	AUTO_TEXT name = { 0 };

	u.identity[0] = '\0';
	u.with_chain = false;
	uri_format(&u, &name);
	return err_within(e, code, "cannot %s %s", c->verb->words, text_peek(&name));
}

/* A random UUID (RFC 9562, section 5.4) by which Microsoft finds the request. */
static void make_request_id(char ret[37])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16] = { 0 };
	size_t n = 0;

	/* Where there is no randomness yet, the id only does not tell calls apart. */
	(void)!getrandom(b, sizeof(b), GRND_NONBLOCK);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			ret[n++] = '-';
		ret[n++] = hex[b[i] >> 4];
		ret[n++] = hex[b[i] & 15];
	}
	ret[n] = '\0';
}

/* Gets a token in place of the one that there is. */
static enum mitok_code get_token(struct run *x, struct mitok_err *e)
{
	int64_t left = left_ms(x);
	struct mitok_token *t = NULL;
	enum mitok_code r;

	if (left <= 0)
		r = err_set(e, MITOK_E_LATER, "the time is over");
	else
		r = vault_target_token(x->v, &x->target, left, &t, e);
	if (r) {
		/* 200 says that a key was rotated; here it was the token's. */
		e->http_status = e->http_status == 200 ? 0 : e->http_status;
		return vault_call_within(x->c, err_within(e, r, "no token"), e);
	}
	vault_pass_free(x->pass);
	x->pass = vault_pass_new(text_peek(&x->what), t, now_ms(x));
	return x->pass ? MITOK_OK : err_memory(e);
}

static enum mitok_code find_target(struct run *x, struct mitok_err *e)
{
	enum mitok_code r = vault_target_find(
		x->v, x->c->object, x->c->verb->collection, &x->target, e);

	return r ? vault_call_within(x->c, r, e) : MITOK_OK;
}

static enum mitok_code prepare(struct run *x, struct mitok_err *e)
{
	enum mitok_code r;

	make_request_id(x->request_id);
	x->pass = vault_pass_take(&x->v->passes, text_peek(&x->what), now_ms(x));
	if (x->pass)
		return MITOK_OK;
	r = find_target(x, e);
	return r ? r : get_token(x, e);
}

/* The last try gets all that is left, the others leave as much as they get: a connection
 * that died in silence costs a quarter of the time, a slow answer has half of it. */
static int64_t try_ms(const struct run *x, int64_t left)
{
	unsigned shares = x->tries == 0 ? 4 : x->tries == 1 ? 3 : 1;
	int64_t share = left / shares;

	if (share < TRY_MS)
		share = left < TRY_MS ? left : TRY_MS;
	return share;
}

static enum mitok_code exchange(
	struct run *x, int64_t left, struct http_reply *ret, struct mitok_err *e)
{
	const struct http_request rq = {
		.method = x->c->body ? "POST" : "GET",
		.url = text_peek(&x->url),
		.headers = { { "Authorization", .secret = &x->pass->authorization },
			{ "Accept", "application/json", NULL },
			{ "x-ms-client-request-id", x->request_id, NULL },
			{ x->c->body ? "Content-Type" : NULL, "application/json",
				NULL } },
		.body = x->c->body,
		.timeout_ms = try_ms(x, left),
		.connect_ms = try_ms(x, left) < CONNECT_MS ? try_ms(x, left) : CONNECT_MS,
	};
	struct http_request sent = rq;
	struct vault_session *s = NULL;
	enum mitok_code r;

	r = vault_pool_take(&x->v->pool, x->c->object->host, x->wants_new, &s, e);
	if (r)
		return r;
	sent.session = s->http;
	r = x->v->host.http(x->v->host.self, &sent, ret, e);
	x->tries++;
	if (r || ret->fault)
		vault_pool_end(&x->v->pool, s);
	else
		vault_pool_keep(&x->v->pool, s);
	x->wants_new = r || ret->fault;
	return r;
}

/* A server may have closed a kept connection just before we used it. It has seen nothing
 * of the request then, and the others that were kept are as old. */
static bool was_closed(struct run *x, const struct http_reply *rp)
{
	if (rp->fault != HTTP_RESET || !rp->was_reused || rp->status || x->was_resent)
		return false;
	x->was_resent = true;
	x->tries--;
	return true;
}

static bool is_temporary(const struct http_reply *rp)
{
	static const int statuses[] = { 429, 500, 502, 503, 504 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (rp->status == statuses[i])
			return true;
	/* A connection that broke in its handshake cannot be told from a certificate that
	 * is not good. Nothing was sent over either. */
	return rp->fault == HTTP_CONNECT || rp->fault == HTTP_TIMEOUT ||
		rp->fault == HTTP_RESET || rp->fault == HTTP_RESOLVE ||
		rp->fault == HTTP_TLS;
}

/* Milliseconds that the service wants to be left alone (RFC 9110, section 10.2.3); 0: it
 * does not say. */
static int64_t asked_pause(const struct run *x, const struct http_reply *rp)
{
	int64_t now_s = x->v->host.now(x->v->host.self).real_s, n;
	char value[64];

	if (!http_header_value(rp, "Retry-After", 0, value, sizeof(value)))
		return 0;
	if (text_to_number(value, 0, 86400, &n))
		return n * 1000;
	if (text_is_digit(value[0]) || !clock_parse_date(value, &n) || n <= now_s)
		return 0;
	return n - now_s < 86400 ? (n - now_s) * 1000 : 86400000;
}

/* Somewhere in 0..most, so that those who failed together do not come back together. */
static int64_t jitter(int64_t most)
{
	uint16_t r = 0;

	(void)!getrandom(&r, sizeof(r), GRND_NONBLOCK);
	return most * r / UINT16_MAX;
}

/* Waits for the next try; false: that is not worth it. */
static bool pause_before_next(struct run *x, const struct http_reply *rp)
{
	int64_t asked = asked_pause(x, rp), pause;

	if (x->tries >= TRIES)
		return false;
	pause = x->tries > 1 ? 4 * PAUSE_MS : PAUSE_MS;
	pause = (asked ? asked : pause) + jitter(asked ? PAUSE_MS : pause);
	if (pause >= left_ms(x))
		return false;
	x->v->host.sleep(x->v->host.self, pause);
	return true;
}

/* The Bearer challenge, if there is one. */
static enum mitok_code read_challenge(
	struct run *x, const struct http_reply *rp, bool *ret, struct mitok_err *e)
{
	enum mitok_code r = MITOK_OK;
	char value[1024];

	*ret = false;
	for (unsigned n = 0; n < 4; n++) {
		if (!http_header_value(rp, "WWW-Authenticate", n, value, sizeof(value)))
			return r;
		*ret = true;
		r = challenge_parse(value, &x->challenge, e);
		if (!r)
			return MITOK_OK;
	}
	return r;
}

/* The vault did not take the token. One that asks for tokens for somebody else is none; a
 * host that root named may ask for what it likes, and still gets a token for vaults. */
static enum mitok_code renew_token(
	struct run *x, const struct http_reply *rp, bool *ret, struct mitok_err *e)
{
	enum mitok_code r = read_challenge(x, rp, ret, e), found;

	x->was_challenged = true;
	if (!*ret)
		return MITOK_OK;
	found = find_target(x, e);
	if (found)
		return found;
	if (!x->target.is_granted) {
		if (!r && !challenge_is_for(&x->challenge, x->c->object->host))
			r = err_set(e, MITOK_E_REPLY,
				"it wants tokens for '%s', which it is not a part of",
				x->challenge.resource);
		if (r)
			return vault_call_within(x->c, r, e);
	}
	vault_target_refused(x->v, &x->target, x->pass->token);
	vault_pass_drop_all(&x->v->passes);
	return get_token(x, e);
}

static enum mitok_code give_up(
	const struct run *x, const struct http_reply *rp, struct mitok_err *e)
{
	const struct vault_failure f = { x->c, rp, x->pass->token, &x->challenge,
		x->request_id, x->tries };
	enum mitok_code r = vault_error_set(&f, e);

	e->retry_after_s = (int)((asked_pause(x, rp) + 999) / 1000);
	return r;
}

/* The vault took the token. One that was refused before is never kept, so the target is
 * known. */
static void settle(struct run *x)
{
	if (mitok_token_is_refused(x->pass->token)) {
		vault_target_accepted(x->v, &x->target, x->pass->token);
		return;
	}
	vault_pass_keep(&x->v->passes, x->pass);
	x->pass = NULL;
}

static enum mitok_code step(struct run *x, struct secret *ret, struct mitok_err *e)
{
	AUTO_REPLY rp = { 0 };
	int64_t left = left_ms(x);
	enum mitok_code r;
	bool again = false;

	if (left <= 0)
		return vault_call_within(
			x->c, err_set(e, MITOK_E_LATER, "the time is over"), e);
	r = exchange(x, left, &rp, e);
	if (r)
		return vault_call_within(x->c, r, e);
	if (rp.status == 200) {
		settle(x);
		*ret = secret_move(&rp.body);
		x->is_done = true;
		return MITOK_OK;
	}
	if (rp.status == 401 && !x->was_challenged)
		r = renew_token(x, &rp, &again, e);
	else
		again = was_closed(x, &rp) ||
			(is_temporary(&rp) && pause_before_next(x, &rp));
	return r || again ? r : give_up(x, &rp, e);
}

/* What is wrong with the request or with this process is not remembered: it is mended
 * before the next try, or the vault is not asked for it anyway. */
static bool is_worth_remembering(enum mitok_code r)
{
	return r == MITOK_E_LATER || r == MITOK_E_DENIED || r == MITOK_E_REPLY ||
		r == MITOK_E_NOIDENTITY;
}

/* What takes a format is many times as dear, and this is made for each signature. */
static void add_all(struct text *t, const char *a, const char *b, const char *c)
{
	text_add(t, a);
	text_add(t, b);
	text_add(t, c);
}

enum mitok_code vault_call_send(struct vault *v, const struct vault_call *c,
	struct secret *ret, struct mitok_err *e)
{
	__attribute__((cleanup(run_done))) struct run x = { .v = v, .c = c };
	enum mitok_code r;

	assert(c->path[0] == '/'); /* nothing else may go on behind the host */
	add_all(&x.url, "https://", c->object->host, c->path);
	add_all(&x.what, c->verb->permission, " ", text_peek(&x.url));
	add_all(&x.what, " ", c->object->identity, "");
	if (!text_ok(&x.url) || !text_ok(&x.what))
		return err_memory(e);
	if (vault_recent_failure(&v->recent, text_peek(&x.what), now_ms(&x), e))
		return e->code;
	r = prepare(&x, e);
	while (!r && !x.is_done)
		r = step(&x, ret, e);
	if (is_worth_remembering(r))
		vault_recent_add_failure(&v->recent, text_peek(&x.what), now_ms(&x), e);
	return r;
}
