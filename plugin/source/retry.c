/* When to ask again: the retry matrix and the explanation of broken connections.
 * SPDX-License-Identifier: MIT */
#include "source/retry.h"

#include <errno.h>
#include <string.h>

/* One kind of bad news and the pauses it is worth; the first row that fits counts.
 * Sources: Microsoft Learn "How to use managed identities on a VM to acquire an access
 * token" (retry guidance: 404, 410, 429, 5xx), MSAL's published rules for errors of the
 * metadata service, Guest Proxy Agent (421, 502). */
struct rule {
	enum http_fault fault; /* or, for HTTP_OK, */
	int first, last;       /* a range of statuses */
	int sys_errno;         /* 0: any */
	unsigned peers;        /* of enum peer_kind */
	int waits_s[8];        /* before each further try, ended by 0; none: no try */
};

static const struct rule rules[] = {
	{ HTTP_OK, 404, 404, 0, PEER_IMDS, { 1, 2, 4 } }, /* while it is updated */
	{ HTTP_OK, 408, 408, 0, PEER_ANY, { 1, 2, 4 } },
	{ HTTP_OK, 410, 410, 0, PEER_IMDS,
		{ 10, 10, 10, 10, 10, 10, 10 } },   /* 70 s at most */
	{ HTTP_OK, 421, 421, 0, PEER_IMDS, { 1 } }, /* a new connection helps */
	{ HTTP_OK, 429, 429, 0, PEER_ANY, { 2, 4, 8, 16 } },
	{ HTTP_OK, 502, 502, 0, PEER_ANY, { 1 } }, /* a proxy's answer: no storm */
	{ HTTP_OK, 504, 504, 0, PEER_ANY, { 1 } },
	{ HTTP_OK, 500, 599, 0, PEER_ANY, { 1, 2, 4 } },
	{ HTTP_TIMEOUT, 0, 0, 0, PEER_ANY, { 1, 2, 4 } },
	{ HTTP_RESET, 0, 0, 0, PEER_ANY, { 1, 2, 4 } },
	{ HTTP_CONNECT, 0, 0, ECONNREFUSED, PEER_ANY, { 1 } }, /* nothing listens, yet */
	{ HTTP_CONNECT, 0, 0, ECONNRESET, PEER_ANY, { 1, 2, 4 } },
	{ HTTP_CONNECT, 0, 0, ETIMEDOUT, PEER_ANY, { 1, 2, 4 } },
	{ HTTP_RESOLVE, 0, 0, 0, PEER_ANY, { 1, 2 } },
};
#define RULES (sizeof(rules) / sizeof(*rules))

static const struct rule *find_rule(const struct peer *peer, const struct http_reply *r)
{
	for (size_t i = 0; i < RULES; i++) {
		const struct rule *rule = &rules[i];

		if (!(rule->peers & peer->kind) || rule->fault != r->fault)
			continue;
		if (r->fault ? !rule->sys_errno || rule->sys_errno == r->sys_errno
			     : r->status >= rule->first && r->status <= rule->last)
			return rule;
	}
	return NULL;
}

int64_t retry_after_ms(const struct http_reply *r, int64_t now_s)
{
	static const char *const in_ms[] = { "x-ms-retry-after-ms", "retry-after-ms" };
	char value[64];
	int64_t n;

	for (size_t i = 0; i < sizeof(in_ms) / sizeof(*in_ms); i++)
		if (http_header_value(r, in_ms[i], 0, value, sizeof(value)) &&
			text_to_number(value, 0, INT64_MAX, &n))
			return n < RETRY_AFTER_MAX_MS ? n : RETRY_AFTER_MAX_MS;
	if (!http_header_value(r, "retry-after", 0, value, sizeof(value)))
		return -1;
	if (value[0] && value[strspn(value, "0123456789")] == '\0') {
		if (!text_to_number(value, 0, INT64_MAX, &n))
			return RETRY_AFTER_MAX_MS;
	} else {
		if (text_is_digit(value[0]) || !clock_parse_date(value, &n))
			return -1;
		n = n > now_s ? n - now_s : 0;
	}
	return n < RETRY_AFTER_MAX_MS / 1000 ? n * 1000 : RETRY_AFTER_MAX_MS;
}

/* Up to a quarter more, from the clocks, so that machines and processes that were refused
 * together do not come back together. */
static int64_t jitter(int64_t wait_ms, struct moment now)
{
	uint64_t mix =
		((uint64_t)now.boot_ms + (uint64_t)now.real_s) * UINT64_C(2654435761);

	return wait_ms / 4 * (int64_t)(mix >> 16 & 255) / 256;
}

/* How long to wait for the next try after this answer; -1: it would not help. */
static int64_t wait_before_next(const struct rule *rule, unsigned used,
	const struct http_reply *r, struct moment now)
{
	int64_t asked, wait;

	if (!rule || used >= sizeof(rule->waits_s) / sizeof(*rule->waits_s) ||
		!rule->waits_s[used])
		return -1;
	wait = rule->waits_s[used] * INT64_C(1000);
	if (r->fault)
		return wait + jitter(wait, now);
	asked = retry_after_ms(r, now.real_s);
	/* What was asked for replaces our guess; at 410 the service's 70 s are known
	 * better. */
	if (asked >= 0 && rule->first != 410)
		return asked ? asked : wait;
	return rule->first == 410 ? wait : wait + jitter(wait, now);
}

/* Why nobody answered; %s is who was asked. The first row that fits counts. Codes: what
 * this machine's rules forbid is a refusal (5); an address without a route is no source
 * at all (4), because waiting cures it only during boot, as the hint says; what may work
 * in a minute is 6. */
struct reason {
	enum http_fault fault;
	int sys_errno; /* 0: any */
	unsigned peers;
	enum mitok_code code;
	const char *why, *hint; /* hint NULL: the peer's `mend` */
};

#define LOCKED                                                               \
	"a rule on this machine keeps this user or program away: look for "  \
	"systemd-imdsd's lock (ip rule, prohibit route), Guest Proxy Agent " \
	"(Metadata Security Protocol), nftables or a sandbox of the service"
#define NO_ROUTE                                                            \
	"this is not an Azure VM, or a container without a route to the "   \
	"host's network, or a second network card took the default route; " \
	"while the machine starts, order the service after "                \
	"network-online.target"

static const struct reason reasons[] = {
	{ HTTP_CONNECT, EACCES, PEER_IMDS, MITOK_E_DENIED, "this process may not connect",
		LOCKED },
	{ HTTP_CONNECT, EPERM, PEER_IMDS, MITOK_E_DENIED, "this process may not connect",
		LOCKED },
	{ HTTP_CONNECT, EACCES, PEER_ANY, MITOK_E_DENIED, "this process may not connect",
		"a firewall or sandbox rule of this machine forbids it" },
	{ HTTP_CONNECT, EPERM, PEER_ANY, MITOK_E_DENIED, "this process may not connect",
		"a firewall or sandbox rule of this machine forbids it" },
	{ HTTP_CONNECT, ENETUNREACH, PEER_IMDS, MITOK_E_NOIDENTITY, "there is no route",
		NO_ROUTE },
	{ HTTP_CONNECT, EHOSTUNREACH, PEER_IMDS, MITOK_E_NOIDENTITY, "there is no route",
		NO_ROUTE },
	{ HTTP_CONNECT, EINVAL, PEER_IMDS, MITOK_E_NOIDENTITY,
		"its address is a blackhole route", NO_ROUTE },
	{ HTTP_CONNECT, ENETUNREACH, PEER_ENTRA, MITOK_E_LATER, "there is no route",
		NULL },
	{ HTTP_CONNECT, EHOSTUNREACH, PEER_ENTRA, MITOK_E_LATER, "there is no route",
		NULL },
	{ HTTP_CONNECT, ECONNREFUSED, PEER_IMDS, MITOK_E_LATER, "nothing listens there",
		"not an Azure VM, a container that is kept away from it, or Guest Proxy "
		"Agent is stopped (systemctl status azure-proxy-agent)" },
	{ HTTP_CONNECT, ECONNREFUSED, PEER_ANY, MITOK_E_LATER, "nothing listens there",
		NULL },
	{ HTTP_CONNECT, 0, PEER_ANY, MITOK_E_LATER, "no connection", NULL },
	{ HTTP_TIMEOUT, 0, PEER_IMDS, MITOK_E_LATER, "no answer in time",
		"not an Azure VM, or a firewall (often: root only) or a second network "
		"card swallows packets to 169.254.169.254; a slow answer needs a longer "
		"--timeout" },
	{ HTTP_TIMEOUT, 0, PEER_ANY, MITOK_E_LATER, "no answer in time", NULL },
	{ HTTP_RESET, 0, PEER_IMDS, MITOK_E_LATER, "the connection broke off",
		"a firewall that rejects with a reset does this, often one that lets "
		"root through only" },
	{ HTTP_RESET, 0, PEER_ANY, MITOK_E_LATER, "the connection broke off", NULL },
	{ HTTP_TLS, 0, PEER_AGENT, MITOK_E_REPLY,
		"its certificate is not the expected one",
		"compare IDENTITY_SERVER_THUMBPRINT with the certificate it shows" },
	{ HTTP_TLS, 0, PEER_ANY, MITOK_E_REPLY, "no TLS connection that can be trusted",
		"a proxy that opens TLS needs its root certificate among the system's; "
		"check the clock too" },
	{ HTTP_RESOLVE, 0, PEER_ANY, MITOK_E_LATER, "its name cannot be resolved",
		"check DNS (resolv.conf, egress rules)" },
	{ HTTP_FORBIDDEN, 0, PEER_ANY, MITOK_E_CONF, "its address is not on this machine",
		"the variable that names the endpoint points elsewhere: unset or mend "
		"it" },
	{ HTTP_NONSENSE, 0, PEER_LOCAL, MITOK_E_REPLY,
		"what answers is not Azure's service",
		"another program or device answers at that address" },
	{ HTTP_NONSENSE, 0, PEER_ANY, MITOK_E_REPLY, "what answers is not Entra",
		"a proxy on the way may answer instead" },
};

static enum mitok_code explain(const struct peer *peer, const struct http_reply *r,
	unsigned tries, struct mitok_err *e)
{
	const struct reason *at = reasons, *end = at + sizeof(reasons) / sizeof(*reasons);

	while (at < end &&
		!(at->fault == r->fault && (at->peers & peer->kind) &&
			(!at->sys_errno || at->sys_errno == r->sys_errno)))
		at++;
	if (at == end)
		return err_set(e, MITOK_E_BUG, "%s: unknown failure %d", peer->who,
			(int)r->fault);
	(void)err_set(e, at->code, "%s: %s%s%s%s", peer->who, at->why,
		r->detail[0] ? " (" : "", r->detail, r->detail[0] ? ")" : "");
	if (tries > 1)
		(void)err_set(e, at->code, "%s: %s%s%s%s, after %u tries", peer->who,
			at->why, r->detail[0] ? " (" : "", r->detail,
			r->detail[0] ? ")" : "", tries);
	return err_hint(e, at->code, "%s", at->hint ? at->hint : peer->mend);
}

/* Whoever listens on this machine or next to it accepts within milliseconds: two seconds
 * are one lost packet, and leave room for another try within the default timeout. */
static void limit(const struct peer *peer, int64_t left_ms, struct http_request *rq)
{
	int64_t connect_ms = peer->kind == PEER_ENTRA ? 5000 : 2000;

	rq->timeout_ms = left_ms < 30000 ? left_ms : 30000;
	rq->connect_ms = rq->timeout_ms < connect_ms ? rq->timeout_ms : connect_ms;
}

enum mitok_code retry_exchange(const struct call *c, struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	const struct host *h = c->h;
	const struct peer *peer = c->peer;
	int64_t deadline_ms = c->ask->deadline_ms;
	unsigned used[RULES] = { 0 }, tries = 0;

	for (;;) {
		AUTO_REPLY reply = { 0 };
		struct moment before = h->now(h->self), after;
		const struct rule *rule;
		int64_t wait;
		enum mitok_code r;

		if (before.boot_ms >= deadline_ms)
			return err_hint(e,
				err_set(e, MITOK_E_LATER, "%s: no time left to ask",
					peer->who),
				"give it longer: --timeout");
		limit(peer, deadline_ms - before.boot_ms, rq);
		r = h->http(h->self, rq, &reply, e);
		if (r)
			return r;
		tries++;
		after = h->now(h->self);
		rule = find_rule(peer, &reply);
		wait = wait_before_next(
			rule, rule ? used[rule - rules]++ : 0, &reply, after);
		if (wait >= deadline_ms - after.boot_ms)
			wait = -1;
		if (wait < 0 && reply.fault)
			return explain(peer, &reply, tries, e);
		if (wait < 0) {
			*ret = reply;
			reply = (struct http_reply){ 0 };
			return MITOK_OK;
		}
		log_debug(
			h->log, "%s: next try in %lld ms", peer->source, (long long)wait);
		h->sleep(h->self, wait);
	}
}
