/* One harmless read with the identity's token, from the URL to what the answer means.
 * SPDX-License-Identifier: MIT */
#include "target.h"

#include <string.h>

#include "../process.h"
#include "base/clock.h"
#include "cure.h"

#define BODY_MAX ((size_t)128 * 1024)

static const char *const names[] = {
	[TARGET_GRANTED] = "granted",
	[TARGET_NOT_FOUND] = "not-found",
	[TARGET_TOKEN_ONLY] = "token-only",
	[TARGET_NO_TOKEN] = "no-token",
	[TARGET_UNREACHABLE] = "unreachable",
	[TARGET_AUDIENCE] = "wrong-audience",
	[TARGET_TENANT] = "wrong-tenant",
	[TARGET_TOKEN_REFUSED] = "token-refused",
	[TARGET_NO_ROLE] = "no-role",
	[TARGET_ACCESS_POLICY] = "access-policy",
	[TARGET_NETWORK] = "network",
	[TARGET_DISABLED] = "disabled",
	[TARGET_NOT_MEMBER] = "not-member",
	[TARGET_BUSY] = "busy",
	[TARGET_UNKNOWN] = "unknown",
};

const char *target_outcome_name(enum target_outcome o)
{
	return (size_t)o < sizeof(names) / sizeof(*names) ? names[o] : "unknown";
}

const char *visit_text(const struct visit *v, enum mitok_text which)
{
	return v->token ? mitok_token_text(v->token, which) : "";
}

bool visit_is_foreign(const struct visit *v)
{
	size_t len = strlen(v->resource), own = strlen(v->own);

	len -= len && v->resource[len - 1] == '/';
	own -= own && v->own[own - 1] == '/';
	/* A registry takes Resource Manager's tokens as well. */
	if (!own ||
		(v->family == FAMILY_REGISTRY &&
			text_starts_nocase(v->resource, "https://management.")))
		return false;
	return len != own || strncasecmp(v->resource, v->own, len) != 0;
}

int64_t visit_left_ms(const struct visit *v)
{
	int64_t left = v->c->deadline_ms - clock_now().boot_ms;

	if (!v->c->deadline_ms)
		return v->c->timeout_ms;
	return left > 0 ? left : 1;
}

static void visit_free(struct visit *v)
{
	mitok_token_free(v->token);
	http_reply_wipe(&v->reply);
}
#define AUTO_VISIT __attribute__((cleanup(visit_free))) struct visit

/* A fault is an answer as well: that nobody gives one. */
enum mitok_code visit_exchange(
	struct visit *v, const struct client_request *rq, struct mitok_err *e)
{
	http_reply_wipe(&v->reply);
	v->reply = (struct http_reply){ .status = 0 };
	return client_send(v->c, rq, &v->reply, e);
}

enum mitok_code visit_send(
	struct visit *v, const char *method, const char *path_query, struct mitok_err *e)
{
	AUTO_TEXT url = { 0 };
	struct client_request rq = {
		.method = method,
		.resource = v->resource,
		.scheme = v->service->scheme,
		.max_body = BODY_MAX,
	};

	text_addf(&url, "https://%s%s", v->at.host, path_query);
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = url.p;
	for (size_t i = 0; i < 3 && v->service->headers[i].name; i++)
		rq.headers[i] = v->service->headers[i];
	return visit_exchange(v, &rq, e);
}

/* What is sent, and who is asked. */

static void take_choice(
	void *arg, const char *name, const char *value, const char *origin)
{
	struct visit *v = arg;

	(void)origin;
	if (strcmp(name, "identity") == 0)
		(void)!TEXT_COPY(v->identity, value);
	else if (strcmp(name, "resource") == 0)
		(void)!TEXT_COPY(v->resource, value);
}

static struct mitok_request token_request(const struct visit *v, const char *resource)
{
	return (struct mitok_request){
		.size = sizeof(struct mitok_request),
		.resource = resource,
		.target = resource ? NULL : v->url,
		.host = resource && v->at.host[0] ? v->at.host : NULL,
		.path = resource && v->at.host[0] ? v->at.path : NULL,
		.identity = v->c->identity,
		.source = v->c->source,
		.timeout_ms = (long)visit_left_ms(v),
	};
}

/* With a token for this one an application is impersonated that trusts the identity. */
static bool is_exchange(const char *resource)
{
	return text_starts_nocase(resource, "api://AzureADTokenExchange");
}

/* A token goes to a host that is not Azure's only when it is for that host, or for an
 * application that is named by its URI, or when root's rules say so. A GUID may be that of a
 * service of Azure's. */
static bool may_go_there(const struct visit *v, const char *resource)
{
	static const char scheme[] = "https://";
	const char *host = resource + strlen(scheme);
	size_t len = strlen(v->at.host);

	if (mitok_host_is_granted(v->c->m, v->at.host, v->at.path, resource))
		return true;
	if (text_starts(resource, "api://"))
		return !is_exchange(resource);
	return text_starts_nocase(resource, scheme) &&
		text_starts_nocase(host, v->at.host) && (!host[len] || host[len] == '/');
}

/* Whose URL it is. */
static enum mitok_code choose_service(
	struct visit *v, const char *resource, struct mitok_err *e)
{
	bool is_url = text_starts_nocase(v->url, "https://");
	struct mitok_request rq = token_request(v, NULL);
	enum mitok_code r = is_url ? place_read(v->url, &v->at, e) : MITOK_OK;

	if (r)
		return r;
	v->service = is_url ? service_find(v->at.host) : &service_nobody;
	r = mitok_choice_each(v->c->m, &rq, take_choice, v, e);
	if (!r && is_url)
		(void)!TEXT_COPY(v->own, v->resource);
	if (r != MITOK_E_ARG && !resource)
		return r;
	if (r == MITOK_E_ARG && (!is_url || !resource))
		return r;
	/* A resource was named: for a host of Azure's it is another spelling. */
	if (r == MITOK_E_ARG) {
		if (!may_go_there(v, resource))
			return err_hint(e,
				err_set(e, MITOK_E_ARG,
					"a token for '%s' is not sent to %s", resource,
					v->at.host),
				"a rule of /etc/mi-token may name host and resource");
		v->service = &service_own;
	}
	rq = token_request(v, resource);
	return mitok_choice_each(v->c->m, &rq, take_choice, v, e);
}

static void set_outcome(struct visit *v, enum target_outcome o, const struct mitok_err *e)
{
	v->ret->outcome = o;
	v->ret->err = *e;
}

static enum mitok_code ask_service(struct visit *v, struct mitok_err *e)
{
	AUTO_TEXT wanted = { 0 };
	const char *method;

	if (v->service->ask)
		return v->service->ask(v, e);
	method = v->service->read(v, &wanted);
	if (!method)
		return MITOK_OK;
	if (!text_ok(&wanted))
		return err_memory(e);
	return visit_send(v, method, wanted.p, e);
}

/* The read, and its answer. */
static enum mitok_code visit_once(struct visit *v, struct mitok_err *e)
{
	enum mitok_code r;

	v->ret->outcome = TARGET_TOKEN_ONLY;
	r = v->service->ask || v->service->read ? ask_service(v, e) : MITOK_OK;
	if (v->reply.fault) {
		judge_fault(v);
		return MITOK_OK;
	}
	if (r == MITOK_E_BUG || r == MITOK_E_ARG)
		return r;
	if (r) {
		set_outcome(v, v->reply.status ? TARGET_UNKNOWN : TARGET_NO_TOKEN, e);
		return MITOK_OK;
	}
	return v->reply.status ? judge_reply(v, e) : MITOK_OK;
}

static const char *other_spelling(const char *resource, char *ret, size_t size)
{
	size_t len = strlen(resource);

	if (!strstr(resource, "://") || len + 2 > size)
		return NULL;
	memcpy(ret, resource, len + 1);
	if (ret[len - 1] == '/')
		ret[len - 1] = '\0';
	else
		memcpy(ret + len, "/", 2);
	return ret;
}

/* The audience is refused: is it but for the slash? Nothing of this is told when it fails. */
static enum mitok_code try_spelling(struct visit *v, struct mitok_err *e)
{
	char other[1024];
	struct target_answer second = { .service = v->service->name };
	struct mitok_err quiet;
	AUTO_VISIT w = { .c = v->c,
		.url = v->url,
		.at = v->at,
		.service = v->service,
		.family = v->family,
		.ret = &second };
	const char *resource = other_spelling(v->resource, other, sizeof(other));
	struct mitok_request rq;

	if (!resource || !TEXT_COPY(w.resource, resource))
		return MITOK_OK;
	/* The parts point into the copy's own store. */
	if (place_read(v->url, &w.at, e) || !TEXT_COPY(w.own, v->own))
		return MITOK_OK;
	rq = token_request(&w, resource);
	if (mitok_get(v->c->m, &rq, &w.token, &quiet))
		return MITOK_OK;
	if (visit_once(&w, &quiet) == MITOK_OK && second.outcome != TARGET_AUDIENCE &&
		second.outcome != TARGET_NO_TOKEN &&
		second.outcome != TARGET_UNREACHABLE &&
		second.outcome != TARGET_TOKEN_REFUSED)
		(void)!TEXT_COPY(v->spelling, resource);
	return MITOK_OK;
}

static enum mitok_code visit_token(struct visit *v, const char *resource)
{
	struct mitok_err e = { .code = MITOK_OK };
	struct mitok_request rq = token_request(v, resource);
	enum mitok_code r = mitok_get(v->c->m, &rq, &v->token, &e);

	if (r)
		set_outcome(v, TARGET_NO_TOKEN, &e);
	return r;
}

/* A refusal to describe what is there is none to send and receive. */
static void look_around(struct visit *v)
{
	bool is_bus = v->family == FAMILY_SERVICEBUS || v->family == FAMILY_EVENTHUBS;

	assignment_look(v);
	if (is_bus && v->assigned == ASSIGNED_THERE &&
		strcmp(v->ret->code, "EntityRead") == 0)
		v->ret->outcome = TARGET_TOKEN_ONLY;
}

enum mitok_code target_ask_for(const struct client *c, const char *url,
	const char *resource, struct target_answer *ret, struct mitok_err *e)
{
	struct mitok_err own = { .code = MITOK_OK };
	struct client bounded = *c;
	AUTO_VISIT v = { .c = &bounded, .url = url, .ret = ret };
	enum mitok_code r;

	if (!e)
		e = &own;
	if (c->timeout_ms > 0 && !c->deadline_ms)
		bounded.deadline_ms = clock_now().boot_ms + c->timeout_ms;
	*ret = (struct target_answer){ .outcome = TARGET_NO_TOKEN,
		.service = service_nobody.name };
	r = choose_service(&v, resource, e);
	if (r == MITOK_E_ARG || r == MITOK_E_BUG)
		return r;
	ret->service = v.service->name;
	v.family = v.service->family;
	(void)!TEXT_COPY(ret->resource, v.resource);
	if (r) {
		set_outcome(&v, TARGET_NO_TOKEN, e);
		return MITOK_OK;
	}
	if (visit_token(&v, resource))
		return MITOK_OK;
	r = visit_once(&v, e);
	if (!r && ret->outcome == TARGET_AUDIENCE)
		r = try_spelling(&v, e);
	if (!r && ret->outcome == TARGET_NO_ROLE && v.service->grant == GRANT_ROLE)
		look_around(&v);
	return r ? r : cure_write(&v, e);
}

enum mitok_code target_ask(const struct client *c, const char *url,
	struct target_answer *ret, struct mitok_err *e)
{
	return target_ask_for(c, url, NULL, ret, e);
}
