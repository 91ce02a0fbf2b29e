/* The tests' own door: counters, the log, faults and scenarios at run time.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "oauth.h"
#include "record.h"
#include "vault.h"

static void wrong(struct reply *rp, const char *why)
{
	reply_with(rp, 400, "text/plain", "%s\n", why);
}

/* A name that count_named() may yet be called with: "HOST", "HOST-connections",
 * "HOST-resumed", or what a vault can be asked for. */
static bool is_countable(const char *name)
{
	static const char *const ends[] = { "", "-connections", "-resumed" };
	int azure = listener_find("azure");
	char host[256];

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (!TEXT_COPY(host, name) || !text_ends_nocase(host, ends[i]))
			continue;
		host[strlen(host) - strlen(ends[i])] = '\0';
		if (service_of_host(&listeners[azure], host))
			return true;
	}
	return vault_counts(name);
}

/* Every counter with its name. */
static void each_counter(
	struct world *w, void (*each)(void *, const char *, unsigned), void *arg)
{
	char name[64];

	for (unsigned i = 1; i < service_count; i++) {
		each(arg, services[i].name, w->counts[i].requests);
		(void)snprintf(name, sizeof(name), "%s-peak", services[i].name);
		each(arg, name, w->counts[i].peak);
		if (!services[i].hosts)
			continue;
		(void)snprintf(name, sizeof(name), "%s-connections", services[i].name);
		each(arg, name, w->counts[i].connections);
		(void)snprintf(name, sizeof(name), "%s-resumed", services[i].name);
		each(arg, name, w->counts[i].resumed);
	}
	for (unsigned i = 1; i < listener_count; i++) {
		(void)snprintf(name, sizeof(name), "%s-connections", listeners[i].name);
		each(arg, name, w->connections[i]);
	}
	each(arg, "handshakes", w->handshakes);
	each(arg, "resumed", w->resumed);
	each(arg, "tokens", w->tokens_issued);
	each(arg, "faults", w->faults_played);
	each(arg, "requests", w->record_count);
	for (unsigned i = 0; i < w->named_count; i++)
		each(arg, w->named[i].name, w->named[i].n);
}

static void add_counter(void *arg, const char *name, unsigned value)
{
	struct text *body = arg;

	text_addf(body, "%s\"%s\":%u", body->len ? "," : "{", name, value);
}

struct wanted {
	const char *name;
	struct reply *rp;
};

static void answer_counter(void *arg, const char *name, unsigned value)
{
	struct wanted *wanted = arg;

	if (strcmp(wanted->name, name) == 0)
		reply_with(wanted->rp, 200, "text/plain", "%u\n", value);
}

static void counters(struct world *w, const struct request *rq, struct reply *rp)
{
	AUTO_TEXT body = { 0 };
	const char *name = rq->path + strlen("/counters");
	struct wanted wanted = { name + 1, rp };

	if (*name == '/') {
		each_counter(w, answer_counter, &wanted);
		if (!rp->has_body && is_countable(wanted.name))
			reply_with(rp, 200, "text/plain", "0\n");
		if (!rp->has_body)
			reply_with(rp, 404, "text/plain", "no counter '%s'\n", name + 1);
		return;
	}
	each_counter(w, add_counter, &body);
	reply_json(rp, 200, "%s}\n", text_peek(&body));
}

static void log_lines(struct world *w, const struct request *rq, struct reply *rp)
{
	AUTO_PARAMS p = { 0 };
	FILE *to = open_memstream(&rp->large, &rp->large_len);

	params_parse(&p, rq->query);
	rp->status = 200;
	reply_header(rp, "Content-Type", "application/x-ndjson");
	if (!to)
		abort();
	record_print(w, params_get(&p, "service"), to);
	(void)fclose(to);
}

/* One request as it came: ?service=NAME&n=1 */
static void raw_request(struct world *w, const struct request *rq, struct reply *rp)
{
	AUTO_PARAMS p = { 0 };
	FILE *to = open_memstream(&rp->large, &rp->large_len);
	const char *given;
	int64_t n = 1;

	params_parse(&p, rq->query);
	given = params_get(&p, "n");
	if (!to)
		abort();
	rp->status = given && !text_to_number(given, 1, 1000000, &n) ? 400 : 200;
	if (!record_print_raw(w, params_get(&p, "service"), n, to))
		rp->status = 404;
	(void)fclose(to);
}

static void reset(struct world *w, const struct request *rq, struct reply *rp)
{
	(void)rq;
	world_reset(w);
	reply_status(rp, 204);
}

/* Tokens made until now are refused by Azure DevOps and by vaults. ?keep=1: the platform goes on handing
 * them out, otherwise it makes new ones. */
static void revoke(struct world *w, const struct request *rq, struct reply *rp)
{
	AUTO_PARAMS p = { 0 };
	const char *keep;

	params_parse(&p, rq->query);
	keep = params_get(&p, "keep");
	w->tokens_revoked = w->tokens_made;
	if (!keep || strcmp(keep, "1") != 0)
		token_forget(w);
	reply_status(rp, 204);
}

static void load_scenario(struct world *w, const struct request *rq, struct reply *rp)
{
	char why[1024];

	if (scenario_load(w, rq->body, why, sizeof(why)))
		reply_status(rp, 204);
	else
		wrong(rp, why);
}

static void load_faults(struct world *w, const struct request *rq, struct reply *rp)
{
	struct json_object *list = json_tokener_parse(rq->body);
	char why[1024] = "the faults are no JSON array";

	if (json_object_is_type(list, json_type_array) &&
		faults_load(w, list, why, sizeof(why)))
		reply_status(rp, 204);
	else
		wrong(rp, why);
	json_object_put(list);
}

/* ?vault=NAME&key=NAME, of a key or a certificate; the body, if any, is an object of the new
 * version's own members. */
static void rotate(struct world *w, const struct request *rq, struct reply *rp)
{
	struct json_object *own = rq->body_len ? json_tokener_parse(rq->body) : NULL;
	AUTO_PARAMS p = { 0 };
	char why[1024] = "the new version is no JSON object";

	params_parse(&p, rq->query);
	if ((!rq->body_len || json_object_is_type(own, json_type_object)) &&
		vault_rotate(w, &p, own, why, sizeof(why)))
		reply_status(rp, 204);
	else
		wrong(rp, why);
	json_object_put(own);
}

/* A token as a Kubernetes cluster projects it: the first federation's claims, each of
 * which the query may replace; ?life=-10 is one that has expired. */
static void assertion(struct world *w, const struct request *rq, struct reply *rp)
{
	struct json_object *list = scenario_get(w, NULL, "federations"), *f = NULL;
	static const char *const names[][2] = { { "iss", "issuer" }, { "sub", "subject" },
		{ "aud", "audience" } };
	const char *given;
	int64_t life = 3600;
	AUTO_PARAMS p = { 0 };
	AUTO_TEXT claims = { 0 };
	AUTO_FREE char *jwt = NULL;

	params_parse(&p, rq->query);
	given = params_get(&p, "life");
	if (given && !text_to_number(given, -100000, 100000, &life))
		return wrong(rp, "life is a number of seconds");
	if (json_object_is_type(list, json_type_array))
		f = json_object_array_get_idx(list, 0);
	text_addf(&claims, "{\"iat\":%lld,\"exp\":%lld", (long long)now_s(),
		(long long)now_s() + (long long)life);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = params_get(&p, names[i][1]);

		if (!value)
			value = json_text(f, names[i][1]);
		text_addf(&claims, ",\"%s\":", names[i][0]);
		text_add_json(&claims, value ? value : "");
	}
	text_add(&claims, "}");
	jwt = token_sign(w, text_peek(&claims));
	reply_with(rp, 200, "application/jwt", "%s", jwt);
}

/* Any claims, signed as Entra signs; ?alg=ES256 and so on. */
static void sign(struct world *w, const struct request *rq, struct reply *rp)
{
	static const char *const algs[] = { "RS256", "PS256", "ES256" };
	AUTO_PARAMS p = { 0 };
	AUTO_FREE char *jwt = NULL;
	const char *alg;

	params_parse(&p, rq->query);
	alg = params_get(&p, "alg") ? params_get(&p, "alg") : algs[0];
	for (size_t i = 0; i < sizeof(algs) / sizeof(*algs) && !jwt; i++)
		if (strcmp(alg, algs[i]) == 0)
			jwt = token_sign_as(w, alg, rq->body);
	if (!jwt)
		return wrong(rp, "alg is RS256, PS256 or ES256");
	reply_with(rp, 200, "application/jwt", "%s", jwt);
}

/* New keys: nothing that was signed before is known any more. */
static void rotate_keys(struct world *w, const struct request *rq, struct reply *rp)
{
	(void)rq;
	token_forget(w);
	reply_status(rp, token_start(w) ? 204 : 500);
}

void control_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	static const struct {
		const char *method, *path;
		void (*handle)(struct world *, const struct request *, struct reply *);
	} rows[] = {
		{ "GET", "/counters", counters },
		{ "GET", "/log", log_lines },
		{ "GET", "/request", raw_request },
		{ "GET", "/assertion", assertion },
		{ "POST", "/reset", reset },
		{ "POST", "/revoke", revoke },
		{ "POST", "/scenario", load_scenario },
		{ "POST", "/faults", load_faults },
		{ "POST", "/vault/rotate", rotate },
		{ "POST", "/rotate", rotate_keys },
		{ "POST", "/sign", sign },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_starts(rq->path, rows[i].path) &&
			strchr("/", rq->path[strlen(rows[i].path)]) &&
			strcmp(rq->method, rows[i].method) == 0)
			return rows[i].handle(w, rq, rp);
	reply_status(rp, 404);
}
